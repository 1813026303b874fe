"""Compare anchors with the verified keys, digit by digit: consumers compare tags at best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.core.keys import KeyDigest
from anchors.core.match import Match, digests_of, match, tag_of

__all__ = ["Comparison", "compare", "compare_tags"]

_SHA1 = 1


class Comparison(NamedTuple):
    """``right``: correct keys, with their form; ``wrong``: differences from the verified keys.

    A key of ``None`` in ``wrong`` is for an anchor that is no verified key at all.
    ``in_full`` is whether every digit was compared.
    """

    right: tuple[tuple[KeyDigest, str], ...]
    wrong: tuple[tuple[KeyDigest | None, str], ...]
    in_full: bool = True


class _Known(NamedTuple):
    """A verified key as the matcher needs it."""

    key: KeyDigest
    key_tag: int
    algorithm: int
    digests: tuple[tuple[int, bytes], ...]
    public_key: bytes | None


def compare(
    keys: Sequence[KeyDigest], found: Sequence[FoundAnchor], tolerated: Sequence[KeyDigest] = ()
) -> Comparison:
    """Compare anchors with the verified keys.

    Args:
        keys: the required keys.
        found: the anchors.
        tolerated: keys that are allowed too.
    """
    known = [_known(key) for key in (*keys, *(key for key in tolerated if key not in keys))]
    right: dict[KeyDigest, str] = {}
    wrong: list[tuple[KeyDigest | None, str]] = []
    for anchor in found:
        matched = match(anchor, known)
        fault = f"{_describe(anchor)} is not a verified key" if matched is None else _fault(matched)
        if matched is not None and fault is None and _is_sha1(anchor):
            fault = "the file has its SHA-1 digest only, which validators may refuse"
        if matched is None or fault is not None:
            wrong.append((None if matched is None else matched.key.key, fault or ""))
        else:
            right.setdefault(matched.key.key, _form(anchor))
    told = {key for key, _ in wrong}
    missing = [(key, "the key is missing") for key in keys if key not in right and key not in told]
    return Comparison(
        tuple((key, right[key]) for key in keys if key in right),
        (*(one for one in wrong if one[0] is None or one[0] in keys), *missing),
    )


def compare_tags(keys: Sequence[KeyDigest], tags: Sequence[int]) -> Comparison:
    """Compare only key tags with the verified keys."""
    wanted = {key.key_tag for key in keys}
    twice = [tag for tag, times in Counter(tags).items() if times > 1 and tag in wanted]
    return Comparison(
        tuple((key, "its tag alone") for key in keys if key.key_tag in tags),
        (
            *((key, "its tag is missing") for key in keys if key.key_tag not in tags),
            *((None, f"tag {tag} belongs to no verified key") for tag in tags if tag not in wanted),
            *((None, f"tag {tag} is listed more than once") for tag in twice),
        ),
        in_full=False,
    )


def _known(key: KeyDigest) -> _Known:
    digests: tuple[tuple[int, bytes], ...] = ((key.digest_type, key.digest),)
    if key.public_key is not None and key.flags is not None:
        digests = digests_of(key.flags, key.algorithm, key.public_key)
    return _Known(key, key.key_tag, key.algorithm, digests, key.public_key)


def _fault(matched: Match[_Known]) -> str | None:
    return "it has the REVOKE flag" if matched.is_revoked else matched.fault


def _is_sha1(anchor: FoundAnchor) -> bool:
    return isinstance(anchor, FoundDs) and anchor.digest_type == _SHA1


def _form(anchor: FoundAnchor) -> str:
    return "DS in full" if isinstance(anchor, FoundDs) else "DNSKEY in full"


def _describe(anchor: FoundAnchor) -> str:
    if isinstance(anchor, FoundDnskey):
        tag = tag_of(anchor)
        shown = "none" if tag is None else tag
        return f"DNSKEY {anchor.flags} {anchor.algorithm} with tag {shown}"
    fields = f"{anchor.key_tag} {anchor.algorithm} {anchor.digest_type}"
    return f"DS {fields} {anchor.digest.hex().upper()}"
