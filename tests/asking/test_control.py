"""What a program says of itself: which one answers, and what its words are worth for a key."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from anchors.asking import control as controlling
from anchors.asking.control import (
    Control,
    Holding,
    Witness,
    holding,
    parse_control,
    said_by,
    witnesses,
)
from anchors.asking.judge import judge
from anchors.asking.listener import is_loopback, listener_at
from anchors.asking.processes import Process
from anchors.asking.questions import Choice
from anchors.asking.run import ask
from anchors.asking.verdict import ResolverVerdict, Summary, Trust
from anchors.cli.main import main
from anchors.consumers.asker import Asker
from anchors.consumers.bench import Bench, ConsumerFailed
from anchors.consumers.driver import Held, HeldTags
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import CONSUMERS
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Severity
from anchors.core.found import FoundDs
from anchors.core.servers import Server
from tests.asking.sayings import (
    KEYS,
    NEW,
    NEW_DIGEST,
    NEW_KEY,
    OLD,
    OTHER,
    UNTOLD,
    WRONG,
    saying,
    tagging,
)
from tests.asking.simulated import CHOICE, request_for_lab
from tests.asking.test_tables import BEFORE, FAILING, NO_SENTINEL, NOT_TRUSTED, VALIDATION, Given
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, keys

SILENT = replace(BEFORE, unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL)


def judged(made: Given, witness: Witness | None, *, before: bool = True) -> ResolverVerdict:
    at = BEFORE_THE_ROLL if before else AFTER_THE_ROLL
    facts = made.facts()._replace(witness=witness)
    return judge("127.0.0.1", facts, keys(at), Choice(bogus="bogus.example."))


def found(verdict: ResolverVerdict, check: Check = Check.ASK_CONTRADICTION) -> list[Severity]:
    return [finding.severity for finding in verdict.findings if finding.check is check]


@pytest.mark.parametrize(
    ("witness", "expected"),
    [
        (saying(OLD, NEW), Holding.RIGHT),
        (saying(NEW_KEY), Holding.RIGHT),
        (saying(OLD, WRONG), Holding.WRONG),
        (saying(OTHER), Holding.WRONG),
        (saying(WRONG, NEW), Holding.RIGHT),
        (saying(OLD), Holding.ABSENT),
        (saying(), Holding.UNTOLD),
        (tagging(20326, 38696), Holding.TAG),
        (tagging(20326), Holding.ABSENT),
        (tagging(), Holding.UNTOLD),
        (UNTOLD, Holding.UNTOLD),
        (None, Holding.UNTOLD),
    ],
)
def test_what_a_program_says_of_a_key(witness: Witness | None, expected: Holding) -> None:
    assert holding(KEYS[38696], witness) is expected


def test_a_digest_of_a_type_that_nobody_knows_is_a_tag() -> None:
    key = KEYS[38696]._replace(digests=((2, NEW_DIGEST),), public_key=None)
    assert holding(key, saying(FoundDs(38696, 8, 4, bytes(48)))) is Holding.TAG


@pytest.mark.parametrize(
    ("made", "witness", "trust", "summary", "severities"),
    [
        # Its sentinel says yes, and the digest is wrong: nothing else finds that before the roll.
        (BEFORE, saying(OLD, WRONG), Trust.NOT_TRUSTED, Summary.NOT_READY, ["failure"]),
        (BEFORE, saying(OLD, NEW), Trust.BY_TAG, Summary.READY, []),
        (BEFORE, tagging(20326, 38696), Trust.BY_TAG, Summary.READY, []),
        (BEFORE, saying(OLD), Trust.BY_TAG, Summary.READY, ["warning"]),
        (BEFORE, None, Trust.BY_TAG, Summary.READY, []),
        # It has no sentinel: the program alone tells.
        (SILENT, None, Trust.TELLS_NOTHING, Summary.CANNOT_TELL, []),
        (SILENT, saying(OLD, NEW), Trust.BY_TAG, Summary.READY, []),
        (SILENT, saying(OLD, WRONG), Trust.NOT_TRUSTED, Summary.NOT_READY, ["failure"]),
        (SILENT, saying(OLD), Trust.NOT_TRUSTED, Summary.NOT_READY, []),
        (SILENT, saying(), Trust.TELLS_NOTHING, Summary.CANNOT_TELL, []),
        # Its sentinel says no.
        (
            replace(BEFORE, new=NOT_TRUSTED),
            saying(OLD, NEW),
            Trust.NOT_TRUSTED,
            Summary.NOT_READY,
            ["warning"],
        ),
    ],
)
def test_before_the_roll(
    made: Given, witness: Witness | None, trust: Trust, summary: Summary, severities: list[str]
) -> None:
    verdict = judged(made, witness)
    assert (verdict.keys[1].trust, verdict.summary) == (trust, summary)
    assert found(verdict) == severities


@pytest.mark.parametrize(
    ("witness", "words"),
    [
        (saying(OLD, WRONG), "with a wrong digest"),
        (saying(OLD, NEW), "with the right digest, but cannot use it"),
        (tagging(20326, 38696), "the digest or the clock is wrong"),
    ],
)
def test_what_fails_says_why(witness: Witness, words: str) -> None:
    verdict = judged(FAILING, witness, before=False)
    assert verdict.summary is Summary.NOT_READY
    (message,) = [f.message for f in verdict.findings if f.check is Check.ASK_CONTRADICTION]
    assert words in message


@pytest.mark.parametrize("name", VALIDATION)
def test_what_is_said_makes_no_resolver_ready_that_does_not_validate(name: str) -> None:
    made, word = VALIDATION[name]
    said = judged(made, saying(OLD, NEW), before=False)
    assert said.validates.value == word
    assert said.summary is judged(made, None, before=False).summary


def test_one_that_does_not_tell_is_a_finding() -> None:
    assert found(judged(BEFORE, UNTOLD), Check.ASK_NOT_TOLD) == [Severity.NOTICE]
    named = UNTOLD._replace(is_chosen=True)
    assert found(judged(BEFORE, named), Check.ASK_NOT_TOLD) == [Severity.WARNING]


# Which program answers.


@pytest.mark.parametrize("place", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_the_program_that_listens_is_found(place: str) -> None:
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((place, 0))
        port = bound.getsockname()[1]
        listener = listener_at(Server("::1" if ":" in place else "127.0.0.1", port))
        if place == "::":
            assert listener_at(Server("127.0.0.1", port)) == listener
    assert listener is not None
    assert listener.name == Path("/proc/self/comm").read_text().strip()
    assert listener_at(Server("127.0.0.1", port)) is None


def test_a_socket_of_the_address_comes_before_one_of_any() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exact,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        exact.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.2", exact.getsockname()[1]))
        assert listener_at(Server("127.0.0.3", exact.getsockname()[1])) is None
        assert listener_at(Server("127.0.0.2", exact.getsockname()[1])) is not None


def test_over_tls_the_tcp_socket_counts() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert listener_at(Server("127.0.0.1", port, tls=True)) is None
        bound.listen()
        assert listener_at(Server("127.0.0.1", port, tls=True)) is not None
        assert listener_at(Server("127.0.0.1", port)) is None


def test_loopback() -> None:
    assert is_loopback(Server("127.0.0.53"))
    assert is_loopback(Server("::1"))
    assert not is_loopback(Server("192.0.2.1"))


def test_nobody_is_asked_behind_another_machines_address_or_an_unknown_program() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        here = Server("127.0.0.1", bound.getsockname()[1])
        assert witnesses([Server("192.0.2.1"), here], None) == [None, None]


def test_an_address_is_looked_for_once_and_some_addresses_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for: list[Server] = []
    monkeypatch.setattr(controlling, "listener_at", looked_for.append)
    servers = [Server("127.0.0.1", number) for number in range(1, 20)]
    assert witnesses([servers[0]] * 20 + servers, None) == [None] * 39
    assert looked_for == servers[: controlling.MAX_PROGRAMS]


def process(channel: str) -> Process:
    return Process("1", Path("/run"), (), None, None, (Path(channel),) if channel else ())


def by_channel(_bench: Bench, _resolver: Endpoint, place: Path | None) -> Held:
    """A socket at /run/N tells of the tag N; there is no usual channel, and no socket 3."""
    if place is None or place.name == "3":
        raise ConsumerFailed(f"nobody at {place}")
    return Held(HeldTags((int(place.name),)), "its words")


@pytest.mark.parametrize(
    ("channels", "alone", "words"),
    [
        (["1"], False, "1"),
        (["1", "1"], False, "1"),
        (["1", "2"], True, "its processes have different anchors"),
        (["1", "3"], True, "nobody at /run/3"),
        (["1", ""], False, "several processes of the program run"),
        (["1", ""], True, "nobody at None"),
        ([], True, "nobody at None"),
    ],
)
def test_every_process_is_asked_over_its_own_channel(
    channels: list[str], alone: bool, words: str
) -> None:
    asker = Asker(tell=by_channel, channel=lambda sockets, _given: next(iter(sockets), None))
    processes = [process(channel) for channel in channels]
    told = said_by(processes, CONSUMERS[0], asker, Server("127.0.0.1"), is_alone=alone)
    if words == "1":
        assert told.anchors == [(1, None)]
    else:
        assert told.held is None
        assert told.failure.startswith(words)


def test_a_control_names_a_program_that_tells() -> None:
    assert parse_control("bind") == Control("bind")
    assert parse_control("knot=/run/x=1") == Control("knot", Path("/run/x=1"))
    for text in ("", "dnsmasq", "rndc", "bind="):
        with pytest.raises(UsageError):
            parse_control(text)


def test_a_control_is_of_one_resolver() -> None:
    servers = [Server("127.0.0.1", 9), Server("127.0.0.2", 9)]
    with pytest.raises(UsageError):
        ask(request_for_lab(), servers, CHOICE, control=Control("bind"))
    assert main(["ask", "127.0.0.1#9", "--offline", "--control", "stubby"]) == 2


def test_the_threads_of_this_process_are_one_program() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        listener = listener_at(Server("127.0.0.1", bound.getsockname()[1]))
        stop.set()
        thread.join()
    assert listener is not None
