"""The real name server serves what it was given, over both transports."""

from __future__ import annotations

import socket

import dns.flags
import dns.message
import dns.query
import pytest

from tests.lab import nameserver, zone
from tests.lab.keys import ksk, zsk
from tests.lab.nameserver import Endpoint, serve

V6 = "::1"


def asked(endpoint: Endpoint, payload: int = 1232) -> tuple[dns.message.Message, bool]:
    """The answer to the question that matters, and whether it came over TCP."""
    query = dns.message.make_query(".", "DNSKEY", want_dnssec=True, payload=payload)
    return dns.query.udp_with_fallback(query, endpoint.host, timeout=5, port=endpoint.port)


@pytest.mark.parametrize("software", nameserver.SOFTWARE)
def test_the_recorded_apex_is_served_over_tcp_because_it_is_large(software: str) -> None:
    apex = zone.recorded()
    with serve(apex, nameserver.require(software)) as endpoint:
        message, over_tcp = asked(endpoint)
    assert over_tcp
    assert message.flags & dns.flags.AA
    assert message.answer == apex.rrsets


@pytest.mark.parametrize("software", nameserver.SOFTWARE)
def test_a_small_apex_is_served_over_udp(software: str) -> None:
    key = ksk("one")
    apex = zone.signed([key, zsk()], by=[key])
    with serve(apex, nameserver.require(software)) as endpoint:
        message, over_tcp = asked(endpoint)
    assert not over_tcp
    assert message.answer == apex.rrsets


def test_an_unsigned_apex_is_served_without_signatures() -> None:
    apex = zone.signed([ksk("one"), zsk()])
    with serve(apex) as endpoint:
        assert asked(endpoint)[0].answer == [apex.dnskeys]


@pytest.mark.usefixtures("ipv6")
def test_it_listens_on_ipv6_too() -> None:
    apex = zone.recorded()
    with serve(apex, hosts=(V6, "127.0.0.1")) as endpoint:
        assert str(endpoint).startswith("::1#")
        assert asked(endpoint)[0].answer == apex.rrsets


def test_it_is_gone_after_the_block() -> None:
    with serve(zone.signed([ksk("one")])) as endpoint:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((endpoint.host, endpoint.port), timeout=5)


def test_a_machine_without_name_server_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nameserver, "installed", dict[str, str])
    monkeypatch.delenv(nameserver.REQUIRE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no name server is installed: one of nsd"):
        nameserver.require()


def test_it_fails_instead_where_one_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nameserver, "installed", dict[str, str])
    monkeypatch.setenv(nameserver.REQUIRE, "1")
    with pytest.raises(pytest.fail.Exception, match="no name server is installed"):
        nameserver.require()
