"""A clock that is wrong, or that somebody sets while the command runs: one finding, the remedy."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.cli.main import main
from anchors.core.checks import Check
from tests.lab import https
from tests.lab.https import publishing

EMBEDDED = ("--source", "embedded", "--dns", "none")
GOOD = datetime(2026, 10, 11, tzinfo=UTC)
PUBLICATION = Path(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"


class Clock(datetime):
    """Stands in for the class that the command line reads the clock with."""

    readings: Iterator[datetime]
    count = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        cls.count += 1
        return next(cls.readings)


def set_clock(monkeypatch: pytest.MonkeyPatch, readings: Sequence[datetime]) -> type[Clock]:
    """The clock shows these, one after the other, and the last for ever."""
    shown = itertools.chain(readings, itertools.repeat(readings[-1]))
    clock = type("Clock", (Clock,), {"readings": shown})
    monkeypatch.setattr("anchors.cli.arguments.datetime", clock)
    return clock


class Wrong(NamedTuple):
    """What a clock shows, and what is said of it."""

    now: datetime
    check: Check
    remedy: str


WRONG = [
    Wrong(datetime(1970, 1, 1, tzinfo=UTC), Check.SIGNER_VALIDITY, "set this machine's clock"),
    Wrong(datetime(2009, 12, 31, tzinfo=UTC), Check.SIGNER_VALIDITY, "set this machine's clock"),
    Wrong(
        datetime(2023, 3, 15, 21, 49, 34, tzinfo=UTC), Check.SIGNER_VALIDITY, "set this machine's"
    ),
    Wrong(datetime(2025, 3, 24, tzinfo=UTC), Check.SIGNER_SIGNING_TIME, "set this machine's"),
    Wrong(datetime(2029, 3, 13, 21, 49, 36, tzinfo=UTC), Check.SIGNER_VALIDITY, "IANA's current"),
    Wrong(datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC), Check.SIGNER_VALIDITY, "IANA's current"),
    Wrong(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), Check.SIGNER_VALIDITY, "IANA's current"),
]


@pytest.mark.parametrize("given", [False, True], ids=["the clock", "--at"])
@pytest.mark.parametrize("wrong", WRONG, ids=[f"{wrong.now:%Y-%m-%d}" for wrong in WRONG])
def test_a_wrong_time_is_one_finding_with_its_remedy(
    wrong: Wrong,
    given: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    clock = set_clock(monkeypatch, [wrong.now])
    at = ["--at", f"{wrong.now:%Y-%m-%dT%H:%M:%SZ}"] if given else []
    assert main(["verify", *EMBEDDED, *at, "--report-format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    findings = [one for one in report["findings"] if one["severity"] != "notice"]
    assert [one["check"] for one in findings] == [wrong.check.id]
    assert wrong.remedy in findings[0]["remedy"]
    assert report["verdict"] == "not-trusted"
    assert clock.count == (0 if given else 1)
    assert main(["build", *EMBEDDED, *at, "-o", str(tmp_path / "set")]) == 1
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    "later", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)]
)
def test_a_clock_that_jumps_meanwhile_changes_nothing(
    later: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """It is read once, and what takes time is measured on a clock that nobody can set."""
    monkeypatch.setattr(time, "time", later.timestamp)
    runs = []
    for name, readings in (("steady", [GOOD]), ("jumping", [GOOD, later])):
        clock = set_clock(monkeypatch, readings)
        with publishing(
            {path.name: path.read_bytes() for path in PUBLICATION.iterdir()},
            xml=https.hops(2),
        ) as site:
            source = ("--source", site.base, "--dns", "none", "--timeout", "20")
            assert main(["build", *source, "-o", str(tmp_path / name)]) == 0
        assert clock.count == 1
        runs.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
        assert "at 2026-10-11T00:00:00Z\n" in capsys.readouterr().err
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    "later", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)]
)
def test_a_deadline_is_kept_whatever_the_clock_says(
    later: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_clock(monkeypatch, [GOOD, later])
    monkeypatch.setattr(time, "time", later.timestamp)
    files = {path.name: path.read_bytes() for path in PUBLICATION.iterdir()}
    with publishing(files, xml=https.dripping_body) as site:
        begin = time.monotonic()
        source = ("--source", site.base, "--dns", "none", "--timeout", "0.5")
        assert main(["verify", *source]) == 3
        assert 0.5 <= time.monotonic() - begin < 5
    assert "within --timeout" in capsys.readouterr().out
