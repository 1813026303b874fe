"""Text from outside, made harmless for terminals, logs and comments."""

from __future__ import annotations

import re

__all__ = ["printable", "without_password", "without_userinfo"]

# RFC 3986 3.2.1: up to the last @ before the path.
_USERINFO = re.compile(r"//[^\s/?#]*@")
_TO_LAST_AT = re.compile(r"//.*@", re.DOTALL)


def printable(text: str) -> str:
    """``text`` with every character that is not printable written as an escape sequence."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def without_userinfo(text: str) -> str:
    """``text`` with the name and password of every URL in it left out (RFC 3986 3.2.1)."""
    return _USERINFO.sub("//***@", text)


def without_password(text: str) -> str:
    """``text`` without all from ``//`` to its last ``@``.

    In a URL that cannot be used, a password may hold blanks, slashes, anything.
    """
    return _TO_LAST_AT.sub("//***@", text)
