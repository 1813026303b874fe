"""IANA's document, and what only mentions it."""

from __future__ import annotations

from pathlib import Path

import pytest

from anchors.consumers.documents import XML
from anchors.consumers.documents.reading import read_xml
from anchors.consumers.reading import Hold, Reading
from anchors.core.found import MalformedAnchors
from tests.simulator.ksk import KSK_2017
from tests.unit.consumers.samples import anchors
from tests.unit.consumers.trees import AT

PUBLICATIONS = Path(__file__).parents[4] / "fixtures/publications"
KEY = (
    "<KeyDigest><KeyTag>20326</KeyTag><Algorithm>8</Algorithm><DigestType>2</DigestType>"
    f"<Digest>{KSK_2017.digest()}</Digest></KeyDigest>"
)
DOCUMENT = f"<TrustAnchor id='x' source='y'>\n<Zone>.</Zone>\n{KEY}\n</TrustAnchor>\n"


def read(content: bytes) -> Reading | None:
    return read_xml(content, "root-anchors.xml", AT)


def found(content: bytes) -> Reading:
    reading = read(content)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    "text", [DOCUMENT, f'<?xml version="1.0"?>\n<!-- x -->\n{DOCUMENT}', f"\ufeff\n{DOCUMENT}"]
)
def test_a_document_is_read(text: str) -> None:
    line = text[: text.index("<KeyDigest>")].count("\n") + 1
    reading = found(text.encode())
    assert reading.syntax is XML
    assert anchors(reading) == [(20326, line, Hold.FILE)]


def test_what_iana_publishes() -> None:
    content = (PUBLICATIONS / "2025-03-25/root-anchors.xml").read_bytes()
    assert [tag for tag, _, _ in anchors(found(content))] == [19036, 20326, 38696]


@pytest.mark.parametrize(
    "text",
    [
        "",
        DOCUMENT.replace("<Zone>.", "<Zone>example."),
        DOCUMENT.replace(KEY, ""),
        f"<html><pre>{DOCUMENT}</pre></html>",
        f"The document: {DOCUMENT}",
        f"-- {DOCUMENT}",
        f"static const char *xml = <{DOCUMENT}",
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert read(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        DOCUMENT.replace("</TrustAnchor>", ""),
        DOCUMENT.replace("20326", "x"),
        DOCUMENT.replace("20326", "99999"),
        DOCUMENT.replace("<KeyTag>20326</KeyTag>", ""),
        DOCUMENT.replace(KSK_2017.digest(), "xyz"),
        f"<!DOCTYPE TrustAnchor>{DOCUMENT}",
    ],
)
def test_a_document_that_cannot_be_read(text: str) -> None:
    with pytest.raises(MalformedAnchors):
        read(text.encode())
