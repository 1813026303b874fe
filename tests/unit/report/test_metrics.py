"""The report as metrics: names and units as Prometheus' conventions ask, nothing made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dns.dnssectypes import Algorithm

import anchors
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.pipeline.report import Report, Verdict
from anchors.report.metrics import render
from tests.lab.keys import ksk
from tests.simulator.document import Document
from tests.unit.report.exposed import exposed
from tests.unit.report.test_text import HOSTILE, finding, lab, real, report_of
from tests.unit.stages import checked, entry_of

KSK_2010 = {"name": "KSK-2010", "key_tag": "19036"}
KSK_2017 = {"name": "KSK-2017", "key_tag": "20326"}
KSK_2024 = {"name": "KSK-2024", "key_tag": "38696"}


def values(report: Report, metric: str, /, **labels: str) -> list[int]:
    """The values of a metric, of the series that have these labels."""
    return [
        one.value
        for one in exposed(render(report))
        if one.name == f"root_anchors_{metric}" and labels.items() <= one.labels.items()
    ]


def seconds(*time: int) -> int:
    return int(datetime(*time, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


def test_every_name_has_our_prefix_and_every_time_its_unit() -> None:
    for name in {one.name for one in exposed(render(real()))}:
        assert name.startswith("root_anchors_")
        assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_days", "_time"))
        times = [one.value for one in exposed(render(real())) if one.name == name]
        assert name.endswith("_timestamp_seconds") == (min(times) > 1_000_000_000)


def test_info_is_one_with_what_it_tells_in_labels() -> None:
    infos = {one.name: one for one in exposed(render(real())) if one.name.endswith("_info")}
    assert {one.value for one in infos.values()} == {1}
    assert infos["root_anchors_build_info"].labels == {"version": anchors.__version__}
    assert infos["root_anchors_run_info"].labels == {"source": "embedded", "dns": "recorded"}
    publication = infos["root_anchors_publication_info"].labels
    assert publication["signer_serial"] == "18"
    assert publication["document_sha256"].startswith("3ccaab38830025ee")


@pytest.mark.parametrize("verdict", Verdict)
def test_a_series_for_each_verdict_and_one_is_1(verdict: Verdict) -> None:
    report = replace(real(), verdict=verdict)
    for one in Verdict:
        assert values(report, "verdict", verdict=one.value) == [one is verdict]


@pytest.mark.parametrize("severity", Severity)
def test_findings_by_severity_and_attention(severity: Severity) -> None:
    report = replace(real(), findings=[finding(severity), finding(severity)])
    for one in Severity:
        assert values(report, "findings", severity=one.value) == [2 * (one is severity)]
    assert values(report, "attention") == [severity in {Severity.WARNING, Severity.ALARM}]


def test_the_ends_are_seconds_since_the_epoch() -> None:
    assert values(real(), "judged_timestamp_seconds") == [seconds(2026, 10, 11)]
    assert values(real(), "observed_timestamp_seconds") == [seconds(2026, 10, 4)]
    assert values(real(), "signed_timestamp_seconds") == [seconds(2025, 3, 25, 20, 25, 2)]
    (signer,) = values(real(), "signer_not_after_timestamp_seconds")
    assert seconds(2029, 3, 13) <= signer < seconds(2029, 3, 14)
    (ca,) = values(real(), "ca_not_after_timestamp_seconds")
    assert seconds(2029, 12, 18) <= ca < seconds(2029, 12, 19)
    ends = "key_valid_until_timestamp_seconds"
    assert values(real(), ends) == values(real(), ends, **KSK_2010) == [seconds(2019, 1, 11)]
    assert values(replace(real(), at=datetime(1969, 12, 31, tzinfo=UTC)), "attention") == [0]
    before = replace(real(), at=datetime(1969, 12, 31, tzinfo=UTC))
    assert values(before, "judged_timestamp_seconds") == [-86400]


def test_a_plan_is_apart_from_what_is_observed() -> None:
    planned = "key_planned_revocation_timestamp_seconds"
    assert values(real(), planned) == values(real(), planned, **KSK_2017) == [seconds(2027, 1, 11)]
    assert values(real(), "key_state", **KSK_2017, state="revoked") == [0]


def test_the_keys() -> None:
    for key, state, published, signing, emitted in (
        (KSK_2010, "expired", 0, 0, 0),
        (KSK_2017, "current", 1, 1, 1),
        (KSK_2024, "current", 1, 0, 1),
    ):
        assert values(real(), "key_state", **key, state=state) == [1]
        assert sum(values(real(), "key_state", **key)) == 1
        assert values(real(), "key_published", **key) == [published]
        assert values(real(), "key_signing", **key) == [signing]
        assert values(real(), "key_emitted", **key) == [emitted]


def test_what_was_not_checked_has_no_value() -> None:
    report = report_of(checked())
    assert values(report, "key_state")
    for name in ("key_published", "key_signing", "observed_timestamp_seconds"):
        assert values(report, name) == []
        assert f"root_anchors_{name}" not in render(report)
    assert values(report, "servers_asked") == [0]


def test_without_a_publication_the_verdict_is_still_there() -> None:
    bare = replace(real(), authenticated=None, keys=(), servers=(), verdict=Verdict.UNDECIDED)
    assert values(bare, "verdict", verdict="undecided") == [1]
    names = {one.name for one in exposed(render(bare))}
    assert not [name for name in names if "_key_" in name or "signe" in name or "_ca_" in name]


def test_servers_asked_answered_and_verified() -> None:
    report = report_of(lab())
    servers = [values(report, f"servers_{what}") for what in ("asked", "answered", "verified")]
    assert servers == [[3], [2], [2]]


def test_a_key_that_stands_there_twice_is_one_series() -> None:
    twin = entry_of(ksk("a", Algorithm.ED25519))
    document = Document(
        entries=[
            twin,
            replace(twin, valid_from="2018-01-01T00:00:00Z", valid_until="2019-01-01T00:00:00Z"),
        ]
    )
    report = report_of(checked(document))
    states = [values(report, "key_state", state=state) for state in ("current", "expired")]
    assert states == [[1], [1]]
    assert values(report, "key_emitted") == [1]


def test_text_from_outside_is_escaped() -> None:
    source = f'a"b\\c{{}}\n{HOSTILE}'
    text = render(replace(real(), source=source, findings=[Finding(Check.KEY_TAG, *HOSTILE_TEXTS)]))
    text.encode("utf-8")
    assert text.replace("\n", "").isprintable()
    (info,) = [one for one in exposed(text) if one.name == "root_anchors_run_info"]
    assert info.labels["source"].startswith('a"b\\c{}\\n\\x1b[2J')


HOSTILE_TEXTS = (Severity.ALARM, HOSTILE, HOSTILE, HOSTILE, HOSTILE)


def test_the_same_report_is_the_same_text() -> None:
    assert render(real()) == render(real())
    assert render(real()) != render(report_of(lab()))
