"""Text without a known syntax -> the keys and digests in it.

People have one line of a configuration, or a digest from a mail: a record with its numbers, or
the digits alone.
"""

from __future__ import annotations

import base64
import binascii
import enum
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs

__all__ = [
    "DIGEST_DIGITS",
    "MAX_FOUND",
    "Notation",
    "Piece",
    "alone",
    "bytes_of",
    "pieces",
    "records",
]

# More than any anchor file has.
MAX_FOUND = 1000

# No digest is shorter than one by SHA-1, and a slip may lose some of it.
_SHORTEST_DIGEST = 32
# How many digits a digest has, by its type.
DIGEST_DIGITS = {1: 40, 2: 64, 4: 96}
_LONGEST_DIGEST = max(DIGEST_DIGITS.values())
# What is longer is a key: nobody needs its second piece to see that it is one.
_LONG_KEY = 200
_BETWEEN = r"""[\s,;:"'()\[\]{}=|\\]{1,8}"""
_FOLD = r"""[\s"'()\\]{1,80}"""
_KEY = re.compile(
    rf"(?<![\w.])(\d{{1,5}}){_BETWEEN}3{_BETWEEN}(\d{{1,3}}){_BETWEEN}"
    rf"([A-Za-z0-9+/]{{20,}}={{0,2}}(?:{_FOLD}[A-Za-z0-9+/]+={{0,2}}){{0,99}})",
    re.ASCII,
)
_DS = re.compile(
    rf"(?<![\w.])(\d{{1,5}}){_BETWEEN}(\d{{1,3}}){_BETWEEN}(\d{{1,3}}){_BETWEEN}"
    rf"([0-9A-Fa-f]{{8,}}(?![0-9A-Za-z+/=])(?:{_FOLD}[0-9A-Fa-f]{{2,}}(?![0-9A-Za-z])){{0,48}})",
    re.ASCII,
)
_ANY_DIGITS = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_DIGIT = re.compile(r"[0-9A-Fa-f]")
_WORD = re.compile(r"[0-9A-Za-z+/]+={0,2}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{200,}", re.ASCII)
_SEPARATORS = str.maketrans("", "", " \t\r\n\v\f:.,;-\"'()")
_AROUND = " \t\r\n\v\f\"'`,;"
_BLANKS = str.maketrans("", "", " \t\r\n\v\f\"'()\\")
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z])(?:0[xX])?(?:[0-9A-Fa-f]{32,}|(?:[0-9A-Fa-f]{2}:){15,}[0-9A-Fa-f]{2})"
    r"(?![0-9A-Za-z+/])"
    r"|[A-Za-z0-9+/_-]{80,}={0,2}",
    re.ASCII,
)
# So many letters of a digest may be no digits.
_MAX_NO_DIGITS = 4


class Notation(enum.Enum):
    """The notation of a key or digest; the value is the word for one of its characters."""

    HEX = "digit"
    BASE64 = "base64 character"
    DECIMAL = "decimal digit"


class Piece(NamedTuple):
    """A key or digest without numbers before it: its characters, without anything in between.

    Hexadecimal digits are in upper case, base64 is in its own alphabet and without its padding.
    """

    notation: Notation
    text: str
    line: int = 1


def alone(text: str) -> Piece | None:
    """The one value of a text, however it is folded; ``None`` if the text has other content."""
    if _DS.search(text) is not None:
        # The numbers before it are none of its digits.
        return None
    bare = text.strip(_AROUND)
    digits = bare.translate(_SEPARATORS)
    digits = digits[2:] if digits[:2] in {"0x", "0X"} else digits
    if _DECIMAL.fullmatch(digits):
        return Piece(Notation.DECIMAL, digits)
    if _is_digest(digits, in_one_piece=digits == bare):
        return Piece(Notation.HEX, digits.upper())
    letters = bare.translate(_BLANKS)
    return _in_base64(letters) if _BASE64.fullmatch(letters) else None


def _is_digest(digits: str, *, in_one_piece: bool) -> bool:
    if len(digits) < _SHORTEST_DIGEST or _ANY_DIGITS.fullmatch(digits) is None:
        return False
    wrong = len(_DIGIT.sub("", digits))
    # A letter O for a zero is a slip as any other; words and blanks make a sentence.
    is_slip = in_one_piece and wrong <= _MAX_NO_DIGITS and len(digits) <= _LONGEST_DIGEST
    return wrong == 0 or is_slip


def _in_base64(letters: str, line: int = 1) -> Piece:
    return Piece(Notation.BASE64, letters.translate(_TO_STANDARD).rstrip("="), line)


# RFC 4648 5.
_TO_STANDARD = str.maketrans("-_", "+/")


def pieces(text: str) -> Iterator[Piece]:
    """Every separate value in a text."""
    for found in islice(_TOKEN.finditer(text), MAX_FOUND):
        line = text.count("\n", 0, found.start()) + 1
        digits = found[0].removeprefix("0x").removeprefix("0X").replace(":", "")
        if _HEX.fullmatch(digits):
            decimal = _DECIMAL.fullmatch(digits) is not None
            yield Piece(Notation.DECIMAL if decimal else Notation.HEX, digits.upper(), line)
        else:
            yield _in_base64(found[0], line)


def bytes_of(piece: Piece) -> bytes | None:
    """The bytes of a piece; ``None`` if a part is lost."""
    try:
        if piece.notation is Notation.HEX:
            return bytes.fromhex(piece.text)
        if piece.notation is Notation.BASE64:
            return base64.b64decode(piece.text + "=" * (-len(piece.text) % 4), validate=True)
        number = int(piece.text)
    except (ValueError, binascii.Error):
        # Python refuses decimal numbers of more than 4,300 digits, and no key has as many.
        return None
    return number.to_bytes((number.bit_length() + 7) // 8)


def records(text: str) -> list[tuple[FoundAnchor, int]]:
    """Every DS and DNSKEY with its numbers before it, in any notation, and its line."""
    found: list[tuple[int, FoundAnchor]] = [
        *islice(_keys(text), MAX_FOUND),
        *islice(_digests(text), MAX_FOUND),
    ]
    found.sort(key=lambda one: one[0])
    return [(anchor, text.count("\n", 0, begin) + 1) for begin, anchor in found[:MAX_FOUND]]


def _keys(text: str) -> Iterator[tuple[int, FoundDnskey]]:
    """Each with where it begins."""
    at = 0
    while (found := _KEY.search(text, at)) is not None:
        letters, used = _joined(found[3], _LONG_KEY)
        content = bytes_of(Piece(Notation.BASE64, letters[: len(letters) // 4 * 4]))
        if content is not None:
            yield found.start(), FoundDnskey(int(found[1]), int(found[2]), content)
        at = found.start(3) + used


def _digests(text: str) -> Iterator[tuple[int, FoundDs]]:
    at = 0
    while (found := _DS.search(text, at)) is not None:
        tag, algorithm, digest_type = (int(found[group]) for group in (1, 2, 3))
        digits, used = _joined(found[4], DIGEST_DIGITS.get(digest_type, _LONGEST_DIGEST))
        if len(digits) >= _SHORTEST_DIGEST and len(digits) % 2 == 0:
            yield found.start(), FoundDs(tag, algorithm, digest_type, bytes.fromhex(digits))
        at = found.start(4) + used


def _joined(run: str, enough: int) -> tuple[str, int]:
    """The first words of a run in one, and where they end: another record may follow them."""
    joined, end = "", 0
    for word in _WORD.finditer(run):
        if joined and (
            len(joined) >= enough or joined.endswith("=") or _ends(joined, word, enough)
        ):
            break
        joined += word[0]
        end = word.end()
    return joined, end


def _ends(joined: str, word: re.Match[str], enough: int) -> bool:
    """Whether a word is none of a digest any more: the tag of the next record, or a word."""
    return enough <= _LONGEST_DIGEST and len(joined) + len(word[0]) > enough
