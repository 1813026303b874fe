"""The effect of each planned day on a resolver, if nobody changes anything until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.auditing.judge.verdict import in_the_way, worst
from anchors.auditing.result import Judged, OnDay, Outcome, Standing
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import StateOfKey
from anchors.core.words import listed
from anchors.pipeline.root_keys import Revocation, RootKey, Signer, VerifiedKeys

__all__ = ["planned_days", "trusted_among"]

_FAILS_ALREADY = "fails already"
_NOT_VALIDATING = "does not validate: nothing changes"


def planned_days(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, keys: VerifiedKeys
) -> tuple[OnDay, ...]:
    """Every planned signing and revocation that was not observed, by its day.

    Args:
        loaded: what the program does with its files.
        anchors: all its anchors.
        today: its outcome at the time of judgement.
        keys: the verified keys.
    """
    days = [*_signings(loaded, anchors, today, keys), *_revocations(loaded, anchors, today, keys)]
    return tuple(sorted(days, key=lambda one: one.day))


def trusted_among(anchors: Sequence[Judged], keys: VerifiedKeys) -> list[RootKey]:
    """The current keys that are in force, in the document's order."""
    names = {j.name for j in anchors if j.standing is Standing.CURRENT and j.held.effective}
    return [key for key in keys.current if key.name in names]


def _signings(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, keys: VerifiedKeys
) -> Iterator[OnDay]:
    for signer in keys.next:
        if signer.since is not None:
            outcome, meaning = _signing(loaded, anchors, today, signer, keys)
            event = f"{signer.key.name} is planned to sign the root from this day on"
            yield OnDay(signer.since, event, outcome, meaning)


def _signing(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, signer: Signer, keys: VerifiedKeys
) -> tuple[Outcome, str]:
    name = signer.key.name
    if today is Outcome.FAILS:
        return today, _FAILS_ALREADY
    if loaded.validates is False:
        return today, _NOT_VALIDATING
    if _holds_on(signer.key, signer.since, anchors, keys):
        return today, f"trusts {name}"
    if loaded.built_in is not None:
        return today, f"it depends on whether {name} is built into {loaded.built_in.program}"
    if _is_unknown(loaded, anchors, today, keys):
        return today, f"it is unknown whether it trusts {name}"
    return Outcome.FAILS, f"does not trust {name}: every look-up fails"


def _is_unknown(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, keys: VerifiedKeys
) -> bool:
    """Whether what it trusts was not found; another package may bring it."""
    is_elsewhere = bool(in_the_way(note for _, note in loaded.notes))
    return (today is Outcome.UNDECIDED or is_elsewhere) and not trusted_among(anchors, keys)


def _revocations(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, keys: VerifiedKeys
) -> Iterator[OnDay]:
    held = {judged.name for judged in anchors if judged.held.effective}
    for one in keys.revocations:
        outcome, meaning = today, f"does not trust {one.key.name}: nothing changes"
        if one.key.name in held:
            outcome, meaning = _revocation(loaded, anchors, today, one, keys)
        elif today is Outcome.FAILS:
            meaning = _FAILS_ALREADY
        elif _is_unknown(loaded, anchors, today, keys):
            meaning = f"it is unknown whether it trusts {one.key.name}"
        elif loaded.built_in is not None:
            meaning = f"it depends on the keys that are built into {loaded.built_in.program}"
        yield OnDay(one.day, _event(one, keys.at), outcome, meaning)


def _event(revocation: Revocation, at: datetime) -> str:
    """What is planned; servers may take the day itself to change."""
    name, day = revocation.key.name, revocation.day
    if at.date() <= day.date():
        return f"{name} is planned to be revoked"
    since = (
        " and was not observed"
        if revocation.looked
        else (", and the root zone was not asked since")
    )
    return f"the revocation of {name} was planned for {day:%Y-%m-%d}{since}"


def _revocation(
    loaded: Loaded, anchors: Sequence[Judged], today: Outcome, one: Revocation, keys: VerifiedKeys
) -> tuple[Outcome, str]:
    """What the revocation of a key means that the resolver trusts."""
    if today is Outcome.FAILS:
        return today, _FAILS_ALREADY
    if loaded.validates is False:
        return today, _NOT_VALIDATING
    others = [key.name for key in trusted_among(anchors, keys) if key != one.key]
    if not others and loaded.built_in is not None:
        return today, f"it depends on the keys that are built into {loaded.built_in.program}"
    if not others:
        return Outcome.FAILS, "trusts no other key: every look-up fails"
    if loaded.follows:
        return today, f"stops trusting {one.key.name} by itself (RFC 5011)"
    meaning = f"keeps trusting {one.key.name} until a person removes it"
    if loaded.follows is None:
        meaning += ", unless it follows rollovers by itself"
    return worst([today, Outcome.ATTENTION]), f"{meaning}; look-ups work with {listed(others)}"


def _holds_on(
    key: RootKey, day: datetime | None, anchors: Sequence[Judged], keys: VerifiedKeys
) -> bool:
    """Whether a key is trusted on a day: now, or because its hold-down is over by then."""
    if key in trusted_among(anchors, keys):
        return True
    states = (j.held.state for j in anchors if j.name == key.name)
    return any(
        state is not None
        and state.state is StateOfKey.ADD_PENDING
        and state.until is not None
        and day is not None
        and state.until <= day
        for state in states
    )
