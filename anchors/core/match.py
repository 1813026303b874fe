"""Which root key an anchor stands for, digit by digit: the one matcher of audit and proof.

The digest or the key decides, never the tag.  A slip of copying is told as damage: some digits that
differ, or a part that was lost at the beginning, in the middle or at the end.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from anchors.core import records
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs

__all__ = [
    "KSK_FLAGS",
    "MAX_SLIPS",
    "Match",
    "MatchedKey",
    "agreeing_ends",
    "digests_of",
    "match",
    "revoked_digests",
    "revoked_tag",
    "slip",
    "tag_of",
]

# So many digits may differ before it is another key and not a slip: chance alone gives 60 of 64.
MAX_SLIPS = 8
# So much of a digest or key, from both ends together, agrees by no chance.
_ALIKE = 0.25
_DIGEST_TYPES = (1, 2, 4)
# ZONE and SEP (RFC 4034 2.1.1).
KSK_FLAGS = 257
_REVOKE = 0x0080  # RFC 5011 7


class MatchedKey(Protocol):
    """What is known of a root key."""

    @property
    def key_tag(self) -> int:
        """Its tag without REVOKE."""

    @property
    def algorithm(self) -> int:
        """Its DNSSEC algorithm number."""

    @property
    def digests(self) -> tuple[tuple[int, bytes], ...]:
        """Its DS digests by digest type: all where its public key is published."""

    @property
    def public_key(self) -> bytes | None:
        """The public key (RFC 4034 2.1.4), ``None`` where only a digest is published."""


K = TypeVar("K", bound=MatchedKey)


class Match(NamedTuple, Generic[K]):
    """The key that an anchor stands for.

    Attributes:
        key: the key.
        fault: what is damaged in the anchor, in words; ``None`` where it is as published.
        is_revoked: it is the key with REVOKE (RFC 5011 7).
    """

    key: K
    fault: str | None = None
    is_revoked: bool = False


def digests_of(flags: int, algorithm: int, public_key: bytes) -> tuple[tuple[int, bytes], ...]:
    """The digests that a DNSKEY of the root has, by digest type (1, 2 and 4)."""
    dnskey = records.dnskey(flags, algorithm, public_key)
    return tuple((kind, records.ds_digest(dnskey, kind)) for kind in _DIGEST_TYPES)


def tag_of(anchor: FoundAnchor) -> int | None:
    """The key tag that a DS has or that a DNSKEY makes, ``None`` where its numbers make none."""
    if isinstance(anchor, FoundDs):
        return anchor.key_tag
    try:
        return records.key_tag(records.dnskey(anchor.flags, anchor.algorithm, anchor.public_key))
    except ValueError:
        return None


def match(anchor: FoundAnchor, keys: Sequence[K]) -> Match[K] | None:
    """The key that ``anchor`` stands for, ``None`` where it is none of them."""
    found = _exact(anchor, keys)
    if found is not None:
        return found
    for key in keys:
        fault = next(_faults(anchor, key), None)
        if fault is not None:
            return Match(key, fault)
    return None


def _exact(anchor: FoundAnchor, keys: Sequence[K]) -> Match[K] | None:
    """By the digest or key in full, whatever is wrong with the numbers before it."""
    if isinstance(anchor, FoundDs):
        for key in keys:
            if dict(key.digests).get(anchor.digest_type) == anchor.digest:
                return Match(key, _wrong_numbers(anchor, key))
            if dict(revoked_digests(key)).get(anchor.digest_type) == anchor.digest:
                return Match(key, None, is_revoked=True)
        return None
    revoked = _without_revoke(anchor)
    if revoked is None:
        return None
    digest, is_revoked = revoked
    for key in keys:
        if dict(key.digests).get(2) == digest:
            return Match(key, None, is_revoked)
    return None


def revoked_digests(key: MatchedKey) -> tuple[tuple[int, bytes], ...]:
    """The digests that the key has with REVOKE, which changes them as it changes the tag."""
    if key.public_key is None:
        return ()
    return _with_revoke(key.algorithm, key.public_key)


def revoked_tag(key: MatchedKey) -> int | None:
    """The tag that the key has with REVOKE, ``None`` where its public key is not published."""
    if key.public_key is None:
        return None
    return records.key_tag(records.dnskey(KSK_FLAGS | _REVOKE, key.algorithm, key.public_key))


@functools.lru_cache(maxsize=64)
def _with_revoke(algorithm: int, public_key: bytes) -> tuple[tuple[int, bytes], ...]:
    return digests_of(KSK_FLAGS | _REVOKE, algorithm, public_key)


def _without_revoke(found: FoundDnskey) -> tuple[bytes, bool] | None:
    """The SHA-256 digest of the key without REVOKE, and whether it had REVOKE."""
    try:
        dnskey = records.dnskey(found.flags, found.algorithm, found.public_key)
    except ValueError:
        # A number is out of its range.
        return None
    plain = records.without_revoke(dnskey)
    return records.ds_digest(plain, 2), dnskey.flags != plain.flags


def _wrong_numbers(ds: FoundDs, key: MatchedKey) -> str | None:
    if ds.key_tag != key.key_tag:
        return f"the key tag is {ds.key_tag}, but the key's tag is {key.key_tag}"
    if ds.algorithm != key.algorithm:
        return f"the algorithm is {ds.algorithm}, but the key's algorithm is {key.algorithm}"
    return None


def _faults(anchor: FoundAnchor, key: MatchedKey) -> Iterator[str]:
    """What makes the anchor a damaged one of this key; nothing where it is another's."""
    if isinstance(anchor, FoundDnskey):
        yield from _key_faults(anchor, key)
        return
    for digest_type, digest in key.digests:
        if digest == anchor.digest:
            yield f"the digest is of type {digest_type}, not {anchor.digest_type}"
            continue
        wanted, got = digest.hex().upper(), anchor.digest.hex().upper()
        fault = slip(wanted, got, "digest", "digit")
        if fault is not None:
            yield fault


def _key_faults(found: FoundDnskey, key: MatchedKey) -> Iterator[str]:
    if key.public_key is None:
        return
    if found.public_key != key.public_key:
        wanted, got = (base64.b64encode(k).decode() for k in (key.public_key, found.public_key))
        fault = slip(wanted, got, "public key", "base64 character")
        if fault is not None:
            yield fault
    elif found.algorithm != key.algorithm:
        yield f"the algorithm is {found.algorithm}, but the key's algorithm is {key.algorithm}"
    else:
        yield f"the flags are {found.flags}, but the key's flags are {KSK_FLAGS}"


def slip(wanted: str, got: str, what: str, unit: str) -> str | None:
    """Where ``got`` differs from ``wanted``, or ``None`` where it is something else altogether."""
    alike = agreeing_ends(wanted, got) >= len(wanted) * _ALIKE
    if len(got) != len(wanted):
        words = f"the {what} has {len(got)} {unit}s, but that of the key has {len(wanted)}"
        return words if alike else None
    wrong = [at for at, (a, b) in enumerate(zip(wanted, got, strict=True)) if a != b]
    if len(wrong) > MAX_SLIPS and not alike:
        return None
    first = wrong[0]
    many = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return (
        f"{unit} {first + 1} of the {what} is {got[first]!r}, but should be {wanted[first]!r}{many}"
    )


def agreeing_ends(wanted: str | bytes, got: str | bytes) -> int:
    """How many characters agree from the beginning, and from the end beyond those."""
    shorter = min(len(wanted), len(got))
    pairs = enumerate(zip(wanted, got, strict=False))
    begin = next((at for at, (a, b) in pairs if a != b), shorter)
    pairs = enumerate(zip(reversed(wanted), reversed(got), strict=False))
    end = next((at for at, (a, b) in pairs if a != b), shorter)
    return min(begin + end, shorter)
