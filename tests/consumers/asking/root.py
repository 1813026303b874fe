"""A lab root that can be rolled while resolvers run."""

from __future__ import annotations

import contextlib
import enum
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.zone

from anchors.consumers.bench import Bench, Running, on_bench
from anchors.consumers.query import Endpoint, Question, ask
from anchors.proving.lab import Lab, LabKey
from tests.lab.phases import Phase

__all__ = ["BOGUS", "GOOD", "PLAIN", "Root", "State", "rolling"]

GOOD, BOGUS, PLAIN = "www.e2e.", "bogus.e2e.", "plain."
REVOKE = 0x80

_ZONE = f"""\
$ORIGIN .
$TTL {{ttl}}
. IN SOA a.rootfake. hostmaster.rootfake. {{serial}} 1800 900 604800 {{ttl}}
. IN NS a.rootfake.
a.rootfake. IN A 127.0.0.1
{GOOD} IN A 192.0.2.80
{BOGUS} IN A 192.0.2.66
{PLAIN} IN TXT "a zone for names that are not there"
"""
_NSD = """\
server:
    ip-address: {here.address}@{here.port}
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    server-count: 1
    round-robin: no
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
"""


class State(enum.Enum):
    """Which keys are published, and which sign."""

    OLD = (("old", "new"), ("old",))
    NEW = (("old", "new"), ("new",))
    BOTH = (("old", "new"), ("old", "new"))
    REVOKED = (("revoked", "new"), ("revoked", "new"))


class Root:
    """The running root, and how to roll it."""

    def __init__(self, lab: Lab, bench: Bench, ttl: int) -> None:
        self._lab, self._bench, self._ttl = lab, bench, ttl
        self._serial = 0
        self.endpoint = Endpoint("127.0.0.1", 0)
        self._running: Running | None = None

    def write(self, state: State | Phase) -> None:
        """Write the zone in this state."""
        self._serial += 1
        self._bench.write("root.zone", self._text(state))

    def roll(self, state: State | Phase) -> None:
        """Serve the zone in this state, and wait until it is served."""
        self.write(state)
        assert self._running is not None
        self._running._started.result().send_signal(signal.SIGHUP)
        for _ in range(100):
            reply = ask(self.endpoint, Question(".", "SOA"), seconds=1)
            if reply is not None and f" {self._serial} " in reply.answer[0]:
                return
            time.sleep(0.05)
        raise AssertionError("the root does not roll")

    @contextlib.contextmanager
    def serving(self) -> Iterator[Root]:
        """Run the name server."""

        def configure(here: Endpoint) -> Sequence[str]:
            text = _NSD.format(here=here, directory=self._bench.directory)
            return ["-d", "-c", str(self._bench.write("nsd.conf", text))]

        with self._bench.serving("nsd", configure, ready=Question(".", "SOA")) as served:
            self.endpoint, self._running = served
            yield self

    def _keys(self, state: State | Phase) -> tuple[list[LabKey], list[LabKey]]:
        """What is published and what signs, zone-signing keys of the same algorithms with them."""
        old, new = self._lab.keys[0], self._lab.keys[-1]
        named = {"old": old, "new": new, "revoked": old._replace(flags=old.flags | REVOKE)}
        steps = state if isinstance(state, Phase) else state.value
        published, signing = ([named[word] for word in words] for words in steps[-2:])
        for number in {key.algorithm for key in signing}:
            signing.append(self._lab.zone_keys[number])
            if any(key.algorithm == number for key in published):
                published.append(self._lab.zone_keys[number])
        return published, signing

    def _text(self, state: State | Phase) -> str:
        published, signing = self._keys(state)
        text = _ZONE.format(serial=self._serial, ttl=self._ttl)
        zone = dns.zone.from_text(text, origin=dns.name.root, relativize=False)
        now = datetime.now(UTC)
        with zone.writer() as transaction:
            for key in published:
                transaction.add(dns.name.root, self._ttl, key.dnskey)
            dns.dnssec.sign_zone(
                zone,
                transaction,
                keys=[(key.private, key.dnskey) for key in signing],
                inception=now - timedelta(days=2),
                expiration=now + timedelta(days=30),
                add_dnskey=False,
            )
        # Changed after signing, so that its RRSIG no longer holds.
        return zone.to_text(relativize=False).replace("192.0.2.66", "192.0.2.67")


@contextlib.contextmanager
def rolling(lab: Lab, state: State | Phase, *, ttl: int = 300) -> Iterator[Root]:
    """A root in this state."""
    with on_bench("", "unused", b"") as bench:
        root = Root(lab, bench, ttl)
        root.write(state)
        with root.serving():
            yield root
