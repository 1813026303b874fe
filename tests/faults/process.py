"""The command as a process of its own, in an environment and with limits that nobody wishes for."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.frozen import COMMAND
from tests.live.command import FOREIGN, PACKAGE_PARENT
from tests.live.forked import fork

__all__ = ["Done", "contents", "forked", "run"]

PATIENCE = 60.0


class Done(NamedTuple):
    """What came of it; text as bytes, since its encoding is part of the question."""

    code: int
    out: bytes
    err: bytes
    seconds: float

    @property
    def told(self) -> str:
        """What standard error says, without line breaks."""
        return " ".join(self.err.decode("utf-8", "backslashreplace").split())


def run(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    before: Callable[[], object] | None = None,
    close: str = "",
) -> Done:
    """Run ``root-anchors``.

    Args:
        arguments: of the command.
        cwd: where.
        env: added to the environment; ``None`` takes the variable away.
        before: called in the child: limits, umask.
        close: how a shell closes streams, such as ``>&-``.
    """
    command = [*COMMAND, *map(str, arguments)]
    if close:
        command = ["sh", "-c", f'exec "$@" {close}', "sh", *command]
    begin = time.monotonic()
    done = subprocess.run(
        command,
        cwd=cwd,
        env=_environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
        preexec_fn=before,
    )
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - begin)


def forked(*arguments: str | Path, cwd: Path, env: Mapping[str, str | None] | None = None) -> Done:
    """The same without waiting for Python, where ``env`` is nothing that it reads at its start."""
    begin = time.monotonic()
    ended = fork([*map(str, arguments)], cwd, _environment(env))
    return Done(*ended, time.monotonic() - begin)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file below the directory, by its name from there."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _environment(env: Mapping[str, str | None] | None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(FOREIGN) and not name.startswith("LC_")
    }
    asked = {"PYTHONPATH": str(PACKAGE_PARENT), "LC_ALL": "C.UTF-8", **(env or {})}
    return {name: value for name, value in {**kept, **asked}.items() if value is not None}
