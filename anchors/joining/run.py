"""Find and ask the running program of each resolver, and compare it with its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from anchors.asking.control import Witness, said_by
from anchors.asking.processes import Process
from anchors.asking.questions import Choice
from anchors.asking.run import ask_by
from anchors.auditing.result import Running
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Role
from anchors.core.escape import printable
from anchors.core.times import format_time
from anchors.joining.compare import Cause, compare, undecided
from anchors.joining.process import Found, find
from anchors.pipeline.report import Report
from anchors.pipeline.request import Request
from anchors.pipeline.root_keys import verified_keys

__all__ = ["running_beside"]

# Processes of one resolver that are asked; those of a program share an address.
_MAX_ASKED = 4
# The program itself writes these.
_OWN = {Role.STATE, Role.STATE_DIRECTORY, Role.MANAGED}
# The start of a process is known to the second.
_TOLERANCE = timedelta(seconds=1)


class _Asked(NamedTuple):
    """A process that is asked for a resolver."""

    at: int
    loaded: Loaded
    found: Found
    process: Process


def running_beside(
    request: Request, choice: Choice | None = None
) -> Callable[[Sequence[Loaded], Report], list[Running | None]]:
    """What asks for an audit: it finds the programs of this machine that run with what is audited.

    Args:
        request: the request of the verification, with the time limit for one resolver.
        choice: the questions; ``None``: the default.
    """
    chosen = choice or Choice()

    def ask(loaded: Sequence[Loaded], basis: Report) -> list[Running | None]:
        return _ask(loaded, basis, request, chosen)

    return ask


def _ask(
    loaded: Sequence[Loaded], basis: Report, request: Request, choice: Choice
) -> list[Running | None]:
    found = [find(one, loaded) for one in loaded]
    asked = [
        _Asked(at, one, which, process)
        for at, (one, which) in enumerate(zip(loaded, found, strict=True))
        for process in which.processes[:_MAX_ASKED]
    ]
    servers = [one.process.answers for one in asked if one.process.answers is not None]
    verdicts = (
        ask_by(basis, request, servers, choice, tell=lambda: list(map(_witness, asked)))
        if servers
        else []
    )
    keys = verified_keys(basis, request.options)
    results: dict[int, list[Running]] = {}
    for one, verdict in zip(asked, verdicts, strict=True):
        cause = _cause(one.process, one.loaded, one.found.consumer.title)
        held = compare(one.loaded, one.found.consumer.title, verdict, keys, cause)
        results.setdefault(one.at, []).append(held._replace(started=one.process.started))
    return [
        min(results[at], key=_worst_first)
        if at in results
        else undecided(which.consumer.title, which.why_none, which.got)
        for at, which in enumerate(found)
    ]


def _worst_first(running: Running) -> int:
    return [False, None, True].index(running.agrees)


def _witness(asked: _Asked) -> Witness | None:
    """What the process says it holds, over the channel that is known to be its own."""
    process, asker, consumer = asked.process, asked.found.asker, asked.found.consumer
    if asker is None or asker.tell is None or process.answers is None:
        return None
    is_alone = asked.found.is_alone
    return said_by([process], consumer, asker, process.answers, is_alone=is_alone)


def _cause(process: Process, loaded: Loaded, title: str) -> Cause:
    """Whether a file was changed after the program was started, so that it was not loaded since."""
    if process.started is None:
        return Cause()
    since = f"{title} has been running since {format_time(process.started)}"
    changed = [*_changed(loaded, process.started)]
    if not changed:
        words = ": it was started in another way, or its anchors were changed while it runs"
        return Cause(words, f"{since}, and no file was changed after its start")
    path, when = max(changed, key=lambda one: one[1])
    got = f"{since}, and {printable(path)} was changed at {format_time(when)}"
    return Cause(": it was not reloaded", got)


def _changed(loaded: Loaded, started: datetime) -> Iterator[tuple[str, datetime]]:
    for used in loaded.used:
        if used.role in _OWN:
            continue
        try:
            # Of the inode: a file may be put in place with an old time of its content.
            seconds = Path(used.location.text).stat().st_ctime
        except (OSError, ValueError):
            continue
        changed = datetime.fromtimestamp(int(seconds), UTC)
        if changed > started + _TOLERANCE:
            yield used.location.text, changed
