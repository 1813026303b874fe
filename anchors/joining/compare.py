"""Compare the files of a resolver with the report and behaviour of its program; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.asking.control import Holding, holding
from anchors.asking.verdict import KeyTrust, ResolverVerdict, Trust, Validates
from anchors.auditing.judge.anchor import judge_anchor
from anchors.auditing.judge.days import trusted_among
from anchors.auditing.result import Running
from anchors.consumers.loading import Loaded
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundDs
from anchors.core.words import listed
from anchors.pipeline.root_keys import RootKey, VerifiedKeys, is_needed

__all__ = ["Cause", "compare", "undecided"]

_TELLS_NOTHING = {Validates.CANNOT_TELL, Validates.MIXED}


class Cause(NamedTuple):
    """The reason why files and program may differ: as a clause, and its evidence."""

    words: str = ""
    got: str | None = None


class _Row(NamedTuple):
    """A current key: whether the files give it, and whether the program holds it."""

    key: RootKey
    given: bool | None
    held: bool | None


def undecided(title: str, why: str, got: str | None = None) -> Running:
    """The result if it is unknown what runs."""
    finding = Finding(
        Check.AUDIT_NOT_TOLD,
        Severity.WARNING,
        f"it is unknown what the running {title} does: {why}",
        got=None if got is None else printable(got[:300]),
        want="a running program that was started with these files and can be asked",
        remedy="run the audit as root on its machine; without --ask, only the files are judged",
    )
    return Running(None, f"unknown: {why}", notes=(Note(finding),))


def compare(
    loaded: Loaded, title: str, verdict: ResolverVerdict, keys: VerifiedKeys, cause: Cause
) -> Running:
    """Compare one running program with its files.

    Args:
        loaded: what the program does, started with its files.
        title: its name for people.
        verdict: the behaviour of the running program, and its report.
        keys: the verified keys.
        cause: the reason why both may differ.
    """
    rows = _rows(loaded, verdict, keys)
    notes = [
        *_of_validation(loaded, verdict),
        *(note for row in rows for note in _of_key(row, keys, cause)),
        *_strangers(loaded, verdict, keys, cause),
    ]
    said = None if verdict.witness is None else verdict.witness.held
    return Running(
        agrees=_agrees(loaded, rows, verdict, notes),
        words=_words(title, rows, verdict),
        address=verdict.address,
        by="" if said is None else said.by,
        notes=tuple(notes),
    )


def _rows(loaded: Loaded, verdict: ResolverVerdict, keys: VerifiedKeys) -> list[_Row]:
    said = {row.name: row for row in verdict.keys}
    return [
        _Row(
            key, _given(key, loaded, keys), _held(said.get(key.name), holding(key, verdict.witness))
        )
        for key in keys.current
    ]


def _given(key: RootKey, loaded: Loaded, keys: VerifiedKeys) -> bool | None:
    """Whether its files give it the key; ``None`` where views differ, or keys are built in."""
    judged = [judge_anchor(held, keys) for _, held in loaded.held]
    found = {
        key in trusted_among([one for one in judged if one.held.view in {"", view}], keys)
        for view in loaded.views or ("",)
    }
    if len(found) > 1 or (loaded.built_in is not None and found == {False}):
        return None
    return found.pop()


def _held(row: KeyTrust | None, said: Holding) -> bool | None:
    """What the program says of itself comes first: what is done may be done behind it."""
    if row is None:
        return None
    if said in {Holding.RIGHT, Holding.TAG}:
        return said is Holding.RIGHT or row.trust is not Trust.FAILS
    if said in {Holding.ABSENT, Holding.WRONG}:
        return False
    if row.trust in {Trust.BY_USE, Trust.BY_TAG}:
        return True
    return False if row.trust in {Trust.NOT_TRUSTED, Trust.FAILS} else None


def _of_validation(loaded: Loaded, verdict: ResolverVerdict) -> Iterator[Note]:
    if verdict.validates in _TELLS_NOTHING:
        words = f"it is unknown what the running program does: {verdict.why}"
        remedy = f"find out what answers there: root-anchors ask {verdict.address}"
        yield Note(Finding(Check.AUDIT_NOT_TOLD, Severity.WARNING, words, remedy=remedy))
    if verdict.validates is Validates.FAILS:
        yield Note(
            Finding(
                Check.AUDIT_RUNNING,
                Severity.FAILURE,
                "every look-up in the running program fails",
                got=verdict.why,
                remedy="restart it; if that does not help, check its clock",
            )
        )
    if verdict.validates is Validates.NO and loaded.validates:
        yield Note(
            Finding(
                Check.AUDIT_RUNNING,
                Severity.WARNING,
                "the running program does not validate, but with its files it would",
                got=verdict.why,
                remedy="restart it; check which configuration it was started with",
            )
        )


def _of_key(row: _Row, keys: VerifiedKeys, cause: Cause) -> Iterator[Note]:
    name, needed = row.key.name, is_needed(row.key, keys)
    if row.given and row.held is False:
        day = next((one.since for one in keys.next if one.key == row.key), None)
        yield Note(
            Finding(
                Check.AUDIT_NOT_LOADED,
                Severity.FAILURE if needed else Severity.NOTICE,
                f"its files have {name}, but the running program does not trust that "
                f"key{cause.words}",
                got=cause.got,
                want=f"{name}, as in its files",
                remedy="reload or restart it",
            ),
            None,
            day,
        )
    if row.given is False and row.held:
        yield Note(
            Finding(
                Check.AUDIT_NOT_LOADED,
                Severity.WARNING if needed else Severity.NOTICE,
                f"the running program trusts {name}, but its files do not have that "
                f"key{cause.words}",
                got=cause.got,
                want=f"{name} in its files, which it reads at its next start",
            )
        )
    if row.given and row.held is None and needed:
        words = f"it is unknown whether the running program trusts {name}"
        remedy = "run root-anchors as a user who may use its control program"
        yield Note(Finding(Check.AUDIT_NOT_TOLD, Severity.WARNING, words, remedy=remedy))


def _strangers(
    loaded: Loaded, verdict: ResolverVerdict, keys: VerifiedKeys, cause: Cause
) -> Iterator[Note]:
    """Anchors that it tells of, that its files do not have, and that IANA never published."""
    known = {key.key_tag for key in keys.keys}
    known |= {held.anchor.key_tag for _, held in loaded.held if isinstance(held.anchor, FoundDs)}
    known_keys = any(not isinstance(held.anchor, FoundDs) for _, held in loaded.held)
    told = verdict.witness.anchors if verdict.witness is not None else []
    for tag, digest in dict.fromkeys(told):
        if tag is None or tag in known or known_keys or loaded.built_in is not None:
            continue
        yield Note(
            Finding(
                Check.AUDIT_NOT_LOADED,
                Severity.WARNING if digest is None else Severity.FAILURE,
                f"the running program has an anchor with the tag {tag}, but its files do "
                f"not{cause.words}",
                got=cause.got,
                want="the anchors of its files, and no others",
                remedy="find out who added that anchor; whoever has its private key can forge "
                "every name",
            )
        )


def _agrees(
    loaded: Loaded, rows: Sequence[_Row], verdict: ResolverVerdict, notes: Sequence[Note]
) -> bool | None:
    checks = {note.finding.check for note in notes}
    if Check.AUDIT_NOT_LOADED in checks:
        return False
    if Check.AUDIT_NOT_TOLD in checks or verdict.validates is Validates.FAILS:
        return None
    if Check.AUDIT_RUNNING in checks:
        return False
    if loaded.validates is False:
        return True
    return True if any(row.given and row.held for row in rows) else None


def _words(title: str, rows: Sequence[_Row], verdict: ResolverVerdict) -> str:
    held = [row.key.name for row in rows if row.held]
    unknown = [row.key.name for row in rows if row.held is None]
    words = (
        f"{title} at {verdict.address} trusts {listed(held)}"
        if held
        else f"{title} at {verdict.address} is not known to trust any current key"
    )
    return f"{words}; it is unknown whether it trusts {listed(unknown)}" if unknown else words
