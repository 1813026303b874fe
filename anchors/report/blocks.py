"""What a report is made of: blocks, which each form of a report renders in its own way.

The content of a report is a function from a result to a :class:`Document`.  Texts may come from
outside: the renderers show them as nothing but text.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from anchors.core.findings import Finding, Severity

if TYPE_CHECKING:
    from anchors.auditing.result import Step

__all__ = [
    "Block",
    "Code",
    "Definitions",
    "Document",
    "Findings",
    "Item",
    "Items",
    "Kind",
    "Paragraph",
    "Picture",
    "Row",
    "Section",
    "Span",
    "Steps",
    "Strong",
    "Table",
    "Told",
    "Verdict",
    "Words",
    "details_of",
    "kind_of",
    "spans_of",
]


class Kind(enum.StrEnum):
    """How good or bad something is: colours follow it, and no meaning depends on them."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


class Code(NamedTuple):
    """A path, an address, a digest or a command."""

    text: str


class Strong(NamedTuple):
    """A word that carries an answer."""

    text: str
    kind: Kind | None = None


Span: TypeAlias = str | Code | Strong
# One span, or several in a row.
Words: TypeAlias = Span | list[Span]


class Verdict(NamedTuple):
    """The answer: its word, and the sentence behind it."""

    word: str
    text: str
    kind: Kind


class Paragraph(NamedTuple):
    """Words that stand by themselves."""

    words: Words


class Row(NamedTuple):
    """A row of a table; ``link``: the id of the section that tells more of it."""

    cells: Sequence[Words]
    link: str = ""


class Table(NamedTuple):
    """Rows of cells; ``last_is_prose``: the last cell of each row is a sentence."""

    head: Sequence[str]
    rows: Sequence[Row]
    last_is_prose: bool = False


class Item(NamedTuple):
    """An item of a list, and the list below it."""

    words: Words
    below: Sequence[Words] = ()


class Items(NamedTuple):
    """A list; ``is_ordered``: the order of its items means something."""

    items: Sequence[Item]
    is_ordered: bool = False


class Definitions(NamedTuple):
    """Names, each with one or more words that it stands for."""

    rows: Sequence[tuple[str, Sequence[Words]]]


class Told(NamedTuple):
    """A finding; ``where``: its lines in words; ``in_summary``: its sentence stands above."""

    finding: Finding
    where: str = ""
    in_summary: bool = False


class Findings(NamedTuple):
    """Findings with all that they have to tell."""

    rows: Sequence[Told]


class Steps(NamedTuple):
    """A cure, step by step: each command stands alone on its line."""

    steps: Sequence[Step]


class Picture(NamedTuple):
    """An SVG picture, which pages alone show."""

    svg: str


class Section(NamedTuple):
    """Blocks below a title; without any, the title is left out too.

    Attributes:
        title: what the blocks are about.
        blocks: what stands below the title.
        level: 2 for a part of the report, 3 for a part of such a part.
        id: what rows of tables link to.
        is_folded: a page shows the title alone until somebody unfolds it.
    """

    title: Words
    blocks: Sequence[Block]
    level: int = 2
    id: str = ""
    is_folded: bool = False


Block: TypeAlias = (
    "Verdict | Paragraph | Table | Items | Definitions | Findings | Steps | Picture | Section"
)


class Document(NamedTuple):
    """A whole report."""

    title: Words
    blocks: Sequence[Block]


def spans_of(words: Words) -> list[Span]:
    """The spans of words, in their order."""
    return words if isinstance(words, list) else [words]


def kind_of(severity: Severity) -> Kind | None:
    """How bad a finding of this severity is."""
    if severity is Severity.NOTICE:
        return None
    return Kind.LOOK if severity is Severity.WARNING else Kind.BAD


def details_of(finding: Finding) -> list[tuple[str, str]]:
    """What a finding has to tell beside its sentence, each with its name; ``do`` is prose."""
    rows = (("got", finding.got), ("want", finding.want), ("do", finding.remedy))
    return [(name, text) for name, text in rows if text]
