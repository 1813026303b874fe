"""The comment at the head of an anchor file: where its keys come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anchors import __version__
from anchors.core.emission import Emission
from anchors.core.escape import printable
from anchors.core.keys import Anchor, KeyState, label
from anchors.core.times import format_time

__all__ = ["header", "join_lines", "not_before", "remark"]


def header(emission: Emission, comment: str) -> Iterator[str]:
    """The lines of the comment, each beginning with ``comment``; no time of our own."""
    provenance = emission.provenance
    signed = format_time(provenance.signing_time)
    checked = "cross-checked" if provenance.cross_checked else "NOT cross-checked"
    seen = provenance.observed_at
    on = f" on {seen:%Y-%m-%d}" if seen else ""
    yield f"{comment} DNSSEC trust anchors of the root zone, written by root-anchors {__version__}"
    yield f"{comment} Document: {printable(provenance.source)}"
    yield f"{comment}   SHA-256 {provenance.document_sha256}"
    yield f"{comment}   signed {signed} by {printable(provenance.signer)}"
    yield f"{comment}   {checked} against the DNSKEYs of the root zone{on}"
    for anchor in emission.anchors:
        yield f"{comment} {remark(anchor)}"


def remark(anchor: Anchor) -> str:
    """A key's name and tag, and that its time has not come where that is so."""
    return f"{label(anchor.key)}{not_before(anchor)}"


def not_before(anchor: Anchor) -> str:
    """That a key's time has not come, to stand behind its name; empty where it has."""
    if anchor.state is not KeyState.FUTURE:
        return ""
    return f", not valid before {anchor.key.window.valid_from:%Y-%m-%d}"


def join_lines(lines: Iterable[str]) -> bytes:
    """Lines as a text file: UTF-8, with a newline behind the last (drill insists on it)."""
    return "".join(f"{line}\n" for line in lines).encode()
