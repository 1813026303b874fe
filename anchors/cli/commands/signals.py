"""``root-anchors signals``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from anchors.asking.signals import Signals, read_signals
from anchors.cli.interrupts import require_uninterrupted
from anchors.cli.terminal import Progress, put
from anchors.pipeline.request import senseless
from anchors.report.asking.signals import render, summary_line

__all__ = ["run"]

_DONE, _NOTHING_SAID, _ATTENTION = 0, 3, 4
_STANDARD_INPUT = "-"


def run(arguments: argparse.Namespace) -> int:
    """Read query logs, and tell which clients announce which keys of the root."""
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        found = _read(arguments.files, progress)
    require_uninterrupted()
    put(f"{summary_line(found)}\n" if arguments.quiet else render(found))
    if not found.clients:
        return _NOTHING_SAID
    late = any(client.is_late for client in found.clients.values())
    return _ATTENTION if late and arguments.strict else _DONE


def _read(files: Sequence[Path], progress: Progress) -> Signals:
    try:
        return read_signals(_opened(files), progress.show)
    except OSError as error:
        raise senseless(
            "a log file cannot be read",
            got=f"{error.filename or 'a log'}: {error.strerror}",
            want="query logs, the oldest file first",
        ) from error


def _opened(files: Sequence[Path]) -> Iterator[BinaryIO]:
    """Each log while it is read."""
    for file in files:
        with contextlib.ExitStack() as stack:
            if str(file) == _STANDARD_INPUT:
                yield sys.stdin.buffer
            else:
                yield stack.enter_context(file.open("rb"))
