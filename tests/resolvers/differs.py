"""Whether what the audit says of a resolver agrees with what the program did."""

from __future__ import annotations

import re

from anchors.auditing.result import Outcome
from tests.resolvers.audited import Said

__all__ = ["difference"]

# As the models put it.
_ALARM = "IANA never published"


def difference(said: Said | None, seen: str, root: str) -> str | None:
    """What is wrong in what the audit says; undecided is never wrong, and neither is silence.

    Args:
        said: by the audit.
        seen: by the program, in the words of the tables.
        root: the keys that signed the root that the program asked, "" where it asked nobody.

    Returns:
        The kind of the difference, or ``None``: a promise that the program does not keep, or a
        fault that the program does not have.
    """
    if said is None:
        return None
    if _promises(said):
        return None if _keeps(said, seen, root) else f"promises: {seen}"
    return f"fails ({said.words}): {seen}" if _blames(said) and _works(seen, root) else None


def _promises(said: Said) -> bool:
    """Whether it is said to work; a promise to all or, with more words, to some."""
    if said.outcome is Outcome.RIGHT:
        return True
    works = said.starts and said.validates and ("B" in said.holds or said.built_in)
    return bool(works) and said.outcome in {Outcome.ATTENTION, Outcome.WILL_FAIL}


def _keeps(said: Said, seen: str, root: str) -> bool:
    """Whether it starts, validates for everybody, and holds what was promised."""
    held = _held(seen)
    if held is None:
        return False
    if said.built_in:
        return "does not validate" not in seen
    validates = seen.endswith((", validates", "on request" if said.for_some else "!"))
    holds = held == {"what", "it", "does", "not", "tell"} or said.holds <= held
    return holds and (not root or validates or not held & set(root))


def _blames(said: Said) -> bool:
    """Whether it is said to fail or not to validate, for another reason than a stranger's key."""
    if None in (said.starts, said.validates) or said.built_in or _ALARM in said.words:
        return said.starts is False
    return True


def _works(seen: str, root: str) -> bool:
    """Whether the program held key B, and validated where it was asked."""
    held = _held(seen)
    return held is not None and "B" in held and (not root or seen.endswith(", validates"))


def _held(seen: str) -> set[str] | None:
    match = re.match(r"holds ([^,]*)", seen)
    return set(match[1].split()) if match else None
