"""The states of the root's keys that will come, and those that must not: over keys of the lab."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dns.dnssectypes import Algorithm

from anchors.core.root_facts import Planned
from anchors.report import metrics, words
from tests.lab.keys import SEP, ZONE, LabKey, ksk, zsk
from tests.lab.zone import Apex, signed
from tests.rootzone.told import Told, document_of, key_digest, tell_apex

# Like KSK-2017 and KSK-2024: their dates and their plan, other keys.
OLD, NEW, STRANGER = ksk("2017"), ksk("2024"), ksk("stranger")
OLD_FROM, NEW_FROM = "2017-02-02T00:00:00+00:00", "2024-07-18T00:00:00+00:00"
SIGNING, REVOCATION = datetime(2026, 10, 11, tzinfo=UTC), datetime(2027, 1, 11, tzinfo=UTC)
DAY = timedelta(days=1)

IN_OLD = f"key {OLD.tag}: in the document with no end date"
IN_NEW = f"key {NEW.tag}: in IANA's document since 2024-07-18"
PLANNED = f"revocation planned for 2027-01-11: no action needed while {NEW.tag} is trusted"


@pytest.fixture(autouse=True)
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """ICANN's plan, for the keys of the lab."""
    lab_plan = {
        OLD.digest: Planned(revoked=REVOCATION),
        NEW.digest: Planned(published=datetime(2025, 1, 11, tzinfo=UTC), signing=SIGNING),
    }
    for module in (words, metrics):
        monkeypatch.setattr(module, "planned_for", lab_plan.get)


def told_of(tmp_path: Path, apex: Apex, at: datetime, *keys: LabKey) -> Told:
    """The report about this apex, with a document of the old key, the new one and further ones."""
    more = [key_digest(key, NEW_FROM) for key in keys]
    entries = [key_digest(OLD, OLD_FROM), key_digest(NEW, NEW_FROM), *more]
    return tell_apex(document_of(tmp_path, entries, datetime(2026, 2, 1, tzinfo=UTC)), apex, at)


def apex_at(at: datetime, keys: list[LabKey], by: list[LabKey]) -> Apex:
    """Signed for the three weeks around ``at``."""
    return signed(keys, by, inception=at - 10 * DAY, expiration=at + 11 * DAY)


def assert_printed(told: Told) -> None:
    assert all(told.prints(words) for words in told.words), told.text


# The roll that is planned


def test_the_new_key_signs_alone(tmp_path: Path) -> None:
    at = SIGNING + DAY
    told = told_of(tmp_path, apex_at(at, [OLD, NEW, zsk()], [NEW]), at)
    assert (told.code, told.attention, told.findings) == (0, False, {})
    assert told.keys == [
        (OLD.tag, "current", True, False, True),
        (NEW.tag, "current", True, True, True),
    ]
    assert told.words == [
        f"{IN_OLD}, in DNS, no longer signing; {PLANNED}",
        f"{IN_NEW}, in DNS, signing",
    ]
    assert_printed(told)
    assert told.servers[0]["signed_by"] == [NEW.tag]


@pytest.mark.parametrize(
    ("at", "rest"),
    [
        (SIGNING - DAY, "signing planned for 2026-10-11"),
        (SIGNING, "signing planned for 2026-10-11"),
        (SIGNING + DAY, "signing was planned for 2026-10-11 and was not observed"),
    ],
    ids=["the day before", "the day", "the day after"],
)
def test_the_roll_that_does_not_come(at: datetime, rest: str, tmp_path: Path) -> None:
    """Delayed as the roll of 2017 was: told in words, and nothing to be alarmed at."""
    told = told_of(tmp_path, apex_at(at, [OLD, NEW, zsk()], [OLD]), at)
    assert told.words == [
        f"{IN_OLD}, in DNS, signing; {PLANNED}",
        f"{IN_NEW}, in DNS, not signing; {rest}",
    ]
    assert_printed(told)
    assert (told.code, told.attention) == (0, False)


def test_the_roll_that_comes_early(tmp_path: Path) -> None:
    at = SIGNING - 10 * DAY
    told = told_of(tmp_path, apex_at(at, [OLD, NEW, zsk()], [NEW]), at)
    assert told.words[1] == f"{IN_NEW}, in DNS, signing"
    assert (told.code, told.attention) == (0, False)


@pytest.mark.parametrize("at", [REVOCATION - DAY, REVOCATION, REVOCATION + 30 * DAY], ids=str)
def test_the_old_key_revokes_itself(at: datetime, tmp_path: Path) -> None:
    revoked = OLD.revoked()
    told = told_of(tmp_path, apex_at(at, [revoked, NEW, zsk()], [revoked, NEW]), at)
    assert (told.code, told.attention) == (0, True)
    assert told.keys == [
        (OLD.tag, "revoked", True, False, False),
        (NEW.tag, "current", True, True, True),
    ]
    # What is seen wins: no date, whether it lies ahead or behind.
    assert told.words == [
        f"{IN_OLD}, in DNS as {revoked.tag} with the REVOKE bit, revoked",
        f"{IN_NEW}, in DNS, signing",
    ]
    assert_printed(told)
    assert told.findings == {
        "rootzone.revoked": (
            "warning",
            f"key {OLD.tag} is revoked in the root zone and is left out of the files",
            "the REVOKE bit, signed by the key itself",
        )
    }
    assert told.prints(f"{revoked.tag}/385")
    assert told.prints(f"{NEW.tag}*")
    assert told.servers[0]["signed_by"] == [NEW.tag]


@pytest.mark.parametrize(
    ("at", "rest"),
    [
        (REVOCATION - DAY, PLANNED),
        (REVOCATION, PLANNED),
        (REVOCATION + DAY, "revocation was planned for 2027-01-11 and was not observed"),
    ],
    ids=["the day before", "the day", "the day after"],
)
def test_the_revocation_that_does_not_come(at: datetime, rest: str, tmp_path: Path) -> None:
    told = told_of(tmp_path, apex_at(at, [OLD, NEW, zsk()], [NEW]), at)
    assert told.words[0] == f"{IN_OLD}, in DNS, no longer signing; {rest}"
    assert_printed(told)
    assert (told.code, told.attention) == (0, False)


def test_revoke_without_its_own_signature_comes_first(tmp_path: Path) -> None:
    revoked = OLD.revoked()
    told = told_of(tmp_path, apex_at(REVOCATION, [revoked, NEW, zsk()], [NEW]), REVOCATION)
    assert told.keys[0] == (OLD.tag, "current", True, False, True)
    assert told.words[0] == (
        f"{IN_OLD}, in DNS as {revoked.tag} with the REVOKE bit, no longer signing"
    )
    assert [*told.findings] == ["rootzone.revoke-unsigned"]
    assert told.findings["rootzone.revoke-unsigned"][0] == "warning"


def test_the_new_key_is_revoked_instead(tmp_path: Path) -> None:
    """An emergency: the key in waiting is given up before it ever signed."""
    at, revoked = SIGNING - DAY, NEW.revoked()
    told = told_of(tmp_path, apex_at(at, [OLD, revoked, zsk()], [OLD, revoked]), at)
    assert told.keys == [
        (OLD.tag, "current", True, True, True),
        (NEW.tag, "revoked", True, False, False),
    ]
    # Nobody says any more that the old key's end needs no action.
    assert told.words == [
        f"{IN_OLD}, in DNS, signing; revocation planned for 2027-01-11",
        f"{IN_NEW}, in DNS as {revoked.tag} with the REVOKE bit, revoked",
    ]
    assert_printed(told)
    assert [*told.findings] == ["rootzone.revoked"]


# Keys that appear and vanish


def test_an_unknown_sep_key_appears(tmp_path: Path) -> None:
    told = told_of(tmp_path, apex_at(SIGNING, [OLD, NEW, STRANGER, zsk()], [NEW]), SIGNING)
    assert (told.code, told.attention) == (0, True)
    assert told.findings == {
        "rootzone.unknown-sep": (
            "alarm",
            "the root zone has a key-signing key that IANA does not publish",
            str(STRANGER.tag),
        )
    }
    assert len(told.words) == 2
    assert STRANGER.tag in told.servers[0]["key_tags"]
    assert told.servers[0]["signed_by"] == [NEW.tag]


def test_an_unknown_key_that_signs_too_is_not_said_to_sign(tmp_path: Path) -> None:
    apex = apex_at(SIGNING, [OLD, NEW, STRANGER, zsk()], [NEW, STRANGER])
    told = told_of(tmp_path, apex, SIGNING)
    assert told.findings["rootzone.unknown-sep"][0] == "alarm"
    assert told.servers[0]["signed_by"] == [NEW.tag]


def test_an_unknown_key_without_sep_is_a_zsk(tmp_path: Path) -> None:
    apex = apex_at(SIGNING, [OLD, NEW, zsk(), zsk("next")], [NEW])
    assert told_of(tmp_path, apex, SIGNING).findings == {}


def test_the_waiting_key_vanishes(tmp_path: Path) -> None:
    """Published once, withdrawn before it signed: neither day of the plan came true."""
    told = told_of(tmp_path, apex_at(SIGNING, [OLD, zsk()], [OLD]), SIGNING)
    assert (told.code, told.findings) == (0, {})
    assert told.keys[1] == (NEW.tag, "current", False, False, True)
    assert told.words[1] == (
        f"{IN_NEW}, not in DNS; publication was planned for 2025-01-11 and was not observed; "
        "signing planned for 2026-10-11"
    )
    assert_printed(told)


def test_the_old_key_vanishes_after_its_time(tmp_path: Path) -> None:
    at = REVOCATION + 90 * DAY
    told = told_of(tmp_path, apex_at(at, [NEW, zsk()], [NEW]), at)
    gone = "revocation was planned for 2027-01-11, and the key is gone without an end date"
    assert told.words == [f"{IN_OLD}, not in DNS; {gone}", f"{IN_NEW}, in DNS, signing"]
    assert_printed(told)


def test_every_key_of_the_document_vanishes(tmp_path: Path) -> None:
    told = told_of(tmp_path, apex_at(SIGNING, [STRANGER, zsk()], [STRANGER]), SIGNING)
    assert (told.code, told.report["verdict"]) == (1, "not-trusted")
    assert told.findings["rootzone.signature"][0] == "failure"
    assert [(row["published"], row["emitted"]) for row in told.report["anchors"]] == [
        (False, False)
    ] * 2


# Two keys with one tag


def colliding() -> tuple[LabKey, LabKey]:
    """Two Ed25519 KSKs with the same key tag: two of the first few hundred."""
    seen: dict[int, LabKey] = {}
    for number in count():
        seed = sha256(number.to_bytes(4)).digest()
        key = LabKey(Ed25519PrivateKey.from_private_bytes(seed), 15, ZONE | SEP)
        twin = seen.setdefault(key.tag, key)
        if twin is not key:
            return twin, key
    raise AssertionError


ONE, TWIN = colliding()


def test_two_keys_of_the_document_with_one_tag_are_told_apart(tmp_path: Path) -> None:
    assert ONE.tag == TWIN.tag
    apex = apex_at(SIGNING, [ONE, TWIN, zsk("zsk", Algorithm.ED25519)], [TWIN])
    told = told_of(tmp_path, apex, SIGNING, ONE, TWIN)
    assert (told.code, told.findings) == (0, {})
    # Their own signatures decide, not the tag that both signatures would carry.
    assert told.keys[2:] == [
        (ONE.tag, "current", True, False, True),
        (ONE.tag, "current", True, True, True),
    ]
    in_document = f"key {ONE.tag}: in IANA's document since 2024-07-18, in DNS"
    assert told.words[2:] == [f"{in_document}, not signing", f"{in_document}, signing"]
    assert_printed(told)


def test_both_of_two_keys_with_one_tag_sign(tmp_path: Path) -> None:
    apex = apex_at(SIGNING, [ONE, TWIN, zsk("zsk", Algorithm.ED25519)], [ONE, TWIN])
    told = told_of(tmp_path, apex, SIGNING, ONE, TWIN)
    assert [signing for _, _, _, signing, _ in told.keys[2:]] == [True, True]


@pytest.mark.parametrize("signer", [ONE, TWIN], ids=["known", "unknown"])
def test_an_unknown_key_behind_a_known_tag(signer: LabKey, tmp_path: Path) -> None:
    apex = apex_at(SIGNING, [ONE, TWIN, NEW, zsk()], [signer, NEW])
    told = told_of(tmp_path, apex, SIGNING, ONE)
    assert told.keys[2] == (ONE.tag, "current", True, signer is ONE, True)
    assert told.findings["rootzone.unknown-sep"][2] == str(TWIN.tag)
    assert told.attention


def test_only_an_unknown_key_behind_a_known_tag_signs(tmp_path: Path) -> None:
    apex = apex_at(SIGNING, [ONE, TWIN, zsk()], [TWIN])
    told = told_of(tmp_path, apex, SIGNING, ONE)
    assert (told.code, told.report["verdict"]) == (1, "not-trusted")
    assert told.servers[0]["outcome"] == "untrusted"
    assert told.servers[0]["signed_by"] == []


# Another algorithm: the roll to ECDSA is in test_ecdsa


@pytest.mark.parametrize(
    "algorithm", [Algorithm.ECDSAP256SHA256, Algorithm.ED25519], ids=["13", "15"]
)
def test_a_key_of_another_algorithm_and_the_same_material_is_another_key(
    algorithm: Algorithm, tmp_path: Path
) -> None:
    """The digest covers the algorithm: a document that names the wrong one names no key here."""
    modern = ksk("modern", algorithm)
    keys = [NEW, modern, zsk()]
    told = told_of(tmp_path, apex_at(SIGNING, keys, [NEW]), SIGNING)
    assert told.findings["rootzone.unknown-sep"][2] == str(modern.tag)
