"""The timeline as one HTML page: the picture, and every date of it in words."""

from __future__ import annotations

from collections.abc import Iterator

from anchors.core.root_facts import ALGORITHM_ROLL, KNOWN_KEYS
from anchors.core.times import format_time
from anchors.pipeline.report import Report, Verdict
from anchors.report.blocks import (
    Block,
    Code,
    Definitions,
    Document,
    Item,
    Items,
    Kind,
    Paragraph,
    Picture,
    Row,
    Section,
    Strong,
    Table,
)
from anchors.report.html import render as as_page
from anchors.report.timeline.assemble import timeline_of
from anchors.report.timeline.model import PLAN, Date, Timeline
from anchors.report.timeline.svg import NARROW, STYLE, TITLE, WIDE, draw
from anchors.report.verification import verdict_block

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
    blocks: list[Block] = [
        verdict_block(timeline.verdict, Kind.GOOD if good else Kind.BAD),
        Section("The lives of keys and certificates", list(_pictures(timeline))),
        Section("Planned, and its day has passed", list(_overdue(timeline))),
        Section("Next dates that need action", [_coming(timeline)]),
        Section(PLAN, [*map(Paragraph, timeline.plans)]),
        Section("All dates", [_dates(timeline)]),
        Section("Sources", [_basis(report, timeline)]),
    ]
    return as_page(Document(TITLE, blocks))


def _pictures(timeline: Timeline) -> Iterator[Block]:
    yield Picture(draw(timeline, WIDE, style=STYLE + _ONE_OF_TWO))
    yield Picture(draw(timeline, NARROW))


def _overdue(timeline: Timeline) -> Iterator[Block]:
    if timeline.overdue:
        words = [
            (one.when, [f"{one.subject} {one.what}: {one.note}; {one.remedy}"])
            for one in timeline.overdue
        ]
        yield Definitions(words)


def _coming(timeline: Timeline) -> Block:
    if not timeline.coming:
        return Paragraph("This release knows of none.")
    return Items([_to_do(date) for date in timeline.coming], is_ordered=True)


def _to_do(date: Date) -> Item:
    words = f"{date.subject}, {date.what} ({date.words})"
    return Item([Strong(f"{date.when}: {words}"), f": {date.do}"])


def _dates(timeline: Timeline) -> Table:
    rows = [Row([one.when, one.subject, one.what, one.words]) for one in timeline.dates]
    return Table(("date", "of", "what", "known how"), rows)


def _basis(report: Report, timeline: Timeline) -> Definitions:
    return Definitions(
        [
            ("stated", ["in the signed document, or in a certificate"]),
            ("observed", ["recorded history of the root zone, or seen in it by this run"]),
            ("planned", ["announced by ICANN, and not observed yet"]),
            ("time of judgement", [format_time(report.at)]),
            ("source", [Code(report.source)]),
            ("DNS", [timeline.asked]),
            ("history and plan", [Code(source) for source in _sources()]),
        ]
    )


def _sources() -> list[str]:
    facts = [fact for known in KNOWN_KEYS for fact in known.history]
    history = [fact.source for fact in sorted(facts, key=lambda fact: fact.day)]
    return list(dict.fromkeys([*history, *(source.url for source in ALGORITHM_ROLL.sources)]))
