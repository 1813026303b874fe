"""Compare the keys and digests in a text with every root key."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from anchors.auditing.detect import recognise
from anchors.auditing.judge.anchor import judge_anchor, standing_of
from anchors.auditing.pieces import (
    DIGEST_DIGITS,
    MAX_FOUND,
    Notation,
    Piece,
    alone,
    bytes_of,
    pieces,
    records,
)
from anchors.auditing.result import Standing
from anchors.auditing.scan.embedded import compiled_in
from anchors.auditing.scan.shapes import EXPONENT
from anchors.consumers.reading import Held, Hold
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs, MalformedAnchors
from anchors.core.match import KSK_FLAGS, match, revoked_digests, revoked_tag, slip
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.root_keys import RootKey, VerifiedKeys, verified_keys
from anchors.pipeline.verify import Say, silent, verify

__all__ = ["Identified", "Identity", "identify", "identities"]

_DIGESTS = {1: "SHA-1 digest", 2: "SHA-256 digest", 4: "SHA-384 digest"}
_KEY = "public key"
# A digest of another type is of a length of its own, and a key is longer than either.
_LENGTHS = {digits: kind for kind, digits in DIGEST_DIGITS.items()}
_SHORTEST_KEY = 64


class Identity(NamedTuple):
    """One key or digest, and the root key that it matches.

    Attributes:
        what: the kind of text, in words.
        standing: ``current``, ``foreign`` and so on; ``None`` if unknown.
        name: the name of the key in reports.
        key: the root key; ``None`` if there is no match.
        fault: the damage, in words.
        got: the digits or characters of the text, if they differ from those of the key.
        want: the digits or characters of the key.
        line: its line, if the text has lines.
    """

    what: str
    standing: Standing | None
    name: str
    key: RootKey | None = None
    fault: str | None = None
    got: str | None = None
    want: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The keys and digests of a text.

    Attributes:
        basis: the verification with which they are compared.
        found: every key and digest, in the order of the text.
    """

    basis: Report
    found: Sequence[Identity]

    @property
    def is_current(self) -> bool | None:
        """Whether all are current root keys as published; ``None`` where that cannot be told."""
        standings = {one.standing for one in self.found}
        if self.basis.verdict is not Verdict.VERIFIED or not standings:
            return None
        if standings <= {Standing.CURRENT, None}:
            return None if None in standings else True
        return False


def identify(request: Request, content: bytes, say: Say = silent) -> Identified:
    """Verify, and find the root key of each key and digest in ``content``.

    Args:
        request: what to verify first, as for ``verify``.
        content: the text; bytes that cannot be decoded are ignored.
        say: called with each step as it begins.

    Raises:
        UsageError: the request is invalid.
    """
    basis = verify(request, say)
    if basis.verdict is not Verdict.VERIFIED:
        return Identified(basis=basis, found=())
    found = identities(content, verified_keys(basis, request.options))
    return Identified(basis=basis, found=tuple(islice(found, MAX_FOUND)))


def identities(content: bytes, keys: VerifiedKeys) -> Iterator[Identity]:
    """Each key and digest in ``content``: found by a syntax, otherwise by its digits alone."""
    text = content.decode("ascii", errors="replace")
    anchors = _read(content, keys) or records(text)
    if anchors:
        yield from (_of_anchor(anchor, line, keys) for anchor, line in anchors)
        return
    piece = alone(text)
    if piece is not None:
        yield _identity(piece, keys) or _in_any_shape(content, keys) or _unknown(piece)
        return
    found = list(pieces(text))
    known = [one for piece in found if (one := _identity(piece, keys)) is not None]
    hidden = _in_any_shape(content, keys) if not known else None
    yield from known or ([hidden] if hidden else map(_unknown, found))
    if not found and hidden is None:
        yield from _by_tag(text, keys)


def _read(content: bytes, keys: VerifiedKeys) -> list[tuple[FoundAnchor, int | None]]:
    """The anchors of a file or statement that some program reads."""
    try:
        reading = recognise(content, "", keys.at)
    except MalformedAnchors:
        # It is told by its digits then.
        return []
    return [(held.anchor, held.line) for held in reading.held] if reading else []


def _of_anchor(anchor: FoundAnchor, line: int | None, keys: VerifiedKeys) -> Identity:
    judged = judge_anchor(Held(anchor, Hold.FILE), keys)
    key = next((one for one in keys.keys if one.name == judged.name), None)
    what = _KEY
    if isinstance(anchor, FoundDs):
        what = _DIGESTS.get(anchor.digest_type, f"digest of type {anchor.digest_type}")
        if judged.standing is Standing.FOREIGN and _has_no_such_digest(anchor, keys):
            fault = "the digest of this type of the key with this tag is not known"
            return Identity(what, None, judged.name, fault=fault, line=line)
    got, want = None, None
    if judged.standing is Standing.DAMAGED and key is not None:
        got, want = _compared(anchor, key)
    return Identity(what, judged.standing, judged.name, key, judged.fault, got, want, line)


def _compared(anchor: FoundAnchor, key: RootKey) -> tuple[str | None, str | None]:
    """The digits that stand there and those of the key, unless it is a number that is wrong."""
    if isinstance(anchor, FoundDs):
        got = anchor.digest.hex().upper()
        wanted = [digest.hex().upper() for _, digest in key.digests]
    else:
        got = base64.b64encode(anchor.public_key).decode()
        wanted = [base64.b64encode(key.public_key).decode()] if key.public_key else []
    if got in wanted:
        return None, None
    nearest = next((want for want in wanted if slip(want, got, "", "") is not None), None)
    return (None, None) if nearest is None else (got, nearest)


def _has_no_such_digest(ds: FoundDs, keys: VerifiedKeys) -> bool:
    """Whether a root key has this tag, and nobody knows its digest of this type."""
    same = [key for key in keys.keys if key.key_tag == ds.key_tag]
    return any(key.digest(ds.digest_type) is None for key in same)


class _Written(NamedTuple):
    """A digest or the key itself, in one notation."""

    key: RootKey
    what: str
    text: str
    is_revoked: bool = False


def _identity(piece: Piece, keys: VerifiedKeys) -> Identity | None:
    """The root key that a value stands for, ``None`` where it is no root key's."""
    written = [one for key in keys.keys for one in _written(key, piece.notation)]
    for one in written:
        if one.text == piece.text:
            standing = standing_of(one.key, is_revoked=one.is_revoked)
            return Identity(one.what, standing, one.key.name, one.key, line=piece.line)
    by_key = _by_key(piece, keys)
    if by_key is not None:
        return by_key
    for one in written:
        fault = slip(one.text, piece.text, one.what, piece.notation.value)
        if fault is not None:
            return Identity(
                one.what,
                Standing.DAMAGED,
                one.key.name,
                one.key,
                fault,
                piece.text,
                one.text,
                piece.line,
            )
    return None


def _written(key: RootKey, notation: Notation) -> Iterator[_Written]:
    if notation is not Notation.DECIMAL:
        for kind, digest in key.digests:
            yield _Written(key, _DIGESTS[kind], _text(digest, notation))
        for kind, digest in revoked_digests(key):
            what = f"{_DIGESTS[kind]} with the REVOKE bit"
            yield _Written(key, what, _text(digest, notation), is_revoked=True)
    if key.public_key is not None:
        yield _Written(key, _KEY, _text(key.public_key, notation))
    if key.public_key is not None and key.public_key.startswith(EXPONENT):
        modulus = key.public_key.removeprefix(EXPONENT)
        yield _Written(key, "modulus", _text(modulus, notation))


def _text(content: bytes, notation: Notation) -> str:
    if notation is Notation.HEX:
        return content.hex().upper()
    if notation is Notation.BASE64:
        return base64.b64encode(content).decode().rstrip("=")
    return str(int.from_bytes(content))


def _by_key(piece: Piece, keys: VerifiedKeys) -> Identity | None:
    """The same for a whole key of which only digests are published."""
    content = bytes_of(piece)
    if content is None or len(content) < _SHORTEST_KEY:
        return None
    for public_key in (content, EXPONENT + content):
        for algorithm in sorted({key.algorithm for key in keys.keys}):
            found = match(FoundDnskey(KSK_FLAGS, algorithm, public_key), keys.keys)
            if found is not None and found.fault is None:
                standing = standing_of(found.key, is_revoked=False)
                return Identity(_KEY, standing, found.key.name, found.key, line=piece.line)
    return None


def _in_any_shape(content: bytes, keys: VerifiedKeys) -> Identity | None:
    """A root key in one of the shapes that programs and sources have."""
    compiled = compiled_in(content)
    if compiled is None:
        return None
    for digest in compiled.key_digests:
        for key in keys.keys:
            if key.digest(2) == digest:
                standing = standing_of(key, is_revoked=False)
                return Identity("key or digest", standing, key.name, key, line=compiled.line)
    for damaged in compiled.damaged:
        for key in keys.keys:
            if key.digest(2) == damaged.key_digest:
                return Identity(
                    "key or digest",
                    Standing.DAMAGED,
                    key.name,
                    key,
                    damaged.fault,
                    line=damaged.line,
                )
    return None


def _unknown(piece: Piece) -> Identity:
    """What is no root key's: foreign, where it could be a key or a digest at all."""
    content = bytes_of(piece)
    kind = _LENGTHS.get(len(piece.text)) if piece.notation is Notation.HEX else None
    if kind is not None:
        what = _DIGESTS[kind]
    elif content is not None and len(content) >= _SHORTEST_KEY:
        what = _KEY
    else:
        size = f"{len(piece.text)} {piece.notation.value}s"
        fault = f"{size}: a digest has {', '.join(map(str, _LENGTHS))} digits, and a key is longer"
        return Identity("value", None, "unknown", fault=fault, line=piece.line)
    return Identity(what, Standing.FOREIGN, f"this {what}", line=piece.line)


def _by_tag(text: str, keys: VerifiedKeys) -> Iterator[Identity]:
    """A key tag alone, which names no key: many keys have the same."""
    tag = text.strip()
    if not (tag.isascii() and tag.isdigit() and len(tag) <= len("65535")):
        return
    for key in keys.keys:
        if int(tag) in {key.key_tag, revoked_tag(key)}:
            fault = (
                "a key tag alone proves nothing, because other keys may have the same tag: give "
                "the digest or the key"
            )
            yield Identity("key tag", None, f"perhaps {key.name}", fault=fault)
