"""Name servers that lie, alone and among honest ones; every run is bounded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.rcode
import pytest
from dns.dnssectypes import Algorithm

from tests.lab import liar, zone
from tests.lab.keys import ksk, zsk
from tests.lab.liar import Says, lying
from tests.lab.nameserver import Endpoint, serve
from tests.live.command import files_in
from tests.live.lab_root import TIMEOUT, built, key_digest, published, verified

# Elliptic keys keep an answer small enough for UDP, so that each lie is told over UDP.
ECDSA = Algorithm.ECDSAP256SHA256
KSK, SPARE, STRANGER = ksk("old", ECDSA), ksk("new", ECDSA), ksk("stranger", ECDSA)
APEX = zone.signed([KSK, SPARE, zsk("zsk", ECDSA)], by=[KSK])
HONEST = liar.answers(APEX)
OTHER = liar.answers(zone.signed([STRANGER, zsk("zsk", ECDSA)], by=[STRANGER]))
AGREED_ELSEWHERE = liar.answers(zone.signed([KSK, SPARE, zsk("next", ECDSA)], by=[KSK]))

# For runs in which nobody will answer.
SHORT = 0.5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return published(tmp_path, key_digest(KSK), key_digest(SPARE))


@pytest.fixture(scope="module")
def honest() -> Iterator[Endpoint]:
    """A real name server with the right RRset."""
    with serve(APEX) as endpoint:
        yield endpoint


@dataclass(frozen=True)
class Lie:
    """What one server says over UDP and TCP, and the outcome the report shows for it."""

    udp: Says
    tcp: Says | None = None
    outcome: str = ""


NO_ANSWERS = {
    "silent": Lie(liar.silent, outcome="timeout"),
    "garbage": Lie(liar.garbage, outcome="timeout"),
    "noise": Lie(liar.noise, outcome="timeout"),
    "the query itself": Lie(liar.echo, outcome="timeout"),
    "wrong ID": Lie(liar.wrong_id(HONEST), outcome="timeout"),
    "another question": Lie(liar.other_question(APEX), outcome="timeout"),
    "truncated, TCP refused": Lie(liar.truncated(APEX), outcome="unreachable"),
    "truncated, TCP silent": Lie(liar.truncated(), liar.silent, outcome="timeout"),
    "truncated, TCP garbage": Lie(liar.truncated(), liar.garbage, outcome="malformed"),
    "truncated, TCP truncated": Lie(
        liar.truncated(APEX), liar.truncated(APEX), outcome="truncated"
    ),
    "REFUSED": Lie(liar.rcode(dns.rcode.REFUSED), outcome="refused"),
    "SERVFAIL": Lie(liar.rcode(dns.rcode.SERVFAIL), outcome="servfail"),
    "NXDOMAIN": Lie(liar.rcode(dns.rcode.NXDOMAIN), outcome="nxdomain"),
    "nothing in it": Lie(liar.rcode(dns.rcode.NOERROR), outcome="no-dnskey"),
    "another owner": Lie(liar.other_owner(APEX), outcome="no-dnskey"),
}


@pytest.mark.parametrize("story", NO_ANSWERS)
def test_no_answer_at_all_is_undecided(story: str, source: Path) -> None:
    lie = NO_ANSWERS[story]
    timeout = SHORT if lie.outcome == "timeout" else TIMEOUT
    with lying(lie.udp, lie.tcp) as server:
        outcome = verified(source, "--server", str(server), timeout=timeout)
    assert (outcome.code, outcome.report["verdict"]) == (3, "undecided")
    finding = outcome.finding("rootzone.answers")
    assert finding["severity"] == "failure"
    assert "no server answered with a signed DNSKEY RRset of the root" in finding["message"]
    assert lie.outcome in finding["got"]
    assert outcome.report["dns"]["servers"][0]["outcome"] == lie.outcome
    assert {one["published"] for one in outcome.report["anchors"]} == {None}


@pytest.mark.parametrize("story", ["silent", "truncated, TCP refused", "REFUSED"])
def test_no_answer_among_honest_ones_is_a_warning(
    story: str, source: Path, honest: Endpoint
) -> None:
    lie = NO_ANSWERS[story]
    with lying(lie.udp, lie.tcp) as server:
        outcome = verified(source, "--server", str(honest), "--server", str(server), timeout=1)
    assert (outcome.code, outcome.report["attention"]) == (0, True)
    assert outcome.checks("warning") == ["rootzone.silent"]
    assert outcome.checks("alarm", "failure") == []
    assert [one["outcome"] for one in outcome.report["dns"]["servers"]] == [
        "verified",
        lie.outcome,
    ]


def test_all_are_silent_and_nothing_is_written(source: Path) -> None:
    with lying(liar.silent) as one, lying(liar.silent) as two:
        servers = ("--server", str(one), "--server", str(two))
        outcome = built(source, source.parent / "out", *servers, timeout=SHORT)
    assert outcome.code == 3
    assert "rootzone.answers" in outcome.stderr
    assert not (source.parent / "out").exists()
    assert len(one.over_udp) >= 1
    assert len(two.over_udp) >= 1


@pytest.mark.parametrize("apex", [APEX.stripped()], ids=["stripped"])
def test_only_stripped_answers_are_undecided(apex: zone.Apex, source: Path) -> None:
    with lying(liar.answers(apex)) as one, lying(liar.answers(apex)) as two:
        outcome = verified(source, "--server", str(one), "--server", str(two))
    assert (outcome.code, outcome.report["verdict"]) == (3, "undecided")
    assert outcome.finding("rootzone.answers")["severity"] == "failure"
    assert [one["outcome"] for one in outcome.report["dns"]["servers"]] == ["unsigned"] * 2


@pytest.mark.parametrize(
    ("says", "outcome_of_liar"),
    [
        (OTHER, "untrusted"),
        (liar.answers(APEX.forged()), "untrusted"),
        (liar.answers(APEX.stripped()), "unsigned"),
    ],
    ids=["other key", "forged", "stripped"],
)
def test_one_liar_among_honest_servers(
    says: Says, outcome_of_liar: str, source: Path, honest: Endpoint
) -> None:
    with lying(says) as server, lying(HONEST) as third:
        servers = [word for one in (honest, server, third) for word in ("--server", str(one))]
        outcome = verified(source, *servers)
    assert (outcome.code, outcome.report["verdict"]) == (0, "verified")
    assert outcome.report["attention"] is True
    assert outcome.checks("alarm") == ["rootzone.server"]
    assert outcome.anchor(KSK.tag)["signing"] is True
    assert [one["outcome"] for one in outcome.report["dns"]["servers"]] == [
        "verified",
        outcome_of_liar,
        "verified",
    ]


def test_an_alarm_under_strict_writes_nothing(source: Path, honest: Endpoint) -> None:
    with lying(OTHER) as server:
        servers = ("--server", str(honest), "--server", str(server))
        outcome = built(source, source.parent / "out", *servers, "--strict")
        assert outcome.code == 4
        assert not (source.parent / "out").exists()
        assert built(source, source.parent / "out", *servers).code == 0
    assert "root.ds" in files_in(source.parent / "out")


def test_two_rrsets_both_validly_signed(source: Path, honest: Endpoint) -> None:
    with lying(AGREED_ELSEWHERE) as server:
        outcome = verified(source, "--server", str(honest), "--server", str(server))
    assert (outcome.code, outcome.report["attention"]) == (0, True)
    assert outcome.checks("alarm") == ["rootzone.agreement"]
    assert "2 different DNSKEY RRsets" in outcome.finding("rootzone.agreement")["message"]


def test_only_liars_are_not_trusted(source: Path) -> None:
    with lying(OTHER) as one, lying(liar.answers(APEX.forged())) as two:
        outcome = verified(source, "--server", str(one), "--server", str(two))
    assert (outcome.code, outcome.report["verdict"]) == (1, "not-trusted")
    assert outcome.finding("rootzone.signature")["severity"] == "failure"


def test_a_liar_beside_silence_is_not_trusted(source: Path) -> None:
    with lying(OTHER) as one, lying(liar.silent) as two:
        outcome = verified(source, "--server", str(one), "--server", str(two), timeout=1)
    assert outcome.code == 1
    assert outcome.finding("rootzone.signature")["severity"] == "failure"


def test_a_spoofed_packet_before_the_true_answer(source: Path) -> None:
    says = liar.one_after_the_other(liar.wrong_id(OTHER), liar.garbage, HONEST)
    with lying(says) as server:
        outcome = verified(source, "--server", str(server))
    assert (outcome.code, outcome.report["attention"]) == (0, False)
    assert outcome.report["dns"]["servers"][0]["transport"] == "udp"


def test_truncation_and_then_tcp(source: Path) -> None:
    with lying(liar.truncated(APEX), tcp=HONEST) as server:
        outcome = verified(source, "--server", str(server))
    assert (outcome.code, outcome.report["attention"]) == (0, False)
    assert outcome.report["dns"]["servers"][0]["transport"] == "tcp"
    assert (len(server.over_udp), len(server.over_tcp)) == (1, 1)


def test_many_servers_are_asked_side_by_side(source: Path) -> None:
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(lying(liar.silent)) for _ in range(12)]
        servers.append(stack.enter_context(lying(HONEST)))
        options = [word for one in servers for word in ("--server", str(one))]
        outcome = verified(source, *options, timeout=1)
    assert outcome.code == 0
    assert outcome.finding("rootzone.silent")["message"].startswith("12 of 13 ")
    assert outcome.seconds < 1 + 5
