"""One row for each file: loose ones, programs, and those that resolvers use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.place import judge_place
from anchors.auditing.result import JudgedPlace, Outcome
from anchors.consumers.files import Location
from anchors.consumers.reading import (
    CONTENT,
    Compiled,
    Held,
    Hold,
    Note,
    Place,
    Reading,
    Syntax,
)
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.core.keys import KeyState
from anchors.core.root_facts import ROOT_CAS
from anchors.pipeline.root_keys import RootKey, VerifiedKeys
from tests.unit.auditing.basis import BEFORE_THE_ROLL, keys
from tests.unit.auditing.systems import audited, put, rows
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2
from tests.unit.known_syntaxes import Known

KSK_2010, KSK_2017, KSK_2024 = keys().keys
ROLL = datetime(2026, 10, 11, tzinfo=UTC)
FOREIGN = FoundDs(12345, 8, 2, b"\x00" * 32)
LOOSE = "no resolver found here loads it; a resolver that loads it "


def ds(key: RootKey, digest_type: int = 2) -> FoundDs:
    digest = key.digest(digest_type)
    assert digest is not None
    return FoundDs(key.key_tag, key.algorithm, digest_type, digest)


def dnskey(key: RootKey, flags: int = 257) -> FoundDnskey:
    assert key.public_key is not None
    return FoundDnskey(flags, key.algorithm, key.public_key)


def damaged(key: RootKey) -> FoundDs:
    whole = ds(key)
    return whole._replace(digest=bytes([whole.digest[0] ^ 1]) + whole.digest[1:])


def place(*anchors: FoundAnchor, syntax: Syntax = Known.ZONE, hold: Hold = Hold.FILE) -> Place:
    held = tuple(Held(anchor, hold, line) for line, anchor in enumerate(anchors, 1))
    return Place(Location("/srv/image", "etc/root.key"), Reading(syntax, held))


def told(subject: Place, against: VerifiedKeys | None = None) -> JudgedPlace | None:
    """The row of a file that no resolver uses."""
    verified = against or keys()
    return judge_place(subject, (), verified, lambda held: judge_anchor(held, verified))


def judged(subject: Place, against: VerifiedKeys | None = None) -> JudgedPlace:
    row = told(subject, against)
    assert row is not None
    return row


def checks(row: JudgedPlace) -> dict[Check, Severity]:
    return {note.finding.check: note.finding.severity for note in row.notes}


# Files that nothing found here loads.


def test_both_keys_are_right() -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024)))
    assert row.outcome is Outcome.RIGHT
    assert row.summary == "has KSK-2017 (20326) and KSK-2024 (38696)"
    assert (row.remedy, row.notes, row.day) == (None, (), None)


def test_the_old_key_alone_fails_whoever_loads_it_since_the_day_of_the_roll() -> None:
    row = judged(place(ds(KSK_2017)))
    assert (row.outcome, row.day) == (Outcome.ATTENTION, ROLL)
    assert row.summary == (
        f"{LOOSE}has KSK-2017 (20326) only, but KSK-2024 (38696) signs the root "
        "(by ICANN's plan): every look-up fails since 2026-10-11"
    )
    assert row.remedy == (
        "root-anchors build --format ds -o new; "
        "then install -m 0644 new/root.ds /srv/image/etc/root.key"
    )
    assert checks(row) == {Check.AUDIT_MISSING: Severity.ALARM}
    assert row.notes[0].day == ROLL


@pytest.mark.parametrize(
    ("root", "path", "outcome"),
    [
        ("unbound.ipk", "etc/unbound/root.key", Outcome.UNDECIDED),
        ("root-data.deb", "usr/share/dns/root.ds", Outcome.UNDECIDED),
        # A sample, and a file system as a whole.
        ("dnsmasq-base.deb", "usr/share/dnsmasq-base/root.ds", Outcome.ATTENTION),
        ("machine.tar", "etc/unbound/root.key", Outcome.ATTENTION),
    ],
)
def test_a_package_may_bring_its_file_for_a_program_of_another_package(
    root: str, path: str, outcome: Outcome
) -> None:
    packed = place(ds(KSK_2017))._replace(location=Location(f"pool/{root}", path, inside=True))
    row = judged(packed)
    assert row.outcome is outcome
    where = "in this package" if outcome is Outcome.UNDECIDED else "found here"
    assert row.summary.startswith(
        f"no resolver {where} loads it; a resolver that loads it has KSK-2017"
    )
    right = packed._replace(reading=place(ds(KSK_2017), ds(KSK_2024)).reading)
    assert judged(right).outcome is Outcome.RIGHT


def test_the_old_key_alone_will_fail_on_the_day_of_the_roll() -> None:
    row = judged(place(dnskey(KSK_2017)), keys(BEFORE_THE_ROLL))
    assert (row.outcome, row.day) == (Outcome.ATTENTION, ROLL)
    assert row.summary == (
        f"{LOOSE}has KSK-2017 (20326) only: every look-up will fail on 2026-10-11, when "
        "KSK-2024 (38696) is planned to sign the root"
    )


def test_the_new_key_alone_is_right_after_the_roll_and_fails_before() -> None:
    after = judged(place(ds(KSK_2024)))
    assert after.outcome is Outcome.RIGHT
    assert checks(after) == {Check.AUDIT_MISSING: Severity.NOTICE}
    assert after.notes[0].finding.message == "KSK-2017 (20326) is missing, but is not needed now"
    before = judged(place(ds(KSK_2024)), keys(BEFORE_THE_ROLL))
    assert before.outcome is Outcome.ATTENTION
    assert "KSK-2017 (20326) signs the root: every look-up fails" in before.summary


def test_a_younger_key_without_a_day_fails_some_day() -> None:
    against = keys()._replace(now=keys(BEFORE_THE_ROLL).now, next=())
    row = judged(place(ds(KSK_2017)), against)
    assert (row.outcome, row.day) == (Outcome.ATTENTION, None)
    assert "every look-up will fail once the root is signed by KSK-2024 (38696)" in row.summary


def test_where_nobody_knows_who_signs_every_current_key_is_needed() -> None:
    row = judged(place(ds(KSK_2024)), keys()._replace(now=(), next=()))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_MISSING: Severity.ALARM}


def test_a_foreign_anchor_is_an_alarm_beside_the_right_ones() -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024), FOREIGN))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_FOREIGN: Severity.ALARM}
    assert row.summary == (
        "IANA never published key 12345 as a root key; has KSK-2017 (20326) and KSK-2024 (38696)"
    )
    assert row.notes[0].line == 3
    assert "forge" in (row.remedy or "")


def test_damage_says_which_digit_it_is() -> None:
    row = judged(place(ds(KSK_2017), damaged(KSK_2024)))
    assert (row.outcome, row.day) == (Outcome.ATTENTION, ROLL)
    assert checks(row) == {Check.AUDIT_DAMAGED: Severity.ALARM}
    assert row.notes[0].finding.got == "digit 2 of the digest is '9', but should be '8'"


def test_damage_in_a_key_that_signs_no_more_is_a_warning() -> None:
    row = judged(place(damaged(KSK_2017), ds(KSK_2024)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_DAMAGED: Severity.WARNING}


def test_a_retired_key_is_a_warning_but_not_in_ianas_own_document() -> None:
    anchors = ds(KSK_2010), ds(KSK_2017), ds(KSK_2024)
    row = judged(place(*anchors))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row) == {Check.AUDIT_RETIRED: Severity.WARNING}
    document = judged(place(*anchors, syntax=Known.XML))
    assert (document.outcome, document.notes) == (Outcome.RIGHT, ())


def test_a_key_before_its_time_is_a_notice() -> None:
    """``audit.not-yet``: harmless, and needed one day."""
    later = KSK_2024._replace(state=KeyState.FUTURE)
    before = keys(BEFORE_THE_ROLL)._replace(keys=(KSK_2010, KSK_2017, later), next=())
    row = judged(place(ds(KSK_2017), ds(KSK_2024)), before)
    assert row.outcome is Outcome.RIGHT
    assert checks(row) == {Check.AUDIT_NOT_YET: Severity.NOTICE}
    assert row.summary == "has KSK-2017 (20326)"


def test_a_retired_key_alone_validates_nothing() -> None:
    row = judged(place(ds(KSK_2010)))
    assert row.outcome is Outcome.ATTENTION
    assert row.summary.startswith(
        f"{LOOSE}has no anchor that can validate the root: KSK-2010 (19036) is retired"
    )


def test_a_revoked_key_that_is_still_trusted_is_an_alarm() -> None:
    row = judged(place(dnskey(KSK_2017, 385), ds(KSK_2024)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row)[Check.AUDIT_REVOKED] is Severity.ALARM


def test_a_zone_signing_key_of_the_root_is_no_intruder_and_no_anchor() -> None:
    (zone_key, *_) = sorted(keys().zone_keys)
    row = judged(place(ds(KSK_2024), FoundDnskey(256, 8, zone_key)))
    assert row.outcome is Outcome.ATTENTION
    assert checks(row)[Check.AUDIT_ZONE_KEY] is Severity.WARNING
    assert Check.AUDIT_FOREIGN not in checks(row)


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
    [(Known.UNBOUND, Severity.WARNING), (Known.DNSMASQ, Severity.NOTICE)],
)
def test_static_is_a_warning_where_the_consumer_could_follow(
    syntax: Syntax, severity: Severity
) -> None:
    row = judged(place(ds(KSK_2017), ds(KSK_2024), syntax=syntax, hold=Hold.STATIC))
    assert checks(row) == {Check.AUDIT_STATIC: severity}
    assert row.outcome is (Outcome.ATTENTION if severity is Severity.WARNING else Outcome.RIGHT)


@pytest.mark.parametrize(
    ("conf", "path"),
    [
        (f'trust-anchor: ". DS {DS1}"\n  trust-anchor: ". DS {DS2}"', "etc/unbound/unbound.conf"),
        ("trust-anchor-file: /etc/unbound/root.ds", "etc/unbound/root.ds"),
    ],
    ids=["inline", "in a file"],
)
def test_static_anchors_of_one_resolver_weigh_the_same_wherever_they_stand(
    tmp_path: Path, conf: str, path: str
) -> None:
    tree = {
        "etc/unbound/unbound.conf": f"server:\n  {conf}\n",
        "etc/unbound/root.ds": f". DS {DS1}\n. DS {DS2}\n",
    }
    row = told_of(tmp_path, tree)[path]
    assert (row.outcome, checks(row)) == (
        Outcome.ATTENTION,
        {Check.AUDIT_STATIC: Severity.WARNING},
    )


def test_what_no_program_reads_is_in_force_nowhere() -> None:
    row = judged(place(ds(KSK_2024), hold=Hold.IGNORED))
    assert row.outcome is Outcome.ATTENTION
    assert "KSK-2024 (38696) is ignored" in row.summary


def test_an_empty_file_of_anchors_is_told_and_an_empty_configuration_is_not() -> None:
    row = judged(place())
    assert (row.outcome, row.summary) == (Outcome.ATTENTION, "has no anchor of the root")
    assert checks(row) == {Check.AUDIT_EMPTY: Severity.ALARM}
    assert told(place(syntax=Known.UNBOUND)) is None


def test_what_could_not_be_read_is_undecided() -> None:
    finding = Finding(Check.AUDIT_UNREADABLE, Severity.WARNING, "permission denied")
    row = judged(Place(Location("/srv/image", "root.key"), None, (Note(finding),)))
    assert (row.outcome, row.summary) == (Outcome.UNDECIDED, "permission denied")


# Programs and sources.


def program(*names: RootKey, roots: tuple[str, ...] = ()) -> Place:
    digests = tuple(key.digest(2) or b"" for key in names)
    reading = Reading(CONTENT, compiled=Compiled(digests, roots))
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
    first, second = (ca.sha256 for ca in ROOT_CAS)
    row = judged(program(roots=(first,)))
    assert row.outcome is Outcome.ATTENTION
    assert row.day == datetime(2029, 12, 18, tzinfo=UTC)
    assert checks(row) == {Check.AUDIT_PINNED_ROOT: Severity.WARNING}
    assert "in 2028, and the first ends on 2029-12-18" in row.summary
    both = judged(program(roots=(first, second)))
    assert both.outcome is Outcome.RIGHT
    assert both.summary == "contains the certificates of ICANN Root CA and ICANN Root CA v2"


# Files that resolvers use.

OLD, BOTH = f". IN DS {DS1}\n", f". IN DS {DS1}\n. IN DS {DS2}\n"
UNBOUND = 'server:\n trust-anchor-file: "/etc/root.ds"\n'


def told_of(tmp_path: Path, tree: Mapping[str, str]) -> dict[str, JudgedPlace]:
    return rows(audited(put(tmp_path, tree)))


def test_a_file_is_judged_by_the_resolver_that_uses_it(tmp_path: Path) -> None:
    found = told_of(tmp_path, {"etc/unbound/unbound.conf": UNBOUND, "etc/root.ds": OLD})
    assert found["etc/unbound/unbound.conf"].outcome is Outcome.FAILS
    row = found["etc/root.ds"]
    assert (row.outcome, row.day) == (Outcome.FAILS, ROLL)
    assert LOOSE not in row.summary
    assert row.remedy is not None
    assert row.remedy.startswith("root-anchors build --format ds -o new; then install")


def test_a_file_that_serves_one_resolver_and_fails_another_fails(tmp_path: Path) -> None:
    """The second has the missing key from a file of its own."""
    second = f'{UNBOUND} trust-anchor: ". DS {DS2}"\n'
    tree = {
        "a/etc/root.ds": OLD,
        "a/etc/unbound/good/unbound.conf": second,
        "a/etc/unbound/unbound.conf": UNBOUND,
    }
    found = told_of(tmp_path, tree)
    assert found["a/etc/unbound/good/unbound.conf"].outcome is not Outcome.FAILS
    assert found["a/etc/unbound/unbound.conf"].outcome is Outcome.FAILS
    assert found["a/etc/root.ds"].outcome is Outcome.FAILS
    alone = told_of(
        tmp_path / "b", {k: v for k, v in tree.items() if k != "a/etc/unbound/unbound.conf"}
    )
    assert alone["a/etc/root.ds"].outcome is not Outcome.FAILS


def test_an_include_is_a_part_of_its_configuration(tmp_path: Path) -> None:
    tree = {
        "etc/unbound/unbound.conf": f'server:\n trust-anchor: ". DS {DS1}"\n'
        'include: "/etc/unbound/more.conf"\n',
        "etc/unbound/more.conf": f'server:\n trust-anchor: ". DS {DS2}"\n',
    }
    found = told_of(tmp_path, tree)
    assert [one.outcome for one in found.values()] == [Outcome.ATTENTION] * 2
    main = f"{tmp_path}/etc/unbound/unbound.conf"
    part = found["etc/unbound/more.conf"]
    assert part.summary.endswith(f"has KSK-2024 (38696), as a part of {main}")
    assert "has KSK-2017 (20326) and KSK-2024 (38696)" in found["etc/unbound/unbound.conf"].summary


def test_files_that_include_each_other_are_one_resolver(tmp_path: Path) -> None:
    text = f'server:\n trust-anchor: ". DS {DS2}"\ninclude: "/etc/unbound/%s.conf"\n'
    tree = {"etc/unbound/a.conf": text % "b", "etc/unbound/b.conf": text % "a"}
    found = told_of(tmp_path, tree)
    assert ["as a part of" in row.summary for row in found.values()] == [False, True]


def test_what_a_part_says_is_told_of_the_whole_with_its_file_and_line(tmp_path: Path) -> None:
    tree = {
        "etc/unbound/unbound.conf": 'include: "/etc/unbound/more.conf"\n',
        "etc/unbound/more.conf": f'server:\n trust-anchor: ". DS {DS2}"\n'
        " val-permissive-mode: yes\n",
    }
    row = told_of(tmp_path, tree)["etc/unbound/unbound.conf"]
    (off,) = (n for n in row.notes if n.finding.check is Check.AUDIT_VALIDATION)
    assert off.line is None
    assert f", in line 3 of {tmp_path}/etc/unbound/more.conf" in (off.finding.got or "")


@pytest.mark.parametrize("content", ["", "\n", "; keys\n\n"])
def test_an_empty_file_that_a_resolver_names_is_not_right(tmp_path: Path, content: str) -> None:
    conf = "server:\n  trust-anchor-file: /etc/unbound/own.txt\n"
    found = told_of(tmp_path, {"etc/unbound/unbound.conf": conf, "etc/unbound/own.txt": content})
    row = found["etc/unbound/own.txt"]
    main = tmp_path / "etc/unbound/unbound.conf"
    assert (row.outcome, row.summary) == (Outcome.ATTENTION, f"has no anchor for {main}")
    assert checks(row) == {Check.AUDIT_EMPTY: Severity.WARNING}
    assert row.told == (row.notes[0].finding,)
    assert found["etc/unbound/unbound.conf"].summary.startswith("validation is off: ")


@pytest.mark.parametrize(
    ("content", "beside"),
    [("example. DS " + DS1, ""), ("", "  trust-anchor-file: /etc/unbound/both.txt\n")],
    ids=["of another zone", "beside a file with both"],
)
def test_a_named_file_without_an_anchor_of_the_root_may_be_right(
    tmp_path: Path, content: str, beside: str
) -> None:
    conf = f"server:\n  trust-anchor-file: /etc/unbound/own.txt\n{beside}"
    tree = {
        "etc/unbound/unbound.conf": conf,
        "etc/unbound/own.txt": content,
        "etc/unbound/both.txt": f". DS {DS1}\n. DS {DS2}\n",
    }
    row = told_of(tmp_path, tree)["etc/unbound/own.txt"]
    assert (row.outcome, row.notes) == (Outcome.RIGHT, ())


def test_a_named_file_that_nothing_was_found_in_has_a_row(tmp_path: Path) -> None:
    tree = {"etc/unbound/unbound.conf": UNBOUND, "etc/root.ds": "example. IN A 192.0.2.1\n"}
    found = told_of(tmp_path, tree)
    assert found["etc/root.ds"].anchors == ()


def test_a_missing_file_is_told_at_the_line_that_names_it(tmp_path: Path) -> None:
    row = told_of(tmp_path, {"etc/unbound/unbound.conf": UNBOUND})["etc/unbound/unbound.conf"]
    assert row.outcome is Outcome.FAILS
    assert checks(row)[Check.AUDIT_REFUSED] is Severity.FAILURE
    assert row.notes[0].line == 2


def test_what_the_resolver_ignores_is_not_judged_by_its_own_reader(tmp_path: Path) -> None:
    """Unbound reads nothing but trusted-keys in its trusted-keys-file."""
    tree = {
        "etc/unbound/unbound.conf": 'server:\n trusted-keys-file: "/etc/bind.keys"\n',
        "etc/bind.keys": f'trust-anchors {{ . initial-ds {DS1[:10]} "{DS1[10:]}"; '
        f'. initial-ds {DS2[:10]} "{DS2[10:]}"; }};\n',
    }
    found = told_of(tmp_path, tree)
    assert found["etc/unbound/unbound.conf"].outcome is not Outcome.RIGHT
    assert all(one.held.hold is Hold.IGNORED for one in found["etc/bind.keys"].anchors)


def test_a_state_is_judged_without_its_configuration(tmp_path: Path) -> None:
    state = (
        "; autotrust trust anchor file\n;;id: . 1\n"
        f". 300 IN DNSKEY {KEY1} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=1792540800\n"
        f". 300 IN DNSKEY {KEY2} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=1792540800\n"
    )
    judged_audit = audited(put(tmp_path, {"var/lib/unbound/root.key": state}))
    (resolver,) = judged_audit.hosts[0].resolvers
    assert resolver.loaded.configuration is None
    assert (resolver.outcome, resolver.loaded.follows) == (Outcome.RIGHT, True)
    (row,) = judged_audit.places
    assert row.outcome is Outcome.RIGHT


def test_the_same_files_are_judged_the_same(tmp_path: Path) -> None:
    put(tmp_path, {"etc/unbound/unbound.conf": UNBOUND, "etc/root.ds": OLD, "b.ds": BOTH})
    assert audited(tmp_path).places == audited(tmp_path).places
