"""Addresses of servers: what may be asked and written down, and nothing that moves a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.servers import plain_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("fe80::1%1", "fe80::1%1"),
    ],
)
def test_an_address_in_its_one_form(text: str, address: str) -> None:
    assert plain_address(text) == address
    assert plain_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.root-servers.net", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/32", "1"),
        *("192.0.2.1 ", "\n::1", "::1\n", "[::1]", "::1%", "fe80::1%a%b", "192.0.2.1%eth0"),
        *("fe80::1%\x1b[2J", "fe80::1%a b", "fe80::1%a\n", "fe80::1%\u202e", "fe80::1%" + "x" * 99),
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        plain_address(text)


@settings(deadline=None, derandomize=True)
@given(st.ip_addresses())
def test_every_address_has_one_form(address: object) -> None:
    assert plain_address(str(address)) == plain_address(plain_address(str(address)))
