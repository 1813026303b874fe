"""What a program does with a tree: does it start, validate, and which root keys does it hold."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import dns.exception
import dns.message
import dns.query
import dns.rcode

from anchors.consumers.bench import Running, last_words
from anchors.consumers.query import Endpoint, Question, ask
from tests.resolvers.keys import named
from tests.resolvers.machine import Machine, machine
from tests.resolvers.network import BOGUS, OTHER_BOGUS, SECURE, Network
from tests.resolvers.programs import Program
from tests.resolvers.tree import Tree

__all__ = ["Observed", "observe"]

_START_SECONDS = 15.0
_ANSWER_SECONDS = 4.0
_SETTLED_SECONDS = 0.05
_LISTENING = "0A"
# Of rndc, unbound-control and DNS over TLS.
_CONTROL = (853, 953, 8953)
# Where systemd-resolved passes on what it is told, without a judgement of its own.
_PROXIES = ("127.0.0.54",)
_COMPLAINT = re.compile(r"error|fatal|fail|refus|cannot|could not|bad |missing|warn", re.IGNORECASE)
_CHATTER = re.compile(r"built with|file-descriptors|error occurred here")


class Observed(NamedTuple):
    """What was seen.

    Attributes:
        starts: it answers, and goes on running once it has asked the root.
        validates: a bogus name is refused to a client that does not speak of DNSSEC; None: not
            asked, or no answer at all.
        on_request: the same for a client that sets AD.
        resolves: a secure name is answered and called secure; None: not asked.
        holds: the root keys it has, the lab's by their letters, others by their tags;
            None: it does not tell.
        words: the end of what it said.
    """

    starts: bool
    validates: bool | None
    on_request: bool | None
    resolves: bool | None
    holds: frozenset[str] | None
    words: str


_NOT_STARTED = Observed(
    starts=False, validates=None, on_request=None, resolves=None, holds=None, words=""
)


def observe(
    program: Program,
    tree: Tree,
    base: Path,
    network: Network,
    *,
    arguments: tuple[str, ...] | None = None,
    asks: bool = False,
) -> Observed:
    """Start the program on the tree and watch.

    Args:
        program: which one.
        tree: all the files that it finds.
        base: the file system that has the program.
        network: where it runs; a quiet one is enough unless it is asked.
        arguments: its command line, in place of the usual one.
        asks: whether it is asked for names, which a network with a root is needed for.
    """
    command = program.line(arguments)
    with machine(tree, base, network) as host:
        program.prepare(host)
        with host.running(command, user=program.user, **program.environment) as running:
            here = _listening(host, running, program)
            if here is None:
                return _NOT_STARTED._replace(words=_complaint(running.output))
            tags = program.holds(host, running, here)
            seen = _NOT_STARTED._replace(holds=None if tags is None else named(tags))
            if asks:
                with network.entered():
                    seen = _asked(here, running, seen)
                # It may end because of what it has just learnt.
                time.sleep(_SETTLED_SECONDS)
            return seen._replace(starts=not running.ended, words=_complaint(running.output))


def _asked(here: Endpoint, running: Running, seen: Observed) -> Observed:
    secure = ask(here, Question(SECURE), seconds=_ANSWER_SECONDS)
    if running.ended:
        return seen._replace(resolves=False)
    bogus = ask(here, Question(BOGUS), seconds=_ANSWER_SECONDS)
    return seen._replace(
        validates=_refused(here),
        on_request=None if bogus is None else bogus.rcode == "SERVFAIL",
        resolves=secure is not None and secure.rcode == "NOERROR" and secure.authenticated,
    )


def _refused(here: Endpoint) -> bool | None:
    """Whether a bogus name is refused to a client that sets no flag but RD."""
    query = dns.message.make_query(OTHER_BOGUS, "A", use_edns=False)
    try:
        reply = dns.query.udp(query, here.address, port=here.port, timeout=_ANSWER_SECONDS)
    except (OSError, dns.exception.DNSException):
        return None
    return reply.rcode() == dns.rcode.SERVFAIL


def _complaint(output: str) -> str:
    """What it complained of first and last, or else the end of what it said."""
    lines = [
        line.strip()
        for line in output.splitlines()
        if _COMPLAINT.search(line) and not _CHATTER.search(line)
    ]
    return " / ".join([*lines[:2], *lines[2:][-1:]]) or last_words(output, 2)


def _listening(host: Machine, running: Running, program: Program) -> Endpoint | None:
    """Where it answers; None where it ends, or never does."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and not running.ended:
        for endpoint in _endpoints(host.network.holder):
            with host.network.entered():
                if ask(endpoint, program.ready, seconds=0.3) is not None and not running.ended:
                    return endpoint
        time.sleep(0.01)
    return None


def _endpoints(holder: int) -> list[Endpoint]:
    """Where anything listens over TCP in that network, of IPv4, the port of control left out."""
    lines = Path(f"/proc/{holder}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    found = []
    for line in lines:
        local, _, state = line.split()[1:4]
        address, port = local.split(":")
        if state == _LISTENING:
            octets = bytes.fromhex(address)[::-1]
            text = ".".join(map(str, octets))
            found.append(Endpoint("127.0.0.1" if text == "0.0.0.0" else text, int(port, 16)))
    return [one for one in found if one.port not in _CONTROL and one.address not in _PROXIES]
