"""Find the processes of this machine that were started with the files of a resolver."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from anchors.asking.processes import Process, processes_named
from anchors.auditing.scan.root_files import root_above
from anchors.consumers.asker import Asker
from anchors.consumers.consumer import Consumer
from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded
from anchors.consumers.registry import consumer_named
from anchors.core.escape import printable

__all__ = ["Found", "find"]

_MOST_NAMES = 4


class Found(NamedTuple):
    """The processes that run with the files of a resolver.

    Attributes:
        consumer: their program.
        asker: how to ask the program.
        processes: the processes that answer DNS.
        is_alone: whether no other process of the program was seen.
        why_none: the reason in words, if there is none.
        got: what was found instead.
    """

    consumer: Consumer
    asker: Asker | None
    processes: Sequence[Process] = ()
    is_alone: bool = False
    why_none: str = ""
    got: str | None = None


def find(loaded: Loaded, resolvers: Sequence[Loaded]) -> Found:
    """The processes that were started with these files.

    Args:
        loaded: what a resolver loads.
        resolvers: all resolvers of the same root file system.
    """
    consumer = consumer_named(loaded.consumer)
    if consumer.asker is None:
        return Found(consumer, None, why_none="root-anchors cannot ask this program")
    asker = consumer.asker.load()
    where = loaded.location
    if where.inside:
        return Found(consumer, asker, why_none="nothing runs from an archive or an image")
    running = processes_named(asker.processes, asker.manager)
    if not running:
        return Found(
            consumer, asker, why_none="no process of this program was found on this machine"
        )
    mine = [one for one in running if _is_given(one, asker, where)]
    if not mine and _is_usual(loaded, resolvers):
        mine = [one for one in running if not one.given(asker.options)]
    if not mine:
        return _started_otherwise(consumer, asker, running)
    answering = [one for one in mine if one.answers is not None]
    if not answering:
        words = "it runs, but the address at which it answers was not found"
        return Found(consumer, asker, why_none=words)
    return Found(consumer, asker, answering, len(answering) == len(running))


def _started_otherwise(consumer: Consumer, asker: Asker, running: Sequence[Process]) -> Found:
    given = dict.fromkeys(str(path) for one in running for path in one.given(asker.options))
    if not given:
        words = "it runs, but it is unknown which configuration it was started with"
        return Found(consumer, asker, why_none=words)
    words = "the running program was started with another configuration"
    names = ", ".join(printable(one) for one in [*given][:_MOST_NAMES])
    return Found(consumer, asker, why_none=words, got=names)


def _is_given(process: Process, asker: Asker, where: Location) -> bool:
    """Whether its command line names the file, or the directory that it lies in."""
    file = Path(where.text)
    return any(_is_same(one, file, file.parent) for one in process.given(asker.options))


def _is_same(given: Path, file: Path, folder: Path) -> bool:
    try:
        return given.samefile(folder if given.is_dir() else file)
    except (OSError, ValueError):
        return False


def _is_usual(loaded: Loaded, resolvers: Sequence[Loaded]) -> bool:
    """Whether a program that is given no configuration takes this one, as far as can be told.

    It is this machine's, and there is no other one for the same program.
    """
    path = posixpath.abspath(loaded.location.text)
    above = root_above(posixpath.dirname(path), posixpath.isdir)
    is_of_machine = above is not None and above.path in {"", "/"}
    return is_of_machine and sum(one.consumer == loaded.consumer for one in resolvers) == 1
