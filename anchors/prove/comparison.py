"""What is held against what is verified, digit by digit: consumers compare tags at best."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors import records
from anchors.formats.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.model import KeyDigest

__all__ = ["Comparison", "compare", "compare_tags"]

# Of two texts with so many characters in common one is a damaged copy of the other.
_ALIKE = 0.5


class Comparison(NamedTuple):
    """``right``: keys that are held, with how; ``wrong``: what is not as verified, in words.

    A key of ``None`` in ``wrong`` is for an anchor that is no verified key at all.
    ``in_full`` is whether every digit was compared.
    """

    right: tuple[tuple[KeyDigest, str], ...]
    wrong: tuple[tuple[KeyDigest | None, str], ...]
    in_full: bool = True


def compare(
    keys: Sequence[KeyDigest], found: Sequence[FoundAnchor], tolerated: Sequence[KeyDigest] = ()
) -> Comparison:
    """Hold anchors against the verified keys.

    Args:
        keys: what must be held.
        found: what is.
        tolerated: what may be held besides.
    """
    strangers = [a for a in found if not any(_is_of(a, key) for key in (*keys, *tolerated))]
    right: list[tuple[KeyDigest, str]] = []
    wrong: list[tuple[KeyDigest | None, str]] = []
    for key in keys:
        form = next((_form(a) for a in found if _is_of(a, key)), None)
        if form is not None:
            right.append((key, form))
            continue
        damaged = max(strangers, key=lambda a: _likeness(a, key), default=None)
        if damaged is not None and _likeness(damaged, key) > _ALIKE:
            strangers.remove(damaged)
            wrong.append((key, "; ".join(_differences(damaged, key))))
        else:
            wrong.append((key, "it is missing"))
    wrong += [(None, f"{_describe(a)} is no verified key") for a in strangers]
    return Comparison(tuple(right), tuple(wrong))


def compare_tags(keys: Sequence[KeyDigest], tags: Sequence[int]) -> Comparison:
    """Hold tags alone against the verified keys."""
    wanted = {key.key_tag for key in keys}
    twice = [tag for tag, times in Counter(tags).items() if times > 1 and tag in wanted]
    return Comparison(
        tuple((key, "its tag alone") for key in keys if key.key_tag in tags),
        (
            *((key, "its tag is missing") for key in keys if key.key_tag not in tags),
            *((None, f"tag {tag} is no verified key's") for tag in tags if tag not in wanted),
            *((None, f"tag {tag} is held more than once") for tag in twice),
        ),
        in_full=False,
    )


def _is_of(anchor: FoundAnchor, key: KeyDigest) -> bool:
    """Whether it stands for this very key; a DS may do so by a digest of another type."""
    if isinstance(anchor, FoundDs):
        fields = (anchor.key_tag, anchor.algorithm, anchor.digest)
        return fields == (key.key_tag, key.algorithm, _digest_as(key, anchor.digest_type))
    return anchor.algorithm == key.algorithm and _digest(anchor, key.digest_type) == key.digest


def _digest_as(key: KeyDigest, digest_type: int) -> bytes | None:
    """The key's digest of this type, or ``None`` where only another one is published."""
    if key.digest_type == digest_type:
        return key.digest
    if key.public_key is None or key.flags is None or digest_type not in records.DIGEST_LENGTHS:
        return None
    return _digest(FoundDnskey(key.flags, key.algorithm, key.public_key), digest_type)


def _digest(anchor: FoundDnskey, digest_type: int) -> bytes | None:
    dnskey = _dnskey(anchor)
    return None if dnskey is None else records.ds_digest(dnskey, digest_type)


def _dnskey(anchor: FoundDnskey) -> records.DNSKEY | None:
    """The record, or ``None`` where a number in it is out of its range."""
    try:
        return records.dnskey(anchor.flags, anchor.algorithm, anchor.public_key)
    except ValueError:
        return None


def _form(anchor: FoundAnchor) -> str:
    return "DS in full" if isinstance(anchor, FoundDs) else "DNSKEY in full"


def _describe(anchor: FoundAnchor) -> str:
    if isinstance(anchor, FoundDnskey):
        dnskey = _dnskey(anchor)
        tag = "none" if dnskey is None else records.key_tag(dnskey)
        return f"DNSKEY {anchor.flags} {anchor.algorithm} with tag {tag}"
    fields = f"{anchor.key_tag} {anchor.algorithm} {anchor.digest_type}"
    return f"DS {fields} {anchor.digest.hex().upper()}"


def _texts(anchor: FoundAnchor, key: KeyDigest) -> tuple[str, str]:
    """The long part of both, as people write it."""
    if isinstance(anchor, FoundDs):
        return anchor.digest.hex().upper(), key.digest.hex().upper()
    texts = (base64.b64encode(part).decode() for part in (anchor.public_key, key.public_key or b""))
    first, second = texts
    return first, second


def _likeness(anchor: FoundAnchor, key: KeyDigest) -> float:
    """How much of the digest or key is the same, from either end."""
    got, want = _texts(anchor, key)
    pairs = (zip(got, want, strict=False), zip(reversed(got), reversed(want), strict=False))
    same = max(sum(a == b for a, b in pair) for pair in pairs)
    return same / max(len(got), len(want), 1)


def _differences(anchor: FoundAnchor, key: KeyDigest) -> Iterator[str]:
    fields: tuple[tuple[str, int, int], ...]
    if isinstance(anchor, FoundDs):
        fields = (
            ("tag", anchor.key_tag, key.key_tag),
            ("algorithm", anchor.algorithm, key.algorithm),
            ("digest type", anchor.digest_type, key.digest_type),
        )
    else:
        fields = (
            ("flags", anchor.flags, key.flags or 0),
            ("algorithm", anchor.algorithm, key.algorithm),
        )
    for name, held, verified in fields:
        if held != verified:
            yield f"{name} {int(held)}, verified is {verified}"
    yield from _different_digits(anchor, key)


def _different_digits(anchor: FoundAnchor, key: KeyDigest) -> Iterator[str]:
    got, want = _texts(anchor, key)
    what = "digest" if isinstance(anchor, FoundDs) else "key"
    if len(got) != len(want):
        yield f"the {what} has {len(got)} characters, verified has {len(want)}"
    elif got != want:
        places = [at for at, (a, b) in enumerate(zip(got, want, strict=True)) if a != b]
        at = places[0]
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        yield f"character {at + 1} of the {what} is {got[at]}, verified is {want[at]}{more}"
