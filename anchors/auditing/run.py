"""An audit from end to end: verify, look, judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anchors.auditing.judge import judge
from anchors.auditing.place import Coverage, Location, Note, Place, Progress, Scanned
from anchors.auditing.result import Audit
from anchors.auditing.scan import scan
from anchors.auditing.verified import verified_keys
from anchors.checks import Check
from anchors.errors import UsageError
from anchors.model import Finding, Severity
from anchors.pipeline import Request, Say, verify
from anchors.report import Verdict

__all__ = ["audit"]


def _silent(_message: str) -> None:
    """Say nothing."""


def _unwatched(_files: int, _size: int) -> None:
    """Show nothing."""


def audit(
    request: Request,
    paths: Sequence[Path],
    *,
    fail_on: Sequence[str] = (),
    say: Say = _silent,
    progress: Progress = _unwatched,
) -> Audit:
    """Find every trust anchor below ``paths`` and hold it against the verified set.

    Args:
        request: what to verify first, as for ``verify``.
        paths: files, directories, archives and images; nothing in them is changed.
        fail_on: ids of the checks that make the audit fail, instead of what really fails.
        say: told each step as it begins.
        progress: told often how many files and bytes were looked at.

    Raises:
        UsageError: the request makes no sense, or a path is not there.
    """
    chosen = [_check(name).id for name in fail_on]
    for path in paths:
        _require_there(path)
    basis = verify(request, say)
    names = tuple(map(str, paths))
    if basis.verdict is not Verdict.VERIFIED:
        return Audit(basis=basis, paths=names, places=(), coverage=Coverage(), fail_on=chosen)
    say(f"look for trust anchors below {', '.join(names)}")
    scanned = scan(paths, at=request.policy.at, progress=progress)
    keys = verified_keys(basis)
    # All at once: what lies below one PATH may name what lies below another.
    found = {place.location: place for one in scanned for place in one.places}
    places = judge([*found.values()], keys)
    if not any(place.anchors or _has_digests(place.place) for place in places):
        places += judge([_nothing(paths)], keys)
    return Audit(
        basis=basis,
        paths=names,
        places=places,
        coverage=_coverage(scanned),
        fail_on=chosen,
    )


def _check(name: str) -> Check:
    """The check that a user calls ``missing`` or ``audit.missing``."""
    ids = {check.id: check for check in Check if check.id.startswith("audit.")}
    found = ids.get(name) or ids.get(f"audit.{name}")
    if found is None:
        raise UsageError(
            Check.USAGE,
            "there is no such check",
            got=name,
            want=", ".join(check_id.removeprefix("audit.") for check_id in ids),
            remedy="docs/audit.md explains them",
        )
    return found


def _require_there(path: Path) -> None:
    try:
        path.lstat()
    except (OSError, ValueError) as error:
        raise UsageError(
            Check.USAGE,
            "what is to be audited is not there",
            got=f"{path}: {error}",
            want="a file, a directory, an archive or an image",
            remedy="check the name",
        ) from error


def _has_digests(place: Place) -> bool:
    return place.reading is not None and place.reading.compiled is not None


def _nothing(paths: Sequence[Path]) -> Place:
    finding = Finding(
        Check.AUDIT_NOTHING,
        Severity.WARNING,
        "no trust anchor of the root was found",
        want="at least one",
        remedy="audit the directory that the resolver is configured in",
    )
    return Place(Location(str(paths[0]), ""), None, (Note(finding),))


def _coverage(scanned: Sequence[Scanned]) -> Coverage:
    totals = (sum(numbers) for numbers in zip(*(one.coverage for one in scanned), strict=True))
    return Coverage(*totals)
