"""Run the command the way a person does: as a process, with an environment of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anchors
from tests.frozen import COMMAND
from tests.live.forked import fork

__all__ = ["Outcome", "Running", "files_in", "finished", "run", "run_python", "started"]

# The package under test, wherever the process is started.
PACKAGE_PARENT = Path(anchors.__file__).parents[1]
# No run takes this long; a test that says less asserts it itself.
PATIENCE = 60.0
# The environment decides nothing here: no proxy, no bundle, no colour, no locale of the machine.
FOREIGN = ("_PROXY", "_CA_BUNDLE")


@dataclass(frozen=True)
class Running:
    """A process, and when it began."""

    process: subprocess.Popen[str]
    begin: float


@dataclass(frozen=True)
class Outcome:
    """What came out of one run."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def told(self) -> str:
        """What stderr says, without the line breaks of the text report."""
        return " ".join(self.stderr.split())

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report of ``verify --report-format json``."""
        report = json.loads(self.stdout)
        assert isinstance(report, dict)
        return report

    def anchor(self, key_tag: int) -> dict[str, Any]:
        """What the report says of the key the document lists under this tag."""
        (anchor,) = [one for one in self.report["anchors"] if one["key_tag"] == key_tag]
        assert isinstance(anchor, dict)
        return anchor

    def finding(self, check: str) -> dict[str, Any]:
        """The one finding of this check."""
        found = [one for one in self.report["findings"] if one["check"] == check]
        assert len(found) == 1, f"{check}: {self.report['findings']}"
        assert isinstance(found[0], dict)
        return found[0]

    def checks(self, *severities: str) -> list[str]:
        """The checks of the findings of these severities, sorted."""
        return sorted(
            one["check"] for one in self.report["findings"] if one["severity"] in severities
        )


def run(*arguments: str | Path, cwd: Path, ca_file: Path | None = None) -> Outcome:
    """Run ``root-anchors`` with these arguments; ``ca_file`` is whom HTTPS trusts."""
    begin = time.monotonic()
    ended = fork([str(one) for one in arguments], cwd, _environment(ca_file))
    seconds = time.monotonic() - begin
    stdout, stderr = ended.out.decode("utf-8"), ended.err.decode("utf-8")
    assert "Traceback" not in stderr, stderr
    return Outcome(ended.code, stdout, stderr, seconds)


def run_python(
    *arguments: str | Path, cwd: Path, ca_file: Path | None = None, python: tuple[str, ...] = ()
) -> Outcome:
    """The same from the start, with these options of the interpreter."""
    with started(*arguments, cwd=cwd, ca_file=ca_file, python=python) as process:
        return finished(process)


@contextlib.contextmanager
def started(
    *arguments: str | Path, cwd: Path, ca_file: Path | None = None, python: tuple[str, ...] = ()
) -> Iterator[Running]:
    """The command as it runs; it does not outlive the ``with`` block."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *python, *COMMAND[1:], *map(str, arguments)],
        cwd=cwd,
        env=_environment(ca_file),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            yield Running(process, begin)
        finally:
            process.kill()


def finished(running: Running) -> Outcome:
    """Wait for the end."""
    stdout, stderr = running.process.communicate(timeout=PATIENCE)
    seconds = time.monotonic() - running.begin
    assert "Traceback" not in stderr, stderr
    return Outcome(running.process.returncode, stdout, stderr, seconds)


def files_in(directory: Path) -> dict[str, bytes]:
    """Every file below the directory, by its name from there."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(paths)}


def _environment(ca_file: Path | None) -> Mapping[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(FOREIGN) and not name.startswith("LC_")
    }
    kept |= {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "NO_PROXY": "*"}
    kept["PYTHONPATH"] = str(PACKAGE_PARENT)
    if ca_file is not None:
        kept["REQUESTS_CA_BUNDLE"] = str(ca_file)
    return kept
