"""Runs inside a network of its own, in which whatever is sent over IPv6 is lost without a word.

``python -m tests.networks.hanging COUNT`` publishes under a name that has so many IPv6 addresses
and one of IPv4, puts a name server behind the root servers' IPv4 addresses alone, and prints the
report of ``verify`` as JSON.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path as FilePath

from anchors.core.servers import ROOT_SERVERS
from tests.lab import zone
from tests.lab.https import publishing
from tests.lab.nameserver import serve
from tests.lab.relay import Path, relaying
from tests.networks.fleet import Seen, _run, far_and_near

__all__ = ["NAME", "TIMEOUT", "main"]

PUBLICATION = FilePath(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"
NAME = "publication.example"
TIMEOUT = 6.0
# ioctl(2) of Linux's tun driver: the name and kind of the device that an open file is.
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_HERE, _LOST = "2001:db8:1::1/64", "2001:db8:2::{}"


def main(count: int) -> None:
    """Bring the network up, and verify from it."""
    ipv4 = [one.address for one in ROOT_SERVERS if ":" not in one.address]
    _ip("link", "set", "lo", "up")
    for address in ipv4:
        _ip("addr", "add", address, "dev", "lo")
    lost = [_LOST.format(number + 1) for number in range(count)]
    files = {path.name: path.read_bytes() for path in PUBLICATION.iterdir()}
    with (
        _nowhere(),
        _named([*lost, "127.0.0.1"]),
        publishing(files) as site,
        serve(zone.recorded()) as endpoint,
        relaying(far_and_near([Path(behind=endpoint, host=one, port=53) for one in ipv4])),
    ):
        _require_hanging(lost[0])
        source = f"http://{NAME}:{site.base.rpartition(':')[2]}"
        inputs = ["--source", source, "--at", zone.AT, "--timeout", str(TIMEOUT)]
        begin = time.monotonic()
        code, stdout, _ = _run("verify", *inputs, "--report-format", "json")
        run = Seen(code, json.loads(stdout), time.monotonic() - begin)
    print(json.dumps({**run.__dict__, "asked": len(site.requests)}))  # noqa: T201 - read by the test


@contextlib.contextmanager
def _nowhere() -> Iterator[None]:
    """A device that all of IPv6 leads to, and from which nobody ever reads."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    try:
        kind = struct.pack("16sH22x", b"nowhere", _IFF_TUN | _IFF_NO_PI)
        fcntl.ioctl(device, _TUNSETIFF, kind)
        _ip("link", "set", "nowhere", "up")
        _ip("addr", "add", _HERE, "dev", "nowhere", "nodad")
        _ip("-6", "route", "add", "default", "dev", "nowhere")
        yield
    finally:
        os.close(device)


@contextlib.contextmanager
def _named(addresses: list[str]) -> Iterator[None]:
    """The name's addresses, as the system's own resolver finds them."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as hosts:
        hosts.writelines(f"{address} {NAME}\n" for address in addresses)
        hosts.flush()
        subprocess.run(["mount", "--bind", hosts.name, "/etc/hosts"], check=True)
        found = [one[4][0] for one in socket.getaddrinfo(NAME, 80, type=socket.SOCK_STREAM)]
        if sorted(found) != sorted(addresses) or found[-1] != "127.0.0.1":
            raise RuntimeError(f"IPv6 is not tried first: {found}")
        yield


def _require_hanging(address: str) -> None:
    """What is tested must be so: neither an answer nor an error."""
    with socket.socket(socket.AF_INET6) as one, contextlib.suppress(TimeoutError):
        one.settimeout(0.3)
        one.connect((address, 80))
        raise RuntimeError(f"{address} answers")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
