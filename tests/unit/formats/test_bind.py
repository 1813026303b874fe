"""BIND's statements, as we write them and as others do."""

from __future__ import annotations

import pytest

from anchors.formats import bind, find_formats
from anchors.formats.found import FoundDnskey, FoundDs, MalformedAnchors
from anchors.pipeline import example
from tests.simulator.ksk import KSK_2017, KSK_2024

DS_DIGEST, KEY = KSK_2017.digest(), KSK_2017.base64
DS = f'20326 8 2 "{DS_DIGEST}"'
DNSKEY = f'257 3 8 "{KEY}"'
FOUND_DS = FoundDs(20326, 8, 2, bytes.fromhex(DS_DIGEST), "initial-ds")
FOUND_DNSKEY = FoundDnskey(257, 8, KSK_2017.public_key, "initial-key")


def statements(keyword: str) -> list[str]:
    """The lines of a file that are no comments."""
    lines = bind.render(example(), keyword).decode().splitlines()
    return [line for line in lines if not line.startswith("//")]


@pytest.mark.parametrize("keyword", ["initial-ds", "static-ds"])
def test_ds(keyword: str) -> None:
    assert statements(keyword) == [
        "trust-anchors {",
        f"\t. {keyword} {DS};",
        f'\t. {keyword} 38696 8 2 "{KSK_2024.digest()}";',
        "};",
    ]


@pytest.mark.parametrize("keyword", ["initial-key", "static-key"])
def test_dnskey(keyword: str) -> None:
    assert statements(keyword) == [
        "trust-anchors {",
        f"\t. {keyword} {DNSKEY};",
        f'\t. {keyword} 257 3 8 "{KSK_2024.base64}";',
        "};",
    ]


def test_the_head_says_where_it_comes_from() -> None:
    head = [line for line in bind.render(example(), "initial-ds").decode().splitlines()
            if line.startswith("//")]  # fmt: skip
    assert "SHA-256 3ccaab38830025ee" in head[2]
    assert head[3] == "//   signed 2025-03-25T20:25:02Z by dnssec@iana.org"
    assert head[4] == "//   cross-checked against the DNSKEYs of the root zone"
    assert head[5:] == ["// KSK-2017 (20326)", "// KSK-2024 (38696)"]


def test_four_rows_and_a_short_name() -> None:
    assert [row.file_name for row in find_formats(["bind"])] == ["bind.keys"]
    assert {row.name for row in bind.FORMATS} == {
        *("bind-initial-ds", "bind-static-ds", "bind-initial-key", "bind-static-key"),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"trust-anchors {{ . initial-ds {DS}; }};", [FOUND_DS]),
        (f"trust-anchors{{.initial-ds {DS};}};", []),
        (f"trust-anchors{{ . initial-ds {DS};}};", [FOUND_DS]),
        (f'trust-anchors {{ "." initial-ds {DS}; }};', [FOUND_DS]),
        (f"trust-anchors {{ . static-ds {DS}; }};", [FOUND_DS._replace(statement="static-ds")]),
        (f"trust-anchors {{ . initial-key {DNSKEY}; }};", [FOUND_DNSKEY]),
        (f"managed-keys {{ . initial-key {DNSKEY}; }};", [FOUND_DNSKEY]),
        (f"trusted-keys {{ . {DNSKEY}; }};", [FOUND_DNSKEY._replace(statement=None)]),
        (f'trust-anchors {{ . initial-ds 20326 8 2 "{DS_DIGEST[:32]}\n\t{DS_DIGEST[32:]}"; }};',
         [FOUND_DS]),
        (f"trust-anchors {{ . initial-ds 20326 8 2 {DS_DIGEST}; }};", [FOUND_DS]),
        (f"trust-anchors /* a */ {{ // b\n . # c\n initial-ds {DS}; }};", [FOUND_DS]),
        (f"trust-anchors {{ . initial-ds {DS}; . initial-key {DNSKEY}; }};",
         [FOUND_DS, FOUND_DNSKEY]),
        (f"trust-anchors {{ . initial-ds {DS}; }}; managed-keys {{ . initial-key {DNSKEY}; }};",
         [FOUND_DS, FOUND_DNSKEY]),
        (f'view "x" {{ trust-anchors {{ . initial-ds {DS}; }}; }};', [FOUND_DS]),
        (f"trust-anchors {{ example. initial-ds {DS}; }};", []),
        (f"/* trust-anchors {{ . initial-ds {DS}; }}; */", []),
        (f"// trust-anchors {{ . initial-ds {DS}; }};", []),
        ("trust-anchors { };", []),
        ('options { directory "/var"; listen-on { any; }; };', []),
        ('zone "trust-anchors" { type hint; };', []),
        ("trust-anchors;", []),
    ],
)  # fmt: skip
def test_what_others_write(text: str, found: list[FoundDs | FoundDnskey]) -> None:
    assert [*bind.parse(text.encode()).anchors] == found


@pytest.mark.parametrize(
    "text",
    [
        f"trust-anchors {{ . initial-ds {DS};",
        f"trust-anchors {{ . initial-ds {DS}",
        f"trust-anchors {{ . initial-dss {DS}; }};",
        f"trust-anchors {{ . initial-ds {DNSKEY}; }};",
        'trust-anchors { . initial-ds 20326 8 2 "xyz"; };',
        'trust-anchors { . initial-ds 20326 8 "E0"; };',
        f"trust-anchors {{ . initial-ds 1 {DS}; }};",
        'trust-anchors { . initial-key 257 3 8 "*"; };',
        f'trust-anchors {{ . initial-key x 3 8 "{KEY}"; }};',
        "trust-anchors { .; };",
        f'trust-anchors {{ . initial-ds 20326 8 2 "{DS_DIGEST}; }};',
        '"',
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(MalformedAnchors):
        bind.parse(text.encode())


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    text = b"// \xff\n" + f"trust-anchors {{ . initial-ds {DS}; }};".encode()
    assert [*bind.parse(text).anchors] == [FOUND_DS]
