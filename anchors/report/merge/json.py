"""Merged reports for programs; ``docs/fleet.md`` and ``docs/merge.schema.json`` describe it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from anchors.auditing.merge import Merged, MergedHost, Seen
from anchors.auditing.result import Outcome
from anchors.core.times import format_time

__all__ = ["SCHEMA", "render"]

SCHEMA = "root-anchors/merge/1"


def render(merged: Merged) -> str:
    """All hosts as JSON text, the same for the same reports."""
    content = {
        "schema": SCHEMA,
        "outcome": merged.outcome.value,
        "counts": {
            "hosts": _counts(Counter(host.outcome for host in merged.hosts)),
            "resolvers": _counts(merged.by_resolver),
        },
        "publications": [
            {"signing_time": format_time(signed), "document_sha256": digest, "reports": files}
            for (signed, digest), files in merged.publications.items()
        ],
        "days": [{"day": str(day), "reports": files} for day, files in merged.days.items()],
        "twice": [{"name": name, "reports": files} for name, files in merged.twice.items()],
        "hosts": [_host(host) for host in merged.hosts],
    }
    return json.dumps(content, indent=2) + "\n"


def _counts(found: Counter[Outcome]) -> dict[str, int]:
    return {outcome.value: found[outcome] for outcome in Outcome}


def _host(host: MergedHost) -> dict[str, Any]:
    return {
        "name": host.name,
        "report": host.file,
        "outcome": host.outcome.value,
        "resolvers": dict(host.resolvers),
        "next": None
        if host.next is None
        else {"day": str(host.next[0]), "outcome": host.next[1].value},
        "seen": [_seen(one) for one in host.seen],
        "more": host.more,
    }


def _seen(one: Seen) -> dict[str, Any]:
    return {
        "title": one.title or None,
        "path": one.path,
        "outcome": one.outcome.value,
        "summary": one.summary,
        "remedy": [{"text": step.text, "command": step.is_command} for step in one.steps],
    }
