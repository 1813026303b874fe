"""Resolvers that lie, flood, drip, cut and break: bounded, and never called ready."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rrset
import pytest

from anchors.asking import answers
from anchors.asking import observe as observing
from anchors.asking.answers import Heard, Line
from anchors.asking.questions import Question
from anchors.asking.verdict import Summary
from anchors.core.checks import Check
from anchors.core.servers import Server
from tests.asking.simulated import CHOICE, NEW, OLD, ZSK, Resolver, asked, told
from tests.lab import liar
from tests.lab.keys import ksk
from tests.lab.liar import Says
from tests.lab.nameserver import Endpoint, free_port
from tests.lab.zone import signed

# A run on a machine with other work to do.
SLACK = 15.0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "UDP_WAITS", (0.2, 0.2, 0.2))
    monkeypatch.setattr(answers, "STREAM_SECONDS", 0.6)


def all_marked(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """AD in every reply, to whatever is asked, and nothing is ever refused."""
    (wire,) = Resolver(validates=False, told=(OLD.tag, NEW.tag))(query)
    message = dns.message.from_wire(wire)
    message.flags |= dns.flags.AD
    return [message.to_wire(max_size=0xFFFF)]


def repeats_the_flag(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """AD in the reply where it was in the question."""
    (wire,) = Resolver(validates=False)(query)
    message = dns.message.from_wire(wire)
    message.flags |= query.flags & dns.flags.AD
    return [message.to_wire(max_size=0xFFFF)]


def empty(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """NOERROR and nothing else, marked."""
    response = dns.message.make_response(query, recursion_available=True)
    response.flags |= dns.flags.AD
    return [response.to_wire()]


def servfail(query: dns.message.QueryMessage) -> Sequence[bytes]:
    response = dns.message.make_response(query, recursion_available=True)
    response.set_rcode(dns.rcode.SERVFAIL)
    return [response.to_wire()]


def flood(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """A hundred replies to something else."""
    del query
    response = dns.message.make_response(dns.message.make_query("example.", "A"))
    return [response.to_wire()] * 100


def cut(query: dns.message.QueryMessage) -> Sequence[bytes]:
    response = dns.message.make_response(query, recursion_available=True)
    response.flags |= dns.flags.TC | dns.flags.AD
    return [response.to_wire()]


FORGER = ksk("asked forger")
FORGED = signed([FORGER, ZSK], by=[FORGER])

LIES: dict[str, tuple[Says, Says | None]] = {
    "marks everything": (all_marked, None),
    "repeats the AD flag": (repeats_the_flag, None),
    "hands over forged keys of the root": (Resolver(apex=FORGED), None),
    "hands over keys without a signature": (Resolver(apex=FORGED.stripped()), None),
    "hands over the right keys with flipped signatures": (
        Resolver(apex=signed([OLD, NEW], by=[NEW]).forged()),
        None,
    ),
    "has nothing to say": (empty, None),
    "fails always": (servfail, None),
    "replies to something else": (flood, None),
    "has wrong IDs": (liar.wrong_id(Resolver()), None),
    "sends garbage": (liar.garbage, None),
    "sends too little": (liar.noise, None),
    "sends the question back": (liar.echo, None),
    "is silent": (liar.silent, None),
    "cuts, and has no TCP": (cut, None),
    "cuts over TCP too": (cut, cut),
    "cuts, and sends garbage over TCP": (cut, liar.garbage),
    "cuts, and is silent over TCP": (cut, liar.silent),
    "cuts, and floods over TCP": (cut, flood),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", LIES)
def test_a_hostile_resolver_is_never_ready(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liar, "PAUSE", 0.0)
    begin = time.monotonic()
    verdict = told(*LIES[name])
    assert time.monotonic() - begin < SLACK
    assert verdict.summary is not Summary.READY
    assert verdict.summary is not Summary.NOT_AFFECTED


def test_forged_keys_of_the_root_are_told() -> None:
    verdict = told(Resolver(apex=FORGED))
    assert Check.ASK_ROOT_KEYS in {finding.check for finding in verdict.findings}


def test_a_flood_beside_the_true_reply_does_no_harm() -> None:
    """Somebody off the way may be faster than the resolver."""
    noise: Says = lambda query: flood(query)[:5]  # noqa: E731 - one of its kind
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(liar, "PAUSE", 0.0)
        verdict = told(liar.one_after_the_other(noise, Resolver()))
    assert verdict.summary is Summary.READY


def test_a_cut_answer_is_asked_for_again_over_tcp() -> None:
    assert told(cut, Resolver()).summary is Summary.READY


def test_some_of_endless_tags_are_told() -> None:
    def boasting(query: dns.message.QueryMessage) -> Sequence[bytes]:
        question = query.question[0]
        if question.rdclass != dns.rdataclass.CH:
            return Resolver()(query)
        response = dns.message.make_response(query, recursion_available=True)
        tags = " ".join(map(str, range(10_000, 10_040)))
        response.answer.append(dns.rrset.from_text(question.name, 0, "CH", "TXT", f'". {tags}"'))
        return [response.to_wire()]

    assert told(boasting).told == [*range(10_000, 10_032)]


def test_a_huge_answer_is_read() -> None:
    texts = " ".join(f'"{"x" * 250}"' for _ in range(20))
    most = dns.rdataset.from_text("IN", "TXT", 0, *(f"{texts} {number}" for number in range(11)))

    def huge(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = dns.message.make_response(query, recursion_available=True)
        response.answer.append(dns.rrset.from_rdata_list(query.question[0].name, 0, list(most)))
        return [response.to_wire(max_size=0xFFFF)]

    verdict = told(cut, huge)
    # Everything is answered, with whatever it may be, and nothing is marked.
    assert (verdict.validates, verdict.summary) == ("no", Summary.NOT_AFFECTED)
    assert Check.ASK_ROOT_KEYS in {finding.check for finding in verdict.findings}


@contextlib.contextmanager
def dripping() -> Iterator[int]:
    """A TCP server that sends one byte of a long message now and then; over UDP all is cut."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:
        stop = threading.Event()
        threading.Thread(target=_drip, args=(server, stop), daemon=True).start()
        with liar._running(liar._Datagrams(liar.Liar(Endpoint("127.0.0.1", port)), cut)):
            yield port
        stop.set()


def _drip(server: socket.socket, stop: threading.Event) -> None:
    server.settimeout(0.1)
    clients = []
    while not stop.is_set():
        with contextlib.suppress(OSError):
            client, _ = server.accept()
            client.sendall(struct.pack("!H", 0xFFFF))
            clients.append(client)
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"\0")
    for client in clients:
        client.close()


@pytest.mark.usefixtures("impatient")
def test_one_that_sends_byte_after_byte_is_not_waited_for() -> None:
    begin = time.monotonic()
    with dripping() as port:
        (verdict,) = asked(Server("127.0.0.1", port)).resolvers
    assert time.monotonic() - begin < SLACK
    assert verdict.summary is Summary.CANNOT_TELL


@pytest.mark.usefixtures("impatient")
def test_a_resolver_that_falls_silent_is_given_up_after_some_questions() -> None:
    def root_alone(query: dns.message.QueryMessage) -> Sequence[bytes]:
        return Resolver()(query) if query.question[0].rdtype == 6 else []

    begin = time.monotonic()
    verdict = told(root_alone, choice=CHOICE._replace(good="www.good."))
    assert time.monotonic() - begin < SLACK
    assert verdict.why.startswith("it does not answer for the good name")


def test_the_deadline_of_one_resolver() -> None:
    def slowly(query: dns.message.QueryMessage) -> Sequence[bytes]:
        time.sleep(0.15)
        return resolver(query)

    resolver = Resolver()
    begin = time.monotonic()
    with liar.lying(slowly) as slow:
        server = Server(slow.endpoint.host, slow.endpoint.port)
        (verdict,) = asked(server, timeout=1.0).resolvers
    assert time.monotonic() - begin < SLACK
    assert verdict.summary is not Summary.READY


def test_a_thousand_addresses_of_which_most_are_dead() -> None:
    """Nobody listens on the others; one is alive, at the very end."""
    dead = [Server(f"127.9.{n // 250}.{n % 250 + 1}", 9) for n in range(999)]
    with liar.lying(Resolver()) as alive:
        rows = asked(*dead, Server(alive.endpoint.host, alive.endpoint.port)).resolvers
    assert [row.summary for row in rows] == [Summary.CANNOT_TELL] * 999 + [Summary.READY]


def test_many_that_are_silent_delay_nobody_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are waited for side by side: here nobody waits before as many as may are there."""

    class AtTheDoor(Line):
        async def ask(self, questions: Sequence[Question], heard: Heard) -> None:
            waiting.append(self)
            most.append(len(waiting))
            if len(waiting) == 150:
                full.set()
            async with asyncio.timeout(SLACK):
                await full.wait()
            await super().ask(questions, heard)
            waiting.remove(self)

    waiting: list[Line] = []
    most: list[int] = []
    full = asyncio.Event()
    monkeypatch.setattr(observing, "Line", AtTheDoor)
    monkeypatch.setattr(answers, "UDP_WAITS", (0.5, 0.5, 1.0))
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(("127.0.0.1", 0))
        alive = stack.enter_context(liar.lying(Resolver()))
        servers = [Server("127.0.0.1", silent.getsockname()[1])] * 300
        rows = asked(*servers, Server(alive.endpoint.host, alive.endpoint.port)).resolvers
    assert max(most) == 150
    assert [row.summary for row in rows] == [Summary.CANNOT_TELL] * 300 + [Summary.READY]
