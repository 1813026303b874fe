"""How text reports are laid out: 80 columns, labels in front, colour only where it is wanted."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from anchors.core.escape import printable

__all__ = [
    "BOLD",
    "DIM",
    "GREEN",
    "INDENT",
    "RED",
    "WIDTH",
    "YELLOW",
    "folded",
    "labelled",
    "paint",
    "table",
    "unbroken",
    "wrapped",
]

WIDTH: Final = 80
INDENT: Final = 12
RED, GREEN, YELLOW, BOLD, DIM = 31, 32, 33, 1, 2


def paint(text: str, code: int, *, colour: bool) -> str:
    """The text in a colour of ECMA-48 (SGR), where ``colour`` is wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def wrapped(prefix: str, text: str, *, indent: int = INDENT) -> list[str]:
    """Safe lines of ``text`` from column ``indent`` on, the first behind ``prefix``."""
    lines = textwrap.wrap(printable(text), WIDTH - indent, break_on_hyphens=False) or [""]
    return [prefix + lines[0], *(" " * indent + line for line in lines[1:])]


def unbroken(prefix: str, text: str, width: int = WIDTH) -> list[str]:
    """Safe lines with ``prefix`` before the first, whose words stay whole, however long."""
    return textwrap.wrap(
        printable(text),
        width,
        initial_indent=prefix,
        subsequent_indent=" " * len(prefix),
        break_on_hyphens=False,
        break_long_words=False,
    ) or [prefix.rstrip()]


def folded(word: str, code: int, text: str, *, colour: bool) -> list[str]:
    """A verdict in its colour, and the answer behind it, folded where the terminal ends."""
    first, *rest = wrapped(f"{word}: ", text, indent=len(word) + 2)
    return [paint(word, code, colour=colour) + first.removeprefix(word), *rest]


def labelled(name: str, texts: Sequence[str]) -> list[str]:
    """Texts below each other, with a label in front of the first."""
    labels = [name] + [""] * len(texts)
    return [
        line
        for label, text in zip(labels, texts, strict=False)
        for line in wrapped(f"{label:<{INDENT}}", text)
    ]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, each column as wide as its widest."""
    safe = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in safe
    ]
