"""Blocks as text for a terminal: 80 columns, colour only where it is wanted.

Paths and commands are never broken, for people copy them; in a table alone, a long path loses its
beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import NamedTuple

from anchors.core.escape import printable
from anchors.report.blocks import (
    Definitions,
    Document,
    Findings,
    Items,
    Kind,
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
    kind_of,
    spans_of,
)
from anchors.report.layout import BOLD, GREEN, INDENT, RED, WIDTH, YELLOW, folded, paint, unbroken

__all__ = ["COLOURS", "line", "render", "words"]

COLOURS = {Kind.GOOD: GREEN, Kind.LOOK: YELLOW, Kind.BAD: RED}
_GAP = "  "
_PART = 2
# No column becomes narrower than this for want of room.
_NARROWEST = 12


class _Look(NamedTuple):
    """How it is shown; ``width``: the columns that are left."""

    colour: bool
    checks: bool
    width: int = WIDTH


def render(document: Document, *, colour: bool = False, checks: bool = False) -> str:
    """The blocks as text, without the title: the verdict says what was asked.

    Args:
        document: what is told.
        colour: whether to colour words.
        checks: whether to name the check of each finding.
    """
    look = _Look(colour, checks)
    blocks = [list(_lines(block, look)) for block in document.blocks]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def words(content: Words) -> str:
    """Words on one line, safe for a terminal."""
    return "".join(
        printable(span if isinstance(span, str) else span.text) for span in spans_of(content)
    )


def line(content: Words, *, colour: bool = False) -> str:
    """Words on one line, each in its colour."""
    look = _Look(colour, checks=False)
    return "".join(_painted(span, look) for span in spans_of(content))


@singledispatch
def _lines(block: object, _look: _Look) -> Iterator[str]:
    raise TypeError(block)


@_lines.register
def _(block: Verdict, look: _Look) -> Iterator[str]:
    yield from folded(block.word, COLOURS[block.kind], block.text, colour=look.colour)


@_lines.register
def _(block: Paragraph, look: _Look) -> Iterator[str]:
    yield from unbroken("", words(block.words), look.width)


@_lines.register
def _(block: Items, look: _Look) -> Iterator[str]:
    for item in block.items:
        yield from unbroken("- ", words(item.words), look.width)
        for below in item.below:
            yield from unbroken("  - ", words(below), look.width)


@_lines.register
def _(block: Definitions, look: _Look) -> Iterator[str]:
    for name, values in block.rows:
        for at, value in enumerate(values):
            yield from unbroken(f"{'' if at else name:<{INDENT}}", words(value), look.width)


@_lines.register
def _(block: Steps, look: _Look) -> Iterator[str]:
    yield "do:"
    for step in block.steps:
        if step.is_command:
            # A command works as it is printed: alone on its line, however long.
            yield f"  {printable(step.text)}"
        else:
            yield from unbroken("  ", step.text, look.width)


@_lines.register
def _(_block: Picture, _look: _Look) -> Iterator[str]:
    yield from ()


@_lines.register
def _(block: Section, look: _Look) -> Iterator[str]:
    if not block.blocks:
        return
    title = line(block.title, colour=look.colour)
    yield paint(title, BOLD, colour=look.colour) if block.level == _PART else title
    inner = look._replace(width=look.width - 2)
    for at, one in enumerate(block.blocks):
        if isinstance(one, Section):
            yield from [""] if at else []
            yield from _lines(one, look)
        else:
            yield from (f"  {text}" for text in _lines(one, inner))


def _painted(span: Span, look: _Look) -> str:
    kind = span.kind if isinstance(span, Strong) else None
    return paint(words(span), COLOURS[kind], colour=look.colour) if kind else words(span)


@_lines.register
def _(block: Findings, look: _Look) -> Iterator[str]:
    for told in block.rows:
        yield from _finding(told, look)


def _finding(told: Told, look: _Look) -> Iterator[str]:
    finding = told.finding
    details = details_of(finding)
    if told.in_summary and not details and not look.checks:
        return
    severity = finding.severity.value
    sentence = "as said above" if told.in_summary else told.where + finding.message
    first, *rest = unbroken(f"{severity}: ", sentence, look.width)
    yield _painted(Strong(severity, kind_of(finding.severity)), look) + first[len(severity) :]
    yield from rest
    for name, text in details:
        yield from unbroken(f"  {name}: ", text, look.width)
    if look.checks:
        yield from unbroken(
            "  check: ", f"{finding.check.id} ({finding.check.reference})", look.width
        )


@_lines.register
def _(block: Table, look: _Look) -> Iterator[str]:
    if not block.rows:
        return
    texts = [list(block.head), *([words(cell) for cell in row.cells] for row in block.rows)]
    is_below = block.last_is_prose and sum(_widths(texts)) + _gaps(len(block.head)) > look.width
    columns = len(block.head) - is_below
    widths = _narrowed(_widths([row[:columns] for row in texts]), look.width)
    cells: Sequence[Words]
    for at, cells in enumerate([block.head, *(row.cells for row in block.rows)]):
        lines = [_line(cells[:columns], widths, look)]
        if is_below:
            lines += unbroken("  ", words(cells[-1]), look.width)
        yield from lines if at else (paint(one, BOLD, colour=look.colour) for one in lines)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _gaps(columns: int) -> int:
    return len(_GAP) * (columns - 1)


def _narrowed(widths: list[int], width: int) -> list[int]:
    """Columns that fit: the widest of them lose what is too much."""
    widths = [*widths]
    while sum(widths) + _gaps(len(widths)) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(cells: Sequence[Words], widths: Sequence[int], look: _Look) -> str:
    shown = []
    for cell, width in zip(cells, widths, strict=True):
        text = words(cell)
        text = text if len(text) <= width else f"...{text[3 - width :]}"
        kind = cell.kind if isinstance(cell, Strong) else None
        painted = paint(text, COLOURS[kind], colour=look.colour) if kind else text
        shown.append(painted + " " * (width - len(text)))
    return _GAP.join(shown).rstrip()
