"""Every syntax by a short name, for tests that look at more than one consumer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from anchors.consumers import (
    bind,
    dnsmasq,
    documents,
    ens,
    getdns,
    knot,
    pdns,
    resolved,
    unbound,
    untried,
    zonefile,
)
from anchors.consumers.reading import CONTENT, Syntax
from anchors.consumers.registry import CONSUMERS

__all__ = ["Known", "every_syntax"]


def every_syntax() -> Iterator[Syntax]:
    """The syntaxes in the folders of all consumers."""
    for one in CONSUMERS:
        if one.readers is not None:
            folder = import_module(one.readers.module.rpartition(".")[0])
            for value in vars(folder).values():
                values = value.values() if isinstance(value, dict) else [value]
                yield from (each for each in values if isinstance(each, Syntax))


class Known:
    """The syntaxes."""

    ZONE = zonefile.ZONE
    BIND = bind.CONF
    BIND_STATE = bind.STATE
    BIND_JOURNAL = bind.JOURNAL
    UNBOUND = unbound.CONF
    UNBOUND_STATE = unbound.STATE
    DNSMASQ = dnsmasq.CONFIGURATION
    KRESD_LUA = knot.LUA
    KNOT_YAML = knot.YAML
    KNOT_STATE = knot.STATE
    PDNS_LUA = pdns.LUA
    PDNS_YAML = pdns.YAML
    RESOLVED = resolved.POSITIVE
    RESOLVED_NEGATIVE = resolved.NEGATIVE
    RESOLVED_CONF = resolved.SETTINGS
    STUBBY = getdns.CONFIGURATION
    XML = documents.XML
    JSON = documents.JSON
    COMPILED = CONTENT
    WINDOWS = untried.SYNTAXES["windows"]
    BLOCKY = untried.SYNTAXES["blocky"]
    ROUTEDNS = untried.SYNTAXES["routedns"]
    SDNS = untried.SYNTAXES["sdns"]
    ENS = ens.ARGUMENT
    LIBVAL = untried.SYNTAXES["libval"]
    F5 = untried.SYNTAXES["f5"]
    INFOBLOX = untried.SYNTAXES["infoblox"]
