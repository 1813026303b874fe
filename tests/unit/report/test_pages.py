"""The reports as Markdown and HTML: the same facts, and nothing of what comes from outside runs."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import TrustAnchors, label
from anchors.pipeline.report import Report, Verdict
from anchors.report import markdown, renderer
from anchors.report.calendar import describe
from anchors.report.json import render as render_json
from anchors.rootzone import skr
from anchors.rootzone.calendar import calendar
from tests.lab.keys import ksk
from tests.lab.skr import encode, quarter
from tests.unit.auditing.basis import basis

HOSTILE = "<script>alert(1)</script>|`x`](http://evil.example)\n\x1b[31m&amp;"


page_of = renderer("html")
text_of = renderer("markdown")


class Seen(HTMLParser):
    """The elements and the text of a page, and every attribute that could fetch or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def hostile() -> Report:
    finding = Finding(
        Check.SOURCE_HTTP, Severity.ALARM, HOSTILE, got=HOSTILE, want=HOSTILE, remedy=HOSTILE
    )
    return replace(basis(), source=HOSTILE, findings=[finding])


@pytest.mark.parametrize("report", [basis(), hostile()], ids=["plain", "hostile"])
def test_a_page_is_well_formed_and_fetches_and_runs_nothing(report: Report) -> None:
    page = page_of(report)
    seen = Seen(page)
    assert seen.open == []
    assert seen.names.isdisjoint({"script", "img", "a", "link", "iframe", "object", "form"})
    assert seen.attributes <= {
        "charset",
        "class",
        "content",
        "data-name",
        "http-equiv",
        "lang",
        "name",
        "scope",
        "tabindex",
        "id",
    }
    assert "default-src 'none'" in page
    assert "\x1b" not in page


def test_what_comes_from_outside_is_text() -> None:
    seen = Seen(page_of(hostile()))
    assert "<script>alert(1)</script>" in seen.text
    # In a code span it is text.
    outside = re.sub(r"`[^`\n]*`", "", text_of(hostile()))
    assert "<script" not in outside
    assert "&lt;script&gt;" in outside


@pytest.mark.parametrize("name", ["html", "markdown"])
def test_every_fact_is_told(name: str) -> None:
    report = basis()
    told = renderer(name)(report)
    authenticated = report.authenticated
    assert authenticated is not None
    facts = [
        *(label(row.entry) for row in report.keys),
        authenticated.document_sha256,
        authenticated.signature_sha256,
        authenticated.signer.sha256,
        authenticated.root.sha256,
        authenticated.signer.email,
        "2026-11-24T00:00:00Z",
        "2026-10-04T00:00:00Z",
        "193.0.14.129",
    ]
    assert [fact for fact in facts if fact not in told] == []


def test_the_calendar_is_told_where_there_is_one() -> None:
    keys = [ksk("old"), ksk("new")]
    response = skr.read(encode(quarter([(keys, [keys[0]]), (keys, [keys[1]])])))
    slots = calendar(response, TrustAnchors("id", "source", ()))
    report = replace(basis(), slots=slots)
    lines = describe(slots)
    assert len(lines) == 3
    page, text = page_of(report), text_of(report)
    assert [line for line in lines if f">{line}<" not in page] == []
    assert [line for line in lines if markdown.prose(line) not in text] == []
    assert "\n## Calendar\n" in text
    assert "Calendar" not in page_of(basis()) + text_of(basis())


def test_a_renderer_is_found_by_its_name() -> None:
    assert renderer("json")(basis()) == render_json(basis())
    assert renderer("html")(basis()) == page_of(basis())


@pytest.mark.parametrize(
    ("verdict", "word", "kind"),
    [
        (Verdict.VERIFIED, "VERIFIED", "good"),
        (Verdict.NOT_TRUSTED, "NOT TRUSTED", "bad"),
        (Verdict.UNDECIDED, "UNDECIDED", "look"),
    ],
)
def test_the_verdict_is_a_word_and_not_a_colour_alone(
    verdict: Verdict, word: str, kind: str
) -> None:
    page = page_of(replace(basis(), verdict=verdict))
    assert f'<p class="verdict {kind}"><strong>{word}</strong>:' in page
    assert text_of(replace(basis(), verdict=verdict)).splitlines()[2].startswith(word)


def test_a_report_without_a_publication_has_no_tables() -> None:
    bare = replace(basis(), authenticated=None, keys=(), servers=(), observed_at=None)
    assert "<table>" not in page_of(bare)
    assert "NOT CHECKED" in page_of(bare)
    assert "**NOT CHECKED**" in text_of(bare)
