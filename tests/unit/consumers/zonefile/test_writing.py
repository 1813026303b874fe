"""Zone-file text: the two files that Debian ships, and whatever others write."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from dns.dnssectypes import Algorithm

from anchors.consumers.registry import find_formats
from anchors.consumers.zonefile import dnskey, ds
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors
from anchors.pipeline.verify import example
from tests.lab.keys import ksk
from tests.simulator.document import CURRENT, Document, entry
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.stages import FIXTURES, checked, entry_of

DS = f"20326 8 2 {KSK_2017.digest()}"
FOUND_DS = FoundDs(20326, 8, 2, bytes.fromhex(KSK_2017.digest()))
FOUND_DNSKEY = FoundDnskey(257, 8, KSK_2017.public_key)


class TestDs:
    def test_one_line_for_each_anchor_and_nothing_else(self) -> None:
        assert ds.render(example().emission).decode() == (
            f". IN DS {DS}\n. IN DS 38696 8 2 {KSK_2024.digest()}\n"
        )

    def test_neither_comment_nor_ttl_nor_blank_line(self) -> None:
        for line in ds.render(example().emission).decode().splitlines():
            assert re.fullmatch(r"\. IN DS \d+ \d+ \d+ [0-9A-F]{64}", line)


class TestDnskey:
    def test_one_line_for_each_key_with_its_tag(self) -> None:
        assert dnskey.render(example().emission).decode() == "".join(
            f". IN DNSKEY 257 3 8 {key.base64} ; keytag {key.tag}\n" for key in (KSK_2017, KSK_2024)
        )

    def test_a_key_by_its_digest_alone_is_left_out(self) -> None:
        made = checked(Document(entries=[CURRENT[0].by_digest_only(), CURRENT[1]]))
        assert dnskey.render(made.emission).count(b"\n") == 1

    def test_a_key_under_two_digest_types_is_one(self) -> None:
        twins = [
            replace(entry(KSK_2017, hash_name=name), valid_from="2017-02-02T00:00:00Z")
            for name in ("sha256", "sha384")
        ]
        assert dnskey.render(checked(Document(entries=twins)).emission).count(b"DNSKEY") == 1

    def test_a_key_whose_time_has_not_come_says_so(self) -> None:
        key = ksk("a", Algorithm.ED25519)
        entries = [CURRENT[0], entry_of(key, valid_from="2030-01-01T00:00:00Z")]
        made = checked(Document(entries=entries), include_future=True)
        *_, last = dnskey.render(made.emission).decode().splitlines()
        assert last.endswith(f"; keytag {key.tag}, not valid before 2030-01-01")


class TestParse:
    @pytest.mark.parametrize(
        ("text", "found", "besides"),
        [
            (f". IN DS {DS}\n", [FOUND_DS], []),
            (f". DS {DS}", [FOUND_DS], []),
            (f". 86400 IN DS {DS.lower()} ; comment\r\n", [FOUND_DS], []),
            (f". IN DNSKEY 257 3 8 {KSK_2017.base64}\n", [FOUND_DNSKEY], []),
            (
                f". IN DNSKEY 257 3 8 ( {KSK_2017.base64[:40]}\n {KSK_2017.base64[40:]} ) ; x\n",
                [FOUND_DNSKEY],
                [],
            ),
            (f". IN DS {DS}\n. IN DS {DS}\n", [FOUND_DS, FOUND_DS], []),
            (f"$TTL 60\n. IN DS {DS}\n", [FOUND_DS], []),
            ("; nothing\n", [], []),
            ("", [], []),
            (". IN DNSKEY 257 3 8 ( AwEA\n", [], [". IN DNSKEY 257 3 8 AwEA"]),
            (f"example. IN DS {DS}\n", [], ["example. IN DS"]),
            (". IN SOA a. b. 1 2 3 4 5\n", [], [". IN SOA"]),
            ("trust-anchors { };\n", [], ["trust-anchors { }"]),
            (f"$INCLUDE /etc/passwd\n. IN DS {DS}\n", [FOUND_DS], ["$INCLUDE /etc/passwd"]),
        ],
    )
    def test_whatever_others_write(
        self, text: str, found: list[FoundDs | FoundDnskey], besides: list[str]
    ) -> None:
        assert content_of(text.encode()) == FoundAnchors(tuple(found), tuple(besides))

    def test_a_short_digest_is_kept_and_one_of_other_digits_is_none(self) -> None:
        (short,) = content_of(f". IN DS {DS[:-2]}\n".encode()).anchors
        assert short == FOUND_DS._replace(digest=FOUND_DS.digest[:-1])
        with pytest.raises(MalformedAnchors, match="line 1"):
            content_of(f". IN DS {DS[:-1]}x\n".encode())

    @pytest.mark.parametrize("data", [b"\xff", "é".encode("utf-16")])
    def test_what_is_not_utf_8_is_no_record(self, data: bytes) -> None:
        assert content_of(data).anchors == ()
        assert content_of(data).besides != ()

    def test_the_roots_own_keys(self) -> None:
        found = content_of((FIXTURES / "root-ksks.zone").read_bytes()).anchors
        assert [a.flags for a in found if isinstance(a, FoundDnskey)] == [257, 385] * 3

    def test_bytes_and_not_their_text_are_compared(self) -> None:
        encoded = base64.b64encode(KSK_2017.public_key).decode()
        assert encoded == KSK_2017.base64

    def test_a_malformed_file_is_a_value_error(self) -> None:
        assert issubclass(MalformedAnchors, ValueError)


def test_every_format_in_zone_file_form_reads_what_the_others_write() -> None:
    rows = [row for row in find_formats(()) if row.media_type == "text/dns"]
    assert len(rows) > 2
    content = [row.write(example().emission) for row in rows]
    for row in rows:
        for text in content:
            assert len(row.read.load()(text).anchors) == 2
