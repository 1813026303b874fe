"""Whatever a root key stands in is told: each shape with its file, and what an audit says of it."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.auditing.judge.audit import JudgedAudit
from anchors.auditing.result import JudgedPlace
from tests.unit.auditing.scan.test_embedded import KEYS
from tests.unit.auditing.scan.test_everything_told import TEXTS, digests, folded
from tests.unit.auditing.scan.test_nested import tar, zipped
from tests.unit.auditing.systems import audited, put
from tests.unit.consumers.samples import DS1, DS2, KEY1

OLD = bytes.fromhex(DS1.split()[-1])
DIGEST = OLD.hex().upper()
PUBLIC = KEYS[20326].key
MODULUS, BASE64 = PUBLIC[4:], base64.b64encode(PUBLIC).decode()
SHA1, SHA384 = (digests(20326)[kind].hex() for kind in (1, 4))
WRONG = f"{DIGEST[:-4]}0000"
WRONG_BYTES = bytes.fromhex(WRONG)
RECORD = f". IN DS {DS1}\n"
BOTH = f"{RECORD}. IN DS {DS2}\n"


class Shape(NamedTuple):
    """A file, and what is told of it.

    Attributes:
        path: its path below a directory of its own.
        content: the file's.
        told: the outcome, the first check that is a reason for it, and the line, as far as known.
    """

    path: str
    content: str | bytes
    told: str


_CONTAINS = "attention: audit.compiled"
_DAMAGED = "attention: audit.damaged"
_LOOSE = "attention: audit.missing"
_FAILS = "fails: audit.missing"
_TEMPLATE = "undecided: audit.malformed"


def anchor(rdata: str = DS1) -> str:
    return f'server:\n interface: %s\n trust-anchor: ". DS {rdata}"\n'


TEXT_FILES = {
    f"text: {name}": Shape(name, text, f"{_CONTAINS}, line {line}")
    for name, (text, line) in TEXTS.items()
} | {
    "text: dnsval.conf": Shape("dnsval.conf", f'trust-anchor . "{KEY1}"\n', f"{_CONTAINS}, line 1"),
    "text: a chart of Helm": Shape(
        "templates/cm.yaml",
        f'{{{{- if .Values.dns }}}}\ndata:\n  root.key: "{RECORD.strip()}"\n{{{{- end }}}}\n',
        f"{_CONTAINS}, line 3",
    ),
    "text: a container of systemd": Shape(
        "a.container", f"[Container]\nExec=-a {DIGEST}\n", f"{_CONTAINS}, line 2"
    ),
}
FORMS = {
    "key: as bytes": Shape("20326.rsa", PUBLIC, _CONTAINS),
    "key: in a program": Shape("resolver", b"\x7fELF" + bytes(99) + PUBLIC, _CONTAINS),
    "key: list of bytes in hex": Shape("key.rs", ", ".join(map(hex, PUBLIC)), _CONTAINS),
    "key: list of bytes in decimal": Shape("ds.c", ", ".join(map(str, OLD)), _CONTAINS),
    "key: x escapes": Shape("ds.py", "".join(f"\\x{b:02X}" for b in OLD), _CONTAINS),
    "key: u escapes": Shape("ds.js", "".join(f"\\u{b:04x}" for b in OLD), _CONTAINS),
    "key: hex with colons": Shape("ds.txt", ":".join(f"{b:02x}" for b in OLD), _CONTAINS),
    "key: base64 of the digest": Shape("ds.xml", base64.b64encode(OLD), _CONTAINS),
    "key: digest by SHA-1": Shape("sha1", SHA1, _CONTAINS),
    "key: digest by SHA-384": Shape("sha384", SHA384, _CONTAINS),
    "key: decimal modulus": Shape("R.java", str(int.from_bytes(MODULUS)), _CONTAINS),
    "key: as dig +multiline prints it": Shape(
        "dig.txt",
        f". 86400 IN DNSKEY 257 3 8 (\n\t{folded(BASE64, 44, chr(10) + chr(9))}\n\t) ; KSK\n",
        _LOOSE,
    ),
    "key: in continued lines of C": Shape("k.h", folded(BASE64, 56, "\\n\\\n"), _CONTAINS),
}
NEAR_MISSES = {
    "near miss: in a source": Shape("lib.c", f'"{WRONG}"\n', f"{_DAMAGED}, line 1"),
    "near miss: in a document": Shape("doc.md", f"\n`{WRONG}`\n", f"{_DAMAGED}, line 2"),
    "near miss: in a program": Shape("prog", b"\x7fELF\0\0" + WRONG_BYTES, _DAMAGED),
    "near miss: in a list": Shape("l.c", ", ".join(map(str, WRONG_BYTES)), _DAMAGED),
    "near miss: in escapes": Shape("e.js", "".join(f"\\u{b:04x}" for b in WRONG_BYTES), _DAMAGED),
    "near miss: with colons": Shape("c", ":".join(f"{b:02x}" for b in WRONG_BYTES), _DAMAGED),
    "near miss: base64 of the digest": Shape("b", base64.b64encode(WRONG_BYTES), _DAMAGED),
    "near miss: SHA-384": Shape("s", f"{SHA384[:-2]}00", _DAMAGED),
    "near miss: of a key": Shape("k", f"{BASE64[:300]}AAAA{BASE64[304:]}", _DAMAGED),
    "near miss: of a key in decimal": Shape(
        "d", str(int.from_bytes(MODULUS)).replace("7", "1", 1), _DAMAGED
    ),
    "near miss: in a file of anchors": Shape(
        "root.ds", f"{BOTH}. IN DS 20326 8 2 {WRONG}\n", f"{_DAMAGED}, line 3"
    ),
}
_ZONE_KEY = base64.b64encode(b"\3\1\0\1" + b"\x99" * 128).decode()
ZONES = {
    "zone: a key of nobody's with flags 256": Shape(
        "root.key", f"{BOTH}. IN DNSKEY 256 3 8 {_ZONE_KEY}\n", "attention: audit.foreign, line 3"
    ),
    "zone: an RRSIG makes none of a root.key": Shape(
        "root.key",
        f"{RECORD}. IN RRSIG DNSKEY 8 0 172800 20261211000000 20261120000000 20326 . AAAA\n",
        _LOOSE,
    ),
    "zone: a copy of the root zone": Shape(
        "root.zone", f". 1 IN SOA a. b. 1 2 3 4 5\n. IN DNSKEY {KEY1}\n. IN NSEC aaa. NS\n", ""
    ),
}
_VALUES = {"j2": "{{ x }}", "erb": "<%= @x %>", "epp": "<%= $x %>", "tmpl": "{{ .X }}"}
_NAMED = 'options { directory "%s"; };\ntrust-anchors { . static-ds %s "%s"; };\n'
_CONFIGURATIONS = {
    "unbound.conf": (anchor(), _FAILS),
    "named.conf": (_NAMED % ("%s", DS1[:9], DIGEST), _FAILS),
    "dnsmasq.conf": (f"dnssec\nport=%s\ntrust-anchor=.,{DS1.replace(' ', ',')}\n", _FAILS),
    "kresd.conf": (f"net.listen('%s')\ntrust_anchors.add('. DS {DS1}')\n", _TEMPLATE),
    "config.yaml": (f"workers: %s\ndnssec:\n  trust-anchors: ['. DS {DS1}']\n", _TEMPLATE),
    "recursor.lua": (f'-- %s\naddTA(".", "{DS1}")\n', _TEMPLATE),
    "recursor.yml": (
        f"recursor:\n  threads: %s\ndnssec:\n  trustanchors: [{{name: ., dsrecords: ['{DS1}']}}]\n",
        _TEMPLATE,
    ),
    "resolved.conf": ("[Resolve]\nDNSSEC=%s\n", _TEMPLATE),
    "stubby.yml": ('resolution_type: %s\ndnssec_trust_anchors: "/etc/x"\n', _TEMPLATE),
}
TEMPLATES = {
    f"template: {name}.{ending}": Shape(f"{name}.{ending}", text % value, told)
    for name, (text, told) in _CONFIGURATIONS.items()
    for ending, value in _VALUES.items()
} | {
    "template: the name of the anchors is filled in": Shape(
        "unbound.conf.j2", "server:\n auto-trust-anchor-file: {{ key }}\n", _TEMPLATE
    ),
    "template: a part of an anchor is filled in": Shape(
        "unbound.conf.epp", f'server:\n trust-anchor: "<%= $x %> {DIGEST}"\n', _TEMPLATE
    ),
    "template: both keys, and more is filled in": Shape(
        "unbound.conf.j2", anchor() % "{{ x }}" + f' trust-anchor: ". DS {DS2}"\n', _TEMPLATE
    ),
    "template: dnsmasq with both keys": Shape(
        "dnsmasq.conf",
        "dnssec\nport={{ x }}\n"
        + "".join(f"trust-anchor=.,{ds.replace(' ', ',')}\n" for ds in (DS1, DS2)),
        _TEMPLATE,
    ),
}
_BLOCKLIST = "".join(f'local-zone: "n{n}.example" refuse\n' for n in range(50_000))
SIZES = {
    "size: a blocklist of megabytes": Shape("block.conf", _BLOCKLIST, ""),
    "size: a blocklist of megabytes with an anchor": Shape(
        "block.conf", f'{_BLOCKLIST}trust-anchor: ". DS {DS1}"\n', "undecided: audit.limit"
    ),
}
FILES = {**TEXT_FILES, **FORMS, **NEAR_MISSES, **ZONES, **TEMPLATES, **SIZES}


_TREE = {"usr/share/dns/root.key": RECORD.encode()}
_LAYER = tar(_TREE)
_LAYER_NAME = hashlib.sha256(_LAYER).hexdigest()


def saved(layer: str) -> bytes:
    """What ``podman save`` and older ``docker save`` write."""
    manifest = [{"Config": "c.json", "RepoTags": ["x:1"], "Layers": [layer]}]
    files = {layer: _LAYER, "c.json": b"{}", "manifest.json": json.dumps(manifest).encode()}
    return tar(files)


def nested(depth: int) -> bytes:
    content = _LAYER
    for _ in range(depth):
        content = tar({"inner.tar": content})
    return content


_IPK = tar(
    {
        "debian-binary": b"2.0\n",
        "control.tar.gz": tar({"./control": b"Package: x\n"}, "w:gz"),
        "data.tar.gz": tar({f"./{name}": content for name, content in _TREE.items()}, "w:gz"),
    },
    "w:gz",
)
_MEDIA = "application/vnd.docker.image.rootfs.diff.tar"
_SKOPEO = {"schemaVersion": 2, "layers": [{"mediaType": _MEDIA, "digest": f"sha256:{_LAYER_NAME}"}]}
# Of each the worst that is told, whichever place it is told of.
ARCHIVES: dict[str, tuple[str, bytes | dict[str, str | bytes], str]] = {
    "archive: podman save": ("podman.tar", saved(f"{_LAYER_NAME}.tar"), _LOOSE),
    "archive: docker save": ("docker.tar", saved(f"{_LAYER_NAME}/layer.tar"), _LOOSE),
    "archive: dir: of skopeo": (
        "skopeo",
        {
            _LAYER_NAME: _LAYER,
            "manifest.json": json.dumps(_SKOPEO),
            "version": "Directory Transport Version: 1.1\n",
        },
        _LOOSE,
    ),
    "archive: ipk": ("x.ipk", _IPK, "undecided: audit.missing"),
    "archive: apk of version 3": ("x.apk", b"ADBd" + bytes(400), "undecided: audit.unreadable"),
    **{
        f"archive: {name}": (f"x.{name}", zipped(_TREE), _LOOSE)
        for name in ("zip", "jar", "war", "whl")
    },
    "archive: in an archive": ("two.tar", nested(1), _LOOSE),
    "archive: too deep": ("deep.tar", nested(4), "undecided: audit.limit"),
}


def _told(place: JudgedPlace) -> str:
    """The outcome with the first finding that is a reason for it."""
    note = next((n for n in place.notes if n.finding.severity.value != "notice"), None)
    if note is None:
        return place.outcome.value
    line = "" if note.line is None else f", line {note.line}"
    return f"{place.outcome.value}: {note.finding.check.id}{line}"


@functools.cache
def _audit() -> JudgedAudit:
    """All of them in one audit."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        put(top / "files", {f"{n}/{one.path}": one.content for n, one in enumerate(FILES.values())})
        for name, content, _ in ARCHIVES.values():
            put(top, {name: content} if isinstance(content, bytes) else {})
            put(top / name, {} if isinstance(content, bytes) else content)
        return audited(top / "files", *(top / name for name, _, _ in ARCHIVES.values()))


@pytest.mark.parametrize("name", FILES)
def test_every_shape_in_a_file_is_told(name: str) -> None:
    shape = FILES[name]
    path = f"{[*FILES].index(name)}/{shape.path}"

    told = [_told(one) for one in _audit().places if one.found.location.path == path]

    assert [one[: len(shape.told)] for one in told] == [shape.told] * bool(shape.told)


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_archive_is_told(name: str) -> None:
    pytest.importorskip("libarchive", reason="needs libarchive-c and libarchive")
    file, _, expected = ARCHIVES[name]

    told = [_told(one) for one in _audit().places if one.found.location.root.endswith(f"/{file}")]

    assert told[:1] == [expected]
