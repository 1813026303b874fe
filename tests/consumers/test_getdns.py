"""getdns: what its programs print, and what they drop without a word."""

from __future__ import annotations

import json

import pytest

from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.driver import HeldTags
from anchors.consumers.getdns.running import GetdnsQuery, Stubby, parse_keys, parse_tags
from anchors.consumers.registry import find_formats
from anchors.core.found import FoundAnchors, FoundDnskey, FoundDs
from anchors.pipeline.verify import example
from tests.consumers.conftest import needs
from tests.consumers.test_conformance import tags_of

KEYS = [
    {
        "class": 1,
        "name": ".",
        "rdata": {"algorithm": 8, "digest": [*range(32)], "digest_type": 2, "key_tag": 29960},
        "ttl": 3600,
        "type": 43,
    },
    {
        "class": 1,
        "name": ".",
        "rdata": {"algorithm": 8, "flags": 257, "protocol": 3, "public_key": [3, 1, 0, 1]},
        "ttl": 3600,
        "type": 48,
    },
]
INFO = """\
{
  "all_context":
  {
    "dnssec_trust_anchors":
    [
      {
        "name": <bindata for .>,
        "rdata":
        {
          "digest": <bindata of 0xb655b64ac0087b3b3e196e577550a045...>,
          "key_tag": 29960,
          "rdata_raw": <bindata of 0x75080802b655b64ac0087b3b3e196e57...>
        },
        "type": GETDNS_RRTYPE_DS
      }
    ],
    "edns_version": 0
  }
}
"""


def test_what_getdns_query_prints_is_read_in_full() -> None:
    assert parse_keys(json.dumps(KEYS)).anchors == (
        FoundDs(29960, 8, 2, bytes(range(32))),
        FoundDnskey(257, 8, b"\x03\x01\x00\x01"),
    )


@pytest.mark.parametrize("output", ["", "Error\n", "[1]", '[{"type": 43}]', "{}x"])
def test_what_is_no_list_of_records_is_no_answer(output: str) -> None:
    with pytest.raises(ConsumerFailed, match="getdns_query -k: "):
        parse_keys(output)


def test_of_what_stubby_prints_the_tags_are_read() -> None:
    assert parse_tags(INFO) == HeldTags((29960,))


def test_stubby_tells_too_little_of_a_dnskey() -> None:
    assert parse_tags(INFO.replace("RRTYPE_DS", "RRTYPE_DNSKEY")) is None


def test_what_lists_no_anchors_is_no_answer() -> None:
    with pytest.raises(ConsumerFailed, match="stubby -i: Could not parse"):
        parse_tags("Could not parse config file\n")


def test_a_damaged_ds_is_dropped_without_a_word_and_missed() -> None:
    needs(GetdnsQuery())
    with on_bench("getdns", "root.key", _damaged()) as bench:
        assert GetdnsQuery().loads(bench).yes
        held = GetdnsQuery().holds(bench).anchors
    assert isinstance(held, FoundAnchors)
    assert tags_of(held.anchors) == [20326]


def test_stubby_drops_it_as_well() -> None:
    needs(Stubby())
    with on_bench("getdns", "root.key", _damaged()) as bench:
        held = Stubby().holds(bench)
    assert held is not None
    assert held.anchors == HeldTags((20326,))


def test_an_empty_file_is_not_taken() -> None:
    needs(GetdnsQuery())
    with on_bench("getdns", "root.key", b"") as bench:
        told = GetdnsQuery().loads(bench)
    assert not told.yes
    assert told.words == "getdns_query -k: 0 trust anchors"


def _damaged() -> bytes:
    (row,) = find_formats(["getdns"])
    return row.write(example().emission).replace(b"683D2D", b"G83D2D")


OTHERS = b"""\
. IN DS 20326 8 2 %s
example. IN DS 38696 8 2 %s
\\046\\032x. IN DS 38696 8 2 %s
""" % ((b"AB" * 32,) * 3)


def test_an_anchor_of_another_name_is_none_of_the_root() -> None:
    entries = [*KEYS, KEYS[0] | {"name": "example."}, KEYS[0] | {"name": "x."}]
    text = json.dumps(entries, separators=(",", ":")).replace('"x."', r'"\.\032x."')
    assert len(parse_keys(text).anchors) == 2
    other = INFO.replace("for .>", "for example.>").replace("29960", "38696")
    entry = other[other.index("      {") : other.index("    ],")]
    both = INFO.replace("    ],\n", f"      ,\n{entry}    ],\n")
    assert both.count("key_tag") == 2
    assert parse_tags(both) == HeldTags((29960,))
    assert parse_tags(other.replace("RRTYPE_DS", "RRTYPE_DNSKEY")) == HeldTags(())


@pytest.mark.parametrize("name", ['.","x":"', 'x","name":".', 'a"b.'])
def test_a_name_that_looks_like_the_root_is_not_taken_for_it(name: str) -> None:
    text = json.dumps(KEYS[:1], separators=(",", ":")).replace('"."', f'"{name}"')
    with pytest.raises(ConsumerFailed, match="getdns_query -k: "):
        parse_keys(text)


def test_both_programs_tell_the_names_of_their_anchors() -> None:
    needs(GetdnsQuery())
    with on_bench("getdns", "root.key", OTHERS) as bench:
        held = GetdnsQuery().holds(bench).anchors
    assert isinstance(held, FoundAnchors)
    assert tags_of(held.anchors) == [20326]
    needs(Stubby())
    with on_bench("getdns", "root.key", OTHERS) as bench:
        told = Stubby().holds(bench)
    assert told is not None
    assert told.anchors == HeldTags((20326,))
