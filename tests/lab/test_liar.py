"""The liar's lies are the ones it is asked for, as an independent client sees them."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from dns.dnssectypes import Algorithm

from tests.lab import liar, zone
from tests.lab.keys import ksk

KSK = ksk("one", Algorithm.ECDSAP256SHA256)
APEX = zone.signed([KSK], by=[KSK])
SHORT = 0.2


def asked(running: liar.Liar, timeout: float = 5.0) -> dns.message.Message:
    query = dns.message.make_query(".", "DNSKEY", want_dnssec=True)
    return dns.query.udp_with_fallback(
        query, running.endpoint.host, timeout, running.endpoint.port
    )[0]


def test_it_can_be_honest() -> None:
    with liar.lying(liar.answers(APEX)) as running:
        message = asked(running)
    assert message.answer == APEX.rrsets
    assert [query.question[0].rdtype for query in running.over_udp] == [dns.rdatatype.DNSKEY]
    assert running.over_tcp == []


def test_it_can_strip_the_signatures() -> None:
    with liar.lying(liar.answers(APEX.stripped())) as running:
        assert asked(running).answer == [APEX.dnskeys]


@pytest.mark.parametrize("code", [dns.rcode.NXDOMAIN, dns.rcode.REFUSED, dns.rcode.SERVFAIL])
def test_it_can_answer_with_an_error(code: dns.rcode.Rcode) -> None:
    with liar.lying(liar.rcode(code)) as running:
        message = asked(running)
    assert (message.rcode(), message.answer) == (code, [])


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (liar.wrong_id(liar.answers(APEX)), dns.query.BadResponse),
        (liar.other_question(APEX), dns.query.BadResponse),
        (liar.echo, dns.query.BadResponse),
        (liar.garbage, dns.exception.FormError),
        (liar.noise, dns.exception.FormError),
        (liar.silent, dns.exception.Timeout),
    ],
)
def test_a_client_takes_offence(says: liar.Says, error: type[Exception]) -> None:
    with liar.lying(says) as running, pytest.raises(error):
        asked(running, SHORT)


def test_it_can_answer_with_records_of_another_owner() -> None:
    with liar.lying(liar.other_owner(APEX)) as running:
        message = asked(running)
    assert {rrset.name.to_text() for rrset in message.answer} == {"example."}


def test_somebody_off_the_path_can_be_faster() -> None:
    guess = liar.wrong_id(liar.answers(APEX.forged()))
    with liar.lying(liar.one_after_the_other(guess, liar.answers(APEX))) as running:
        query = dns.message.make_query(".", "DNSKEY", want_dnssec=True)
        where = running.endpoint
        message = dns.query.udp(query, where.host, 5, where.port, ignore_errors=True)
    assert message.answer == APEX.rrsets


def test_truncation_leads_to_tcp() -> None:
    with liar.lying(liar.truncated(APEX), tcp=liar.answers(APEX)) as running:
        assert asked(running).answer == APEX.rrsets
    assert (len(running.over_udp), len(running.over_tcp)) == (1, 1)


def test_without_a_tcp_side_the_port_refuses() -> None:
    with liar.lying(liar.truncated()) as running, pytest.raises(ConnectionRefusedError):
        asked(running)


def test_the_tcp_side_can_be_silent() -> None:
    with (
        liar.lying(liar.truncated(), tcp=liar.silent) as running,
        pytest.raises(dns.exception.Timeout),
    ):
        asked(running, SHORT)
    assert len(running.over_tcp) == 1
