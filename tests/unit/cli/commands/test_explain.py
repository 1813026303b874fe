"""``explain``: what a check means, and the pages of the documentation, wherever it is installed."""

from __future__ import annotations

import pytest

from anchors.cli.main import main
from anchors.core.checks import Check
from anchors.core.pages import find_page, look_up, page_names
from tests.unit.stages import FIXTURES

DOCS = FIXTURES.parent / "docs"
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("check", Check, ids=lambda check: check.id)
def test_every_check_is_explained(check: Check) -> None:
    meaning = look_up(check)
    assert meaning.why.endswith(".")
    assert "](" not in meaning.why
    assert meaning.leads_to.split()[0].strip(",;") in {
        "notice",
        "warning",
        "alarm",
        "failure",
        "usage",
    }
    page = (DOCS / f"{meaning.page}.md").read_text(encoding="utf-8")
    assert f"\n## {meaning.section}\n" in page


def test_a_check_is_told_with_its_page(capsys: Capture) -> None:
    assert main(["explain", "signer.ends-soon"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == [
        "signer.ends-soon: The signer's certificate ends within 90 days",
        "",
        "why         From that day on, the same files fail; IANA should publish a newer",
        "            signature before.",
        "leads to    warning",
        "what to do  what the report says behind 'do', which knows the case",
        "clause      RFC 5280 4.1.2.5",
        "page        root-anchors explain verification, under '2. verify its signature'",
    ]


def test_the_list_has_every_check_and_page(capsys: Capture) -> None:
    assert main(["explain"]) == 0
    words = capsys.readouterr().out.replace(",", "").split()
    assert {check.id for check in Check} <= set(words)
    assert set(page_names()) <= set(words)


@pytest.mark.parametrize("name", ["audit", "audit.md", "docs/audit.md"])
def test_a_page_is_printed_as_it_is(name: str, capsys: Capture) -> None:
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out == (DOCS / "audit.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../README", "examples/root-anchors.cron", "", "ask.schema"])
def test_what_is_no_page_is_none(name: str) -> None:
    assert find_page(name) is None


def test_a_slip_is_told_with_what_may_have_been_meant(capsys: Capture) -> None:
    assert main(["explain", "signer.ends-son"]) == 2
    assert "signer.ends-soon" in capsys.readouterr().err


def test_every_page_schema_and_example_comes_with_the_package() -> None:
    """As links, so that each is there once; the wheel has the files."""
    package = FIXTURES.parent / "anchors" / "docs"
    ours = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    kept = [*DOCS.glob("*.md"), *DOCS.glob("*.json"), *DOCS.glob("examples/*")]
    assert ours == {path.relative_to(DOCS) for path in kept if path.is_file()}
    assert all((package / path).samefile(DOCS / path) for path in ours)
