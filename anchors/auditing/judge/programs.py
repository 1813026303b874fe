"""Judge the keys that are compiled into a program, without a claim that the program uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.auditing.judge.consequence import Effect
from anchors.auditing.result import Outcome
from anchors.consumers.reading import Compiled, Note
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.root_facts import KNOWN_KEYS, ROOT_CAS, name_of
from anchors.core.words import listed
from anchors.pipeline.root_keys import VerifiedKeys, is_needed

__all__ = ["Program", "judge_program"]

# More are told by nobody one by one.
_MAX_DAMAGED = 10


class Program(NamedTuple):
    """A program or source, judged."""

    effect: Effect
    notes: tuple[Note, ...]


def judge_program(compiled: Compiled, keys: VerifiedKeys) -> Program:
    """The keys that a program or source contains, and those that it should contain too."""
    notes = (
        *_damaged(compiled, keys),
        *_keys_lacking(compiled, keys),
        *_root_lacking(compiled),
    )
    outcome = Outcome.ATTENTION if notes else Outcome.RIGHT
    day = next((note.day for note in notes if note.day is not None), None)
    words = "; ".join([f"contains {_contents(compiled)}", *(n.finding.message for n in notes)])
    tells = tuple(note.finding for note in notes)
    return Program(Effect(outcome, day, words, tells), notes)


def _contents(compiled: Compiled) -> str:
    names = [name_of(digest) or "an unknown key" for digest in compiled.key_digests]
    damaged = [name_of(one.key_digest) or "an unknown key" for one in compiled.damaged]
    parts = []
    if names:
        what = "the digest" if len(names) == 1 else "the digests"
        parts.append(f"{what} of {listed(names)}{' only' if len(names) == 1 else ''}")
    if damaged:
        parts.append(f"a damaged copy of {listed(list(dict.fromkeys(damaged)))}")
    roots = _roots(compiled)
    if roots:
        what = "the certificate" if len(roots) == 1 else "the certificates"
        parts.append(f"{what} of {listed(roots)}{' only' if len(roots) == 1 else ''}")
    return " and ".join(parts)


def _roots(compiled: Compiled) -> list[str]:
    return [ca.name for ca in ROOT_CAS if ca.sha256 in compiled.roots]


def _damaged(compiled: Compiled, keys: VerifiedKeys) -> Iterator[Note]:
    """Every copy with a slip: whoever takes it for the key fails, once the key signs."""
    names = {key.digest(2): key.name for key in keys.keys}
    for one in compiled.damaged[:_MAX_DAMAGED]:
        name = names.get(one.key_digest) or name_of(one.key_digest)
        yield Note(
            Finding(
                Check.AUDIT_DAMAGED,
                Severity.ALARM,
                f"a copy of {name} is damaged: {one.fault}",
                remedy="replace it with a copy from 'root-anchors build'",
            ),
            one.line,
        )


def _keys_lacking(compiled: Compiled, keys: VerifiedKeys) -> Iterator[Note]:
    there = {*compiled.key_digests, *(one.key_digest for one in compiled.damaged)}
    if not there:
        return
    lacking = [key for key in keys.current if key.digest(2) not in there and is_needed(key, keys)]
    if not lacking:
        return
    days = [
        signer.since
        for signer in (*keys.now, *keys.next)
        if signer.key in lacking and signer.since is not None
    ]
    yield Note(
        Finding(
            Check.AUDIT_COMPILED,
            Severity.WARNING,
            "it lacks the digest of "
            f"{listed([key.name for key in lacking])}{_signing(days, keys)}: whoever relies on "
            "the compiled-in keys fails",
            got=_names(compiled.key_digests) if compiled.key_digests else None,
            want=listed([key.name for key in keys.current]),
            remedy="use a newer release, or give the program an anchor file",
        ),
        compiled.line,
        min(days, default=None),
    )


def _signing(days: Sequence[datetime], keys: VerifiedKeys) -> str:
    if not days:
        return ""
    first = min(days)
    return (
        f", which {'signs since' if first <= keys.at else 'is planned to sign from'} "
        f"{first:%Y-%m-%d}"
    )


def _names(digests: Sequence[bytes]) -> str:
    tags = {bytes.fromhex(known.digest): known.key_tag for known in KNOWN_KEYS}
    return listed([f"{name_of(digest)} ({tags.get(digest, '?')})" for digest in digests])


def _root_lacking(compiled: Compiled) -> Iterator[Note]:
    pinned = [ca for ca in ROOT_CAS if ca.sha256 in compiled.roots]
    lacking = [ca for ca in ROOT_CAS if ca not in pinned and ca.expected is not None]
    # Who has the newest has what is to come.
    if not pinned or not lacking or ROOT_CAS.index(pinned[-1]) > ROOT_CAS.index(lacking[-1]):
        return
    heir, last = lacking[-1], pinned[-1]
    what = "the first" if last is ROOT_CAS[0] else last.name
    them = "both" if (last, heir) == ROOT_CAS else "all of them"
    yield Note(
        Finding(
            Check.AUDIT_PINNED_ROOT,
            Severity.WARNING,
            f"it pins {listed([ca.name for ca in pinned])} only: signatures under {heir.name} are "
            f"expected in {heir.expected}, and {what} ends on {last.ends:%Y-%m-%d}",
            got=listed([ca.name for ca in pinned]),
            want=listed([ca.name for ca in ROOT_CAS]),
            remedy=f"use a release that pins {them}",
        ),
        compiled.line if not compiled.key_digests else None,
        last.ends,
    )
