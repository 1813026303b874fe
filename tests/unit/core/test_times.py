"""RFC 3339 and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.times import format_time, parse_time

MARGIN = timedelta(days=1)
ZONES = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
TIMES = st.datetimes(
    datetime.min + MARGIN,  # noqa: DTZ901 - the zone is drawn
    datetime.max - MARGIN,  # noqa: DTZ901 - the zone is drawn
    timezones=ZONES,
)


@settings(deadline=None, derandomize=True)
@given(TIMES)
def test_a_time_survives_writing_and_reading(time: datetime) -> None:
    text = format_time(time)
    assert text.endswith("Z")
    assert parse_time(text) == time
    assert parse_time(time.isoformat()) == time
    assert parse_time(text).utcoffset() == timedelta(0)


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_any_other_text_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an RFC 3339 time") as refusal:
        parse_time(text)
    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-10-04T12:00:00Z", datetime(2026, 10, 4, 12, tzinfo=UTC)),
        ("2026-10-04t12:00:00z", datetime(2026, 10, 4, 12, tzinfo=UTC)),
        ("2026-10-04T12:00:00+00:00", datetime(2026, 10, 4, 12, tzinfo=UTC)),
        ("2026-10-04T12:00:00-00:00", datetime(2026, 10, 4, 12, tzinfo=UTC)),
        ("2026-10-04T12:00:00+05:30", datetime(2026, 10, 4, 6, 30, tzinfo=UTC)),
        ("2026-10-04T12:00:00-23:59", datetime(2026, 10, 5, 11, 59, tzinfo=UTC)),
        ("2026-10-04T12:00:00.5Z", datetime(2026, 10, 4, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_what_rfc_3339_allows(text: str, time: datetime) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-10-04",
        "2026-10-04T12:00:00",
        "2026-10-04T12:00Z",
        "2026-10-04 12:00:00Z",
        "2026-10-04_12:00:00Z",
        "20261004T120000Z",
        "2026-W40-7T12:00:00Z",
        "2026-277T12:00:00Z",
        "2026-10-04T12:00:00,5Z",
        "2026-10-04T12:00:00.Z",
        "2026-10-04T12:00:00 Z",
        "2026-10-04T12:00:00+0000",
        "2026-10-04T12:00:00+00",
        "2026-10-04T12:00:00+00:00:00",
        "2026-10-04T12:00:00UTC",
        "2026-10-04T12:00:00ZZ",
        " 2026-10-04T12:00:00Z",
        "2026-10-04T12:00:00Z\n",
        "2026-10-04T12:00:00Z\0",
        "12026-10-04T12:00:00Z",
        "-2026-10-04T12:00:00Z",
        "26-10-04T12:00:00Z",
        "\uff12\uff10\uff12\uff16-10-04T12:00:00Z",
        "٢٠٢٦-10-04T12:00:00Z",
        "2026-10-04T12:00:00\u2212" + "05:00",
        # no such time
        "2026-13-04T12:00:00Z",
        "2026-00-04T12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2026-10-00T12:00:00Z",
        "2026-10-04T24:00:00Z",
        "2026-10-04T25:00:00Z",
        "2026-10-04T12:60:00Z",
        "2026-10-04T12:00:61Z",
        "0000-10-04T12:00:00Z",
        "2026-10-04T12:00:00+24:00",
        "2026-10-04T12:00:00+25:00",
        "2026-10-04T12:00:00+05:60",
        "2026-10-04T12:00:00-05:99",
        # no such time in UTC
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_it_does_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@pytest.mark.parametrize("hour", ["24", "25", "99"])
def test_no_python_makes_midnight_of_hour_24(hour: str) -> None:
    """Newer ones read 24:00 as the next day's midnight; RFC 3339 5.6 knows no such hour."""
    with pytest.raises(ValueError, match="is not an RFC 3339 time"):
        parse_time(f"2026-10-04T{hour}:00:00Z")


def test_fractions_are_written_only_where_there_are_any() -> None:
    time = datetime(2026, 10, 4, 12, tzinfo=UTC)
    assert format_time(time) == "2026-10-04T12:00:00Z"
    assert format_time(time.replace(microsecond=1)) == "2026-10-04T12:00:00.000001Z"
    assert format_time(time.astimezone(timezone(timedelta(hours=5)))) == "2026-10-04T12:00:00Z"
    assert format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"
