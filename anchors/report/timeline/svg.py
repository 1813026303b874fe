"""The timeline as SVG: the same bytes for the same report, light and dark, solid and dashed.

Written with the standard library's ElementTree, which escapes what it is given.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from xml.etree import ElementTree as ET

from anchors.core.times import format_time
from anchors.pipeline.report import Report
from anchors.report.timeline.assemble import timeline_of
from anchors.report.timeline.axis import Axis
from anchors.report.timeline.model import (
    NEAR,
    PLAN,
    Basis,
    Date,
    Kind,
    Life,
    Row,
    Span,
    Timeline,
)

__all__ = ["LEGEND", "NARROW", "STYLE", "TITLE", "WIDE", "Layout", "draw", "render"]

TITLE = "Timeline of the root zone's trust anchors"

# A bar is what is known, a dashed outline what is planned; a cross is a revocation.
_LIGHT = """
.timeline .paper{fill:#fff}
.timeline text{fill:#1b1f24;stroke:#fff}
.timeline .soft{fill:#57606a}
.timeline .grid{stroke:#d8dee4}
.timeline line.at{stroke:#9a4a00}
.timeline text.at,.timeline .mark{fill:#9a4a00}
.timeline .life{fill:#d8dee4;stroke:#57606a}
.timeline .published{fill:#9ccbff;stroke:#0a58ca}
.timeline .signing{fill:#0a58ca;stroke:#0a58ca}
.timeline .revoked{fill:#ffc1ba;stroke:#b3122a}
.timeline .plan{stroke:#9a4a00}
.timeline text.number{fill:#fff}
"""
_DARK = """
.timeline .paper{fill:#0d1117}
.timeline text{fill:#e6edf3;stroke:#0d1117}
.timeline .soft{fill:#9da7b1}
.timeline .grid{stroke:#262c34}
.timeline line.at{stroke:#f0a050}
.timeline text.at,.timeline .mark{fill:#f0a050}
.timeline .life{fill:#30363d;stroke:#9da7b1}
.timeline .published{fill:#1f4f8f;stroke:#79b8ff}
.timeline .signing{fill:#58a6ff;stroke:#58a6ff}
.timeline .revoked{fill:#5c1a1f;stroke:#ff8f87}
.timeline .plan{stroke:#f0a050}
.timeline text.number{fill:#0d1117}
"""
STYLE = (
    ".timeline text{font-family:system-ui,-apple-system,'Segoe UI',sans-serif;"
    "paint-order:stroke;stroke-width:3px;stroke-linejoin:round}\n"
    ".timeline text.number{stroke:none;stroke-width:0}\n"
    ".timeline .strong{font-weight:600}\n"
    ".timeline line.at{stroke-width:1.5}\n"
    ".timeline .bar{stroke-width:1.25}\n"
    ".timeline .bar.planned{fill:none;stroke-dasharray:4 3}\n"
    ".timeline polygon.bar.planned{stroke-dasharray:none}\n"
    ".timeline .cross{fill:none;stroke-width:2}\n"
    f"{_LIGHT.lstrip()}@media screen and (prefers-color-scheme:dark){{\n{_DARK.lstrip()}}}\n"
)


class Layout(NamedTuple):
    """Measures in pixels: the whole width, the names' column, and the size of the text."""

    name: str
    width: int
    left: int
    size: int
    years: int

    @property
    def line(self) -> int:
        """From one line of text to the next."""
        return self.size + 5

    @property
    def row(self) -> int:
        """From one bar to the next."""
        return max(20, self.size + 7)

    def fits(self, left: int = 0) -> int:
        """How many characters fit on a line, for the widest of the usual fonts."""
        return int((self.width - _MARGIN - left) / (self.size * 0.56))


_MARGIN = 12
WIDE = Layout("wide", width=960, left=104, size=13, years=40)
NARROW = Layout("narrow", width=360, left=78, size=12, years=34)
# In a file of its own, whose reader may have a phone: it is scaled to the width of the screen.
_ALONE = Layout("alone", width=600, left=112, size=17, years=48)

_BARS = {Kind.LIFE: 6, Kind.PUBLISHED: 6, Kind.SIGNING: 14, Kind.REVOKED: 14, Kind.PLAN: 10}
_GAP, _ARROW, _DOT, _SWATCH = 10, 7, 8, 24
# The least width of a bar, so that it is seen, and that a cross fits into a revocation.
_LEAST, _CROSS = 2, 10
LEGEND = (
    ("signs, observed", Kind.SIGNING, Basis.OBSERVED),
    ("signs, planned", Kind.SIGNING, Basis.PLANNED),
    ("in the root zone, observed", Kind.PUBLISHED, Basis.OBSERVED),
    ("in the root zone, planned", Kind.PUBLISHED, Basis.PLANNED),
    ("revoked, observed", Kind.REVOKED, Basis.OBSERVED),
    ("revoked, planned", Kind.REVOKED, Basis.PLANNED),
    ("valid, as stated", Kind.LIFE, Basis.STATED),
    ("valid, without an end date", Kind.LIFE, Basis.PLANNED),
    ("a plan without dates", Kind.PLAN, Basis.PLANNED),
)


def render(report: Report) -> str:
    """A file of its own: the picture, and below it what is to be done by when."""
    return draw(timeline_of(report), _ALONE, style=STYLE, alone=True) + "\n"


def draw(timeline: Timeline, layout: Layout, *, style: str = "", alone: bool = False) -> str:
    """An ``svg`` element.

    Args:
        timeline: what to draw.
        layout: how wide.
        style: CSS to carry; once in a page is enough.
        alone: with a title to see and the dates to come, which a page tells by itself.
    """
    picture = _Picture(timeline, layout)
    if alone:
        picture.write(_MARGIN, TITLE, "strong", size=layout.size + 4)
        picture.write(_MARGIN, f"{timeline.verdict}; {timeline.asked}", "soft")
    picture.chart(timeline.whole, timeline.lives)
    changing = timeline.changing(Axis(*timeline.near, 1.0))
    if changing:
        picture.heading(NEAR.capitalize())
        picture.chart(timeline.near, changing)
    picture.legend()
    if alone:
        picture.coming()
        picture.plans()
    return picture.finished(style)


class _Picture:
    """A picture that grows downwards."""

    def __init__(self, timeline: Timeline, layout: Layout) -> None:
        self._timeline, self._layout = timeline, layout
        self._axis = self._axis_of(timeline.whole)
        self._y = float(_MARGIN)
        # From the back to the front.
        self._lines, self._bars, self._marks, self._texts = (ET.Element("g") for _ in range(4))

    def finished(self, style: str) -> str:
        """The element, as tall as it grew."""
        name, width, height = self._layout.name, self._layout.width, round(self._y + _MARGIN)
        root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": f"timeline {name}",
                "viewBox": f"0 0 {width} {height}",
                "width": str(width),
                "height": str(height),
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-desc",
            },
        )
        ET.SubElement(root, "title", {"id": f"{name}-title"}).text = TITLE
        ET.SubElement(root, "desc", {"id": f"{name}-desc"}).text = _described(self._timeline)
        if style:
            ET.SubElement(root, "style").text = style
        ET.SubElement(root, "rect", {"class": "paper", "width": str(width), "height": str(height)})
        root.extend([self._lines, self._bars, self._marks, self._texts])
        return ET.tostring(root, encoding="unicode")

    def write(self, x: float, text: str, kind: str = "", *, size: int = 0) -> None:
        """Lines of text, wrapped where they would leave the picture."""
        layout = self._layout
        size = size or layout.size
        for line in textwrap.wrap(text, layout.fits(int(x)), break_on_hyphens=False):
            self._y += size + 5
            self._text(x, self._y - 5, line, kind, size=size)

    def _text(
        self, x: float, y: float, text: str, kind: str, *, size: int = 0, anchor: str = "start"
    ) -> None:
        attributes = {"x": _number(x), "y": _number(y), "font-size": str(size or self._layout.size)}
        if anchor != "start":
            attributes["text-anchor"] = anchor
        if kind:
            attributes["class"] = kind
        ET.SubElement(self._texts, "text", attributes).text = text

    def _x(self, place: float) -> float:
        return self._layout.left + _MARGIN + place

    def _axis_of(self, ends: tuple[datetime, datetime]) -> Axis:
        return Axis(*ends, float(self._layout.width - self._layout.left - 2 * _MARGIN))

    def heading(self, text: str) -> None:
        """What the next chart is of."""
        self._y += 2 * _GAP
        self.write(_MARGIN, text, "strong")

    def chart(self, ends: tuple[datetime, datetime], lives: Sequence[Life]) -> None:
        """Years or months, the lives below them, and over them the line of the judgement."""
        self._axis = self._axis_of(ends)
        now = self._x(self._axis.place(self._timeline.at))
        self._y += self._layout.line
        self._label_now(now)
        top = self._y
        self._y += self._layout.line
        ticks = [
            (self._x(self._axis.place(time)), name)
            for time, name in self._axis.ticks(self._layout.years)
        ]
        for x, name in ticks:
            size = self._layout.size - 1
            self._text(x, self._y - 4, name, "soft", size=size, anchor="middle")
        for life in lives:
            self._life(life)
        self._y += _GAP
        for x, _ in ticks:
            _line(self._lines, x, top + 3, self._y, "grid")
        _line(self._marks, now, top, self._y, "at")
        self._numbers()

    def _label_now(self, x: float) -> None:
        text = f"judged at {self._timeline.at:%Y-%m-%d}"
        half = len(text) * self._layout.size * 0.28
        x = min(max(x, half + _MARGIN), self._layout.width - half - _MARGIN)
        self._text(x, self._y - 3, text, "at strong", anchor="middle")

    def _life(self, life: Life) -> None:
        self._y += _GAP
        self.write(_MARGIN, life.title, "strong")
        for caption in life.captions:
            self.write(_MARGIN, caption, "soft", size=self._layout.size - 1)
        for row in life.rows:
            self._row(row)

    def _row(self, row: Row) -> None:
        self._y += self._layout.row
        middle = self._y - self._layout.row / 2 + 1
        self._text(_MARGIN, middle + 4, row.name, "", size=self._layout.size - 1)
        for span in row.spans:
            self._span(span, middle)

    def _span(self, span: Span, middle: float) -> None:
        if self._axis.misses(span.begin, span.end):
            return
        begin = self._x(self._axis.place(span.begin) if span.begin else 0.0)
        far = self._x(self._axis.length)
        end = far if span.end is None else self._x(self._axis.place(span.end))
        if span.kind is Kind.REVOKED and span.end is None:
            # Nobody has told when the revoked key leaves the root zone.
            end = begin
        elif span.end is None or self._axis.is_beyond(span.end):
            self._arrow(far + 1, middle, span)
        self._bar(begin, end, middle, span.kind, span.basis)

    def _arrow(self, x: float, middle: float, span: Span) -> None:
        """The span goes on where the axis ends."""
        corners = ((x, middle - 6), (x + _ARROW, middle), (x, middle + 6))
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
        kinds = _kinds(span.kind, span.basis)
        ET.SubElement(self._bars, "polygon", {"class": kinds, "points": points})

    def _bar(self, begin: float, end: float, middle: float, kind: Kind, basis: Basis) -> None:
        height = _BARS[kind]
        width = max(end - begin, _CROSS if kind is Kind.REVOKED else _LEAST)
        attributes = {
            "class": _kinds(kind, basis),
            "x": _number(begin),
            "y": _number(middle - height / 2),
            "width": _number(width),
            "height": str(height),
        }
        ET.SubElement(self._bars, "rect", attributes)
        if kind is Kind.REVOKED:
            path = f"M{_number(begin + width / 2 - 3)} {_number(middle - 3.5)}l6 7m0 -7l-6 7"
            ET.SubElement(self._bars, "path", {"class": "cross revoked", "d": path})

    def _numbers(self) -> None:
        """The numbers of the dates to come, on a line of their own."""
        shown = self._timeline.numbered(self._axis)
        if not shown:
            return
        self._y += self._layout.row
        middle = self._y - self._layout.row / 2 + 2
        self._text(_MARGIN, middle + 4, "to act on", "", size=self._layout.size - 1)
        count, apart = len(shown), 2 * _DOT + 1
        last = 0.0
        for position, (number, date) in enumerate(shown, start=1):
            # Not over the one before, and with room for those behind.
            furthest = self._layout.width - _DOT - (count - position) * apart
            last = min(max(self._x(self._axis.place(date.middle)), last + apart), furthest)
            self._number(number, last, middle)

    def _number(self, number: int, x: float, middle: float) -> None:
        circle = {"class": "mark", "cx": _number(x), "cy": _number(middle), "r": str(_DOT)}
        ET.SubElement(self._marks, "circle", circle)
        self._text(x, middle + 4, str(number), "number strong", size=11, anchor="middle")

    def legend(self) -> None:
        """What each way of drawing stands for, in words."""
        self._y += _GAP
        columns = max(1, self._layout.width // 230)
        a_column = (self._layout.width - 2 * _MARGIN) / columns
        for position, (text, kind, basis) in enumerate(LEGEND):
            if position % columns == 0:
                self._y += self._layout.row
            x, middle = _MARGIN + position % columns * a_column, self._y - self._layout.row / 2
            self._bar(x, x + _SWATCH, middle, kind, basis)
            self._text(x + _SWATCH + 7, middle + 4, text, "", size=self._layout.size - 1)

    def coming(self) -> None:
        """What is to be done by when."""
        self._y += _GAP
        self.write(_MARGIN, "Next dates that need action", "strong")
        if not self._timeline.coming:
            self.write(_MARGIN, "this release knows of none")
        for number, date in enumerate(self._timeline.coming, start=1):
            self._y += 4
            self._number(number, _MARGIN + _DOT, self._y + self._layout.line / 2 + 1)
            self.write(_MARGIN + 3 * _DOT, _headline(date))
            self.write(_MARGIN + 3 * _DOT, date.do, "soft")

    def plans(self) -> None:
        """The plan as a plan, and who says so."""
        if self._timeline.plans:
            self.heading(PLAN)
        for words in self._timeline.plans:
            self.write(_MARGIN, words, "soft")


def _headline(date: Date) -> str:
    """No word of how far off it is: a picture is kept, and looked at on another day."""
    return f"{date.when}: {date.subject}, {date.what} ({date.words})"


def _described(timeline: Timeline) -> str:
    """The picture in words, for who does not see it."""
    lives = [f"{life.title}: {'; '.join(life.captions)}." for life in timeline.lives]
    coming = "; ".join(_headline(date) for date in timeline.coming) or "none known"
    about = f"{timeline.verdict}; judged at {format_time(timeline.at)}, {timeline.asked}."
    return " ".join([about, *lives, f"Next dates that need action: {coming}."])


def _line(parent: ET.Element, x: float, top: float, bottom: float, kind: str) -> None:
    place = {"x1": _number(x), "y1": _number(top), "x2": _number(x), "y2": _number(bottom)}
    ET.SubElement(parent, "line", {"class": kind, **place})


def _kinds(kind: Kind, basis: Basis) -> str:
    return f"bar {kind.value} planned" if basis is Basis.PLANNED else f"bar {kind.value}"


def _number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
