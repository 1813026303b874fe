"""The report for programs; ``docs/report.md`` and ``docs/report.schema.json`` describe it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anchors.core.findings import Finding
from anchors.core.times import format_time
from anchors.pipeline.evidence import KeyEvidence, ServerEvidence
from anchors.pipeline.report import Report
from anchors.publication.authenticate import Authenticated
from anchors.report.words import in_words

if TYPE_CHECKING:
    from anchors.rootzone.calendar import Slot

__all__ = ["basis_json", "finding_json", "render", "time_json"]

SCHEMA = "root-anchors/report/1"


def render(report: Report) -> str:
    """The report as JSON text, the same for the same report."""
    content = {
        "schema": SCHEMA,
        "verdict": report.verdict.value,
        "attention": report.attention,
        "at": format_time(report.at),
        "source": report.source,
        "publication": report.authenticated and _publication(report.authenticated),
        "anchors": [_anchor(row, report) for row in report.keys],
        "dns": {
            "mode": report.dns_mode,
            "observed_at": time_json(report.observed_at),
            "servers": [_server(row) for row in report.servers],
        },
        "calendar": [_slot(slot) for slot in report.slots],
        "findings": [finding_json(finding) for finding in report.findings],
    }
    return json.dumps(content, indent=2) + "\n"


def time_json(time: datetime | None) -> str | None:
    """A time as every report has it."""
    return None if time is None else format_time(time)


def _publication(authenticated: Authenticated) -> dict[str, Any]:
    signer, root = authenticated.signer, authenticated.root
    return {
        "document_sha256": authenticated.document_sha256,
        "signature_sha256": authenticated.signature_sha256,
        "signing_time": format_time(authenticated.signing_time),
        "signer": {
            "subject": signer.subject,
            "email": signer.email,
            "serial": signer.serial,
            "not_before": format_time(signer.not_before),
            "not_after": format_time(signer.not_after),
            "sha256": signer.sha256,
        },
        "chain": list(authenticated.chain),
        "root": {
            "subject": root.subject,
            "sha256": root.sha256,
            "not_after": format_time(root.not_after),
            "built_in": root.built_in,
        },
    }


def _anchor(row: KeyEvidence, report: Report) -> dict[str, Any]:
    key = row.entry
    window = key.window
    return {
        "id": key.id,
        "key_tag": key.key_tag,
        "algorithm": key.algorithm,
        "digest_type": key.digest_type,
        "digest": key.digest.hex().upper() if key.digest else None,
        "valid_from": time_json(window.valid_from) if window else None,
        "valid_until": time_json(window.valid_until) if window else None,
        "state": row.state.value,
        "emitted": row.usable,
        "published": row.published,
        "signing": row.signing,
        "why": row.why,
        "words": in_words(
            row, report.keys, report.seen_at, report.at, in_advance=report.dns_mode == "skr"
        ),
    }


def _server(row: ServerEvidence) -> dict[str, Any]:
    answer = row.answer
    return {
        "address": answer.server,
        "transport": answer.transport,
        "outcome": row.outcome,
        "rtt_ms": answer.rtt_ms,
        "tries": answer.tries,
        "key_tags": list(row.key_tags),
        "flags": list(row.flags),
        "signed_by": list(row.signed_by),
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "id": slot.id,
        "begin": format_time(slot.begin),
        "end": format_time(slot.end),
        "keys": [
            {"key_tag": key.key_tag, "revoke": key.revoke, "signs": key.signs}
            for key in slot.sep_keys
        ],
        "other_key_tags": list(slot.other_tags),
    }


def basis_json(report: Report) -> dict[str, Any]:
    """A verification, as reports of what is held against it begin with it."""
    publication = report.authenticated
    return {
        "verdict": report.verdict.value,
        "source": report.source,
        "signing_time": format_time(publication.signing_time) if publication else None,
        "document_sha256": publication.document_sha256 if publication else None,
        "dns_mode": report.dns_mode,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as every report has it."""
    return {
        "check": finding.check.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "got": finding.got,
        "want": finding.want,
        "reference": finding.check.reference,
        "remedy": finding.remedy,
    }
