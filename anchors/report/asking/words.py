"""The words of every report on resolvers, and their order: the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from anchors.asking.result import Asked
from anchors.asking.verdict import Day, KeyTrust, ResolverVerdict, Summary, Trust, Validates
from anchors.core.findings import Finding, Severity
from anchors.core.times import format_time
from anchors.pipeline.report import Verdict as Basis
from anchors.report.blocks import Kind

__all__ = [
    "KINDS",
    "TRUST",
    "VALIDATES",
    "answer",
    "control_words",
    "day_words",
    "key_words",
    "needing_a_person",
    "remedies",
    "worst_first",
]

KINDS: Mapping[Summary, Kind] = MappingProxyType(
    {
        Summary.NOT_READY: Kind.BAD,
        Summary.CANNOT_TELL: Kind.LOOK,
        Summary.NOT_AFFECTED: Kind.LOOK,
        Summary.READY: Kind.GOOD,
    }
)
VALIDATES: Mapping[Validates, str] = MappingProxyType(
    {
        Validates.YES: "validates",
        Validates.YES_UNMARKED: "validates, without setting AD",
        Validates.LETS_THROUGH: "lets forged data through",
        Validates.NO: "does not validate",
        Validates.FAILS: "fails",
        Validates.MIXED: "mixed pool",
        Validates.CANNOT_TELL: "cannot tell",
    }
)
TRUST: Mapping[Trust, str] = MappingProxyType(
    {
        Trust.BY_USE: "trusts it (shown by a validated answer)",
        Trust.BY_TAG: "trusts it (shown by its key tag)",
        Trust.NOT_TRUSTED: "does not trust it",
        Trust.FAILS: "cannot use it",
        Trust.TELLS_NOTHING: "unknown",
        Trust.DOES_NOT_VALIDATE: "does not validate",
        Trust.MIXED: "mixed pool",
        Trust.CANNOT_TELL: "cannot tell",
    }
)


def answer(asked: Asked) -> str:
    """The answer in a sentence, behind its word."""
    basis = asked.basis
    if basis.verdict is not Basis.VERIFIED or basis.authenticated is None:
        return "no resolver was asked, because the publication is not verified"
    counts = Counter(row.summary for row in asked.resolvers)
    told = ", ".join(f"{counts[one]} {one}" for one in Summary if counts[one])
    number = len(asked.resolvers)
    who = asked.resolvers[0].address if number == 1 else f"{number:,} resolvers ({told})"
    publication = f"{basis.authenticated.signing_time:%Y-%m-%d}"
    return f"{who}, compared with IANA's publication of {publication} at {format_time(basis.at)}"


def worst_first(rows: Sequence[ResolverVerdict]) -> list[ResolverVerdict]:
    """The resolvers by what they need; otherwise in the order they were given."""
    return sorted(rows, key=lambda row: list(Summary).index(row.summary))


def key_words(row: KeyTrust) -> str:
    """One key in a line."""
    signs = ", which signs now" if row.signing else ""
    return f"{row.name}{signs}: {TRUST[row.trust]} ({row.words})"


def day_words(day: Day) -> str:
    """One planned day in a line."""
    return f"{day.day:%Y-%m-%d}, {day.event}: {day.words}"


def control_words(row: ResolverVerdict) -> list[str]:
    """What the program says it holds, in a line; none where it says nothing."""
    if row.witness is None or row.witness.held is None:
        return []
    held = ", ".join(_anchor(tag, digest) for tag, digest in row.witness.anchors)
    by = row.witness.held.by
    return [f"{row.witness.title} reports {held or 'no anchor of the root'} ({by})"]


def _anchor(tag: int | None, digest: bytes | None) -> str:
    name = "a key without a tag" if tag is None else str(tag)
    return name if digest is None else f"{name} with the digest {digest.hex().upper()[:8]}.."


def needing_a_person(row: ResolverVerdict) -> list[Finding]:
    """The findings but for the notices."""
    return [finding for finding in row.findings if finding.severity is not Severity.NOTICE]


def remedies(row: ResolverVerdict) -> list[str]:
    """What to do, each once."""
    return [*dict.fromkeys(f.remedy for f in needing_a_person(row) if f.remedy)]
