"""What Knot Resolver keeps of each key: every recorded file of a whole roll, and other files."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given

from anchors.consumers.knot import STATE, state
from anchors.consumers.reading import Hold, Reading, Rfc5011State, StateOfKey
from anchors.core.found import MalformedAnchors
from tests.unit.consumers import recorded
from tests.unit.consumers.recorded import FIXTURES, NEW, OLD, any_bytes, damaged, states
from tests.unit.consumers.samples import DS1, KEY1, KEY2

FOLDER = FIXTURES / "states/kresd5"
AT = datetime(2026, 11, 10, tzinfo=UTC)
VALID = Rfc5011State(StateOfKey.VALID)


def until(name: StateOfKey, minute: int, second: int) -> Rfc5011State:
    return Rfc5011State(name, None, datetime(2026, 11, 24, 4, minute, second, tzinfo=UTC))


PENDING = until(StateOfKey.ADD_PENDING, 16, 49)
MISSING = until(StateOfKey.MISSING, 17, 19)
# It keeps the flags that the key had before, and so its tag.
REVOKED = until(StateOfKey.REVOKED, 17, 7)
SAMPLES = {
    "1-fresh": [(OLD, 1, VALID)],
    "2-newkey": [(OLD, 1, VALID), (NEW, 2, PENDING)],
    "4-valid": [(OLD, 1, VALID), (NEW, 2, VALID)],
    "6-missing": [(OLD, 1, VALID), (NEW, 2, MISSING)],
    "7-back": [(OLD, 1, VALID), (NEW, 2, VALID)],
    "8-revoked": [(OLD, 1, REVOKED), (NEW, 2, VALID)],
    "9-removed": [(OLD, 1, REVOKED), (NEW, 2, VALID)],
}


def read(text: str) -> Reading:
    return read_bytes(text.encode())


def read_bytes(content: bytes) -> Reading:
    reading = state.read(content, "root.keys", AT)
    assert reading is not None
    return reading


@pytest.mark.parametrize("name", SAMPLES)
def test_every_recorded_file(name: str) -> None:
    reading = read_bytes((FOLDER / name).read_bytes())
    assert reading.syntax == STATE
    assert states(reading) == SAMPLES[name]
    assert {held.hold for held in reading.held} == {Hold.STATE}
    assert reading.notes == ()


def test_every_recorded_file_is_in_the_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*SAMPLES}


LAST = f". 300 DNSKEY {KEY1} ; Valid: ; KeyTag:20326\n"


@pytest.mark.parametrize("name", list(StateOfKey))
@pytest.mark.parametrize("prefix", ["", "; "])
def test_the_state_counts_and_not_whether_it_is_commented_out(name: str, prefix: str) -> None:
    stated = Rfc5011State(StateOfKey(name), None, datetime(2026, 11, 24, tzinfo=UTC))
    line = f"{prefix}.                   \t300\tDNSKEY\t{KEY2} ; {name}:1795478400 ; KeyTag:1\r\n"
    assert states(read(line)) == [(38696, 1, stated)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f". DNSKEY {KEY2}", [VALID]),
        (f". DNSKEY {KEY2} ; keytag 38696", [VALID]),
        (f". DS {DS1} ; Missing:", [Rfc5011State(StateOfKey.MISSING)]),
        # The first comment counts, and a word that is no state does not.
        (f". DNSKEY {KEY2} ; KSK-2024 ; AddPend:1795478400 ; KeyTag:38696", [VALID]),
        (f". DNSKEY {KEY2} ; Pending:1795478400 ; KeyTag:38696", [VALID]),
        (f"; . DNSKEY {KEY2} ; Pending:1795478400 ; KeyTag:38696", []),
        # What is a comment and no record with a state.
        (f"; . DNSKEY {KEY2}", []),
        (f";. DNSKEY {KEY2} ; AddPend:1795478400 ; KeyTag:38696", []),
        (f";; . DNSKEY {KEY2} ; AddPend:1795478400 ; KeyTag:38696", []),
        (f"; # . DNSKEY {KEY2} ; AddPend:1795478400 ; KeyTag:38696", []),
        # kresd 5.6.0 and 6.5 go no further than to what they cannot read.
        ("what is this", []),
        (". DNSKEY 257 3 8 AwEAA ; Valid: ; KeyTag:1", []),
        (f". DS {DS1} ; Missing:{'9' * 400}", [Rfc5011State(StateOfKey.MISSING)]),
        ("; see below ; Valid:", []),
        ("", []),
    ],
)
def test_other_lines(line: str, expected: list[Rfc5011State]) -> None:
    content = f"{LAST}{line}\n".encode()
    first, *rest = read_bytes(content).held
    assert (first.line, first.state) == (1, VALID)
    assert [held.state for held in rest] == expected
    assert all(held.line == 2 for held in rest)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"; example. DNSKEY {KEY2} ; AddPend:1795478400 ; KeyTag:38696", "two zones"),
        (f"example. DNSKEY {KEY2} ; Valid: ; KeyTag:38696", "two zones"),
        (". A 192.0.2.1", "type A"),
        (f". DNSKEY 1{KEY2[3:]} ; Valid: ; KeyTag:1", "not a zone key"),
    ],
)
def test_what_the_program_refuses_is_told_with_its_line(line: str, why: str) -> None:
    with pytest.raises(MalformedAnchors, match=f"^line 2: .*{why}") as caught:
        read(f"{LAST}{line}\n")
    assert len(str(caught.value)) < 300


FENCE = "```\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "; Valid: ; KeyTag:20326\n",
        f". IN DNSKEY {KEY1}\n. IN DNSKEY {KEY2} ; keytag 38696\n",
        f". IN DNSKEY {KEY1} ; Missing: who has its card?\n",
        f". IN DNSKEY {KEY1} ; Missing: ; it was on the old host\n",
        f"; . IN DS {DS1}\n",
        f"example. 300 DNSKEY {KEY1} ; Valid: ; KeyTag:20326\n",
        f"The file:\n\n{FENCE}{LAST}{FENCE}",
    ],
)
def test_what_is_no_state(text: str) -> None:
    assert state.read(text.encode(), "root.keys", AT) is None


OTHERS = [
    path
    for folder in ("golden", "samples", "rrsets", "publications", "states")
    for path in sorted((FIXTURES / folder).rglob("*"))
    if path.is_file() and path.parent.name != "kresd5"
]


def test_no_other_file_looks_like_one() -> None:
    assert len(OTHERS) > 50
    assert [path for path in OTHERS if state.read(path.read_bytes(), "x", AT) is not None] == []


def try_to_read(content: bytes) -> None:
    recorded.try_to_read(lambda text: state.read(text, "root.keys", AT), content)


PIECES = [b"; ", b" ; Valid:", b"Revoked:9", b". DNSKEY ", b"\n", b"(", b"\xff"]


@given(any_bytes(PIECES))
def test_any_bytes(content: bytes) -> None:
    try_to_read(content)


@given(damaged(sorted(FOLDER.iterdir()), PIECES))
def test_any_damage_to_a_recorded_file(content: bytes) -> None:
    try_to_read(content)


@pytest.mark.parametrize(
    "unit",
    ["; ", ". ", "; . ", ". ;", "; Valid:", ";Valid:1 ;", "\n", " ", "(", "9", ". \n", "; .\n"],
)
def test_no_content_takes_long(unit: str) -> None:
    """Half a megabyte takes a second at most here; what grows with its square, many minutes."""
    rest = (unit * (1 << 19))[: 1 << 19]
    began = time.process_time()
    try_to_read(rest.encode())
    try_to_read(f". DS {DS1} ; Missing:{rest}".encode())
    assert time.process_time() - began < 30
