"""Cross-checked keys -> anchor files in the requested formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from anchors.consumers.format import Form, Format
from anchors.core.checks import Check
from anchors.core.emission import Emission
from anchors.core.errors import NothingValid
from anchors.core.findings import Finding, Severity
from anchors.core.keys import label

__all__ = ["Rendered", "render_all"]


class Rendered(NamedTuple):
    """Anchor files by name, and findings about them."""

    files: dict[str, bytes]
    findings: tuple[Finding, ...]


def render_all(emission: Emission, formats: Sequence[Format], *, asked: bool) -> Rendered:
    """Render every format that can express at least one key.

    Args:
        emission: the keys that may be written.
        formats: the rows to render.
        asked: the user named the formats, so a format without a key is an error.

    Raises:
        NothingValid: a requested format would be a file without anchors.
    """
    files: dict[str, bytes] = {}
    left_out: dict[str, list[str]] = {}
    anchors = emission.anchors
    for row in formats:
        lacking = [
            label(anchor.key)
            for anchor in anchors
            if anchor.key.public_key is None and row.form is Form.DNSKEY
        ]
        if lacking:
            left_out[row.file_name] = lacking
        # An empty anchor file turns validation off in most consumers.
        if len(lacking) < len(anchors):
            files[row.file_name] = row.write(emission)
        elif asked or not lacking:
            raise _no_anchor_for(row)
    return Rendered(files, tuple(_digest_only(left_out)))


def _digest_only(left_out: Mapping[str, list[str]]) -> list[Finding]:
    if not left_out:
        return []
    keys = dict.fromkeys(key for lacking in left_out.values() for key in lacking)
    return [
        Finding(
            Check.FORMAT_DIGEST_ONLY,
            Severity.WARNING,
            f"{', '.join(left_out)}: keys that are published by digest only are left out",
            got=", ".join(keys),
            want="a PublicKey in the document for every key",
            remedy="use a format that takes DS records for these keys",
        )
    ]


def _no_anchor_for(row: Format) -> NothingValid:
    return NothingValid(
        Check.FORMAT_DIGEST_ONLY,
        f"{row.file_name} would contain no anchor",
        got="keys published by digest only",
        want="at least one key that this format can express",
        remedy="choose a format that takes DS records; 'root-anchors formats' lists them",
    )
