"""docs/state-of-the-distributions.md is what the recorded audit says, and as the audit is today."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.distributions.packages import AT, SUITES, Package, issues
from tests.distributions.table import DOCUMENT, ISSUES, RECORDING, document, issue_of, record
from tests.docs.markdown import table_rows

Json = Mapping[str, Any]

RECORDED: dict[str, Any] = json.loads(RECORDING.read_bytes())
TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_document_is_what_the_recording_makes() -> None:
    assert document(RECORDED) == TEXT


def test_every_suite_is_told_of() -> None:
    assert {Package.of(path).suite for path in RECORDED["paths"]} == {*SUITES}


@pytest.mark.parametrize("suite", SUITES)
def test_the_recording_is_what_the_audit_says(suite: str, audited: Callable[[str], Json]) -> None:
    """Of packages that still have the recorded version; the others are for the next document."""
    assert RECORDED["at"] == AT
    today = record(RECORDED["tool"], audited(suite))
    same = {*today["paths"]} & {*RECORDED["paths"]}
    assert [place for place in today["places"] if place["root"] in same] == [
        place for place in RECORDED["places"] if place["root"] in same
    ]


@pytest.mark.parametrize("suite", SUITES)
def test_the_issues_are_what_the_audit_says(suite: str, audited: Callable[[str], Json]) -> None:
    """As above: of packages that still have the recorded version."""
    recorded = {path for path in RECORDED["paths"] if Package.of(path).suite == suite}
    same = sorted({*audited(suite)["paths"]} & recorded)
    texts = issues(same)
    for package in map(Package.of, same):
        path = issue_of(package)
        assert texts.get(package, "") == (path.read_text(encoding="utf-8") if path.exists() else "")


def test_there_is_an_issue_for_each_package_that_lacks_a_key() -> None:
    lacking = [
        f"{row[0]}-{member.rpartition(' ')[2]}.md"
        for row in table_rows(TEXT)
        if row[0] in SUITES
        for member in row[2].split(", ")
    ]
    assert len(lacking) > 20
    assert {*lacking} <= {path.name for path in ISSUES.glob("*.md")}


def test_the_head_tells_when_by_what_and_how() -> None:
    head, _, _ = TEXT.partition("\n## ")
    for told in (RECORDED["at"], RECORDED["tool"], "`make distributions`", "2025-03-25"):
        assert told in head


def cells(package: str, file: str, recorded: Json = RECORDED) -> list[str]:
    """The row of a file."""
    (row,) = [
        row
        for row in table_rows(document(recorded))
        if row[0].startswith(f"{package} ") and row[1].startswith(f"`{file}`")
    ]
    return row


def one(package: str, **changes: object) -> dict[str, Any]:
    """The recording of one package alone, with changes in its first place."""
    recorded = copy.deepcopy(RECORDED)
    wanted = f"build/packages/{package}_"
    for name in ("paths", "places"):
        recorded[name] = [
            item
            for item in recorded[name]
            if (item if name == "paths" else item["root"]).startswith(wanted)
        ]
    if changes:
        recorded["places"][0].update(changes)
    return recorded


@pytest.mark.parametrize(
    ("suite", "held", "outcome", "day"),
    [
        ("bookworm", "KSK-2017 (20326)", "attention", "2026-10-11"),
        ("trixie", "KSK-2017 (20326), KSK-2024 (38696)", "right", ""),
    ],
)
def test_a_row_tells_keys_outcome_and_day(suite: str, held: str, outcome: str, day: str) -> None:
    recorded = one(f"{suite}/dnsmasq-base")
    row = cells("dnsmasq-base", "usr/share/dnsmasq-base/trust-anchors.conf", recorded)
    assert row[2:5] == [held, outcome, day]


def test_what_is_built_in_is_told_as_that() -> None:
    row = cells("unbound-anchor", "usr/sbin/unbound-anchor", one("bookworm/unbound-anchor"))
    assert row[1] == "`usr/sbin/unbound-anchor` (built in)"
    assert row[2:5] == ["KSK-2017 (20326)", "attention", "2026-10-11"]


def test_a_key_that_is_not_as_it_should_be_is_told_with_its_standing() -> None:
    anchors = [
        {"name": "KSK-2017 (20326)", "standing": "current"},
        {"name": "KSK-2017 (20326)", "standing": "current"},
        {"name": "KSK-2024 (38696)", "standing": "damaged"},
    ]
    recorded = one("sid/dnsmasq-base", anchors=anchors)
    row = cells("dnsmasq-base", "usr/share/dnsmasq-base/trust-anchors.conf", recorded)
    assert row[2] == "KSK-2017 (20326), KSK-2024 (38696), damaged"
    (short,) = [row for row in table_rows(document(recorded)) if row[0] == "sid"]
    assert short[1:] == ["0", "`trust-anchors.conf` of dnsmasq-base"]


def test_a_pipe_does_not_end_a_cell() -> None:
    recorded = one("sid/dnsmasq-base", summary="one | other")
    assert "| one \\| other |\n" in document(recorded)


def test_a_package_with_nothing_is_named() -> None:
    recorded = one("sid/ldnsutils")
    (name,) = recorded["paths"]
    assert f"Nothing about the root's anchors: {Package.of(name)}." in document(recorded)


def test_a_recording_has_what_the_document_needs_and_no_more() -> None:
    said = {**RECORDED, "more": None, "paths": [*RECORDED["paths"]]}
    said["places"] = [{**place, "findings": []} for place in RECORDED["places"]]
    assert record(RECORDED["tool"], said) == RECORDED
