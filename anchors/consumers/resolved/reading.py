"""systemd-resolved's trust anchors and its configuration.

Sources: dnssec-trust-anchors.d(5), resolved.conf(5).  A line of trust anchors that cannot be read
is dropped with a warning, so no line makes such a file unreadable.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.anchor_records import anchor_of, found_anchor
from anchors.consumers.consumer import Reader
from anchors.consumers.reading import Held, Hold, Note, Reading, Setting
from anchors.consumers.resolved import NEGATIVE, POSITIVE, SETTINGS
from anchors.consumers.template import is_template
from anchors.consumers.yaml_reading import untold
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundAnchor, FoundDnskey, MalformedAnchors
from anchors.grammars.zone import parse_zone

__all__ = [
    "DOWNGRADE",
    "KEY",
    "NO",
    "READERS",
    "WORDS",
    "anchors_of",
    "others_of",
    "read_negative",
    "read_positive",
    "read_settings",
]

_ENCODING = "latin-1"
# Where systemd ends a line (read_line(), tried on systemd 252 and 262).
_LINE_END = re.compile("\r\n|\n\r|[\n\r\0]")
# As many anchors as are taken from any file; each line takes a while.
_MAX_LINES = 1000
# systemd-resolved takes mnemonics, and no other program does (resolved-dns-trust-anchor.c).
_ALGORITHMS = {"RSASHA1": 5, "RSASHA256": 8, "RSASHA512": 10, "ECDSAP256SHA256": 13}
_DIGEST_TYPES = {"SHA-1": 1, "SHA-256": 2, "SHA-384": 4}
# As safe_atou() reads one: a zero in front makes it octal.
_NUMBER = re.compile(r"\+?(?:0[xX]([0-9A-Fa-f]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|([0-9]+))")
_BASES = (16, 8, 2, 8, 10)
_MAX_DIGITS = 40
# Parts of a word: in quotation marks, behind a backslash, or plain (extract_first_word()).
_PART_OF_WORD = re.compile(r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\\(.)|([^"'\\]+)""")
_ESCAPED = re.compile(r"\\(.)")
_ZONE_KEY, _REVOKE = 0x0100, 0x0080
_DNSSEC_PROTOCOL = 3
_SECTION, KEY = "[Resolve]", "DNSSEC"
_BLANKS = " \t\n\r"
_REMARKS = ("#", ";")
# What ``DNSSEC=`` may say, and what of it switches validation off.
NO = frozenset({"0", "f", "false", "n", "no", "off"})
# That word alone counts in small letters only.
DOWNGRADE = "allow-downgrade"
WORDS = NO | {"1", "t", "true", "y", "yes", "on", DOWNGRADE}
_REMEDY = "write '. IN DS TAG ALGORITHM TYPE DIGEST' on a line of its own"
_UNUSABLE = Finding(
    Check.AUDIT_FORM,
    Severity.FAILURE,
    "systemd-resolved takes a DNSKEY as an anchor of the root, and then fails every look-up",
    got="DNSKEY",
    want="DS",
    remedy=_REMEDY,
)


def read_positive(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The anchors of a file with this name.

    Raises:
        MalformedAnchors: there are more lines of the root than anybody needs.
    """
    if not path.endswith(".positive") or posixpath.basename(path).startswith("."):
        return None
    return anchors_of(content)


def anchors_of(content: bytes) -> Reading:
    """The anchors, those in lines that systemd-resolved drops as ignored.

    Raises:
        MalformedAnchors: there are more lines of the root than anybody needs.
    """
    held: list[Held] = []
    notes: list[Note] = []
    for line, words in _rows(content):
        if not _is_root(words[0]):
            continue
        if len(held) + len(notes) > _MAX_LINES:
            raise MalformedAnchors(f"it has more than {_MAX_LINES} lines of the root")
        anchor = _taken(words)
        if anchor is None:
            held += [Held(found, Hold.IGNORED, line) for found in _dropped(" ".join(words))]
            notes.append(Note(_ignored(words), line))
        else:
            held.append(Held(anchor, Hold.STATIC, line))
            if isinstance(anchor, FoundDnskey):
                notes.append(Note(_UNUSABLE, line))
    return Reading(POSITIVE, tuple(held), (), tuple(notes))


def others_of(content: bytes) -> Iterator[tuple[str, FoundAnchor, int]]:
    """The anchors of other zones: the name, the anchor and the line of each."""
    for line, words in _rows(content):
        anchor = None if words[0].startswith(_REMARKS) or _is_root(words[0]) else _taken(words)
        if anchor is not None:
            yield (_unquoted(words[0]) or "").lower().removesuffix("."), anchor, line


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that has any."""
    for line, row in _lines(content.decode(_ENCODING)):
        words = [word for word in row.replace("\t", " ").split(" ") if word]
        if words:
            yield line, words


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, as an editor counts them."""
    begin, number = 0, 1
    for match in _LINE_END.finditer(text):
        yield number, text[begin : match.start()]
        begin = match.end()
        number += match[0] != "\0"
    yield number, text[begin:]


def _is_root(word: str) -> bool:
    return not word.startswith(_REMARKS) and _unquoted(word) in {"", "."}


def _unquoted(word: str) -> str | None:
    """The word itself; ``None`` where a quotation mark is not closed."""
    parts = [*_PART_OF_WORD.finditer(word)]
    if sum(len(part[0]) for part in parts) != len(word):
        return None
    return "".join(_ESCAPED.sub(r"\1", part[part.lastindex or 0]) for part in parts)


def _taken(words: Sequence[str]) -> FoundAnchor | None:
    """The anchor as resolved reads it: with class, without TTL and comment."""
    rdclass, rdtype = (word.upper() for word in (*words[1:3], "", "")[:2])
    first, second, third = (*words[3:6], "", "", "")[:3]
    rest = "".join(words[6:])
    tag_or_flags = _number(first, 0xFFFF)
    if rdclass != "IN" or rdtype not in {"DS", "DNSKEY"} or tag_or_flags is None:
        return None
    if rdtype == "DS":
        algorithm = _ALGORITHMS.get(second, _number(second, 0xFF))
        digest_type = _DIGEST_TYPES.get(third, _number(third, 0xFF))
        rdata = (tag_or_flags, algorithm, digest_type)
    else:
        algorithm = _ALGORITHMS.get(third, _number(third, 0xFF))
        rdata = (tag_or_flags, _number(second, 0xFF), algorithm)
        if not tag_or_flags & _ZONE_KEY or tag_or_flags & _REVOKE or rdata[1] != _DNSSEC_PROTOCOL:
            return None
    if None in rdata or not rest or any(mark in rest for mark in ";()"):
        return None
    try:
        return found_anchor(rdtype, (*map(str, rdata), rest))
    except MalformedAnchors:
        return None


def _number(word: str, most: int) -> int | None:
    match = _NUMBER.fullmatch(word) if len(word) <= _MAX_DIGITS else None
    if match is None:
        return None
    found = next((n for n in zip(match.groups(), _BASES, strict=True) if n[0] is not None), None)
    value = int(found[0], found[1]) if found else most + 1
    return value if value <= most else None


def _dropped(row: str) -> list[FoundAnchor]:
    text = parse_zone(row.encode(_ENCODING))
    try:
        found = [anchor_of(record) for record in text.records]
    except MalformedAnchors:
        return []
    return [] if text.left_over else [anchor for anchor in found if anchor is not None]


def _ignored(words: Sequence[str]) -> Finding:
    if any(";" in word for word in words):
        why = "a comment stands behind the record"
    elif "".join(words[1:2]).upper() != "IN":
        why = "the class IN does not follow the name"
    else:
        why = "the record cannot be read"
    message = f"systemd-resolved drops the line: {why}"
    return Finding(Check.AUDIT_IGNORED, Severity.WARNING, message, remedy=_REMEDY)


def read_negative(content: bytes, path: str, _at: datetime) -> Reading | None:
    """Where the root stands among the names below which nothing is validated."""
    if not path.endswith(".negative") or posixpath.basename(path).startswith("."):
        return None
    for line, row in _lines(content.decode(_ENCODING)):
        # Behind a name nothing else may stand.
        words = row.split()
        if len(words) == 1 and _is_root(words[0]):
            return Reading(NEGATIVE, settings=(Setting("negative trust anchor", ".", line),))
    return Reading(NEGATIVE)


def read_settings(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """What ``DNSSEC=`` says last."""
    if _SECTION.encode() not in content:
        return None
    found = [*_settings(content.removeprefix(codecs.BOM_UTF8).decode(_ENCODING))]
    if not found:
        return None
    # What is none of the words is passed over, and the setting before it stays.
    line, value = ([one for one in found if one[1] in WORDS] or found)[-1]
    if is_template(value.encode()):
        return Reading(SETTINGS, notes=(Note(untold("a template of a configuration"), line),))
    return Reading(SETTINGS, settings=(Setting(KEY, value[:80], line),))


def _settings(text: str) -> Iterator[tuple[int, str]]:
    """Each value of ``DNSSEC=`` in its section, with its line, up to a section that is none.

    A remark behind a value is a part of the value, which is then none.
    """
    section = ""
    for line, row in _joined(text):
        if row.startswith("["):
            if not row.endswith("]"):
                return
            section = row
            continue
        key, equals, value = row.partition("=")
        if equals and section == _SECTION and key.rstrip(_BLANKS) == KEY:
            word = value.strip(_BLANKS)
            yield line, word if word.lower() == DOWNGRADE else word.lower()


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines without remarks; one that ends with a backslash goes on in the next."""
    begin, before = 0, ""
    for line, row in _lines(text):
        if row.lstrip(_BLANKS).startswith(_REMARKS):
            continue
        begin = begin if before else line
        backslashes = len(row) - len(row.rstrip("\\"))
        if backslashes % 2:
            before += f"{row[:-1]} "
            continue
        yield begin, f"{before}{row}".strip(_BLANKS)
        before = ""
    if before:
        yield begin, before.strip(_BLANKS)


READERS = (Reader(5, read_positive), Reader(5, read_negative), Reader(75, read_settings))
