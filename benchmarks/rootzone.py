"""Time the observation of 26 name servers at 50 ms each, as a ratio to one round trip.

One nsd on loopback, behind 26 relayed addresses that a process of their own delays; beside it, in
the same run, one plain query over the same way, and ``dig`` asking one server after another.  Once
with an RRset that fits into one UDP packet and once with the root's own, which takes TCP.  Exits 1
when the aim is missed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from anchors.core.servers import Server
from anchors.rootzone.query import ask
from tests.lab import zone
from tests.lab.keys import ksk, zsk
from tests.lab.nameserver import Endpoint, installed, serve
from tests.lab.relay import Path, relaying

AIM = 3.0
SERVERS = 26
ROUND_TRIP = 0.05
DEADLINE = 5.0
RUNS = 10
WARMUP = 2
ECDSA = 13
# A query for the root's SOA, whose answer is small.
SOA_QUERY = bytes([0x52, 0x41, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + bytes([0, 0, 6, 0, 1])
AT = datetime(2026, 10, 4, 12, tzinfo=UTC)


def main() -> int:
    """Measure, print, and judge."""
    if "nsd" not in installed():
        print("root zone      not measured: nsd is not installed (Debian: apt install nsd)")
        return 0
    keys = [ksk("old", ECDSA), ksk("new", ECDSA), zsk("zsk", ECDSA)]
    print(f"{SERVERS} servers at {ROUND_TRIP * 1000:.0f} ms")
    ratio = measure("UDP", zone.signed(keys, by=keys[:1]))
    measure("TCP", zone.recorded())
    return 0 if ratio < AIM else 1


def measure(transport: str, apex: zone.Apex) -> float:
    """Print what observing this RRset takes; returns the ratio to one round trip."""
    with serve(apex, "nsd") as server, relayed(server) as fronts:
        servers = [Server(front.host, front.port) for front in fronts]
        round_trip = median_of(lambda: ping(fronts[0]))
        observation = median_of(lambda: observe(servers, transport.lower()))
        one_by_one = dig(fronts)
    ratio = observation / round_trip
    aim = f"     aim: under {AIM:g}" if transport == "UDP" else "     (3 round trips on the way)"
    print(f"over {transport}")
    print(f"  round trip   {round_trip * 1000:7.1f} ms")
    print(f"  observation  {observation * 1000:7.1f} ms")
    print(f"  ratio        {ratio:7.2f}{aim}")
    if one_by_one is None:
        print("  dig          not measured: dig is not installed (Debian: apt install dnsutils)")
    else:
        print(f"  dig          {one_by_one * 1000:7.1f} ms   one after another")
        print(f"  dig / ours   {one_by_one / observation:7.1f}")
    return ratio


def median_of(work: Callable[[], None]) -> float:
    """The median wall time in seconds."""
    seconds = []
    for turn in range(WARMUP + RUNS):
        begin = time.perf_counter()
        work()
        if turn >= WARMUP:
            seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def observe(servers: list[Server], transport: str) -> None:
    """Ask all of them; whoever does not answer spoils the measurement."""
    answers = ask(servers, observed_at=AT, until=time.monotonic() + DEADLINE)
    asked_otherwise = [
        answer for answer in answers if answer.wire is None or answer.transport != transport
    ]
    if asked_otherwise:
        raise SystemExit(f"{len(asked_otherwise)} servers did not answer over {transport}")


def ping(front: Endpoint) -> None:
    """One packet there and one back, and nothing done with it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(DEADLINE)
        udp.sendto(SOA_QUERY, (front.host, front.port))
        udp.recv(4096)


def dig(fronts: list[Endpoint]) -> float | None:
    """The seconds that ``dig`` takes for all of them, one after another."""
    program = shutil.which("dig")
    if program is None:
        return None
    begin = time.perf_counter()
    for front in fronts:
        command = [program, f"@{front.host}", "-p", str(front.port), "+dnssec", "+bufsize=1232"]
        subprocess.run(
            [*command, "+norecurse", ".", "DNSKEY"], check=True, stdout=subprocess.DEVNULL
        )
    return time.perf_counter() - begin


@contextlib.contextmanager
def relayed(server: Endpoint) -> Iterator[list[Endpoint]]:
    """The addresses in front of the server; the relay's work is not the observer's."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_relay, args=(server, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def run_relay(server: Endpoint, channel: Connection) -> None:
    """Until told to end."""
    hosts = [f"127.0.0.{number}" for number in range(1, SERVERS + 1)]
    with relaying([Path(behind=server, host=host, delay=ROUND_TRIP) for host in hosts]) as fronts:
        channel.send([front.endpoint for front in fronts])
        channel.recv()


if __name__ == "__main__":
    sys.exit(main())
