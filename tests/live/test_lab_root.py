"""A lab root whose keys are rolled, revoked, unknown or expired, on a real name server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from dns.dnssectypes import Algorithm

from tests.lab import phases, zone
from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.nameserver import serve
from tests.lab.phases import PHASES, Phase
from tests.live.command import Outcome, files_in
from tests.live.lab_root import built_in_process, key_digest, published, verified
from tests.simulator.document import Entry

OLD, NEW, STRANGER = ksk("old"), ksk("new"), ksk("stranger")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A publication of the old key and of the new one."""
    return published(tmp_path, key_digest(OLD), key_digest(NEW))


def judged(apex: zone.Apex, source: Path, *more: str) -> Outcome:
    """The report about this root zone; ``build`` writes files exactly when its code is 0."""
    with serve(apex) as server:
        outcome = verified(source, "--server", str(server), *more)
        output = source.parent / "out"
        code = built_in_process(source, output, "--server", str(server), *more)
    assert code == outcome.code
    assert output.exists() == (code == 0)
    return outcome


def emitted(source: Path) -> str:
    """The DS records that were written."""
    return (source.parent / "out" / "root.ds").read_text(encoding="ascii")


def assert_not_trusted(outcome: Outcome) -> None:
    """No current key of the document signs."""
    finding = outcome.finding("rootzone.signature")
    assert (outcome.code, outcome.report["verdict"]) == (1, "not-trusted")
    assert finding["severity"] == "failure"
    assert "no current key of the document signs" in finding["message"]
    (server,) = outcome.report["dns"]["servers"]
    assert server["outcome"] == "untrusted"


def signers(outcome: Outcome) -> list[list[int]]:
    return [server["signed_by"] for server in outcome.report["dns"]["servers"]]


def test_before_the_roll(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD]), source)
    assert (outcome.code, outcome.report["verdict"]) == (0, "verified")
    assert outcome.report["attention"] is False
    assert outcome.anchor(OLD.tag)["signing"] is True
    assert outcome.anchor(NEW.tag)["signing"] is False
    assert signers(outcome) == [[OLD.tag]]


def test_after_the_roll_the_new_key_signs_alone(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[NEW]), source)
    assert (outcome.code, outcome.report["attention"]) == (0, False)
    old, new = outcome.anchor(OLD.tag), outcome.anchor(NEW.tag)
    assert (old["published"], old["signing"], old["emitted"]) == (True, False, True)
    assert (new["published"], new["signing"], new["emitted"]) == (True, True, True)


def test_the_old_key_is_gone_from_the_zone(source: Path) -> None:
    outcome = judged(zone.signed([NEW, zsk()], by=[NEW]), source)
    assert outcome.code == 0
    old = outcome.anchor(OLD.tag)
    assert (old["published"], old["signing"], old["emitted"]) == (False, False, True)


def test_both_keys_sign(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD, NEW]), source)
    assert outcome.code == 0
    assert sorted(signers(outcome)[0]) == sorted([OLD.tag, NEW.tag])


def test_a_revoked_key_is_not_emitted(source: Path) -> None:
    revoked = OLD.revoked()
    outcome = judged(zone.signed([revoked, NEW, zsk()], by=[revoked, NEW]), source)
    assert (outcome.code, outcome.report["attention"]) == (0, True)
    old, new = outcome.anchor(OLD.tag), outcome.anchor(NEW.tag)
    assert (old["state"], old["emitted"], old["published"]) == ("revoked", False, True)
    assert (new["state"], new["emitted"], new["signing"]) == ("current", True, True)
    assert old["why"]
    finding = outcome.finding("rootzone.revoked")
    assert finding["severity"] == "warning"
    assert f"key {OLD.tag} is revoked in the root zone" in finding["message"]
    assert OLD.digest.hex().upper() not in emitted(source).upper()
    assert NEW.digest.hex().upper() in emitted(source).upper()


def test_only_a_revoked_key_signs(source: Path) -> None:
    revoked = OLD.revoked()
    outcome = judged(zone.signed([revoked, NEW, zsk()], by=[revoked]), source)
    assert outcome.code == 1
    assert outcome.anchor(OLD.tag)["state"] == "revoked"
    assert_not_trusted(outcome)


def test_the_only_key_is_revoked(tmp_path: Path) -> None:
    revoked = OLD.revoked()
    source = published(tmp_path, key_digest(OLD))
    outcome = judged(zone.signed([revoked, zsk()], by=[revoked]), source)
    assert (outcome.code, outcome.report["verdict"]) == (1, "not-trusted")
    assert outcome.anchor(OLD.tag)["emitted"] is False


def test_revoke_without_the_keys_own_signature_revokes_nothing(source: Path) -> None:
    outcome = judged(zone.signed([OLD.revoked(), NEW, zsk()], by=[NEW]), source)
    assert outcome.code == 0
    assert outcome.anchor(OLD.tag)["state"] == "current"
    assert outcome.checks("warning", "alarm") == ["rootzone.revoke-unsigned"]
    message = outcome.finding("rootzone.revoke-unsigned")["message"]
    assert f"key {OLD.tag} has the REVOKE bit but not its own signature" in message


def test_a_forged_revocation_revokes_nothing(source: Path) -> None:
    forged = zone.signed([OLD.revoked(), NEW, zsk()], by=[OLD.revoked()]).forged()
    outcome = judged(forged.and_signed_by(NEW), source)
    assert outcome.code == 0
    assert outcome.anchor(OLD.tag)["state"] == "current"
    assert "rootzone.revoked" not in outcome.checks("alarm", "warning", "notice")


def test_a_sep_key_that_iana_does_not_publish(source: Path) -> None:
    apex = zone.signed([OLD, NEW, STRANGER, zsk()], by=[OLD])
    outcome = judged(apex, source)
    assert (outcome.code, outcome.report["attention"]) == (0, True)
    assert outcome.checks("alarm") == ["rootzone.unknown-sep"]
    assert outcome.finding("rootzone.unknown-sep")["got"] == str(STRANGER.tag)
    assert STRANGER.digest.hex().upper() not in emitted(source).upper()


def test_under_strict_an_alarm_is_exit_4_and_nothing_is_written(source: Path) -> None:
    apex = zone.signed([OLD, NEW, STRANGER, zsk()], by=[OLD])
    outcome = judged(apex, source, "--strict")
    assert (outcome.code, outcome.report["verdict"]) == (4, "verified")


def test_a_signature_that_expired(source: Path) -> None:
    end = datetime(2026, 10, 4, 11, 59, 59, tzinfo=UTC)
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD], expiration=end), source)
    assert_not_trusted(outcome)


def test_a_signature_whose_time_has_not_come(source: Path) -> None:
    begin = datetime(2026, 10, 4, 12, 0, 1, tzinfo=UTC)
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD], inception=begin), source)
    assert_not_trusted(outcome)


def test_the_limits_of_a_signature_belong_to_it(source: Path) -> None:
    now = datetime(2026, 10, 4, 12, tzinfo=UTC)
    apex = zone.signed([OLD, NEW, zsk()], by=[OLD], inception=now, expiration=now)
    assert judged(apex, source).code == 0


def test_one_of_two_signatures_expired(source: Path) -> None:
    apex = zone.signed([OLD, NEW, zsk()], by=[NEW])
    stale = apex.and_signed_by(OLD, expiration=datetime(2026, 10, 2, tzinfo=UTC))
    outcome = judged(stale, source)
    assert outcome.code == 0
    assert signers(outcome) == [[NEW.tag]]
    assert outcome.anchor(OLD.tag)["signing"] is False


def test_a_forged_signature(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD]).forged(), source)
    assert_not_trusted(outcome)


def test_only_another_key_signs(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, STRANGER, zsk()], by=[STRANGER]), source)
    assert_not_trusted(outcome)


def test_only_the_zsk_signs(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[zsk()]), source)
    assert_not_trusted(outcome)


def test_another_root_altogether(source: Path) -> None:
    outcome = judged(zone.signed([STRANGER, zsk()], by=[STRANGER]), source)
    assert_not_trusted(outcome)
    assert outcome.anchor(OLD.tag)["published"] is not True


def test_a_signature_by_an_anchored_key_that_is_not_in_the_rrset(source: Path) -> None:
    outcome = judged(zone.signed([NEW, zsk()], by=[OLD]), source)
    assert_not_trusted(outcome)


def test_an_unsigned_root_is_undecided(source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()]), source)
    assert (outcome.code, outcome.report["verdict"]) == (3, "undecided")
    assert outcome.finding("rootzone.answers")["severity"] == "failure"
    assert "insecure" not in outcome.stdout


@pytest.mark.parametrize("by", [(), (STRANGER,)], ids=["undecided", "not trusted"])
def test_no_key_is_called_emitted_when_none_is(by: tuple[LabKey, ...], source: Path) -> None:
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=by), source)
    assert outcome.code in {1, 3}
    assert [one["emitted"] for one in outcome.report["anchors"]] == [False, False]


def test_a_key_that_ended_does_not_vouch(tmp_path: Path) -> None:
    ended = key_digest(OLD, valid_until="2026-10-04T00:00:00+00:00")
    source = published(tmp_path, ended, key_digest(NEW))
    outcome = judged(zone.signed([OLD, NEW, zsk()], by=[OLD]), source)
    assert outcome.code == 1
    assert outcome.anchor(OLD.tag)["state"] == "expired"
    assert_not_trusted(outcome)


def test_a_key_published_by_its_digest_alone_is_found_in_dns(tmp_path: Path) -> None:
    digest_only: Entry = replace(key_digest(OLD), public_key=None, flags=None)
    source = published(tmp_path, digest_only)
    outcome = judged(zone.signed([OLD, zsk()], by=[OLD]), source)
    assert outcome.code == 0
    assert (outcome.anchor(OLD.tag)["published"], outcome.anchor(OLD.tag)["signing"]) == (
        True,
        True,
    )
    assert OLD.digest.hex().upper() in emitted(source).upper()


def test_a_root_of_another_algorithm(tmp_path: Path) -> None:
    key = ksk("modern", Algorithm.ED25519)
    source = published(tmp_path, key_digest(key))
    outcome = judged(zone.signed([key, zsk("modern", Algorithm.ED25519)], by=[key]), source)
    assert outcome.code == 0, outcome.stdout
    assert signers(outcome) == [[key.tag]]


@pytest.mark.parametrize("phase", PHASES, ids=[phase.name for phase in PHASES])
def test_the_roll_to_ecdsa(phase: Phase, tmp_path: Path) -> None:
    source = published(tmp_path, key_digest(phases.OLD), key_digest(phases.NEW))
    outcome = judged(phase.apex(datetime.fromisoformat(zone.AT)), source)
    assert outcome.code == 0, outcome.stdout
    for key, word in ((phases.OLD, "old"), (phases.NEW, "new")):
        row = outcome.anchor(key.tag)
        revoked = word == "old" and "revoked" in phase.published
        assert row["published"] is (word in phase.published or revoked)
        # A signature whose key is not there proves nothing.
        assert row["signing"] is (word in phase.published and word in phase.signing)
        assert (key.digest.hex().upper() in emitted(source).upper()) is not revoked
    # Each answer is one message of UDP that nobody has to cut.
    (server,) = outcome.report["dns"]["servers"]
    assert server["transport"] == "udp"


@pytest.mark.parametrize(("before", "after"), [*pairwise(PHASES)], ids=lambda phase: phase.name)
def test_amid_a_step_of_the_roll_either_server_is_believed(
    before: Phase, after: Phase, tmp_path: Path
) -> None:
    source = published(tmp_path, key_digest(phases.OLD), key_digest(phases.NEW))
    at = datetime.fromisoformat(zone.AT)
    with serve(before.apex(at)) as late, serve(after.apex(at)) as early:
        outcome = verified(source, "--server", str(late), "--server", str(early))
    ends = "revoked" in before.published + after.published
    assert (outcome.code, outcome.checks("alarm")) == (0, ["rootzone.agreement"])
    assert bool(outcome.checks("warning")) is ends


def test_what_was_built_from_the_lab_replays_without_it(source: Path) -> None:
    revoked = OLD.revoked()
    live = judged(zone.signed([revoked, NEW, zsk()], by=[revoked, NEW]), source)
    output = source.parent / "out"
    before = files_in(output)
    (output / "ca.pem").write_bytes((source / "ca.pem").read_bytes())
    replayed = verified(output, "--dns", "recorded")
    assert replayed.code == 0, replayed.stdout
    assert replayed.report["anchors"] == live.report["anchors"]
    assert before.items() <= files_in(output).items()
