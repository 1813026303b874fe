"""The audit for code scanning: SARIF 2.1.0.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from anchors import __version__
from anchors.auditing.result import Audit, JudgedPlace, Outcome
from anchors.consumers.files import Location
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.times import format_time
from anchors.pipeline.report import Verdict
from anchors.report.blocks import details_of

__all__ = ["render"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Severity.FAILURE: "error",
    Severity.ALARM: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "note",
}
# The name that code scanning gives to the directory it works in.
_HERE = "%SRCROOT%"


def render(audit: Audit) -> str:
    """The audit as a SARIF log with one run, the same for the same audit."""
    found = {note.finding.check for row in audit.places for note in _notes(row)}
    rules = [check for check in Check if check in found]
    bases = _Bases()
    run = {
        "tool": {
            "driver": {
                "name": "root-anchors",
                "version": __version__,
                "rules": [_rule(check) for check in rules],
            }
        },
        "invocations": [_invocation(audit)],
        "results": list(_results(audit, rules, bases)),
        "originalUriBaseIds": bases.json(),
        "columnKind": "unicodeCodePoints",
        "properties": _how(audit),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _text(text: str) -> dict[str, str]:
    """A message (3.11): brackets are no links, braces no placeholders."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    shown = re.sub(r"(\\*)([][])", r"\1\1\\\2", shown)
    return {"text": shown.replace("{", "{{").replace("}", "}}")}


def _rule(check: Check) -> dict[str, Any]:
    help_text = (
        f"{check.title}. The clause: {check.reference}. 'root-anchors explain {check.id}' says why."
    )
    return {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": f"{check.title} ({check.reference})"},
        "help": {"text": help_text},
    }


def _invocation(audit: Audit) -> dict[str, Any]:
    return {
        "executionSuccessful": audit.basis.verdict is Verdict.VERIFIED,
        "toolExecutionNotifications": [
            {
                "descriptor": {"id": finding.check.id},
                "level": _LEVELS[finding.severity],
                "message": _message(finding),
            }
            for finding in audit.basis.findings
        ],
    }


def _how(audit: Audit) -> dict[str, Any]:
    publication = audit.basis.authenticated
    return {
        "outcome": audit.outcome.value,
        "at": format_time(audit.basis.at),
        "verdict": audit.basis.verdict.value,
        "signingTime": format_time(publication.signing_time) if publication else None,
        "filesLookedAt": audit.coverage.looked_at,
        "filesNotRead": audit.coverage.unreadable,
    }


class _Bases:
    """The directories that locations are relative to (3.14.14)."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def locate(self, location: Location) -> dict[str, str]:
        """The file, or the archive that the member lies in."""
        root, path = location.root, location.path
        if location.inside or not path:
            root, path = posixpath.split(root)
        root = posixpath.normpath(root or ".")
        if not root.startswith(("/", "..")):
            return {"uri": _encoded(posixpath.normpath(f"{root}/{path}")), "uriBaseId": _HERE}
        name = self._names.setdefault(root, f"ROOT{len(self._names) + 1}")
        return {"uri": _encoded(path) or ".", "uriBaseId": name}

    def json(self) -> dict[str, Any]:
        here = {"description": {"text": "the directory that the audit was run in"}}
        return {_HERE: here, **{name: _base(root) for root, name in self._names.items()}}


def _base(root: str) -> dict[str, Any]:
    if not root.startswith("/"):
        # Where links are, ".." in a URI leads elsewhere than in a path: it is told in words.
        return {"description": _text(f"{root}, from the directory that the audit was run in")}
    below = root.strip("/")
    return {"uri": f"file:///{_encoded(below)}/" if below else "file:///"}


def _encoded(path: str) -> str:
    """As RFC 3986 has it; a name that is no UTF-8 by its bytes."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _results(audit: Audit, rules: list[Check], bases: _Bases) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for row in audit.places:
        where = bases.locate(row.found.location)
        for note in _notes(row):
            check = note.finding.check
            mark = _fingerprint(where, row.found.location, note.finding)
            seen[mark] += 1
            has_line = _has_line(row.found.location, note)
            yield {
                "ruleId": check.id,
                "ruleIndex": rules.index(check),
                "level": _LEVELS[note.finding.severity],
                "message": _message(note.finding, row, note),
                "locations": [_location(where, row.found.location, note)],
                "partialFingerprints": _fingerprints(f"{mark}:{seen[mark]}", has_line=has_line),
                "properties": _properties(row),
            }


def _notes(row: JudgedPlace) -> Sequence[Note]:
    """The findings; a file that is not right and has none is told by its summary."""
    if row.notes or row.outcome is Outcome.RIGHT:
        return row.notes
    undecided = Finding(Check.AUDIT_NOTHING, Severity.WARNING, row.summary, None, None, row.remedy)
    return (Note(undecided),)


def _properties(row: JudgedPlace) -> dict[str, Any]:
    reading = row.found.reading
    return {
        "outcome": row.outcome.value,
        "day": format_time(row.day) if row.day else None,
        "syntax": reading.syntax.id if reading else None,
    }


def _message(
    finding: Finding, row: JudgedPlace | None = None, note: Note | None = None
) -> dict[str, str]:
    lines = [finding.message]
    if row is not None and note is not None:
        location = row.found.location
        if location.inside:
            line = f", line {note.line}" if note.line else ""
            lines[0] = f"{printable(location.path)}{line}: {finding.message}"
        if row.notes and finding not in row.told:
            lines.append(row.summary)
    lines += [f"{name}: {text}" for name, text in details_of(finding)]
    return _text("\n".join(map(printable, lines)))


def _location(where: dict[str, str], location: Location, note: Note) -> dict[str, Any]:
    line = note.line if _has_line(location, note) else 1
    physical = {"artifactLocation": where, "region": {"startLine": line}}
    if not location.inside:
        return {"physicalLocation": physical}
    member = {"fullyQualifiedName": printable(location.path), "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [member]}


def _has_line(location: Location, note: Note) -> bool:
    """Whether the finding has a line of its own: those of a member are none of its archive."""
    return note.line is not None and not location.inside


def _fingerprints(mark: str, *, has_line: bool) -> dict[str, str]:
    """GitHub goes by the second alone: its upload makes that of the line, where it is not told."""
    marks = {"placeAndFinding/v1": mark}
    return marks if has_line else marks | {"primaryLocationLineHash": mark}


def _fingerprint(where: dict[str, str], location: Location, finding: Finding) -> str:
    """The same as long as the same is found at the same place, on whatever line and day."""
    member = location.path if location.inside else ""
    parts = [finding.check.id, where["uri"], _encoded(member), finding.message]
    return sha256("\n".join(map(printable, parts)).encode()).hexdigest()
