from __future__ import annotations

import re

import pytest

from anchors.auditing.result import Audit
from anchors.report.audit import renderer
from tests.unit.auditing.audits import (
    BUILD,
    FOREIGN,
    INSTALL,
    MISSING,
    REFUSED,
    SUMMARY,
    audit,
    everything,
    hostile,
    hostile_resolver,
    refused,
    resolver,
    right,
    right_resolver,
    unverified,
)
from tests.unit.report.test_pages import Seen

render = renderer("html")
HOSTILE = audit(hostile(), resolvers=(hostile_resolver(),))


@pytest.mark.parametrize(
    "told",
    [everything(), unverified(), HOSTILE, audit(right()), audit()],
    ids=["everything", "unverified", "hostile", "right", "nothing"],
)
def test_a_page_is_well_formed_and_fetches_and_runs_nothing(told: Audit) -> None:
    page = render(told)
    seen = Seen(page)
    assert seen.open == []
    assert seen.names.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
    assert set(re.findall(r'href="(.)', page)) <= {"#"}
    assert "\x1b" not in page


def test_every_resolver_and_file_is_told_and_the_table_first() -> None:
    told = everything()
    seen = Seen(render(told))
    resolvers = [one for host in told.hosts for one in host.resolvers]
    loaded = {used.location for one in resolvers for used in one.loaded.used}
    assert all(one.location.text in seen.text for one in resolvers)
    files = [row.found.location for row in told.places if row.found.location not in loaded]
    assert all(one.text in seen.text for one in files)
    order = ["next planned day", "Planned days", "Resolvers", "Anchor files", "were not read"]
    found = [seen.text.index(words) for words in order]
    assert found == sorted(found)


def test_rows_lead_to_details_which_are_folded() -> None:
    page = render(everything())
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len(targets) == len(set(targets)) == 8
    assert sorted(re.findall(r'<div id="([^"]+)"', page)) == sorted(targets)
    assert page.count("<details>") == page.count("<summary>") == 8
    assert "<details open" not in page


def test_each_sentence_is_said_once() -> None:
    seen = Seen(render(audit(resolvers=(refused(), resolver()))))
    sentences = (SUMMARY, REFUSED.message, REFUSED.remedy, MISSING.message, FOREIGN.message)
    for sentence in (*sentences, BUILD.text, INSTALL.text):
        assert seen.text.count(str(sentence)) == 1, sentence


def test_a_command_stands_alone() -> None:
    page = render(audit(resolvers=(resolver(),)))
    assert f"<li><pre>{BUILD.text}</pre></li>" in page
    assert "<li>ask who put it there</li>" in page


def test_where_all_is_right_the_verdict_says_so() -> None:
    page = render(audit(right(), resolvers=(right_resolver(),)))
    assert '<p class="verdict good"><strong>RIGHT</strong>:' in page


def test_each_cell_tells_its_column_where_there_is_no_room_for_columns() -> None:
    page = render(everything())
    for name in ("host", "resolver", "today", "next planned day", "why", "file", "is"):
        assert f'data-name="{name}"' in page
