"""The timeline as SVG and HTML: well-formed, harmless, the same bytes, told in words as well."""

from __future__ import annotations

import itertools
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from lxml import etree

from anchors.pipeline.report import Report, Verdict
from anchors.report.timeline import html, svg
from anchors.report.timeline.assemble import timeline_of
from anchors.report.timeline.axis import Axis
from tests.unit.auditing.basis import basis
from tests.unit.report.test_pages import Seen
from tests.unit.report.timeline.reports import day, hostile, lab_report, refused, seen_as

REPORTS = {
    "now": basis(),
    "no answers": basis(dns="none"),
    "not observed": seen_as("2026-11-24"),
    "far off": replace(basis(), at=day("9999-12-31")),
    "lab": lab_report(),
    "hostile": hostile(),
    "refused": refused(),
}
SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {
    "circle",
    "desc",
    "g",
    "line",
    "path",
    "polygon",
    "rect",
    "style",
    "svg",
    "text",
    "title",
}


def drawn(report: Report) -> etree._Element:
    return etree.fromstring(svg.render(report).encode(), etree.XMLParser(resolve_entities=False))


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_picture_is_well_formed_and_harmless(report: Report) -> None:
    root = drawn(report)
    assert {str(one.tag).removeprefix(SVG) for one in root.iter()} <= HARMLESS
    names = {str(name) for one in root.iter() for name in one.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert "url(" not in svg.STYLE
    assert "@import" not in svg.STYLE


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert svg.render(report) == svg.render(replace(report))
    assert html.render(report) == html.render(replace(report))


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_everything_lies_in_the_picture(report: Report) -> None:
    root = drawn(report)
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    assert (root.attrib["width"], root.attrib["height"]) == (str(width), str(height))
    for one in root.iter(f"{SVG}rect", f"{SVG}text", f"{SVG}circle"):
        x, y = (float(one.get(f"c{n}", one.get(n, "0"))) for n in "xy")
        assert 0 <= x <= width
        assert 0 <= y <= height
        assert x + float(one.get("width", "0")) <= width + 0.1


def test_a_picture_tells_itself_to_who_does_not_see_it() -> None:
    root = drawn(basis())
    title, desc = root.findall(f"{SVG}title") + root.findall(f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [title.get("id"), desc.get("id")]
    told = desc.text or ""
    assert "KSK-2017 (20326): observed: in the root zone 2017-07-11, signs 2018-10-11" in told
    assert "planned: no longer signs 2026-10-11 (not checked), revoked 2027-01-11." in told


def bars(report: Report) -> list[tuple[str, bool]]:
    """The bars of the chart: what of, and whether dashed; the legend's come after them."""
    kinds = [
        str(one.get("class")).split()
        for one in drawn(report).iter(f"{SVG}rect")
        if str(one.get("class")).startswith("bar")
    ]
    return [(kind[1], "planned" in kind) for kind in kinds[: -len(svg.LEGEND)]]


def test_every_span_is_a_bar_and_only_what_is_planned_is_dashed() -> None:
    for report in (basis(), seen_as("2026-11-24"), lab_report()):
        timeline = timeline_of(report)
        near = Axis(*timeline.near, 1.0)
        spans = [s for life in timeline.lives for row in life.rows for s in row.spans]
        spans += [
            span
            for life in timeline.changing(near)
            for row in life.rows
            for span in row.spans
            if not near.misses(span.begin, span.end)
        ]
        assert bars(report) == [(s.kind.value, s.basis.value == "planned") for s in spans]
    dashes = [line for line in svg.STYLE.splitlines() if "stroke-dasharray:4" in line]
    assert dashes == [".timeline .bar.planned{fill:none;stroke-dasharray:4 3}"]


def test_a_picture_alone_says_what_is_next() -> None:
    texts = [one.text for one in drawn(basis()).iter(f"{SVG}text")]
    assert "2027-01-11: KSK-2017 (20326), revoked (planned)" in texts
    assert texts.count("1") == 3  # on each axis, and before the words
    assert "this release knows of none" in [
        one.text for one in drawn(REPORTS["far off"]).iter(f"{SVG}text")
    ]


@pytest.mark.parametrize("name", ["now", "lab", "hostile"])
def test_no_number_lies_over_another(name: str) -> None:
    count = len(timeline_of(REPORTS[name]).coming)
    places = [float(str(one.get("cx"))) for one in drawn(REPORTS[name]).iter(f"{SVG}circle")]
    on_axis, before_words = places[:count], places[-count:]
    assert count > 1
    assert min(b - a for a, b in itertools.pairwise(on_axis)) >= 16
    assert len(set(before_words)) == 1


class Ids(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        for name, value in attrs:
            if name == "aria-labelledby":
                self.labels.update((value or "").split())


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_page_is_well_formed_and_fetches_and_runs_nothing(report: Report) -> None:
    page = html.render(report)
    seen = Seen(page.replace("<br>", " "))
    assert seen.names.isdisjoint({"script", "img", "a", "link", "iframe", "object", "image", "use"})
    assert not {name for name in seen.attributes if name.startswith("on") or "href" in name}
    assert not seen.attributes & {"src", "style", "action"}
    assert "default-src 'none'" in page
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert not set(page) & {"\x1b", "\x9b", "\0", "\u202e", "\udcff"}
    ids = Ids(page)
    assert len(ids.ids) == len(set(ids.ids))
    assert ids.labels == set(ids.ids)


def test_a_page_has_every_date_in_words() -> None:
    told = Seen(html.render(basis()).replace("<br>", " ")).text
    for date in timeline_of(basis()).dates:
        assert f"{date.when} {date.subject} {date.what} {date.words}" in told
    for date in timeline_of(basis()).coming:
        assert date.do in told
    assert "asked" not in told


def test_what_comes_from_outside_is_text() -> None:
    page = html.render(hostile())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in svg.render(hostile())
    assert "&lt;script&gt;" in svg.render(hostile())


def test_a_page_begins_with_the_verdict_in_words() -> None:
    assert '<p class="verdict good"><strong>VERIFIED</strong>:' in html.render(basis())
    refused = html.render(replace(basis(), verdict=Verdict.NOT_TRUSTED))
    assert '<p class="verdict bad"><strong>NOT TRUSTED</strong>:' in refused
