"""Asking: what is put on the wire, what is taken for an answer, and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from dns.dnssectypes import Algorithm

from anchors.model import ServerAnswer
from anchors.rootzone import query
from anchors.rootzone.query import ask
from anchors.rootzone.servers import Server
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
        query._tell_but_interrupts(loop, {"message": "a task failed", "exception": error})
    finally:
        loop.close()
    assert ("a task failed" in caplog.text) is told


def test_giving_up_while_the_limit_is_expiring(monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[dict[str, object]] = []

    async def late() -> ServerAnswer:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: faults.append(context))
        question = query._Question(Server("192.0.2.1"), recursion=False)
        monkeypatch.setattr(question, "_ask", lambda: asyncio.sleep(LONG))
        now = time.monotonic()
        task = asyncio.ensure_future(question.answer(OBSERVED_AT, now + 0.01))
        loop.call_later(0.02, question.give_up_at, now)
        await asyncio.sleep(0)
        # Both timers are due at once now: the limit has struck, and the task does not know yet.
        time.sleep(0.05)  # noqa: ASYNC251 - the loop shall be late
        return await task

    assert asyncio.run(late()).failure == "timeout"
    assert faults == []


def test_within_a_running_loop() -> None:
    async def within() -> ServerAnswer:
        with answer_of(HONEST) as (answer, _):
            return answer

    assert asyncio.run(within()).failure is None
