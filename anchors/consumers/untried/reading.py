"""The anchors of the root in the files of programs that could not be run here."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from anchors.consumers.anchor_records import anchor_of, found_anchor
from anchors.consumers.consumer import Reader
from anchors.consumers.reading import Held, Hold, Kind, Note, Reading, Reference, Role
from anchors.consumers.untried import SYNTAXES
from anchors.consumers.untried.writing import MICROSOFT, SHAPES, Shape
from anchors.consumers.yaml_reading import is_shaped, unread_for, value_at
from anchors.core.errors import UsageError
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.grammars.text import Lines, decoded
from anchors.grammars.yaml import Scalar, load_yaml
from anchors.grammars.zone import Record, statements

__all__ = [
    "ASTERISK",
    "BLOCKY",
    "F5",
    "INFOBLOX",
    "LIBRESWAN",
    "LIBVAL",
    "ROUTEDNS",
    "SDNS",
    "STRONGSWAN",
    "WINDOWS",
    "content_of_blocky",
    "content_of_f5",
    "content_of_infoblox",
    "content_of_libval",
    "content_of_routedns",
    "content_of_sdns",
    "content_of_windows",
]

# Longer TOML takes seconds; real configurations are a tenth of it.
_MAX_TOML = 1 << 18
_ROOT = frozenset({".", ""})
_YAML_KEYS = (re.compile(rb"(?m)^[\"']?dnssec[\"']?[ \t]*:"), re.compile(rb"trustAnchors"))
_CALL = re.compile(r"(?i)Add-DnsServerTrustAnchor\b((?:[^`\n]|`\r?\n|`[^\n])*)")
_PARAMETER = re.compile(r"-(\w+)[ \t]+(\"[^\"\n]*\"|'[^'\n]*'|[^ \t\r\n\"'-][^ \t\r\n]*)", re.ASCII)
_BRACES = re.compile(
    r"(?<![\w-])trust-anchors[ \t\r\n]+(?:(?:replace-all-with|add)[ \t\r\n]+)?\{([^{}]*)\}",
    re.ASCII,
)
_STRING = re.compile(r'"([^"]*)"')
_POLICY = re.compile(rb"(?m)^[ \t]*[\w.:-]+[ \t]+trust-anchor(?=[ \t\r\n])", re.ASCII)
_TOKEN = re.compile(r'#[^\n]*|"[^"]*"|;|[^ \t\r\n;"#]+')
# In place of a field of a row.
_FIELD = "\0"
# Behind the type: three numbers, and the digest or key.
_RDATA = 4

_Anchors = Iterator[tuple[FoundAnchor, int | None]]


def _windows(content: bytes) -> _Anchors:
    """``Add-DnsServerTrustAnchor`` with a digest or a key; one line goes on behind a backtick."""
    text = decoded(content)
    lines = Lines(text)
    for call in _CALL.finditer(text):
        begin = text.rfind("\n", 0, call.start()) + 1
        if "#" in text[begin : call.start()]:
            continue
        given = {name.lower(): value.strip("\"'") for name, value in _PARAMETER.findall(call[1])}
        if given.get("name") not in _ROOT:
            continue
        algorithm = _number_of("algorithm", given.get("cryptoalgorithm", ""))
        if "base64data" in given:
            anchor = found_anchor("DNSKEY", ["257", "3", algorithm, given["base64data"]])
        else:
            kind = _number_of("digest type", given.get("digesttype", ""))
            rdata = [given.get("keytag", ""), algorithm, kind, given.get("digest", "")]
            anchor = found_anchor("DS", rdata)
        yield anchor, lines.at(call.start())


def _number_of(what: str, word: str) -> str:
    """The number of an algorithm or a digest type; any other word stays as it is."""
    names = {name.lower(): str(number) for number, name in MICROSOFT[what].items()}
    return names.get(word.lower(), word)


def _blocky(content: bytes) -> _Anchors:
    """``dnssec: trustAnchors:``, a list of records."""
    listed = value_at(load_yaml(content), "dnssec", "trustAnchors")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Scalar):
            yield from _in_record(one, one.line)


def _routedns(content: bytes) -> _Anchors:
    """The tables ``dnssec-trust-anchors`` of any group."""
    lines, groups = _Pieces(content), _toml(content).get("groups")
    for group in groups.values() if isinstance(groups, dict) else ():
        listed = group.get("dnssec-trust-anchors") if isinstance(group, dict) else None
        for row in listed if isinstance(listed, list) else ():
            if isinstance(row, dict) and row.get("owner") in _ROOT:
                names = ("key-tag", "algorithm", "digest-type", "digest")
                rdata = [str(row.get(name, "")) for name in names]
                yield found_anchor("DS", rdata), lines.line_of(rdata[-1])


def _sdns(content: bytes) -> _Anchors:
    """``rootkeys``, a list of records."""
    lines, listed = _Pieces(content), _toml(content).get("rootkeys")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, str):
            yield from _in_record(one, lines.line_of(one))


def _libval(content: bytes) -> _Anchors:
    """``LABEL trust-anchor ZONE RDATA ... ;``, the rdata quoted or with its type before it."""
    text = decoded(content)
    lines = Lines(text)
    found = [(t[0], lines.at(t.start())) for t in _TOKEN.finditer(text) if t[0][0] != "#"]
    at = 0
    while at < len(found):
        is_policy = found[at][0] == "trust-anchor"
        at += 1
        while is_policy and at < len(found) and found[at][0] != ";":
            zone, line = found[at]
            words = [word for word, _ in found[at + 1 : at + 2 + _RDATA]]
            is_quoted = words[:1] != [] and words[0].startswith('"')
            rdata = words[0].strip('"').split() if is_quoted else words
            at += 2 if is_quoted else 2 + _RDATA
            if zone == ".":
                has_type = rdata[:1] in (["DS"], ["DNSKEY"])
                yield (
                    found_anchor(rdata[0] if has_type else "DNSKEY", rdata[has_type:]),
                    line,
                )


def _f5(content: bytes) -> _Anchors:
    """``trust-anchors { "RECORD" ... }`` of a validating resolver."""
    text = decoded(content)
    lines = Lines(text)
    for braces in _BRACES.finditer(text):
        for one in _STRING.finditer(braces[1]):
            yield from _in_record(one[1], lines.at(braces.start(1) + one.start()))


def _infoblox(content: bytes) -> _Anchors:
    """``dnssec_trusted_keys`` of an object of the WAPI, or of each of a list."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedAnchors("not JSON") from error
    lines = _Pieces(content)
    for one in document if isinstance(document, list) else [document]:
        listed = one.get("dnssec_trusted_keys") if isinstance(one, dict) else None
        for row in listed if isinstance(listed, list) else ():
            if isinstance(row, dict) and row.get("fqdn") == ".":
                flags = "257" if row.get("secure_entry_point", True) else "256"
                key = str(row.get("key", ""))
                rdata = [flags, "3", str(row.get("algorithm", "")), key]
                yield found_anchor("DNSKEY", rdata), lines.line_of(key)


def _toml(content: bytes) -> dict[str, Any]:
    if len(content) > _MAX_TOML:
        raise MalformedAnchors(f"TOML of more than {_MAX_TOML} bytes is not read")
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedAnchors(f"not TOML: {error!s:.80}") from error


class _Pieces:
    """Finds the line that a piece of a text is in, where its parser tells none."""

    def __init__(self, content: bytes) -> None:
        self._text = decoded(content)
        self._lines = Lines(self._text)

    def line_of(self, piece: str) -> int | None:
        at = self._text.find(piece) if piece else -1
        return None if at < 0 else self._lines.at(at)


def _in_record(text: str, line: int | None) -> _Anchors:
    """The anchor of the root in the text of one record; none in that of another name."""
    for statement in statements(text.encode("utf-8", "replace")):
        anchor = anchor_of(statement) if isinstance(statement, Record) else None
        if anchor is not None:
            yield anchor, line


def _content(content: bytes, anchors: Callable[[bytes], _Anchors]) -> FoundAnchors:
    """What a file holds.

    Raises:
        MalformedAnchors: it is of another syntax, or an anchor in it cannot be read.
    """
    return FoundAnchors(tuple(anchor for anchor, _ in anchors(content)))


def _reader(
    name: str,
    looks: Callable[[bytes], bool],
    anchors: Callable[[bytes], _Anchors],
    hold: Hold = Hold.STATIC,
    word: bytes = b"",
) -> tuple[Reader, ...]:
    """The reader of one syntax.

    Args:
        name: that of its consumer.
        looks: whether a file may be of it; a cheap look.
        anchors: those in it, with their lines.
        hold: what changes them.
        word: stands in every such file.
    """

    def read(content: bytes, _path: str, _at: datetime) -> Reading | None:
        if not looks(content):
            return None
        try:
            held = tuple(Held(one, hold, line) for one, line in anchors(content))
        except UsageError as error:
            # PyYAML is not installed.
            finding = unread_for(error)
            return Reading(SYNTAXES[name], notes=(Note(finding),))
        syntax = SYNTAXES[name]
        if _is_as_written(content, SHAPES[name]):
            # A part of a configuration, which nothing is started with.
            syntax = syntax._replace(kind=Kind.ANCHORS, is_whole=True)
        return Reading(syntax, held) if held else None

    return (Reader(55, read, (word,)),)


def _is_as_written(content: bytes, shape: Shape) -> bool:
    """Whether nothing stands in it but what ``build`` writes: anchors alone."""
    row = shape.row.format_map(defaultdict(lambda: _FIELD)) + shape.between
    lines = f"{shape.before}{row}\n{row.removesuffix(shape.between)}\n{shape.after}".splitlines()
    known = [re.compile(re.escape(line).replace(_FIELD, r"[\w +/=]+")) for line in lines if line]
    text = (line for line in decoded(content).splitlines() if line and line[0] != shape.comment)
    return all(any(one.fullmatch(line) for one in known) for line in text)


def _naming(name: str, *settings: str, beside: str = "") -> tuple[Reader, ...]:
    """The reader of lines ``SETTING = FILE``, quoted or not, with ``#`` or ``;`` for a comment.

    Args:
        name: that of the consumer.
        settings: those for files of anchors.
        beside: a pattern of what stands in each such file besides.
    """
    names = "|".join(settings)
    line = re.compile(
        rf"(?m)^[ \t]*(?:{names})[ \t]*=>?[ \t]*(?:\"([^\"\n]*)\"|([^\s\"#;][^\s#;]*))",
        re.ASCII,
    )

    def read(content: bytes, _path: str, _at: datetime) -> Reading | None:
        text = decoded(content)
        if re.search(beside, text) is None:
            return None
        lines = Lines(text)
        named = tuple(
            Reference(found[1] or found[2], Role.STATIC, lines.at(found.start()))
            for found in line.finditer(text)
            if found[1] or found[2]
        )
        return Reading(SYNTAXES[name], references=named) if named else None

    return (Reader(55, read, tuple(setting.encode() for setting in settings)),)


def _has(*words: bytes) -> Callable[[bytes], bool]:
    return lambda content: all(word in content for word in words)


WINDOWS = _reader(
    "windows", lambda content: b"add-dnsservertrustanchor" in content.lower(), _windows, Hold.SEED
)
BLOCKY = _reader(
    "blocky", lambda content: is_shaped(content, *_YAML_KEYS), _blocky, word=b"trustAnchors"
)
ROUTEDNS = _reader("routedns", _has(b"dnssec-trust-anchors", b"[groups"), _routedns)
# Its own keeping of rolls begins with them.
SDNS = _reader(
    "sdns",
    lambda content: re.search(rb"(?m)^rootkeys[ \t]*=", content) is not None,
    _sdns,
    Hold.SEED,
    b"rootkeys",
)
LIBVAL = _reader(
    "libval",
    lambda content: _POLICY.search(content) is not None,
    _libval,
    word=b"trust-anchor",
)
F5 = _reader("f5", _has(b"validating-resolver", b"trust-anchors"), _f5)
INFOBLOX = _reader("infoblox", _has(b'"dnssec_trusted_keys"'), _infoblox)
LIBRESWAN = _naming("libreswan", "dnssec-rootkey-file", "dnssec-anchors")
STRONGSWAN = _naming("strongswan", "trust_anchors", beside=r"(?m)^[ \t]*unbound[ \t]*\{")
ASTERISK = _naming("asterisk", "ta_file", beside=r"(?m)^\[general\]")

content_of_windows = functools.partial(_content, anchors=_windows)
content_of_blocky = functools.partial(_content, anchors=_blocky)
content_of_routedns = functools.partial(_content, anchors=_routedns)
content_of_sdns = functools.partial(_content, anchors=_sdns)
content_of_libval = functools.partial(_content, anchors=_libval)
content_of_f5 = functools.partial(_content, anchors=_f5)
content_of_infoblox = functools.partial(_content, anchors=_infoblox)
