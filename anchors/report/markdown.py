"""Blocks as GitHub Flavored Markdown, to be attached to a review of a package or to an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch

from anchors import __version__
from anchors.core.escape import printable
from anchors.report.blocks import (
    Code,
    Definitions,
    Document,
    Findings,
    Items,
    Paragraph,
    Picture,
    Section,
    Span,
    Steps,
    Strong,
    Table,
    Told,
    Verdict,
    Words,
    details_of,
    spans_of,
)
from anchors.report.words import NOTHING

__all__ = ["prose", "render"]

_ESCAPED = re.compile(r"[\\`*_{}\[\]~!$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
# What forges make into links, and into messages to people: only in code they leave it alone.
_LINKING = re.compile(r"((?:[@#]|://|www\.|GH-)+)", re.IGNORECASE)


def render(document: Document) -> str:
    """The document as Markdown, the same for the same document."""
    parts = [f"# {_words(document.title)}", *(_part(block) for block in document.blocks)]
    parts.append(f"Tool: root-anchors {__version__}")
    return "\n\n".join(filter(None, parts)) + "\n"


def prose(text: str) -> str:
    """Text as nothing but text: no mark-up, no HTML, no link, nobody is called."""
    parts = _LINKING.split(printable(text))
    # Every second part is what splits them.
    return "".join(f"`{part}`" if odd % 2 else _plain(part) for odd, part in enumerate(parts))


def _plain(text: str) -> str:
    escaped = _ESCAPED.sub(lambda match: f"\\{match[0]}", text)
    return re.sub("[&<>|]", lambda match: _ENTITIES[match[0]], escaped)


def _code(text: str) -> str:
    """A code span; what could end it or a cell of a table is shown as an escape sequence."""
    shown = printable(text).replace("`", r"\x60").replace("|", r"\x7c")
    shown = re.sub("^ | $", r"\\x20", shown)
    return f"`{shown}`" if shown else NOTHING


def _words(words: Words) -> str:
    return "".join(map(_span, spans_of(words)))


def _span(span: Span) -> str:
    if isinstance(span, Code):
        return _code(span.text)
    return f"**{prose(span.text)}**" if isinstance(span, Strong) else prose(span)


def _part(block: object) -> str:
    return "\n".join(_lines(block))


@singledispatch
def _lines(block: object) -> Iterator[str]:
    raise TypeError(block)


@_lines.register
def _(block: Verdict) -> Iterator[str]:
    yield prose(f"{block.word}: {block.text}")


@_lines.register
def _(block: Paragraph) -> Iterator[str]:
    yield _words(block.words)


@_lines.register
def _(block: Table) -> Iterator[str]:
    if block.rows:
        yield _row(list(map(prose, block.head)))
        yield f"|{'---|' * len(block.head)}"
    for row in block.rows:
        yield _row([_words(cell) for cell in row.cells])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


@_lines.register
def _(block: Items) -> Iterator[str]:
    for item in block.items:
        yield f"{'1.' if block.is_ordered else '-'} {_words(item.words)}"
        yield from (f"   - {_words(below)}" for below in item.below)


@_lines.register
def _(block: Definitions) -> Iterator[str]:
    for name, values in block.rows:
        if len(values) == 1:
            yield f"- {prose(name)}: {_words(values[0])}"
        else:
            yield f"- {prose(name)}:"
            yield from (f"  - {_words(value)}" for value in values)


@_lines.register
def _(block: Findings) -> Iterator[str]:
    for told in block.rows:
        yield from _finding(told)


def _finding(told: Told) -> Iterator[str]:
    finding = told.finding
    severity, check = f"**{finding.severity.value}**", finding.check
    named = f"`{check.id}`, {prose(check.reference)}"
    if told.in_summary:
        yield f"- {severity}: {named}"
    else:
        yield f"- {severity}: {prose(told.where + finding.message)} ({named})"
    for name, text in details_of(finding):
        yield f"  - {name}: {prose(text) if name == 'do' else _code(text)}"


@_lines.register
def _(block: Steps) -> Iterator[str]:
    yield "**Do:**"
    yield ""
    for number, step in enumerate(block.steps, 1):
        yield f"{number}. {_code(step.text) if step.is_command else prose(step.text)}"


@_lines.register
def _(_block: Picture) -> Iterator[str]:
    yield from ()


@_lines.register
def _(block: Section) -> Iterator[str]:
    parts = list(filter(None, map(_part, block.blocks)))
    if parts:
        yield "\n\n".join([f"{'#' * block.level} {_words(block.title)}", *parts])
