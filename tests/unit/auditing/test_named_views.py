"""Each view of a named.conf by itself: it has its own anchors, and those that all have."""

from __future__ import annotations

import pytest

from anchors.auditing.result import Outcome
from tests.unit.auditing.samples import DS1, DS2
from tests.unit.auditing.test_attacks import judged, places


def held(*keys: str) -> str:
    rows = "".join(f'. initial-ds {ds[:10]} "{ds[10:]}"; ' for ds in keys)
    return f"trust-anchors {{ {rows}}};"


OLD, NEW, BOTH = held(DS1), held(DS2), held(DS1, DS2)


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        (f"view a {{ {OLD} }};\nview b {{ {BOTH} }};", "a"),
        (f"view a {{ {BOTH} }};\nview b {{ {OLD} }};", "b"),
        (f'view a {{ {BOTH} }};\nview "b" IN {{ {NEW} }};', None),
        # What stands outside of the views is in each of them.
        (f"{OLD}\nview a {{ {NEW} }};\nview b {{ recursion yes; }};", "b"),
        (f"{OLD}\nview a {{ {NEW} }};", None),
        (f"view a {{ recursion yes; }};\nview b {{ {NEW} }};\n{OLD}", "a"),
        (f"{BOTH}\nview a {{ recursion yes; }};\nview b {{ recursion yes; }};", None),
        (f"{NEW}\nview a {{ {OLD} }};\nview b {{ recursion yes; }};", None),
        (f'view a {{ include "old.conf"; }};\nview b {{ {NEW} }};', "a"),
        (f'{NEW}\nview a {{ include "old.conf"; }};\nview b {{ {OLD} }};', None),
        ('include "old.conf";\nview a { include "new.conf"; };\nview b {};', "b"),
        # One that is included by several is in each.
        ('view a { include "old.conf"; include "new.conf"; };\nview b { include "new.conf"; };',
         None),
    ],
)  # fmt: skip
def test_the_worst_view_decides(text: str, fails: str | None) -> None:
    files = {"named.conf": text, "old.conf": f"{OLD}\n", "new.conf": f"{NEW}\n"}
    row = judged(places(files))["named.conf"]
    if fails is None:
        assert row.outcome is Outcome.RIGHT
    else:
        assert row.outcome is Outcome.FAILS
        assert row.summary.startswith(f"in view {fails}: holds KSK-2017 (20326) only")
        (missing,) = [n for n in row.notes if n.finding.message.endswith("is missing")]
        assert missing.finding.message == f"in view {fails}: KSK-2024 (38696) is missing"


def test_the_same_anchor_in_two_views_is_no_duplicate() -> None:
    text = f"view a {{ {BOTH} }};\nview b {{ {BOTH} }};\n"
    (row,) = judged(places({"named.conf": text})).values()
    assert row.notes == ()
    (row,) = judged(places({"named.conf": f"view a {{ {BOTH} {OLD} }};"})).values()
    assert [note.finding.check.id for note in row.notes] == ["audit.duplicate"]


def test_one_view_is_told_of_without_its_name() -> None:
    (row,) = judged(places({"named.conf": f"view a {{ {OLD} }};"})).values()
    assert row.summary.startswith("holds KSK-2017 (20326) only")
