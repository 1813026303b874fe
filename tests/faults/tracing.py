"""Put faults into a running process at the n-th system call of a kind, with strace."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.faults.warm import Warm

__all__ = ["AT_CALL", "counting", "faulty", "require_tracing"]

# A child that is to meet its fault at its n-th call makes this many less n empty ones before.
AT_CALL = 128
PATIENCE = 20


def require_tracing() -> None:
    """Skip where strace is not here or may not trace; where everything must be here, fail."""
    if not _can_trace():
        _cannot("strace is not installed, or may not trace")


def _cannot(reason: str) -> NoReturn:
    if os.environ.get("ROOT_ANCHORS_REQUIRE_NAMESERVER"):
        pytest.fail(reason)
    pytest.skip(f"{reason}; test_any_time.py kills all the same")


@functools.cache
def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    command = ["strace", "-o", "/dev/null", "-e", "inject=getppid:error=EPERM", "true"]
    tried = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)
    return tried.returncode == 0


def faulty(warm: Warm, call: str, fault: str) -> contextlib.AbstractContextManager[None]:
    """Every run of ``warm`` meets the fault (``signal=KILL``, ``error=EIO``) at that call."""
    inject = f"inject={call}:{fault}:when={AT_CALL}"
    return _traced(warm, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)


@contextlib.contextmanager
def counting(warm: Warm, call: str, log: Path) -> Iterator[Callable[[], int]]:
    """How many such calls were made by the runs of ``warm`` meanwhile; ask afterwards."""
    with _traced(warm, "-o", str(log), "-e", f"trace={call}"):
        yield lambda: log.read_text("utf-8").count(f" {call}(")


@contextlib.contextmanager
def _traced(warm: Warm, *options: str) -> Iterator[None]:
    strace = subprocess.Popen(
        ["strace", "-f", *options, "-p", str(warm.pid)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with strace:
        assert strace.stderr is not None
        try:
            line = strace.stderr.readline()
            if "attached" not in line:
                _cannot(f"strace may not trace: {line}")
            yield
        finally:
            # It lets go of whom it traces before it ends.
            strace.terminate()
            strace.stderr.read()
            strace.wait(PATIENCE)
