"""Zone-file text: the two files that Debian ships, and whatever others write."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from dns.dnssectypes import Algorithm

from anchors.formats import dnskey, ds, find_formats
from anchors.formats.found import FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors
from anchors.formats.zone import found_in_zone_text, parse_zone
from anchors.pipeline import example
from tests.lab.keys import ksk
from tests.simulator.document import CURRENT, Document, entry
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.stages import FIXTURES, checked, entry_of

DS = f"20326 8 2 {KSK_2017.digest()}"
FOUND_DS = FoundDs(20326, 8, 2, bytes.fromhex(KSK_2017.digest()))
FOUND_DNSKEY = FoundDnskey(257, 8, KSK_2017.public_key)


class TestDs:
    def test_one_line_for_each_anchor_and_nothing_else(self) -> None:
        assert ds.render(example()).decode() == (
            f". IN DS {DS}\n. IN DS 38696 8 2 {KSK_2024.digest()}\n"
        )

    def test_neither_comment_nor_ttl_nor_blank_line(self) -> None:
        for line in ds.render(example()).decode().splitlines():
            assert re.fullmatch(r"\. IN DS \d+ \d+ \d+ [0-9A-F]{64}", line)


class TestDnskey:
    def test_one_line_for_each_key_with_its_tag(self) -> None:
        assert dnskey.render(example()).decode() == "".join(
            f". IN DNSKEY 257 3 8 {key.base64} ; keytag {key.tag}\n" for key in (KSK_2017, KSK_2024)
        )

    def test_a_key_by_its_digest_alone_is_left_out(self) -> None:
        made = checked(Document(entries=[CURRENT[0].by_digest_only(), CURRENT[1]]))
        assert dnskey.render(made).count(b"\n") == 1

    def test_a_key_under_two_digest_types_is_one(self) -> None:
        twins = [
            replace(entry(KSK_2017, hash_name=name), valid_from="2017-02-02T00:00:00Z")
            for name in ("sha256", "sha384")
        ]
        assert dnskey.render(checked(Document(entries=twins))).count(b"DNSKEY") == 1

    def test_a_key_whose_time_has_not_come_says_so(self) -> None:
        key = ksk("a", Algorithm.ED25519)
        entries = [CURRENT[0], entry_of(key, valid_from="2030-01-01T00:00:00Z")]
        made = checked(Document(entries=entries), include_future=True)
        *_, last = dnskey.render(made).decode().splitlines()
        assert last.endswith(f"; keytag {key.tag}, not valid before 2030-01-01")


class TestParse:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (f". IN DS {DS}\n", [FOUND_DS]),
            (f". DS {DS}", [FOUND_DS]),
            (f". 86400 IN DS {DS.lower()} ; comment\r\n", [FOUND_DS]),
            (f". IN DNSKEY 257 3 8 {KSK_2017.base64}\n", [FOUND_DNSKEY]),
            (f".\t172800\tIN\tDNSKEY\t257 3 8 ( {KSK_2017.base64[:40]}\n", None),
            (
                f". IN DNSKEY 257 3 8 ( {KSK_2017.base64[:40]}\n {KSK_2017.base64[40:]} ) ; x\n",
                [FOUND_DNSKEY],
            ),
            (f". IN DS {DS}\n. IN DS {DS}\n", [FOUND_DS]),
            (f"example. IN DS {DS}\n", []),
            (". IN SOA a. b. 1 2 3 4 5\n", []),
            ("; nothing\n", []),
            ("", []),
            (f". IN DS {DS[:-2]}\n", None),
            ("trust-anchors { };\n", None),
            (f"$INCLUDE /etc/passwd\n. IN DS {DS}\n", None),
        ],
    )
    def test_whatever_others_write(
        self, text: str, found: list[FoundDs | FoundDnskey] | None
    ) -> None:
        if found is None:
            with pytest.raises(MalformedAnchors):
                parse_zone(text.encode())
        else:
            assert parse_zone(text.encode()) == FoundAnchors(tuple(found))

    @pytest.mark.parametrize("data", [b"\xff", b". IN DS \xe9\n", "é".encode("utf-16")])
    def test_what_is_not_utf_8(self, data: bytes) -> None:
        with pytest.raises(MalformedAnchors, match="not UTF-8"):
            parse_zone(data)

    def test_the_roots_own_keys(self) -> None:
        found = parse_zone((FIXTURES / "root-ksks.zone").read_bytes()).anchors
        assert [a.flags for a in found if isinstance(a, FoundDnskey)] == [257, 385] * 3

    def test_the_consumers_word_is_kept(self) -> None:
        (found,) = found_in_zone_text(f". DS {DS}", "word")
        assert found == FOUND_DS._replace(statement="word")

    def test_bytes_and_not_their_text_are_compared(self) -> None:
        encoded = base64.b64encode(KSK_2017.public_key).decode()
        assert encoded == KSK_2017.base64

    def test_a_malformed_file_is_a_value_error(self) -> None:
        assert issubclass(MalformedAnchors, ValueError)


def test_every_format_in_zone_file_form_reads_what_the_others_write() -> None:
    rows = [row for row in find_formats(()) if row.media_type == "text/dns"]
    assert len(rows) > 2
    content = [row.render(example()) for row in rows]
    for row in rows:
        for text in content:
            assert len(row.parse(text).anchors) == 2
