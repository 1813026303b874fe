"""The timeline as one HTML page: the picture, and every date of it in words."""

from __future__ import annotations

from collections.abc import Iterator

from anchors import __version__
from anchors.report import Report, Verdict
from anchors.report.html import verdict_html
from anchors.report.page import definitions, element, page, section, table, text
from anchors.timeline.facts import HISTORY
from anchors.timeline.lines import Date, Timeline
from anchors.timeline.lives import timeline_of
from anchors.timeline.svg import NARROW, STYLE, TITLE, WIDE, draw
from anchors.times import format_time

__all__ = ["render"]

# One of the two is shown, and read out; on a screen its text begins where the page's does.
_ONE_OF_TWO = """\
.timeline{display:block;width:100%;height:auto;break-inside:avoid}
.timeline.narrow{display:none}
@media screen{.timeline{width:calc(100% + 1.5rem);margin:0 -0.75rem}}
@media screen and (max-width:44rem){.timeline.wide{display:none}.timeline.narrow{display:block}}
"""


def render(report: Report) -> str:
    """The whole page, the same for the same report."""
    timeline = timeline_of(report)
    good = report.verdict is Verdict.VERIFIED
    body = [
        verdict_html(timeline.verdict, "good" if good else "bad"),
        section("The lives of keys and certificates", _picture(timeline)),
        section("Planned, and its day has passed", _overdue(timeline)),
        section("Next dates that need action", _coming(timeline)),
        section("All dates", _dates(timeline)),
        section("How this is known", _basis(report, timeline)),
    ]
    return page(TITLE, filter(None, body), tool=f"root-anchors {__version__}")


def _picture(timeline: Timeline) -> Iterator[str]:
    yield draw(timeline, WIDE, style=STYLE + _ONE_OF_TWO)
    yield draw(timeline, NARROW)


def _overdue(timeline: Timeline) -> Iterator[str]:
    if timeline.overdue:
        words = (
            (date.when, text(f"{date.subject} {date.what}: {date.note}; {date.remedy}"))
            for date in timeline.overdue
        )
        yield definitions(words)


def _coming(timeline: Timeline) -> Iterator[str]:
    if not timeline.coming:
        yield element("p", "None that this release knows of.")
        return
    items = "\n".join(_to_do(date, timeline) for date in timeline.coming)
    yield f"<ol>\n{items}\n</ol>"


def _to_do(date: Date, timeline: Timeline) -> str:
    words = f"{date.subject}, {date.what} ({date.words}{date.ahead(timeline.at)})"
    return f"<li><strong>{_time(date)}: {text(words)}</strong><br>{text(date.do)}</li>"


def _time(date: Date) -> str:
    return f'<time datetime="{date.when}">{date.when}</time>'


def _dates(timeline: Timeline) -> Iterator[str]:
    rows = (
        [_time(date), text(date.subject), text(date.what), text(date.words)]
        for date in timeline.dates
    )
    yield table(("date", "of", "what", "known how"), rows)


def _basis(report: Report, timeline: Timeline) -> Iterator[str]:
    yield definitions(
        [
            ("stated", "in the signed document, or in a certificate"),
            ("observed", "recorded history of the root zone, or seen in it by this run"),
            ("planned", "announced by ICANN; nobody has seen it"),
            ("time of judgement", format_time(report.at)),
            ("source", f"<code>{text(report.source)}</code>"),
            ("DNS", text(timeline.asked)),
            *(("history", f"<code>{text(source)}</code>") for source in _sources()),
        ]
    )


def _sources() -> list[str]:
    return list(dict.fromkeys(fact.source for fact in HISTORY))
