"""What can be written, and for whom: one module per consumer, its rows in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from anchors.checks import Check
from anchors.crosscheck import CrossCheck, label
from anchors.errors import NothingValid, UsageError
from anchors.formats import (
    bind,
    dnskey,
    dnsmasq,
    dnsviz,
    ds,
    getdns,
    hickory,
    json,
    knot,
    ldns,
    pdns,
    resolved,
    unbound,
    xml,
)
from anchors.formats.format import Form, Format
from anchors.model import Finding, Severity

__all__ = ["GROUPS", "REGISTRY", "Form", "Format", "Rendered", "find_formats", "render_all"]

REGISTRY: tuple[Format, ...] = (
    *ds.FORMATS,
    *dnskey.FORMATS,
    *bind.FORMATS,
    *unbound.FORMATS,
    *knot.FORMATS,
    *pdns.FORMATS,
    *dnsmasq.FORMATS,
    *resolved.FORMATS,
    *getdns.FORMATS,
    *ldns.FORMATS,
    *hickory.FORMATS,
    *dnsviz.FORMATS,
    *xml.FORMATS,
    *json.FORMATS,
)

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": tuple(row.name for row in REGISTRY),
        # What Debian's dns-root-data ships.
        "debian": ("ds", "dnskey"),
    }
)


class Rendered(NamedTuple):
    """Anchor files by name, and what a person should know about them."""

    files: dict[str, bytes]
    findings: tuple[Finding, ...]


def find_formats(names: Sequence[str]) -> tuple[Format, ...]:
    """The rows with these names, aliases or groups, in the registry's order; all for no name.

    Raises:
        UsageError: there is no such format.
    """
    wanted: set[str] = set()
    for name in names or ["all"]:
        matching = GROUPS.get(name) or tuple(
            row.name for row in REGISTRY if name in {row.name, row.alias}
        )
        if not matching:
            raise UsageError(
                Check.USAGE,
                "there is no such format",
                got=name,
                want=", ".join([*GROUPS, *(row.name for row in REGISTRY)]),
                remedy="'root-anchors formats' lists them",
            )
        wanted.update(matching)
    return tuple(row for row in REGISTRY if row.name in wanted)


def render_all(cross_check: CrossCheck, formats: Sequence[Format], *, asked: bool) -> Rendered:
    """Render every format that can carry at least one key.

    Args:
        cross_check: what may be emitted.
        formats: the rows to render.
        asked: the user named them, so that one without a key is a refusal and not left out.

    Raises:
        NothingValid: an asked-for format would be a file without anchors.
    """
    files: dict[str, bytes] = {}
    left_out: dict[str, list[str]] = {}
    anchors = cross_check.anchors.anchors
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
            files[row.file_name] = row.render(cross_check)
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
            f"{', '.join(left_out)}: without keys that are published by digest only",
            got=", ".join(keys),
            want="a PublicKey in the document",
            remedy="use a format that takes DS records for these keys",
        )
    ]


def _no_anchor_for(row: Format) -> NothingValid:
    return NothingValid(
        Check.FORMAT_DIGEST_ONLY,
        f"{row.file_name} would hold no anchor at all",
        got="keys published by digest only",
        want="at least one key that this format can carry",
        remedy="choose a format that takes DS records, such as ds, bind or unbound",
    )
