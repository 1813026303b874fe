"""Blocks as one HTML page, to be attached to a review of a package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from anchors import __version__
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
    kind_of,
    spans_of,
)
from anchors.report.page import definitions, details, element, page, section, table, text
from anchors.report.plain import words

__all__ = ["render"]


def render(document: Document) -> str:
    """The document as HTML, the same for the same document."""
    body = filter(None, map(_html, document.blocks))
    return page(words(document.title), body, tool=f"root-anchors {__version__}")


def _words(content: Words) -> str:
    return "".join(map(_span, spans_of(content)))


def _span(span: Span) -> str:
    if isinstance(span, Code):
        return element("code", span.text)
    return element("strong", span.text, kind=span.kind) if isinstance(span, Strong) else text(span)


@singledispatch
def _html(block: object) -> str:
    raise TypeError(block)


@_html.register
def _(block: Verdict) -> str:
    # Its word is in bold, so that no colour is needed.
    word = element("strong", block.word)
    return f'<p class="verdict {block.kind}">{word}: {text(block.text)}</p>'


@_html.register
def _(block: Paragraph) -> str:
    return f"<p>{_words(block.words)}</p>"


@_html.register
def _(block: Table) -> str:
    rows = [([_words(cell) for cell in row.cells], row.link) for row in block.rows]
    return table(block.head, rows, last_is_prose=block.last_is_prose) if rows else ""


@_html.register
def _(block: Items) -> str:
    name = "ol" if block.is_ordered else "ul"
    items = "\n".join(f"<li>{_words(item.words)}{_list(item.below)}</li>" for item in block.items)
    return f"<{name}>\n{items}\n</{name}>"


def _list(items: Sequence[Words]) -> str:
    lines = "".join(f"<li>{_words(words)}</li>" for words in items)
    return f"<ul>{lines}</ul>" if lines else ""


@_html.register
def _(block: Definitions) -> str:
    return definitions((name, list(map(_words, values))) for name, values in block.rows)


@_html.register
def _(block: Findings) -> str:
    return "\n".join(map(_finding, block.rows))


def _finding(told: Told) -> str:
    finding, check = told.finding, told.finding.check
    word = element("strong", finding.severity.value, kind=kind_of(finding.severity))
    rows = [(name, [text(value)]) for name, value in details_of(finding)]
    rows.append(("check", [f"{element('code', check.id)} ({text(check.reference)})"]))
    sentence = "" if told.in_summary else f": {text(told.where + finding.message)}"
    return f"<div><p>{word}{sentence}</p>\n{definitions(rows)}</div>"


@_html.register
def _(block: Steps) -> str:
    lines = "\n".join(
        f"<li><pre>{text(step.text)}</pre></li>" if step.is_command else element("li", step.text)
        for step in block.steps
    )
    return f"<p><strong>do</strong>:</p>\n<ol>\n{lines}\n</ol>"


@_html.register
def _(block: Picture) -> str:
    return block.svg


@_html.register
def _(block: Section) -> str:
    body = list(filter(None, map(_html, block.blocks)))
    title = _words(block.title)
    if block.is_folded:
        return details(title, body, id_=block.id)
    return section(title, body, level=block.level, id_=block.id)
