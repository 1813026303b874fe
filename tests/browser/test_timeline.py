"""The timeline's page in a real browser: quiet, in both themes, on a desk and on a phone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.report.timeline.html import render
from tests.browser.chromium import DARK, LIGHT, look, print_pdf, screenshot
from tests.unit.auditing.basis import basis

PHONE, TABLET, DESK = 320, 720, 1280
PAPERS = {LIGHT: "rgb(255, 255, 255)", DARK: "rgb(13, 17, 23)"}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("width", "picture"),
    [(PHONE, "timeline narrow"), (TABLET, "timeline wide"), (DESK, "timeline wide")],
    ids=["phone", "tablet", "desk"],
)
def test_the_page_is_quiet_and_fits(tmp_path: Path, width: int, picture: str, theme: int) -> None:
    seen = look(render(basis()), tmp_path, width=width, theme=theme)
    assert seen.title == "Timeline of the root zone's trust anchors"
    assert seen.console == []
    assert seen.asked == {"page"}
    assert seen.width == width
    assert seen.needs == width
    assert seen.pictures == [picture]
    assert [seen.paper, *seen.papers] == [PAPERS[theme]] * 2
    assert seen.outside == []


@pytest.mark.parametrize("year", [2009, 2035])
def test_no_text_sticks_out_at_another_time(tmp_path: Path, year: int) -> None:
    page = render(replace(basis(dns="none"), at=datetime(year, 6, 1, tzinfo=UTC)))
    assert look(page, tmp_path, width=PHONE, theme=LIGHT).outside == []


def test_a_page_that_is_not_quiet_is_told(tmp_path: Path) -> None:
    """The controls of the tests above: each of their checks can fail."""
    page = (
        "<!DOCTYPE html><title>loud</title><img src='http://elsewhere.example/a.png' alt=''>"
        "<div style='width:2000px'>wide</div><svg class=loud viewBox='0 0 10 10'><rect/>"
        "<text y='5'>long text</text></svg><script>console.error('loud')</script>"
    )
    seen = look(page, tmp_path, width=PHONE, theme=LIGHT)
    assert any("loud" in line for line in seen.console)
    assert "http://elsewhere.example/a.png" in seen.asked
    assert seen.needs > seen.width
    assert seen.outside == ["long text"]


def test_the_policy_of_the_page_stops_what_would_run_or_be_fetched(tmp_path: Path) -> None:
    loud = "<script>document.title='ran'</script><img src='http://elsewhere.example/a.png' alt=''>"
    page = render(basis()).replace("</main>", f"{loud}</main>")
    seen = look(page, tmp_path, width=DESK, theme=LIGHT)
    assert seen.title != "ran"
    assert seen.asked == {"page"}
    assert len(seen.console) == 2


def test_the_themes_differ_on_a_picture(tmp_path: Path) -> None:
    page = render(basis())
    light, again, dark = (screenshot(page, tmp_path, theme=one) for one in (LIGHT, LIGHT, DARK))
    assert light.startswith(b"\x89PNG")
    assert light == again
    assert light != dark


def test_the_page_is_printed_on_a_few_sheets(tmp_path: Path) -> None:
    pdf = print_pdf(render(basis()), tmp_path)
    assert pdf.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 5
