"""What can be written, and for whom: one module per consumer, one row each in the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from anchors.checks import Check
from anchors.crosscheck import CrossCheck, label
from anchors.errors import NothingValid, UsageError
from anchors.formats import bind, dnskey, ds, unbound
from anchors.formats.found import FoundAnchors
from anchors.model import Finding, Severity

__all__ = ["REGISTRY", "Format", "Rendered", "find_formats", "render_all"]


class Format(NamedTuple):
    """One row of the registry.

    Attributes:
        name: what ``--format`` takes.
        file_name: the file in the output directory.
        consumer: who reads it.
        form: ``DS`` or ``DNSKEY``.
        installed_as: where distributions put it, as an example.
        carries_digest_only: whether a key that is published by digest only fits in.
        render: the file of a cross-checked set.
        parse: what such a file holds.
    """

    name: str
    file_name: str
    consumer: str
    form: str
    installed_as: str
    carries_digest_only: bool
    render: Callable[[CrossCheck], bytes]
    parse: Callable[[bytes], FoundAnchors]


REGISTRY = (
    Format(
        "ds",
        "root.ds",
        "zone-file readers; dnsmasq through Debian's init script",
        "DS",
        "/usr/share/dns/root.ds",
        carries_digest_only=True,
        render=ds.render,
        parse=ds.parse,
    ),
    Format(
        "dnskey",
        "root.key",
        "Unbound, Knot Resolver, PowerDNS Recursor, ldns",
        "DNSKEY",
        "/usr/share/dns/root.key",
        carries_digest_only=False,
        render=dnskey.render,
        parse=dnskey.parse,
    ),
    Format(
        "bind",
        "bind.keys",
        "BIND 9.16 and newer: named, delv",
        "DS",
        "/etc/bind/bind.keys",
        carries_digest_only=True,
        render=bind.render,
        parse=bind.parse,
    ),
    Format(
        "unbound",
        "unbound-anchors.conf",
        "Unbound: trust-anchor lines to include",
        "DS",
        "/etc/unbound/unbound.conf.d/",
        carries_digest_only=True,
        render=unbound.render,
        parse=unbound.parse,
    ),
)


class Rendered(NamedTuple):
    """Anchor files by name, and what a person should know about them."""

    files: dict[str, bytes]
    findings: tuple[Finding, ...]


def find_formats(names: tuple[str, ...]) -> tuple[Format, ...]:
    """The rows with these names, in the registry's order; all of them for no name.

    Raises:
        UsageError: there is no such format.
    """
    unknown = set(names) - {row.name for row in REGISTRY}
    if unknown:
        raise UsageError(
            Check.USAGE,
            "there is no such format",
            got=", ".join(sorted(unknown)),
            want=", ".join(row.name for row in REGISTRY),
            remedy="'root-anchors formats' lists them",
        )
    return tuple(row for row in REGISTRY if not names or row.name in names)


def render_all(cross_check: CrossCheck, formats: tuple[Format, ...], *, asked: bool) -> Rendered:
    """Render every format that can carry at least one key.

    Args:
        cross_check: what may be emitted.
        formats: the rows to render.
        asked: the user named them, so that one without a key is a refusal and not left out.

    Raises:
        NothingValid: an asked-for format would be a file without anchors.
    """
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for row in formats:
        left_out = [
            anchor.key
            for anchor in cross_check.anchors.anchors
            if anchor.key.public_key is None and not row.carries_digest_only
        ]
        if left_out:
            findings.append(
                Finding(
                    Check.FORMAT_DIGEST_ONLY,
                    Severity.WARNING,
                    f"{row.file_name} lacks keys that are published by digest only",
                    got=", ".join(label(key) for key in left_out),
                    want="a PublicKey in the document",
                    remedy="use a format that takes DS records for these keys",
                )
            )
        # An empty anchor file turns validation off in most consumers.
        if len(left_out) < len(cross_check.anchors.anchors):
            files[row.file_name] = row.render(cross_check)
        elif asked or not left_out:
            raise _no_anchor_for(row)
    return Rendered(files, tuple(findings))


def _no_anchor_for(row: Format) -> NothingValid:
    return NothingValid(
        Check.FORMAT_DIGEST_ONLY,
        f"{row.file_name} would hold no anchor at all",
        got="keys published by digest only",
        want="at least one key that this format can carry",
        remedy="choose a format that takes DS records, such as ds, bind or unbound",
    )
