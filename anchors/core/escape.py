"""Text from outside, made harmless for terminals, logs and comments."""

from __future__ import annotations

import re

__all__ = ["printable", "without_userinfo"]

# RFC 3986 3.2.1: up to the last @ before the path.
_USERINFO = re.compile(r"//[^\s/?#]*@")


def printable(text: str) -> str:
    """``text`` with every character that is not printable written as an escape sequence."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def without_userinfo(text: str) -> str:
    """``text`` with the name and password of every URL in it left out (RFC 3986 3.2.1)."""
    return _USERINFO.sub("//***@", text)
