"""Send the questions to many resolvers in parallel; this module judges nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from anchors.asking.answers import Kind, Line, Reply
from anchors.asking.questions import (
    Choice,
    Question,
    Subject,
    first_questions,
    round_of,
    unused,
    witnesses,
)
from anchors.core.servers import Server
from anchors.rootzone.query import tell_but_interrupts

__all__ = ["Observed", "observe"]

# Resolvers whose first questions wait at one time, and those that are asked everything: together
# they use fewer sockets than a process may usually have.
_AT_THE_DOOR, _INSIDE = 150, 20


class Observed(NamedTuple):
    """The behaviour of one resolver.

    Attributes:
        server: the resolver.
        replies: its replies to each question, one for each round.
        unused_tag: a key tag that no key has.
        asked: the number of questions it was asked.
    """

    server: Server
    replies: Mapping[Subject, Sequence[Reply]]
    unused_tag: int
    asked: int


def observe(
    servers: Sequence[Server],
    choice: Choice,
    tags: Sequence[int],
    *,
    seconds: float,
    progress: Callable[[int], None],
) -> list[Observed]:
    """Ask all resolvers; a dead one takes one of many parallel turns for some seconds.

    Args:
        servers: the resolvers.
        choice: what the user chose to ask.
        tags: the key tags for the sentinel.
        seconds: the time limit for one resolver, in seconds.
        progress: called with the number of resolvers that are done.
    """
    return asyncio.run(_all(servers, choice, tags, seconds, progress))


async def _all(
    servers: Sequence[Server],
    choice: Choice,
    tags: Sequence[int],
    seconds: float,
    progress: Callable[[int], None],
) -> list[Observed]:
    asyncio.get_running_loop().set_exception_handler(tell_but_interrupts)
    door, inside = asyncio.Semaphore(_AT_THE_DOOR), asyncio.Semaphore(_INSIDE)
    done = 0

    async def ask(server: Server) -> Observed:
        nonlocal done
        asking = _Asking(server, choice, tags)
        async with door:
            speaks = await asking.first()
        if speaks:
            async with inside:
                await asking.rest(seconds)
        done += 1
        progress(done)
        return asking.observed()

    return list(await asyncio.gather(*map(ask, servers)))


class _Asking:
    """One resolver, and what it has said so far."""

    def __init__(self, server: Server, choice: Choice, tags: Sequence[int]) -> None:
        self._server, self._choice = server, choice
        self._unused = unused(tags)
        self._tags = (*dict.fromkeys(tags), self._unused)
        self._line = Line(server)
        self._replies: defaultdict[Subject, list[Reply]] = defaultdict(list)
        self._asked = 0

    async def first(self) -> bool:
        """Whether it replies at all."""
        await self._ask(first_questions())
        return any(
            reply.kind is not Kind.NONE for replies in self._replies.values() for reply in replies
        )

    async def rest(self, seconds: float) -> None:
        """Every round, side by side; what was said before the time is over counts."""
        rounds = [[*self._round(), *first_questions()] for _ in range(self._choice.rounds)]
        # The first two of the first round were asked at the door.
        rounds[0] = [*rounds[0][:-2], *witnesses()]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*map(self._ask, rounds))
        except TimeoutError:
            return

    def _round(self) -> list[Question]:
        return [*round_of(self._choice, self._tags, secrets.token_hex(8))]

    async def _ask(self, questions: Sequence[Question]) -> None:
        # In an order of chance: a pool that takes turns would show each question one member.
        order = secrets.SystemRandom().sample(questions, len(questions))
        self._asked += len(order)
        await self._line.ask(order, self._heard)

    def _heard(self, question: Question, reply: Reply) -> None:
        self._replies[question.subject].append(reply)

    def observed(self) -> Observed:
        """What it has said."""
        return Observed(self._server, dict(self._replies), self._unused, self._asked)
