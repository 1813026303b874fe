from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anchors.auditing.judge import judge
from anchors.auditing.place import (
    Compiled,
    Held,
    Hold,
    Location,
    Note,
    Place,
    Reading,
    Reference,
    Rfc5011State,
    Role,
    StateOfKey,
    Syntax,
)
from anchors.auditing.result import JudgedPlace, Outcome
from anchors.auditing.verified import RootKey, VerifiedKeys
from anchors.checks import Check
from anchors.formats.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.model import Finding, KeyState, Severity
from anchors.publication.pinned import ICANN_ROOTS
from tests.unit.auditing.basis import AFTER_THE_ROLL, BEFORE_THE_ROLL, keys

KSK_2010, KSK_2017, KSK_2024 = keys().keys
ROLL = datetime(2026, 10, 11, tzinfo=UTC)
FOREIGN = FoundDs(12345, 8, 2, b"\x00" * 32)


def ds(key: RootKey, digest_type: int = 2, statement: str | None = None) -> FoundDs:
    digest = key.digest(digest_type)
    assert digest is not None
    return FoundDs(key.key_tag, key.algorithm, digest_type, digest, statement)


def dnskey(key: RootKey, flags: int = 257) -> FoundDnskey:
    assert key.public_key is not None
    return FoundDnskey(flags, key.algorithm, key.public_key)


def damaged(key: RootKey) -> FoundDs:
    whole = ds(key)
    return whole._replace(digest=bytes([whole.digest[0] ^ 1]) + whole.digest[1:])


def place(
    *anchors: FoundAnchor,
    syntax: Syntax = Syntax.ZONE,
    hold: Hold = Hold.FILE,
    path: str = "etc/root.key",
    references: tuple[Reference, ...] = (),
    writable: bool | None = None,
) -> Place:
    held = tuple(Held(anchor, hold, line) for line, anchor in enumerate(anchors, 1))
    reading = Reading(syntax, held, references)
    return Place(Location("/srv/image", path), reading, writable=writable)


def state_of(*rows: tuple[FoundAnchor, StateOfKey, datetime | None]) -> Place:
    held = tuple(
        Held(anchor, Hold.STATE, line, Rfc5011State(state, None, until))
        for line, (anchor, state, until) in enumerate(rows, 1)
    )
    return Place(Location("/srv/image", "root.key"), Reading(Syntax.UNBOUND_STATE, held))


def judged(subject: Place, against: VerifiedKeys | None = None) -> JudgedPlace:
    (row,) = judge([subject], against or keys())
    return row


def checks(row: JudgedPlace) -> dict[Check, Severity]:
    return {note.finding.check: note.finding.severity for note in row.notes}


def test_both_keys_are_right() -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024)))
    assert row.outcome is Outcome.RIGHT
    assert row.summary == "holds KSK-2017 (20326) and KSK-2024 (38696)"
    assert (row.remedy, row.notes, row.day) == (None, (), None)


def test_the_old_key_alone_fails_since_the_day_of_the_roll() -> None:
    row = judged(place(ds(KSK_2017)))
    assert (row.outcome, row.day) == (Outcome.FAILS, ROLL)
    assert row.summary == (
        "holds KSK-2017 (20326) only, the root is signed by KSK-2024 (38696) by ICANN's plan: "
        "every look-up fails since 2026-10-11"
    )
    assert row.remedy == (
        "root-anchors build --format ds -o new; then install new/root.ds as /srv/image/etc/root.key"
    )
    assert checks(row) == {Check.AUDIT_MISSING: Severity.FAILURE}
    assert row.notes[0].day == ROLL


def test_the_old_key_alone_will_fail_on_the_day_of_the_roll() -> None:
    row = judged(place(dnskey(KSK_2017)), keys(BEFORE_THE_ROLL))
    assert (row.outcome, row.day) == (Outcome.WILL_FAIL, ROLL)
    assert row.summary == (
        "holds KSK-2017 (20326) only: every look-up will fail on 2026-10-11, when the root is to "
        "be signed by KSK-2024 (38696)"
    )
    assert "--format dnskey " in (row.remedy or "")


def test_the_new_key_alone_is_right_after_the_roll_and_fails_before() -> None:
    after = judged(place(ds(KSK_2024)))
    assert after.outcome is Outcome.RIGHT
    assert checks(after) == {Check.AUDIT_MISSING: Severity.NOTICE}
    assert after.notes[0].finding.message == "KSK-2017 (20326) is not held, nor needed now"
    before = judged(place(ds(KSK_2024)), keys(BEFORE_THE_ROLL))
    assert before.outcome is Outcome.FAILS
    assert "the root is signed by KSK-2017 (20326): every look-up fails" in before.summary


def test_a_seed_fails_those_that_start_from_it_anew() -> None:
    row = judged(place(ds(KSK_2017), syntax=Syntax.BIND, hold=Hold.SEED))
    assert "every look-up fails in a resolver that starts from it anew since 2026" in row.summary
    assert "--format bind-initial-ds " in (row.remedy or "")


def test_a_younger_key_without_a_day_fails_some_day() -> None:
    against = keys()._replace(now=keys(BEFORE_THE_ROLL).now, next=())
    row = judged(place(ds(KSK_2017)), against)
    assert (row.outcome, row.day) == (Outcome.WILL_FAIL, None)
    assert "every look-up will fail once the root is signed by KSK-2024 (38696)" in row.summary


def test_where_nobody_knows_who_signs_every_current_key_is_needed() -> None:
    row = judged(place(ds(KSK_2024)), keys()._replace(now=(), next=()))
    assert row.outcome is Outcome.WILL_FAIL
    assert checks(row) == {Check.AUDIT_MISSING: Severity.FAILURE}


def test_a_foreign_anchor_is_a_failure_beside_the_right_ones() -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024), FOREIGN))
    assert row.outcome is Outcome.FAILS
    assert checks(row) == {Check.AUDIT_FOREIGN: Severity.FAILURE}
    assert row.summary == (
        "key 12345 is no root key that IANA ever published; "
        "holds KSK-2017 (20326) and KSK-2024 (38696)"
    )
    assert row.notes[0].line == 3
    assert "forge" in (row.remedy or "")


def test_a_foreign_key_that_waits_in_a_state_file_is_an_alarm() -> None:
    waiting = StateOfKey.ADD_PENDING
    valid = StateOfKey.VALID
    row = judged(state_of((dnskey(KSK_2024), valid, None), (FOREIGN, waiting, None)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row)[Check.AUDIT_FOREIGN] is Severity.ALARM


def test_damage_in_the_key_that_signs_fails() -> None:
    row = judged(place(ds(KSK_2017), damaged(KSK_2024)))
    assert (row.outcome, row.day) == (Outcome.FAILS, ROLL)
    assert checks(row) == {Check.AUDIT_DAMAGED: Severity.FAILURE}
    assert row.notes[0].finding.got == "digit 2 of the digest is '9', that of the key is '8'"


def test_damage_in_the_next_key_will_fail_though_every_look_up_works() -> None:
    row = judged(place(ds(KSK_2017), damaged(KSK_2024)), keys(BEFORE_THE_ROLL))
    assert (row.outcome, row.day) == (Outcome.WILL_FAIL, ROLL)


def test_damage_in_a_key_that_signs_no_more_is_a_warning() -> None:
    row = judged(place(damaged(KSK_2017), ds(KSK_2024)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_DAMAGED: Severity.WARNING}


def test_a_retired_key_is_a_warning_but_not_in_ianas_own_document() -> None:
    anchors = ds(KSK_2010), ds(KSK_2017), ds(KSK_2024)
    row = judged(place(*anchors))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_RETIRED: Severity.WARNING}
    document = judged(place(*anchors, syntax=Syntax.XML))
    assert (document.outcome, document.notes) == (Outcome.RIGHT, ())


def test_a_key_before_its_time_is_a_notice() -> None:
    """``audit.not-yet``: harmless, and needed one day."""
    later = KSK_2024._replace(state=KeyState.FUTURE)
    before = keys(BEFORE_THE_ROLL)._replace(keys=(KSK_2010, KSK_2017, later), next=())
    row = judged(place(ds(KSK_2017), ds(KSK_2024)), before)
    assert row.outcome is Outcome.RIGHT
    assert checks(row) == {Check.AUDIT_NOT_YET: Severity.NOTICE}
    assert row.summary == "holds KSK-2017 (20326)"


def test_a_retired_key_alone_fails() -> None:
    row = judged(place(ds(KSK_2010)))
    assert row.outcome is Outcome.FAILS
    assert row.summary == (
        "holds no anchor that can validate the root: KSK-2010 (19036) is retired"
    )


def test_a_revoked_key_that_is_still_trusted_is_an_alarm() -> None:
    row = judged(place(dnskey(KSK_2017, 385), ds(KSK_2024)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row)[Check.AUDIT_REVOKED] is Severity.ALARM


def test_an_anchor_held_twice_is_a_warning_and_in_two_forms_is_none() -> None:
    row = judged(place(ds(KSK_2024), ds(KSK_2024), dnskey(KSK_2024)))
    assert checks(row)[Check.AUDIT_DUPLICATE] is Severity.WARNING
    assert Check.AUDIT_DUPLICATE not in checks(judged(place(ds(KSK_2024), dnskey(KSK_2024))))


def test_sha1_alone_is_an_alarm_and_beside_sha256_is_none() -> None:
    row = judged(place(ds(KSK_2024, 1)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row)[Check.AUDIT_SHA1] is Severity.ALARM
    assert Check.AUDIT_SHA1 not in checks(judged(place(ds(KSK_2024, 1), ds(KSK_2024))))


@pytest.mark.parametrize(
    ("syntax", "severity"),
    [(Syntax.UNBOUND, Severity.WARNING), (Syntax.DNSMASQ, Severity.NOTICE)],
)
def test_static_is_a_warning_where_the_consumer_could_follow(
    syntax: Syntax, severity: Severity
) -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024), syntax=syntax, hold=Hold.STATIC))
    assert checks(row) == {Check.AUDIT_STATIC: severity}
    assert row.outcome is (Outcome.ATTENTION if severity is Severity.WARNING else Outcome.RIGHT)


def test_a_pending_key_is_not_trusted_until_its_day() -> None:
    until = datetime(2026, 9, 20, tzinfo=UTC)
    subject = state_of(
        (dnskey(KSK_2017), StateOfKey.VALID, None),
        (dnskey(KSK_2024), StateOfKey.ADD_PENDING, until),
    )
    before = keys(BEFORE_THE_ROLL)._replace(at=datetime(2026, 9, 1, tzinfo=UTC))
    in_time = judged(subject, before)
    assert in_time.outcome is Outcome.RIGHT
    assert checks(in_time) == {Check.AUDIT_PENDING: Severity.NOTICE}
    (note,) = in_time.notes
    assert note.finding.message == (
        "KSK-2024 (38696) is pending until 2026-09-20: it is not trusted before"
    )
    assert note.day == until
    late = judged(subject)
    assert late.outcome is Outcome.FAILS
    assert checks(late)[Check.AUDIT_PENDING] is Severity.WARNING


def test_a_hold_down_that_ends_after_the_roll_will_fail() -> None:
    subject = state_of(
        (dnskey(KSK_2017), StateOfKey.VALID, None),
        (dnskey(KSK_2024), StateOfKey.ADD_PENDING, datetime(2026, 11, 1, tzinfo=UTC)),
    )
    row = judged(subject, keys(BEFORE_THE_ROLL))
    assert (row.outcome, row.day) == (Outcome.WILL_FAIL, ROLL)


def test_a_missing_key_is_still_trusted_and_a_revoked_one_in_state_needs_nobody() -> None:
    subject = state_of(
        (dnskey(KSK_2017, 385), StateOfKey.REVOKED, None),
        (dnskey(KSK_2024), StateOfKey.MISSING, None),
    )
    row = judged(subject)
    assert row.outcome is Outcome.RIGHT
    assert checks(row) == {Check.AUDIT_MISSING: Severity.NOTICE}


def test_what_no_consumer_reads_is_in_force_nowhere() -> None:
    row = judged(place(ds(KSK_2024), hold=Hold.IGNORED))
    assert row.outcome is Outcome.FAILS
    assert "KSK-2024 (38696) is ignored" in row.summary


def test_a_place_without_anchors_validates_nothing() -> None:
    row = judged(place())
    assert row.outcome is Outcome.FAILS
    assert checks(row) == {Check.AUDIT_EMPTY: Severity.FAILURE}


def test_what_could_not_be_read_is_undecided() -> None:
    finding = Finding(Check.AUDIT_UNREADABLE, Severity.WARNING, "permission denied")
    row = judged(Place(Location("/srv/image", "root.key"), None, (Note(finding),)))
    assert (row.outcome, row.summary) == (Outcome.UNDECIDED, "permission denied")


def test_a_journal_is_undecided() -> None:
    finding = Finding(Check.AUDIT_JOURNAL, Severity.WARNING, "the state is in the journal")
    reading = Reading(Syntax.BIND_JOURNAL, notes=(Note(finding),))
    row = judged(Place(Location("/srv/image", "managed-keys.bind.jnl"), reading))
    assert (row.outcome, row.summary) == (Outcome.UNDECIDED, "the state is in the journal")


def program(*names: RootKey, roots: tuple[str, ...] = ()) -> Place:
    digests = tuple(key.digest(2) or b"" for key in names)
    reading = Reading(Syntax.COMPILED, compiled=Compiled(digests, roots))
    return Place(Location("/srv/image", "usr/sbin/unbound-anchor"), reading)


def test_a_program_with_the_old_key_only_contains_no_more_than_that() -> None:
    row = judged(program(KSK_2017))
    assert (row.outcome, row.day) == (Outcome.ATTENTION, ROLL)
    assert "contains the digest of KSK-2017 only" in row.summary
    assert "lacks the digest of KSK-2024 (38696), which signs since 2026-10-11" in row.summary
    assert checks(row) == {Check.AUDIT_COMPILED: Severity.WARNING}


def test_a_program_with_both_keys_is_right() -> None:
    row = judged(program(KSK_2017, KSK_2024))
    assert row.outcome is Outcome.RIGHT
    assert row.summary == "contains the digests of KSK-2017 and KSK-2024"


def test_a_program_that_pins_the_first_root_alone_has_its_days() -> None:
    first, second = ICANN_ROOTS.values()
    row = judged(program(roots=(first,)))
    assert row.outcome is Outcome.ATTENTION
    assert row.day == datetime(2029, 12, 18, tzinfo=UTC)
    assert checks(row) == {Check.AUDIT_PINNED_ROOT: Severity.WARNING}
    assert "in 2028, and the first ends on 2029-12-18" in row.summary
    both = judged(program(roots=(first, second)))
    assert both.outcome is Outcome.RIGHT
    assert both.summary == "contains the certificates of ICANN Root CA and ICANN Root CA v2"


def test_what_is_included_is_judged_where_it_is_included() -> None:
    main = place(
        ds(KSK_2017),
        syntax=Syntax.BIND,
        hold=Hold.SEED,
        path="etc/bind/named.conf",
        references=(Reference("/etc/bind/more.conf", Role.INCLUDE, 7),),
    )
    part = place(ds(KSK_2024), syntax=Syntax.BIND, hold=Hold.SEED, path="etc/bind/more.conf")
    whole, piece = judge([main, part], keys())
    assert (whole.outcome, whole.notes) == (Outcome.RIGHT, ())
    assert whole.summary == "holds KSK-2017 (20326) and KSK-2024 (38696)"
    assert piece.summary == "holds KSK-2024 (38696), as a part of /srv/image/etc/bind/named.conf"


def test_files_that_include_each_other_are_judged_once() -> None:
    first, second = (
        place(
            ds(KSK_2024),
            syntax=Syntax.UNBOUND,
            hold=Hold.STATIC,
            path=f"etc/unbound/{name}.conf",
            references=(Reference(f"/etc/unbound/{other}.conf", Role.INCLUDE),),
        )
        for name, other in (("a", "b"), ("b", "a"))
    )
    rows = judge([first, second], keys())
    assert ["as a part of" in row.summary for row in rows] == [False, True]


def test_unbound_reads_no_trust_anchors_statement_in_its_trusted_keys_file() -> None:
    main = place(
        syntax=Syntax.UNBOUND,
        path="etc/unbound/unbound.conf",
        references=(Reference("/etc/bind.keys", Role.TRUSTED_KEYS, 3),),
    )
    named = place(ds(KSK_2024, statement="initial-ds"), syntax=Syntax.BIND, path="etc/bind.keys")
    row, target = judge([main, named], keys())
    assert row.outcome is Outcome.FAILS
    assert checks(target)[Check.AUDIT_IGNORED] is Severity.FAILURE


def test_a_managed_file_that_nobody_may_write_does_not_follow() -> None:
    main = place(
        syntax=Syntax.UNBOUND,
        path="etc/unbound/unbound.conf",
        references=(Reference("/var/lib/unbound/root.key", Role.MANAGED, 3),),
    )
    target = place(dnskey(KSK_2024), path="var/lib/unbound/root.key", writable=False)
    row, managed = judge([main, target], keys())
    assert row.outcome is Outcome.RIGHT
    assert managed.outcome is Outcome.ATTENTION
    assert checks(managed)[Check.AUDIT_NOT_WRITABLE] is Severity.WARNING
    assert managed.anchors[0].held.hold is Hold.SEED


def test_a_file_that_is_named_and_not_there_leaves_it_undecided() -> None:
    main = place(
        syntax=Syntax.UNBOUND,
        path="etc/unbound/unbound.conf",
        references=(Reference("/var/lib/unbound/root.key", Role.MANAGED, 3),),
    )
    row = judged(main)
    assert row.outcome is Outcome.UNDECIDED
    assert checks(row) == {Check.AUDIT_NOT_FOLLOWED: Severity.WARNING}
    assert row.notes[0].line == 3


def resolved(path: str, *anchors: FoundAnchor) -> Place:
    return place(*anchors, syntax=Syntax.RESOLVED, hold=Hold.STATIC, path=path)


def test_resolved_reads_its_files_as_one_and_one_hides_another_of_its_name() -> None:
    folder = "dnssec-trust-anchors.d"
    first = resolved(f"etc/{folder}/a.positive", ds(KSK_2017))
    second = resolved(f"etc/{folder}/b.positive", ds(KSK_2024))
    whole, _ = judge([first, second], keys())
    assert whole.summary == "holds KSK-2017 (20326) and KSK-2024 (38696)"
    hidden = resolved(f"usr/lib/{folder}/a.positive", ds(KSK_2024))
    alone, masked = judge([first, hidden], keys())
    assert alone.outcome is Outcome.FAILS
    assert checks(masked)[Check.AUDIT_IGNORED] is Severity.NOTICE


def test_what_many_files_name_is_bounded() -> None:
    many = [
        place(
            ds(KSK_2024),
            syntax=Syntax.UNBOUND,
            hold=Hold.STATIC,
            path=f"etc/unbound/{number}.conf",
            references=(Reference("/etc/unbound/*.conf", Role.INCLUDE),),
        )
        for number in range(300)
    ]
    rows = judge(many, keys())
    assert sum(Check.AUDIT_LIMIT in checks(row) for row in rows) > 0


def test_the_same_places_are_judged_the_same() -> None:
    places = [place(ds(KSK_2017)), place(FOREIGN, path="b"), program(KSK_2017)]
    assert judge(places, keys(AFTER_THE_ROLL)) == judge(places, keys(AFTER_THE_ROLL))
