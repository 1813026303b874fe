"""The audit for programs; ``docs/audit.md`` and ``docs/audit.schema.json`` describe it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from anchors.auditing.result import SCHEMA, Audit, Judged, JudgedPlace, JudgedResolver, Running
from anchors.consumers.files import Status
from anchors.consumers.reading import Held, Note, Reading, Rfc5011State
from anchors.core.escape import printable
from anchors.core.found import FoundAnchor, FoundDs
from anchors.core.keys import label
from anchors.core.times import format_time
from anchors.report.audit.hosts import Found, by_host
from anchors.report.json import basis_json, finding_json, time_json

__all__ = ["render"]


def render(audit: Audit) -> str:
    """The audit as JSON text, the same for the same audit."""
    content = {
        "schema": SCHEMA,
        "outcome": audit.outcome.value,
        "at": format_time(audit.basis.at),
        "basis": _basis(audit),
        "paths": [printable(path) for path in audit.paths],
        "fail_on": list(audit.fail_on),
        "coverage": audit.coverage._asdict(),
        "places": [_place(row) for row in audit.places],
        "hosts": [_host(found) for found in by_host(audit)],
    }
    return json.dumps(content, indent=2) + "\n"


def _basis(audit: Audit) -> dict[str, Any]:
    basis = audit.basis
    return {
        **basis_json(basis),
        "observed_at": time_json(basis.observed_at),
        "keys": [
            {
                "name": label(row.entry),
                "key_tag": row.entry.key_tag,
                "digest": row.entry.digest.hex().upper() if row.entry.digest else None,
                "state": row.state.value,
                "signing": row.signing,
            }
            for row in basis.keys
        ],
        "findings": [finding_json(finding) for finding in basis.findings],
    }


def _writable(status: Status | None) -> bool | None:
    return status.may_be_written if status is not None and status.is_final else None


def _place(row: JudgedPlace) -> dict[str, Any]:
    place = row.found
    reading = place.reading
    return {
        "path": printable(place.location.text),
        "root": printable(place.location.root),
        "inside": place.location.inside,
        "syntax": reading.syntax.id if reading else None,
        "writable": _writable(place.status),
        "outcome": row.outcome.value,
        "day": time_json(row.day),
        "summary": printable(row.summary),
        "remedy": None if row.remedy is None else printable(row.remedy),
        "anchors": [_anchor(judged) for judged in row.anchors],
        "compiled": _compiled(reading),
        "references": [
            {"path": printable(named.path), "role": named.role.value, "line": named.line}
            for named in (reading.references if reading else ())
        ],
        "findings": [_note(note) for note in row.notes],
    }


def _host(found: Found) -> dict[str, Any]:
    return {
        "name": printable(found.name),
        "resolvers": [_resolver(one) for one in found.resolvers],
        "loose": _paths(found.loose),
        "programs": _paths(found.programs),
        "not_read": _paths(found.not_read),
    }


def _paths(rows: Sequence[JudgedPlace]) -> list[str]:
    return [printable(row.found.location.text) for row in rows]


def _resolver(resolver: JudgedResolver) -> dict[str, Any]:
    loaded = resolver.loaded
    configuration, built_in = loaded.configuration, loaded.built_in
    running = {} if resolver.running is None else {"running": _running(resolver.running)}
    return running | {
        "consumer": loaded.consumer,
        "title": resolver.title,
        "configuration": None if configuration is None else printable(configuration.text),
        "files": [
            {"path": printable(used.location.text), "role": used.role.value} for used in loaded.used
        ],
        "starts": loaded.starts,
        "validates": loaded.validates,
        "follows_rolls": loaded.follows,
        "built_in": None if built_in is None else built_in._asdict(),
        "anchors": [
            {"file": printable(where.text), "view": judged.held.view or None, **_anchor(judged)}
            for where, judged in resolver.anchors
        ],
        "outcome": resolver.outcome.value,
        "day": time_json(resolver.day),
        "summary": printable(resolver.summary),
        "days": [
            {
                "day": format_time(one.day),
                "event": printable(one.event),
                "outcome": one.outcome.value,
                "meaning": printable(one.meaning),
            }
            for one in resolver.days
        ],
        "findings": [
            {"file": printable(where.text), **_note(note)} for where, note in resolver.notes
        ],
        "remedy": [
            {"text": printable(step.text), "command": step.is_command} for step in resolver.steps
        ],
    }


def _running(running: Running) -> dict[str, Any]:
    return {
        "agrees": running.agrees,
        "words": printable(running.words),
        "address": running.address or None,
        "started": time_json(running.started),
        "by": running.by or None,
    }


def _anchor(judged: Judged) -> dict[str, Any]:
    held: Held = judged.held
    return {
        "name": judged.name,
        "standing": judged.standing.value,
        "fault": judged.fault,
        **_record(held.anchor),
        "statement": held.anchor.statement,
        "hold": held.hold.value,
        "line": held.line,
        "state": _state(held.state),
    }


def _record(anchor: FoundAnchor) -> dict[str, Any]:
    """The same properties for both forms; what a form lacks is ``null``."""
    if isinstance(anchor, FoundDs):
        return {
            "form": "ds",
            "algorithm": anchor.algorithm,
            "key_tag": anchor.key_tag,
            "digest_type": anchor.digest_type,
            "digest": anchor.digest.hex().upper(),
            "flags": None,
            "public_key": None,
        }
    return {
        "form": "dnskey",
        "algorithm": anchor.algorithm,
        "key_tag": None,
        "digest_type": None,
        "digest": None,
        "flags": anchor.flags,
        "public_key": base64.b64encode(anchor.public_key).decode(),
    }


def _state(state: Rfc5011State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "state": state.state.value,
        "since": time_json(state.since),
        "until": time_json(state.until),
        "trusted": state.trusted,
    }


def _compiled(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None or reading.compiled is None:
        return None
    return {
        "key_digests": [digest.hex().upper() for digest in reading.compiled.key_digests],
        "roots": list(reading.compiled.roots),
    }


def _note(note: Note) -> dict[str, Any]:
    return {**finding_json(note.finding), "line": note.line, "day": time_json(note.day)}
