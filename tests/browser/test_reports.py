"""The pages of verify and audit in a real browser: quiet, in both themes, on a desk and a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anchors.report import renderer as report_renderer
from anchors.report.audit import renderer as audit_renderer
from tests.browser.chromium import DARK, LIGHT, look, print_pdf, screenshot, unfolded
from tests.unit.auditing.audits import everything
from tests.unit.auditing.basis import basis

PAGES = {
    "Verification of IANA's root trust anchors": report_renderer("html")(basis()),
    "Audit of DNSSEC root trust anchors": audit_renderer("html")(everything()),
}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desk"])
@pytest.mark.parametrize("title", PAGES)
def test_the_page_is_quiet_and_fits(tmp_path: Path, title: str, width: int, theme: int) -> None:
    seen = look(PAGES[title], tmp_path, width=width, theme=theme)
    assert seen.title == title
    assert seen.console == []
    assert seen.asked == {"page"}
    assert seen.needs == seen.width == width


def test_a_row_leads_to_details_that_unfold(tmp_path: Path) -> None:
    """Without a script: a browser unfolds what a link leads into."""
    page = PAGES["Audit of DNSSEC root trust anchors"]
    assert unfolded(page, tmp_path, "") == []
    assert unfolded(page, tmp_path, "#resolver-2") == ["resolver-2"]


@pytest.mark.parametrize("title", PAGES)
def test_the_themes_differ(tmp_path: Path, title: str) -> None:
    light, dark = (screenshot(PAGES[title], tmp_path, theme=theme) for theme in (LIGHT, DARK))
    assert light != dark


@pytest.mark.parametrize("title", PAGES)
def test_the_page_can_be_printed(tmp_path: Path, title: str) -> None:
    pdf = print_pdf(PAGES[title], tmp_path)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
