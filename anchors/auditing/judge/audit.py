"""Found files x verified keys -> hosts with their resolvers, and a row for each file."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from anchors.auditing.judge.anchor import Known, judge_anchor
from anchors.auditing.judge.consequence import Effect
from anchors.auditing.judge.place import Use, judge_place
from anchors.auditing.judge.resolver import judge_resolver
from anchors.auditing.judge.verdict import outcome_of, verdict
from anchors.auditing.resolvers import resolvers_of
from anchors.auditing.result import (
    Host,
    JudgedPlace,
    JudgedResolver,
    Running,
    Step,
)
from anchors.auditing.scan.classify import inspect
from anchors.auditing.scan.found import Scanned, System
from anchors.auditing.workers import allow
from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Place
from anchors.pipeline.root_keys import VerifiedKeys

__all__ = ["Beside", "JudgedAudit", "judge", "judge_path"]

# Of a processor, for the rows of all files.
_SECONDS, _PLACES_A_SECOND = 30, 10

# What runs with the files of each resolver of one root file system.
Beside = Callable[[Sequence[Loaded]], Sequence[Running | None]]


class JudgedAudit(NamedTuple):
    """Every host, and every file with a result.

    ``has_any``: for each PATH, whether a file below it has a result.
    """

    hosts: tuple[Host, ...]
    places: tuple[JudgedPlace, ...]
    has_any: tuple[bool, ...]


def judge(
    scanned: Sequence[Scanned], keys: VerifiedKeys, beside: Beside | None = None
) -> JudgedAudit:
    """Judge the resolvers first, and then each file by the resolvers that use it."""
    # What is used by many is judged once.
    known = functools.cache(functools.partial(judge_anchor, verified=keys))
    hosts: list[Host] = []
    places: dict[Location, Place] = {}
    uses: dict[Location, list[Use]] = defaultdict(list)
    with_resolvers: list[bool] = []
    for one in scanned:
        with_resolvers.append(False)
        for system in one.systems:
            resolvers = _resolvers(system, keys, known, beside)
            with_resolvers[-1] |= bool(resolvers)
            hosts.append(Host(_name(system), tuple(sorted(resolvers, key=_worst_first))))
            places |= {place.location: place for place in system.places}
            for resolver in resolvers:
                for used in resolver.loaded.used:
                    uses[used.location].append((resolver, used))
                    if used.location not in places:
                        places[used.location] = _place_at(used.location, system, keys)
    # Linear: it takes less than finding them did.
    allow(_SECONDS + len(places) // _PLACES_A_SECOND)
    judged = {
        where: judge_place(place, uses[where], keys, known) for where, place in places.items()
    }
    rows = {where: row for where, row in judged.items() if row is not None}
    has_any = tuple(
        has_one or any(place.location in rows or uses[place.location] for place in one.places)
        for one, has_one in zip(scanned, with_resolvers, strict=True)
    )
    return JudgedAudit(tuple(hosts), tuple(rows.values()), has_any)


def judge_path(place: Place, *, is_command: bool) -> JudgedPlace:
    """The row of a PATH as a whole, which has a finding.

    Args:
        place: the PATH, with its finding.
        is_command: whether the remedy is a command.
    """
    first = place.notes[0].finding
    effect = Effect(outcome_of(place.notes[0]), None, first.message, (first,))
    judged = verdict(effect, place.notes)
    steps = (Step(judged.remedy, is_command),) if judged.remedy else ()
    return JudgedPlace(
        place,
        (),
        judged.outcome,
        None,
        judged.words,
        judged.remedy,
        judged.notes,
        judged.told,
        steps,
    )


def _resolvers(
    system: System, keys: VerifiedKeys, known: Known, beside: Beside | None
) -> list[JudgedResolver]:
    syntaxes = {p.location: p.reading.syntax for p in system.places if p.reading is not None}
    loaded = resolvers_of(system, keys.at)
    runs = [None] * len(loaded) if beside is None else beside(loaded)
    return [
        judge_resolver(one, keys, known, syntaxes, running)
        for one, running in zip(loaded, runs, strict=True)
    ]


def _worst_first(resolver: JudgedResolver) -> tuple[int, Location]:
    return resolver.outcome.rank, resolver.location


def _name(system: System) -> str:
    files = system.files
    base = files.base.rstrip("/")
    return f"{files.root}:{base}" if base else files.root


def _place_at(location: Location, system: System, keys: VerifiedKeys) -> Place:
    """A file that a resolver names and that nothing was found in by itself."""
    file = system.files.at(location)
    if file is None or file.content is None:
        return Place(location, None)
    found = inspect(location, file.content, at=keys.at, status=file.status)
    return found or Place(location, None, (), file.status, file.content)
