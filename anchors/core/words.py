"""Putting words together for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["did_you_mean", "listed", "reason"]

# No name of ours is longer.
_LONGEST = 64


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def did_you_mean(got: str, known: Iterable[str], *, before: str = "") -> str:
    """``did you mean 'bind-static-ds'?``, or nothing where no known name is near."""
    import difflib  # noqa: PLC0415 - only where something is wrong

    near = difflib.get_close_matches(got[:_LONGEST], list(known), n=1)
    return f"did you mean '{before}{near[0]}'?" if near else ""


def reason(error: Exception) -> str:
    """An error of the system without its number and the file's name; any other as it is."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
