"""What named keeps of each key: every recorded file and journal of a whole roll, and the rest."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given

from anchors.consumers.bind import JOURNAL, STATE
from anchors.consumers.bind import state as bind_state
from anchors.consumers.reading import Hold, Reading, Rfc5011State, StateOfKey
from anchors.core.found import FoundDnskey, MalformedAnchors
from tests.simulator.ksk import KSK_2024
from tests.unit.consumers import recorded
from tests.unit.consumers.recorded import (
    FIXTURES,
    NEW,
    OLD,
    OLD_REVOKED,
    any_bytes,
    damaged,
    states,
)
from tests.unit.consumers.samples import KEY1, KEY2, checks

FOLDER = FIXTURES / "states/bind9.16"
UNSET = "19700101000000"
TIMES = f"20261101000000 20260101000000 {UNSET}"
TEXT_BEGINS = (
    "$ORIGIN .\n$TTL 0\t; 0 seconds\n@\t\t\tIN SOA\t. . (\n\t\t4 ; serial\n\t\t0 0 0 0\n\t\t)\n"
)


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


AT = day(11, 10)
OLD_VALID = Rfc5011State(StateOfKey.VALID, day(9, 10))
PENDING = Rfc5011State(StateOfKey.ADD_PENDING, None, day(10, 20))
NEW_VALID = Rfc5011State(StateOfKey.VALID, day(10, 20))
REVOKED = Rfc5011State(StateOfKey.REVOKED, None, day(12, 1))
# Each at the day that it was written on.
SAMPLES = {
    "1-fresh": (day(9, 10), [(OLD, 10, OLD_VALID)]),
    "2-newkey": (day(9, 20), [(OLD, 10, OLD_VALID), (NEW, 22, PENDING)]),
    "3-pending": (day(10, 10), [(OLD, 10, OLD_VALID), (NEW, 22, PENDING)]),
    "4-valid": (day(10, 21), [(OLD, 10, OLD_VALID), (NEW, 22, NEW_VALID)]),
    "5-rolled": (day(10, 22), [(OLD, 10, OLD_VALID), (NEW, 22, NEW_VALID)]),
    "6-missing2": (day(10, 23), [(OLD, 10, OLD_VALID), (NEW, 22, NEW_VALID)]),
    "7-back": (day(10, 24), [(OLD, 10, OLD_VALID), (NEW, 22, NEW_VALID)]),
    "8-revoked": (day(11, 1), [(OLD_REVOKED, 10, REVOKED), (NEW, 23, NEW_VALID)]),
    "9-removed": (day(12, 20), [(NEW, 10, NEW_VALID)]),
}


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read(content: bytes, at: datetime = AT) -> Reading:
    reading = bind_state.read(content, "managed-keys.bind", at)
    assert reading is not None
    return reading


@pytest.mark.parametrize("name", SAMPLES)
def test_every_recorded_file(name: str) -> None:
    at, expected = SAMPLES[name]
    reading = read(sample(f"{name}.bind"), at)
    assert reading.syntax is STATE
    assert states(reading) == expected
    assert {held.hold for held in reading.held} == {Hold.STATE}
    assert reading.notes == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_printed_journal_says_what_the_file_beside_it_does(name: str) -> None:
    at, expected = SAMPLES[name]
    reading = read(sample(f"{name}.jnl.txt"), at)
    assert reading.syntax is JOURNAL
    assert {(tag, state) for tag, _, state in states(reading)} == {
        (tag, state) for tag, _, state in expected
    }
    assert {held.anchor for held in reading.held} == {
        held.anchor for held in read(sample(f"{name}.bind"), at).held
    }
    assert reading.notes == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_journal_says_how_far_it_goes_and_how_to_read_it(name: str) -> None:
    reading = read(sample(f"{name}.jnl"))
    assert (reading.syntax, reading.held) == (JOURNAL, ())
    assert checks(reading) == [("audit.journal", None)]
    finding = reading.notes[0].finding
    serial = re.search(rb"(\d+)\s+; serial", sample(f"{name}.bind"))
    assert serial is not None
    assert finding.got == f"changes up to serial {int(serial[1])}"
    assert finding.remedy is not None
    assert "rndc managed-keys sync" in finding.remedy
    assert "named-journalprint" in finding.remedy


def test_every_recorded_file_is_in_the_table() -> None:
    there = {path.name for path in FOLDER.iterdir()}
    assert there == {f"{name}.{kind}" for name in SAMPLES for kind in ("bind", "jnl", "jnl.txt")}


def test_the_journal_of_another_zone_is_none_of_ours() -> None:
    content = sample("9-removed.jnl").replace(b"\xff\xfd", b"\x00\x10")
    assert content.startswith(b";BIND LOG V9")
    assert bind_state.read(content, "x.jnl", AT) is None


def test_a_journal_that_is_cut_off() -> None:
    cut = b";BIND LOG V9" + bytes(2) + b"\xff\xfd\0\1"
    assert read(cut).notes[0].finding.got == "changes up to serial 0"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 10, 19, 23, 59, 59, tzinfo=UTC), PENDING),
        (datetime(2026, 10, 20, tzinfo=UTC), NEW_VALID),
    ],
)
@pytest.mark.parametrize("kind", ["bind", "jnl.txt"])
def test_a_key_is_trusted_from_the_end_of_its_hold_down_on(
    at: datetime, expected: Rfc5011State, kind: str
) -> None:
    found = {tag: state for tag, _, state in states(read(sample(f"3-pending.{kind}"), at))}
    assert found == {OLD: OLD_VALID, NEW: expected}


def keydata(rdata: str, owner: str = "") -> bytes:
    return f"{TEXT_BEGINS}{owner}\t\t\tKEYDATA\t{rdata}\n".encode()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (keydata(f"{UNSET} {UNSET} {UNSET} 0 0 0 ; placeholder"), 7),
        (f"add .\t0\tIN\tTYPE65533 \\# 16 {'0' * 32}\n".encode(), 1),
        # As named 9.18 leaves it where it has reached nobody: the next refresh has its time.
        (f"add .\t0\tIN\tTYPE65533 \\# 16 6B0573FE{'0' * 24}\n".encode(), 1),
    ],
)
def test_a_placeholder_says_that_nothing_was_fetched(content: bytes, line: int) -> None:
    reading = read(content)
    assert reading.held == ()
    assert checks(reading) == [("audit.journal", line)]
    assert "not fetched" in reading.notes[0].finding.message


def test_a_key_without_a_time_is_trusted_as_named_does() -> None:
    reading = read(keydata(f"20261101000000 {UNSET} {UNSET} {KEY2}"))
    assert states(reading) == [(38696, 7, Rfc5011State(StateOfKey.VALID))]


def test_a_key_that_is_to_be_removed_is_not_trusted_whatever_its_flags() -> None:
    reading = read(keydata(f"20261101000000 20260101000000 20270101000000 {KEY2}"))
    assert [held.effective for held in reading.held] == [False]


def test_beside_a_placeholder_no_key_counts() -> None:
    placeholder = f"\t\tKEYDATA {UNSET} {UNSET} {UNSET} 0 0 0 AA==\n".encode()
    reading = read(keydata(f"{TIMES} {KEY1}") + placeholder)
    assert [held.hold for held in reading.held] == [Hold.IGNORED]
    assert checks(reading) == [("audit.journal", 8)]


@pytest.mark.parametrize("rdata", [f"{{times}} {KEY2}", "\\# {length} {digits}"])
def test_the_type_may_be_written_by_its_number(rdata: str) -> None:
    digits = f"6AE68F1069551B0000000000{KSK_2024.rdata.hex()}"
    text = rdata.format(times=TIMES, length=len(digits) // 2, digits=digits)
    (held,) = read(keydata(text).replace(b"KEYDATA", b"TYPE65533")).held
    assert held.anchor == FoundDnskey(257, 8, KSK_2024.public_key)
    assert held.effective


def test_a_revoked_key_is_not_trusted_whatever_its_times() -> None:
    revoked = KEY2.replace("257", "385", 1)
    reading = read(keydata(f"20261101000000 20260101000000 {UNSET} {revoked}"))
    assert states(reading) == [(38696 + 128, 7, Rfc5011State(StateOfKey.REVOKED))]
    assert not reading.held[0].effective


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f". 0 IN KEYDATA {TIMES} {KEY1}\n. 0 IN KEYDATA {TIMES} {KEY2}\n", [1, 2]),
        (f"$ORIGIN .\n@ KEYDATA {TIMES} {KEY1}\n; KEYDATA {TIMES} {KEY2}\n", [2]),
        (f"$origin .\n@ SOA . . 1 0 0 0 0\n\tKEYDATA {TIMES} {KEY1}\n\tTXT a\n", [3]),
        (f". KEYDATA {TIMES} 257 3 8 (\n{KEY1[8:90]}\n{KEY1[90:]} ; x ( y\n) ; z\n", [1]),
        (f". KEYDATA {TIMES} {KEY1}\nexample. KEYDATA {TIMES} {KEY2}\n", [1]),
        (f"$ORIGIN example.\n@ KEYDATA {TIMES} {KEY1}\n", []),
        (f"$ORIGIN .\nexample KEYDATA {TIMES} {KEY1}\n\tKEYDATA {TIMES} {KEY2}\n", []),
        (f"@ KEYDATA {TIMES} {KEY1}\n", [1]),
    ],
)
def test_shapes_of_zone_text(text: str, lines: list[int]) -> None:
    reading = read(text.encode())
    assert [held.line for held in reading.held] == lines
    valid = Rfc5011State(StateOfKey.VALID, datetime(2026, 1, 1, tzinfo=UTC))
    assert all(held.state == valid for held in reading.held)


@pytest.mark.parametrize("line", [")", ". CH TXT a", "word"])
def test_named_loads_nothing_of_a_file_with_a_fault(line: str) -> None:
    with pytest.raises(MalformedAnchors, match="line 2"):
        read(f". KEYDATA {TIMES} {KEY1}\n{line}\n".encode())


def test_a_key_of_another_protocol_does_not_count() -> None:
    (held,) = read(keydata(f"{TIMES} {KEY2.replace('257 3', '257 2', 1)}")).held
    assert not held.effective


def test_a_key_is_read_whole_over_several_lines() -> None:
    split = f"257 3 8 (\n\t{KSK_2024.base64[:44]}\n\t{KSK_2024.base64[44:]}\n\t) ; KSK; alg = 8"
    (held,) = read(keydata(f"{TIMES} {split}")).held
    assert held.anchor == FoundDnskey(257, 8, KSK_2024.public_key)


@pytest.mark.parametrize(
    ("rdata", "why"),
    [
        (f"20261101000000 20269999000000 {UNSET} {KEY1}", "no such time: 20269999000000"),
        (f"20261101000000 00000101000000 {UNSET} {KEY1}", "no such time: 00000101000000"),
        (f"20261101000000 2026010100000 {UNSET} {KEY1}", "no such time: 2026010100000"),
        (f"20261101000000 {'9' * 5000} {UNSET} {KEY1}", "no such time: 9999"),
        (f"20261101000000 {UNSET} 1 {KEY1}", "no such time: 1"),
        (f"{TIMES} 257 3 8 AwEAA", "no DNSKEY record"),
        (f"{TIMES} 257 3", "no DNSKEY record"),
        (f"{TIMES} ", "no DNSKEY record"),
        ("20261101000000 ", "no DNSKEY record"),
        # The file ends within the key, where another line of it might have begun.
        (f"{TIMES} 257 3 8 (\n\t{KEY1[8:52]}", "parenthes"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(rdata: str, why: str) -> None:
    with pytest.raises(MalformedAnchors, match=f"^line 7: .*{why}") as caught:
        read(keydata(rdata))
    assert len(str(caught.value)) < 300


LONG = f"6AE68F106AD6AF0000000000{KSK_2024.rdata.hex().upper()}"
BYTES = len(LONG) // 2


def printed(rdata: str, change: str = "add", owner: str = ".") -> str:
    return f"{change} {owner}\t\t\t0\tIN\tTYPE65533 \\# {rdata}\n"


def test_a_printed_key_without_a_time_is_trusted() -> None:
    reading = read(printed(f"{BYTES} {LONG.replace('6AD6AF00', '00000000')}").encode())
    assert states(reading) == [(38696, 1, Rfc5011State(StateOfKey.VALID))]


def test_a_printed_journal_is_what_remains_of_its_changes() -> None:
    other = LONG.replace("6AE68F10", "6AD80E90")
    text = (
        "Transaction: version 2 offset 512 size 1238 rrcount 6 start 8 end 9\n"
        + printed(f"{BYTES} {other}")
        + printed("16 " + "0" * 32)
        + printed(f"{BYTES} {other}", "del")
        + printed("16 " + "0" * 32, "del")
        + printed(f"{BYTES} {LONG}", owner="example.")
        + printed(f"{BYTES} {LONG[:50]} {LONG[50:]}")
    )
    reading = read(text.encode())
    assert states(reading) == [(38696, 7, NEW_VALID)]
    assert reading.notes == ()


@pytest.mark.parametrize(
    "rdata",
    [
        "16 00",
        "x 00",
        f"{'9' * 400} 00",
        f"{'9' * 5000} 00",
        "",
        "8 0000000000000000",
        "12 000000000000000000000000",
        f"{BYTES} {LONG[:-1]}",
        f"{BYTES} {LONG[:-2]}",
        f"{BYTES} {LONG[:-2]}ZZ",
    ],
)
def test_what_cannot_be_read_of_a_printed_journal(rdata: str) -> None:
    with pytest.raises(MalformedAnchors, match=r"^line 2: ") as caught:
        read(("del .\t0\tIN\tSOA\t. . 8 0 0 0 0\n" + printed(rdata)).encode())
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "",
        f". IN DNSKEY {KEY1}\n",
        f"; KEYDATA {TIMES} {KEY1}\n",
        "A KEYDATA record has three times.\n",
        "add example.\t0\tIN\tSOA\ta. b. 8 0 0 0 0\n",
        "add . /etc/unbound/root.key\n",
    ],
)
def test_what_is_no_state(text: str) -> None:
    assert bind_state.read(text.encode(), "x", AT) is None


def try_to_read(content: bytes) -> None:
    recorded.try_to_read(lambda text: bind_state.read(text, "managed-keys.bind", AT), content)


PIECES = [
    b"KEYDATA ", b"20261101000000 ", b". ", b"$ORIGIN .\n", b"@", b"\n", b"(", b")", b";", b"\xff",
    b"add .\t0\tIN\tTYPE65533 ", b"del ", rb"\# 16 ", b"00", b";BIND LOG V9",
]  # fmt: skip


@given(any_bytes(PIECES))
def test_any_bytes(content: bytes) -> None:
    try_to_read(content)


@given(damaged(sorted(FOLDER.iterdir()), PIECES))
def test_any_damage_to_a_recorded_file(content: bytes) -> None:
    try_to_read(content)


@pytest.mark.parametrize(
    "unit",
    ["(", ")", "KEYDATA ", f"KEYDATA {UNSET} ", ". KEYDATA 1\n", "\n", " ", "add . 0", "9",
     "add . 0 IN ", "del .\t0\tIN\tTYPE65533 \\# 16 00\n", "KEYDATA 1970010100000 ", "$ORIGIN "],
)  # fmt: skip
def test_no_content_takes_long(unit: str) -> None:
    """Half a megabyte takes a second at most here; what grows with its square, many minutes."""
    rest = (unit * (1 << 19))[: 1 << 19].encode()
    began = time.process_time()
    try_to_read(rest)
    try_to_read(keydata(f"{TIMES} {KEY1}") + b". " + rest)
    try_to_read(printed(f"{BYTES} {LONG}").encode() + b"add ." + rest)
    assert time.process_time() - began < 30
