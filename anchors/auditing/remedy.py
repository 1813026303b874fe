"""The command that makes the right file for a place; nothing in place is ever changed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from types import MappingProxyType

from anchors.auditing.place import Hold, Location, Reading, Syntax
from anchors.escape import printable
from anchors.formats import REGISTRY
from anchors.formats.found import FoundDnskey

__all__ = ["remedy_for"]

_FORMATS: Mapping[Syntax, str] = MappingProxyType(
    {
        Syntax.UNBOUND: "unbound",
        Syntax.DNSMASQ: "dnsmasq",
        Syntax.KRESD_LUA: "knot-resolver-lua",
        Syntax.KNOT_YAML: "knot-resolver-yaml",
        Syntax.PDNS_LUA: "pdns-recursor-lua",
        Syntax.PDNS_YAML: "pdns-recursor-yaml",
        Syntax.RESOLVED: "systemd-resolved",
        Syntax.STUBBY: "getdns",
        Syntax.XML: "xml",
        Syntax.UNBOUND_STATE: "unbound-anchor-file",
        Syntax.KNOT_STATE: "knot-resolver",
    }
)
_AFTERWARDS: Mapping[Syntax, str] = MappingProxyType(
    {
        Syntax.UNBOUND_STATE: "stop Unbound, and put new/unbound-root.key in place of the state, "
        "owned by its user",
        Syntax.KNOT_STATE: "stop Knot Resolver, and put new/root.keys in place of the state",
    }
)


def remedy_for(location: Location, reading: Reading) -> str:
    """What puts the anchors of a file right, as a command where there is one."""
    if reading.syntax in {Syntax.BIND_STATE, Syntax.BIND_JOURNAL}:
        return (
            "make it with 'root-anchors build --format bind -o new', use new/bind.keys, and run "
            "'rndc managed-keys destroy' and 'rndc reconfig'"
        )
    name = _format_name(reading)
    made = f"new/{next(row.file_name for row in REGISTRY if row.name == name)}"
    # Into a directory: standard output would leave an empty file where nothing is verified.
    command = f"root-anchors build --format {name} -o new"
    if location.inside:
        return f"ship {made}, which this makes: {command}"
    afterwards = _AFTERWARDS.get(reading.syntax)
    if afterwards is None:
        path = shlex.quote(printable(location.text))
        alone = reading.syntax in {Syntax.ZONE, Syntax.RESOLVED, Syntax.XML}
        afterwards = (
            f"install {made} as {path}" if alone else f"put {made} where {path} has its own"
        )
    return f"{command}; then {afterwards}"


def _format_name(reading: Reading) -> str:
    if reading.syntax is Syntax.BIND:
        return f"bind-{_bind_keyword(reading)}"
    if reading.syntax is Syntax.ZONE:
        keys = any(isinstance(held.anchor, FoundDnskey) for held in reading.held)
        return "dnskey" if keys else "ds"
    return _FORMATS[reading.syntax]


def _bind_keyword(reading: Reading) -> str:
    """The form that follows later rolls, unless the file is one of static anchors."""
    holds = {held.hold for held in reading.held}
    return "static-ds" if holds == {Hold.STATIC} else "initial-ds"
