"""What is observed and what is planned, at several times and in several root zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from dns.dnssectypes import Algorithm

from anchors.core.keys import KeyState
from anchors.core.root_facts import ROOT_CAS, Step
from anchors.pipeline.report import Report
from anchors.report.timeline.assemble import timeline_of
from anchors.report.timeline.model import Basis, Kind, Life, Span
from tests.lab.keys import ksk
from tests.simulator.document import Document
from tests.unit.auditing.basis import basis
from tests.unit.report.timeline.reports import LAB_KEY, NAMES, day, lab_report, seen_as
from tests.unit.stages import checked, entry_of

SECOND_ROOT = ROOT_CAS[1].name
ROLL = "Roll to ECDSA"
MODERN = ksk("modern", Algorithm.ECDSAP256SHA256)

ROLLED = {"k2017": {"signing": False}, "k2024": {"signing": True}}
OLD, NEW = NAMES[1], NAMES[2]


def life(report: Report, title: str) -> Life:
    return next(life for life in timeline_of(report).lives if life.title == title)


def in_root_zone(report: Report, title: str) -> list[Span]:
    return [*life(report, title).rows[-1].spans]


def words(report: Report, title: str, what: str) -> list[tuple[str, str]]:
    return [
        (date.when, date.words)
        for date in timeline_of(report).dates
        if (date.subject, date.what) == (title, what)
    ]


def coming(report: Report) -> list[tuple[str, str]]:
    return [(date.when, date.subject) for date in timeline_of(report).coming]


def test_the_lives_are_those_of_the_keys_then_of_the_certificates() -> None:
    titles = [life.title for life in timeline_of(basis()).lives]
    assert titles == [*NAMES, ROLL, "Signer", *(ca.name for ca in ROOT_CAS)]


def test_the_whole_life_of_the_first_key_is_observed() -> None:
    document, root_zone = life(basis(), NAMES[0]).rows
    assert document.spans == (Span(Kind.LIFE, Basis.STATED, day("2010-07-15"), day("2019-01-11")),)
    assert [*root_zone.spans] == [
        Span(Kind.SIGNING, Basis.OBSERVED, day("2010-07-15"), day("2018-10-11")),
        Span(Kind.PUBLISHED, Basis.OBSERVED, day("2018-10-11"), day("2019-01-11")),
        Span(Kind.REVOKED, Basis.OBSERVED, day("2019-01-11"), day("2019-03-22")),
    ]


def test_what_lies_behind_the_last_answer_is_planned() -> None:
    report = basis(day("2026-10-05"))
    assert in_root_zone(report, NEW) == [
        Span(Kind.PUBLISHED, Basis.OBSERVED, day("2025-01-11"), day("2026-10-04")),
        Span(Kind.PUBLISHED, Basis.PLANNED, day("2026-10-04"), day("2026-10-11")),
        Span(Kind.SIGNING, Basis.PLANNED, day("2026-10-11"), None),
    ]
    assert words(report, NEW, Step.SIGNING.value) == [("2026-10-11", "planned")]


def test_a_plan_that_came_true_is_observed_up_to_the_answer() -> None:
    report = seen_as("2026-11-24", **ROLLED)
    assert in_root_zone(report, NEW)[1:] == [
        Span(Kind.SIGNING, Basis.OBSERVED, day("2026-10-11"), day("2026-11-24")),
        Span(Kind.SIGNING, Basis.PLANNED, day("2026-11-24"), None),
    ]
    assert words(report, NEW, Step.SIGNING.value) == [("2026-10-11", "observed, seen 2026-11-24")]
    assert words(report, OLD, Step.RETIRED.value) == [("2026-10-11", "observed, seen 2026-11-24")]
    assert timeline_of(report).overdue == ()


@pytest.mark.parametrize(
    ("report", "note", "remedy"),
    [
        (
            seen_as("2026-11-24"),
            "not observed",
            "look for a newer publication and for an announcement by ICANN",
        ),
        (basis(), "not checked", "ask the root zone, with --dns live"),
        (basis(dns="none"), "not checked", "ask the root zone, with --dns live"),
    ],
    ids=["not observed", "old answers", "no answers"],
)
def test_a_plan_whose_day_passed_unseen_is_told_and_stays_a_plan(
    report: Report, note: str, remedy: str
) -> None:
    told = timeline_of(report).overdue
    assert {(date.when, date.note, date.remedy) for date in told} == {("2026-10-11", note, remedy)}
    assert {date.subject for date in told} == {OLD, NEW}
    signing = [span for span in in_root_zone(report, NEW) if span.kind is Kind.SIGNING]
    assert {span.basis for span in signing} == {Basis.PLANNED}


def test_the_old_key_signs_for_as_long_as_it_was_seen_to() -> None:
    (span,) = [
        span
        for span in in_root_zone(seen_as("2026-11-24"), OLD)
        if (span.kind, span.basis) == (Kind.SIGNING, Basis.OBSERVED)
    ]
    assert span.end == day("2026-11-24")


def test_what_is_seen_before_its_planned_day_has_the_day_it_was_seen() -> None:
    report = seen_as("2026-10-09", **ROLLED)
    assert words(report, NEW, Step.SIGNING.value) == [("2026-10-09", "observed, at the latest")]


def test_a_revocation_is_observed_by_the_tag_or_by_the_state() -> None:
    shown: list[dict[str, object]] = [{"revoked_tags": (20454,)}, {"state": KeyState.REVOKED}]
    for evidence in shown:
        report = seen_as("2027-02-01", k2017={"signing": False, **evidence}, k2024=ROLLED["k2024"])
        assert words(report, OLD, Step.REVOKED.value) == [
            ("2027-01-11", "observed, seen 2027-02-01")
        ]
        assert words(report, OLD, Step.REMOVED.value) == []
        assert in_root_zone(report, OLD)[-1] == Span(
            Kind.REVOKED, Basis.OBSERVED, day("2027-01-11"), day("2027-02-01")
        )
        assert OLD not in {subject for _, subject in coming(report)}


def test_a_key_that_left_after_the_day_of_its_revocation_is_gone() -> None:
    away = {"signing": False, "published": False}
    report = seen_as("2027-06-01", k2017=away, k2024=ROLLED["k2024"])
    assert words(report, OLD, Step.REMOVED.value) == [("2027-06-01", "observed, at the latest")]
    # Nobody saw it revoked, and nobody waits for that any more.
    assert words(report, OLD, Step.REVOKED.value) == [("2027-01-11", "planned")]
    assert timeline_of(report).overdue == ()
    assert in_root_zone(report, OLD)[-1] == Span(
        Kind.PUBLISHED, Basis.OBSERVED, day("2026-10-11"), day("2027-06-01")
    )


def test_a_key_that_is_not_there_yet_is_not_gone() -> None:
    away = {"signing": False, "published": False}
    report = seen_as("2015-01-01", k2017=away, k2024=away)
    assert words(report, OLD, Step.REVOKED.value) == [("2027-01-11", "planned")]


def test_what_was_signed_in_advance_nobody_saw() -> None:
    report = replace(seen_as("2026-11-24", **ROLLED), dns_mode="skr")
    timeline = timeline_of(report)
    assert timeline.seen is None
    assert timeline.asked == "root zone NOT CHECKED"
    assert words(report, NEW, Step.SIGNING.value) == [("2026-10-11", "planned, not checked")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (
            "2026-10-05",
            [
                ("2026-10-11", NEW),
                ("2027-01-11", OLD),
                ("2027 Q2", ROLL),
                ("2028", SECOND_ROOT),
                ("2029", ROLL),
                ("2029-03-13", "signer"),
                ("2029-12-18", "ICANN Root CA"),
            ],
        ),
        (
            "2027-01-11",
            [
                ("2027-01-11", OLD),
                ("2027 Q2", ROLL),
                ("2028", SECOND_ROOT),
                ("2029", ROLL),
                ("2029-03-13", "signer"),
                ("2029-12-18", "ICANN Root CA"),
            ],
        ),
        (
            "2028-12-31",
            [
                ("2028", SECOND_ROOT),
                ("2029", ROLL),
                ("2029-03-13", "signer"),
                ("2029-12-18", "ICANN Root CA"),
            ],
        ),
        ("2029-03-14", [("2029", ROLL), ("2029-12-18", "ICANN Root CA")]),
        ("2035-01-01", []),
    ],
)
def test_what_is_next_lies_ahead_and_says_what_to_do(
    at: str, expected: list[tuple[str, str]]
) -> None:
    report = replace(basis(), at=day(at))
    assert coming(report) == expected
    assert all(date.do for date in timeline_of(report).coming)


def test_the_key_to_trust_before_a_revocation_is_named() -> None:
    (revocation,) = [date for date in timeline_of(basis()).coming if date.subject == OLD]
    assert f"nothing, if every resolver trusts {NEW}" in revocation.do


def test_a_signature_under_the_second_root_is_no_plan_any_more() -> None:
    report = basis()
    assert report.authenticated is not None
    second = report.authenticated.root._replace(sha256=ROOT_CAS[1].sha256)
    report = replace(report, authenticated=report.authenticated._replace(root=second))
    assert words(report, SECOND_ROOT, "first signatures under it") == []
    assert words(report, SECOND_ROOT, "publication signed under it") == [("2025-03-25", "observed")]
    whens = [when for when, subject in coming(report) if subject != ROLL]
    assert whens == ["2027-01-11", "2029-03-13", "2045-03-20"]


def test_a_year_is_over_when_its_last_day_is() -> None:
    first = "first signatures under it"
    for at, words_ in (("2028-12-31", "planned"), ("2029-01-01", "planned, not observed")):
        assert words(replace(basis(), at=day(at)), SECOND_ROOT, first) == [("2028", words_)]


def test_the_keys_of_another_root_are_told_alone() -> None:
    timeline = timeline_of(lab_report())
    titles = [life.title for life in timeline.lives]
    assert titles == [f"key {LAB_KEY.tag}", "Signer", "Root CA"]
    assert timeline.lives[-1].rows[0].spans[0].begin is None
    assert [date.subject for date in timeline.coming] == ["signer", "root CA"]


def test_a_key_that_the_document_lacks_is_told_from_what_is_known() -> None:
    report = replace(basis(), keys=basis().keys[1:])
    first = life(report, NAMES[0])
    assert [row.name for row in first.rows] == ["root zone"]
    assert "without dates in this document" in first.captions


def test_a_report_without_a_publication_is_of_what_is_known() -> None:
    titles = [life.title for life in timeline_of(replace(basis(), authenticated=None)).lives]
    assert titles == [*NAMES, ROLL]


@pytest.mark.parametrize("year", [1, 1999, 2026, 2040, 9999])
def test_the_axis_holds_the_time_of_judgement(year: int) -> None:
    at = datetime(year, 6, 1, tzinfo=day("2000-01-01").tzinfo)
    timeline = timeline_of(replace(basis(), at=at))
    begin, end = (time.year for time in timeline.whole)
    assert (begin, end) == (min(2010, year), min(9999, max(2031, year + 3)))
    first, last = timeline.near
    assert first <= at < last
    assert (last.year - first.year) * 12 + last.month - first.month == 18


def test_dates_come_in_their_order() -> None:
    days = [date.day for date in timeline_of(basis()).dates]
    assert days == sorted(days)


def test_the_roll_to_ecdsa_is_a_plan_with_its_source_and_date() -> None:
    timeline = timeline_of(basis())
    dates = [(d.when, d.what, d.words) for d in timeline.dates if d.subject == ROLL]
    assert dates == [
        ("2027 Q2", "phase AA: the ECDSA key is made", "planned"),
        ("2029", "the RSA key is retired", "planned"),
        ("2030 Q3", "phase HH, the last", "planned"),
    ]
    (row,) = life(basis(), ROLL).rows
    assert row.spans == (Span(Kind.PLAN, Basis.PLANNED, day("2027-04-01"), day("2030-10-01")),)
    told = " ".join(timeline.plans)
    assert "ICANN proposed it on 2026-02-03" in told
    assert "SAC133" in told


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        ("2027-05-01", (True, True), (False, False), ["stated", "planned", "planned"]),
        ("2028-05-01", (True, True), (True, True), ["stated", "planned", "planned"]),
        (
            "2029-11-01",
            (True, False),
            (True, True),
            ["stated", "observed, seen 2029-11-01", "planned"],
        ),
        (
            "2030-08-01",
            (False, False),
            (True, True),
            ["stated", "observed, seen 2030-08-01", "observed, seen 2030-08-01"],
        ),
        (
            "2031-01-01",
            (True, True),
            (True, False),
            ["stated", "planned, not observed", "planned, not observed"],
        ),
        (
            "2031-01-01",
            (True, True),
            None,
            ["planned, not observed", "planned, not observed", "planned, not observed"],
        ),
    ],
)
def test_what_came_of_the_roll(
    at: str,
    old: tuple[bool, bool],
    new: tuple[bool, bool] | None,
    expected: list[str],
) -> None:
    """Published and signing: of the RSA keys, and of the ECDSA key where the document has one."""
    shown = {"published": old[0], "signing": old[1]}
    report = seen_as(at, k2017=shown, k2024=shown)
    if new is not None:
        (row,) = checked(Document(entries=(entry_of(MODERN),))).keys
        row = row._replace(published=new[0], signing=new[1])
        report = replace(report, keys=[*report.keys, row])
    told = [date.words for date in timeline_of(report).dates if date.subject == ROLL]
    assert told == expected


def test_that_no_key_was_made_the_document_shows() -> None:
    """Whoever sees it late looks for a newer document; the root zone tells nothing of it."""
    report = replace(basis(dns="none"), at=day("2031-01-01"))
    made, *others = [date for date in timeline_of(report).overdue if date.subject == ROLL]
    assert (made.note, made.remedy.partition(" and ")[0]) == (
        "not observed",
        "look for a newer publication",
    )
    assert {date.note for date in others} == {"not checked"}
