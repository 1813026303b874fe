"""Zone-file text in every shape in which it holds anchors, and much that only looks like it."""

from __future__ import annotations

import re

import pytest

from anchors.consumers.anchor_records import in_range
from anchors.consumers.reading import Hold, Kind, Reading
from anchors.consumers.zonefile import ZONE
from anchors.consumers.zonefile import reading as zone
from anchors.core.found import FoundDnskey, FoundDs, MalformedAnchors
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2, anchors
from tests.unit.consumers.trees import AT

DIGEST = KSK_2024.digest()
BASE64 = KSK_2024.base64
FILE = Hold.FILE


def read(text: str, path: str = "etc/root.key") -> Reading | None:
    return zone.read(text.encode(), path, AT)


def found(text: str) -> Reading:
    reading = read(text)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f". IN DS {DS1}\n. IN DS {DS2}\n", [(20326, 1), (38696, 2)]),
        (f". IN DNSKEY {KEY1} ; keytag 20326\n. IN DNSKEY {KEY2}", [(20326, 1), (38696, 2)]),
        (f".\t172800\tIN\tDNSKEY\t{KEY2}\n", [(38696, 1)]),
        (f". IN 172800 DS {DS2}\n", [(38696, 1)]),
        (f". 2d DS {DS2}\n", [(38696, 1)]),
        (f". ds {DS2.lower()}\n", [(38696, 1)]),
        (f"; the root\n\n. IN DS {DS2} ; KSK-2024\n", [(38696, 3)]),
        (f". IN DS {DS1}\r\n. IN DS {DS2}\r\n", [(20326, 1), (38696, 2)]),
        (f". DS 38696 8 2 (\n  {DIGEST[:40]} ; half\n\t{DIGEST[40:]} )\n. DS {DS1}\n",
         [(38696, 1), (20326, 4)]),
        (f". IN DNSKEY ( 257 3\n 8 {BASE64[:90]}\n {BASE64[90:]}\n )\n", [(38696, 1)]),
        (f". IN DS 38696 8 2 {DIGEST[:20]} {DIGEST[20:]}\n", [(38696, 1)]),
        (f". IN DS {DS1}\n\tIN DS {DS2}\n", [(20326, 1), (38696, 2)]),
        (f"$TTL 3600\n$ORIGIN .\n@ IN DS {DS2}\n", [(38696, 3)]),
        (f". IN DS 38696 RSASHA256 2 {DIGEST}\n", [(38696, 1)]),
        # Without an owner or an origin it is of the root.
        (f"@ IN DNSKEY {KEY2}\n", [(38696, 1)]),
        (f"\tIN DS {DS2}\n", [(38696, 1)]),
        (f"# a comment of a shell\n. IN DS {DS1}\n", [(20326, 2)]),
        (f". IN DS {DS2}\nexample. IN DS 1 8 2 00\n", [(38696, 1)]),
        (f". IN NS a.root-servers.net.\n. IN DS {DS2}\n", [(38696, 2)]),
    ],
)  # fmt: skip
def test_shapes_of_anchor_files(text: str, expected: list[tuple[int, int]]) -> None:
    reading = found(text)
    assert reading.syntax.id == ZONE.id
    assert anchors(reading) == [(*anchor, FILE) for anchor in expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "; . IN DS 20326 8 2 00\n",
        f"example. IN DS {DS2}\n",
        f"$ORIGIN example.\n@ IN DNSKEY {KEY2}\n",
        f"The anchors are:\n. IN DS {DS1}\n. IN DS {DS2}\n",
        f". IN DS {DS1}\nand so on\n",
        f"- . IN DS {DS1}\n",
        f"```\n. IN DS {DS1}\n```\n",
    ],
)
def test_what_is_no_anchor_file(text: str) -> None:
    assert read(text, "usr/share/doc/x") is None


SOA = ". 86400 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 2 3 4 5\n"
RRSIG = ". 86400 IN RRSIG DNSKEY 8 0 172800 20260101000000 20251201000000 20326 . AAAA\n"


def test_a_root_zone_is_no_anchor_file() -> None:
    reading = read(f"{SOA}. 86400 IN DNSKEY {KEY1}\n", "usr/share/dns/zone")
    assert reading is not None
    assert (reading.syntax.kind, reading.held) == (Kind.CONTENT, ())
    assert read(f"{SOA}. 86400 IN NS a.\n", "usr/share/dns/zone") is None
    # By its name it is meant to hold anchors: then it is searched like any text.
    assert read(f"{SOA}. 86400 IN DNSKEY {KEY1}\n", "usr/share/dns/root.key") is None


def test_a_recorded_rrset_is_one_for_whoever_names_it_trusts_each_key() -> None:
    text = f". 172800 IN DNSKEY 256 3 8 {BASE64}\n. 172800 IN DNSKEY {KEY1}\n{RRSIG}"
    assert [line for _, line, _ in anchors(found(text))] == [1, 2]


def test_a_byte_order_mark_costs_the_first_record() -> None:
    reading = found(f"\ufeff. IN DS {DS1}\n. IN DS {DS2}\n")
    assert anchors(reading) == [(20326, 1, Hold.IGNORED), (38696, 2, FILE)]
    assert len(reading.notes) == 1


@pytest.mark.parametrize("line", [SOA, RRSIG, ". 86400 IN NSEC aaa. NS SOA\n"])
def test_a_ds_of_the_root_is_an_anchor_whatever_stands_beside_it(line: str) -> None:
    text = f"{line}. IN DS 20326 8 2 {DIGEST}\n"
    assert len(found(text).held) == 1


def test_a_large_zone_of_others_holds_nothing() -> None:
    rows = "".join(f"tld{n}. 86400 IN DS {n} 8 2 {DIGEST}\n" for n in range(5000))
    assert read(rows, "usr/share/dns/zone") is None


def test_a_key_without_sep_is_read_as_well() -> None:
    reading = found(f". IN DNSKEY 256 3 8 {BASE64}\n")
    assert [held.anchor for held in reading.held] == [FoundDnskey(256, 8, KSK_2024.public_key)]


@pytest.mark.parametrize(
    ("rdata", "expected"),
    [
        (f"38696 8 2 {DIGEST[:-2]}", (38696, 8, 2, DIGEST[:-2])),
        (f"38696 8 1 {DIGEST}", (38696, 8, 1, DIGEST)),
        (f"38696 8 99 {DIGEST[:8]} {DIGEST[8:]}", (38696, 8, 99, DIGEST)),
    ],
)
def test_a_digest_of_the_wrong_length_is_kept(
    rdata: str, expected: tuple[int, int, int, str]
) -> None:
    (held,) = found(f". IN DS {rdata}\n").held
    assert held.anchor == FoundDs(*expected[:3], bytes.fromhex(expected[3]))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f". IN DS {DS1}\n. IN DS 38696 8 2 {DIGEST[:-1]}\n", 2),
        (f". IN DS 38696 8 2 {DIGEST[:-1]}G\n", 1),
        (". IN DS 99999 8 2 00\n", 1),
        (". IN DS 20326 8 2\n", 1),
        (f". IN DNSKEY 257 3 8 {BASE64[:-3]}\n", 1),
        (f"\n. IN DS 38696 8 2 ( {DIGEST}\n", 2),
        (f". IN DS 38696 8 2 {DIGEST} )\n", 1),
    ],
)
def test_a_damaged_record_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(MalformedAnchors, match=f"line {line}: "):
        read(text)


def test_prose_in_an_anchor_file_is_told_with_its_line() -> None:
    with pytest.raises(MalformedAnchors, match="line 2: no record type"):
        read(f". IN DS {DS1}\nand so on\n")


@pytest.mark.parametrize(
    "anchor",
    [
        FoundDs(1 << 16, 8, 2, b""),
        FoundDs(-1, 8, 2, b""),
        FoundDs(1, 256, 2, b""),
        FoundDs(1, 8, 256, b""),
        FoundDnskey(1 << 16, 8, b""),
        FoundDnskey(257, -1, b""),
    ],
)
def test_numbers_that_do_not_fit(anchor: FoundDs | FoundDnskey) -> None:
    with pytest.raises(MalformedAnchors):
        in_range(anchor)


def test_numbers_that_fit() -> None:
    anchor = FoundDs(65535, 255, 255, KSK_2017.public_key)
    assert in_range(anchor) is anchor


_PYTHON = re.compile(
    r"unpack|Error|<string>|byte string|argument|Non-|invalid literal|expected [0-9]"
)


@pytest.mark.parametrize(
    "text",
    [
        f". IN DS {DS1}\r. IN DS {DS2}\r",
        ". IN DS 1 2 3 4 5 G\n",
        ". IN DS \\# 4 ABCD\n",
        ". IN DS\n",
        ". IN DNSKEY x y z \xe9\n",
        ". IN DNSKEY 257 3 8 AwE\n",
        ". IN DNSKEY 99999 3 8 AwEA\n",
    ],
)
def test_no_words_of_python_are_told(text: str) -> None:
    with pytest.raises(MalformedAnchors, match=r"^line 1: ") as caught:
        read(text)
    assert _PYTHON.search(str(caught.value)) is None
