"""Every digit is compared, and the one that differs is named."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchors.core.found import FoundDnskey, FoundDs
from anchors.core.keys import KeyDigest
from anchors.core.records import dnskey, ds_digest
from anchors.pipeline.verify import example
from anchors.proving.comparison import compare, compare_tags

KEYS = tuple(anchor.key for anchor in example().anchors.anchors)
KSK_2017, KSK_2024 = KEYS


def ds(key: KeyDigest) -> FoundDs:
    return FoundDs(key.key_tag, key.algorithm, key.digest_type, key.digest)


def whole(key: KeyDigest) -> FoundDnskey:
    assert key.public_key is not None
    return FoundDnskey(257, key.algorithm, key.public_key)


def test_what_is_right_is_said_with_its_form() -> None:
    comparison = compare(KEYS, [ds(KSK_2017), whole(KSK_2024)])
    assert comparison.right == ((KSK_2017, "DS in full"), (KSK_2024, "DNSKEY in full"))
    assert comparison.wrong == ()


@given(st.integers(0, 63), st.sampled_from("0123456789ABCDEF"), st.integers(0, 1))
def test_one_wrong_digit_is_named_with_its_place(place: int, digit: str, which: int) -> None:
    key = KEYS[which]
    text = key.digest.hex().upper()
    damaged = bytes.fromhex(text[:place] + digit + text[place + 1 :])
    found = [ds(key)._replace(digest=damaged), ds(KEYS[1 - which])]
    comparison = compare(KEYS, found)
    if digit == text[place]:
        assert comparison.wrong == ()
    else:
        want = f"digit {place + 1} of the digest is {digit!r}, but should be {text[place]!r}"
        assert comparison.wrong == ((key, want),)
        assert comparison.right == ((KEYS[1 - which], "DS in full"),)


def test_one_wrong_character_of_a_key_is_named_with_its_place() -> None:
    assert KSK_2024.public_key is not None
    text = base64.b64encode(KSK_2024.public_key).decode()
    assert text[20] == "y"
    damaged = base64.b64decode(f"{text[:20]}A{text[21:]}")
    comparison = compare(KEYS, [whole(KSK_2017), whole(KSK_2024)._replace(public_key=damaged)])
    assert comparison.wrong == (
        (KSK_2024, "base64 character 21 of the public key is 'A', but should be 'y'"),
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ds(KSK_2024)._replace(key_tag=38697), "the key tag is 38697, but the key's tag is 38696"),
        (ds(KSK_2024)._replace(algorithm=13), "the algorithm is 13, but the key's algorithm is 8"),
        (ds(KSK_2024)._replace(digest_type=1), "the digest is of type 2, not 1"),
        (
            ds(KSK_2024)._replace(digest=KSK_2024.digest[:-1]),
            "the digest has 62 digits, but that of the key has 64",
        ),
        (whole(KSK_2024)._replace(flags=385), "it has the REVOKE flag"),
        (whole(KSK_2024)._replace(flags=70000), "the flags are 70000, but the key's flags are 257"),
        (
            ds(KSK_2024)._replace(digest=KSK_2024.digest[:-1] + b"\0\0"),
            "the digest has 66 digits, but that of the key has 64",
        ),
    ],
)
def test_every_other_difference_is_named(found: FoundDs | FoundDnskey, words: str) -> None:
    assert compare(KEYS, [ds(KSK_2017), found]).wrong == ((KSK_2024, words),)


def test_a_key_that_is_gone_is_missing() -> None:
    comparison = compare(KEYS, [ds(KSK_2017)])
    assert comparison.wrong == ((KSK_2024, "the key is missing"),)


def test_a_key_that_nobody_verified_is_a_stranger() -> None:
    stranger = FoundDs(19036, 8, 2, bytes(32))
    comparison = compare(KEYS, [ds(KSK_2017), stranger, ds(KSK_2024)])
    assert comparison.wrong == ((None, f"DS 19036 8 2 {'00' * 32} is not a verified key"),)
    assert [key for key, _ in comparison.right] == [*KEYS]


def test_a_tolerated_key_is_neither_missed_nor_a_stranger() -> None:
    assert compare([KSK_2017], [ds(KSK_2017), ds(KSK_2024)], [KSK_2024]).wrong == ()
    assert compare([KSK_2017], [ds(KSK_2017)], [KSK_2024]).wrong == ()


def test_a_ds_of_another_digest_type_is_of_the_same_key() -> None:
    assert KSK_2024.public_key is not None
    digest = ds_digest(dnskey(257, 8, KSK_2024.public_key), 4)
    found = FoundDs(38696, 8, 4, digest)
    assert compare([KSK_2024], [found]).wrong == ()
    by_digest_only = KSK_2024._replace(public_key=None, flags=None)
    assert compare([by_digest_only], [found]).wrong != ()
    assert compare([by_digest_only], [whole(KSK_2024)]).wrong == ()


def test_tags_are_compared_as_tags() -> None:
    comparison = compare_tags(KEYS, (20326, 38696))
    assert not comparison.in_full
    assert [key for key, _ in comparison.right] == [*KEYS]
    assert compare_tags(KEYS, (20326, 38695)).wrong == (
        (KSK_2024, "its tag is missing"),
        (None, "tag 38695 belongs to no verified key"),
    )
    assert len(compare_tags(KEYS, ()).wrong) == 2
