"""Time asking one healthy resolver at 50 ms, in round trips, and many of which most are dead.

The resolver is a simulated one behind a relay, in a process of their own.  Exits 1 when the aim is
missed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

from anchors.asking.observe import Observed, observe
from anchors.asking.questions import Choice
from anchors.core.servers import Server
from tests.asking.simulated import CHOICE, NEW, OLD, Resolver
from tests.lab.liar import lying
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Path, relaying

AIM = 8.0
ROUND_TRIP = 0.05
RUNS, WARMUP = 10, 2
ADDRESSES = 1000
SECONDS = 30.0


def main() -> int:
    """Measure, print, and judge."""
    with resolver() as here:
        server = Server(here.host, here.port)
        ratio = measure("four rounds", server, CHOICE)
        print(f"{'':<20}aim: under {AIM:g} round trips")
        measure("the address alone", server, Choice())
        measure("one round", server, CHOICE._replace(rounds=1))
        many(server)
    return 0 if ratio < AIM else 1


def measure(what: str, server: Server, choice: Choice) -> float:
    """Print what asking takes; returns the median as a ratio to one round trip."""
    seconds, asked = [], 0
    for turn in range(WARMUP + RUNS):
        begin = time.perf_counter()
        (observed,) = ask([server], choice)
        if turn >= WARMUP:
            seconds.append(time.perf_counter() - begin)
        asked = observed.asked
    ratio = statistics.median(seconds) / ROUND_TRIP
    print(
        f"{what:<20}{asked:4} questions {statistics.median(seconds) * 1000:8.1f} ms"
        f"{ratio:8.2f} round trips"
    )
    return ratio


def many(server: Server) -> None:
    """A thousand addresses: nobody listens at most of them, and one in a hundred is healthy."""
    servers = [
        server if number % 100 == 0 else Server(f"127.9.{number // 250}.{number % 250 + 1}", 9)
        for number in range(ADDRESSES)
    ]
    begin = time.perf_counter()
    ask(servers, CHOICE)
    print(f"{ADDRESSES:,} addresses, one in a hundred alive {time.perf_counter() - begin:8.1f} s")


def ask(servers: list[Server], choice: Choice) -> list[Observed]:
    """Ask, and throw away what is told of the progress."""
    tags = [OLD.tag, NEW.tag]
    return observe(servers, choice, tags, seconds=SECONDS, progress=lambda _done: None)


@contextlib.contextmanager
def resolver() -> Iterator[Endpoint]:
    """The resolver's work is not that of who asks."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_resolver, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def run_resolver(channel: Connection) -> None:
    """Until told to end."""
    with (
        lying(Resolver()) as liar,
        relaying([Path(behind=liar.endpoint, delay=ROUND_TRIP)]) as (front,),
    ):
        channel.send(front.endpoint)
        channel.recv()


if __name__ == "__main__":
    sys.exit(main())
