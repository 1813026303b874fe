"""A real name server on loopback: nsd or named, run as a child process and never as a service."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import pytest

from tests.lab.zone import Apex

__all__ = ["REQUIRE", "Endpoint", "free_port", "installed", "require", "serve"]

# Set to 1 where a missing name server is an error and not a reason to skip.
REQUIRE = "ROOT_ANCHORS_REQUIRE_NAMESERVER"

SOFTWARE = ("nsd", "named")
STARTS_WITHIN = 10.0
STOPS_WITHIN = 5.0

NSD_CONF = """\
server:
{listen}
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
"""

NAMED_CONF = """\
options {{
    directory "{directory}";
    pid-file none;
    session-keyfile none;
    lock-file none;
{listen}
    recursion no;
    dnssec-validation no;
    notify no;
}};
controls {{ }};
zone "." {{ type primary; file "root.zone"; }};
"""


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, over UDP and over TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        """As ``--server`` takes it."""
        return f"{self.host}#{self.port}"


def installed() -> dict[str, str]:
    """The name servers of this machine: name to path, the preferred one first."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"))
    found = ((name, shutil.which(name, path=path)) for name in SOFTWARE)
    return {name: where for name, where in found if where is not None}


def require(software: str | None = None) -> str:
    """The name server to use; skips the test without one, or fails it where one is required."""
    found = installed()
    if not found:
        message = f"no name server is installed: one of {', '.join(SOFTWARE)} is needed"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
        pytest.skip(message)
    if software is None:
        return next(iter(found))
    if software not in found:
        pytest.skip(f"the name server {software} is not installed")
    return software


def free_port(hosts: Sequence[str] = ("127.0.0.1",)) -> int:
    """A port that is free for UDP and TCP on all of these addresses."""
    for _ in range(20):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            port = 0
            for host in hosts:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    bound = stack.enter_context(socket.socket(_family(host), kind))
                    bound.bind((host, port))
                    port = bound.getsockname()[1]
            return port
    raise OSError(f"no port is free on {hosts}")


@contextlib.contextmanager
def serve(
    apex: Apex, software: str | None = None, hosts: Sequence[str] = ("127.0.0.1",)
) -> Iterator[Endpoint]:
    """Serve a root zone with this apex; yields the endpoint on the first of ``hosts``."""
    name = require(software)
    with tempfile.TemporaryDirectory(prefix="root-anchors-lab-") as directory:
        Path(directory, "root.zone").write_text(apex.zone_text(), encoding="ascii")
        with _started(name, Path(directory), hosts) as port:
            yield Endpoint(hosts[0], port)


@contextlib.contextmanager
def _started(name: str, directory: Path, hosts: Sequence[str]) -> Iterator[int]:
    """Start the server; another try where the port was taken in between."""
    output = directory / "output"
    for _ in range(3):
        port = free_port(hosts)
        command = _configure(name, directory, hosts, port)
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command,
                stdout=stream,
                stderr=stream,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            if _answers(process, Endpoint(hosts[0], port)):
                yield port
                return
        finally:
            _stop(process)
    raise RuntimeError(f"{name} does not start: {output.read_text(errors='replace')[-2000:]}")


def _configure(name: str, directory: Path, hosts: Sequence[str], port: int) -> list[str]:
    """Write the configuration; returns the command that runs in the foreground with it."""
    path = installed()[name]
    conf = directory / f"{name}.conf"
    if name == "nsd":
        listen = "\n".join(f"    ip-address: {host}@{port}" for host in hosts)
        conf.write_text(NSD_CONF.format(listen=listen, directory=directory), encoding="ascii")
        return [path, "-d", "-c", str(conf)]
    four, six = ([h for h in hosts if (":" in h) is six] or ["none"] for six in (False, True))
    listen = (
        f"    listen-on port {port} {{ {'; '.join(four)}; }};\n"
        f"    listen-on-v6 port {port} {{ {'; '.join(six)}; }};"
    )
    conf.write_text(NAMED_CONF.format(listen=listen, directory=directory), encoding="ascii")
    return [path, "-g", "-n", "1", "-c", str(conf)]


def _answers(process: subprocess.Popen[bytes], endpoint: Endpoint) -> bool:
    """Wait until the zone is served over TCP; false when the process ended before."""
    query = dns.message.make_query(".", "SOA")
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, EOFError, dns.exception.DNSException):
            if dns.query.tcp(query, endpoint.host, timeout=1, port=endpoint.port).answer:
                return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and see to it with its whole process group when it does not."""
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPS_WITHIN)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
