"""Hardened XML reading: no DTD, no entities, no network, bounded depth."""

from __future__ import annotations

import threading
from typing import TypeAlias

from lxml import etree

from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused

__all__ = ["Element", "Schema", "name_of", "parse", "text_of"]

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it

_MAX_ELEMENTS = 10_000
_MAX_ATTRIBUTES = 100
_REFETCH = "fetch the publication again; if the error persists, report it to IANA"


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def text_of(element: Element, name: str) -> str:
    """The text of the child of that name, without the white space around it."""
    return (element.findtext(name) or "").strip()


def parse(data: bytes) -> Element:
    """Parse ``data``; comments and processing instructions are gone, the text around them whole.

    Raises:
        DocumentRefused: not well-formed, with a DOCTYPE, or implausibly large.
    """
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentRefused(
            Check.DOCUMENT_WELL_FORMED,
            "the document is not well-formed XML",
            got=str(error),
            want="an XML document",
            remedy=_REFETCH,
        ) from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise DocumentRefused(
            Check.DOCUMENT_DOCTYPE,
            "the document has a DOCTYPE, which could define entities",
            got=info.doctype or "an internal subset",
            want="no DOCTYPE",
            remedy=_REFETCH,
        )
    _require_modest(root)
    return root


def _require_modest(root: Element) -> None:
    """Nothing IANA publishes comes near these bounds, and work below stays quick within them."""
    elements = sum(1 for _ in root.iter())
    attributes = max(len(element.attrib) for element in root.iter())
    if elements > _MAX_ELEMENTS or attributes > _MAX_ATTRIBUTES:
        raise DocumentRefused(
            Check.DOCUMENT_SCHEMA,
            "the document is implausibly large",
            got=f"{elements} elements, {attributes} attributes in one",
            want=f"at most {_MAX_ELEMENTS} elements, and {_MAX_ATTRIBUTES} attributes in one",
            remedy=_REFETCH,
        )


def name_of(element: Element) -> str:
    """An element's name, with its namespace in braces where it has one."""
    tag = element.tag
    return tag if isinstance(tag, str) else repr(tag)


class Schema:
    """A RELAX NG schema in its XML syntax."""

    def __init__(self, schema: bytes) -> None:
        """Compile ``schema``, which is our own and trusted."""
        self._grammar = etree.fromstring(schema)
        self._relaxng = etree.RelaxNG(self._grammar)
        # The validator keeps one log of errors for all who ask.
        self._lock = threading.Lock()

    def starting_at(self, pattern: str) -> Schema:
        """The same grammar, for documents that are one named pattern of it."""
        grammar = etree.fromstring(etree.tostring(self._grammar))
        (reference,) = grammar.iterfind("{*}start/{*}ref")
        reference.set("name", pattern)
        return Schema(etree.tostring(grammar))

    def fault(self, element: Element) -> str | None:
        """What is wrong with ``element``, in the validator's words, or ``None``."""
        with self._lock:
            if self._relaxng.validate(element):
                return None
            return str(self._relaxng.error_log[0].message)
