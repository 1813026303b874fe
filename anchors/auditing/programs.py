"""What is compiled into a program: said as what it contains, and never as more than that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from anchors.auditing.effects import Effect, is_needed, listed
from anchors.auditing.place import Compiled, Note
from anchors.auditing.result import Outcome
from anchors.auditing.verified import VerifiedKeys
from anchors.checks import Check
from anchors.model import Finding, Severity
from anchors.publication.known import KNOWN_KEYS, name_of
from anchors.publication.pinned import ICANN_ROOTS

__all__ = ["Program", "judge_program"]

# The end of ICANN's first root CA; IANA expects to sign under the second in 2028.
_FIRST_ROOT_ENDS = datetime(2029, 12, 18, tzinfo=UTC)
_FIRST_ROOT, _SECOND_ROOT = ICANN_ROOTS


class Program(NamedTuple):
    """A program or source, judged."""

    effect: Effect
    notes: tuple[Note, ...]


def judge_program(compiled: Compiled, keys: VerifiedKeys) -> Program:
    """Say what a program or source contains, and what it lacks of what goes with that."""
    notes = (*_keys_lacking(compiled, keys), *_root_lacking(compiled))
    outcome = Outcome.ATTENTION if notes else Outcome.RIGHT
    day = next((note.day for note in notes if note.day is not None), None)
    words = "; ".join([f"contains {_contents(compiled)}", *(n.finding.message for n in notes)])
    return Program(Effect(outcome, day, words), notes)


def _contents(compiled: Compiled) -> str:
    names = [name_of(digest) or "an unknown key" for digest in compiled.key_digests]
    parts = []
    if names:
        what = "the digest" if len(names) == 1 else "the digests"
        parts.append(f"{what} of {listed(names)}{' only' if len(names) == 1 else ''}")
    roots = _roots(compiled)
    if roots:
        what = "the certificate" if len(roots) == 1 else "the certificates"
        parts.append(f"{what} of {listed(roots)}{' only' if len(roots) == 1 else ''}")
    return " and ".join(parts)


def _roots(compiled: Compiled) -> list[str]:
    return [name for name, sha256 in ICANN_ROOTS.items() if sha256 in compiled.roots]


def _keys_lacking(compiled: Compiled, keys: VerifiedKeys) -> Iterator[Note]:
    if not compiled.key_digests:
        return
    lacking = [
        key
        for key in keys.current
        if key.digest(2) not in compiled.key_digests and is_needed(key, keys)
    ]
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
            f"it lacks the digest of {listed([key.name for key in lacking])}"
            f"{_signing(days, keys)}: who relies on what is compiled in fails",
            got=_names(compiled.key_digests),
            want=listed([key.name for key in keys.current]),
            remedy="use a newer release, or give the program an anchor file",
        ),
        None,
        min(days, default=None),
    )


def _signing(days: Sequence[datetime], keys: VerifiedKeys) -> str:
    if not days:
        return ""
    first = min(days)
    return f", which {'signs since' if first <= keys.at else 'is to sign from'} {first:%Y-%m-%d}"


def _names(digests: Sequence[bytes]) -> str:
    tags = {bytes.fromhex(known.digest): known.key_tag for known in KNOWN_KEYS}
    return listed([f"{name_of(digest)} ({tags.get(digest, '?')})" for digest in digests])


def _root_lacking(compiled: Compiled) -> Iterator[Note]:
    roots = _roots(compiled)
    if _FIRST_ROOT not in roots or _SECOND_ROOT in roots:
        return
    yield Note(
        Finding(
            Check.AUDIT_PINNED_ROOT,
            Severity.WARNING,
            f"it pins {_FIRST_ROOT} alone: signatures under {_SECOND_ROOT} are expected in 2028, "
            f"and the first ends on {_FIRST_ROOT_ENDS:%Y-%m-%d}",
            got=_FIRST_ROOT,
            want=listed(list(ICANN_ROOTS)),
            remedy="use a release that pins both",
        ),
        None,
        _FIRST_ROOT_ENDS,
    )
