"""How a story is told: a publication, the command line, the finding that decides, and the disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from anchors.cli.main import main
from anchors.core.checks import Check
from tests.simulator.publication import LabPublication
from tests.simulator.times import AT, rfc3339

__all__ = ["Outcome", "Shelf", "Story", "Teller", "inputs", "snapshot", "told"]

Report: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """A publication that must be refused.

    Attributes:
        publish: makes it; a function, because keys take time.
        check: the check that refuses it.
        says: a telling part of the finding's message or of what it got.
        exit_code: 1, not trusted, unless told otherwise.
        at: the time of judgement.
    """

    publish: Callable[[], LabPublication]
    check: Check
    says: str
    exit_code: int = 1
    at: datetime = AT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run left behind."""

    exit_code: int
    out: str
    err: str

    @property
    def report(self) -> Report:
        """The JSON report on stdout."""
        parsed: Report = json.loads(self.out)
        return parsed

    def findings(self, severity: str) -> dict[str, str]:
        """Check id to message and what was got, of one severity."""
        return {
            finding["check"]: f"{finding['message']} | {finding['got']}"
            for finding in self.report["findings"]
            if finding["severity"] == severity
        }

    def key(self, key_id: str) -> Report:
        """The row of one KeyDigest."""
        (row,) = [row for row in self.report["anchors"] if row["id"] == key_id]
        found: Report = row
        return found


class Teller:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.outcomes: list[Outcome] = []

    def run(self, *arguments: str | Path) -> Outcome:
        self._capsys.readouterr()
        exit_code = main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        self.outcomes.append(Outcome(exit_code, captured.out, captured.err))
        return self.outcomes[-1]

    def verify(self, source: Path, *options: str, at: datetime = AT) -> Outcome:
        return self.run("verify", *inputs(source, at), "--report-format", "json", *options)

    def build(self, source: Path, output: Path, *options: str, at: datetime = AT) -> Outcome:
        return self.run("build", *inputs(source, at), "-o", output, *options)


class Shelf:
    """A place that holds the anchors of yesterday's good build, and must not change."""

    def __init__(self, place: Path, yesterday: Path) -> None:
        self.place = place
        self.anchors = place / "anchors"
        shutil.copytree(yesterday, self.anchors)
        self._before = snapshot(place)

    def assert_untouched(self) -> None:
        assert snapshot(self.place) == self._before


def inputs(source: Path, at: datetime = AT) -> list[str]:
    """The options of a source directory of the lab, judged without the root zone."""
    lab_ca = ["--ca", str(source / "ca.pem")] if (source / "ca.pem").exists() else []
    return ["--source", str(source), *lab_ca, "--dns", "none", "--at", rfc3339(at)]


def snapshot(place: Path) -> dict[str, tuple[int, bytes]]:
    """Every name below a place, with mode and content."""
    return {
        str(path.relative_to(place)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(place.rglob("*"))
    }


def told(stories: dict[str, Story]) -> pytest.MarkDecorator:
    """Parametrise a test with stories by their names."""
    return pytest.mark.parametrize("story", stories.values(), ids=stories.keys())
