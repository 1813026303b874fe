"""The root servers and ``--server``."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.servers import ROOT_SERVERS, Server, identity_of, parse_server


def test_thirteen_identities_have_two_addresses_each() -> None:
    versions: dict[str | None, list[int]] = {}
    for server in ROOT_SERVERS:
        name = identity_of(server.address)
        versions.setdefault(name, []).append(ip_address(server.address).version)
    assert versions == {f"{letter}.root-servers.net": [4, 6] for letter in "abcdefghijklm"}
    assert len(set(ROOT_SERVERS)) == 26
    assert {server.port for server in ROOT_SERVERS} == {53}


def test_any_other_address_is_nobodys() -> None:
    assert identity_of("127.0.0.1") is None


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("193.0.14.129", Server("193.0.14.129", 53)),
        ("127.0.0.1#5300", Server("127.0.0.1", 5300)),
        ("::1#65535", Server("::1", 65535)),
        ("2001:07fd:0::1", Server("2001:7fd::1", 53)),
    ],
)
def test_a_server_is_an_address_and_perhaps_a_port(text: str, server: Server) -> None:
    assert parse_server(text) == server


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#53",
        "k.root-servers.net",
        "127.0.0.1#",
        "127.0.0.1#0",
        "127.0.0.1#65536",
        "127.0.0.1#-1",
        "127.0.0.1#domain",
        "127.0.0.1#53#53",
        "127.0.0.1:53",
        "[::1]#53",
        "127.1",
        "0127.0.0.1",
    ],
)
def test_anything_else_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="the server cannot be used") as caught:
        parse_server(text)
    assert caught.value.check is Check.USAGE
    assert text in (caught.value.got or "")
