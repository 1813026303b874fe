"""Asking: what is put on the wire, what is taken for an answer, and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from dns.dnssectypes import Algorithm

from anchors.core.servers import Server, ServerAnswer
from anchors.rootzone import query
from anchors.rootzone.query import ask
from tests.lab import liar, nameserver, zone
from tests.lab.keys import ksk
from tests.lab.liar import Liar, Says, lying
from tests.lab.nameserver import Endpoint

OBSERVED_AT = datetime(2026, 10, 4, 12, tzinfo=UTC)
KSK = ksk("one", Algorithm.ED25519)
APEX = zone.signed([KSK], by=[KSK])
FORGED = APEX.forged()
HONEST = liar.answers(APEX)
# For answers that come, and for those that never do.
LONG, SHORT = 10.0, 0.3
SLACK = 2.0


def asked(*endpoints: Endpoint, seconds: float = LONG) -> list[ServerAnswer]:
    """All answers; the deadline holds."""
    servers = [Server(endpoint.host, endpoint.port) for endpoint in endpoints]
    started = time.monotonic()
    answers = ask(servers, observed_at=OBSERVED_AT, until=started + seconds)
    assert time.monotonic() - started < seconds + SLACK
    assert [(answer.address, answer.port) for answer in answers] == [
        (server.address, server.port) for server in servers
    ]
    return answers


@contextlib.contextmanager
def answer_of(
    udp: Says, tcp: Says | None = None, seconds: float = LONG
) -> Iterator[tuple[ServerAnswer, Liar]]:
    with lying(udp, tcp) as server:
        (answer,) = asked(server.endpoint, seconds=seconds)
        yield answer, server


def answer_section(answer: ServerAnswer) -> object:
    assert answer.wire is not None
    return dns.message.from_wire(answer.wire).answer


def test_an_answer_over_udp() -> None:
    with answer_of(HONEST) as (answer, server):
        assert (answer.transport, answer.failure) == ("udp", None)
        assert answer.observed_at == OBSERVED_AT
        assert answer.rtt_ms is not None
        assert answer.rtt_ms >= 0
        assert answer_section(answer) == APEX.rrsets
        assert len(server.over_udp) == 1


def test_the_question_is_for_an_authority_and_wants_signatures() -> None:
    with answer_of(HONEST) as (_, server):
        (query,) = server.over_udp
    assert [(q.name.to_text(), q.rdtype) for q in query.question] == [(".", dns.rdatatype.DNSKEY)]
    assert not query.flags & dns.flags.RD
    assert query.ednsflags & dns.flags.DO
    assert query.payload == 1232


def test_every_question_has_another_id() -> None:
    with lying(HONEST) as server:
        asked(*[server.endpoint] * 8)
        assert len({query.id for query in server.over_udp}) > 4


def test_the_bytes_are_those_that_came() -> None:
    def says(query: dns.message.QueryMessage) -> list[bytes]:
        """Without name compression, and with a record of no interest at the end."""
        response = dns.message.make_response(query)
        response.answer.extend(reversed(APEX.rrsets))
        sent.append(response.to_wire())
        return [sent[-1]]

    sent: list[bytes] = []
    with answer_of(says) as (answer, _):
        assert answer.wire == sent[-1]


def test_truncation_leads_to_tcp() -> None:
    with answer_of(liar.truncated(), tcp=HONEST) as (answer, server):
        assert (answer.transport, answer.failure) == ("tcp", None)
        assert answer_section(answer) == APEX.rrsets
        assert (len(server.over_udp), len(server.over_tcp)) == (1, 1)


def test_half_an_answer_is_none() -> None:
    with answer_of(liar.truncated(APEX), tcp=HONEST) as (answer, _):
        assert answer.transport == "tcp"
        assert answer_section(answer) == APEX.rrsets


def test_truncation_and_no_tcp() -> None:
    with answer_of(liar.truncated(APEX)) as (answer, _):
        assert (answer.transport, answer.failure) == ("tcp", "unreachable")
        assert (answer.wire, answer.rtt_ms) == (None, None)


def test_truncation_and_silence_over_tcp() -> None:
    with answer_of(liar.truncated(), tcp=liar.silent, seconds=1.0) as (answer, server):
        assert (answer.transport, answer.failure, answer.wire) == ("tcp", "timeout", None)
        assert len(server.over_tcp) == 1


@pytest.mark.parametrize(
    "lie",
    [liar.garbage, liar.noise, liar.echo, liar.wrong_id(HONEST), liar.other_question(APEX)],
)
def test_nonsense_over_tcp(lie: Says) -> None:
    with answer_of(liar.truncated(), tcp=lie) as (answer, _):
        assert (answer.transport, answer.wire) == ("tcp", None)
        assert answer.failure == "malformed"


@pytest.mark.parametrize(
    "lie",
    [
        liar.silent,
        liar.garbage,
        liar.noise,
        liar.echo,
        liar.wrong_id(HONEST),
        liar.other_question(APEX),
    ],
)
def test_what_is_no_answer_over_udp_is_not_taken_for_one(lie: Says) -> None:
    with answer_of(lie, seconds=SHORT) as (answer, _):
        assert (answer.transport, answer.failure, answer.wire) == ("udp", "timeout", None)


@pytest.mark.parametrize("lie", [liar.wrong_id(liar.answers(FORGED)), liar.garbage, liar.noise])
def test_the_wait_goes_on_after_a_packet_that_is_no_answer(lie: Says) -> None:
    with answer_of(liar.one_after_the_other(lie, HONEST)) as (answer, server):
        assert answer_section(answer) == APEX.rrsets
        assert len(server.over_udp) == 1


@pytest.mark.parametrize("code", [dns.rcode.REFUSED, dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL])
def test_an_error_is_an_answer(code: dns.rcode.Rcode) -> None:
    with answer_of(liar.rcode(code)) as (answer, _):
        assert answer.failure is None
        assert answer.wire is not None
        assert dns.message.from_wire(answer.wire).rcode() == code


def test_a_lost_packet_is_sent_again() -> None:
    calls: list[int] = []

    def says(query: dns.message.QueryMessage) -> list[bytes]:
        calls.append(query.id)
        return [] if len(calls) == 1 else list(HONEST(query))

    with answer_of(says) as (answer, _):
        assert answer_section(answer) == APEX.rrsets
        assert len(calls) == 2


def test_a_silent_server_takes_nothing_from_the_others() -> None:
    with lying(liar.silent) as silent, lying(HONEST) as honest:
        first, second = asked(silent.endpoint, honest.endpoint, seconds=1.0)
    assert first.failure == "timeout"
    assert second.failure is None


def test_nobody_is_there() -> None:
    (answer,) = asked(Endpoint("127.0.0.1", nameserver.free_port()), seconds=SHORT)
    assert answer.failure in {"timeout", "unreachable"}


def test_a_deadline_that_has_passed() -> None:
    with lying(HONEST) as server:
        (answer,) = ask(
            [Server("127.0.0.1", server.endpoint.port)],
            observed_at=OBSERVED_AT,
            until=time.monotonic() - 1,
        )
    assert answer.failure == "timeout"


@pytest.mark.parametrize("software", nameserver.SOFTWARE)
def test_a_real_name_server_and_the_real_rrset(software: str) -> None:
    apex = zone.recorded()
    with nameserver.serve(apex, nameserver.require(software)) as endpoint:
        (answer,) = asked(endpoint)
    assert (answer.transport, answer.failure) == ("tcp", None)
    assert answer_section(answer) == apex.rrsets


@pytest.mark.parametrize(("error", "told"), [(KeyboardInterrupt(), False), (OSError("x"), True)])
def test_an_interrupt_within_a_task_is_not_told_as_its_error(
    error: BaseException, caplog: pytest.LogCaptureFixture, *, told: bool
) -> None:
    loop = asyncio.new_event_loop()
    try:
        query.tell_but_interrupts(loop, {"message": "a task failed", "exception": error})
    finally:
        loop.close()
    assert ("a task failed" in caplog.text) is told


@contextlib.contextmanager
def flooding() -> Iterator[Endpoint]:
    """A server of its own process: packets with another ID, as many as there can be."""
    started = subprocess.Popen(
        [sys.executable, "-c", FLOOD], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    )
    try:
        assert started.stdout is not None
        yield Endpoint("127.0.0.1", int(started.stdout.readline()))
    finally:
        started.kill()
        started.communicate()


FLOOD = """
import socket, time
flooder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flooder.bind(("127.0.0.1", 0))
print(flooder.getsockname()[1], flush=True)
flooder.settimeout(20)
asked, asker = flooder.recvfrom(4096)
flooder.setblocking(False)
until = time.monotonic() + 20
while time.monotonic() < until:
    try:
        asked, asker = flooder.recvfrom(4096)
    except OSError:
        pass
    # Another ID, and QR set.
    packet = bytes([asked[0] ^ 1, asked[1], asked[2] | 0x80]) + asked[3:]
    for _ in range(100):
        try:
            flooder.sendto(packet, asker)
        except OSError:
            pass
"""


@pytest.mark.parametrize("honest", [0, 1])
def test_a_stream_of_packets_with_another_id_ends_with_the_deadline(honest: int) -> None:
    """Python 3.11 loses a cancellation that comes with a packet: the run never ended."""
    with flooding() as flood, lying(HONEST) as server:
        *others, answer = asked(*[server.endpoint] * honest, flood, seconds=3.0)
    assert (answer.failure, answer.wire) == ("timeout", None)
    assert [other.failure for other in others] == [None] * honest


def test_a_flood_is_not_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_MAX_PACKETS", 4)
    wrong = liar.wrong_id(HONEST)
    started = time.monotonic()
    with answer_of(lambda query: [*wrong(query)] * 8) as (answer, _):
        assert (answer.failure, answer.tries) == ("timeout", 3)
    assert time.monotonic() - started < LONG / 2


def test_some_packets_too_many_are_no_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_MAX_PACKETS", 4)
    wrong = liar.wrong_id(HONEST)
    with answer_of(lambda query: [*[*wrong(query)][:1] * 3, *HONEST(query)]) as (answer, server):
        assert answer_section(answer) == APEX.rrsets
        assert len(server.over_udp) == 1


def test_a_task_that_does_not_end_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[int] = []

    async def stubborn(_question: object) -> None:
        while True:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                cancelled.append(1)

    monkeypatch.setattr(query._Question, "_ask", stubborn)
    monkeypatch.setattr(query, "_END_SECONDS", SHORT)
    (answer,) = asked(Endpoint("127.0.0.1", 9), seconds=SHORT)
    assert answer.failure == "timeout"
    assert len(cancelled) > 3


def test_a_task_that_loses_a_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[bool] = []

    async def losing(_question: object) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(LONG)
        try:
            await asyncio.sleep(LONG)
        finally:
            ended.append(True)

    monkeypatch.setattr(query._Question, "_ask", losing)
    started = time.monotonic()
    asked(Endpoint("127.0.0.1", 9), seconds=SHORT)
    assert ended == [True]
    assert time.monotonic() - started < SHORT + query._END_SECONDS / 2


def test_within_a_running_loop() -> None:
    async def within() -> ServerAnswer:
        with answer_of(HONEST) as (answer, _):
            return answer

    assert asyncio.run(within()).failure is None
