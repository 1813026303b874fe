"""BIND's ``trust-anchors`` statement (BIND 9 Administrator Reference Manual, trust-anchors)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from anchors import records
from anchors.crosscheck import CrossCheck
from anchors.formats.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors
from anchors.formats.provenance import header, remark

__all__ = ["parse", "render"]

_TOKEN = re.compile(
    r"""(?P<skip>\s+ | /\*.*?\*/ | //[^\n]* | \#[^\n]*)
      | "(?P<string>(?:[^"\\]|\\.)*)"
      | (?P<mark>[{};])
      | (?P<word>[^\s{};"#]+)""",
    re.VERBOSE | re.DOTALL,
)
# The legacy statements have no keyword, or only initial-key: they hold keys.
_STATEMENTS = {"trust-anchors", "managed-keys", "trusted-keys"}


def render(cross_check: CrossCheck) -> bytes:
    """A ``trust-anchors`` block of ``initial-ds`` entries."""
    lines = [*header(cross_check, "//"), "trust-anchors {"]
    for anchor in cross_check.anchors.anchors:
        key = anchor.key
        tag_algorithm_type, _, digest = records.ds_text(
            key.key_tag, key.algorithm, key.digest_type, key.digest
        ).rpartition(" ")
        lines.append(f"\t// {remark(anchor)}")
        lines.append(f'\t. initial-ds {tag_algorithm_type} "{digest}";')
    return "\n".join([*lines, "};", ""]).encode()


def parse(data: bytes) -> FoundAnchors:
    """Read the root's anchors from every statement of a named.conf that holds some.

    Raises:
        MalformedAnchors: such a statement cannot be read.
    """
    tokens = list(_tokens(data.decode(errors="replace")))
    anchors: list[FoundAnchor] = []
    position = 0
    while position < len(tokens):
        if tokens[position] in _STATEMENTS and tokens[position + 1 : position + 2] == ["{"]:
            position, entries = _entries(tokens, position + 2)
            anchors += [found for entry in entries for found in _anchor(entry)]
        position += 1
    return FoundAnchors(tuple(anchors))


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            message = f"cannot be read at {text[position : position + 20]!r}"
            raise MalformedAnchors(message)
        position = match.end()
        if match["skip"] is None:
            yield match["string"] if match["string"] is not None else match[0]


def _entries(tokens: list[str], position: int) -> tuple[int, list[list[str]]]:
    """The entries of a block, and the position of its closing brace."""
    entries: list[list[str]] = []
    entry: list[str] = []
    for at in range(position, len(tokens)):
        token = tokens[at]
        if token == "}":  # noqa: S105 - a brace, not a password
            return at, entries
        if token == ";":  # noqa: S105 - a semicolon, not a password
            entries.append(entry)
            entry = []
        else:
            entry.append(token)
    message = "a block is not closed"
    raise MalformedAnchors(message)


def _anchor(entry: list[str]) -> list[FoundAnchor]:
    name, *rest = entry or [""]
    if name != ".":
        return []
    keyword = rest.pop(0) if rest and not rest[0].isdigit() else None
    try:
        first, second, third, text = rest
        numbers = int(first), int(second), int(third)
        if keyword in {"initial-ds", "static-ds"}:
            return [FoundDs(*numbers, bytes.fromhex("".join(text.split())), keyword)]
        if keyword in {None, "initial-key", "static-key"}:
            public_key = base64.b64decode("".join(text.split()), validate=True)
            return [FoundDnskey(numbers[0], numbers[2], public_key, keyword)]
        message = f"{keyword!r:.40} is not a keyword of trust-anchors"
    except ValueError as error:
        message = f"{' '.join(entry)!r:.80}: {error}"
        raise MalformedAnchors(message) from error
    raise MalformedAnchors(message)
