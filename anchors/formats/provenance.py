"""The comment at the head of an anchor file: where its keys come from."""

from __future__ import annotations

from collections.abc import Iterator

from anchors import __version__
from anchors.crosscheck import CrossCheck, label
from anchors.escape import printable
from anchors.model import Anchor, KeyState
from anchors.times import format_time

__all__ = ["header", "remark"]


def header(cross_check: CrossCheck, comment: str) -> Iterator[str]:
    """The lines of the comment, each beginning with ``comment``; no time of our own."""
    provenance = cross_check.provenance
    checked = "cross-checked" if provenance.cross_checked else "NOT cross-checked"
    yield f"{comment} DNSSEC trust anchors of the root zone, written by root-anchors {__version__}"
    yield f"{comment} Document: {printable(provenance.source)}"
    yield f"{comment}   SHA-256 {provenance.document_sha256}"
    signed = format_time(provenance.signing_time)
    yield f"{comment}   signed {signed} by {printable(provenance.signer)}"
    yield f"{comment}   {checked} against the DNSKEYs of the root zone"


def remark(anchor: Anchor) -> str:
    """A key's name and tag, and that its time has not come where that is so."""
    text = label(anchor.key)
    if anchor.state is KeyState.FUTURE:
        text += f", not valid before {anchor.key.window.valid_from:%Y-%m-%d}"
    return text
