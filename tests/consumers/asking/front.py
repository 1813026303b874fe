"""One address in front of several resolvers, which take turns by chance; replies may be changed."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from anchors.consumers.bench import free_port
from anchors.consumers.query import Endpoint

__all__ = ["fronting"]

HOST = "127.0.0.1"
PATIENCE = 5.0


@contextlib.contextmanager
def fronting(
    *members: Endpoint, change: Callable[[bytes], bytes] = lambda wire: wire
) -> Iterator[Endpoint]:
    """Pass each datagram on to one member, and its reply back; UDP alone."""
    here = Endpoint(HOST, free_port(HOST))
    chance = random.Random(8509)
    stop = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front,
        ThreadPoolExecutor(max_workers=48) as workers,
    ):
        front.bind(here)
        front.settimeout(0.05)

        def pass_on(wire: bytes, client: tuple[str, int], member: Endpoint) -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
                back.settimeout(PATIENCE)
                with contextlib.suppress(OSError):
                    back.sendto(wire, member)
                    front.sendto(change(back.recv(0xFFFF)), client)

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    wire, client = front.recvfrom(0xFFFF)
                    workers.submit(pass_on, wire, client, chance.choice(members))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield here
        finally:
            stop.set()
            thread.join()
