from __future__ import annotations

import pytest
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors import records
from anchors.auditing.compare import judge_anchor
from anchors.auditing.place import Held, Hold
from anchors.auditing.result import Judged, Standing
from anchors.formats.found import FoundAnchor, FoundDnskey, FoundDs
from tests.unit.auditing.basis import keys
from tests.unit.stages import FIXTURES

KSK_2010, KSK_2017, KSK_2024 = keys().keys


def judged(anchor: FoundAnchor) -> Judged:
    return judge_anchor(Held(anchor, Hold.FILE), keys().keys)


def ds(
    tag: int = 38696, *, algorithm: int = 8, kind: int = 2, digest: str | None = None
) -> FoundDs:
    own = KSK_2024.digest(kind)
    assert own is not None
    return FoundDs(tag, algorithm, kind, bytes.fromhex(digest) if digest else own)


def dnskey(flags: int = 257, algorithm: int = 8, change: int | None = None) -> FoundDnskey:
    assert KSK_2024.public_key is not None
    public_key = bytearray(KSK_2024.public_key)
    if change is not None:
        public_key[change] ^= 1
    return FoundDnskey(flags, algorithm, bytes(public_key))


DIGEST = "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"


@pytest.mark.parametrize("kind", [1, 2, 4])
def test_a_ds_by_any_digest_of_a_key_is_that_key(kind: int) -> None:
    got = judged(ds(kind=kind))
    assert (got.name, got.standing, got.fault) == ("KSK-2024 (38696)", Standing.CURRENT, None)


def test_a_dnskey_is_that_key() -> None:
    got = judged(dnskey())
    assert (got.name, got.standing, got.fault) == ("KSK-2024 (38696)", Standing.CURRENT, None)


@pytest.mark.parametrize(
    ("anchor", "fault"),
    [
        (ds(38697), "the key tag is 38697, that of the key is 38696"),
        (ds(algorithm=13), "the algorithm is 13, that of the key is 8"),
        (
            ds(digest=DIGEST.replace("C0FB", "C0FA")),
            "digit 60 of the digest is 'A', that of the key",
        ),
        (
            ds(digest="783D2D0B" + DIGEST[8:]),
            "digit 1 of the digest is '7', that of the key is '6'",
        ),
        (ds(digest="783D2D0B" + DIGEST[8:]), ", and 1 more"),
        (ds(digest=DIGEST[:-2]), "the digest has 62 digits, that of the key has 64"),
        (ds(digest=DIGEST)._replace(digest_type=4), "the digest is of type 2, not 4"),
        (
            dnskey(change=100),
            "base64 character 135 of the public key is 'q', that of the key is 'u'",
        ),
        (dnskey(algorithm=10), "the algorithm is 10, that of the key is 8"),
        (dnskey(256), "the flags are 256, those of the key are 257"),
    ],
)
def test_a_slip_is_damage_and_says_where(anchor: FoundAnchor, fault: str) -> None:
    got = judged(anchor)
    assert (got.name, got.standing) == ("KSK-2024 (38696)", Standing.DAMAGED)
    assert got.fault is not None
    assert fault in got.fault


def test_a_shortened_key_is_damaged() -> None:
    whole = dnskey()
    got = judged(whole._replace(public_key=whole.public_key[:-3]))
    assert got.standing is Standing.DAMAGED
    assert got.fault == "the public key has 344 base64 characters, that of the key has 348"


def test_a_key_with_the_revoke_bit_is_revoked() -> None:
    got = judged(dnskey(385))
    assert (got.name, got.standing) == ("KSK-2024 (38696)", Standing.REVOKED)


def test_a_key_with_the_tag_of_a_root_key_alone_is_foreign() -> None:
    got = judged(ds(digest="00" * 32))
    assert (got.name, got.standing) == ("key 38696", Standing.FOREIGN)


def test_another_key_is_foreign() -> None:
    got = judged(FoundDnskey(257, 8, b"\x03\x01\x00\x01" + b"\x99" * 256))
    assert got.standing is Standing.FOREIGN
    assert got.name.startswith("key ")


def test_the_first_key_is_retired() -> None:
    assert KSK_2010.digest(2) is not None
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


def test_a_digest_that_nobody_can_compute_is_taken_by_its_tag_and_says_so() -> None:
    later = KSK_2010._replace(name="key 11111", key_tag=11111, digests=((2, b"\x02" * 32),))
    got = judge_anchor(Held(FoundDs(11111, 8, 1, b"\x01" * 20), Hold.FILE), [later])
    assert (got.name, got.standing) == ("key 11111", Standing.RETIRED)
    assert got.fault == "IANA publishes no digest of type 1 to compare it with"


@pytest.mark.parametrize("position", range(0, 64, 7))
@pytest.mark.parametrize("slips", range(1, 9))
def test_up_to_eight_wrong_digits_are_a_slip(position: int, slips: int) -> None:
    digits = list(DIGEST)
    for step in range(slips):
        at = (position + 3 * step) % 64
        digits[at] = "0" if digits[at] != "0" else "1"
    assert judged(ds(digest="".join(digits))).standing is Standing.DAMAGED


def test_nine_wrong_digits_are_another_key() -> None:
    digits = list(DIGEST)
    for at in range(9):
        digits[at] = "0" if digits[at] != "0" else "1"
    assert judged(ds(digest="".join(digits))).standing is Standing.FOREIGN
