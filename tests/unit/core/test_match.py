"""Which root key an anchor stands for: the digits decide, never the tag."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.core import records
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.core.match import Match, digests_of, match
from anchors.pipeline.root_keys import RootKey
from tests.unit.auditing.basis import keys

KSK_2010, KSK_2017, KSK_2024 = KEYS = keys().keys
DIGEST = "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"
PUBLIC_KEY = KSK_2024.public_key or b""


def matched(anchor: FoundAnchor) -> Match[RootKey] | None:
    return match(anchor, KEYS)


def ds(digest: str = DIGEST, tag: int = 38696, algorithm: int = 8, kind: int = 2) -> FoundDs:
    return FoundDs(tag, algorithm, kind, bytes.fromhex(digest))


def dnskey(key: bytes = PUBLIC_KEY, flags: int = 257, algorithm: int = 8) -> FoundDnskey:
    return FoundDnskey(flags, algorithm, key)


def changed(at: int) -> bytes:
    return PUBLIC_KEY[:at] + bytes([PUBLIC_KEY[at] ^ 1]) + PUBLIC_KEY[at + 1 :]


@pytest.mark.parametrize("kind", [1, 2, 4])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_digest_of_every_key_is_that_key(key: RootKey, kind: int) -> None:
    digest = key.digest(kind)
    assert digest is not None
    assert matched(FoundDs(key.key_tag, key.algorithm, kind, digest)) == Match(key)


def test_a_dnskey_is_that_key() -> None:
    assert matched(dnskey()) == Match(KSK_2024)


def test_revoke_changes_the_tag_and_not_the_key() -> None:
    assert matched(dnskey(flags=385)) == Match(KSK_2024, None, is_revoked=True)


def test_a_digest_made_of_the_revoked_key_is_that_key_revoked() -> None:
    revoked = records.dnskey(385, 8, KSK_2017.public_key or b"")
    tag, digest = records.key_tag(revoked), records.ds_digest(revoked, 2)
    assert (tag, digest.hex()[:8]) == (20454, "95f424c5")
    assert matched(FoundDs(tag, 8, 2, digest)) == Match(KSK_2017, None, is_revoked=True)


@pytest.mark.parametrize(
    ("anchor", "fault"),
    [
        # The rows on which two matchers once disagreed.
        (ds(DIGEST[2:]), "the digest has 62 digits, but that of the key has 64"),
        (dnskey(PUBLIC_KEY[3:]), "the public key has 344 base64 characters, but that of the key"),
        (ds(DIGEST[:32]), "the digest has 32 digits, but that of the key has 64"),
        (ds(DIGEST[32:]), "the digest has 32 digits, but that of the key has 64"),
        (dnskey(flags=70_000), "the flags are 70000, but the key's flags are 257"),
        # What was lost at the end or in the middle.
        (ds(DIGEST[:-2]), "the digest has 62 digits, but that of the key has 64"),
        (ds(DIGEST[:30] + DIGEST[34:]), "the digest has 60 digits, but that of the key has 64"),
        (dnskey(PUBLIC_KEY[:-3]), "the public key has 344 base64 characters, but that of the key"),
        (dnskey(PUBLIC_KEY[:99] + PUBLIC_KEY[102:]), "the public key has 344 base64 characters"),
        # What is too much.
        (ds(DIGEST + "16"), "the digest has 66 digits, but that of the key has 64"),
        # Wrong numbers before the right digits.
        (ds(tag=38697), "the key tag is 38697, but the key's tag is 38696"),
        (ds(algorithm=13), "the algorithm is 13, but the key's algorithm is 8"),
        (ds(kind=4), "the digest is of type 2, not 4"),
        (dnskey(algorithm=10), "the algorithm is 10, but the key's algorithm is 8"),
        (dnskey(flags=256), "the flags are 256, but the key's flags are 257"),
        # Wrong digits.
        (ds(DIGEST.replace("C0FB", "C0FA")), "digit 60 of the digest is 'A', but should be"),
        (ds("783D2D0B" + DIGEST[8:]), "digit 1 of the digest is '7', but should be '6', and"),
        (dnskey(changed(100)), "base64 character 135 of the public key is 'q', but should be"),
    ],
)
def test_damage_is_told_and_where_it_is(anchor: FoundAnchor, fault: str) -> None:
    found = matched(anchor)
    assert found is not None
    assert (found.key, found.is_revoked) == (KSK_2024, False)
    assert (found.fault or "").startswith(fault)


@pytest.mark.parametrize(
    "anchor",
    [
        ds("00" * 32),
        ds(""),
        ds("00" * 20, kind=1),
        ds(DIGEST[:8]),
        dnskey(b""),
        dnskey(b"\x03\x01\x00\x01" + b"\x99" * 256),
        FoundDnskey(1 << 20, 8, b"\x99" * 256),
        # The exponent and no more is in every RSA key.
        dnskey(PUBLIC_KEY[:4] + b"\x55" * 256),
    ],
)
def test_a_tag_alone_never_decides(anchor: FoundAnchor) -> None:
    assert matched(anchor) is None


def test_the_whole_of_another_key_wins_over_damage_of_the_first() -> None:
    """The two digests are nothing alike: a right one is never told as a damaged other."""
    for key in KEYS:
        found = matched(FoundDs(20326, 8, 2, key.digest(2) or b""))
        assert found is not None
        assert found.key == key


@pytest.mark.parametrize("position", range(0, 64, 7))
@pytest.mark.parametrize("slips", range(1, 9))
def test_up_to_eight_wrong_digits_are_a_slip(position: int, slips: int) -> None:
    digits = list(DIGEST)
    for step in range(slips):
        at = (position + 3 * step) % 64
        digits[at] = "0" if digits[at] != "0" else "1"
    found = matched(ds("".join(digits)))
    assert found is not None
    assert (found.key, found.fault is None) == (KSK_2024, False)


def test_wrong_digits_in_every_part_are_another_key() -> None:
    digits = list(DIGEST)
    for at in range(0, 64, 6):
        digits[at] = "0" if digits[at] != "0" else "1"
    assert matched(ds("".join(digits))) is None


def test_one_wrong_part_is_damage_though_it_has_more_digits_than_a_slip() -> None:
    found = matched(ds("0" * 16 + DIGEST[16:]))
    assert found is not None
    assert found.key == KSK_2024


def test_digests_of_a_key_are_those_of_its_record() -> None:
    made = dict(digests_of(257, 8, PUBLIC_KEY))
    assert made[2].hex().upper() == DIGEST
    record = records.dnskey(257, 8, PUBLIC_KEY)
    assert made == {kind: records.ds_digest(record, kind) for kind in (1, 2, 4)}


@given(st.binary(min_size=32, max_size=32))
def test_no_random_digest_is_a_key(digest: bytes) -> None:
    assert matched(FoundDs(38696, 8, 2, digest)) is None


@given(st.binary(max_size=300), st.integers(0, 1 << 17), st.integers(0, 300))
def test_no_random_key_raises(key: bytes, flags: int, algorithm: int) -> None:
    found = matched(FoundDnskey(flags, algorithm, key))
    if found is not None:
        whole = base64.b64encode(found.key.public_key or b"")
        assert base64.b64encode(key)[:16] in whole
