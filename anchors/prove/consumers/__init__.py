"""One module for each consumer: how to give it an anchor file, and how to ask what it holds."""

from __future__ import annotations

from anchors.prove.consumers import (
    bind,
    dnsmasq,
    dnsviz,
    getdns,
    knot,
    ldns,
    pdns,
    resolved,
    unbound,
)
from anchors.prove.driver import Driver

__all__ = ["DRIVERS"]

DRIVERS: tuple[Driver, ...] = (
    bind.CheckConf(),
    bind.Delv(),
    bind.Named(),
    dnsmasq.Dnsmasq(),
    dnsviz.Dnsviz(),
    getdns.GetdnsQuery(),
    getdns.Stubby(),
    knot.Kresd(),
    knot.KresdByYaml(),
    ldns.Drill(),
    ldns.VerifyZone(),
    pdns.Recursor4(),
    pdns.Recursor5(),
    resolved.Resolved(),
    unbound.CheckConf(),
    unbound.Unbound(),
    unbound.UnboundHost(),
)
