from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import anchors
from anchors.auditing.result import Audit, Outcome
from anchors.report.audit.metrics import render
from anchors.report.metrics import render as render_report
from tests.unit.auditing.audits import (
    HOSTILE,
    REVOCATION,
    ROLL,
    audit,
    everything,
    fails,
    hostile,
    hostile_resolver,
    right,
    right_resolver,
    unreadable,
    unverified,
)
from tests.unit.auditing.basis import basis
from tests.unit.report.exposed import exposed

AT = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())


def values(subject: Audit, metric: str, /, **labels: str) -> list[int]:
    return [
        one.value
        for one in exposed(render(subject))
        if one.name == f"root_anchors_audit_{metric}" and labels.items() <= one.labels.items()
    ]


def test_the_places_by_outcome() -> None:
    places = {one: values(everything(), "places", outcome=one.value) for one in Outcome}
    assert [*places.values()] == [[1], [0], [1], [2], [2]]
    assert values(everything(), "outcome", outcome="fails") == [1]
    assert sum(values(everything(), "outcome")) == 1
    assert values(audit(right()), "outcome", outcome="right") == [1]


def test_the_earliest_day_of_each_outcome_that_has_one() -> None:
    name = "earliest_day_timestamp_seconds"
    later = fails()._replace(day=datetime(2027, 1, 11, tzinfo=UTC))
    subject = audit(later, fails("b"), fails("c")._replace(day=None), right())
    roll = int(ROLL.timestamp())
    assert values(subject, name) == values(subject, name, outcome="fails") == [roll]
    assert values(audit(right()), name) == []


def test_each_resolver_by_its_host_and_its_configuration() -> None:
    failing = {"host": "image", "configuration": "image/etc/unbound/unbound.conf"}
    outcomes = {
        one: values(everything(), "resolver_outcome", **failing, outcome=one.value)
        for one in Outcome
    }
    assert [*outcomes.values()] == [[1], [0], [0], [0], [0]]
    names = {
        (one.labels["host"], one.labels["resolver"], one.labels["configuration"])
        for one in exposed(render(everything()))
        if one.name == "root_anchors_audit_resolver_outcome"
    }
    assert names == {
        ("image", "Unbound", "image/etc/other.conf"),
        ("image", "Unbound", "image/etc/unbound/unbound.conf"),
        ("other", "BIND", "other/etc/bind/named.conf"),
    }
    day = int(ROLL.timestamp())
    assert values(everything(), "resolver_day_timestamp_seconds") == [day]


def test_what_each_resolver_does() -> None:
    refusing = "image/etc/other.conf"
    assert values(everything(), "resolver_starts", configuration=refusing) == [0]
    assert values(everything(), "resolver_starts", resolver="BIND") == [1]
    assert values(everything(), "resolver_validates", resolver="BIND") == [1]
    unknown = right_resolver()
    unknown = unknown._replace(loaded=unknown.loaded._replace(follows=None))
    assert values(audit(resolvers=(unknown,)), "resolver_follows_rolls") == []


def test_the_next_planned_day_and_what_becomes_of_each_resolver_then() -> None:
    name, day = "resolver_next_planned_day_timestamp_seconds", int(REVOCATION.timestamp())
    assert values(everything(), name, resolver="BIND", outcome="attention") == [day]
    assert len(values(everything(), name)) == 3
    past = replace(basis(), at=datetime(2027, 1, 12, tzinfo=UTC))
    assert values(audit(resolvers=(right_resolver(),), report=past), name) == []


def test_what_was_looked_at_and_what_could_not_be_read() -> None:
    subject = audit(unreadable(), unreadable("b"))
    assert values(subject, "files") == [1234]
    assert values(subject, "read_bytes") == [5_000_000]
    assert values(subject, "unreadable_files") == [2]
    assert values(everything(), "findings", severity="failure") == [1]
    assert values(everything(), "findings", severity="alarm") == [2]


def test_what_ran_and_what_it_is_held_against() -> None:
    assert values(everything(), "build_info", version=anchors.__version__) == [1]
    assert values(everything(), "run_info", paths="image", source="embedded") == [1]
    assert values(everything(), "judged_timestamp_seconds") == [AT]
    assert values(everything(), "basis_verdict", verdict="verified") == [1]
    assert values(unverified(), "basis_verdict", verdict="not-trusted") == [1]
    assert values(unverified(), "outcome", outcome="undecided") == [1]


def test_no_name_is_one_of_the_report() -> None:
    """An exporter that reads both files must find no series twice."""
    ours = {one.name for one in exposed(render(everything()))}
    assert ours.isdisjoint(one.name for one in exposed(render_report(everything().basis)))
    assert {name.startswith("root_anchors_audit_") for name in ours} == {True}


def test_hostile_names_are_harmless_text() -> None:
    paths = (HOSTILE, 'a"b\\c')
    text = render(audit(hostile(), right(HOSTILE), resolvers=(hostile_resolver(),), paths=paths))
    text.encode("utf-8")
    assert text.replace("\n", "").isprintable()
    (info,) = [one for one in exposed(text) if one.name.endswith("_run_info")]
    assert info.labels["paths"].endswith(' a"b\\c')
    assert "\\udcff" in info.labels["paths"]


def test_the_same_audit_is_the_same_text_whatever_its_size() -> None:
    assert render(everything()) == render(everything())
    many = audit(*(fails(f"{n}") for n in range(2000)))
    assert values(many, "places", outcome="fails") == [2000]
    assert len(render(many)) < 5000
