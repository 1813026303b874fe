"""What files say against what a program says and does: every row, and never right from silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from anchors.asking.control import Witness
from anchors.asking.judge import judge
from anchors.asking.questions import Choice
from anchors.asking.verdict import ResolverVerdict
from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.resolver import judge_resolver
from anchors.auditing.result import JudgedResolver, Outcome, Running
from anchors.consumers.files import Location
from anchors.consumers.loading import BuiltIn, Loaded, Used
from anchors.consumers.reading import Held, Hold, Role
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.found import FoundAnchor, FoundDs
from anchors.joining.compare import Cause, compare, undecided
from tests.asking.sayings import NEW, NEW_KEY, OLD, OTHER, UNTOLD, WRONG, saying, tagging
from tests.asking.test_tables import (
    BEFORE,
    FAILING,
    NO_SENTINEL,
    NOT_TRUSTED,
    VALIDATION,
    WITHOUT,
    Given,
    given,
)
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, keys

CONF = Location("/", "etc/unbound/unbound.conf")
STALE = Cause(": it was not reloaded", "Unbound has been running since yesterday")
SILENT = replace(BEFORE, unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL)
WILL, FAILS, LOOK, UNKNOWN = (
    Outcome.WILL_FAIL,
    Outcome.FAILS,
    Outcome.ATTENTION,
    Outcome.UNDECIDED,
)


def files(*anchors: FoundAnchor, validates: bool | None = True) -> Loaded:
    held = tuple(Held(one, Hold.STATIC, line) for line, one in enumerate(anchors, 1))
    return Loaded(
        "unbound", CONF, (Used(CONF, Role.CONFIGURATION, held),), validates=validates, follows=True
    )


def asked(made: Given, witness: Witness | None, at: datetime = BEFORE_THE_ROLL) -> ResolverVerdict:
    facts = made.facts()._replace(witness=witness)
    return judge("127.0.0.1", facts, keys(at), Choice(bogus="bogus.example."))


def held(
    loaded: Loaded, made: Given, witness: Witness | None, at: datetime = BEFORE_THE_ROLL
) -> tuple[Running, JudgedResolver]:
    running = compare(loaded, "Unbound", asked(made, witness, at), keys(at), STALE)
    known = lambda one: judge_anchor(one, keys(at))  # noqa: E731
    return running, judge_resolver(loaded, keys(at), known, {}, running)


def checks(running: Running) -> list[tuple[Check, Severity]]:
    return [(note.finding.check, note.finding.severity) for note in running.notes]


LACKS = (Check.AUDIT_NOT_LOADED, Severity.FAILURE)
MORE = (Check.AUDIT_NOT_LOADED, Severity.WARNING)
UNSAID = (Check.AUDIT_NOT_TOLD, Severity.WARNING)

BOTH = (OLD, NEW)
ROWS: dict[str, tuple[tuple[FoundAnchor, ...], Given, Witness | None, bool | None, list[object]]]
ROWS = {
    "all is loaded, by digests": (BOTH, BEFORE, saying(*BOTH), True, []),
    "all is loaded, by tags": (BOTH, BEFORE, tagging(20326, 38696), True, []),
    "all is loaded, by its sentinel": (BOTH, BEFORE, None, True, []),
    "the new key is not loaded": (BOTH, BEFORE, saying(OLD), False, [LACKS]),
    "the same, and it has no sentinel": (BOTH, SILENT, saying(OLD), False, [LACKS]),
    "the same, by its sentinel": (
        BOTH,
        replace(BEFORE, new=NOT_TRUSTED),
        None,
        False,
        [LACKS],
    ),
    "a wrong digest is loaded": (BOTH, BEFORE, saying(OLD, WRONG), False, [LACKS]),
    "another key under the tag": (BOTH, BEFORE, saying(OLD, OTHER), False, [LACKS]),
    "the files lost the new key": ((OLD,), BEFORE, saying(*BOTH), False, [MORE]),
    "the files lost it, by tags": ((OLD,), BEFORE, tagging(20326, 38696), False, [MORE]),
    "both lack it": ((OLD,), BEFORE, saying(OLD), True, []),
    "an anchor of nobody's": (
        BOTH,
        BEFORE,
        saying(*BOTH, FoundDs(4711, 8, 2, bytes(32))),
        False,
        [LACKS],
    ),
    "a tag of nobody's": (BOTH, BEFORE, tagging(20326, 38696, 4711), False, [MORE]),
    "it tells nothing of the next key": (BOTH, SILENT, None, None, [UNSAID]),
    "it may not be asked": (BOTH, SILENT, UNTOLD, None, [UNSAID]),
}


@pytest.mark.parametrize("name", ROWS)
def test_before_the_roll(name: str) -> None:
    anchors, made, witness, agrees, expected = ROWS[name]
    running, resolver = held(files(*anchors), made, witness)
    assert (running.agrees, checks(running)) == (agrees, expected)
    if agrees is None:
        assert resolver.outcome is UNKNOWN
    if LACKS in expected:
        assert resolver.outcome is WILL
    if agrees and len(anchors) == 2:
        assert resolver.outcome is Outcome.RIGHT


def test_what_is_missing_is_told_with_its_day_and_its_cause() -> None:
    running, resolver = held(files(*BOTH), BEFORE, saying(OLD))
    (note,) = running.notes
    assert note.day == datetime(2026, 10, 11, tzinfo=UTC)
    assert note.finding.message.endswith("does not trust that key: it was not reloaded")
    assert note.finding.got == STALE.got
    # The files are right: they are to be loaded, and not to be made anew.
    assert [step.text for step in resolver.steps] == [
        "unbound-checkconf",
        "systemctl restart unbound",
    ]
    assert resolver.summary.startswith("its files have KSK-2024 (38696)")


def test_a_key_that_is_needed_no_more_is_a_notice() -> None:
    running, resolver = held(files(*BOTH), given(), saying(NEW), AFTER_THE_ROLL)
    assert checks(running) == [(Check.AUDIT_NOT_LOADED, Severity.NOTICE)]
    assert resolver.outcome is Outcome.RIGHT


def test_what_fails_as_it_runs_fails() -> None:
    running, resolver = held(files(*BOTH), FAILING, saying(OLD), AFTER_THE_ROLL)
    assert checks(running) == [(Check.AUDIT_RUNNING, Severity.FAILURE), LACKS]
    assert resolver.outcome is FAILS
    running, resolver = held(files(*BOTH), FAILING, saying(*BOTH), AFTER_THE_ROLL)
    assert checks(running) == [(Check.AUDIT_RUNNING, Severity.FAILURE)]
    assert resolver.outcome is FAILS


def test_a_tag_that_cannot_be_used_is_not_held() -> None:
    """Its digest is wrong, or its clock; the files are right, and that is what was not loaded."""
    running, _ = held(files(*BOTH), FAILING, tagging(20326, 38696), AFTER_THE_ROLL)
    assert LACKS in checks(running)


def test_one_that_does_not_validate_and_would_is_told() -> None:
    running, resolver = held(files(*BOTH), WITHOUT, saying(*BOTH), AFTER_THE_ROLL)
    assert (Check.AUDIT_RUNNING, Severity.WARNING) in checks(running)
    assert running.agrees is False
    assert resolver.outcome is LOOK


def test_one_whose_files_switch_validation_off_agrees() -> None:
    running, _ = held(files(*BOTH, validates=False), WITHOUT, saying(*BOTH), AFTER_THE_ROLL)
    assert (running.agrees, checks(running)) == (True, [])


def test_keys_that_are_built_in_are_no_difference() -> None:
    loaded = files()._replace(built_in=BuiltIn("named", "some lack KSK-2024"))
    running, _ = held(loaded, BEFORE, tagging(20326, 38696))
    assert (running.agrees, checks(running)) == (None, [])


def test_views_that_differ_are_held_against_nothing() -> None:
    held_by = (
        Held(OLD, Hold.STATIC, 1),
        Held(NEW, Hold.STATIC, 2, view="inside"),
    )
    loaded = files()._replace(
        used=(Used(CONF, Role.CONFIGURATION, held_by),), views=("inside", "outside")
    )
    running, _ = held(loaded, BEFORE, tagging(20326))
    assert checks(running) == []


@pytest.mark.parametrize("witness", [None, saying(*BOTH), UNTOLD])
@pytest.mark.parametrize("name", VALIDATION)
def test_nothing_is_right_from_silence(name: str, witness: Witness | None) -> None:
    made, word = VALIDATION[name]
    running, resolver = held(files(*BOTH), made, witness, AFTER_THE_ROLL)
    if word in {"cannot-tell", "mixed"}:
        assert UNSAID in checks(running)
        assert running.agrees is not True
        assert resolver.outcome is UNKNOWN
    if running.agrees is None:
        assert resolver.outcome is not Outcome.RIGHT


def test_where_nothing_was_found_nothing_is_right() -> None:
    running = undecided(
        "Unbound", "no process of this program was found on this machine", "x" * 1000
    )
    known = lambda one: judge_anchor(one, keys())  # noqa: E731
    resolver = judge_resolver(files(*BOTH), keys(), known, {}, running)
    assert (running.agrees, checks(running), resolver.outcome) == (None, [UNSAID], UNKNOWN)
    assert len(running.notes[0].finding.got or "") <= 300


def test_a_key_in_full_counts_as_its_digest() -> None:
    running, _ = held(files(*BOTH), BEFORE, saying(OLD, NEW_KEY))
    assert (running.agrees, checks(running)) == (True, [])
