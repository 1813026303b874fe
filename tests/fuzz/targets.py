"""Every reader of bytes from outside, as a fuzzer calls it: only our own errors may come out."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple

from anchors.asking.signals import read_signals
from anchors.auditing.baseline import read_baseline
from anchors.auditing.detect import recognise
from anchors.auditing.identify import identities
from anchors.auditing.merge import Merged, read_report
from anchors.auditing.scan.archive import scan_archive
from anchors.auditing.scan.classify import inspect
from anchors.auditing.scan.embedded import compiled_in
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.oci_image import scan_image
from anchors.auditing.scan.packed import PackedFiles
from anchors.auditing.scan.root_files import Entry
from anchors.consumers.files import Status
from anchors.consumers.registry import CONSUMERS, REGISTRY
from anchors.core.errors import AnchorsError, UsageError
from anchors.core.files import read_regular
from anchors.core.found import MalformedAnchors
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import ServerAnswer
from anchors.pipeline.request import Request
from anchors.pipeline.root_keys import VerifiedKeys, verified_keys
from anchors.pipeline.verify import verify
from anchors.publication.authenticate import Authenticated, authenticate
from anchors.publication.document import read
from anchors.publication.manifest import Manifest
from anchors.publication.root_cas import built_in_roots, roots_from_file
from anchors.publication.source import Publication
from anchors.report.asking.signals import render as render_signals
from anchors.report.audit.json import render as render_audit
from anchors.report.merge.document import render as render_merged
from anchors.rootzone import skr
from anchors.rootzone.rrset import answer_from_text, judge, observe
from tests.asking.test_capture import captured, ethernet, interface, pcap, pcapng, section, tcp, udp
from tests.lab.keys import ksk, zsk
from tests.lab.skr import encode, quarter
from tests.unit.auditing.audits import everything, unverified

__all__ = ["TARGETS", "Target"]

_MALFORMED = (MalformedAnchors, UsageError)

FIXTURES = Path(__file__).parents[2] / "fixtures"
# When the certificates of both publications hold.
AT = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = VerificationPolicy(at=AT)
LARGEST = 1 << 20
# Where a file costs no disk; only for speed.
_MEMORY = next((path for path in ["/dev/shm"] if Path(path).is_dir()), None)  # noqa: S108 - as above


class Target(NamedTuple):
    """A reader: ``call`` returns or raises one of ``errors``; ``seeds`` are what it reads well."""

    name: str
    call: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]

    def run(self, data: bytes) -> bool:
        """Whether the input was read: ``False`` where it was refused as it should be."""
        with contextlib.suppress(*self.errors):
            self.call(data)
            return True
        return False


def _fixtures(*patterns: str) -> Callable[[], Iterable[bytes]]:
    return lambda: _contents(path for pattern in patterns for path in FIXTURES.glob(pattern))


def _contents(paths: Iterable[Path]) -> Iterator[bytes]:
    return (read_regular(path, LARGEST) for path in sorted(paths) if path.is_file())


def _document() -> bytes:
    return (FIXTURES / "publications/2025-03-25/root-anchors.xml").read_bytes()


def _signature() -> bytes:
    return (FIXTURES / "publications/2025-03-25/root-anchors.p7s").read_bytes()


def _authenticated() -> Authenticated:
    publication = Publication(_document(), _signature(), "fixture")
    return authenticate(publication, built_in_roots(), POLICY)


_AUTHENTIC = _authenticated()
_MEANING = read(_AUTHENTIC)


def _cms(data: bytes) -> object:
    return authenticate(Publication(_document(), data, "fuzz"), built_in_roots(), POLICY)


def _meaning(data: bytes) -> object:
    return read(_AUTHENTIC._replace(document=data))


def _message(data: bytes) -> object:
    answer = ServerAnswer("192.0.2.1", 53, "udp", AT, data)
    return judge([observe(answer)], _MEANING)


def _rrset_text(data: bytes) -> object:
    return judge([observe(answer_from_text(data.decode(errors="replace"), AT))], _MEANING)


def _messages() -> Iterator[bytes]:
    for text in _contents(FIXTURES.glob("rrsets/*.rrset")):
        wire = answer_from_text(text.decode(), AT).wire
        if wire is not None:
            yield wire


def _responses() -> Iterator[bytes]:
    key = ksk("old")
    yield encode(quarter([([key, zsk()], [key])] * 9))


def _every_format(data: bytes) -> object:
    for row in REGISTRY:
        with contextlib.suppress(MalformedAnchors):
            row.read.load()(data)
    return None


# For what goes by its name first.
_NAMES = (
    "etc/dnssec-trust-anchors.d/a.positive",
    "etc/dnssec-trust-anchors.d/a.negative",
    "etc/systemd/resolved.conf",
    "usr/share/dns/root.key",
    "etc/bind/named.conf",
    "etc/unbound/unbound.conf",
    "etc/dnsmasq.conf",
    "etc/knot-resolver/kresd.conf",
    "etc/knot-resolver/config.yaml",
    "etc/powerdns/recursor.conf",
    "etc/powerdns/recursor.yml",
    "etc/stubby/stubby.yml",
    "etc/opendkim.conf",
    "etc/prosody/prosody.cfg.lua",
    "etc/dns.properties",
    "usr/lib/libgnutls-dane.so.0",
    "usr/bin/tlsa",
    "usr/local/bin/check.pl",
)
# Configurations that name a file in every role.
_NAMING = {
    "etc/bind/named.conf": b'options { bindkeys-file "/f"; };\nview a { include "/f"; };\n',
    "etc/unbound/unbound.conf": b'server:\n trust-anchor-file: "/f"\n'
    b' trusted-keys-file: "/f"\n auto-trust-anchor-file: "/f"\n include: "/f"\n',
    "etc/dnsmasq.conf": b"dnssec\nconf-file=/f\n",
    "etc/knot-resolver/kresd.conf": b"trust_anchors.add_file('/f')\ndofile('/f')\n",
    "etc/powerdns/recursor.conf": b"lua-config-file=/f\ndnssec=validate\n",
    "etc/powerdns/r.lua": b'readTrustAnchorsFromFile("/f")\n',
    "etc/stubby/stubby.yml": b"dnssec_trust_anchors: /f\nresolution_type: x\n",
    "etc/opendkim.conf": b"TrustAnchorFile /f\n",
    "etc/prosody/prosody.cfg.lua": b'unbound = { trustfile = "/f" }\n',
    "etc/dns.properties": b"dnsjava.dnssec.trust_anchor_file=/f\n",
}
_STATUS = Status(0o100644, 101, 101)


def _anchor_file(data: bytes) -> object:
    refused = 0
    for name in ("file", *_NAMES):
        try:
            recognise(data, name, AT)
        except _MALFORMED:
            refused += 1
    if refused > len(_NAMES):
        raise MalformedAnchors("under no name it can be read")
    return refused


def _resolver(data: bytes) -> object:
    """Every model of a program, started with the data and with what names it."""
    trees = [{name: data} for name in _NAMES]
    trees += [{name: content, "f": data} for name, content in _NAMING.items()]
    return [_loaded(tree) for tree in trees]


def _loaded(tree: Mapping[str, bytes]) -> object:
    """Not by ``resolvers_of``, which makes a finding of a defect."""
    entries = {name: Entry(_STATUS, None, content) for name, content in tree.items()}
    files = PackedFiles("/tree", {**entries, "etc/os-release": Entry(_STATUS, None, b"")})
    found = [
        inspect(files.location(name), content, at=AT, status=_STATUS)
        for name, content in tree.items()
    ]
    places = [place for place in found if place is not None]
    loaders = [one.loader.load() for one in CONSUMERS if one.loader is not None]
    return [list(loader(places, files, AT)) for loader in loaders]


def _baseline(data: bytes) -> object:
    with _file(data) as path:
        return read_baseline(path)


def _anchor_files() -> Iterator[bytes]:
    yield from _contents(
        path for one in ("golden/*", "samples/*", "states/*/*") for path in FIXTURES.glob(one)
    )
    yield b"[Resolve]\nDNSSEC=yes\n"
    yield b"appdata_dir: /var/cache/stubby\ndnssec_trust_anchors: /etc/root.key\n"
    yield b"example.\nlocal\n"
    yield from _NAMING.values()
    yield b"keydigest\n"


def _loaded_files() -> Iterator[bytes]:
    """Fewer, for each is loaded by every program, under every name and in every role."""
    yield from _NAMING.values()
    names = ("root.key", "bind.keys", "root.positive", "trust-anchors.conf", "pdns-recursor.yml")
    yield from _contents(FIXTURES / "golden" / name for name in names)
    yield b"[Resolve]\nDNSSEC=yes\n"


def _baselines() -> Iterator[bytes]:
    yield (
        b'[[accept]]\ncheck = "audit.static"\npath = "*"\nreason = "because"\nuntil = 2027-06-30\n'
    )


def _program(data: bytes) -> object:
    return compiled_in(data)


@functools.cache
def _keys() -> VerifiedKeys:
    return verified_keys(verify(Request(policy=POLICY, source="embedded", dns="none")))


def _pieces(data: bytes) -> object:
    return list(identities(data, _keys()))


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[Path]:
    """A file with this content."""
    with tempfile.NamedTemporaryFile(dir=_MEMORY) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def _tar(files: Mapping[str, bytes], mode: Literal["w", "w:gz", "w:xz", "w:bz2"] = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _packed() -> dict[str, bytes]:
    return {"usr/share/dns/root.ds": (FIXTURES / "golden/root.ds").read_bytes()}


def _archive(data: bytes) -> object:
    with _file(data) as path:
        return scan_archive(path, Look(AT), progress=lambda _files, _size: None)


def _archives() -> Iterator[bytes]:
    yield _tar(_packed())
    yield _tar(_packed(), "w:gz")
    yield _tar(_packed(), "w:xz")
    yield _tar(_packed(), "w:bz2")


def _image(data: bytes) -> object:
    with _file(data) as path:
        return scan_image(path, Look(AT), progress=lambda _files, _size: None)


def _described(content: bytes) -> tuple[str, bytes]:
    """The name of a blob in a layout, and the list of descriptors that has it alone."""
    digest = hashlib.sha256(content).hexdigest()
    return f"blobs/sha256/{digest}", json.dumps([{"digest": f"sha256:{digest}"}]).encode()


def _layout(manifest: bytes, layer: bytes, index: bytes | None = None) -> bytes:
    (blob, _), (name, descriptors) = _described(layer), _described(manifest)
    made = b'{"manifests": %b}' % descriptors
    files = {"oci-layout": b"{}", "index.json": index or made, name: manifest, blob: layer}
    return _tar(files)


def _manifest() -> bytes:
    return b'{"layers": %b}' % _described(_tar(_packed()))[1]


def _images() -> Iterator[bytes]:
    yield _layout(_manifest(), _tar(_packed()))


def _image_manifest(data: bytes) -> object:
    """Its digest is right whatever it says, which a change of the whole image never comes to."""
    return _image(_layout(data, _tar(_packed())))


def _image_index(data: bytes) -> object:
    return _image(_layout(_manifest(), _tar(_packed()), data))


def _indexes() -> Iterator[bytes]:
    yield b'{"manifests": %b}' % _described(_manifest())[1]


def _authorities(data: bytes) -> object:
    with _file(data) as path:
        return roots_from_file(path)


def _bundle() -> Iterator[bytes]:
    pem = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem").read_bytes()
    yield pem
    yield pem.partition(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n"


def _merged(data: bytes) -> object:
    return render_merged(Merged([read_report("web1.json", data)]), verbose=True)


def _reports_of_audits() -> Iterator[bytes]:
    yield from (render_audit(one).encode() for one in (everything(), unverified()))


def _query_log(data: bytes) -> object:
    found = read_signals([io.BytesIO(data)])
    return render_signals(found)


def _query_logs() -> Iterator[bytes]:
    yield b"[1795860000] unbound[1:0] info: 192.0.2.7 _ta-4f66-9728. NULL IN\n"
    yield bytes(4) + b"\0\0\0\x04\0\0\0\x02" + b"\0\0\0\x04\x72\x02\x08\x05"
    yield b"trust-anchor-telemetry '_Ta-4F66/IN' from 2001:db8::7\nquery[NULL] _ta-4f66 from x\n"
    for form in (pcap, pcapng):
        yield form(ethernet(udp()), ethernet(tcp("2001:db8::7")))
    yield section() + interface(1) + interface(101, b"\t\0\1\0\3\0\0\0") + captured(1, udp())


_OURS = (AnchorsError,)
_NONE = ()

TARGETS = (
    Target("cms", _cms, _OURS, _fixtures("publications/*/root-anchors.p7s")),
    Target("document", _meaning, _OURS, _fixtures("publications/*/root-anchors.xml")),
    Target("message", _message, _OURS, _messages),
    Target("rrset-text", _rrset_text, _OURS, _fixtures("rrsets/*.rrset")),
    Target("skr", skr.read, _OURS, _responses),
    Target("manifest", Manifest.loads, _OURS, _fixtures("golden/manifest.json")),
    Target("formats", _every_format, _NONE, _fixtures("golden/*", "samples/*")),
    Target("anchor-files", _anchor_file, _MALFORMED, _anchor_files),
    Target("resolvers", _resolver, _NONE, _loaded_files),
    Target("baselines", _baseline, _OURS, _baselines),
    Target("programs", _program, _NONE, _fixtures("golden/root.ds", "root-ksks.zone")),
    Target("pieces", _pieces, _NONE, _fixtures("golden/*", "samples/*")),
    Target("archives", _archive, _NONE, _archives),
    Target("images", _image, _NONE, _images),
    Target("image-manifests", _image_manifest, _NONE, lambda: [_manifest()]),
    Target("image-indexes", _image_index, _NONE, _indexes),
    Target("audit-reports", _merged, (), _reports_of_audits),
    Target("query-logs", _query_log, (UsageError,), _query_logs),
    Target("authorities", _authorities, _OURS, _bundle),
)
