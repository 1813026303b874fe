"""What Knot Resolver keeps of each key: every recorded file of a whole roll, and other files."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.auditing.place import Hold, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.auditing.readers import bind_state, knot_state, unbound_state
from anchors.formats.found import MalformedAnchors
from tests.unit.auditing.samples import DS1, KEY1, KEY2, anchors

FIXTURES = Path(__file__).parents[3] / "fixtures"
AT = datetime(2026, 11, 10, tzinfo=UTC)
OLD, OLD_REVOKED, NEW = 51370, 51498, 12464
VALID = Rfc5011State(StateOfKey.VALID)


def until(state: StateOfKey, minute: int, second: int) -> Rfc5011State:
    return Rfc5011State(state, None, datetime(2026, 11, 24, 4, minute, second, tzinfo=UTC))


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
    content = text.encode()
    assert knot_state.looks_like(content)
    return knot_state.read(content, AT)


def states(reading: Reading) -> list[tuple[int, int | None, Rfc5011State | None]]:
    rows = zip(anchors(reading), reading.held, strict=True)
    return [(tag, line, held.state) for (tag, line, _), held in rows]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_recorded_file(name: str) -> None:
    content = (FIXTURES / "states/kresd5" / name).read_bytes()
    assert knot_state.looks_like(content)
    assert not bind_state.looks_like(content)
    assert not unbound_state.looks_like(content)
    reading = knot_state.read(content, AT)
    assert reading.syntax is Syntax.KNOT_STATE
    assert states(reading) == SAMPLES[name]
    assert {held.hold for held in reading.held} == {Hold.STATE}
    assert reading.notes == ()


def test_every_recorded_file_is_in_the_table() -> None:
    assert {path.name for path in (FIXTURES / "states/kresd5").iterdir()} == {*SAMPLES}


LAST = f". 300 DNSKEY {KEY1} ; Valid: ; KeyTag:20326\n"


@pytest.mark.parametrize("name", list(StateOfKey))
@pytest.mark.parametrize("prefix", ["", "; "])
def test_the_state_counts_and_not_whether_it_is_commented_out(name: str, prefix: str) -> None:
    state = Rfc5011State(StateOfKey(name), None, datetime(2026, 11, 24, tzinfo=UTC))
    line = f"{prefix}.                   \t300\tDNSKEY\t{KEY2} ; {name}:1795478400 ; KeyTag:1\r\n"
    assert states(read(line)) == [(38696, 1, state)]


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
        (f"; example. DNSKEY {KEY2} ; AddPend:1795478400 ; KeyTag:38696", []),
        (f"example. DNSKEY {KEY2} ; Valid: ; KeyTag:38696", []),
        ("; see below ; Valid:", []),
        ("", []),
    ],
)
def test_other_lines(line: str, expected: list[Rfc5011State]) -> None:
    content = f"{LAST}{line}\n".encode()
    first, *rest = knot_state.read(content, AT).held
    assert (first.line, first.state) == (1, VALID)
    assert [held.state for held in rest] == expected
    assert all(held.line == 2 for held in rest)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f". DNSKEY {KEY2} ; Missing:999999999999 ; KeyTag:1", "no such time: 999999999999"),
        (f"; . DNSKEY {KEY2} ; AddPend:{'9' * 400} ; KeyTag:1", "no such time: 9999"),
        (f"; . DNSKEY {KEY2} ; AddPend:{'9' * 5000} ; KeyTag:1", "no such time: 9999"),
        (". DNSKEY 257 3 8 AwEAA ; Valid: ; KeyTag:1", "zone-file"),
        ("what is this", "not a record"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(line: str, why: str) -> None:
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
    assert not knot_state.looks_like(text.encode())


OTHERS = [
    path
    for folder in ("golden", "samples", "rrsets", "publications", "states")
    for path in sorted((FIXTURES / folder).rglob("*"))
    if path.is_file() and path.parent.name != "kresd5"
]


def test_no_other_file_looks_like_one() -> None:
    assert len(OTHERS) > 50
    assert [path for path in OTHERS if knot_state.looks_like(path.read_bytes())] == []


def try_to_read(content: bytes) -> None:
    knot_state.looks_like(content)
    try:
        reading = knot_state.read(content, AT)
    except MalformedAnchors as error:
        assert str(error).startswith("line ")  # noqa: PT017 - most content raises nothing
        return
    lines = content.count(b"\n") + 1
    assert all(held.line is not None and 1 <= held.line <= lines for held in reading.held)


PIECES = st.sampled_from([b"; ", b" ; Valid:", b"Revoked:9", b". DNSKEY ", b"\n", b"(", b"\xff"])


@given(st.binary() | st.lists(PIECES | st.binary(max_size=4), max_size=12).map(b"".join))
def test_any_bytes(content: bytes) -> None:
    try_to_read(content)


@given(st.data())
def test_any_damage_to_a_recorded_file(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    content = (FIXTURES / "states/kresd5" / name).read_bytes()
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(begin + 40, len(content))))
    damage = data.draw(st.binary(max_size=3) | PIECES)
    try_to_read(content[:begin] + damage + content[end:])


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
