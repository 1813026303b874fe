"""Twenty-six servers, the way to each, and one observation of them all with its time."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from anchors.cli.main import main
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Front, Path
from tests.lab.zone import AT

__all__ = [
    "COUNT",
    "DEADLINE",
    "SLACK",
    "Seen",
    "built",
    "far_and_near",
    "fleet",
    "inputs",
    "replayed",
    "seen",
    "told",
]

COUNT = 26
# All servers together are given this long.
DEADLINE = 5.0
# Verifying the publication and all answers, on a machine with other work to do.
SLACK = 1.2
NEAREST, FARTHEST = 0.01, 0.3


@dataclass(frozen=True)
class Seen:
    """One run of ``verify``, and how long it took."""

    code: int
    report: dict[str, Any]
    seconds: float

    @property
    def servers(self) -> list[dict[str, Any]]:
        """The table."""
        rows = self.report["dns"]["servers"]
        assert isinstance(rows, list)
        return rows

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """Outcome, transport and tries of each server."""
        return [(row["outcome"], row["transport"], row["tries"]) for row in self.servers]

    def findings(self, *severities: str) -> dict[str, str]:
        """Message and what was got, by check."""
        return {
            one["check"]: f"{one['message']} | {one['got']}"
            for one in self.report["findings"]
            if one["severity"] in severities
        }

    @property
    def attention(self) -> dict[str, str]:
        """What needs a person."""
        found = self.findings("warning", "alarm", "failure")
        assert self.report["attention"] is bool(self.findings("warning", "alarm"))
        return found


def fleet(behind: Sequence[Endpoint], *, ipv6: bool = False) -> list[Path]:
    """A path for each identity: by turns to each of the servers behind.

    Every second one has an IPv6 address, as the root servers have, where that is wanted.
    """
    return [
        Path(
            behind=behind[index % len(behind)],
            host="::1" if ipv6 and index % 2 else f"127.0.0.{index + 1}",
            delay=NEAREST,
        )
        for index in range(COUNT)
    ]


def far_and_near(paths: Sequence[Path]) -> list[Path]:
    """The same, at distances from 10 to 300 ms that do not follow their order."""
    step = (FARTHEST - NEAREST) / (len(paths) - 1)
    return [
        replace(path, delay=NEAREST + step * (index * 7 % len(paths)))
        for index, path in enumerate(paths)
    ]


def inputs(source: FilePath) -> list[str]:
    """The options of a publication of the lab, judged in October 2026."""
    lab_ca = ["--ca", str(source / "ca.pem")] if (source / "ca.pem").exists() else []
    return ["--source", str(source), *lab_ca, "--at", AT]


def asking(fronts: Sequence[Front]) -> list[str]:
    return [word for front in fronts for word in ("--server", str(front))]


def seen(source: FilePath, fronts: Sequence[Front], *more: str) -> Seen:
    """Observe all of them, in this process: what is timed is the work, not Python's start."""
    arguments = [*inputs(source), *asking(fronts), *more]
    begin = time.monotonic()
    code, stdout, _ = _run("verify", *arguments, "--report-format", "json")
    return Seen(code, json.loads(stdout), time.monotonic() - begin)


def told(source: FilePath, fronts: Sequence[Front], *more: str) -> str:
    """The text report."""
    return _run("verify", *inputs(source), *asking(fronts), "--color", "never", *more)[1]


def built(source: FilePath, fronts: Sequence[Front], output: FilePath) -> int:
    """The exit code of a build."""
    return _run("build", *inputs(source), *asking(fronts), "-o", str(output))[0]


def replayed(output: FilePath, *more: str) -> Seen:
    """What an output directory says of the same run later, without the network."""
    arguments = ["--dns", "recorded", *more, "--report-format", "json"]
    code, stdout, _ = _run("verify", *inputs(output), *arguments)
    return Seen(code, json.loads(stdout), 0.0)


def _run(*arguments: str) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = main([*arguments])
    return code, stdout.getvalue(), stderr.getvalue()
