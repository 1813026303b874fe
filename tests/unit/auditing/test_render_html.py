from __future__ import annotations

import pytest

from anchors.auditing.render.html import render
from anchors.auditing.result import Audit
from tests.unit.auditing.audits import audit, everything, hostile, right, unverified
from tests.unit.report.test_pages import Seen


@pytest.mark.parametrize(
    "told",
    [everything(), unverified(), audit(hostile()), audit(right()), audit()],
    ids=["everything", "unverified", "hostile", "right", "nothing"],
)
def test_a_page_is_well_formed_and_fetches_and_runs_nothing(told: Audit) -> None:
    page = render(told)
    seen = Seen(page)
    assert seen.open == []
    assert seen.names.isdisjoint({"script", "img", "a", "link", "iframe", "object", "form"})
    assert "\x1b" not in page


def test_every_place_is_told_and_what_needs_a_person_first() -> None:
    told = everything()
    seen = Seen(render(told))
    assert all(row.place.location.text in seen.text for row in told.places)
    assert seen.text.index("What needs a person") < seen.text.index("All places")
    wrong = [row for row in told.places if row.outcome.value == "fails"]
    assert wrong
    assert all(row.remedy is None or row.remedy in seen.text for row in wrong)


def test_where_all_is_right_nobody_is_needed() -> None:
    page = render(audit(right()))
    assert "What needs a person" not in page
    assert '<p class="verdict good"><strong>RIGHT</strong>:' in page


def test_each_cell_tells_its_column_where_there_is_no_room_for_columns() -> None:
    page = render(audit(right()))
    for name in ("place", "syntax", "anchors", "outcome", "day"):
        assert f'data-name="{name}"' in page
