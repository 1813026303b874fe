"""One resolver: what it does today with what it loads, and on each planned day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.resolver import judge_resolver
from anchors.auditing.result import JudgedResolver, Outcome
from anchors.consumers.files import Location
from anchors.consumers.loading import BuiltIn, Loaded, Used, not_found, refused, switched_off
from anchors.consumers.reading import Held, Hold, Note, Rfc5011State, Role, StateOfKey
from anchors.consumers.registry import consumer_named
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.core.keys import KeyState
from anchors.pipeline.root_keys import RootKey, VerifiedKeys
from tests.unit.auditing.basis import BEFORE_THE_ROLL, keys
from tests.unit.auditing.systems import checks
from tests.unit.known_syntaxes import Known

KSK_2010, KSK_2017, KSK_2024 = keys().keys
ROLL = datetime(2026, 10, 11, tzinfo=UTC)
REVOCATION = datetime(2027, 1, 11, tzinfo=UTC)
CONF, ANCHORS = Location("/r", "etc/unbound/unbound.conf"), Location("/r", "etc/root.key")
FOREIGN = FoundDs(12345, 8, 2, b"\x00" * 32)
FAILS, WILL_FAIL, UNDECIDED = Outcome.FAILS, Outcome.WILL_FAIL, Outcome.UNDECIDED
ATTENTION, RIGHT = Outcome.ATTENTION, Outcome.RIGHT


def ds(key: RootKey) -> FoundDs:
    return FoundDs(key.key_tag, key.algorithm, 2, key.digest(2) or b"")


def static(*anchors: FoundAnchor, view: str = "") -> tuple[Held, ...]:
    return tuple(Held(a, Hold.STATIC, line, view=view) for line, a in enumerate(anchors, 1))


def state(*rows: tuple[RootKey, StateOfKey, datetime | None]) -> tuple[Held, ...]:
    return tuple(
        Held(
            FoundDnskey(257, 8, key.public_key or b""),
            Hold.STATE,
            line,
            Rfc5011State(st, None, until),
        )
        for line, (key, st, until) in enumerate(rows, 1)
    )


def loaded(
    held: Sequence[Held] = (), *notes: Note, role: Role = Role.STATIC, **more: object
) -> Loaded:
    used = (
        Used(CONF, Role.CONFIGURATION, (), tuple(notes)),
        Used(ANCHORS, role, tuple(held)),
    )
    return Loaded("unbound", CONF, used)._replace(**more)  # type: ignore[arg-type]


def judged(subject: Loaded, against: VerifiedKeys | None = None) -> JudgedResolver:
    verified = against or keys()
    syntaxes = {CONF: Known.UNBOUND, ANCHORS: Known.ZONE}
    return judge_resolver(subject, verified, lambda held: judge_anchor(held, verified), syntaxes)


BOTH = static(ds(KSK_2017), ds(KSK_2024))
OLD = static(ds(KSK_2017))


# Its anchors.


def test_both_keys_are_right_where_it_follows_and_ask_for_attention_where_not() -> None:
    follows = judged(loaded(BOTH, follows=True))
    assert (follows.outcome, follows.summary, follows.steps) == (
        RIGHT,
        "has KSK-2017 (20326) and KSK-2024 (38696)",
        (),
    )
    assert [where for where, _ in follows.anchors] == [ANCHORS] * 2
    assert checks(judged(loaded(BOTH))) == [Check.AUDIT_STATIC]


def test_the_old_key_alone_fails_since_the_roll_and_its_cure_names_its_file() -> None:
    row = judged(loaded(OLD))
    assert (row.outcome, row.day) == (FAILS, ROLL)
    assert Check.AUDIT_MISSING in checks(row)
    assert row.steps[0].is_command
    assert row.steps[0].text.startswith("root-anchors build ")
    assert any("/r/etc/root.key" in step.text for step in row.steps)
    before = judged(loaded(OLD), keys(BEFORE_THE_ROLL))
    assert (before.outcome, before.day) == (WILL_FAIL, ROLL)


def test_a_foreign_key_fails_beside_the_right_ones_and_is_told_with_its_line() -> None:
    row = judged(loaded((*BOTH, *static(FOREIGN)), follows=True))
    assert row.outcome is FAILS
    where, note = row.notes[0]
    assert (where, note.line, note.finding.check) == (ANCHORS, 1, Check.AUDIT_FOREIGN)


def test_a_foreign_key_that_waits_in_a_state_is_no_failure() -> None:
    waiting = Held(FOREIGN, Hold.STATE, 3, Rfc5011State(StateOfKey.ADD_PENDING, None, None))
    held = (*state((KSK_2024, StateOfKey.VALID, None)), waiting)
    assert judged(loaded(held, follows=True)).outcome is ATTENTION


def test_anchors_that_the_program_drops_are_in_force_nowhere() -> None:
    dropped = tuple(one._replace(hold=Hold.IGNORED) for one in BOTH)
    row = judged(loaded(dropped))
    assert row.outcome is FAILS
    assert "is ignored" in row.summary


def test_a_resolver_without_any_anchor_validates_nothing() -> None:
    row = judged(loaded())
    assert row.outcome is FAILS
    assert checks(row) == [Check.AUDIT_EMPTY]


# Whether it starts.


def test_a_program_that_does_not_start_fails_whatever_it_holds() -> None:
    finding = refused("it cannot read its file", got="x", want="y")
    row = judged(loaded(BOTH, Note(finding, 7), starts=False, validates=None))
    assert (row.outcome, row.day) == (FAILS, None)
    assert row.summary == "it cannot read its file"
    change, *restart = row.steps
    assert change.text == f"change {row.location.text}, line 7; it needs y"
    assert [step.text for step in restart] == [*consumer_named(row.loaded.consumer).restart]
    silent = judged(loaded(BOTH, starts=False))
    assert (silent.outcome, silent.summary) == (FAILS, "the program does not start")


def test_a_program_that_does_not_start_and_would_not_validate_may_need_attention_alone() -> None:
    finding = refused("it listens nowhere", got="", want="y")._replace(severity=Severity.WARNING)
    row = judged(loaded(BOTH, Note(finding), starts=False, validates=False))
    assert (row.outcome, row.summary) == (Outcome.ATTENTION, "it listens nowhere")


@pytest.mark.parametrize("held", [BOTH, ()])
def test_a_program_of_which_nobody_can_tell_whether_it_starts_is_undecided(
    held: tuple[Held, ...],
) -> None:
    note = Note(not_found("/x", Role.INCLUDE, inside=False))
    assert judged(loaded(held, note, starts=None, follows=True)).outcome is UNDECIDED


def test_old_anchors_fail_whether_or_not_it_starts() -> None:
    assert judged(loaded(OLD, starts=None)).outcome is FAILS


def test_a_file_that_was_not_found_leaves_no_anchor_undecided() -> None:
    row = judged(loaded((), Note(not_found("/x", Role.MANAGED, inside=False))))
    assert row.outcome is UNDECIDED
    assert row.summary.startswith("has no anchor of its own: it names /x")
    # In a package another one may bring it.
    inside = judged(loaded((), Note(not_found("/x", Role.MANAGED, inside=True))))
    assert inside.outcome is RIGHT or inside.outcome is UNDECIDED


# Whether it validates.


def off() -> Note:
    return Note(switched_off("module-config: iterator", "validator iterator"), 3)


def test_a_resolver_that_does_not_validate_asks_for_attention() -> None:
    row = judged(loaded(BOTH, off(), validates=False, follows=True))
    assert row.outcome is ATTENTION
    assert row.summary.startswith("validation is off: module-config: iterator")
    bare = judged(loaded((), off(), validates=False))
    assert bare.outcome is ATTENTION
    assert bare.summary == (
        "validation is off: module-config: iterator; uses no anchor of the root"
    )


def test_old_anchors_do_no_harm_where_nothing_is_validated() -> None:
    row = judged(loaded(OLD, off(), validates=False))
    assert row.outcome is ATTENTION
    assert "with validation on: has KSK-2017 (20326) only" in row.summary
    assert [day.outcome for day in row.days] == [ATTENTION]


def test_nobody_says_right_of_what_may_not_validate() -> None:
    """Where the model cannot tell whether it validates, it tells why."""
    note = Note(not_found("/x", Role.INCLUDE, inside=False))
    row = judged(loaded(BOTH, note, validates=None, follows=True))
    assert row.outcome is UNDECIDED
    assert row.summary.startswith("it names /x (include), which was not found")
    silent = judged(loaded(BOTH, validates=None, follows=True))
    assert silent.outcome is UNDECIDED
    assert silent.summary.startswith("it is unknown whether it validates; has KSK-2017")


# Keys that are built in.

BUILT_IN = BuiltIn("named", "versions before 9.18.32 lack KSK-2024")


@pytest.mark.parametrize("held", [(), BOTH])
def test_built_in_keys_that_nobody_can_see_ask_for_attention(held: tuple[Held, ...]) -> None:
    row = judged(loaded(held, built_in=BUILT_IN, follows=True))
    assert row.outcome is ATTENTION
    assert checks(row) == [Check.AUDIT_BUILT_IN]
    assert "named" in row.summary


def test_built_in_keys_may_save_anchors_that_are_too_old() -> None:
    row = judged(loaded(OLD, built_in=BUILT_IN, follows=True))
    assert row.outcome is ATTENTION
    assert row.summary.endswith("unless the program has another key built in")


def test_built_in_keys_do_not_save_who_trusts_a_stranger() -> None:
    row = judged(loaded(static(FOREIGN), built_in=BUILT_IN, follows=True))
    assert row.outcome is FAILS


# Views.


def test_each_view_is_judged_by_itself_and_the_worst_counts() -> None:
    held = (*static(ds(KSK_2017), view="old"), *static(ds(KSK_2017), ds(KSK_2024), view="new"))
    row = judged(loaded(held, views=("old", "new")))
    assert (row.outcome, row.day) == (FAILS, ROLL)
    assert row.summary.startswith("in view old: has KSK-2017 (20326) only")
    messages = [note.finding.message for _, note in row.notes]
    assert "in view old: KSK-2024 (38696) is missing" in messages
    assert not any(message.startswith("in view new: KSK") for message in messages)


def test_what_stands_outside_of_views_is_in_each() -> None:
    held = (*static(ds(KSK_2024)), *static(ds(KSK_2017), view="a"))
    assert judged(loaded(held, views=("a", "b"), follows=True)).outcome is RIGHT


# RFC 5011.


def test_a_key_that_waits_is_in_time_or_late() -> None:
    def waiting(until: datetime) -> Loaded:
        rows = (KSK_2017, StateOfKey.VALID, None), (KSK_2024, StateOfKey.ADD_PENDING, until)
        return loaded(state(*rows), role=Role.STATE, follows=True)

    in_time = judged(waiting(ROLL - timedelta(days=1)), keys(BEFORE_THE_ROLL))
    assert in_time.outcome is RIGHT
    assert checks(in_time) == [Check.AUDIT_PENDING]
    late = judged(waiting(ROLL + timedelta(days=20)), keys(BEFORE_THE_ROLL))
    assert (late.outcome, late.day) == (WILL_FAIL, ROLL)
    assert [(one.day, one.outcome) for one in late.days if one.day == ROLL] == [(ROLL, FAILS)]


def test_a_missing_key_is_still_trusted_and_a_revoked_one_in_a_state_needs_nobody() -> None:
    held = state((KSK_2017, StateOfKey.REVOKED, None), (KSK_2024, StateOfKey.MISSING, None))
    row = judged(loaded(held, role=Role.STATE, follows=True))
    assert row.outcome is RIGHT
    assert checks(row) == [Check.AUDIT_MISSING]


# Planned days.


@pytest.mark.parametrize(
    ("held", "follows", "roll", "revocation"),
    [
        (BOTH, True, RIGHT, RIGHT),
        # A person must take the revoked key away.
        (BOTH, False, ATTENTION, ATTENTION),
        (OLD, False, FAILS, FAILS),
    ],
)
def test_each_planned_day_has_its_outcome(
    held: tuple[Held, ...], follows: bool, roll: Outcome, revocation: Outcome
) -> None:
    row = judged(loaded(held, follows=follows), keys(BEFORE_THE_ROLL))
    days = {one.day: one.outcome for one in row.days}
    assert set(days) == {ROLL, REVOCATION}
    assert days[ROLL] is roll
    assert days[REVOCATION] is revocation or days[REVOCATION] is WILL_FAIL
    assert all(one.event for one in row.days)


def test_who_holds_only_the_key_that_is_to_be_revoked_fails_then_if_not_before() -> None:
    """As if the old key still signed on the day of its revocation."""
    against = keys(BEFORE_THE_ROLL)._replace(next=())
    row = judged(loaded(OLD, follows=False), against)
    (day,) = row.days
    assert day.day == REVOCATION
    assert day.outcome in {FAILS, WILL_FAIL}


def test_a_day_that_is_past_is_still_told_where_nobody_saw_it() -> None:
    """--at 2027-01-12 with answers from before: the key is current, and was to be revoked."""
    late = keys(datetime(2027, 1, 12, tzinfo=UTC))
    row = judged(loaded(BOTH), late)
    assert [one.day for one in row.days] == [REVOCATION]


def test_a_key_that_is_no_longer_current_is_not_planned_to_be_revoked() -> None:
    ended = KSK_2017._replace(state=KeyState.REVOKED)
    against = keys()._replace(keys=(KSK_2010, ended, KSK_2024), revocations=())
    row = judged(loaded(BOTH), against)
    assert row.days == ()
    assert Check.AUDIT_REVOKED in checks(row)
