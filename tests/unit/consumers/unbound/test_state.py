"""What Unbound keeps of each key: every recorded file of a whole roll, and what it never writes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given

from anchors.consumers.reading import Hold, Reading, Rfc5011State, StateOfKey
from anchors.consumers.unbound import STATE, writing
from anchors.consumers.unbound.state import read_managed, read_state
from anchors.core.found import MalformedAnchors
from anchors.pipeline.verify import example
from tests.unit.consumers.recorded import (
    FIXTURES,
    NEW,
    OLD,
    OLD_REVOKED,
    any_bytes,
    damaged,
    states,
)
from tests.unit.consumers.samples import DS1, KEY1, KEY2, anchors, checks, one

FOLDER = FIXTURES / "states/unbound"
AT = datetime(2026, 11, 10, tzinfo=UTC)
VALID = StateOfKey.VALID
HEADER = "; autotrust trust anchor file\n;;id: . 1\n;;query_failed: 0\n"


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


OLD_VALID = Rfc5011State(VALID, day(9, 10))
PENDING = Rfc5011State(StateOfKey.ADD_PENDING, day(9, 20), day(10, 20))
NEW_VALID = Rfc5011State(VALID, day(10, 21))
MISSING = Rfc5011State(StateOfKey.MISSING, day(10, 23))
# To be seen again is another change of state.
BACK = Rfc5011State(VALID, day(10, 24))
REVOKED = Rfc5011State(StateOfKey.REVOKED, day(11, 1), day(12, 1))
SAMPLES = {
    "1-fresh": [(OLD, 9, OLD_VALID)],
    "2-newkey": [(NEW, 9, PENDING), (OLD, 10, OLD_VALID)],
    "3-pending": [(OLD, 9, OLD_VALID), (NEW, 10, PENDING)],
    "4-valid": [(NEW, 9, NEW_VALID), (OLD, 10, OLD_VALID)],
    "5-rolled": [(OLD, 9, OLD_VALID), (NEW, 10, NEW_VALID)],
    "6-missing2": [(NEW, 9, MISSING), (OLD, 10, OLD_VALID)],
    "7-back": [(OLD, 9, OLD_VALID), (NEW, 10, BACK)],
    "8-revoked": [(NEW, 9, BACK), (OLD_REVOKED, 10, REVOKED)],
    "9-removed": [(NEW, 9, BACK)],
}


def read(text: str) -> Reading:
    return one(read_state(text.encode(), "root.key", AT), STATE)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_recorded_file(name: str) -> None:
    reading = one(read_state((FOLDER / name).read_bytes(), name, AT), STATE)
    assert states(reading) == SAMPLES[name]
    assert {held.hold for held in reading.held} == {Hold.STATE}
    assert reading.notes == ()


def test_every_recorded_file_is_in_the_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*SAMPLES}


def test_a_file_that_no_unbound_has_rewritten_yet() -> None:
    reading = read((FIXTURES / "samples/root.autotrust").read_text(encoding="utf-8"))
    valid = Rfc5011State(VALID)
    assert states(reading) == [(20326, 2, valid), (38696, 3, valid)]


@pytest.mark.parametrize(
    ("digit", "state", "trusted"),
    [
        (0, StateOfKey.START, False),
        (1, StateOfKey.ADD_PENDING, False),
        (2, StateOfKey.VALID, True),
        (3, StateOfKey.MISSING, True),
        (4, StateOfKey.REVOKED, False),
        (5, StateOfKey.REMOVED, False),
    ],
)
def test_the_digit_counts_alone(digit: int, state: StateOfKey, *, trusted: bool) -> None:
    reading = read(f"{HEADER}. 300 IN DNSKEY {KEY2} ;;state={digit} [  VALID  ]\r\n")
    assert states(reading) == [(38696, 4, Rfc5011State(state))]
    assert reading.held[0].effective is trusted


def test_a_record_without_state_below_a_header_is_skipped() -> None:
    reading = read(
        f"{HEADER}. 300 IN DNSKEY {KEY1} ;;state=2\n. DNSKEY {KEY2} ; [ VALID ]\n. DS {DS1}\n"
    )
    assert [(line, hold) for _, line, hold in anchors(reading)] == [
        (4, Hold.STATE),
        (5, Hold.IGNORED),
        (6, Hold.IGNORED),
    ]
    assert [held.effective for held in reading.held] == [True, False, False]
    assert checks(reading) == [("audit.ignored", 5), ("audit.ignored", 6)]


def test_a_record_without_state_is_valid_where_there_is_no_header() -> None:
    reading = read(f". 300 IN DNSKEY {KEY1}\n. 300 IN DNSKEY {KEY2} ;;state=1 ;;lastchange=0\n")
    assert states(reading) == [
        (20326, 1, Rfc5011State(VALID)),
        (38696, 2, Rfc5011State(StateOfKey.ADD_PENDING)),
    ]
    assert reading.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        f"; autotrust trust anchor file\n;;REVOKED\n; all\n;;id: . 1\n. DNSKEY {KEY1} ;;state=2\n",
        f";;REVOKED\n{HEADER}. DNSKEY {KEY1}\n",
    ],
)
def test_where_every_key_is_revoked_there_is_no_anchor(text: str) -> None:
    reading = read(text)
    assert [(tag, hold) for tag, _, hold in anchors(reading)] == [(20326, Hold.IGNORED)]
    assert [check for check, _ in checks(reading)] == ["audit.revoked"]


def test_the_keys_of_another_zone_are_not_the_roots() -> None:
    alone = f"{HEADER}example. 300 IN DNSKEY {KEY1} ;;state=2\n".replace(
        ";;id: .", ";;id: example."
    )
    assert read_state(alone.encode(), "root.key", AT) is None


@pytest.mark.parametrize(
    ("rest", "tag"), [("257 3 8 A!B=", 1033), ("257 3 8", 1033), ("257 3 8 AwEAA= =", 1802)]
)
def test_a_key_that_is_cut_is_a_key(rest: str, tag: int) -> None:
    # Unbound 1.17.1 and 1.26.2 hold it under that tag.
    reading = read(f"{HEADER}. 300 IN DNSKEY {rest} ;;state=2\n")
    assert [(found, hold) for found, _, hold in anchors(reading)] == [(tag, Hold.STATE)]
    assert checks(reading) == []


@pytest.mark.parametrize(
    "rest",
    ["257 x 8 AwEAAQ== ;;state=2", "257 3 x AwEAAQ== ;;state=2", "DS"],
)
def test_a_line_that_is_no_record_is_skipped_and_told(rest: str) -> None:
    reading = read(f"{HEADER}. 300 IN DNSKEY {rest}\n. 300 IN DNSKEY {KEY2} ;;state=2\n")
    assert [tag for tag, _, _ in anchors(reading)] == [38696]
    assert checks(reading) == [("audit.ignored", 4)]


@pytest.mark.parametrize("said", ["9", "", "\u0662", "x"])
def test_what_is_no_state_counts_as_new(said: str) -> None:
    reading = read(f"{HEADER}. 300 IN DNSKEY {KEY1} ;;state={said}\n")
    assert states(reading) == [(20326, 4, Rfc5011State(StateOfKey.START))]


@pytest.mark.parametrize("number", ["999999999999", "9" * 400, "253402300799", "0", "x"])
def test_a_time_that_there_is_not_is_not_told(number: str) -> None:
    reading = read(f"{HEADER}. 300 IN DNSKEY {KEY1} ;;state=1 ;;lastchange={number}\n")
    assert states(reading) == [(20326, 4, Rfc5011State(StateOfKey.ADD_PENDING))]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "no DS or DNSKEY"),
        ("; nothing\n", 1, "no DS or DNSKEY"),
        (f"\ufeff. IN DS {DS1}\n. IN DS {DS1}\n", 2, "more than one zone"),
        (f". IN DS {DS1}\nexample. IN DS {DS1}\n", 2, "more than one zone"),
        (f". IN DS {DS1}\n;;id: . 1\n", 2, "presented twice"),
        (f";;query_failed: 0\n. IN DS {DS1}\n", 1, "stands before"),
        (f"{HEADER};;REVOKED\n", 4, "at the beginning"),
        (f";;id: .\n. IN DS {DS1}\n", 1, "no class"),
        (f";;id: . 1\n;;last_queried: x\n. IN DS {DS1}\n", 2, "no number"),
        (f". IN DS ( {DS1}\n", 1, "parenthesis"),
        (f". IN DS {DS1} )\n", 1, "parenthesis"),
    ],
)
def test_what_unbound_refuses_as_a_managed_file(text: str, line: int, why: str) -> None:
    refusal = read_managed(text.encode()).refusal
    assert refusal is not None
    assert refusal.line == line
    assert why in refusal.why


def test_of_a_ds_the_state_does_not_count() -> None:
    reading = read(f"{HEADER}. IN DS {DS1} ;;state=1\n")
    assert states(reading) == [(20326, 4, Rfc5011State(VALID))]


def test_an_anchor_file_is_a_seed_and_says_so() -> None:
    managed = read_managed(writing.render_anchor_file(example().emission))
    assert managed.refusal is None
    assert managed.notes == ()
    assert {held.hold for held in managed.held} == {Hold.SEED}
    assert {held.state for held in managed.held} == {None}
    assert len(managed.held) == len(example().emission.anchors)


def test_records_beside_the_keys_are_left_out() -> None:
    text = f". IN DNSKEY {KEY1}\n. 86400 IN SOA a. b. 1 2 3 4 5\na.example. IN A 192.0.2.1\n"
    managed = read_managed(text.encode())
    assert (managed.refusal, managed.notes) == (None, ())
    assert len(managed.held) == 1


def test_the_last_second_that_there_is() -> None:
    reading = read(f". DNSKEY {KEY1} ;;state=2 ;;lastchange=253402300799\n")
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert states(reading) == [(20326, 1, Rfc5011State(VALID, last))]


FENCE = "```\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "; autotrust trust anchor file\n",
        f". IN DNSKEY {KEY1}\n. IN DNSKEY {KEY2} ; keytag 38696\n",
        f". 172800 IN DNSKEY {KEY1} ;{{id = 20326 (ksk), size = 2048b}}\n",
        f"; state=2\n. IN DS {DS1}\n",
        f"The file:\n\n{FENCE}{HEADER}. DNSKEY {KEY1} ;;state=2\n{FENCE}",
        f"cat > root.key <<EOF\n{HEADER}EOF\n",
    ],
)
def test_what_is_no_state(text: str) -> None:
    assert read_state(text.encode(), "root.key", AT) is None


OTHERS = [
    path
    for folder in ("golden", "samples", "rrsets", "publications", "states/bind9.16")
    for path in sorted((FIXTURES / folder).rglob("*"))
    if path.is_file() and path.name != "root.autotrust"
]


def test_no_other_file_looks_like_one() -> None:
    assert len(OTHERS) > 50
    assert [path for path in OTHERS if read_state(path.read_bytes(), path.name, AT)] == []


def try_to_read(content: bytes) -> None:
    lines = content.count(b"\n") + 1
    try:
        managed = read_managed(content)
    except MalformedAnchors as error:
        assert "lines are no records" in str(error)  # noqa: PT017 - most content raises nothing
        return
    assert all(held.line is not None and 1 <= held.line <= lines for held in managed.held)
    reading = read_state(content, "root.key", AT)
    assert reading is None or reading.held == managed.held


PIECES = [b";", b";;state=", b";;id: . 1\n", b". DNSKEY ", b"\n", b"(", b"\xff"]


@given(any_bytes(PIECES))
def test_any_bytes(content: bytes) -> None:
    try_to_read(content)


@given(damaged(sorted(FOLDER.iterdir()), PIECES))
def test_any_damage_to_a_recorded_file(content: bytes) -> None:
    try_to_read(content)


@pytest.mark.parametrize(
    "unit",
    [
        ";",
        ".",
        ". ",
        ". a",
        ". ;",
        "; ;;stat",
        ";;id:",
        ";;id: . ",
        "\n",
        " ",
        "(",
        "state=",
        ". \n",
    ],
)
def test_no_content_takes_long(unit: str) -> None:
    """Half a megabyte takes a second at most here; what grows with its square, many minutes."""
    content = (
        f". DS {DS1} ;;state=2 ;;lastchange=1 ".encode() + (unit * (1 << 19))[: 1 << 19].encode()
    )
    began = time.process_time()
    try_to_read(content)
    try_to_read(b"." + content[-(1 << 19) :])
    assert time.process_time() - began < 30
