"""Read the JSON reports of audits of many hosts, one after the other, and combine them.

Nothing is judged again: a report shows what its host saw.  Every value is checked; if a report is
invalid, its host is undecided.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from anchors.auditing.result import SCHEMA, Outcome, Step, exit_code
from anchors.core.escape import printable
from anchors.core.files import read_regular
from anchors.core.times import parse_time
from anchors.pipeline.report import Verdict

__all__ = [
    "MAX_HOSTS",
    "MAX_REPORT",
    "MOST_SEEN",
    "Judgement",
    "Merged",
    "MergedHost",
    "MergedReport",
    "Published",
    "Seen",
    "merge",
    "read_report",
]

# Bytes of a report, which is read whole; root file systems in one.
MAX_REPORT = 16 << 20
MAX_HOSTS = 10_000
# Of a host so many resolvers and files are kept, the worst; of each, so many steps and characters.
MOST_SEEN = 10
_MOST_STEPS = 20
_LONGEST = 500
_T = TypeVar("_T")


class Seen(NamedTuple):
    """A resolver or a file of a host.

    Attributes:
        outcome: its outcome.
        title: the name of the program for people; empty for a file that no resolver loads.
        path: the path of the configuration or the file.
        summary: the reason, in a sentence.
        steps: the remedy.
    """

    outcome: Outcome
    title: str
    path: str
    summary: str
    steps: tuple[Step, ...]


class MergedHost(NamedTuple):
    """A root file system of a report.

    Attributes:
        name: the name of the report, and of the root file system if the report has several.
        file: the report.
        outcome: the worst outcome.
        resolvers: the number of resolvers of each program, by its name for people.
        next: the first planned day that had not passed, and the worst outcome on that day.
        seen: all that is not right, worst first, or else the first; at most ``MOST_SEEN``.
        more: how many more are not right.
    """

    name: str
    file: str
    outcome: Outcome
    resolvers: Mapping[str, int]
    next: tuple[date, Outcome] | None
    seen: tuple[Seen, ...]
    more: int


class Published(NamedTuple):
    """A publication that was verified, by its time and its document (SHA-256 in hex)."""

    signing_time: datetime
    document_sha256: str


class Judgement(NamedTuple):
    """The publication by which a host was judged, or none, and the day (UTC)."""

    published: Published | None
    day: date


class MergedReport(NamedTuple):
    """One report.

    Attributes:
        file: its name, as given by the user.
        judgement: its publication and day; ``None`` if the report cannot be read.
        hosts: its root file systems.
        outcomes: the outcomes of all places.
        fails: whether the audit ended with the exit code 1.
        by_resolver: the number of resolvers with each outcome.
    """

    file: str
    judgement: Judgement | None
    hosts: tuple[MergedHost, ...]
    outcomes: frozenset[Outcome]
    fails: bool
    by_resolver: Counter[Outcome]


class Merged(NamedTuple):
    """All reports, in the order in which the user named them."""

    reports: Sequence[MergedReport]

    @property
    def hosts(self) -> list[MergedHost]:
        """Every host, worst first, then by name."""
        hosts = [host for one in self.reports for host in one.hosts]
        return sorted(hosts, key=lambda host: (host.outcome.rank, host.name, host.file))

    @property
    def outcome(self) -> Outcome:
        """The worst of all hosts; attention at least where reports do not go together."""
        outcomes = {host.outcome for one in self.reports for host in one.hosts}
        outcomes |= {Outcome.ATTENTION} if self._is_mixed() else set()
        return min(outcomes, key=lambda one: one.rank)

    @property
    def by_resolver(self) -> Counter[Outcome]:
        """How many resolvers come to each outcome."""
        return sum((one.by_resolver for one in self.reports), Counter())

    @property
    def twice(self) -> dict[str, list[str]]:
        """Names that several reports have, with their files."""
        files: dict[str, list[str]] = {}
        for one in self.reports:
            files.setdefault(_name(one.file), []).append(one.file)
        return {name: same for name, same in files.items() if len(same) > 1}

    @property
    def publications(self) -> dict[Published, list[str]]:
        """The files of the reports by the publication that these judged by; most first."""
        judged = ((one.judgement, one.file) for one in self.reports if one.judgement)
        return _grouped((by.published, file) for by, file in judged if by.published)

    @property
    def days(self) -> dict[date, list[str]]:
        """The files of the reports by the day of their judgement; most first."""
        return _grouped((one.judgement.day, one.file) for one in self.reports if one.judgement)

    def _is_mixed(self) -> bool:
        return bool(self.twice) or len(self.publications) > 1 or len(self.days) > 1

    def exit_code(self, *, strict: bool) -> int:
        """As of one audit of all: 1 if any ended so, 3 if undecided, 4 the rest if ``strict``."""
        outcomes = {outcome for one in self.reports for outcome in one.outcomes} | {self.outcome}
        return exit_code(outcomes, fails=any(one.fails for one in self.reports), strict=strict)


def _grouped(rows: Iterator[tuple[_T, str]]) -> dict[_T, list[str]]:
    groups: dict[_T, list[str]] = {}
    for key, file in rows:
        groups.setdefault(key, []).append(file)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def merge(files: Sequence[Path], progress: Callable[[int], None] = lambda _done: None) -> Merged:
    """Read each report, and keep only what the merged report shows.

    Args:
        files: one report each, with the name of its host: ``web1.json``.
        progress: called with the number of reports read.
    """
    reports = []
    for number, file in enumerate(files):
        progress(number)
        reports.append(_read(file))
    return Merged(reports)


def _name(file: str) -> str:
    return os.path.basename(file).removesuffix(".json")  # noqa: PTH119 - no path any more


def _read(file: Path) -> MergedReport:
    shown = printable(str(file))
    try:
        content = read_regular(file, MAX_REPORT)
    except OSError as error:
        return _nothing(shown, None, f"its report cannot be read: {error.strerror}")
    return read_report(shown, content)


def read_report(file: str, content: bytes) -> MergedReport:
    """Read one report; if it is invalid, its host is undecided.

    Args:
        file: its name.
        content: its bytes.
    """
    try:
        return _report(file, json.loads(content or b"null"))
    except (ValueError, RecursionError) as error:
        why = "it is empty" if not content else printable(str(error))[:_LONGEST]
        return _nothing(file, None, f"its report cannot be read: {why}")


def _nothing(file: str, judgement: Judgement | None, why: str) -> MergedReport:
    """A report in which nothing was judged; its host is told all the same."""
    seen = Seen(Outcome.UNDECIDED, "", file, why, ())
    host = MergedHost(_name(file), file, seen.outcome, {}, None, (seen,), 0)
    undecided = frozenset({seen.outcome})
    return MergedReport(file, judgement, (host,), undecided, fails=False, by_resolver=Counter())


def _report(file: str, content: object) -> MergedReport:
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        message = f"it is not the JSON report of an audit ({SCHEMA})"
        raise ValueError(message)
    day, basis = parse_time(_get(content, "at", str)).date(), _get(content, "basis", dict)
    if _get(basis, "verdict", str) != Verdict.VERIFIED:
        why = "nothing was audited, because the publication is not verified"
        return _nothing(file, Judgement(None, day), why)
    signed = parse_time(_get(basis, "signing_time", str))
    judgement = Judgement(Published(signed, _text(basis, "document_sha256")), day)
    places = {_get(one, "path", str): one for one in _objects(content, "places")}
    hosts = _objects(content, "hosts", MAX_HOSTS)
    if not hosts:
        return _nothing(file, judgement, "nothing was found")
    of_places = {_outcome(one) for one in places.values()}
    return MergedReport(
        file,
        judgement,
        tuple(_host(file, one, places, day, alone=len(hosts) == 1) for one in hosts),
        frozenset(of_places),
        _fails(content, places, of_places),
        Counter(_outcome(one) for host in hosts for one in _objects(host, "resolvers")),
    )


def _fails(content: object, places: Mapping[str, object], outcomes: set[Outcome]) -> bool:
    wanted = {str(check) for check in _get(content, "fail_on", list)}
    if not wanted:
        return any(outcome.is_failure for outcome in outcomes)
    return any(
        _get(finding, "check", str) in wanted
        for place in places.values()
        for finding in _objects(place, "findings")
    )


def _host(
    file: str, host: object, places: Mapping[str, object], day: date, *, alone: bool
) -> MergedHost:
    resolvers = _objects(host, "resolvers")
    seen = [*map(_resolver, resolvers), *(_file(path, places) for path in _beside(host))]
    seen.sort(key=lambda one: one.outcome.rank)
    wrong = [one for one in seen if one.outcome is not Outcome.RIGHT]
    return MergedHost(
        _name(file) if alone else f"{_name(file)}: {_text(host, 'name')}",
        file,
        seen[0].outcome if seen else Outcome.UNDECIDED,
        Counter(_text(one, "title") for one in resolvers),
        _next(resolvers, day),
        tuple(wrong[:MOST_SEEN] or seen[:1]),
        max(0, len(wrong) - MOST_SEEN),
    )


def _beside(host: object) -> Iterator[object]:
    """The files that no resolver of the host loads."""
    for name in ("loose", "programs", "not_read"):
        yield from _get(host, name, list)


def _resolver(resolver: object) -> Seen:
    configured = isinstance(resolver, dict) and resolver.get("configuration") is not None
    if configured:
        path = _text(resolver, "configuration")
    else:
        path = next((_text(one, "path") for one in _objects(resolver, "files")), "")
    steps = _objects(resolver, "remedy")[:_MOST_STEPS]
    return Seen(
        _outcome(resolver),
        _text(resolver, "title"),
        path,
        _text(resolver, "summary"),
        # A command that is cut does something else.
        tuple(Step(_text(one, "text", None), _get(one, "command", bool)) for one in steps),
    )


def _file(path: object, places: Mapping[str, object]) -> Seen:
    place = places.get(path) if isinstance(path, str) else None
    if not isinstance(place, dict):
        message = "a file of a host is not among its places"
        raise ValueError(message)  # noqa: TRY004 - so is all that is no report
    remedy: tuple[Step, ...] = ()
    if place.get("remedy") is not None:
        remedy = (Step(_text(place, "remedy", None), is_command=False),)
    return Seen(_outcome(place), "", _text(place, "path"), _text(place, "summary"), remedy)


def _next(resolvers: Sequence[object], at: date) -> tuple[date, Outcome] | None:
    days: dict[date, Outcome] = {}
    for resolver in resolvers:
        for one in _objects(resolver, "days"):
            day, outcome = parse_time(_get(one, "day", str)).date(), _outcome(one)
            if day >= at:
                days[day] = min(outcome, days.get(day, outcome), key=lambda one: one.rank)
    return min(days.items(), key=lambda one: one[0], default=None)


def _get(content: object, name: str, kind: type[_T]) -> _T:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, kind):
        message = f"its {name!r} is missing or has the wrong type ({SCHEMA})"
        raise ValueError(message)  # noqa: TRY004 - so is all that is no report
    return value


def _objects(content: object, name: str, most: int | None = None) -> list[Any]:
    rows = _get(content, name, list)
    if most is not None and len(rows) > most:
        message = f"it has more than {most:,} {name}"
        raise ValueError(message)
    return rows


def _text(content: object, name: str, longest: int | None = _LONGEST) -> str:
    """A text of a host, which thousands of others may have too: it is kept once."""
    return sys.intern(printable(_get(content, name, str)[:longest]))


def _outcome(content: object) -> Outcome:
    return Outcome(_get(content, "outcome", str))
