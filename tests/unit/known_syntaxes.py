"""Every syntax by a short name, for tests that look at more than one consumer."""

from __future__ import annotations

from anchors.consumers import (
    bind,
    dnsmasq,
    documents,
    getdns,
    knot,
    pdns,
    resolved,
    unbound,
    zonefile,
)
from anchors.consumers.reading import CONTENT

__all__ = ["Known"]


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
