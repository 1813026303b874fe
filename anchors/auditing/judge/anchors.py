"""The findings about each anchor of a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.auditing.result import Judged, Standing
from anchors.consumers.reading import Hold, Note, StateOfKey, Syntax
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundDs
from anchors.core.words import listed
from anchors.pipeline.root_keys import VerifiedKeys, is_needed

__all__ = ["anchor_notes"]

_SHA1 = 1


def anchor_notes(
    own: Sequence[Judged],
    keys: VerifiedKeys,
    *,
    syntax: Syntax | None,
    follows: bool | None,
    could_follow: bool = False,
) -> Iterator[Note]:
    """Findings about the individual anchors of a file; whether they are enough is not asked here.

    Args:
        own: the anchors of the file, as the resolver that uses it reads them.
        keys: the verified keys.
        syntax: the syntax of the file, if it is known.
        follows: whether the resolver follows RFC 5011; ``None`` if no resolver uses the file.
        could_follow: whether another statement in its configuration would make it follow RFC 5011.
    """
    for judged in own:
        finding = _anchor_finding(judged, keys, has_dates=bool(syntax and syntax.has_dates))
        if finding is not None:
            state = judged.held.state
            pending = finding.check is Check.AUDIT_PENDING and state is not None
            yield Note(finding, judged.held.line, state.until if pending and state else None)
    yield from _duplicates(own)
    yield from _sha1_alone(own)
    if not follows:
        by_syntax = syntax is not None and syntax.could_follow
        yield from _static(own, could_follow=could_follow or by_syntax)


def _anchor_finding(judged: Judged, keys: VerifiedKeys, *, has_dates: bool) -> Finding | None:
    name, state = judged.name, judged.held.state
    if judged.standing is Standing.ZONE_KEY:
        return Finding(
            Check.AUDIT_ZONE_KEY,
            Severity.WARNING,
            f"{name} is a zone-signing key of the root, not a trust anchor: it is replaced every "
            "few months",
            got="flags without the SEP bit",
            want="key-signing keys only",
            remedy=f"remove {name}",
        )
    if judged.standing is Standing.FOREIGN:
        return Finding(
            Check.AUDIT_FOREIGN,
            Severity.FAILURE if judged.held.effective else Severity.ALARM,
            f"IANA never published {name} as a root key",
            got=judged.fault or _shown(judged),
            want=listed([key.name for key in keys.current]),
            remedy="find out who added it: whoever has its private key can forge every name",
        )
    if judged.standing is Standing.DAMAGED:
        needed = any(key.name == name and is_needed(key, keys) for key in keys.current)
        return Finding(
            Check.AUDIT_DAMAGED,
            Severity.FAILURE if needed else Severity.WARNING,
            f"{name} is damaged: resolvers notice this only when that key alone signs the root",
            got=judged.fault,
            want=f"the anchor of {name} as IANA published it",
            remedy="replace it with the anchor that IANA published",
        )
    if state is not None and state.state is StateOfKey.ADD_PENDING:
        return _pending(judged, state.until, keys)
    if not judged.held.effective or has_dates:
        # IANA's document has its dates with it.
        return None
    return _out_of_time(judged)


def _pending(judged: Judged, until: datetime | None, keys: VerifiedKeys) -> Finding:
    day = f"until {until:%Y-%m-%d}" if until else "until 30 days after it was first seen"
    over = until is not None and until <= keys.at
    return Finding(
        Check.AUDIT_PENDING,
        Severity.WARNING if over else Severity.NOTICE,
        f"{judged.name} is pending {day}, and is not trusted before",
        got="the hold-down time is over, and the key is still not trusted" if over else None,
        remedy="check that the resolver runs and reaches the root servers" if over else None,
    )


def _out_of_time(judged: Judged) -> Finding | None:
    found = {
        Standing.NOT_YET: (Check.AUDIT_NOT_YET, Severity.NOTICE, "is not valid yet"),
        Standing.RETIRED: (Check.AUDIT_RETIRED, Severity.WARNING, "is retired"),
        Standing.REVOKED: (Check.AUDIT_REVOKED, Severity.ALARM, "is revoked, but still trusted"),
    }.get(judged.standing)
    if found is None:
        return None
    check, severity, words = found
    remedy = None if severity is Severity.NOTICE else f"remove {judged.name}"
    return Finding(check, severity, f"{judged.name} {words}", got=judged.fault, remedy=remedy)


def _shown(judged: Judged) -> str:
    anchor = judged.held.anchor
    if isinstance(anchor, FoundDs):
        digest = anchor.digest.hex().upper()[:96]
        return f"DS {anchor.key_tag} {anchor.algorithm} {anchor.digest_type} {digest}"
    return f"DNSKEY {anchor.flags} {anchor.algorithm}, {len(anchor.public_key)} bytes of key"


def _duplicates(own: Sequence[Judged]) -> Iterator[Note]:
    # Each view of a named.conf has its own.
    same = [(j.held.anchor._replace(statement=None), j.held.view) for j in own]
    count = Counter(same)
    told = set()
    for judged, key in zip(own, same, strict=True):
        if count[key] > 1 and key not in told:
            told.add(key)
            finding = Finding(
                Check.AUDIT_DUPLICATE,
                Severity.WARNING,
                f"{judged.name} is listed {count[key]} times in the same form",
                remedy="keep one of them",
            )
            yield Note(finding, judged.held.line)


def _sha1_alone(own: Sequence[Judged]) -> Iterator[Note]:
    by_other = {j.name for j in own if not _is_sha1(j) and j.held.effective}
    for judged in own:
        if _is_sha1(judged) and judged.held.effective and judged.name not in by_other:
            finding = Finding(
                Check.AUDIT_SHA1,
                Severity.ALARM,
                f"{judged.name} is listed with its SHA-1 digest only: a validator that refuses "
                "SHA-1 has no anchor",
                want="digest type 2 (SHA-256)",
                remedy="replace it with the SHA-256 digest",
            )
            yield Note(finding, judged.held.line)


def _is_sha1(judged: Judged) -> bool:
    anchor = judged.held.anchor
    return isinstance(anchor, FoundDs) and anchor.digest_type == _SHA1


def _static(own: Sequence[Judged], *, could_follow: bool) -> Iterator[Note]:
    first = next((j for j in own if j.held.hold is Hold.STATIC), None)
    if first is None:
        return
    finding = Finding(
        Check.AUDIT_STATIC,
        Severity.WARNING if could_follow else Severity.NOTICE,
        "the anchor is static: a person must replace it at every rollover of the root's key",
        remedy="let the program follow rollovers by RFC 5011, or watch for the next rollover"
        if could_follow
        else None,
    )
    yield Note(finding, first.held.line)
