"""A complete audit: verify, search, judge."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

from anchors.auditing.baseline import Accepted, accept, read_baseline
from anchors.auditing.judge.audit import Beside, JudgedAudit, judge, judge_path
from anchors.auditing.result import Audit, JudgedPlace, Running
from anchors.auditing.scan.found import Coverage, Scanned
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.tree import scan
from anchors.auditing.workers import Ended, Progress, alone, unwatched
from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Note, Place
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.words import did_you_mean
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Options, Request, as_path, request_of
from anchors.pipeline.root_keys import VerifiedKeys, verified_keys
from anchors.pipeline.verify import Say, silent, verify

__all__ = ["Ask", "audit"]

# Of the machine that runs: where programs are configured (FHS 3.0, 3.7).
_CONFIGURATIONS = Path("/etc")
# Containers alone may have hundreds of file systems.
_FEW = 10
# What runs with the files of each resolver, held against them and against the verified keys.
Ask = Callable[[Sequence[Loaded], Report], Sequence[Running | None]]


def audit(
    request: Request | None = None,
    paths: str | Path | Sequence[str | Path] = (),
    *,
    fail_on: Sequence[str] = (),
    root: str | Path | None = None,
    exclude: Sequence[str] = (),
    baseline: str | Path | None = None,
    ask: Ask | None = None,
    keeps_part: bool = False,
    first: Callable[[Audit], None] | None = None,
    say: Say = silent,
    progress: Progress = unwatched,
    **options: Unpack[Options],
) -> Audit:
    """Find every trust anchor below ``paths``, and compare it with the verified set.

    Args:
        request: what to verify first, as for ``verify``; ``None``: use the options.
        paths: files, directories, archives and images; nothing in them is changed.
        fail_on: the ids of the checks that make the audit fail, instead of all failures.
        root: the root file system of the files and directories, if it is not the PATH.
        exclude: patterns (fnmatch) of paths below each PATH that are skipped.
        baseline: a file with accepted findings, each with a reason and a last day.
        ask: asks the running program of each resolver; ``None``: no program is asked.
        keeps_part: an interruption ends the search only, and the results so far are judged.
        first: called with the result for the configurations, before the whole search.
        say: called with each step as it begins.
        progress: called often with the number of files and bytes that were read.
        **options: as for ``verify``.

    Raises:
        UsageError: the request is invalid, or a path does not exist.
        KeyboardInterrupt: without ``keeps_part``, or before there was any result.
    """
    request = request_of(request, options)
    chosen = [_check(name).id for name in fail_on]
    root, baseline = (None if path is None else as_path(path) for path in (root, baseline))
    named = [paths] if isinstance(paths, str | Path) else paths
    tops = [as_path(path) for path in named]
    if not tops:
        raise UsageError(
            Check.USAGE,
            "there is nothing to audit",
            got="no path",
            want="a file, a directory, an archive or an image",
            remedy="give at least one",
        )
    for path in tops:
        _require_there(path)
    accepted = read_baseline(baseline) if baseline else ()
    basis = verify(request, say)
    names = tuple(map(str, tops))
    if basis.verdict is not Verdict.VERIFIED:
        return Audit(basis=basis, paths=names, places=(), coverage=Coverage(), fail_on=chosen)
    look = Look(request.policy.at, tuple(exclude))
    keys = verified_keys(basis, request.options)
    if first is not None and Path("/") in tops and _CONFIGURATIONS.is_dir():
        first(_of_configurations(basis, keys, look, accepted))
    say(f"look for trust anchors below {', '.join(names)}")
    scanned = scan(tops, look._replace(keeps_part=keeps_part), progress=progress, root=root)
    is_part = any(one.is_part for one in scanned)
    beside = None if ask is None or is_part else lambda loaded: ask(loaded, basis)
    judged = accept(_judged(scanned, names, keys, beside), accepted, look.at)
    is_alone = not any(judged.has_any)
    about = [
        _about(one, path, request.options, is_empty=not has_any, is_alone=is_alone)
        for one, path, has_any in zip(scanned, tops, judged.has_any, strict=True)
    ]
    left_out = [
        _left_out(one, path, tops, request.options) for one, path in zip(scanned, tops, strict=True)
    ]
    return Audit(
        basis=basis,
        paths=names,
        places=(*judged.places, *(row for row in (*about, *left_out) if row is not None)),
        coverage=_coverage(scanned, judged),
        hosts=judged.hosts,
        fail_on=chosen,
        is_part=is_part,
    )


def _of_configurations(
    basis: Report, keys: VerifiedKeys, look: Look, accepted: Sequence[Accepted]
) -> Audit:
    """The audit of what this machine's resolvers are started with, and of what that names."""
    names = (str(_CONFIGURATIONS),)
    scanned = scan([_CONFIGURATIONS], look, progress=unwatched, root=Path("/"))
    judged = accept(_judged(scanned, names, keys, None), accepted, look.at)
    return Audit(
        basis=basis,
        paths=names,
        places=judged.places,
        coverage=_coverage(scanned, judged),
        hosts=judged.hosts,
    )


def _judged(
    scanned: Sequence[Scanned], names: Sequence[str], keys: VerifiedKeys, beside: Beside | None
) -> JudgedAudit:
    """All that was found, judged in a worker: configurations may cost more than their size."""
    found = alone(lambda _progress: judge(scanned, keys, beside))
    if not isinstance(found, Ended):
        return found
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.WARNING,
        "the files that were found were not judged",
        got=found.reason,
        want="files that can be judged within the limits of time and memory",
        remedy="audit smaller directories, and report the file that causes this",
    )
    rows = (
        judge_path(Place(Location(name, ""), None, (Note(finding),)), is_command=False)
        for name in names
    )
    return JudgedAudit((), tuple(rows), tuple(True for _ in names))


def _check(name: str) -> Check:
    """The check that a user calls ``missing`` or ``audit.missing``."""
    ids = {check.id: check for check in Check if check.id.startswith("audit.")}
    found = ids.get(name) or ids.get(f"audit.{name}")
    if found is None:
        known = [check_id.removeprefix("audit.") for check_id in ids]
        near = did_you_mean(name.removeprefix("audit."), known)
        raise UsageError(
            Check.USAGE,
            "no check of the audit has this name",
            got=name,
            want=", ".join(known),
            remedy=f"{near} 'root-anchors explain audit' explains the checks".strip(),
        )
    return found


def _require_there(path: Path) -> None:
    try:
        path.lstat()
    except (OSError, ValueError) as error:
        raise UsageError(
            Check.USAGE,
            "a PATH to audit does not exist",
            got=f"{path}: {error}",
            want="a file, a directory, an archive or an image",
            remedy="check the spelling of the path",
        ) from error


def _about(
    scanned: Scanned, path: Path, options: Sequence[str], *, is_empty: bool, is_alone: bool
) -> JudgedPlace | None:
    """What is to be told of a PATH as a whole."""
    location = Location(str(path), "")
    archives = scanned.unopened.finding(str(path), options) if scanned.unopened else None
    if not is_empty and archives is not None:
        return judge_path(Place(location, None, (Note(archives),)), is_command=True)
    if not is_empty:
        return None
    # Beside others with anchors, a directory or a package may well have none.
    is_expected = not is_alone and (path.is_dir() or location._replace(inside=True).is_packaged)
    words = "no trust anchor of the root was found"
    nothing = Finding(
        Check.AUDIT_NOTHING,
        Severity.NOTICE if is_expected else Severity.WARNING,
        words if archives is None else f"{words}, and {archives.message}",
        got=archives.got if archives else None,
        want="at least one trust anchor",
        remedy=archives.remedy if archives else _ELSEWHERE,
    )
    place = Place(location, None, (Note(nothing),))
    return judge_path(place, is_command=archives is not None)


def _left_out(
    scanned: Scanned, path: Path, paths: Sequence[Path], options: Sequence[str]
) -> JudgedPlace | None:
    """The other file systems that are mounted below a PATH, unless they are a PATH themselves."""
    mounts = [path / name for name in scanned.mounts]
    others = [str(mount) for mount in mounts if mount not in paths]
    if not others:
        return None
    finding = Finding(
        Check.AUDIT_LIMIT,
        Severity.NOTICE,
        "other mounted file systems were not audited: give each as a PATH",
        got=printable(", ".join(others[:_FEW])) + (", ..." if others[_FEW:] else ""),
        remedy=shlex.join(["root-anchors", "audit", *options, str(path), *others[:_FEW]]),
    )
    return judge_path(Place(Location(str(path), ""), None, (Note(finding),)), is_command=True)


_ELSEWHERE = "audit the directory that contains the resolver's configuration"


def _coverage(scanned: Sequence[Scanned], judged: JudgedAudit) -> Coverage:
    """How much was looked at; what a resolver's own reader has read is not counted as unread."""
    totals = (sum(numbers) for numbers in zip(*(one.coverage for one in scanned), strict=True))
    unread = {
        place.location: {note.finding for note in place.notes}
        for one in scanned
        for place in one.places
        if place.reading is None
    }
    told = sum(
        not unread.get(row.found.location, set()).isdisjoint(note.finding for note in row.notes)
        for row in judged.places
    )
    return Coverage(*totals)._replace(unreadable=told)
