"""The verdicts for programs; ``docs/ask.md`` and ``docs/ask.schema.json`` describe them."""

from __future__ import annotations

import json
from typing import Any

from anchors.asking.control import Witness
from anchors.asking.result import Asked
from anchors.asking.verdict import Day, KeyTrust, ResolverVerdict
from anchors.core.escape import printable
from anchors.core.times import format_time
from anchors.report.json import basis_json, finding_json

__all__ = ["SCHEMA", "render"]

SCHEMA = "root-anchors/ask/1"


def render(asked: Asked) -> str:
    """All verdicts as JSON text, the same for the same verdicts."""
    content = {
        "schema": SCHEMA,
        "summary": asked.summary.value,
        "at": format_time(asked.basis.at),
        "basis": basis_json(asked.basis)
        | {"findings": [finding_json(finding) for finding in asked.basis.findings]},
        "choice": asked.choice._asdict(),
        "resolvers": [_resolver(row) for row in asked.resolvers],
    }
    return json.dumps(content, indent=2) + "\n"


def _resolver(row: ResolverVerdict) -> dict[str, Any]:
    return {
        "address": row.address,
        "validates": row.validates.value,
        "why": printable(row.why),
        "keys": [_key(key) for key in row.keys],
        "summary": row.summary.value,
        "days": [_day(day) for day in row.days],
        "told": list(row.told),
        "control": _control(row.witness),
        "findings": [finding_json(finding) for finding in row.findings],
        "asked": row.asked,
    }


def _control(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "program": witness.title,
        "by": witness.held.by if witness.held else None,
        "anchors": [
            {"key_tag": tag, "digest": digest.hex().upper() if digest else None}
            for tag, digest in witness.anchors
        ],
    }


def _key(key: KeyTrust) -> dict[str, Any]:
    return {
        "name": key.name,
        "key_tag": key.key_tag,
        "digest": key.digest.hex().upper() if key.digest else None,
        "signing": key.signing,
        "needed": key.needed,
        "trust": key.trust.value,
        "words": key.words,
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": format_time(day.day),
        "event": day.event,
        "expected": day.expected.value,
        "words": day.words,
    }
