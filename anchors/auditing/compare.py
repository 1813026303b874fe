"""One anchor, held against the verified keys."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial

from anchors import records
from anchors.auditing.place import Held
from anchors.auditing.result import Judged, Standing
from anchors.auditing.verified import RootKey
from anchors.formats.found import FoundDnskey, FoundDs
from anchors.model import KeyState

__all__ = ["judge_anchor"]

_STANDINGS = {
    KeyState.CURRENT: Standing.CURRENT,
    KeyState.FUTURE: Standing.NOT_YET,
    KeyState.EXPIRED: Standing.RETIRED,
    KeyState.REVOKED: Standing.REVOKED,
}
# So many digits may differ before it is another key and not a slip: chance alone gives 60 of 64.
_SLIPS = 8
_KSK_FLAGS = 257


def judge_anchor(held: Held, keys: Sequence[RootKey]) -> Judged:
    """What an anchor is worth: by its digest or key first, never by its tag alone."""
    if isinstance(held.anchor, FoundDs):
        return _judge_ds(held, held.anchor, keys)
    return _judge_dnskey(held, held.anchor, keys)


def _judge_ds(held: Held, ds: FoundDs, keys: Sequence[RootKey]) -> Judged:
    for key in keys:
        if key.digest(ds.digest_type) == ds.digest:
            fault = _wrong_numbers(ds, key)
            return Judged(
                held, key.name, Standing.DAMAGED if fault else _STANDINGS[key.state], fault
            )
    for key in keys:
        fault = next((fault for fault in map(partial(_ds_fault, ds), key.digests) if fault), None)
        if fault is not None:
            return Judged(held, key.name, Standing.DAMAGED, fault)
    for key in keys:
        same = (ds.key_tag, ds.algorithm) == (key.key_tag, key.algorithm)
        if same and key.digest(ds.digest_type) is None:
            fault = f"IANA publishes no digest of type {ds.digest_type} to compare it with"
            return Judged(held, key.name, _STANDINGS[key.state], fault)
    return Judged(held, f"key {ds.key_tag}", Standing.FOREIGN)


def _ds_fault(ds: FoundDs, known: tuple[int, bytes]) -> str | None:
    digest_type, digest = known
    if digest == ds.digest:
        return f"the digest is of type {digest_type}, not {ds.digest_type}"
    return _slip(digest.hex().upper(), ds.digest.hex().upper(), "digest", "digit")


def _wrong_numbers(ds: FoundDs, key: RootKey) -> str | None:
    if ds.key_tag != key.key_tag:
        return f"the key tag is {ds.key_tag}, that of the key is {key.key_tag}"
    if ds.algorithm != key.algorithm:
        return f"the algorithm is {ds.algorithm}, that of the key is {key.algorithm}"
    return None


def _judge_dnskey(held: Held, found: FoundDnskey, keys: Sequence[RootKey]) -> Judged:
    dnskey = records.dnskey(found.flags, found.algorithm, found.public_key)
    unrevoked = records.without_revoke(dnskey)
    digest = records.ds_digest(unrevoked, 2)
    for key in keys:
        if key.digest(2) == digest:
            revoked = dnskey.flags != unrevoked.flags
            return Judged(held, key.name, Standing.REVOKED if revoked else _STANDINGS[key.state])
    for key in keys:
        fault = _key_fault(found, key)
        if fault is not None:
            return Judged(held, key.name, Standing.DAMAGED, fault)
    return Judged(held, f"key {records.key_tag(dnskey)}", Standing.FOREIGN)


def _key_fault(found: FoundDnskey, key: RootKey) -> str | None:
    if key.public_key is None:
        return None
    if found.public_key != key.public_key:
        wanted, got = (base64.b64encode(k).decode() for k in (key.public_key, found.public_key))
        return _slip(wanted, got, "public key", "base64 character")
    if found.algorithm != key.algorithm:
        return f"the algorithm is {found.algorithm}, that of the key is {key.algorithm}"
    return f"the flags are {found.flags}, those of the key are {_KSK_FLAGS}"


def _slip(wanted: str, got: str, what: str, unit: str) -> str | None:
    """Where ``got`` differs from ``wanted``, or ``None`` where it is something else altogether."""
    if len(got) != len(wanted):
        return _wrong_length(wanted, got, what, unit)
    wrong = [at for at, (a, b) in enumerate(zip(wanted, got, strict=True)) if a != b]
    if len(wrong) > _SLIPS:
        return None
    first = wrong[0]
    many = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return (
        f"{unit} {first + 1} of the {what} is {got[first]!r}, that of the key is "
        f"{wanted[first]!r}{many}"
    )


def _wrong_length(wanted: str, got: str, what: str, unit: str) -> str | None:
    same = next((at for at, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), None)
    begins_alike = min(len(wanted), len(got)) if same is None else same
    # A quarter of a digest does not agree by chance.
    if begins_alike < len(wanted) // 4:
        return None
    return f"the {what} has {len(got)} {unit}s, that of the key has {len(wanted)}"
