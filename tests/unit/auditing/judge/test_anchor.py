"""One anchor, held against the verified keys: what it is worth, and what is damaged in it."""

from __future__ import annotations

import pytest
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.result import Judged, Standing
from anchors.consumers.reading import Held, Hold
from anchors.core import records
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from tests.unit.auditing.basis import keys
from tests.unit.stages import FIXTURES

KSK_2010, KSK_2017, KSK_2024 = keys().keys


def judged(anchor: FoundAnchor) -> Judged:
    return judge_anchor(Held(anchor, Hold.FILE), keys())


def ds(kind: int = 2, digest: bytes | None = None) -> FoundDs:
    own = KSK_2024.digest(kind)
    assert own is not None
    return FoundDs(38696, 8, kind, own if digest is None else digest)


def dnskey(flags: int = 257) -> FoundDnskey:
    assert KSK_2024.public_key is not None
    return FoundDnskey(flags, 8, KSK_2024.public_key)


@pytest.mark.parametrize("kind", [1, 2, 4])
def test_a_ds_by_any_digest_of_a_key_is_that_key(kind: int) -> None:
    got = judged(ds(kind))
    assert (got.name, got.standing, got.fault) == ("KSK-2024 (38696)", Standing.CURRENT, None)


def test_a_dnskey_is_that_key() -> None:
    got = judged(dnskey())
    assert (got.name, got.standing, got.fault) == ("KSK-2024 (38696)", Standing.CURRENT, None)


def test_a_slip_is_damage_and_says_what_is_wrong() -> None:
    got = judged(ds()._replace(key_tag=38697))
    assert (got.name, got.standing) == ("KSK-2024 (38696)", Standing.DAMAGED)
    assert got.fault == "the key tag is 38697, but the key's tag is 38696"


def test_a_lost_beginning_is_damage_and_no_intrusion() -> None:
    got = judged(ds(digest=ds().digest[1:]))
    assert (got.name, got.standing) == ("KSK-2024 (38696)", Standing.DAMAGED)
    assert got.fault == "the digest has 62 digits, but that of the key has 64"


def test_a_key_with_the_revoke_bit_is_revoked() -> None:
    got = judged(dnskey(385))
    assert (got.name, got.standing) == ("KSK-2024 (38696)", Standing.REVOKED)


def test_a_key_with_the_tag_of_a_root_key_alone_is_foreign() -> None:
    got = judged(ds(digest=b"\0" * 32))
    assert (got.name, got.standing) == ("key 38696", Standing.FOREIGN)


def test_another_key_is_foreign_and_is_called_by_its_tag() -> None:
    stranger = FoundDnskey(257, 8, b"\x03\x01\x00\x01" + b"\x99" * 256)
    got = judged(stranger)
    assert got.standing is Standing.FOREIGN
    assert got.name == f"key {records.key_tag(records.dnskey(257, 8, stranger.public_key))}"


def test_numbers_that_fit_into_no_field_have_no_tag() -> None:
    got = judged(FoundDnskey(1 << 20, 8, b"\x99" * 256))
    assert (got.name, got.standing) == ("key without a tag", Standing.FOREIGN)


def test_the_first_key_is_retired() -> None:
    got = judged(FoundDs(19036, 8, 2, KSK_2010.digest(2) or b""))
    assert (got.name, got.standing) == ("KSK-2010 (19036)", Standing.RETIRED)


@pytest.mark.parametrize("digest_type", [1, 2, 4])
def test_the_digests_of_the_first_key_are_those_of_its_public_key(digest_type: int) -> None:
    text = (FIXTURES / "root-ksks.zone").read_text(encoding="ascii")
    recorded = [one for one in records.root_records(text) if isinstance(one, DNSKEY)]
    (key,) = (one for one in recorded if records.key_tag(one) == 19036)
    digest = records.ds_digest(key, digest_type)
    got = judged(FoundDs(19036, 8, digest_type, digest))
    assert (got.name, got.standing, got.fault) == ("KSK-2010 (19036)", Standing.RETIRED, None)
    other = judged(FoundDs(19036, 8, digest_type, bytes(len(digest))))
    assert (other.name, other.standing) == ("key 19036", Standing.FOREIGN)


def test_a_zone_signing_key_of_the_root_is_no_stranger() -> None:
    (zone_key, *_) = sorted(keys().zone_keys)
    got = judged(FoundDnskey(256, 8, zone_key))
    assert got.standing is Standing.ZONE_KEY
    # Where nobody asked the root zone, nobody can tell.
    unasked = keys()._replace(zone_keys=frozenset())
    blind = judge_anchor(Held(FoundDnskey(256, 8, zone_key), Hold.FILE), unasked)
    assert blind.standing is Standing.FOREIGN
