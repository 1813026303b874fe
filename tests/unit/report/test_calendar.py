"""The calendar as lines for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anchors.core.keys import DocumentKey, KeyDigest, TrustAnchors, Window
from anchors.core.root_facts import KNOWN_KEYS
from anchors.report.calendar import describe
from anchors.rootzone import skr
from anchors.rootzone.calendar import calendar
from tests.lab import zone
from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.skr import BEGIN, LabBundle, bundle, bundle_of, encode, quarter

OLD, NEW, ZSK = ksk("old"), ksk("new"), zsk()
FOREVER = Window(datetime(2010, 1, 1, tzinfo=UTC), None)


def digest_of(key: LabKey) -> KeyDigest:
    return KeyDigest(f"K{key.tag}", key.tag, key.algorithm, 2, key.digest, FOREVER)


def described(bundles: list[LabBundle], *keys: DocumentKey) -> list[str]:
    document = TrustAnchors("id", "source", keys or (digest_of(OLD), digest_of(NEW)))
    return describe(calendar(skr.read(encode(bundles)), document))


def test_a_roll() -> None:
    gone = OLD.revoked()
    unsigned = f"key {OLD.tag} as {gone.tag} with REVOKE, unsigned"
    plan = [
        ([OLD, NEW, ZSK], [OLD]),
        ([OLD, NEW, ZSK], [NEW]),
        ([gone, NEW, ZSK], [gone, NEW]),
        ([gone, NEW, ZSK], [NEW]),
        ([NEW], [NEW]),
        ([NEW], [OLD]),
    ]
    assert described(quarter(plan)) == [
        "2026-10-01 to 2026-12-11, 6 slots",
        f"2026-10-01  key {OLD.tag} signs, key {NEW.tag}; ZSK {ZSK.tag}",
        f"2026-10-11  key {OLD.tag}, key {NEW.tag} signs; ZSK {ZSK.tag}",
        f"2026-10-21  key {OLD.tag} as {gone.tag} revoked, key {NEW.tag} signs; ZSK {ZSK.tag}",
        f"2026-10-31  {unsigned}, key {NEW.tag} signs; ZSK {ZSK.tag}",
        f"2026-11-10  key {NEW.tag} signs",
        f"2026-11-20  key {NEW.tag}, NO CURRENT KEY SIGNS",
    ]


def test_the_real_keys_by_name() -> None:
    real = [
        KeyDigest(
            k.name,
            k.key_tag,
            k.algorithm,
            2,
            bytes.fromhex(k.digest),
            Window(k.valid_from, k.valid_until),
        )
        for k in KNOWN_KEYS
    ]
    (path,) = zone.FIXTURES.glob("2026-09-19_*")
    assert described([bundle_of(zone.recorded(path))], *real) == [
        "2026-09-19 to 2026-10-01, 1 slot",
        "2026-09-19  KSK-2017 (20326) signs, KSK-2024 (38696); ZSK 8763 57780",
    ]


def test_a_key_that_nobody_knows() -> None:
    one = bundle([OLD, NEW], [OLD])
    assert described([one], digest_of(OLD))[1] == (
        f"2026-10-01  key {OLD.tag} signs, {NEW.tag} (not in the document)"
    )


def test_a_key_that_is_listed_twice_is_one() -> None:
    once = digest_of(OLD)
    assert described([bundle([OLD], [OLD])], once, once._replace(id="again"))[1] == (
        f"2026-10-01  key {OLD.tag} signs"
    )


def test_times_within_a_day() -> None:
    one = bundle([OLD], [OLD], BEGIN + timedelta(hours=1))
    assert described([one])[1].startswith("2026-10-01T01:00:00Z  ")


def test_nothing() -> None:
    assert describe(()) == []
