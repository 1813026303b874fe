"""Unbound's ``trust-anchor:`` lines (unbound.conf(5))."""

from __future__ import annotations

import re

from anchors import records
from anchors.crosscheck import CrossCheck
from anchors.formats.found import FoundAnchor, FoundAnchors
from anchors.formats.provenance import header, remark
from anchors.formats.zone import found_in_zone_text

__all__ = ["parse", "render"]

_LINE = re.compile(
    r"""^\s*trust-anchor:\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.MULTILINE
)


def render(cross_check: CrossCheck) -> bytes:
    """A ``server:`` clause with one DS for each anchor."""
    lines = [*header(cross_check, "#"), "server:"]
    for anchor in cross_check.anchors.anchors:
        key = anchor.key
        text = records.ds_text(key.key_tag, key.algorithm, key.digest_type, key.digest)
        lines.append(f"\t# {remark(anchor)}")
        lines.append(f'\ttrust-anchor: ". DS {text}"')
    return "\n".join([*lines, ""]).encode()


def parse(data: bytes) -> FoundAnchors:
    """Read the root's anchors from the ``trust-anchor:`` lines of an unbound.conf.

    Raises:
        MalformedAnchors: such a line holds no record.
    """
    anchors: list[FoundAnchor] = []
    for match in _LINE.finditer(data.decode(errors="replace")):
        text = match["double"] if match["double"] is not None else match["single"]
        anchors += found_in_zone_text(text, "trust-anchor")
    return FoundAnchors(tuple(anchors))
