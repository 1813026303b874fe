"""As much of Markdown as the documents use: fenced blocks, tables, links and code spans."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["ROOT", "Block", "code_blocks", "code_spans", "documents", "links", "table_rows"]

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: ``language`` is the word behind the fence."""

    language: str
    text: str


def documents() -> list[Path]:
    """Every document that is written for people who use the project."""
    return [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_blocks(text: str) -> list[Block]:
    """The fenced blocks, in order."""
    return [Block(*match) for match in _FENCE.findall(text)]


def code_spans(text: str) -> list[str]:
    """What stands in single backticks outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))


def links(text: str) -> list[str]:
    """The targets of inline links."""
    return re.findall(r"\]\(([^)\s]+)\)", text)


def table_rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    rows = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("|") and not line.startswith("|-") and not following.startswith("|-"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows
