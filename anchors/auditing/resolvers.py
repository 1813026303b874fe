"""Determine what each resolver of a root file system loads, by the model of its program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.auditing.detect import starts_nothing
from anchors.auditing.scan.found import System
from anchors.auditing.workers import Stalled, allow
from anchors.consumers.consumer import Consumer
from anchors.consumers.loading import Loaded, Used
from anchors.consumers.reading import Note, Place, Role
from anchors.consumers.registry import CONSUMERS
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["resolvers_of"]


# Of a processor, for the resolvers of one program.
_SECONDS, _PLACES_A_SECOND = 30, 10
_PARTS = {Role.CONFIGURATION, Role.INCLUDE}


def resolvers_of(system: System, at: datetime) -> list[Loaded]:
    """Every resolver with a configuration or a state in the root file system.

    A file that looks like the configuration or state of one program may be the anchor file of
    another program: the program that names the file decides.
    """
    loaded = [*_by_each(system, at)]
    named = {
        used.location
        for one in loaded
        for used in one.used
        if one.configuration not in {None, used.location} and used.role not in _PARTS
    }
    return [one for one in loaded if one.location not in named]


def _by_each(system: System, at: datetime) -> Iterator[Loaded]:
    places = [place for place in system.places if _may_start(place)]
    for consumer in CONSUMERS:
        if consumer.loader is None:
            continue
        try:
            # Configurations that include each other cost more than their size.
            allow(_SECONDS + len(places) // _PLACES_A_SECOND)
            loaded = [*consumer.loader.load()(places, system.files, at)]
        except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
            loaded = [*_unjudged(consumer, places, error)]
        yield from loaded


def _may_start(place: Place) -> bool:
    is_program = place.reading is not None and place.reading.syntax.is_program
    return is_program or not starts_nothing(place.location)


def _unjudged(consumer: Consumer, places: Sequence[Place], error: Exception) -> Iterator[Loaded]:
    """A model that fails says nothing of any resolver: all files of its program are undecided."""
    why, remedy = "a defect in root-anchors", "report the defect, with the file"
    if isinstance(error, Stalled | MemoryError):
        why, remedy = (
            "judging it takes too much time",
            "find out why its configurations include so much",
        )
    for place in places:
        if place.reading is not None and place.reading.syntax.consumer == consumer.name:
            finding = Finding(
                Check.AUDIT_UNREADABLE,
                Severity.WARNING,
                f"it is unknown what the resolver does with it: {why}",
                got=printable(f"{type(error).__name__}: {error}"[:300]),
                remedy=remedy,
            )
            used = Used(place.location, Role.CONFIGURATION, (), (Note(finding),))
            yield Loaded(consumer.name, place.location, (used,), starts=None, validates=None)
