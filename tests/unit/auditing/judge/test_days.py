"""What the planned days mean for a resolver, before and after them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.days import planned_days
from anchors.auditing.result import OnDay, Outcome
from anchors.consumers.files import Location
from anchors.consumers.loading import BuiltIn, Loaded, Used, not_found
from anchors.consumers.reading import Held, Hold, Note, Rfc5011State, Role, StateOfKey
from anchors.core.found import FoundDnskey
from anchors.pipeline.root_keys import VerifiedKeys
from tests.unit.auditing.audits import KSK_2024, REVOCATION, ROLL, ds
from tests.unit.auditing.basis import BEFORE_THE_ROLL, keys

WHERE = Location("image", "unbound.conf")
OLD, NEW = Held(ds(2017), Hold.STATIC, 1), Held(ds(2024), Hold.STATIC, 2)
THE_DAY = datetime(2027, 1, 11, 12, tzinfo=UTC)
THE_DAY_AFTER = datetime(2027, 1, 12, tzinfo=UTC)
BUILT_IN = BuiltIn("named", "old ones lack KSK-2024")


def days(
    *held: Held,
    verified: VerifiedKeys | None = None,
    today: Outcome = Outcome.RIGHT,
    follows: bool | None = False,
    validates: bool = True,
    built_in: BuiltIn | None = None,
) -> tuple[OnDay, ...]:
    verified = verified or keys()
    used = Used(WHERE, Role.CONFIGURATION, held)
    loaded = Loaded("unbound", WHERE, (used,), True, validates, follows, (), built_in)
    anchors = [judge_anchor(one, verified) for one in held]
    return planned_days(loaded, anchors, today, verified)


def test_a_revocation_to_come_asks_a_person_to_remove_a_static_key() -> None:
    (revoked,) = days(OLD, NEW)
    assert (revoked.day, revoked.outcome) == (REVOCATION, Outcome.ATTENTION)
    assert revoked.event == "KSK-2017 (20326) is planned to be revoked"
    assert revoked.meaning == (
        "keeps trusting KSK-2017 (20326) until a person removes it; look-ups work with KSK-2024 "
        "(38696)"
    )


def test_who_follows_rolls_stops_trusting_the_key_by_itself() -> None:
    (revoked,) = days(OLD, NEW, follows=True)
    assert revoked.outcome is Outcome.RIGHT
    assert revoked.meaning == "stops trusting KSK-2017 (20326) by itself (RFC 5011)"


def test_where_nobody_knows_whether_it_follows_rolls_that_is_said() -> None:
    (revoked,) = days(OLD, NEW, today=Outcome.UNDECIDED, follows=None)
    assert revoked.outcome is Outcome.UNDECIDED
    assert revoked.meaning == (
        "keeps trusting KSK-2017 (20326) until a person removes it, unless it follows rollovers "
        "by itself; look-ups work with KSK-2024 (38696)"
    )


def test_who_does_not_trust_the_key_has_nothing_to_do() -> None:
    (revoked,) = days(NEW)
    assert revoked.outcome is Outcome.RIGHT
    assert revoked.meaning == "does not trust KSK-2017 (20326): nothing changes"


def test_who_fails_today_is_not_made_worse() -> None:
    for held in ((OLD,), ()):
        (revoked,) = days(*held, today=Outcome.FAILS)
        assert (revoked.outcome, revoked.meaning) == (Outcome.FAILS, "fails already")


def test_who_trusts_the_revoked_key_alone_fails() -> None:
    before = keys(BEFORE_THE_ROLL)
    *_, revoked = days(OLD, verified=before, today=Outcome.WILL_FAIL)
    assert (revoked.outcome, revoked.day) == (Outcome.FAILS, REVOCATION)
    assert revoked.meaning == "trusts no other key: every look-up fails"


WAS_PLANNED = "the revocation of KSK-2017 (20326) was planned for 2027-01-11"


@pytest.mark.parametrize(
    ("at", "looked", "event"),
    [
        (THE_DAY, False, "KSK-2017 (20326) is planned to be revoked"),
        # The recording is of 2026: it cannot know.
        (THE_DAY_AFTER, False, f"{WAS_PLANNED}, and the root zone was not asked since"),
        (THE_DAY_AFTER, True, f"{WAS_PLANNED} and was not observed"),
    ],
    ids=["on the day", "the day after", "the day after, and looked"],
)
def test_the_words_differ_before_and_after_the_day(at: datetime, looked: bool, event: str) -> None:
    verified = keys(at)
    (planned,) = verified.revocations
    assert planned.looked is False
    verified = verified._replace(revocations=(planned._replace(looked=looked),))
    (revoked,) = days(OLD, NEW, verified=verified)
    assert revoked.event == event
    assert revoked.outcome is Outcome.ATTENTION


def test_a_roll_to_come_fails_whoever_does_not_trust_the_new_key() -> None:
    before = keys(BEFORE_THE_ROLL)
    roll, _ = days(OLD, verified=before, today=Outcome.WILL_FAIL)
    assert (roll.day, roll.outcome) == (ROLL, Outcome.FAILS)
    assert roll.event == "KSK-2024 (38696) is planned to sign the root from this day on"
    assert roll.meaning == "does not trust KSK-2024 (38696): every look-up fails"
    roll, _ = days(OLD, NEW, verified=before)
    assert (roll.outcome, roll.meaning) == (Outcome.RIGHT, "trusts KSK-2024 (38696)")


@pytest.mark.parametrize(
    ("until", "outcome"),
    [(ROLL, Outcome.RIGHT), (REVOCATION, Outcome.FAILS)],
    ids=["in time", "too late"],
)
def test_a_key_in_its_hold_down_counts_from_its_end(until: datetime, outcome: Outcome) -> None:
    assert KSK_2024.public_key is not None
    pending = Rfc5011State(StateOfKey.ADD_PENDING, None, until)
    waiting = Held(FoundDnskey(257, 8, KSK_2024.public_key), Hold.STATE, 3, pending)
    roll, _ = days(OLD, waiting, verified=keys(BEFORE_THE_ROLL), follows=True)
    assert roll.outcome is outcome


def test_who_does_not_validate_does_not_notice_a_roll() -> None:
    before, today = keys(BEFORE_THE_ROLL), Outcome.ATTENTION
    for one in days(OLD, verified=before, today=today, validates=False):
        assert (one.outcome, one.meaning) == (today, "does not validate: nothing changes")


def test_of_what_was_not_read_nothing_is_claimed() -> None:
    days_of = days(verified=keys(BEFORE_THE_ROLL), today=Outcome.UNDECIDED)
    assert [(one.outcome, one.meaning) for one in days_of] == [
        (Outcome.UNDECIDED, "it is unknown whether it trusts KSK-2024 (38696)"),
        (Outcome.UNDECIDED, "it is unknown whether it trusts KSK-2017 (20326)"),
    ]


def test_of_what_another_package_brings_nothing_is_claimed() -> None:
    elsewhere = not_found("/usr/share/dns/root.key", Role.STATIC, inside=True)
    used = Used(WHERE, Role.CONFIGURATION, (), (Note(elsewhere),))
    loaded = Loaded("unbound", WHERE, (used,))
    days_of = planned_days(loaded, [], Outcome.RIGHT, keys(BEFORE_THE_ROLL))
    assert [(one.outcome, one.meaning) for one in days_of] == [
        (Outcome.RIGHT, "it is unknown whether it trusts KSK-2024 (38696)"),
        (Outcome.RIGHT, "it is unknown whether it trusts KSK-2017 (20326)"),
    ]


def test_what_is_built_in_is_not_known() -> None:
    roll, revoked = days(verified=keys(BEFORE_THE_ROLL), built_in=BUILT_IN)
    assert roll.meaning == "it depends on whether KSK-2024 (38696) is built into named"
    assert revoked.meaning == "it depends on the keys that are built into named"
    assert (roll.outcome, revoked.outcome) == (Outcome.RIGHT, Outcome.RIGHT)
    (revoked,) = days(OLD, built_in=BUILT_IN)
    assert revoked.meaning == "it depends on the keys that are built into named"
