"""What was found, by host: its resolvers, and the files that none of them loads."""

from __future__ import annotations

from typing import NamedTuple

from anchors.auditing.result import Audit, JudgedPlace, JudgedResolver
from anchors.consumers.files import Location

__all__ = ["Found", "by_host"]


class Found(NamedTuple):
    """A root file system: a directory that was audited, an archive or an image.

    Attributes:
        name: as a person finds it.
        resolvers: those that were found.
        loose: files of anchors that none of these loads.
        programs: programs, libraries, sources and texts with root keys in them.
        not_read: files that could not be read, and a PATH below which no anchor was found.
    """

    name: str
    resolvers: list[JudgedResolver]
    loose: list[JudgedPlace]
    programs: list[JudgedPlace]
    not_read: list[JudgedPlace]


def by_host(audit: Audit) -> list[Found]:
    """Every host with something to tell, in the order of the audit; worst first within each."""
    hosts: dict[str, Found] = {}
    for host in audit.hosts:
        _host(hosts, host.name).resolvers.extend(host.resolvers)
    loaded = {
        used.location
        for host in audit.hosts
        for resolver in host.resolvers
        for used in resolver.loaded.used
    }
    for row in audit.places:
        if row.found.location not in loaded:
            _rows(_host(hosts, _name(row.found.location)), row).append(row)
    for found in hosts.values():
        found.resolvers.sort(key=lambda one: one.outcome.rank)
        for rows in (found.loose, found.programs, found.not_read):
            rows.sort(key=lambda one: one.outcome.rank)
    return [found for found in hosts.values() if any(found[1:])]


def _host(hosts: dict[str, Found], name: str) -> Found:
    return hosts.setdefault(name, Found(name, [], [], [], []))


def _name(location: Location) -> str:
    """The host of a file; several images may lie in one archive."""
    base = location.base.rstrip("/")
    return f"{location.root}:{base}" if base else location.root


def _rows(host: Found, row: JudgedPlace) -> list[JudgedPlace]:
    reading = row.found.reading
    if reading is None:
        return host.not_read
    return host.loose if reading.compiled is None else host.programs
