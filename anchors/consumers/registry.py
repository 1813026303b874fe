"""All consumers.  A new one is one folder, and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from anchors.consumers import (
    bind,
    dnsjava,
    dnsmasq,
    dnsviz,
    documents,
    ens,
    getdns,
    gnutls,
    hashslinger,
    hickory,
    knot,
    ldns,
    netdns,
    nsd,
    opendkim,
    pdns,
    prosody,
    resolved,
    source,
    unbound,
    untried,
    zonefile,
)
from anchors.consumers.consumer import Consumer
from anchors.consumers.format import Format
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.words import did_you_mean

if TYPE_CHECKING:
    from anchors.consumers.asker import Asker
    from anchors.consumers.authority import Authority
    from anchors.consumers.driver import Driver

__all__ = [
    "CONSUMERS",
    "GROUPS",
    "REGISTRY",
    "askers",
    "authorities",
    "consumer_named",
    "drivers",
    "find_formats",
]

CONSUMERS: tuple[Consumer, ...] = (
    zonefile.CONSUMER,
    bind.CONSUMER,
    unbound.CONSUMER,
    knot.CONSUMER,
    pdns.CONSUMER,
    dnsmasq.CONSUMER,
    resolved.CONSUMER,
    getdns.CONSUMER,
    ldns.CONSUMER,
    hickory.CONSUMER,
    dnsviz.CONSUMER,
    documents.CONSUMER,
    opendkim.CONSUMER,
    gnutls.CONSUMER,
    hashslinger.CONSUMER,
    prosody.CONSUMER,
    netdns.CONSUMER,
    dnsjava.CONSUMER,
    nsd.CONSUMER,
    source.CONSUMER,
    ens.CONSUMER,
    *untried.CONSUMERS,
)

REGISTRY: tuple[Format, ...] = tuple(row for one in CONSUMERS for row in one.formats)

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": tuple(row.name for row in REGISTRY),
        # What Debian's dns-root-data ships.
        "debian": ("ds", "dnskey"),
    }
)


def drivers() -> list[Driver]:
    """Every program that anchor files are proven with, by the names of their consumers."""
    by_name = sorted(CONSUMERS, key=lambda one: one.name)
    return [row for one in by_name if one.drivers is not None for row in one.drivers.load()]


def askers() -> list[tuple[Consumer, Asker]]:
    """The programs that tell by themselves which anchors they hold, by name."""
    by_name = sorted(CONSUMERS, key=lambda one: one.name)
    return [(one, one.asker.load()) for one in by_name if one.asker is not None]


def authorities() -> list[Authority]:
    """The name servers that can serve the lab's root zone, the preferred one first."""
    found = [one.authority.load() for one in CONSUMERS if one.authority is not None]
    return sorted(found, key=lambda one: one.program, reverse=True)


def consumer_named(name: str) -> Consumer:
    """The consumer with this name."""
    return next(one for one in CONSUMERS if one.name == name)


def find_formats(names: Sequence[str]) -> tuple[Format, ...]:
    """The rows with these names, aliases or groups, in the registry's order; all for no name.

    Raises:
        UsageError: there is no such format.
    """
    wanted: set[str] = set()
    for name in names or ["all"]:
        matching = GROUPS.get(name) or tuple(
            row.name for row in REGISTRY if name in {row.name, row.alias}
        )
        if not matching:
            known = [*GROUPS, *(row.name for row in REGISTRY)]
            raise UsageError(
                Check.USAGE,
                "no format has this name",
                got=name,
                want=", ".join(known),
                remedy=f"{did_you_mean(name, known)} 'root-anchors formats' lists them".strip(),
            )
        wanted.update(matching)
    return tuple(row for row in REGISTRY if row.name in wanted)
