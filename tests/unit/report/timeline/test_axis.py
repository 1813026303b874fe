from __future__ import annotations

import itertools
from datetime import MAXYEAR, UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.report.timeline.axis import Axis

TIMES = st.datetimes(timezones=st.just(UTC))


def month(year: int, number: int = 1) -> datetime:
    return datetime(year, number, 1, tzinfo=UTC)


AXIS = Axis(month(2010), month(2031), 7670.0)  # a unit for each day
NEAR = Axis(month(2026, 11), month(2028, 5), 63.0)


@pytest.mark.parametrize(
    ("time", "place"),
    [
        (month(2010), 0),
        (month(2011), 365),
        (datetime(2012, 7, 2, 12, tzinfo=UTC), 913.5),
        (month(2031), 7670),
        (datetime(2009, 12, 23, tzinfo=UTC), 0),
        (datetime(2045, 3, 20, tzinfo=UTC), 7670),
        (datetime.min.replace(tzinfo=UTC), 0),
        (datetime.max.replace(tzinfo=UTC), 7670),
    ],
)
def test_a_time_has_its_place(time: datetime, place: float) -> None:
    assert AXIS.place(time) == pytest.approx(place)


@given(TIMES, TIMES)
def test_a_later_time_is_never_further_left(one: datetime, other: datetime) -> None:
    early, late = sorted([one, other])
    assert 0 <= AXIS.place(early) <= AXIS.place(late) <= AXIS.length


@pytest.mark.parametrize("end", [2031, 2500, MAXYEAR])
@pytest.mark.parametrize("room", [5, 34])
def test_named_years_leave_each_other_room(end: int, room: int) -> None:
    axis = Axis(month(2010), month(end), 258.0)
    ticks = [*axis.ticks(room)]
    assert ticks
    places = [axis.place(time) for time, _ in ticks]
    assert all(b - a >= room * 0.99 for a, b in itertools.pairwise(places))
    assert all(month(2010) <= time < month(end) and name == f"{time.year}" for time, name in ticks)


def test_a_short_axis_names_months() -> None:
    names = [name for _, name in NEAR.ticks(5)]
    assert names == ["2027-01", "2027-04", "2027-07", "2027-10", "2028-01", "2028-04"]


def test_beyond_is_what_the_axis_does_not_reach() -> None:
    assert AXIS.is_beyond(month(2031))
    assert not AXIS.is_beyond(datetime(2030, 12, 31, tzinfo=UTC))
    assert NEAR.misses(None, month(2026, 11))
    assert NEAR.misses(month(2028, 5), None)
    assert not NEAR.misses(None, month(2026, 12))
    assert not NEAR.misses(month(2020), None)
