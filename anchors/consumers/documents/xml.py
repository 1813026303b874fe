"""IANA's document itself, for consumers that read it: Technitium, getdns."""

from __future__ import annotations

from anchors.consumers.facet import Facet
from anchors.consumers.format import Form, Format
from anchors.core.emission import Emission
from anchors.core.errors import DocumentRefused
from anchors.core.found import FoundAnchors, FoundDs, MalformedAnchors

__all__ = ["FORMATS", "parse", "parse_with_lines", "render"]


def render(emission: Emission) -> bytes:
    """The exact bytes that were signed: every key of the document, its dates with it."""
    return emission.document


def parse(data: bytes) -> FoundAnchors:
    """Read the KeyDigests, whatever their dates; nothing is verified.

    Raises:
        MalformedAnchors: not such a document.
    """
    return FoundAnchors(tuple(anchor for anchor, _ in parse_with_lines(data)))


def parse_with_lines(data: bytes) -> list[tuple[FoundDs, int | None]]:
    """The same, each with its line, which counts from 1.

    Raises:
        MalformedAnchors: not such a document.
    """
    # What writes needs no parser.
    from anchors.grammars.xml import parse as parse_document  # noqa: PLC0415

    anchors: list[tuple[FoundDs, int | None]] = []
    try:
        for element in parse_document(data).iterfind("KeyDigest"):
            tag, algorithm, digest_type = (
                int(element.findtext(name, "")) for name in ("KeyTag", "Algorithm", "DigestType")
            )
            digest = bytes.fromhex(element.findtext("Digest", "").strip())
            found = FoundDs(tag, algorithm, digest_type, digest, "KeyDigest")
            anchors.append((found, element.sourceline))
    except (DocumentRefused, ValueError) as error:
        raise MalformedAnchors(str(error)) from error
    return anchors


FORMATS = (
    Format(
        name="xml",
        file_name="root-anchors.xml",
        media_type="application/xml",
        consumer="Technitium DNS Server, getdns (appdata_dir), any RFC 9718 reader",
        form=Form.EITHER,
        install="Copy it beside the server's DLLs (Technitium), or into appdata_dir with\n"
        "root-anchors.p7s (getdns).",
        write=render,
        read=Facet("anchors.consumers.documents.xml", "parse"),
        unproven="RFC 9718 2.1; none of its consumers is run here",
    ),
)
