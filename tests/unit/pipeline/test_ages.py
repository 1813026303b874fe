"""Answers from before a planned day, and keys whose end is near."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.ages import age_findings
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.verify import example

# The snapshot's answers are of 2026-10-04: KSK-2024 is there and does not sign.
SIGNING = "signing of KSK-2024 (38696) planned for 2026-10-11"
REVOCATION = "revocation of KSK-2017 (20326) planned for 2027-01-11"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(made: CrossCheck, at: datetime) -> list[Finding]:
    return [*age_findings(made, VerificationPolicy(at=at))]


def with_rows(which: int = -1, **fields: object) -> CrossCheck:
    """The snapshot with one key changed, the youngest or another."""
    made = example()
    rows = [*made.keys]
    rows[which] = rows[which]._replace(**fields)  # type: ignore[arg-type]
    return made._replace(keys=tuple(rows))


@pytest.mark.parametrize(
    ("at", "missed"),
    [
        ("2026-10-04", None),
        ("2026-10-11T23:59:59", None),
        ("2026-10-12", SIGNING),
        ("2027-01-11T12:00:00", SIGNING),
        ("2027-01-12", f"{SIGNING}, {REVOCATION}"),
        ("2035-01-01", f"{SIGNING}, {REVOCATION}"),
    ],
)
def test_a_planned_day_that_the_observation_cannot_know_of(at: str, missed: str | None) -> None:
    old = [one for one in found(example(), day(at)) if one.check is Check.ROOTZONE_RECORDING_OLD]
    told = [(one.severity, one.got) for one in old]
    want = f"observed on 2026-10-04; {missed}"
    assert told == ([(Severity.WARNING, want)] if missed else [])
    assert all("2027-01-11" in str(one.want) for one in old if missed and REVOCATION in missed)


def test_what_was_seen_already_needs_no_newer_observation() -> None:
    assert found(with_rows(signing=True), day("2026-12-01")) == []


@pytest.mark.parametrize("observed", ["2026-10-11", "2026-10-11T18:00:00", "2026-10-12"])
def test_an_observation_on_the_day_itself_does_not_tell(observed: str) -> None:
    made = example()
    servers = tuple(
        row._replace(answer=row.answer._replace(observed_at=day(observed))) for row in made.servers
    )
    told = found(made._replace(servers=servers), day("2026-11-01"))
    assert bool(told) is (observed != "2026-10-12")


@pytest.mark.parametrize(("at", "is_told"), [("2027-01-11", False), ("2027-01-12", True)])
def test_without_an_observation_only_a_revocation_that_is_due_is_told(
    at: str, is_told: bool
) -> None:
    told = found(with_rows(published=None)._replace(servers=()), day(at))
    assert [(one.check, one.severity, one.got) for one in told] == (
        [(Check.ROOTZONE_RECORDING_OLD, Severity.WARNING, REVOCATION)] if is_told else []
    )


def test_a_key_that_is_gone_without_an_end_is_told() -> None:
    def gone(observed: str, **changes: object) -> list[Finding]:
        made = with_rows(1, **changes)
        servers = tuple(
            row._replace(answer=row.answer._replace(observed_at=day(observed)))
            for row in made.servers
        )
        told = found(made._replace(servers=servers), day("2027-04-01"))
        return [one for one in told if one.check is Check.ROOTZONE_GONE]

    (one,) = gone("2027-03-25", published=False)
    assert one.severity is Severity.WARNING
    assert one.message == "KSK-2017 (20326) was planned to be revoked and has left the root zone"
    assert "2027-03-25" in str(one.got)
    assert gone("2027-03-25") == []
    assert gone("2027-03-25", published=False, state=KeyState.EXPIRED) == []
    assert gone("2027-01-10", published=False) == []


END = day("2026-10-10")


def ending(state: KeyState = KeyState.CURRENT, end: datetime | None = END) -> CrossCheck:
    made = example()
    rows: list[KeyEvidence] = list(made.keys)
    key = rows[1].entry
    assert key.window is not None
    key = key._replace(window=key.window._replace(valid_until=end))
    rows[1] = rows[1]._replace(entry=key, state=state)
    return made._replace(keys=tuple(rows))


@pytest.mark.parametrize(
    ("left", "is_told"), [(0, True), (1, True), (89, True), (90, True), (90.1, False), (400, False)]
)
def test_a_current_key_that_ends_soon(left: float, is_told: bool) -> None:
    told = found(ending(), END - timedelta(days=left))
    assert [one.check for one in told] == ([Check.KEY_ENDS_SOON] if is_told else [])
    for one in told:
        assert one.severity is Severity.WARNING
        assert one.message == "KSK-2017 (20326) ends on 2026-10-10, according to IANA's document"
        words = {0: "less than a day", 1: "1 day"}
        assert one.got == f"{words.get(int(left), f'{left} days')} left"


@pytest.mark.parametrize("state", [s for s in KeyState if s is not KeyState.CURRENT])
def test_of_a_key_that_is_no_anchor_the_end_is_no_news(state: KeyState) -> None:
    assert found(ending(state), END - timedelta(days=1)) == []


def test_the_time_is_the_policys() -> None:
    policy = VerificationPolicy(at=END - timedelta(days=10), ends_soon=timedelta(days=9))
    assert [*age_findings(ending(), policy)] == []
    assert found(ending(end=None), END) == []
