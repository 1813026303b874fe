"""The states of the root's keys that happened: what was served, and what must be said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anchors.cli.main import main
from anchors.core.keys import KeyState
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS, planned_for
from anchors.pipeline.evidence import KeyEvidence
from anchors.publication.authenticate import authenticate
from anchors.publication.document import read
from anchors.publication.root_cas import built_in_roots
from anchors.publication.source import Publication
from anchors.report.words import in_words
from tests.lab.keys import ksk, zsk
from tests.lab.zone import signed
from tests.rootzone.told import Told, document_of, key_digest, tell, tell_apex
from tests.simulator.document import CURRENT, EXPIRED, Entry

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECORDINGS = {path.name: path for path in sorted((FIXTURES / "rrsets").glob("*.rrset"))}
# The document gained flags and public keys in 2024 only, and an end for KSK-2010 after its roll.
KSK_2010, KSK_2017 = EXPIRED, CURRENT[0].by_digest_only()
KSK_2010_ENDLESS = replace(KSK_2010, valid_until=None)

# What is said of each key where nothing of it changes.
IN_2010 = "KSK-2010 (19036): in IANA's document since 2010-07-15"
IN_2010_ENDED = "KSK-2010 (19036): in the document from 2010-07-15 to 2019-01-11"
IN_2017_ALONE = "KSK-2017 (20326): in IANA's document since 2017-02-02"
IN_2017 = "KSK-2017 (20326): in the document with no end date"
IN_2024 = "KSK-2024 (38696): in IANA's document since 2024-07-18"
SIGNING, UNSEEN = "signing planned for 2026-10-11", "and was not observed"
REVOCATION = "revocation planned for 2027-01-11"
GONE = "revocation was planned for 2027-01-11, and the key is gone without an end date"
REVOCATION_AND_HEIR = f"{REVOCATION}: no action needed while 38696 is trusted"

CURRENT_STATE, EXPIRED_STATE = "current", "expired"


@dataclass(frozen=True)
class Era:
    """A time in which the root zone's KSKs did not change.

    Attributes:
        begin: the first day of recordings that belong to it.
        document: IANA's own publication by its date, or the entries of that time's document.
        words: the sentence of each key.
        keys: tag, state, published, signing, emitted of each.
        ksks: tag and flags of each KSK in the RRset.
        signer: the tag that signs it.
        findings: check and severity.
    """

    begin: str
    document: str | tuple[Entry, ...]
    words: tuple[str, ...]
    keys: tuple[tuple[int, str, bool, bool, bool], ...]
    ksks: tuple[tuple[int, int], ...]
    signer: int
    findings: tuple[tuple[str, str], ...] = ()


ERAS = {
    "before KSK-2017": Era(
        begin="2013-07-31",
        document=(KSK_2010_ENDLESS,),
        words=(f"{IN_2010}, in DNS, signing",),
        keys=((19036, CURRENT_STATE, True, True, True),),
        ksks=((19036, 257),),
        signer=19036,
    ),
    "KSK-2017 in the document alone": Era(
        begin="2017-02-10",
        document=(KSK_2010_ENDLESS, KSK_2017),
        words=(f"{IN_2010}, in DNS, signing", f"{IN_2017_ALONE}, not in DNS"),
        keys=((19036, CURRENT_STATE, True, True, True), (20326, CURRENT_STATE, False, False, True)),
        ksks=((19036, 257),),
        signer=19036,
    ),
    "both published, KSK-2010 signs": Era(
        begin="2018-04-01",
        document=(KSK_2010_ENDLESS, KSK_2017),
        words=(f"{IN_2010}, in DNS, signing", f"{IN_2017_ALONE}, in DNS, not signing"),
        keys=((19036, CURRENT_STATE, True, True, True), (20326, CURRENT_STATE, True, False, True)),
        ksks=((19036, 257), (20326, 257)),
        signer=19036,
    ),
    "KSK-2017 signs beside KSK-2010": Era(
        begin="2018-10-11",
        document=(KSK_2010_ENDLESS, KSK_2017),
        words=(
            f"{IN_2010}, in DNS, no longer signing",
            f"{IN_2017_ALONE}, in DNS, signing",
        ),
        keys=((19036, CURRENT_STATE, True, False, True), (20326, CURRENT_STATE, True, True, True)),
        ksks=((19036, 257), (20326, 257)),
        signer=20326,
    ),
    "KSK-2010 with REVOKE": Era(
        begin="2019-02-20",
        document=(KSK_2010, KSK_2017),
        words=(
            f"{IN_2010_ENDED}, in DNS as 19164 with the REVOKE bit, no longer signing",
            f"{IN_2017_ALONE}, in DNS, signing",
        ),
        keys=((19036, EXPIRED_STATE, True, False, False), (20326, CURRENT_STATE, True, True, True)),
        ksks=((19164, 385), (20326, 257)),
        signer=20326,
        # The recordings lack the revoked key's own signature.
        findings=(("rootzone.revoke-unsigned", "warning"),),
    ),
    "KSK-2017 alone": Era(
        begin="2019-06-20",
        document=(KSK_2010, KSK_2017),
        words=(f"{IN_2010_ENDED}, not in DNS", f"{IN_2017_ALONE}, in DNS, signing"),
        keys=(
            (19036, EXPIRED_STATE, False, False, False),
            (20326, CURRENT_STATE, True, True, True),
        ),
        ksks=((20326, 257),),
        signer=20326,
    ),
    "KSK-2024 in the document alone": Era(
        begin="2024-10-21",
        document="2024-10-22",
        words=(
            f"{IN_2010_ENDED}, not in DNS",
            f"{IN_2017}, in DNS, signing; {REVOCATION_AND_HEIR}",
            f"{IN_2024}, not in DNS; publication planned for 2025-01-11; {SIGNING}",
        ),
        keys=(
            (19036, EXPIRED_STATE, False, False, False),
            (20326, CURRENT_STATE, True, True, True),
            (38696, CURRENT_STATE, False, False, True),
        ),
        ksks=((20326, 257),),
        signer=20326,
    ),
    "KSK-2024 beside KSK-2017, unsigned": Era(
        begin="2026-09-09",
        document="2025-03-25",
        words=(
            f"{IN_2010_ENDED}, not in DNS",
            f"{IN_2017}, in DNS, signing; {REVOCATION_AND_HEIR}",
            f"{IN_2024}, in DNS, not signing; signing planned for 2026-10-11",
        ),
        keys=(
            (19036, EXPIRED_STATE, False, False, False),
            (20326, CURRENT_STATE, True, True, True),
            (38696, CURRENT_STATE, True, False, True),
        ),
        ksks=((20326, 257), (38696, 257)),
        signer=20326,
    ),
}


def era_of(recording: str) -> str:
    """The last era that had begun when this was recorded."""
    return [name for name, era in ERAS.items() if era.begin <= recording][-1]


def day_of(recording: str) -> datetime:
    """A time at which its signature holds, and after IANA's publication of that week."""
    begin = datetime.strptime(recording[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    return begin + timedelta(days=2, hours=12)


def source_of(era: Era, day: datetime, directory: Path) -> Path:
    if isinstance(era.document, str):
        return FIXTURES / "publications" / era.document
    return document_of(directory, era.document, day - timedelta(days=1))


@pytest.mark.parametrize("recording", RECORDINGS)
def test_a_recorded_rrset_with_the_document_of_its_day(recording: str, tmp_path: Path) -> None:
    era, at = ERAS[era_of(recording)], day_of(recording)
    told = tell(source_of(era, at, tmp_path), RECORDINGS[recording], at)
    assert (told.code, told.report["verdict"]) == (0, "verified")
    assert told.words == list(era.words)
    assert told.keys == list(era.keys)
    assert [(c, severity) for c, (severity, _, _) in told.findings.items()] == [*era.findings]
    assert told.attention is bool(era.findings)
    (server,) = told.servers
    assert server["outcome"] == "verified"
    assert server["signed_by"] == [era.signer]
    with_flags = zip(server["key_tags"], server["flags"], strict=True)
    assert tuple((tag, flags) for tag, flags in with_flags if flags & 1) == era.ksks


@pytest.mark.parametrize("name", ERAS)
def test_every_era_was_recorded_and_prints_its_sentences(name: str, tmp_path: Path) -> None:
    era = ERAS[name]
    recording = next(one for one in RECORDINGS if era_of(one) == name)
    at = day_of(recording)
    told = tell(source_of(era, at, tmp_path), RECORDINGS[recording], at)
    assert len(era.words) == len(era.keys)
    for words in era.words:
        assert told.prints(words)
    stars = " ".join(
        f"{tag}{'' if flags == 257 else f'/{flags}'}{'*' if tag == era.signer else ''}"
        for tag, flags in era.ksks
    )
    assert told.prints(f"file file 1 - verified {stars}")
    assert told.prints("1 of 1 answered")


def test_the_recordings_tell_of_every_roll() -> None:
    assert {era_of(recording) for recording in RECORDINGS} == set(ERAS)


@pytest.mark.parametrize("recording", ["2019-02-20", "2019-03-12"])
def test_revoke_without_its_own_signature_is_told(recording: str, tmp_path: Path) -> None:
    (path,) = [path for name, path in RECORDINGS.items() if name.startswith(recording)]
    at = day_of(recording)
    told = tell(document_of(tmp_path, (KSK_2010, KSK_2017), at), path, at)
    severity, message, got = told.findings["rootzone.revoke-unsigned"]
    assert severity == "warning"
    assert message == (
        "KSK-2010 (19036) has the REVOKE bit but not its own signature, so it is not revoked"
    )
    assert got == "the REVOKE bit without an RRSIG by the key"
    assert told.prints("19164/385 20326*")


def test_a_document_that_forgot_to_end_a_revoked_key_still_lists_it(tmp_path: Path) -> None:
    """Without the revoked key's own signature nothing is revoked: the document decides."""
    (path,) = [path for name, path in RECORDINGS.items() if name.startswith("2019-02-20")]
    at = day_of("2019-02-20")
    told = tell(document_of(tmp_path, (KSK_2010_ENDLESS, KSK_2017), at), path, at)
    assert told.keys[0] == (19036, "current", True, False, True)
    assert told.words[0] == f"{IN_2010}, in DNS as 19164 with the REVOKE bit, no longer signing"
    assert told.prints(told.words[0])


def test_a_new_sep_key_that_the_document_of_the_day_does_not_list(tmp_path: Path) -> None:
    """The RRset of 2026 against a document from before KSK-2024."""
    recording = "2026-10-01_signer20326_20326+38696.rrset"
    at = day_of(recording)
    told = tell(document_of(tmp_path, (KSK_2010, KSK_2017), at), RECORDINGS[recording], at)
    assert (told.code, told.attention) == (0, True)
    assert told.findings["rootzone.unknown-sep"] == (
        "alarm",
        "the root zone has a key-signing key that IANA does not publish",
        "38696",
    )
    # Nothing else is trusted yet, so nothing calms.
    assert told.words[1] == f"{IN_2017_ALONE}, in DNS, signing"


class TestTheSignedRevocation:
    """2019-02-20 as it was served, the revoked key's own signature included; lab keys."""

    OLD, NEW = ksk("2010"), ksk("2017")
    AT = datetime(2019, 2, 21, 12, tzinfo=UTC)
    BEGIN, END = datetime(2019, 2, 20, tzinfo=UTC), datetime(2019, 3, 13, tzinfo=UTC)

    def told(self, tmp_path: Path, valid_until: str | None) -> Told:
        entries = (
            key_digest(self.OLD, "2010-07-15T00:00:00+00:00", valid_until),
            key_digest(self.NEW, "2017-02-02T00:00:00+00:00"),
        )
        revoked = self.OLD.revoked()
        apex = signed(
            [revoked, self.NEW, zsk()],
            by=[revoked, self.NEW],
            inception=self.BEGIN,
            expiration=self.END,
        )
        return tell_apex(document_of(tmp_path, entries, self.AT), apex, self.AT)

    @pytest.mark.parametrize(
        ("valid_until", "document"),
        [
            (None, "in IANA's document since 2010-07-15"),
            ("2019-01-11T00:00:00+00:00", "in the document from 2010-07-15 to 2019-01-11"),
        ],
    )
    def test_the_key_is_revoked_whatever_the_document_says(
        self, valid_until: str | None, document: str, tmp_path: Path
    ) -> None:
        told = self.told(tmp_path, valid_until)
        old, new, tag = self.OLD.tag, self.NEW.tag, self.OLD.revoked().tag
        # Where the document has ended it too, nobody need look.
        assert (told.code, told.attention) == (0, valid_until is None)
        assert told.keys == [
            (old, "revoked", True, False, False),
            (new, "current", True, True, True),
        ]
        assert told.words == [
            f"key {old}: {document}, in DNS as {tag} with the REVOKE bit, revoked",
            f"key {new}: in IANA's document since 2017-02-02, in DNS, signing",
        ]
        assert all(told.prints(words) for words in told.words)
        assert told.prints(f"{tag}/385")
        assert told.findings == {
            "rootzone.revoked": (
                "notice" if valid_until else "warning",
                f"key {old} is revoked in the root zone and is left out of the files",
                "the REVOKE bit, signed by the key itself",
            )
        }
        # The revoked key's signature makes nobody trust the RRset.
        assert told.servers[0]["signed_by"] == [new]


# What ICANN plans, beside what is seen: on the real keys, at dates before, on and after.


@pytest.fixture(scope="module")
def rows() -> tuple[KeyEvidence, ...]:
    """The keys of IANA's document as the root zone showed them in 2026: 2010, 2017, 2024."""
    folder = FIXTURES / "publications" / "2025-03-25"
    document, signature = (
        (folder / f"root-anchors.{suffix}").read_bytes() for suffix in ("xml", "p7s")
    )
    policy = VerificationPolicy(at=datetime(2026, 10, 4, tzinfo=UTC))
    publication = Publication(document, signature, "a test")
    keys = read(authenticate(publication, built_in_roots(), policy)).keys
    states = (KeyState.EXPIRED, KeyState.CURRENT, KeyState.CURRENT)
    return tuple(
        KeyEvidence(
            key, state, state is KeyState.CURRENT, False, state is KeyState.CURRENT, None, ()
        )
        for key, state in zip(keys, states, strict=True)
    )


def words_of(
    rows: tuple[KeyEvidence, ...], at: datetime, *, old: dict[str, Any], new: dict[str, Any]
) -> tuple[str, str]:
    """The sentences of KSK-2017 and KSK-2024, each seen as told here."""
    seen = (rows[0], rows[1]._replace(**old), rows[2]._replace(**new))
    return in_words(seen[1], seen, at, at), in_words(seen[2], seen, at, at)


def midnight(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


SIGNS: dict[str, Any] = {"published": True, "signing": True}
SHOWN: dict[str, Any] = {"published": True, "signing": False}
ABSENT: dict[str, Any] = {"published": False, "signing": False}
UNCHECKED: dict[str, Any] = {"published": None, "signing": None}
REVOKED: dict[str, Any] = {
    "state": KeyState.REVOKED,
    "usable": False,
    "revoked_tags": (20454,),
    "published": True,
    "signing": False,
}


class TestThePlan:
    @pytest.mark.parametrize(
        ("at", "seen", "rest"),
        [
            # publication
            (
                "2025-01-10",
                ABSENT,
                "not in DNS; publication planned for 2025-01-11; signing planned for 2026-10-11",
            ),
            (
                "2025-01-12",
                ABSENT,
                f"not in DNS; publication was planned for 2025-01-11 {UNSEEN}; {SIGNING}",
            ),
            # seen before it was planned: what is seen wins
            ("2025-01-10", SHOWN, "in DNS, not signing; signing planned for 2026-10-11"),
            ("2025-01-11", SHOWN, "in DNS, not signing; signing planned for 2026-10-11"),
            # signing
            ("2026-10-10", SHOWN, "in DNS, not signing; signing planned for 2026-10-11"),
            (
                # the day itself is left to the servers
                "2026-10-11",
                SHOWN,
                "in DNS, not signing; signing planned for 2026-10-11",
            ),
            (
                "2026-10-12",
                SHOWN,
                "in DNS, not signing; signing was planned for 2026-10-11 and was not observed",
            ),
            ("2026-10-10", SIGNS, "in DNS, signing"),
            ("2026-10-11", SIGNS, "in DNS, signing"),
            ("2030-01-01", SIGNS, "in DNS, signing"),
            # where nobody looked, nothing is compared
            ("2026-10-12", UNCHECKED, "DNS not checked"),
        ],
    )
    def test_of_the_key_that_comes(
        self, at: str, seen: dict[str, Any], rest: str, rows: tuple[KeyEvidence, ...]
    ) -> None:
        _, new = words_of(rows, midnight(at), old=SIGNS, new=seen)
        assert new == f"{IN_2024}, {rest}"

    @pytest.mark.parametrize(
        ("at", "old", "new", "rest"),
        [
            ("2026-10-10", SIGNS, SHOWN, f"in DNS, signing; {REVOCATION_AND_HEIR}"),
            ("2026-10-12", SHOWN, SIGNS, f"in DNS, no longer signing; {REVOCATION_AND_HEIR}"),
            ("2027-01-10", SHOWN, SIGNS, f"in DNS, no longer signing; {REVOCATION_AND_HEIR}"),
            (
                "2027-01-12",
                SHOWN,
                SIGNS,
                f"in DNS, no longer signing; revocation was planned for 2027-01-11 {UNSEEN}",
            ),
            # revoked sooner or later than planned: the day is no longer of interest
            ("2026-12-01", REVOKED, SIGNS, "in DNS as 20454 with the REVOKE bit, revoked"),
            ("2027-01-11", REVOKED, SIGNS, "in DNS as 20454 with the REVOKE bit, revoked"),
            ("2027-03-01", REVOKED, SIGNS, "in DNS as 20454 with the REVOKE bit, revoked"),
            # gone from the zone after its revocation
            (
                "2027-04-01",
                ABSENT,
                SIGNS,
                f"not in DNS; {GONE}",
            ),
            ("2027-04-01", UNCHECKED, UNCHECKED, "DNS not checked"),
        ],
    )
    def test_of_the_key_that_goes(
        self,
        at: str,
        old: dict[str, Any],
        new: dict[str, Any],
        rest: str,
        rows: tuple[KeyEvidence, ...],
    ) -> None:
        words, _ = words_of(rows, midnight(at), old=old, new=new)
        assert words == f"{IN_2017}, {rest}"

    def test_no_plan_calms_where_the_heir_is_not_usable(
        self, rows: tuple[KeyEvidence, ...]
    ) -> None:
        refused = {**SIGNS, "usable": False}
        old, _ = words_of(rows, midnight("2026-12-01"), old=SHOWN, new=refused)
        assert old == f"{IN_2017}, in DNS, no longer signing; {REVOCATION}"

    def test_a_second_before_midnight_is_the_day_before(
        self, rows: tuple[KeyEvidence, ...]
    ) -> None:
        before = midnight("2026-10-11") - timedelta(seconds=1)
        assert words_of(rows, before, old=SIGNS, new=SHOWN)[1].endswith("planned for 2026-10-11")

    def test_the_dates_are_icanns(self) -> None:
        days = {
            key.digest[:8]: (key.planned.published, key.planned.signing, key.planned.revoked)
            for key in KNOWN_KEYS
            if key.planned is not None
        }
        assert days == {
            "E06D44B8": (None, None, midnight("2027-01-11")),
            "683D2D0A": (midnight("2025-01-11"), midnight("2026-10-11"), None),
        }

    def test_no_other_key_has_a_plan(self, rows: tuple[KeyEvidence, ...]) -> None:
        assert planned_for(rows[0].entry.digest) is None
        assert planned_for(None) is None
        assert planned_for(rows[2].entry.digest) is KNOWN_KEYS[2].planned

    def test_the_same_rrset_before_and_after_the_day(self) -> None:
        """End to end: the recording of 2026-10-01 holds to 2026-10-22, and 20326 signs it."""
        source = FIXTURES / "publications" / "2025-03-25"
        rrset = RECORDINGS["2026-10-01_signer20326_20326+38696.rrset"]
        before = tell(source, rrset, datetime(2026, 10, 10, 23, 59, 59, tzinfo=UTC))
        after = tell(source, rrset, midnight("2026-10-12"))
        assert before.prints("not signing; signing planned for 2026-10-11")
        assert after.prints("not signing; signing was planned for 2026-10-11 and was not observed")
        # A plan that did not come true is told, and changes nothing that was seen.
        assert before.keys == after.keys
        assert (before.code, before.attention, before.findings) == (0, False, {})
        assert (after.code, after.attention, after.findings) == (0, False, {})

    def test_a_replay_speaks_as_of_the_recording(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Read again long after the roll, answers of 2026-10-04 say nothing of the roll."""
        assert main(["verify", "-v", "--offline", "--at", "2027-06-01T00:00:00Z"]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert "recorded, as of 2026-10-04T00:00:00Z, as the recording claims" in text
        seen, since = "on 2026-10-04", "and the root zone was not asked since"
        signing, revocation = "signing was planned for 2026-10-11", "revocation was planned for"
        assert f"{IN_2024}, in DNS and not signing {seen}; {signing}, {since}" in text
        assert f"{IN_2017}, in DNS and signing {seen}; {revocation} 2027-01-11, {since}" in text
        assert "no action needed" not in text
        assert "was not observed" not in text
        assert main(["verify", "--offline", "--strict", "--at", "2027-06-01T00:00:00Z"]) == 4
        assert "rootzone.recording-old" in capsys.readouterr().out
