"""A long list, as blocklists are: of all lines that are alike, the first one says enough."""

from __future__ import annotations

import io
import re

__all__ = ["first_of_each_form"]

_MAX_FORMS, _MAX_LINE = 1000, 4096
_WORD = re.compile(rb"[\w.-]+")
_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = re.compile(rb"(?:%(octet)b\.){3}%(octet)b" % {b"octet": _OCTET})
_NAME = re.compile(rb"(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z][A-Za-z0-9_-]{0,62}\.?")
_LONGEST_NAME = 253


def first_of_each_form(content: bytes) -> bytes | None:
    """The first line of each form, each with its number, and empty lines in place of the others.

    Lines have one form if they differ in names, addresses and numbers alone.

    Returns:
        The text, or ``None``: it is no list, for its lines have too many forms or are too long.
    """
    forms: set[bytes] = set()
    parts: list[bytes] = []
    for line in io.BytesIO(content):
        form = b"#" if line.startswith(b"#") else _WORD.sub(_form, line)
        is_new = form not in forms
        forms.add(form)
        if len(line) > _MAX_LINE or len(forms) > _MAX_FORMS:
            return None
        parts.append(line if is_new else b"\n")
    return b"".join(parts)


def _form(word: re.Match[bytes]) -> bytes:
    text = word[0]
    if text.isdigit():
        return b"0"
    if _ADDRESS.fullmatch(text):
        return b"0.0.0.0"
    is_name = len(text) <= _LONGEST_NAME and _NAME.fullmatch(text)
    return b"name.example" if is_name else text
