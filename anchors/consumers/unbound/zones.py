"""The clauses about zones, without whose names and addresses Unbound does not start.

Tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import MappingProxyType

from anchors.consumers.unbound.clauses import Clause
from anchors.consumers.unbound.configuration import Configuration

__all__ = ["require_zones"]

# It passes over an auth-zone and an rpz without a name.
_NEED_NAME = frozenset({"forward-zone", "stub-zone", "view"})
_OCTET = re.compile(r"\\(?:[^0-9]|[01][0-9]{2}|2[0-4][0-9]|25[0-5])", re.ASCII)
_NAME = re.compile(r"(?:[^.\\]{1,63}\.)*[^.\\]{1,63}\.?")
_LONGEST = 254
# As atoi(3) finds a number that is not 0, or 0 alone.
_PORT = re.compile(r"[ \t\n\v\f\r]*[+-]?0*[1-9]|0(?:#|$)")


def require_zones(conf: Configuration) -> None:
    """Refuse a clause without a name, and names and addresses that are none."""
    if conf.starts is None:
        # What was not read may stand in the clause.
        return
    views: set[str] = set()
    for one in conf.clauses:
        names = [at for name, at in one.rows if name == "name"]
        if len(names) > 1:
            words = f"a {one.name} has a second name"
            conf.refuse(names[1], words, got=names[1].value, want="one name")
        if one.name in _NEED_NAME:
            _require_words(conf, one)
        if one.name == "view" and one.zone in views:
            conf.refuse(one.at, "a second view of a name", got=one.zone, want="one view of it")
        views |= {one.zone} if one.name == "view" else set()


def _require_words(conf: Configuration, one: Clause) -> None:
    if "name" not in one.options:
        words = f"a {one.name} has no name"
        conf.refuse(one.at, words, got=f"{one.name}:", want='name: "ZONE"')
    for name, at in one.rows:
        is_one, want = _WANTED.get(name, _ANY)
        # It takes any word as the name of a view.
        if one.name != "view" and not is_one(at.value):
            words = f"the {name} of a {one.name} is not {want}"
            conf.refuse(at, words, got=at.value, want=want)


def _is_name(value: str) -> bool:
    """Whether Unbound takes it as a domain name; no label but the root's is empty."""
    octets = _OCTET.sub("x", value)
    is_short = len(octets.removesuffix(".")) < _LONGEST
    return value == "." or (is_short and _NAME.fullmatch(octets) is not None)


def _is_host(value: str) -> bool:
    host, has_port = _before_port(value)
    return has_port and _is_name(host)


def _is_address(value: str) -> bool:
    address, has_port = _before_port(value)
    try:
        return has_port and bool(ip_address(address))
    except ValueError:
        return False


def _before_port(value: str) -> tuple[str, bool]:
    """What a port behind ``@`` and a certificate's name behind ``#`` belong to; is the port one."""
    before, mark, port = value.partition("@")
    if mark:
        return before, _PORT.match(port) is not None
    return before.partition("#")[0], True


_HOST = (_is_host, "the name of a host")
_ADDRESS = (_is_address, "an address")
_WANTED: Mapping[str, tuple[Callable[[str], bool], str]] = MappingProxyType(
    {
        "name": (_is_name, "a domain name"),
        "forward-addr": _ADDRESS,
        "forward-host": _HOST,
        "stub-addr": _ADDRESS,
        "stub-host": _HOST,
    }
)
_ANY: tuple[Callable[[str], bool], str] = (lambda _value: True, "")
