"""What each key and digest is, for programs; ``docs/identify.md`` describes the object."""

from __future__ import annotations

import json
from typing import Any

from anchors.auditing.identify import Identified, Identity
from anchors.core.times import format_time
from anchors.report.identify.text import answer

__all__ = ["SCHEMA", "render"]

SCHEMA = "root-anchors/identify/1"


def render(identified: Identified) -> str:
    """The answers as JSON text."""
    content = {
        "schema": SCHEMA,
        "verdict": identified.basis.verdict.value,
        "at": format_time(identified.basis.at),
        "current": identified.is_current,
        "found": [_identity(one) for one in identified.found],
    }
    return json.dumps(content, indent=2) + "\n"


def _identity(one: Identity) -> dict[str, Any]:
    return {
        "line": one.line,
        "what": one.what,
        "standing": one.standing.value if one.standing else "cannot tell",
        "name": one.key.name if one.key else None,
        "key_tag": one.key.key_tag if one.key else None,
        "fault": one.fault,
        "got": one.got,
        "want": one.want,
        "answer": answer(one),
    }
