"""Files of programs that could not be run here, in the forms that their own documents show."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from anchors.consumers.consumer import Consumer, Reader
from anchors.consumers.reading import Hold, Kind
from anchors.consumers.registry import consumer_named
from anchors.consumers.untried import CONSUMERS
from anchors.core.checks import Check
from anchors.core.found import FoundDnskey, FoundDs, MalformedAnchors
from anchors.core.rdata_text import ds_text
from tests.unit.auditing.basis import keys
from tests.unit.consumers.trees import AT, DS17, DS24, load

GOLDEN = Path(__file__).parents[4] / "fixtures" / "golden"
DIGEST = DS17.rpartition(" ")[2]
KEY = base64.b64encode(keys().keys[1].public_key or b"").decode()
OTHER = "1 8 2 " + "00" * 32

# The consumer, a file, and the lines of the anchors of the root in it: digests, then keys.
FILES = [
    (
        "windows",
        (
            "# Add-DnsServerTrustAnchor -Name . -KeyTag 1 -CryptoAlgorithm RsaSha256\r\n"
            "Import-Module DnsServer; Add-DnsServerTrustAnchor `\r\n  -Name '.' `\r\n"
            f"  -KeyTag 20326 -digesttype SHA256 -CryptoAlgorithm rsasha256 -Digest {DIGEST}\r\n"
            'Add-DnsServerTrustAnchor -Name "a.org" -CryptoAlgorithm RsaSha256 -Base64Data "A"\n'
            f'Add-DnsServerTrustAnchor -Name "." -CryptoAlgorithm RsaSha256 -Base64Data "{KEY}"\n'
            "Add-DnsServerTrustAnchor -Root\n"
        ),
        ([2], [6]),
    ),
    (
        "blocky",
        (
            "ports:\n  dns: 53\ndnssec:\n  validate: true\n  trustAnchors:\n"
            f"    - '. 172800 IN DNSKEY 257 3 8 {KEY}'\n    - example. IN DNSKEY 257 3 8 {KEY}\n"
            f"    - . IN DS {DS17}\n"
        ),
        ([8], [6]),
    ),
    (
        "routedns",
        (
            '[groups.a]\ntype = "dnssec-validator"\n\n[[groups.a.dnssec-trust-anchors]]\n'
            f'owner = "."\nkey-tag = 20326\nalgorithm = 8\ndigest-type = 2\ndigest = "{DIGEST}"\n'
            '[[groups.a.dnssec-trust-anchors]]\nowner = "example."\nkey-tag = 1\n'
        ),
        ([9], []),
    ),
    (
        "sdns",
        (
            'version = "1.6"\nrootkeys = [\n'
            f'  ".\\t\\t\\t172800\\tIN\\tDNSKEY\\t257 3 8 {KEY}",\n  ". IN A 192.0.2.1"\n]\n'
        ),
        # A string with escapes stands nowhere as it is.
        ([], [None]),
    ),
    (
        "libval",
        (
            "# : trust-anchor . DS 1 8 2 00 ;\nglobal-options\n    edns0-size 1492\n;\n"
            f": trust-anchor\n    example.org DS {OTHER}\n    . DS {DS17}\n"
            f'    . "257 3 8 {KEY}"\n    example.org. "257 3 8 {KEY}" ;\n'
            ": zone-security-expectation\n    . ignore\n;\n"
            f"browser trust-anchor . DS {DS24};\n"
        ),
        ([7, 13], [8]),
    ),
    (
        "f5",
        (
            "ltm dns cache validating-resolver /Common/v {\n    dlv-anchors {\n"
            f'        ". IN DS {OTHER}"\n    }}\n    trust-anchors {{\n'
            f'        ". IN DS {DS17}"\n        "example. IN DS {OTHER}"\n    }}\n}}\n'
            "tmsh modify ltm dns cache validating-resolver w trust-anchors replace-all-with "
            f'{{ ". IN DS {DS24}" ". IN DNSKEY 257 3 8 {KEY}" }}\n'
        ),
        ([6, 10], [10]),
    ),
    (
        "infoblox",
        (
            '[{"_ref": "grid:dns/x", "dnssec_trusted_keys": [\n'
            f'{{"algorithm": "8", "fqdn": ".", "key": "{KEY}"}},\n'
            '{"algorithm": "8", "fqdn": "example.org", "key": "AAAA"}]}, {"a": 1}]\n'
        ),
        ([], [2]),
    ),
]


def reader_of(name: str) -> Reader:
    facet = consumer_named(name).readers
    assert facet is not None
    (reader,) = facet.load()
    return reader


NAMES = [one.name for one in CONSUMERS if one.formats]
# Who takes zone text: a configuration, and the files that it names with their lines.
NAMING = [
    (
        "libreswan",
        (
            "config setup\n\t# dnssec-rootkey-file=/a\n\tdnssec-enable=yes\n"
            '\tdnssec-rootkey-file="/etc/root.key"\n\tdnssec-anchors=/etc/ipsec.d/*.key # more\n'
        ),
        [("/etc/root.key", 4), ("/etc/ipsec.d/*.key", 5)],
    ),
    (
        "strongswan",
        (
            "charon {\n  plugins {\n    unbound {\n      load = yes\n"
            "      trust_anchors = /etc/root.key\n    }\n  }\n}\n"
        ),
        [("/etc/root.key", 5)],
    ),
    (
        "asterisk",
        "[general]\n;ta_file = /a\nhosts = system\nta_file => /etc/root.key ; ours\n",
        [("/etc/root.key", 4)],
    ),
]


def test_each_has_its_file() -> None:
    assert [name for name, _, _ in FILES] == NAMES
    assert [*NAMES, *(name for name, _, _ in NAMING)] == [one.name for one in CONSUMERS]


@pytest.mark.parametrize(("name", "text", "lines"), FILES, ids=NAMES)
def test_the_anchors_of_the_root_are_read_with_their_lines(
    name: str, text: str, lines: tuple[list[int | None], list[int | None]]
) -> None:
    reader = reader_of(name)
    reading = reader.read(text.encode(), "file", AT)
    assert reading is not None
    found = [(held.anchor, held.line) for held in reading.held]
    digests = [line for anchor, line in found if isinstance(anchor, FoundDs)]
    of_keys = [line for anchor, line in found if isinstance(anchor, FoundDnskey)]
    assert (digests, of_keys) == lines
    for anchor, _ in found:
        if isinstance(anchor, FoundDs):
            assert ds_text(*anchor[:4]) in {DS17, DS24}
        else:
            assert anchor[:3] == (257, 8, keys().keys[1].public_key)
    held = Hold.SEED if name in {"windows", "sdns"} else Hold.STATIC
    assert {one.hold for one in reading.held} == {held}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "trust-anchors { . initial-ds 20326 8 2 00; };",
        f"trust-anchor: . DS {DS17}",
        "server:\n  trust-anchor: x\n",
        "dnssec:\n  trust-anchors: []\n",
        "dnssec: {trustAnchors: []}\n",
        "rootkeys = []\n",
        "[groups.a]\ndnssec-trust-anchors = []\n",
        '{"dnssec_trusted_keys": []}',
        "Get-Help Add-DnsServerTrustAnchor\n",
        "ltm dns cache validating-resolver v { trust-anchors { } }\n",
    ],
)
def test_what_has_no_anchor_is_none_of_theirs(name: str, text: str) -> None:
    reader = reader_of(name)
    assert reader.read(text.encode(), "file", AT) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("windows", "Add-DnsServerTrustAnchor -Name . -KeyTag 20326\n"),
        ("blocky", "dnssec:\n  trustAnchors: ['. IN DNSKEY 257 3 8 !']\n"),
        ("blocky", "dnssec: {trustAnchors: [\n"),
        ("routedns", "[[groups.a.dnssec-trust-anchors]]\nowner='.'\n"),
        ("routedns", "[[groups.a.dnssec-trust-anchors\n"),
        ("sdns", "rootkeys = ['. IN DNSKEY 257']\n"),
        ("sdns", "rootkeys = " + "[" * 5000),
        ("sdns", "rootkeys = ['" + "a" * (1 << 18) + "']"),
        ("libval", ": trust-anchor\n . DS 20326 8\n"),
        ("f5", "validating-resolver trust-anchors { '\". IN DS 1\"' }"),
        ("infoblox", '{"dnssec_trusted_keys": [{"fqdn": "."}]}'),
        ("infoblox", '"dnssec_trusted_keys"' + "[" * 99_999),
    ],
)
def test_what_cannot_be_read_is_told(name: str, text: str) -> None:
    reader = reader_of(name)
    with pytest.raises(MalformedAnchors):
        reader.read(text.encode(), "file", AT)


def test_without_pyyaml_blocky_is_told_as_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    reader = reader_of("blocky")
    reading = reader.read(FILES[1][1].encode(), "file", AT)
    assert reading is not None
    assert [note.finding.check for note in reading.notes] == [Check.AUDIT_UNREADABLE]


@pytest.mark.parametrize(("name", "text", "lines"), FILES, ids=NAMES)
def test_that_a_program_is_right_is_never_said(name: str, text: str, lines: object) -> None:
    del lines
    one = consumer_named(name)
    if one.loader is None:
        # What is run, or sent, once: nothing is started with it.
        assert name in {"windows", "infoblox"}
        return
    (loaded,) = load(one, {"etc/file": text})
    follows = False if name == "blocky" else None
    assert (loaded.starts, loaded.validates, loaded.follows) == (None, None, follows)
    assert [note.finding.check for _, note in loaded.notes] == [Check.AUDIT_NOT_FOLLOWED]
    assert len(loaded.held) == len(loaded.used[0].held) > 0


def test_each_says_where_its_grammar_was_read() -> None:
    assert all(row.unproven for one in CONSUMERS for row in one.formats)


@pytest.mark.parametrize("one", CONSUMERS[: len(NAMES)], ids=NAMES)
def test_what_is_written_is_a_file_of_anchors_and_more_is_a_configuration(one: Consumer) -> None:
    written = (GOLDEN / one.formats[0].file_name).read_bytes()
    more = written.replace(b"dnssec:", b"ports: {dns: 53}\ndnssec:")
    if one.name == "routedns":
        more = b'[groups.dnssec-validated]\ntype = "dnssec-validator"\n' + written
    elif one.name == "sdns":
        more = b'bind = ":53"\n' + written
    elif one.name == "libval":
        more += b": zone-security-expectation\n    . validate\n;\n"
    elif one.name == "f5":
        more = written.replace(b"CACHE", b"/Common/cache")
    kinds = []
    for content in (written, more):
        reading = reader_of(one.name).read(content, "file", AT)
        assert reading is not None
        assert len(reading.held) == 2
        kinds.append(reading.syntax.kind)
    is_started = one.loader is not None
    assert kinds == [Kind.ANCHORS, Kind.CONFIGURATION if is_started else Kind.ANCHORS]


@pytest.mark.parametrize(("name", "text", "files"), NAMING)
def test_the_file_that_is_named_is_followed(
    name: str, text: str, files: list[tuple[str, int]]
) -> None:
    reading = reader_of(name).read(text.encode(), "file", AT)
    assert reading is not None
    assert [(one.path, one.line) for one in reading.references] == files
    one, anchors = consumer_named(name), f". IN DS {DS17}\n. IN DS {DS24}\n"
    (loaded,) = load(one, {"etc/conf": text, "etc/root.key": anchors, "etc/ipsec.d/a.key": ""})
    assert [held.anchor.key_tag for _, held in loaded.held if isinstance(held.anchor, FoundDs)] == [
        20326,
        38696,
    ]
    assert (loaded.starts, loaded.validates, loaded.follows) == (None, None, False)
    assert [note.finding.message for _, note in loaded.notes] == [UNTRIED[name]]


VALIDATES = "nobody tested whether the program validates with its anchor file"
UNTRIED = {
    "libreswan": f"{VALIDATES}; Libreswan 4.10 starts with one that is missing, empty or damaged, "
    "and shows no error",
    "strongswan": f"{VALIDATES}; by its source, it starts with one that is missing or damaged, "
    "and shows no error",
    "asterisk": "nobody tested what the program does with its anchor file",
}


@pytest.mark.parametrize(
    ("tree", "check"),
    [
        ({}, Check.AUDIT_NOT_FOLLOWED),
        ({"etc/root.key": "nothing of the kind\n"}, Check.AUDIT_UNREADABLE),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tree: dict[str, str], check: Check) -> None:
    name, text, _ = NAMING[2]
    (loaded,) = load(consumer_named(name), {"etc/conf": text, **tree})
    assert loaded.held == ()
    told = [note.finding for _, note in loaded.notes if note.finding.message != UNTRIED[name]]
    assert [finding.check for finding in told] == [check]
    assert loaded.starts is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("libreswan", "#dnssec-rootkey-file=/a\n"),
        ("libreswan", "dnssec-rootkey-file=\n"),
        ("strongswan", "trust_anchors = /a\n"),
        ("strongswan", "unbound {\n  # trust_anchors = /a\n}\n"),
        ("asterisk", "ta_file = /a\n"),
        ("asterisk", "[general]\nta_file = ; /a\n"),
    ],
)
def test_who_names_no_file_is_none_of_theirs(name: str, text: str) -> None:
    assert reader_of(name).read(text.encode(), "file", AT) is None
