"""Anchors for programs; ``docs/report.md`` describes the file."""

from __future__ import annotations

import base64
import json
from typing import Any

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.core.emission import Emission
from anchors.core.found import FoundAnchors, FoundDs, MalformedAnchors
from anchors.core.keys import Anchor
from anchors.core.times import format_time

__all__ = ["FORMATS", "parse", "render"]

SCHEMA = "root-anchors/anchors/1"


def render(emission: Emission) -> bytes:
    """The anchors with their dates and where they come from."""
    provenance = emission.provenance
    seen = provenance.observed_at
    content = {
        "schema": SCHEMA,
        "document": {
            "source": provenance.source,
            "sha256": provenance.document_sha256,
            "signer": provenance.signer,
            "signing_time": format_time(provenance.signing_time),
        },
        "cross_checked": provenance.cross_checked,
        "observed_on": f"{seen:%Y-%m-%d}" if seen else None,
        "anchors": [_anchor(anchor) for anchor in emission.anchors],
    }
    return json.dumps(content, indent=2).encode() + b"\n"


def _anchor(anchor: Anchor) -> dict[str, Any]:
    key, window = anchor.key, anchor.key.window
    return {
        "key_tag": key.key_tag,
        "algorithm": key.algorithm,
        "digest_type": key.digest_type,
        "digest": key.digest.hex().upper(),
        "flags": key.flags,
        "public_key": base64.b64encode(key.public_key).decode() if key.public_key else None,
        "valid_from": format_time(window.valid_from),
        "valid_until": format_time(window.valid_until) if window.valid_until else None,
        "state": anchor.state.value,
    }


def parse(data: bytes) -> FoundAnchors:
    """Read the anchors by their digests.

    Raises:
        MalformedAnchors: not such a file.
    """
    try:
        content = json.loads(data)
        if content["schema"] != SCHEMA:
            message = f"schema {content['schema']!r:.60}, not {SCHEMA}"
            raise MalformedAnchors(message)
        return FoundAnchors(
            tuple(
                FoundDs(
                    int(row["key_tag"]),
                    int(row["algorithm"]),
                    int(row["digest_type"]),
                    bytes.fromhex(row["digest"]),
                )
                for row in content["anchors"]
            )
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise MalformedAnchors(_fault(error)) from error


def _fault(error: Exception) -> str:
    if isinstance(error, MalformedAnchors):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON from line {error.lineno} on"
    return f"not anchors as {SCHEMA} has them"


FORMATS = (
    Format(
        name="json",
        file_name="anchors.json",
        media_type="application/json",
        consumer="programs",
        form=Form.EITHER,
        install="Read it with any JSON library; 'root-anchors explain report' describes it.",
        write=render,
        read=Facet("anchors.consumers.documents.json", "parse"),
        unproven="'root-anchors explain report'; it is a format of our own",
    ),
)
