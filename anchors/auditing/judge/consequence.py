"""The outcome of a resolver that uses a set of anchors, and its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.auditing.result import Judged, Outcome
from anchors.consumers.reading import Hold, StateOfKey
from anchors.core.findings import Finding
from anchors.core.words import listed
from anchors.pipeline.root_keys import RootKey, Signer, VerifiedKeys, is_needed

__all__ = ["Effect", "effect_of", "holding"]


class Effect(NamedTuple):
    """The outcome of a resolver, its day, and its words; ``tells``: the findings in these words."""

    outcome: Outcome
    day: datetime | None
    words: str
    tells: tuple[Finding, ...] = ()


def holding(trusted: Sequence[RootKey]) -> str:
    """The anchors, in words."""
    names = [key.name for key in trusted]
    return f"has {listed(names)}{' only' if len(names) == 1 else ''}"


def effect_of(trusted: Sequence[RootKey], anchors: Sequence[Judged], keys: VerifiedKeys) -> Effect:
    """The outcome of a resolver that validates with the ``trusted`` keys.

    Args:
        trusted: the current keys among its anchors.
        anchors: all its anchors, with the way in which they are held.
        keys: the verified keys.
    """
    if not trusted:
        return Effect(Outcome.FAILS, None, _nothing_in_force(anchors))
    if keys.now and not any(signer.key in trusted for signer in keys.now):
        return _fails(trusted, anchors, keys)
    ready = {judged.name for judged in anchors if _in_time(judged, keys)}
    for signer in keys.next:
        if signer.key not in trusted and signer.key.name not in ready:
            return _will_fail(trusted, anchors, signer)
    waiting = [key for key in keys.current if key not in trusted and _has_no_day(key, keys, ready)]
    if waiting:
        names = listed([key.name for key in waiting])
        signed = [key for key in waiting if any(signer.key == key for signer in keys.now)]
        alone = " alone" if signed else ""
        words = f"{holding(trusted)}; every look-up will fail once the root is signed by {names}"
        words += alone
        return Effect(Outcome.WILL_FAIL, None, words)
    return Effect(Outcome.RIGHT, None, holding(trusted).removesuffix(" only"))


def _nothing_in_force(anchors: Sequence[Judged]) -> str:
    if not anchors:
        return "has no anchor of the root, so nothing can be validated"
    held = listed(list(dict.fromkeys(f"{j.name} {_why_not(j)}" for j in anchors)))
    return f"has no anchor that can validate the root: {held}"


def _why_not(judged: Judged) -> str:
    if judged.held.hold is Hold.IGNORED:
        return "is ignored"
    if judged.held.state is not None and not judged.held.state.trusted:
        return f"is in state {judged.held.state.state.value}"
    return f"is {judged.standing.value}"


def _fails(trusted: Sequence[RootKey], anchors: Sequence[Judged], keys: VerifiedKeys) -> Effect:
    signers = listed([signer.key.name for signer in keys.now])
    days = [signer.since for signer in keys.now if signer.since is not None]
    day = min(days) if days else None
    since = f" since {day:%Y-%m-%d}" if day else ""
    by_plan = " (by ICANN's plan)" if all(signer.planned for signer in keys.now) else ""
    words = f"{holding(trusted)}, but {signers} signs the root{by_plan}: {_who(anchors)}"
    return Effect(Outcome.FAILS, day, f"{words}{since}")


def _who(anchors: Sequence[Judged]) -> str:
    if any(judged.held.hold is Hold.SEED for judged in anchors):
        return "every look-up fails in a resolver that starts with this file and no state"
    return "every look-up fails"


def _will_fail(trusted: Sequence[RootKey], anchors: Sequence[Judged], signer: Signer) -> Effect:
    day = f"on {signer.since:%Y-%m-%d}" if signer.since else "some day"
    who = "every look-up will fail"
    if any(judged.held.hold is Hold.SEED for judged in anchors):
        who = "every look-up will fail in a resolver that starts with this file and no state"
    words = f"{holding(trusted)}: {who} {day}, when {signer.key.name} is planned to sign the root"
    return Effect(Outcome.WILL_FAIL, signer.since, words)


def _in_time(judged: Judged, keys: VerifiedKeys) -> bool:
    """Whether a key that waits will be trusted before anybody signs with it (RFC 5011 2.4.1)."""
    state = judged.held.state
    if state is None or state.state is not StateOfKey.ADD_PENDING:
        return False
    days = [signer.since for signer in keys.next if signer.key.name == judged.name]
    if not days:
        return True
    return state.until is not None and all(d is not None and state.until <= d for d in days)


def _has_no_day(key: RootKey, keys: VerifiedKeys, ready: set[str]) -> bool:
    planned = any(signer.key == key for signer in keys.next)
    return not planned and key.name not in ready and is_needed(key, keys)
