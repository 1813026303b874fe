"""Networks in which programs run: a host without any, or one whose root servers are the lab's.

The host and the world that it sees are two network namespaces, held by a process each, so that
they are gone when the tests are.  In the world a name server has the addresses of the real root
servers: a resolver needs no configuration of its own to find the lab.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import dns.dnssec
import dns.name
import dns.zone

from anchors.consumers.bench import on_bench
from anchors.consumers.query import Endpoint, Question, ask
from anchors.core.servers import ROOT_SERVERS
from tests.lab.keys import LabKey, zsk
from tests.resolvers.keys import key

__all__ = ["BOGUS", "OTHER_BOGUS", "SECURE", "Network", "quiet", "world", "zone_text"]

SECURE, BOGUS, OTHER_BOGUS = "www.e2e.", "bogus.e2e.", "other-bogus.e2e."
# Resolvers that configurations forward to; they answer as the root does.
_FORWARDERS = ("9.9.9.9", "1.1.1.1", "8.8.8.8")
_ROOT_SERVER = Endpoint("198.41.0.4", 53)
_ROOT_SECONDS = 30.0
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_ZONE = f"""\
$ORIGIN .
$TTL 300
. IN SOA a.root-servers.net. hostmaster.e2e. 1 1800 900 604800 300
. IN NS a.root-servers.net.
a.root-servers.net. IN A 198.41.0.4
{SECURE} IN A 192.0.2.80
{BOGUS} IN A 192.0.2.66
{OTHER_BOGUS} IN A 192.0.2.66
"""
# Who is not root may listen on port 53, too.
_HOLD = """\
ip link set lo up && echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start && echo up \
&& exec cat
"""
_NSD_CONF = """\
server:
{addresses}
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
    zonefile: "{directory}/root.zone"
"""


class Network(NamedTuple):
    """A network namespace, by a process that holds it."""

    holder: int

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is in it: what it starts, and the sockets it makes, stay there."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        other = os.open(f"/proc/{self.holder}/ns/net", os.O_RDONLY)
        try:
            _set(other)
            yield
        finally:
            _set(own)
            os.close(own)
            os.close(other)

    def run(self, *command: str) -> None:
        """Run a program of this machine in it.

        Raises:
            subprocess.CalledProcessError: it fails.
        """
        with self.entered():
            subprocess.run(command, check=True, capture_output=True, timeout=10)

    def need_root(self) -> None:
        """Wait for the root servers of the network.

        Raises:
            RuntimeError: they do not answer, so that what a program does there tells nothing.
        """
        until = time.monotonic() + _ROOT_SECONDS
        while time.monotonic() < until:
            with self.entered():
                reply = ask(_ROOT_SERVER, Question(".", "SOA"), seconds=1)
            if reply is not None and reply.rcode == "NOERROR":
                return
            time.sleep(0.05)
        raise RuntimeError("the lab's root does not answer")

    def empty(self) -> None:
        """End whatever runs in it: what has left its process group would keep its ports."""
        own = Path(f"/proc/{self.holder}/ns/net").readlink()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (self.holder, os.getpid()):
                continue
            # It may have ended meanwhile.
            with contextlib.suppress(OSError):
                if (entry / "ns" / "net").readlink() == own:
                    os.kill(int(entry.name), signal.SIGKILL)


@contextlib.contextmanager
def quiet() -> Iterator[Network]:
    """A network in which there is nobody but the host itself."""
    with subprocess.Popen(
        # It ends when the tests do, because its input ends.
        ["unshare", "--net", "sh", "-c", _HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != b"up\n":
            raise OSError("no network of its own can be made: that takes root's rights")
        yield Network(process.pid)
        process.kill()


@contextlib.contextmanager
def world(signers: str) -> Iterator[Network]:
    """The network of a host whose root zone these keys sign, such as "A", "B" or "AB"."""
    with quiet() as host, quiet() as far, contextlib.ExitStack() as stack:
        pair = ("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
        far.run(*pair)
        far.run("ip", "link", "set", "near", "netns", str(host.holder))
        addresses = [one.address for one in ROOT_SERVERS if ":" not in one.address]
        for address in (*addresses, *_FORWARDERS):
            far.run("ip", "addr", "add", f"{address}/32", "dev", "lo")
        for network, device, address in ((far, "far", "10.99.0.1"), (host, "near", "10.99.0.2")):
            network.run("ip", "addr", "add", f"{address}/24", "dev", device)
            network.run("ip", "link", "set", device, "up")
        host.run("ip", "route", "add", "default", "via", "10.99.0.1")
        stack.enter_context(_served(far, signers, (*addresses, *_FORWARDERS)))
        host.need_root()
        yield host


@contextlib.contextmanager
def _served(far: Network, signers: str, addresses: Iterable[str]) -> Iterator[None]:
    with on_bench("", "root.zone", zone_text(signers).encode()) as bench:
        conf = bench.write(
            "nsd.conf",
            _NSD_CONF.format(
                addresses="".join(f"    ip-address: {one}\n" for one in addresses),
                directory=bench.directory,
            ),
        )
        command = ("setpriv", "--pdeathsig", "KILL", "nsd", "-d", "-c", conf)
        with contextlib.ExitStack() as stack:
            with far.entered():
                stack.enter_context(bench.running(*command))
            yield


@cache
def zone_text(signers: str) -> str:
    """The root zone with keys A and B, its DNSKEY RRset signed by the keys of these letters."""
    published = [key("A"), key("B"), zsk("resolvers")]
    signing = [key(letter) for letter in signers]
    return _signed(published, [*signing, zsk("resolvers")]).replace("192.0.2.66", "192.0.2.67")


def _signed(published: list[LabKey], signing: list[LabKey]) -> str:
    zone = dns.zone.from_text(_ZONE, origin=dns.name.root, relativize=False)
    now = datetime.now(UTC).replace(microsecond=0)
    with zone.writer() as transaction:
        for one in published:
            transaction.add(dns.name.root, 300, one.dnskey)
        dns.dnssec.sign_zone(
            zone,
            transaction,
            keys=[(one.private_key, one.dnskey) for one in signing],
            inception=now - timedelta(days=2),
            expiration=now + timedelta(days=30),
        )
    text = zone.to_text(relativize=False)
    assert isinstance(text, str)
    return text


def _set(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "the network cannot be entered")
