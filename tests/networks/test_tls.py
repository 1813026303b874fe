"""DNS over TLS: for networks that block port 53, and for asking a resolver without believing it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

import dns.flags
import dns.message
import pytest

from tests.lab import liar
from tests.lab.https import Tls
from tests.lab.ipv6 import has_ipv6
from tests.lab.liar import Says, lying
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Front, Path, Tcp, relaying
from tests.networks.fleet import DEADLINE, SLACK, seen, told
from tests.networks.lab import APEX, KSK, OTHER

GOOD = ("verified", "tls", 1)


class Resolver:
    """Answers for others, sets RA and AD, and remembers the flags of what it was asked."""

    def __init__(self, says: Says) -> None:
        self._says = says
        self.asked: list[dns.message.QueryMessage] = []

    def __call__(self, query: dns.message.QueryMessage) -> Sequence[bytes]:
        self.asked.append(query)
        messages = [dns.message.from_wire(wire) for wire in self._says(query)]
        for message in messages:
            message.flags |= dns.flags.RA | dns.flags.AD
            message.flags &= ~dns.flags.AA
        return [message.to_wire(max_size=0xFFFF) for message in messages]


@contextlib.contextmanager
def resolving(says: Says, tls: Tls) -> Iterator[Front]:
    """A resolver behind TLS, which is the only way to it."""
    with (
        lying(liar.silent, says) as server,
        relaying([Path(behind=server.endpoint, tls=tls.context)]) as fronts,
    ):
        yield fronts[0]


def test_a_real_name_server_over_tls(servers: list[Endpoint], source: FilePath, tls: Tls) -> None:
    hosts = ["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1", "127.0.0.2"]
    paths = [Path(behind=servers[0], host=host, delay=0.05, tls=tls.context) for host in hosts]
    with relaying(paths) as fronts:
        run, text = seen(source, fronts), told(source, fronts)
        # Nobody tried in the clear.
        assert [front.over_udp for front in fronts] == [0, 0]
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [GOOD, GOOD]
    assert [row["address"] for row in run.servers] == [str(front) for front in fronts]
    assert run.servers[0]["address"].startswith("tls://127.0.0.1#")
    assert [row["signed_by"] for row in run.servers] == [[KSK.tag]] * 2
    assert "2 of 2 answered, all the same RRset" in text
    assert run.seconds < 0.5 + SLACK


def test_tls_beside_the_others(servers: list[Endpoint], source: FilePath, tls: Tls) -> None:
    paths = [
        Path(behind=servers[0]),
        Path(behind=servers[-1], tls=tls.context),
        Path(behind=servers[0], truncate=True),
    ]
    with relaying(paths) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [("verified", "udp", 1), GOOD, ("verified", "tcp", 1)]


def test_a_resolver_is_asked_for_what_it_has(source: FilePath, tls: Tls) -> None:
    resolver = Resolver(liar.answers(APEX))
    with resolving(resolver, tls) as front:
        run = seen(source, [front])
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [GOOD]
    (query,) = resolver.asked
    # Recursion is desired, its judgement is not; the signatures are.
    assert query.flags & dns.flags.RD
    assert query.flags & dns.flags.CD
    assert not query.flags & dns.flags.AD
    assert query.ednsflags & dns.flags.DO


@pytest.mark.parametrize(
    ("says", "code", "outcome"),
    [
        (liar.answers(OTHER), 1, "untrusted"),
        (liar.answers(APEX.forged()), 1, "untrusted"),
        (liar.answers(APEX.stripped()), 3, "unsigned"),
    ],
    ids=["another root", "forged", "stripped"],
)
def test_the_ad_bit_is_never_believed(
    says: Says, code: int, outcome: str, source: FilePath, tls: Tls
) -> None:
    with resolving(Resolver(says), tls) as front:
        run = seen(source, [front])
    assert (run.code, run.rows) == (code, [(outcome, "tls", 1)])
    check = "rootzone.signature" if code == 1 else "rootzone.answers"
    assert [*run.findings("failure")] == [check]
    assert [row["emitted"] for row in run.report["anchors"]] == [False, False]


def test_a_resolver_that_lies_beside_servers_that_do_not(
    servers: list[Endpoint], source: FilePath, tls: Tls
) -> None:
    with (
        resolving(Resolver(liar.answers(OTHER)), tls) as resolver,
        relaying([Path(behind=server) for server in servers]) as fronts,
    ):
        run = seen(source, [*fronts, resolver])
    assert run.code == 0
    assert run.rows[-1] == ("untrusted", "tls", 1)
    assert str(resolver) in run.attention["rootzone.server"]


def test_a_port_that_speaks_no_tls(servers: list[Endpoint], source: FilePath, tls: Tls) -> None:
    """Plain TCP behind ``tls://`` fails; it is never asked in the clear."""
    with (
        relaying([Path(behind=servers[0])]) as plain,
        relaying([Path(behind=servers[0], tls=tls.context)]) as good,
    ):
        run = seen(source, [*good], "--server", f"tls://{plain[0]}", "--timeout", "3")
        assert plain[0].over_udp == 0
    assert run.code == 0
    assert run.rows[0] == GOOD
    assert run.rows[1][0] in {"unreachable", "malformed", "timeout"}
    assert run.rows[1][1:] == ("tls", 1)


@pytest.mark.usefixtures("tls")
@pytest.mark.parametrize(
    ("path", "outcome", "within"),
    [
        (Path(behind=None), "unreachable", 0.5),
        (Path(behind=Endpoint("127.0.0.1", 1), tcp=Tcp.SILENT), "timeout", 1.0),
    ],
    ids=["refused", "silent"],
)
def test_tls_that_does_not_come_about(
    path: Path, outcome: str, within: float, source: FilePath
) -> None:
    with relaying([path]) as fronts:
        run = seen(source, [], "--server", f"tls://{fronts[0]}", "--timeout", "1")
    assert within < DEADLINE
    assert (run.code, run.rows) == (3, [(outcome, "tls", 1)])
    assert run.seconds < within + SLACK
