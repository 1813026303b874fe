"""The entries of trust-anchors, managed-keys and trusted-keys, as named takes them.

Each rule was tried on BIND 9.18.49 and 9.20.30, which agree on all of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs, MalformedAnchors
from anchors.grammars.named_conf import Statement, Word

__all__ = ["BUILTIN", "STATEMENTS", "Entry", "Refusal", "entries"]

# What BIND 9.21's bind.keys says; 9.18 and 9.20 do not know the word.
BUILTIN = "builtin-trust-anchors"
_KEYWORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "trust-anchors": frozenset({"initial-ds", "initial-key", "static-ds", "static-key"}),
        BUILTIN: frozenset({"initial-ds", "initial-key", "static-ds", "static-key"}),
        "managed-keys": frozenset({"initial-ds", "initial-key", "static-ds", "static-key"}),
        "trusted-keys": frozenset(),
    }
)
STATEMENTS = frozenset(_KEYWORDS)
# BIND takes "@" for the root, but no other form that means it.
_ROOT = frozenset({".", "@"})
# A leading zero makes a number octal; no sign, no other digits.
_NUMBER = re.compile("0[0-7]*|[1-9][0-9]*", re.ASCII)
_BLANKS = str.maketrans("", "", " \t\r\n")
_DIGEST_LENGTHS: Mapping[int, int] = MappingProxyType({1: 20, 2: 32, 4: 48})
_FIELDS = {True: (("key tag", 16), ("algorithm", 8), ("digest type", 8)),
           False: (("flags", 16), ("protocol", 8), ("algorithm", 8))}  # fmt: skip
_MAX_DIGITS = 10
# RSASHA1 to ED448; BIND ignores an anchor of any other algorithm.
_SUPPORTED = frozenset({5, 7, 8, 10, 13, 14, 15, 16})
_REVOKE = 0x80
# RFC 4034 2.1.2.
_PROTOCOL = 3
_EMPTY_LABEL = re.compile(r"^\..|\.\.")


class Refusal(MalformedAnchors):
    """named does not start with this.

    Attributes:
        line: where it stands.
        why: what named says of it, more or less.
        is_late: named can parse it, and refuses it when it takes the keys.
    """

    def __init__(self, line: int, why: str, *, is_late: bool = False) -> None:
        """See the attributes."""
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
        self.is_late = is_late


class Entry(NamedTuple):
    """One entry.

    Attributes:
        anchor: the anchor.
        line: where it begins.
        owner: whose it is, in lower case and without the last full stop; empty for the root.
        is_initial: the state of RFC 5011 begins with it; else it is static.
        dropped: why named leaves it out, empty where it does not.
    """

    anchor: FoundAnchor
    line: int
    owner: str
    is_initial: bool
    dropped: str = ""

    @property
    def is_root(self) -> bool:
        """Whether it is the root's."""
        return not self.owner


def entries(statement: Statement) -> Iterator[Entry]:
    """The entries of one such statement.

    Raises:
        Refusal: named does not start with it.
    """
    name = statement.name
    block = statement.block
    if block is None or len(statement.items) > len((name, block)):
        raise Refusal(statement.line, f"{name} has no block alone")
    for entry in block.statements:
        if len(entry.words) < len(entry.items):
            raise Refusal(entry.line, "a brace stands in an entry")
        yield _entry(entry.words, name)


def _entry(words: Sequence[Word], statement: str) -> Entry:
    owner, *rest = words
    line = owner.line
    keyword = None
    if _KEYWORDS[statement]:
        keyword = rest[0].keyword if rest else ""
        if keyword not in _KEYWORDS[statement]:
            raise Refusal(line, f"'{rest[0].text if rest else ';'}' unexpected")
        rest = rest[1:]
    if len(rest) != len(("number", "number", "number", "text")):
        raise Refusal(line, "an entry has three numbers and a quoted string")
    is_ds = keyword is not None and keyword.endswith("-ds")
    one, two, three = (
        _number(word, *field) for word, field in zip(rest[:3], _FIELDS[is_ds], strict=True)
    )
    if not rest[3].quoted:
        raise Refusal(rest[3].line, f"expected quoted string near '{rest[3].text:.40}'")
    if not owner.text or _EMPTY_LABEL.search(owner.text):
        raise Refusal(line, "bad key name", is_late=True)
    data = _data(rest[3], is_hex=is_ds)
    anchor: FoundAnchor
    if is_ds:
        _require_known_digest(three, data, line)
        anchor, algorithm = FoundDs(one, two, three, data, keyword), two
    else:
        anchor, algorithm = FoundDnskey(one, three, data, keyword), three
    is_initial = keyword is not None and keyword.startswith("initial-")
    name = "" if owner.text in _ROOT else owner.text.lower().removesuffix(".")
    dropped = "named does not support its algorithm" if algorithm not in _SUPPORTED else ""
    if not is_ds and one & _REVOKE:
        dropped = "the key has the flag REVOKE"
    elif not is_ds and two != _PROTOCOL:
        # named holds it, under a tag that no key of a zone has.
        dropped = "no key of a zone has another protocol than 3"
    return Entry(anchor, line, name, is_initial, dropped)


def _number(word: Word, what: str, bits: int) -> int:
    if word.quoted or _NUMBER.fullmatch(word.text) is None:
        raise Refusal(word.line, f"expected number near '{word.text:.40}'")
    base = 8 if word.text.startswith("0") else 10
    if len(word.text.lstrip("0")) > _MAX_DIGITS:
        raise Refusal(word.line, f"out of range: {word.text:.20}")
    if int(word.text, base) >> bits:
        raise Refusal(word.line, f"{what} too big: {word.text:.20}", is_late=True)
    return int(word.text, base)


def _data(word: Word, *, is_hex: bool) -> bytes:
    text = word.text.translate(_BLANKS)
    try:
        data = binascii.unhexlify(text) if is_hex else base64.b64decode(text, validate=True)
    except ValueError as error:
        encoding = "hex" if is_hex else "base64"
        raise Refusal(word.line, f"bad {encoding} encoding", is_late=True) from error
    # BIND takes no bits beyond the last byte.
    if not is_hex and base64.b64encode(data).decode() != text:
        raise Refusal(word.line, "bad base64 encoding", is_late=True)
    return data


def _require_known_digest(digest_type: int, digest: bytes, line: int) -> None:
    """Also where the anchor is another zone's."""
    length = _DIGEST_LENGTHS.get(digest_type)
    if length is None:
        raise Refusal(line, f"unknown ds digest type {digest_type}", is_late=True)
    if len(digest) != length:
        why = f"a digest of {len(digest)} bytes, where type {digest_type} has {length}"
        raise Refusal(line, why, is_late=True)
