"""The tables of docs/ask.md, row by row, and what holds for every combination of replies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from anchors.asking.answers import Kind, Reply
from anchors.asking.facts import Facts, Marks, Seen, seen_in
from anchors.asking.judge import asked_for, judge
from anchors.asking.questions import Choice, Role, Subject
from anchors.asking.trust import KeyName, trust
from anchors.asking.validation import Judgement, validation
from anchors.asking.verdict import Expected, Summary, Trust, Validates
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.keys import KeyState
from anchors.pipeline.root_keys import RootKey
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, keys

OLD, NEW = KeyName("KSK-2017 (20326)", 20326), KeyName("KSK-2024 (38696)", 38696)
UNUSED = 0

OK, SECURE = Seen(Kind.OK), Seen(Kind.OK, Marks.ALL)
SOMETIMES = Seen(Kind.OK, Marks.SOME)
NX, SECURE_NX = Seen(Kind.NX), Seen(Kind.NX, Marks.ALL)
FAIL, NONE, MIXED = Seen(Kind.FAIL), Seen(Kind.NONE), Seen(None)
REFUSED, BROKEN = Seen(Kind.REFUSED), Seen(Kind.BROKEN)
NO_RA = Seen(Kind.OK, recursive=False)

HEALTHY = {
    Role.ROOT: SECURE,
    Role.ROOT_CD: OK,
    Role.DNSKEY: SECURE,
    Role.DNSKEY_CD: OK,
    Role.GOOD: SECURE,
    Role.GOOD_CD: OK,
    Role.FRESH: SECURE_NX,
    Role.FRESH_CD: NX,
    Role.BOGUS: FAIL,
    Role.BOGUS_CD: OK,
}
AT_WORK, NO_SENTINEL, BOTH_FAIL = (FAIL, SECURE_NX), (SECURE_NX, SECURE_NX), (FAIL, FAIL)
TRUSTED, NOT_TRUSTED, SOME_DIFFER = (SECURE_NX, FAIL), (FAIL, SECURE_NX), (MIXED, SECURE_NX)


@dataclass(frozen=True)
class Given:
    """Replies in the order of the rounds' questions; pairs are of is-ta and not-ta."""

    changed: Mapping[Role, Seen] = field(default_factory=dict)
    unused: tuple[Seen, Seen] = AT_WORK
    old: tuple[Seen, Seen] = TRUSTED
    new: tuple[Seen, Seen] = TRUSTED
    served: frozenset[str] | None = frozenset({NEW.name})
    held: frozenset[str] | None = frozenset({NEW.name})
    told: frozenset[int] = frozenset()
    marks_anything: bool = False

    def facts(self) -> Facts:
        seen = {Subject(role): one for role, one in {**HEALTHY, **self.changed}.items()}
        for tag, pair in ((UNUSED, self.unused), (OLD.tag, self.old), (NEW.tag, self.new)):
            seen[Subject(Role.IS_TA, tag)], seen[Subject(Role.NOT_TA, tag)] = pair
        return Facts(seen, self.served, self.held, UNUSED, self.told, self.marks_anything)


def given(**changed: Seen) -> Given:
    return Given({Role[name]: seen for name, seen in changed.items()})


FAILING = given(ROOT=FAIL, GOOD=FAIL, FRESH=FAIL, DNSKEY=FAIL)
WITHOUT = given(ROOT=OK, GOOD=OK, FRESH=NX, DNSKEY=OK, BOGUS=OK)


VALIDATION = {
    "all is well": (given(), "yes"),
    "nobody there": (given(ROOT=NONE, ROOT_CD=NONE), "cannot-tell"),
    "one of the first two is lost": (given(ROOT_CD=NONE), "yes"),
    "not DNS messages": (given(ROOT=BROKEN), "cannot-tell"),
    "refused": (given(ROOT=REFUSED, ROOT_CD=REFUSED), "cannot-tell"),
    "authoritative name server": (given(ROOT=NO_RA, ROOT_CD=NO_RA), "cannot-tell"),
    "stale, and SERVFAIL without RA": (
        replace(FAILING, changed={**FAILING.changed, Role.ROOT: FAIL._replace(recursive=False)}),
        "fails",
    ),
    "the way to the good name is closed": (given(GOOD=FAIL, GOOD_CD=FAIL), "cannot-tell"),
    "the good name gets no reply": (given(GOOD=NONE, GOOD_CD=NONE), "cannot-tell"),
    "the good name gets no reply under validation": (given(GOOD=NONE), "cannot-tell"),
    "good differs": (given(GOOD=MIXED), "mixed"),
    "bogus differs": (given(BOGUS=MIXED), "mixed"),
    "the root differs": (given(ROOT=MIXED), "mixed"),
    "new names differ": (given(FRESH=MIXED), "mixed"),
    "stale": (FAILING, "fails"),
    "the good name alone fails": (given(GOOD=FAIL), "cannot-tell"),
    "old names from the cache alone": (given(FRESH=FAIL), "fails"),
    "old names from the cache now and then": (given(FRESH=FAIL, GOOD=MIXED, ROOT=MIXED), "fails"),
    "new names fail without validation too": (given(FRESH=FAIL, FRESH_CD=FAIL), "cannot-tell"),
    "no mark": (given(GOOD=OK), "yes-unmarked"),
    "a mark now and then": (given(GOOD=SOMETIMES), "yes-unmarked"),
    "permissive": (given(BOGUS=OK), "lets-through"),
    "an exempt zone": (given(GOOD=OK, BOGUS=OK), "cannot-tell"),
    "no validation": (WITHOUT, "no"),
    "marks forged data": (given(BOGUS=SECURE), "cannot-tell"),
    "marks what nobody validates": (replace(given(), marks_anything=True), "cannot-tell"),
    "marks now and then, and forged data": (given(GOOD=SOMETIMES, BOGUS=OK), "mixed"),
    "CD is ignored, the sentinel tells": (given(BOGUS_CD=FAIL), "yes"),
    "CD is ignored, AD tells": (replace(given(BOGUS_CD=FAIL), unused=NO_SENTINEL), "yes"),
    "no bogus name, the sentinel tells": (given(BOGUS=NONE, GOOD=OK), "yes-unmarked"),
    "no bogus name, no sentinel, no mark": (
        replace(given(BOGUS=NONE, GOOD=OK, ROOT=OK, DNSKEY=OK), unused=NO_SENTINEL),
        "cannot-tell",
    ),
}


@pytest.mark.parametrize("name", VALIDATION)
def test_whether_it_validates(name: str) -> None:
    made, word = VALIDATION[name]
    assert validation(made.facts()).word == word


def test_an_extended_error_is_a_hint_and_decides_nothing() -> None:
    """The same cause has the codes 2, 6, 9, 10 or none; 7 and 8 tell of the clock."""
    for code, hint in ((7, "; it reports an expired signature: check its clock"), (6, "")):
        failing = replace(FAILING, changed={**FAILING.changed, Role.ROOT: with_code(FAIL, code)})
        judged = validation(failing.facts())
        words = "the good name gives SERVFAIL, but is answered without validation"
        assert judged == Judgement(Validates.FAILS, words + hint)
        beside = {Role.GOOD: with_code(SECURE, code), Role.BOGUS: with_code(FAIL, code)}
        assert validation(Given(beside).facts()) == validation(given().facts())


def with_code(seen: Seen, code: int) -> Seen:
    return seen._replace(ede=frozenset({code}))


YES = Judgement(Validates.YES, "")
BEFORE = replace(given(), served=frozenset({OLD.name}), held=frozenset({OLD.name}))

TRUST: dict[str, tuple[Given, Judgement, str, str]] = {
    "both, after the roll": (given(), YES, "trusts-by-tag", "trusts-by-use"),
    "both, before the roll": (BEFORE, YES, "trusts-by-use", "trusts-by-tag"),
    "the old alone, before": (
        replace(BEFORE, new=NOT_TRUSTED),
        YES,
        "trusts-by-use",
        "not-trusted",
    ),
    "the new alone": (replace(given(), old=NOT_TRUSTED), YES, "not-trusted", "trusts-by-use"),
    "no sentinel": (
        replace(given(), unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL),
        YES,
        "tells-nothing",
        "trusts-by-use",
    ),
    "no mark on the root's keys": (given(DNSKEY=OK), YES, "trusts-by-tag", "trusts-by-tag"),
    "a denial weighs more than use": (
        replace(given(), new=NOT_TRUSTED),
        YES,
        "trusts-by-tag",
        "not-trusted",
    ),
    "both sign": (
        replace(given(), held=frozenset({OLD.name, NEW.name}), served=None),
        YES,
        "trusts-by-tag",
        "trusts-by-tag",
    ),
    "both sign, no sentinel": (
        replace(
            given(),
            held=frozenset({OLD.name, NEW.name}),
            unused=NO_SENTINEL,
            old=NO_SENTINEL,
            new=NO_SENTINEL,
        ),
        YES,
        "tells-nothing",
        "tells-nothing",
    ),
    "it cannot use the key that signs": (
        FAILING,
        Judgement(Validates.FAILS, ""),
        "tells-nothing",
        "fails",
    ),
    "it fails, and two sign": (
        replace(FAILING, served=frozenset({OLD.name, NEW.name})),
        Judgement(Validates.FAILS, ""),
        "tells-nothing",
        "tells-nothing",
    ),
    "it fails, and we cannot verify who signs": (
        replace(FAILING, served=frozenset()),
        Judgement(Validates.FAILS, ""),
        "tells-nothing",
        "tells-nothing",
    ),
    "no validation": (
        WITHOUT,
        Judgement(Validates.NO, ""),
        "does-not-validate",
        "does-not-validate",
    ),
    "mixed": (given(), Judgement(Validates.MIXED, ""), "mixed", "mixed"),
    "cannot tell": (given(), Judgement(Validates.CANNOT_TELL, ""), "cannot-tell", "cannot-tell"),
    "a mixed control": (
        replace(given(), unused=SOME_DIFFER),
        YES,
        "mixed",
        "trusts-by-use",
    ),
    "a mixed pair": (
        replace(BEFORE, new=SOME_DIFFER),
        YES,
        "trusts-by-use",
        "mixed",
    ),
    "the control fits nothing": (
        replace(given(DNSKEY=OK), unused=BOTH_FAIL),
        YES,
        "cannot-tell",
        "cannot-tell",
    ),
    "the pair fits nothing": (
        replace(given(), old=BOTH_FAIL),
        YES,
        "cannot-tell",
        "trusts-by-use",
    ),
    "the sentinel is at work, and the pair is silent": (
        replace(given(), old=NO_SENTINEL),
        YES,
        "cannot-tell",
        "trusts-by-use",
    ),
    "no sentinel, and one of the pair fails": (
        replace(given(), unused=NO_SENTINEL, old=TRUSTED),
        YES,
        "cannot-tell",
        "trusts-by-use",
    ),
}


@pytest.mark.parametrize("name", TRUST)
def test_whether_it_trusts_each_key(name: str) -> None:
    made, judged, old, new = TRUST[name]
    facts = made.facts()
    assert [trust(key, facts, judged).word for key in (OLD, NEW)] == [old, new]


def test_names_that_a_zone_has_tell_where_the_others_do_not() -> None:
    facts = replace(given(), unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL).facts()
    seen = dict(facts.seen)
    for tag, (is_ta, not_ta) in ((UNUSED, AT_WORK), (OLD.tag, NOT_TRUSTED), (NEW.tag, TRUSTED)):
        seen[Subject(Role.IS_TA, tag, exists=True)] = is_ta
        seen[Subject(Role.NOT_TA, tag, exists=True)] = not_ta
    facts = facts._replace(seen=seen)
    assert trust(OLD, facts, YES).word is Trust.NOT_TRUSTED


# Every combination of what may come, two of each kind that decides differently.

KINDS = (SECURE, OK, FAIL, MIXED, NONE)
SIGNERS = (frozenset[str](), frozenset({OLD.name}), frozenset({NEW.name}), None)


def every_validation() -> Iterator[Facts]:
    roles = (Role.ROOT, Role.GOOD, Role.GOOD_CD, Role.FRESH, Role.BOGUS, Role.BOGUS_CD)
    for kinds in itertools.product(KINDS, repeat=len(roles)):
        yield Given(dict(zip(roles, kinds, strict=True)), unused=NO_SENTINEL).facts()


def test_no_combination_is_called_right_without_a_reason() -> None:
    words = set()
    for facts in every_validation():
        word = validation(facts).word
        words.add(word)
        good, bogus, fresh = (facts.of(role) for role in (Role.GOOD, Role.BOGUS, Role.FRESH))
        if word in {Validates.YES, Validates.YES_UNMARKED, Validates.LETS_THROUGH, Validates.NO}:
            assert good.answered
            assert fresh.answered
        if word is Validates.YES:
            assert good.marks is Marks.ALL
            assert not bogus.answered
        if word in {Validates.LETS_THROUGH, Validates.NO}:
            assert bogus.answered
        if word is Validates.FAILS:
            assert good.fails or fresh.fails
    assert words == {*Validates}


def test_no_combination_is_called_trusted_without_proof() -> None:
    some = (SECURE, FAIL, MIXED, NONE)
    pairs = [(is_ta, not_ta) for is_ta in some for not_ta in some]
    seen = set()
    for unused, pair, dnskey, held in itertools.product(pairs, pairs, KINDS, SIGNERS):
        made = Given({Role.DNSKEY: dnskey}, unused=unused, new=pair, held=held)
        for judged in (YES, Judgement(Validates.FAILS, "")):
            word = trust(NEW, made.facts(), judged).word
            seen.add(word)
            if word is Trust.BY_USE:
                assert dnskey.marks is Marks.ALL
                assert held == frozenset({NEW.name})
            if word in {Trust.BY_TAG, Trust.NOT_TRUSTED}:
                assert unused[0].fails
                assert unused[1].answered
                assert pair == (TRUSTED if word is Trust.BY_TAG else NOT_TRUSTED) or {
                    one.kind for one in pair
                } == {Kind.OK, Kind.FAIL}
    assert seen == {*Trust} - {Trust.DOES_NOT_VALIDATE}


@pytest.mark.parametrize(
    ("made", "before", "summary"),
    [
        (given(), False, Summary.READY),
        (BEFORE, True, Summary.READY),
        (replace(BEFORE, new=NOT_TRUSTED), True, Summary.NOT_READY),
        (
            replace(BEFORE, unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL),
            True,
            Summary.CANNOT_TELL,
        ),
        (replace(given(), old=NOT_TRUSTED), False, Summary.READY),
        (FAILING, False, Summary.NOT_READY),
        (WITHOUT, False, Summary.NOT_AFFECTED),
        (given(GOOD=MIXED), False, Summary.CANNOT_TELL),
        (given(ROOT=NONE, ROOT_CD=NONE), False, Summary.CANNOT_TELL),
        (given(DNSKEY=OK), False, Summary.CANNOT_TELL),
        (replace(given(), served=frozenset()), False, Summary.CANNOT_TELL),
        (replace(given(), new=SOME_DIFFER, held=None), False, Summary.CANNOT_TELL),
    ],
)
def test_the_summary(made: Given, before: bool, summary: Summary) -> None:
    at = BEFORE_THE_ROLL if before else AFTER_THE_ROLL
    assert judge("192.0.2.1", made.facts(), keys(at), Choice()).summary is summary


@pytest.mark.parametrize("role", [Role.GOOD, Role.FRESH, Role.DNSKEY])
def test_nothing_is_ready_from_silence(role: Role) -> None:
    made = replace(given(**{role.name: NONE}), held=None if role is Role.DNSKEY else SIGNERS[2])
    verdict = judge("", made.facts(), keys(AFTER_THE_ROLL), Choice(bogus="bogus."))
    assert verdict.summary is Summary.CANNOT_TELL


def test_silence_of_all_is_told_as_such() -> None:
    facts = given().facts()
    silent = facts._replace(seen=dict.fromkeys(facts.seen, NONE), served=None, held=None)
    verdict = judge("", silent, keys(AFTER_THE_ROLL), Choice())
    assert (verdict.summary, verdict.why) == (
        Summary.CANNOT_TELL,
        "nothing answers at this address",
    )


@pytest.mark.parametrize(
    ("state", "summary"),
    [
        (KeyState.CURRENT, Summary.NOT_READY),
        (KeyState.FUTURE, Summary.READY),
        (KeyState.REVOKED, Summary.READY),
    ],
)
def test_nobody_needs_a_key_before_its_time_or_after_it(state: KeyState, summary: Summary) -> None:
    verified = keys(AFTER_THE_ROLL)
    third = RootKey("key 11111", 11111, 13, state, ((2, b"\x11" * 32),))
    facts = given().facts()
    seen = {**facts.seen, Subject(Role.IS_TA, 11111): FAIL, Subject(Role.NOT_TA, 11111): SECURE_NX}
    made = judge(
        "", facts._replace(seen=seen), verified._replace(keys=(*verified.keys, third)), Choice()
    )
    assert (made.summary, made.keys[-1].trust) == (summary, Trust.NOT_TRUSTED)


def test_what_becomes_of_it_on_the_planned_days() -> None:
    ready = judge("", BEFORE.facts(), keys(BEFORE_THE_ROLL), Choice())
    assert [(f"{d.day:%Y-%m-%d}", d.expected) for d in ready.days] == [
        ("2026-10-11", Expected.GOES_ON),
        ("2027-01-11", Expected.GOES_ON),
    ]
    assert ready.days[0].words == "it keeps working, if it has the right digest"
    late = replace(BEFORE, new=NOT_TRUSTED).facts()
    (roll, revocation) = judge("", late, keys(BEFORE_THE_ROLL), Choice()).days
    assert (roll.expected, roll.words) == (Expected.FAILS, "every look-up will fail")
    assert revocation.expected is Expected.FAILS
    silent = replace(BEFORE, unused=NO_SENTINEL, old=NO_SENTINEL, new=NO_SENTINEL)
    (roll, _) = judge("", silent.facts(), keys(BEFORE_THE_ROLL), Choice()).days
    assert roll.expected is Expected.CANNOT_TELL
    (after,) = judge("", WITHOUT.facts(), keys(AFTER_THE_ROLL), Choice()).days
    assert after.words == "it does not validate, so nothing changes"


def checks(made: Given, choice: Choice | None = None) -> set[Check]:
    choice = choice or Choice(bogus="bogus.")
    return {f.check for f in judge("", made.facts(), keys(AFTER_THE_ROLL), choice).findings}


def test_what_is_found() -> None:
    assert checks(given()) == set()
    assert checks(given(BOGUS=NONE), Choice()) == {Check.ASK_CONTROL}
    assert checks(given(BOGUS_CD=FAIL)) == {Check.ASK_CONTROL}
    assert checks(given(BOGUS=OK)) == {Check.ASK_FORGED}
    assert checks(WITHOUT) == {Check.ASK_VALIDATION}
    assert checks(given(GOOD=MIXED)) == {Check.ASK_MIXED}
    assert checks(FAILING) == {Check.ASK_FAILS}
    assert checks(replace(given(), new=NOT_TRUSTED)) == {Check.ASK_NOT_TRUSTED}
    assert checks(replace(given(), served=frozenset())) == {Check.ASK_ROOT_KEYS}


@pytest.mark.parametrize(
    ("state", "word"), [(KeyState.REVOKED, "revoked"), (KeyState.EXPIRED, "retired")]
)
def test_trust_in_a_key_that_was_given_up_is_found(state: KeyState, word: str) -> None:
    basis = keys(AFTER_THE_ROLL)
    over = basis._replace(
        keys=tuple(key._replace(state=state) if key.name == OLD.name else key for key in basis.keys)
    )
    verdict = judge("", given().facts(), over, Choice(bogus="bogus."))
    (finding,) = verdict.findings
    assert (finding.check, finding.severity) == (Check.ASK_REVOKED, Severity.WARNING)
    assert finding.message == f"{OLD.name} is {word}, but still trusted"
    assert verdict.summary is Summary.READY
    without = replace(given(), old=NOT_TRUSTED).facts()
    assert judge("", without, over, Choice(bogus="bogus.")).findings == []


def test_what_might_tell_more_is_named() -> None:
    untold = replace(given(BOGUS=NONE, GOOD=OK, ROOT=OK, DNSKEY=OK), unused=NO_SENTINEL)
    for made, option in ((untold, "--bogus"), (given(GOOD=OK, BOGUS=OK), "--good")):
        verdict = judge("", made.facts(), keys(AFTER_THE_ROLL), Choice())
        (remedy,) = [f.remedy for f in verdict.findings if f.check is Check.ASK_UNDECIDED]
        assert option in (remedy or "")


def test_what_it_tells_and_what_it_does_contradict_each_other() -> None:
    """Right tag, wrong digest."""
    holds = frozenset({OLD.tag, NEW.tag})
    assert Check.ASK_CONTRADICTION in checks(replace(FAILING, told=holds))
    assert Check.ASK_CONTRADICTION not in checks(replace(FAILING, told=frozenset({OLD.tag})))
    assert Check.ASK_CONTRADICTION in checks(replace(WITHOUT, told=holds))


def test_a_reply_that_got_lost_is_none_but_too_many_are() -> None:
    ok, lost = Reply(Kind.OK, marked=True), Reply(Kind.NONE)
    assert seen_in([ok, ok, lost, lost]).kind is Kind.OK
    assert seen_in([ok, lost, lost, lost]).kind is Kind.NONE
    assert seen_in([ok, Reply(Kind.FAIL)]).mixed
    assert seen_in([ok, Reply(Kind.OK)]).marks is Marks.SOME
    assert seen_in([]).kind is Kind.NONE


def test_who_is_asked_about() -> None:
    assert [key.key_tag for key in asked_for(keys(AFTER_THE_ROLL))] == [20326, 38696]
