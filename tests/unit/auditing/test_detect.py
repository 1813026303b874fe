"""What a file is: every syntax by its content, ties by its name, and nothing for the rest."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.auditing.detect import is_of_interest, recognise
from anchors.auditing.scan.classify import inspect
from anchors.auditing.scan.embedded import compiled_in
from anchors.auditing.words import Words
from anchors.consumers.files import Location
from anchors.consumers.reading import Kind, Reading
from anchors.consumers.reading import Syntax as Record
from anchors.core.checks import Check
from anchors.core.found import FoundDnskey, MalformedAnchors
from tests.odd_inputs import odd_inputs
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2, anchors, files
from tests.unit.known_syntaxes import Known

FIXTURES = Path(__file__).parents[3] / "fixtures"
AT = datetime(2026, 11, 1, tzinfo=UTC)
KEYS = [20326, 38696]
SYNTAXES = {
    "golden/bind-initial-key.conf": Known.BIND,
    "golden/bind-static-ds.conf": Known.BIND,
    "golden/bind-static-key.conf": Known.BIND,
    "golden/bind.keys": Known.BIND,
    "golden/blocky.yml": Known.BLOCKY,
    "golden/dnsval.conf": Known.LIBVAL,
    "golden/ens-oracle.hex": Known.ENS,
    "golden/dnsviz-root.key": Known.ZONE,
    "golden/dsset-root": Known.ZONE,
    "golden/f5-trust-anchors.conf": Known.F5,
    "golden/getdns-root.key": Known.ZONE,
    "golden/hickory-root.key": Known.ZONE,
    "golden/infoblox.json": Known.INFOBLOX,
    "golden/knot-resolver.lua": Known.KRESD_LUA,
    "golden/knot-resolver.yaml": Known.KNOT_YAML,
    "golden/ldns-root.key": Known.ZONE,
    "golden/pdns-recursor.lua": Known.PDNS_LUA,
    "golden/pdns-recursor.yml": Known.PDNS_YAML,
    "golden/root-anchors.ps1": Known.WINDOWS,
    "golden/root.ds": Known.ZONE,
    "golden/root.key": Known.ZONE,
    "golden/root.keys": Known.ZONE,
    "golden/root.positive": Known.RESOLVED,
    "golden/routedns.toml": Known.ROUTEDNS,
    "golden/sdns.toml": Known.SDNS,
    "golden/trust-anchors.conf": Known.DNSMASQ,
    "golden/unbound-anchors.conf": Known.UNBOUND,
    "golden/unbound-root.key": Known.ZONE,
    "samples/bind-initial-ds.conf": Known.BIND,
    "samples/bind-initial-key.conf": Known.BIND,
    "samples/bind-managed-keys.conf": Known.BIND,
    "samples/bind-static-ds.conf": Known.BIND,
    "samples/bind-static-key.conf": Known.BIND,
    "samples/bind-trusted-keys.conf": Known.BIND,
    "samples/dnsmasq.conf": Known.DNSMASQ,
    "samples/pdns.lua": Known.PDNS_LUA,
    "samples/pdns.yml": Known.PDNS_YAML,
    "samples/resolved-key.positive": Known.RESOLVED,
    "samples/resolved.positive": Known.RESOLVED,
    "samples/root-anchors.xml": Known.XML,
    "samples/root.ds": Known.ZONE,
    "samples/root.key": Known.ZONE,
    "samples/unbound-ta-key.conf": Known.UNBOUND,
    "samples/unbound-ta.conf": Known.UNBOUND,
}
# Nothing that a resolver reads, or read as a state.
OTHERS = {"golden/manifest.json"}
# Constants of programs, in which the search finds their keys.
SOURCES = {
    "golden/RootAnchor.java",
    "golden/dnsprovejs-anchors.mjs",
    "golden/root-anchors.mjs",
    "golden/root_anchors.go",
    "golden/root_anchors.h",
    "golden/root_anchors.py",
    "golden/root_anchors.rs",
}
OTHER_TESTS = {"golden/root-anchors.xml", "samples/root.autotrust", "golden/anchors.json"}


def read(content: bytes, name: str = "file") -> Reading:
    reading = recognise(content, name, AT)
    assert reading is not None
    return reading


@pytest.mark.parametrize(("path", "syntax"), SYNTAXES.items(), ids=SYNTAXES)
@pytest.mark.parametrize("renamed", [False, True])
def test_every_syntax_is_recognised_by_its_content(
    path: str, syntax: Record, renamed: bool
) -> None:
    # resolved's form is a zone file's: only the name can tell.
    name = "a file" + ".positive" * path.endswith(".positive") if renamed else f"/etc/{path}"
    reading = read((FIXTURES / path).read_bytes(), name)
    assert reading.syntax.id == syntax.id
    assert [tag for tag, _, _ in anchors(reading)] == KEYS


@pytest.mark.parametrize("path", sorted(OTHERS | SOURCES))
def test_what_no_resolver_reads(path: str) -> None:
    assert recognise((FIXTURES / path).read_bytes(), path, AT) is None


@pytest.mark.parametrize("path", sorted(SOURCES))
def test_both_keys_of_a_source_are_found(path: str) -> None:
    compiled = compiled_in((FIXTURES / path).read_bytes())
    assert compiled is not None
    digests = [bytes.fromhex(key.digest()) for key in (KSK_2017, KSK_2024)]
    assert [*compiled.key_digests] == digests
    assert compiled.damaged == ()


def test_every_fixture_is_tried() -> None:
    there = {
        f"{folder}/{path.name}"
        for folder in ("golden", "samples")
        for path in (FIXTURES / folder).iterdir()
    }
    assert there == {*SYNTAXES} | OTHERS | SOURCES | OTHER_TESTS


def test_an_answer_of_the_root_has_its_zone_signing_keys_with_it() -> None:
    """Whoever names it as anchors trusts them."""
    path = max((FIXTURES / "rrsets").glob("*.rrset"))
    reading = read(path.read_bytes(), path.name)
    flags = [one.anchor.flags for one in reading.held if isinstance(one.anchor, FoundDnskey)]
    assert sorted(set(flags)) == [256, 257]


PROSE = {
    "README.md": f"# Anchors\n\nThey are\n\n    . IN DS {DS1}\n    . IN DS {DS2}\n",
    "plain.txt": f"They are:\n. IN DS {DS1}\n. IN DS {DS2}\n",
    "unbound.conf.5": f'.TH "unbound.conf"\n.TP\n.B trust-anchor: ". DS {DS1}"\nAn anchor.\n',
    "dnsmasq.8": f".TH DNSMASQ\n.B --trust-anchor=.,{DS1.replace(' ', ',')}\n",
    "page.html": f"<html><body><pre>\n. IN DS {DS1}\n</pre></body></html>\n",
    "list.html": f'<p>\ntrust-anchors {{ . static-key {KEY1[:8]}"{KEY1[8:]}"; }};\n</p>\n',
    "init.sh": f"#!/bin/sh\nset -e\ncat > root.key <<EOF\n. IN DNSKEY {KEY1}\nEOF\n",
    "anchor.c": f'#include <stdio.h>\nstatic const char *ds =\n\t". IN DS {DS1}\\n";\n',
    "bind9.c": f'#define KEYS "trust-anchors {{\\n\\\n. initial-ds {DS1}\\n\\\n}};\\n"\nint x;\n',
    "changelog": f"dns-root-data (1) sid; urgency=low\n\n  * Add . IN DS {DS2}\n\n -- A B\n",
    "NEWS": f"        * The anchor is now:\n\n          . IN DS {DS2}\n\n          in resolved.\n",
    "test.py": f"import x\n\nX = '''\n. IN DS {DS1}\n'''\n\n\ndef f():\n    addTA('.', '{DS1}')\n",
    "control": "Package: dns-root-data\nDescription: DNS root data\n with the trust-anchor: x\n",
    "values.yaml": "unbound:\n  trust: [a]\n  root.key: |\n    see trust-anchor-file\n",
    "ci.yml": "include:\n  - local: x.yml\nstages: [build]\n",
    "nginx.conf": 'server {\n  include "snippets/x.conf";\n}\n',
    "my.cnf": "[mysqld]\n!includedir /etc/mysql/conf.d/\n",
    "messages": f"unbound: trust anchor . IN DS {DS1}\n",
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), PROSE.items(), ids=PROSE)
def test_what_only_mentions_an_anchor(name: str, text: str) -> None:
    assert recognise(text.encode(), f"/usr/share/doc/{name}", AT) is None


COMMENTED = {
    "named.conf": f'// trust-anchors {{ . static-ds {DS1[:10]}"{DS1[10:]}"; }};\noptions {{ }};\n',
    "dnsmasq.conf": f"#trust-anchor=.,{DS1.replace(' ', ',')}\n#conf-file=x\n",
    "kresd.conf": f"-- trust_anchors.add('. DS {DS1}')\nnet.listen('::1')\n",
    "config.yaml": f"dnssec:\n  # trust-anchors: ['. DS {DS1}']\n  sentinel: true\n",
    "stubby.yml": "# dnssec_trust_anchors: F\n# appdata_dir: D\nlisten_addresses: [127.0.0.1]\n",
    "root.key": f"; . IN DS {DS1}\n",
    "x.positive": f"; . IN DS {DS1}\n",
}


@pytest.mark.parametrize(("name", "text"), COMMENTED.items(), ids=COMMENTED)
def test_what_is_commented_out_is_no_anchor(name: str, text: str) -> None:
    reading = recognise(text.encode(), name, AT)
    assert reading is None or not (reading.held or reading.references)


DAMAGED = {
    "named.conf": f'made-up {{ x; }};\ntrust-anchors {{ . static-ds {DS1[:10]}"{DS1[10:]}"; }};\n',
    "named.conf.local": 'include "x";\ntrust-anchors { . static-ds 20326 8 2 "',
    "bind.keys": "\ttrust-anchors { . initial-ds 20326 8 2 ",
    "root.key": f". IN DS {DS1}\nwhat is this\n",
    "trusted-key.key": f". 3600 IN DNSKEY {KEY1}\n# and this\n",
    "TrustAnchors.dns": f". DS 20326 8 2 ( {DS1[10:40]}\n",
    "trust-anchors.conf": f"a line\ntrust-anchor=.,{DS1.replace(' ', ',')}\n",
    "config.yaml": "dnssec:\n  trust-anchors: [\n",
    "recursor.yml": "dnssec:\n  trustanchors: 'x\n",
    "root-anchors.xml": "<TrustAnchor><Zone>.</Zone><KeyDigest></TrustAnchor>",
}


@pytest.mark.parametrize(("name", "text"), DAMAGED.items(), ids=DAMAGED)
def test_what_is_plainly_ours_but_cannot_be_read(name: str, text: str) -> None:
    with pytest.raises(MalformedAnchors):
        recognise(text.encode(), f"/etc/{name}", AT)


def test_what_is_named_as_lua_and_is_none_is_left_to_the_model_of_its_program() -> None:
    text = b"trust_anchors.add([[\n. IN DS 20326 8 2"

    reading = recognise(text, "/etc/kresd.conf", AT)

    assert reading is not None
    assert [note.finding.got for note in reading.notes] == ["not Lua: no ]]"]
    assert not reading.held
    assert recognise(text, "/etc/notes.txt", AT) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("named.conf", Kind.CONFIGURATION),
        ("unbound.conf", Kind.CONFIGURATION),
        ("kresd.conf", Kind.CONFIGURATION),
        ("root.key", Kind.ANCHORS),
        ("a.positive", Kind.ANCHORS),
        ("notes.txt", None),
        ("a.lua", None),
    ],
)
def test_an_empty_file_is_what_its_name_says(name: str, expected: Kind | None) -> None:
    """A program that is started with it validates nothing, or uses what is built in."""
    reading = recognise(b"", f"/etc/{name}", AT)
    assert (reading.syntax.kind if reading else None) is expected
    assert reading is None or reading.held == ()


@pytest.mark.parametrize(
    "name", ["named.conf", "root.key", "unbound.conf", "kresd.conf", "recursor.lua", "a.positive"]
)
@pytest.mark.parametrize(
    "content",
    [
        b"-----BEGIN PRIVATE KEY-----\nMIIE\n",
        b"Just a note.\n",
        b"\x7fELF\1\1. IN DS 1 8 2 00",
    ],
)
def test_a_name_alone_makes_no_anchor(name: str, content: bytes) -> None:
    with contextlib.suppress(MalformedAnchors):
        reading = recognise(content, name, AT)
        assert reading is None or reading.held == ()


def test_a_name_decides_between_zone_file_and_resolved() -> None:
    content = f". IN DNSKEY {KEY2}\n".encode()
    assert read(content, "etc/root.key").syntax.id == Known.ZONE.id
    assert read(content, "etc/dnssec-trust-anchors.d/root.positive").syntax.id == Known.RESOLVED.id


AUTOTRUST = f"""; autotrust trust anchor file
;;id: . 1
;;last_queried: 1792540800 ;;Wed Oct 21 00:00:00 2026
.\t300\tIN\tDNSKEY\t{KEY1} ;{{id = 20326 (ksk), size = 2048b}} ;;state=2 [  VALID  ] ;;count=0 \
;;lastchange=1792540800 ;;Wed Oct 21 00:00:00 2026
"""
KEYDATA = f"""$ORIGIN .
$TTL 0\t; 0 seconds
@\t\t\tIN SOA\t. . (
\t\t\t\t4          ; serial
\t\t\t\t0 0 0 0
\t\t\t\t)
\t\t\tKEYDATA\t20261021010000 20261020000000 19700101000000 {KEY1}
"""
ROOT_KEYS = f"""; .  300 DNSKEY {KEY2} ; AddPend:1795493809 ; KeyTag:38696
. 300 DNSKEY {KEY1} ; Valid: ; KeyTag:20326
"""


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        (AUTOTRUST, Known.UNBOUND_STATE),
        (KEYDATA, Known.BIND_STATE),
        (ROOT_KEYS, Known.KNOT_STATE),
    ],
)
@pytest.mark.parametrize("name", ["root.key", "root.keys", "managed-keys.bind", "x"])
def test_states_come_before_zone_files(text: str, syntax: Record, name: str) -> None:
    reading = read(text.encode(), name)
    assert reading.syntax.id == syntax.id
    assert all(held.state is not None for held in reading.held)
    assert 20326 in [tag for tag, _, _ in anchors(reading)]


def test_a_name_decides_between_unbound_and_nsd() -> None:
    content = b'server:\n  verbosity: 1\ninclude: "/etc/x.d/*.conf"\n'
    assert [path for path, _, _ in files(read(content, "/etc/unbound.conf"))] == ["/etc/x.d/*.conf"]
    assert recognise(content, "/etc/nsd/nsd.conf", AT) is None


@pytest.mark.parametrize("name", ["/etc/unbound/root.key", "/etc/unbound/keys.d/root.key", "x"])
def test_trusted_keys_under_a_zone_files_name(name: str) -> None:
    content = f'/* x */\ntrusted-keys {{\n"." {KEY1[:8]}"{KEY1[8:]}";\n}};'.encode()
    assert read(content, name).syntax.id == Known.BIND.id


def test_a_yaml_that_cannot_be_read_for_want_of_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    content = (FIXTURES / "golden/knot-resolver.yaml").read_bytes()
    reading = read(content)
    assert [note.finding.check.id for note in reading.notes] == ["audit.unreadable"]


def test_an_implausible_number_of_anchors() -> None:
    with pytest.raises(MalformedAnchors, match="1000"):
        recognise(f". IN DS {DS1}\n".encode() * 1001, "x", AT)


def test_an_implausible_number_of_files() -> None:
    reading = read(b'include: "x"\nserver: prefetch: yes\n' * 1001, "unbound.conf")
    assert len(reading.references) == 1000
    assert [note.finding.check.id for note in reading.notes] == ["audit.limit"]
    assert read(b'include: "x"\nserver: prefetch: yes\n' * 1000, "unbound.conf").notes == ()


HOSTILE = [
    "options { /* ", 'include "', "options {", ". IN DS (", '. IN DS "\\"', ". IN DS \\", "\n", " ",
    "trust_anchors.add([[\n", "trust_anchors.add([=", "dofile(", "addTA('.',", "addTA.", "--[[ ",
    "trust-anchor: ", "trust-anchor:'", "aaaa-", "trust-anchor = ", "conf-file=#\n",
    "trust-anchors: [", "- trust-anchors:\n", "{trustanchors: {", "[trustanchors: 1, ",
    "view a {", "view a {};", "dnssec:\n", "validation: off\n", "[Resolve]\nDNSSEC=no\n", "addTA{",
    "<TrustAnchor><KeyDigest>", "<TrustAnchor a='", "<!--", ".\tIN ", "lua-config-file=a\n",
]  # fmt: skip


NAMES = st.sampled_from(["x", "root.key", "named.conf", "unbound.conf", "a.positive", "kresd.conf"])
GOLDEN = sorted(
    path.read_bytes() for folder in ("golden", "samples") for path in (FIXTURES / folder).iterdir()
)
PIECES = st.sampled_from([*(unit.encode() for unit in HOSTILE), b"\xff", b"\0", b'"', b"}", b"\r"])


def try_to_read(content: bytes, name: str) -> None:
    try:
        reading = recognise(content, name, AT)
    except MalformedAnchors:
        return
    lines = content.count(b"\n") + 1
    for held in reading.held if reading else ():
        assert held.line is None or 1 <= held.line <= lines


@given(st.binary() | st.text().map(str.encode), NAMES)
def test_any_bytes(content: bytes, name: str) -> None:
    try_to_read(content, name)


@given(st.lists(PIECES | st.binary(max_size=4), max_size=12).map(b"".join), NAMES)
def test_any_pieces(content: bytes, name: str) -> None:
    try_to_read(content, name)


@given(st.data())
def test_any_damage_to_a_good_file(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(GOLDEN))
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(begin + 40, len(content))))
    damage = data.draw(st.binary(max_size=3) | PIECES)
    try_to_read(content[:begin] + damage + content[end:], data.draw(NAMES))


def every_file() -> list[tuple[str, bytes]]:
    """Fixtures, what is only damaged or commented out, and odd inputs under their usual names."""
    found = [
        (path.name, path.read_bytes())
        for name in ("golden", "samples", "states")
        for path in sorted(FIXTURES.glob(f"{name}/**/*"))
        if path.is_file()
    ]
    texts = {**PROSE, **COMMENTED, **DAMAGED}
    found += [(name, text.encode()) for name, text in texts.items()]
    return found + [(one.syntax, one.content) for one in odd_inputs()]


@pytest.mark.parametrize("folder", ["", "etc/"])
def test_nothing_that_is_recognised_is_passed_over(folder: str) -> None:
    tried = 0
    for name, content in every_file():
        try:
            found = recognise(content, folder + name, AT) is not None
        except MalformedAnchors:
            found = True
        if found:
            tried += 1
            assert is_of_interest(content, folder + name), (name, content[:200])
    assert tried > 300


@pytest.mark.parametrize(
    "text",
    [
        f". IN DS {DS2}\n",
        f".\tIN\tDS\t{DS2}\n",
        f". 86400 IN DS {DS2}\n",
        f". in ds {DS2.lower()}\n",
        f". IN DNSKEY {KEY2}\n",
        f"@ IN DS ( {DS2} )\n",
        f"; a comment\n$TTL 0\n. IN DS\t( {DS2} )\n",
        f".{' ' * 60}300 IN DS {DS2}\n",
        f". IN (DS\n{DS2})\n",
        ". IN TYPE43 \\# 36 9728\n",
    ],
)
def test_a_record_in_any_spelling_is_of_interest(text: str) -> None:
    assert is_of_interest(text.encode(), "x")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing here",
        b"the IDS and the ads of words",
        b"DS records are explained in RFC 4034",
    ],
)
def test_prose_is_of_no_interest(content: bytes) -> None:
    assert not is_of_interest(content, "usr/share/doc/README")


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("var/cache/bind/x.jnl", b";BIND LOG V9.2\n\0\0\0", True),
        ("etc/bind/named.conf.local", b'INCLUDE "other";', True),
        ("etc/bind/zones.conf", b'INCLUDE "other";', True),
        ("etc/unbound/unbound.conf.d/a.conf", b'include: "other"', True),
        ("etc/powerdns/recursor.lua", b'dofile "other"', True),
        ("etc/stubby/stubby.yml", b'appdata_dir: "/var/cache/stubby"\n', True),
        ("etc/systemd/resolved.conf", b"[Resolve]\nDNSSEC=no\n", True),
        ("etc/knot-resolver/config.yaml", b"workers: 2\n", True),
        ("usr/share/dns/ROOT.KEY", b"", True),
        ("usr/include/stdio.h", b'#include "other"', False),
        ("usr/share/doc/README", b'include "other";', False),
    ],
)
def test_a_configuration_is_of_interest_for_what_it_sets_or_is_named(
    path: str, content: bytes, *, expected: bool
) -> None:
    assert is_of_interest(content, path) is expected


@pytest.mark.parametrize("size", [1, 5, 17, 64, 65, 1 << 16])
def test_a_word_is_found_wherever_blocks_are_cut(size: int) -> None:
    content = b"." * 300 + b" Trust-Anchor: " + b"." * 300
    words = Words()
    for at in range(0, len(content), size):
        words.feed(content[at : at + size])
    assert words.found
    other = Words()
    other.feed(content.replace(b"Anchor", b"Ancher"))
    assert not other.found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("stubby.yml", b'"\\ud800": 1\ndnssec_trust_anchors: x\n'),
        ("etc/named.conf", b"\x1c\x1c}}} trust-anchors {{{\n"),
    ],
)
def test_a_configuration_that_no_reader_understands_is_never_passed_over(
    name: str, content: bytes
) -> None:
    place = inspect(Location("/r", name), content, at=AT)
    assert place is not None
    assert [note.finding.check for note in place.notes] == [Check.AUDIT_MALFORMED]


@pytest.mark.parametrize("mark", ["#", "//", "  # "])
@pytest.mark.parametrize("name", ["named.conf", "stubby.yml", "dnsmasq.conf"])
def test_what_is_a_comment_alone_is_no_finding(name: str, mark: str) -> None:
    words = "trust-anchors auto-trust-anchor-file: dnssec_trust_anchors trust_anchors.add()"
    place = inspect(Location("/r", name), f"{mark} {words}\n".encode(), at=AT)
    notes = [] if place is None else [note.finding.check for note in place.notes]
    assert Check.AUDIT_MALFORMED not in notes


@pytest.mark.parametrize("name", ["values.yaml", "linkerd.yml", "README.md", "notes.conf"])
def test_words_of_a_program_under_another_name_are_no_configuration(name: str) -> None:
    assert inspect(Location("/r", name), b"what: the trust-anchors of a mesh }{\n", at=AT) is None
