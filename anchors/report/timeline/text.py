"""The timeline for a terminal: 80 columns, readable without colour, with or without Unicode.

What is observed or stated is drawn solid, what is planned dotted; words say the same below.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.core.times import format_time
from anchors.pipeline.report import Report
from anchors.report.layout import BOLD, DIM, GREEN, RED, WIDTH, YELLOW, paint, wrapped
from anchors.report.timeline.assemble import timeline_of
from anchors.report.timeline.axis import Axis
from anchors.report.timeline.model import NEAR, PLAN, Basis, Kind, Life, Row, Span, Timeline

__all__ = ["render"]

_LABELS = 17
# Three columns a year from 2010 to 2031.
_CHART = WIDTH - _LABELS
# Columns: before what is wrapped, between the years that are named, for a name in a list.
_INDENT, _ROOM, _NAME = 16, 5, 24
_CYAN = 36


class _Glyphs(NamedTuple):
    """One character for each kind of span: observed or stated first, then planned."""

    spans: dict[Kind, tuple[str, str]]
    beyond: str
    at: str
    tick: str


_UNICODE = _Glyphs(
    {
        Kind.LIFE: ("━", "┄"),
        Kind.PUBLISHED: ("─", "┄"),
        Kind.SIGNING: ("█", "░"),
        Kind.REVOKED: ("X", "x"),
        Kind.PLAN: ("~", "~"),
    },
    beyond="▸",
    at="│",
    tick="╵",
)
_ASCII = _Glyphs(
    {
        Kind.LIFE: ("=", "."),
        Kind.PUBLISHED: ("-", "."),
        Kind.SIGNING: ("#", ":"),
        Kind.REVOKED: ("X", "x"),
        Kind.PLAN: ("~", "~"),
    },
    beyond=">",
    at="|",
    tick="'",
)
_COLOURS = {
    Kind.LIFE: _CYAN,
    Kind.PUBLISHED: GREEN,
    Kind.SIGNING: GREEN,
    Kind.REVOKED: RED,
    Kind.PLAN: YELLOW,
}
_BASES = {Basis.STATED: _CYAN, Basis.OBSERVED: GREEN, Basis.PLANNED: YELLOW}


class _Pen(NamedTuple):
    """How to draw; a cell is a character and its colour."""

    axis: Axis
    glyphs: _Glyphs
    colour: bool

    def column(self, place: float) -> int:
        """The column of a place on the axis."""
        return min(int(place), _CHART - 1)

    def paint(self, text: str, code: int) -> str:
        """``text`` in a colour, where colours are wanted."""
        return paint(text, code, colour=self.colour and bool(text.strip()))

    def joined(self, cells: Sequence[tuple[str, int]]) -> str:
        """Cells as a line without blanks at its end."""
        while cells and cells[-1][0] == " ":
            cells = cells[:-1]
        runs = itertools.groupby(cells, key=lambda cell: cell[1])
        return "".join(self.paint("".join(glyph for glyph, _ in run), code) for code, run in runs)


def render(report: Report, *, unicode: bool = True, colour: bool = False) -> str:
    """The whole timeline as text.

    Args:
        report: a verified report.
        unicode: draw with more than ASCII.
        colour: colour with escape sequences.
    """
    timeline = timeline_of(report)
    whole, near = (Axis(*ends, float(_CHART)) for ends in (timeline.whole, timeline.near))
    glyphs = _UNICODE if unicode else _ASCII
    pen = _Pen(whole, glyphs, colour)
    changing = timeline.changing(near)
    blocks = [
        [*_head(timeline, pen)],
        [*_chart("", timeline.lives, timeline, pen)],
        [*(_chart(NEAR, changing, timeline, _Pen(near, glyphs, colour)) if changing else ())],
        [*_legend(pen)],
        [*_overdue(timeline, pen)],
        [*_coming(timeline, pen)],
        [*_plans(timeline, pen)],
        [*_dates(timeline, pen)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    yield pen.paint(f"The root zone's trust anchors, judged at {format_time(timeline.at)}", BOLD)
    yield from textwrap.wrap(timeline.verdict, WIDTH, break_on_hyphens=False)
    yield timeline.asked


def _chart(title: str, lives: Sequence[Life], timeline: Timeline, pen: _Pen) -> Iterator[str]:
    names = [" "] * _CHART
    ticks = [(" ", DIM)] * _CHART
    for time, name in pen.axis.ticks(_ROOM):
        column = pen.column(round(pen.axis.place(time)))
        begin = min(column, _CHART - len(name))
        if begin == 0 or names[begin - 1] == " ":
            names[begin : begin + len(name)] = name
        ticks[column] = (pen.glyphs.tick, DIM)
    yield f"{title:<{_LABELS}}" + "".join(names).rstrip()
    yield " " * _LABELS + pen.joined(_with_at(ticks, timeline, pen))
    for life in lives:
        yield from _life(life, timeline, pen)
    yield from _marks(timeline, pen)


def _with_at(cells: list[tuple[str, int]], timeline: Timeline, pen: _Pen) -> list[tuple[str, int]]:
    """The line of the time of judgement; what is revoked there shows through it."""
    column = pen.column(pen.axis.place(timeline.at))
    if cells[column][0] not in pen.glyphs.spans[Kind.REVOKED]:
        cells = [*cells[:column], (pen.glyphs.at, YELLOW), *cells[column + 1 :]]
    return cells


def _life(life: Life, timeline: Timeline, pen: _Pen) -> Iterator[str]:
    if len(life.rows) == 1:
        yield _row(life.title, life.rows[0], timeline, pen)
        return
    line = pen.joined(_with_at([(" ", 0)] * _CHART, timeline, pen))
    title = f"{_short(life.title, _LABELS - 1):<{_LABELS}}"
    yield pen.paint(title, BOLD) + line
    for row in life.rows:
        yield _row(f"  {row.name}", row, timeline, pen)


def _row(name: str, row: Row, timeline: Timeline, pen: _Pen) -> str:
    cells = [(" ", 0)] * _CHART
    for span in row.spans:
        _draw(span, cells, pen)
    return f"{_short(name, _LABELS - 1):<{_LABELS}}" + pen.joined(_with_at(cells, timeline, pen))


def _draw(span: Span, cells: list[tuple[str, int]], pen: _Pen) -> None:
    """Put a span's characters in place; each takes at least one cell, a later one wins."""
    glyph = pen.glyphs.spans[span.kind][span.basis is Basis.PLANNED]
    code = _COLOURS[span.kind]
    if pen.axis.misses(span.begin, span.end):
        return
    begin = pen.column(pen.axis.place(span.begin)) if span.begin else 0
    end = _CHART if span.end is None else round(pen.axis.place(span.end))
    if span.kind is Kind.REVOKED and span.end is None:
        end = begin + 1
    for column in range(begin, max(end, begin + 1)):
        cells[column] = (glyph, code)
    if end == _CHART and (span.end is None or pen.axis.is_beyond(span.end)):
        cells[-1] = (pen.glyphs.beyond, code)


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "~"


def _marks(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    """Below the bars: the numbers of the dates to come, and the day of the judgement."""
    cells = [(" ", YELLOW)] * _CHART
    shown, last = timeline.numbered(pen.axis)[:9], -1
    for position, (number, date) in enumerate(shown, start=1):
        # Not over the one before, and with room for those behind.
        furthest = _CHART - 1 - (len(shown) - position)
        last = min(max(pen.column(pen.axis.place(date.middle)), last + 1), furthest)
        cells[last] = (str(number), YELLOW)
    column = pen.column(pen.axis.place(timeline.at))
    if cells[column][0] == " ":
        cells[column] = (pen.glyphs.at, YELLOW)
    yield f"{'to act on':<{_LABELS}}" + pen.joined(cells)
    day = f"at {timeline.at:%Y-%m-%d}"
    yield " " * (_LABELS + max(0, min(column - len(day) // 2, _CHART - len(day)))) + day


def _legend(pen: _Pen) -> Iterator[str]:
    spans = pen.glyphs.spans
    names = {
        Kind.SIGNING: "signs",
        Kind.PUBLISHED: "in the root zone, not signing",
        Kind.REVOKED: "revoked",
    }
    for index, word in enumerate(("observed", "planned")):
        keys = (f"{spans[kind][index] * 2} {name}" for kind, name in names.items())
        yield f"{word:<{_LABELS}}{'   '.join(keys)}"
    stated, open_end = spans[Kind.LIFE]
    plan = spans[Kind.PLAN][1]
    yield f"{'stated':<{_LABELS}}{stated * 2} valid   {open_end * 2} valid with no end told"
    yield f"{'told by ICANN':<{_LABELS}}{plan * 2} a plan without days"


def _overdue(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    if timeline.overdue:
        yield pen.paint("Planned, and its day has passed", BOLD)
    for date in timeline.overdue:
        text = f"{date.subject} {date.what}: {date.note}; {date.remedy}"
        yield from wrapped(f"    {date.when:<12}", text, indent=_INDENT)


def _coming(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    yield pen.paint("Next dates that need action", BOLD)
    if not timeline.coming:
        yield "    this release knows of none"
    for number, date in enumerate(timeline.coming, start=1):
        prefix = pen.paint(f"{number:>2}  ", YELLOW) + f"{date.when:<12}"
        yield from wrapped(
            prefix,
            f"{date.subject}: {date.what} ({date.words})",
            indent=_INDENT,
        )
        yield from wrapped(" " * _INDENT, date.do, indent=_INDENT)


def _plans(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    if timeline.plans:
        yield pen.paint(PLAN, BOLD)
    for words in timeline.plans:
        yield from textwrap.wrap(words, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4)


def _dates(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    yield pen.paint("All dates", BOLD)
    subject = max(len(_short(date.subject, _NAME)) for date in timeline.dates)
    for date in timeline.dates:
        name = f"{_short(date.subject, _NAME):<{subject}}"
        line, words = f"    {date.when:<12}{name}  {date.what},", date.words
        # A long name leaves no room for the rest.
        gap = " " if len(line) + len(words) < WIDTH else "\n" + " " * (_INDENT + subject + 2)
        yield line + gap + pen.paint(words, _BASES[date.basis])
