"""How a program that runs on this machine is asked which anchors it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from anchors.consumers.bench import Bench
from anchors.consumers.driver import Held
from anchors.consumers.query import Endpoint

__all__ = ["CONTROL_SECONDS", "Asker"]

# Seconds that one command of a control program may take.
CONTROL_SECONDS = 5.0

Tell = Callable[[Bench, Endpoint, Path | None], Held]
Channel = Callable[[Sequence[Path], Path | None], Path | None]


class Asker(NamedTuple):
    """What there is to ask.

    Attributes:
        processes: what a process of the resolver is called (``comm`` of proc(5)).
        witnesses: names that it answers in class CH, type TXT, with the tags of its anchors.
        tell: what the program says it holds; ``None`` where it has no control channel.  Arguments:
            a place to run its control program in, the address that the resolver answers at, and
            the file, directory or socket that names its control channel (``None``: the usual one).
            Raises :class:`~anchors.consumers.bench.ConsumerFailed`, in the program's words.
        options: those of its command line that name its configuration, or the directory of that.
        channel: what names the control channel of one process: out of its Unix sockets and the
            configuration that it was given; ``None`` where that is the usual one.
        manager: a word in the command line of the process that started beside it, and that is
            given the configuration in its place; empty where there is none.
    """

    processes: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    tell: Tell | None = None
    options: tuple[str, ...] = ()
    channel: Channel | None = None
    manager: str = ""
