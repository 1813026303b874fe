"""The report of the program behind an address on its anchors, and its meaning for one key."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from anchors.asking.listener import is_loopback, listener_at
from anchors.asking.processes import Process
from anchors.consumers.asker import Asker
from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.consumer import Consumer
from anchors.consumers.driver import Held, HeldTags
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import askers
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.found import FoundAnchor, FoundDs
from anchors.core.match import match, tag_of
from anchors.core.servers import Server
from anchors.core.words import did_you_mean
from anchors.pipeline.root_keys import RootKey

__all__ = ["Control", "Holding", "Witness", "holding", "parse_control", "said_by", "witnesses"]

# Addresses of this machine whose programs are asked in a run.
MAX_PROGRAMS = 8


class Control(NamedTuple):
    """The program that answers, as the user says, and the name of its control channel."""

    program: str
    place: Path | None = None


class Witness(NamedTuple):
    """The report of a program on its anchors.

    Attributes:
        title: the name of the program for people.
        held: the reported anchors; ``None`` if it did not report any.
        failure: the reason why it did not report.
        is_chosen: whether the user named it.
    """

    title: str
    held: Held | None
    failure: str = ""
    is_chosen: bool = False

    @property
    def anchors(self) -> list[tuple[int | None, bytes | None]]:
        """The tag and, where it is told by a DS, the digest of each anchor."""
        if self.held is None:
            return []
        if isinstance(self.held.anchors, HeldTags):
            return [(tag, None) for tag in self.held.anchors.tags]
        return [(tag_of(one), _digest_of(one)) for one in self.held.anchors.anchors]


class Holding(enum.Enum):
    """The report of a program on one key."""

    RIGHT = enum.auto()
    TAG = enum.auto()
    WRONG = enum.auto()
    ABSENT = enum.auto()
    UNTOLD = enum.auto()


def holding(key: RootKey, witness: Witness | None) -> Holding:
    """Whether the program reports the key as an anchor; without anchors, it reports nothing."""
    if witness is None or witness.held is None or not witness.anchors:
        return Holding.UNTOLD
    if isinstance(witness.held.anchors, HeldTags):
        return Holding.TAG if key.key_tag in witness.held.anchors.tags else Holding.ABSENT
    return _by_digest(key, witness.held.anchors.anchors)


def _by_digest(key: RootKey, anchors: Sequence[FoundAnchor]) -> Holding:
    found = [match(one, [key]) for one in anchors]
    if any(one is not None and one.fault is None for one in found):
        return Holding.RIGHT
    same_tag = [one for one in anchors if tag_of(one) == key.key_tag]
    if any(isinstance(one, FoundDs) and key.digest(one.digest_type) is None for one in same_tag):
        return Holding.TAG
    is_slip = any(one is not None for one in found)
    return Holding.WRONG if is_slip or same_tag else Holding.ABSENT


def parse_control(text: str) -> Control:
    """``PROGRAM`` or ``PROGRAM=PLACE``.

    Raises:
        UsageError: there is no such program with a control channel.
    """
    name, separator, place = text.partition("=")
    known = [one.name for one, asker in askers() if asker.tell is not None]
    if name not in known or (separator and not place):
        raise UsageError(
            Check.USAGE,
            "the program cannot be asked",
            got=text,
            want=f"PROGRAM or PROGRAM=PLACE, with one of {', '.join(known)}",
            remedy=f"{did_you_mean(name, known)} 'root-anchors explain ask' says more".strip(),
        )
    return Control(name, Path(place) if place else None)


def witnesses(servers: Sequence[Server], control: Control | None) -> list[Witness | None]:
    """The report behind each address: of the named program, or of the one that answers there.

    Args:
        servers: the resolvers.
        control: the program that answers, if there is only one resolver.
    """
    if control is not None:
        return [_named(server, control) for server in servers]
    local = [server for server in dict.fromkeys(servers) if is_loopback(server)]
    found = {server: _found(server) for server in local[:MAX_PROGRAMS]}
    return [found.get(server) for server in servers]


def _named(server: Server, control: Control) -> Witness:
    consumer, asker = next(row for row in askers() if row[0].name == control.program)
    return _asked(consumer, asker, server, control.place, is_chosen=True)


def _found(server: Server) -> Witness | None:
    listener = listener_at(server)
    if listener is None:
        return None
    for consumer, asker in askers():
        if listener.name in asker.processes and asker.tell is not None:
            return said_by(listener.processes, consumer, asker, server, is_alone=listener.is_alone)
    return None


def said_by(
    processes: Sequence[Process],
    consumer: Consumer,
    asker: Asker,
    server: Server,
    *,
    is_alone: bool,
) -> Witness:
    """The report of the processes of a program, each over its own channel; all must agree.

    Args:
        processes: the processes that answer at the address.
        consumer: the program.
        asker: how to ask the program.
        server: the address.
        is_alone: whether no others of the program run, so that the default channel is theirs.
    """
    places = {_channel(one, asker) for one in processes} or {None}
    if None in places and not is_alone:
        words = (
            "several processes of the program run, and it is unknown which one the control "
            "program reaches"
        )
        return Witness(consumer.title, None, words)
    usual: list[Path | None] = [None]
    said = [
        _asked(consumer, asker, server, place, is_chosen=False)
        for place in (usual if None in places else sorted(filter(None, places)))
    ]
    silent = next((one for one in said if one.held is None), None)
    if silent is None and len({one.held.anchors for one in said if one.held is not None}) > 1:
        return Witness(consumer.title, None, "its processes have different anchors")
    return silent or said[0]


def _channel(process: Process, asker: Asker) -> Path | None:
    """What names the control channel of the process; ``None``: the usual one, or nobody knows."""
    if asker.channel is None:
        return None
    given = process.given(asker.options)
    channels = [(process.directory or one.parent) / one for one in process.channels]
    return asker.channel(channels, given[-1] if given else None)


def _asked(
    consumer: Consumer, asker: Asker, server: Server, place: Path | None, *, is_chosen: bool
) -> Witness:
    if asker.tell is None:
        return Witness(consumer.title, None, "it has no control channel", is_chosen)
    try:
        with on_bench("", "nothing", b"") as bench:
            held = asker.tell(bench, Endpoint(server.address, server.port), place)
    except (ConsumerFailed, OSError) as error:
        return Witness(consumer.title, None, str(error), is_chosen)
    return Witness(consumer.title, held, "", is_chosen)


def _digest_of(anchor: FoundAnchor) -> bytes | None:
    return anchor.digest if isinstance(anchor, FoundDs) else None
