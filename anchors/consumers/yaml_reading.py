"""What the readers of YAML configurations share."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from anchors.consumers.reading import Reference, Role
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.grammars.yaml import TOO_LARGE, Scalar, is_too_large, load_yaml

__all__ = [
    "is_shaped",
    "line_of",
    "read_document",
    "references_to",
    "unread_for",
    "untold",
    "value_at",
]

# What may stand at the left margin: a key, an item, a comment, a mark of a document, JSON.
_ROW = re.compile(
    rb"""(?x)
    [ \t\r\n\#%\]}]
    | -(?:[ \t\r\n]|--|\Z) | \.\.\.
    | [\[{](?!{)
    | ["']?\w[\w.-]*["']?[ \t]*:(?:[ \t\r\n]|\Z)"""
)
_HEAD = 4096
_TOO_LARGE = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    TOO_LARGE,
    remedy="check the file by hand",
)


def is_shaped(content: bytes, *keys: re.Pattern[bytes]) -> bool:
    """Whether each of the ``keys`` is there, and nothing at the left margin is prose."""
    text = content.removeprefix(codecs.BOM_UTF8)
    # Most files are none by their first rows; of a head alone the last row may be cut.
    if not _has_rows(text[:_HEAD].splitlines()[:-1]):
        return False
    return all(key.search(content) for key in keys) and _has_rows(text.splitlines())


def _has_rows(rows: Iterable[bytes]) -> bool:
    return all(_ROW.match(row) for row in rows if row)


def read_document(content: bytes, *, is_typed: bool = True) -> object:
    """The document; a finding where it is too large, or PyYAML is not installed.

    ``is_typed``: as :func:`~anchors.grammars.yaml.load_yaml` has it.

    Raises:
        MalformedAnchors: not YAML, or YAML with what is not read here, such as aliases.
    """
    if is_too_large(content):
        return _TOO_LARGE
    try:
        return load_yaml(content, is_typed=is_typed)
    except UsageError as error:
        return unread_for(error)


def unread_for(error: UsageError) -> Finding:
    """That a document was not read, for PyYAML is not installed."""
    return Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        error.message,
        error.got,
        error.want,
        error.remedy,
    )


def value_at(document: object, *path: str) -> object:
    """What lies at ``path`` in nested mappings, or ``None``."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def line_of(mapping: object, key: str) -> int | None:
    """The line of a key of a mapping, which counts from 1; ``None``: the key is not there."""
    keys = mapping if isinstance(mapping, dict) else ()
    return next((one.line for one in keys if isinstance(one, Scalar) and one == key), None)


def references_to(value: object, role: Role, below: str = "") -> list[Reference]:
    """The file that a string names, none for anything else; ``below``: a pattern inside it."""
    if not isinstance(value, Scalar) or not value:
        return []
    return [Reference(f"{value.rstrip('/')}/{below}" if below else str(value), role, value.line)]


def untold(statement: str) -> Finding:
    """That only a run of the program, or whoever fills in a template, could tell what comes."""
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "the anchors that this code makes cannot be derived from the text",
        got=printable(statement),
        want="calls with literal arguments",
        remedy="check the file by hand, or ask the running resolver for its trust anchors",
    )
