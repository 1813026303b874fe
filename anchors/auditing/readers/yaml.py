"""What the readers of YAML configurations share."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from anchors.auditing.place import Note, Reading, Reference, Role, Syntax
from anchors.checks import Check
from anchors.errors import UsageError
from anchors.formats.found import MalformedAnchors
from anchors.formats.yaml import TOO_LARGE, Scalar, is_too_large, load_yaml
from anchors.model import Finding, Severity

__all__ = ["is_shaped", "read_yaml", "references_to", "value_at"]

# What may stand at the left margin: a key, an item, a comment, a mark of a document, JSON.
_ROW = re.compile(
    rb"""(?x)
    [\s\#%\]}]
    | -(?:\s|--|\Z) | \.\.\.
    | [\[{](?!{)
    | ["']?\w[\w.-]*["']?[^\S\n]*:(?:\s|\Z)"""
)
_TOO_LARGE = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    TOO_LARGE,
    remedy="look at it yourself",
)


def is_shaped(content: bytes, *keys: re.Pattern[bytes]) -> bool:
    """Whether each of the ``keys`` is there, and nothing at the left margin is prose."""
    if not all(key.search(content) for key in keys):
        return False
    rows = content.removeprefix(codecs.BOM_UTF8).splitlines()
    return all(_ROW.match(row) for row in rows if row)


def read_yaml(content: bytes, syntax: Syntax, read: Callable[[object], Reading]) -> Reading:
    """What ``read`` makes of the document; a note where PyYAML is not installed.

    Raises:
        MalformedAnchors: not YAML, or an anchor in it cannot be read.
    """
    if is_too_large(content):
        return Reading(syntax, notes=(Note(_TOO_LARGE),))
    try:
        document = load_yaml(content)
    except MalformedAnchors as error:
        # PyYAML's words go over several lines.
        raise MalformedAnchors(" ".join(str(error).split())) from error
    except UsageError as error:
        finding = Finding(
            Check.AUDIT_UNREADABLE,
            Severity.WARNING,
            error.message,
            error.got,
            error.want,
            error.remedy,
        )
        return Reading(syntax, notes=(Note(finding),))
    return read(document)


def value_at(document: object, *path: str) -> object:
    """What lies at ``path`` in nested mappings, or ``None``."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def references_to(value: object, role: Role, below: str = "") -> list[Reference]:
    """The file that a string names, none for anything else; ``below``: a pattern inside it."""
    if not isinstance(value, Scalar) or not value:
        return []
    return [Reference(f"{value.rstrip('/')}/{below}" if below else str(value), role, value.line)]
