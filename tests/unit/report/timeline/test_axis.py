from __future__ import annotations

import itertools
from datetime import MAXYEAR, UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.report.timeline.axis import Axis

AXIS = Axis(2010, 2031, 63.0)
TIMES = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("time", "place"),
    [
        (datetime(2010, 1, 1, tzinfo=UTC), 0),
        (datetime(2011, 1, 1, tzinfo=UTC), 3),
        (datetime(2012, 7, 2, tzinfo=UTC), 7.5),  # the middle of a leap year
        (datetime(2031, 1, 1, tzinfo=UTC), 63),
        (datetime(2009, 12, 23, tzinfo=UTC), 0),
        (datetime(2045, 3, 20, tzinfo=UTC), 63),
        (datetime.min.replace(tzinfo=UTC), 0),
        (datetime.max.replace(tzinfo=UTC), 63),
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
    axis = Axis(2010, end, 258.0)
    ticks = axis.ticks(room)
    apart = axis.length / (end - 2010)
    assert ticks
    assert all((b - a) * apart >= room for a, b in itertools.pairwise(ticks))
    assert all(2010 <= year < end for year in ticks)


def test_beyond_is_what_the_axis_does_not_reach() -> None:
    assert AXIS.is_beyond(datetime(2031, 1, 1, tzinfo=UTC))
    assert not AXIS.is_beyond(datetime(2030, 12, 31, tzinfo=UTC))
