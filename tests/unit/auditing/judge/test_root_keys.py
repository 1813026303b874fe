from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anchors.core.keys import KeyState
from anchors.pipeline.report import Report
from anchors.pipeline.root_keys import verified_keys
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, basis, keys

ROLL = datetime(2026, 10, 11, tzinfo=UTC)


def test_every_key_of_the_document_has_its_state() -> None:
    states = {key.name: key.state for key in keys().keys}
    assert states == {
        "KSK-2010 (19036)": KeyState.EXPIRED,
        "KSK-2017 (20326)": KeyState.CURRENT,
        "KSK-2024 (38696)": KeyState.CURRENT,
    }
    assert [key.key_tag for key in keys().current] == [20326, 38696]


def test_a_published_key_is_known_by_every_digest_it_can_have() -> None:
    _, ksk_2017, _ = keys().keys
    assert [len(digest) for _, digest in ksk_2017.digests] == [20, 32, 48]
    sha1 = ksk_2017.digest(1)
    assert sha1 is not None
    # Published for years beside the SHA-256 digest.
    assert sha1.hex().upper() == "AE1EA5B974D4C858B740BD03E3CED7EBFCBD1724"


def test_a_key_published_by_digest_is_known_by_its_digests() -> None:
    ksk_2010, _, _ = keys().keys
    assert ksk_2010.public_key is None
    assert sorted(kind for kind, _ in ksk_2010.digests) == [1, 2, 4]
    assert ksk_2010.digest(3) is None


def test_before_the_roll_the_old_key_signs_as_observed_and_the_new_one_is_next() -> None:
    before = keys(BEFORE_THE_ROLL)
    assert [(s.key.key_tag, s.since, s.planned) for s in before.now] == [(20326, None, False)]
    assert [(s.key.key_tag, s.since, s.planned) for s in before.next] == [(38696, ROLL, True)]


def test_a_roll_between_observation_and_judgement_is_taken_from_the_plan() -> None:
    after = keys(AFTER_THE_ROLL)
    assert [(s.key.key_tag, s.since, s.planned) for s in after.now] == [(38696, ROLL, True)]
    assert after.next == ()


@pytest.mark.parametrize(("at", "tag"), [(BEFORE_THE_ROLL, 20326), (AFTER_THE_ROLL, 38696)])
def test_without_dns_the_plan_tells_who_signs(at: datetime, tag: int) -> None:
    assert [s.key.key_tag for s in keys(at, "none").now] == [tag]


def observed(report: Report, signing: dict[int | None, bool]) -> Report:
    """The report as if the servers had answered at its time of judgement."""
    rows = [row._replace(signing=signing.get(row.entry.key_tag)) for row in report.keys]
    return Report(
        verdict=report.verdict,
        at=report.at,
        source=report.source,
        dns_mode="live",
        observed_at=report.at,
        authenticated=report.authenticated,
        keys=rows,
        servers=report.servers,
        findings=report.findings,
    )


def test_what_is_observed_after_the_planned_day_wins_over_the_plan() -> None:
    late = verified_keys(observed(basis(), {20326: True, 38696: False}))
    assert [(s.key.key_tag, s.planned) for s in late.now] == [(20326, False)]
    assert late.next == ()


def test_an_observed_roll_has_the_day_of_the_plan() -> None:
    rolled = verified_keys(observed(basis(), {20326: False, 38696: True}))
    assert [(s.key.key_tag, s.since, s.planned) for s in rolled.now] == [(38696, ROLL, False)]


def test_a_former_key_that_the_document_no_longer_lists_is_still_known() -> None:
    report = basis()
    shorter = Report(
        verdict=report.verdict,
        at=report.at,
        source=report.source,
        dns_mode=report.dns_mode,
        observed_at=report.observed_at,
        authenticated=report.authenticated,
        keys=[row for row in report.keys if row.entry.key_tag != 19036],
        servers=report.servers,
        findings=report.findings,
    )
    former = verified_keys(shorter).keys[-1]
    assert (former.name, former.state) == ("KSK-2010 (19036)", KeyState.EXPIRED)
