"""The report for people: the verdict first, then the evidence, then what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState, label
from anchors.core.times import format_time
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.report import Report, Verdict
from anchors.publication.authenticate import Authenticated
from anchors.publication.forms import ACCEPTED_FORMS, REFUSED_FORMS
from anchors.report.blocks import details_of
from anchors.report.layout import (
    BOLD,
    DIM,
    GREEN,
    INDENT,
    RED,
    YELLOW,
    folded,
    labelled,
    paint,
    table,
    wrapped,
)
from anchors.report.servers import describe_root_zone
from anchors.report.words import NOTHING, in_words, on_day, plans

__all__ = ["render", "verdict_line"]

_VERDICTS = {
    Verdict.VERIFIED: ("VERIFIED", GREEN, "\u2714"),
    Verdict.NOT_TRUSTED: ("NOT TRUSTED", RED, "\u2718"),
    Verdict.UNDECIDED: ("UNDECIDED", YELLOW, "?"),
}
_SEVERITIES = {
    Severity.NOTICE: BOLD,
    Severity.WARNING: YELLOW,
    Severity.ALARM: RED,
    Severity.FAILURE: RED,
}
_STATES = {
    KeyState.CURRENT: GREEN,
    KeyState.FUTURE: BOLD,
    KeyState.EXPIRED: DIM,
    KeyState.REVOKED: YELLOW,
    KeyState.UNUSABLE: RED,
}


def render(
    report: Report, *, colour: bool = False, unicode: bool = False, verbose: bool = False
) -> str:
    """The whole report as text.

    Args:
        report: what is told.
        colour: whether to colour words.
        unicode: whether to put a mark before the verdict, for those who watch.
        verbose: whether to tell of each key in a sentence, of each server by itself, of which
            check a notice is, and how the next signature may be made.
    """
    blocks = [
        folded(*_verdict_word(report, unicode=unicode), _answer(report), colour=colour),
        list(_keys(report, colour=colour, verbose=verbose)),
        list(_publication(report.authenticated)) if report.authenticated else [],
        list(_next_signature()) if verbose else [],
        list(describe_root_zone(report, verbose=verbose)),
        list(_calendar(report)),
        *_findings(report.findings, colour=colour, verbose=verbose),
        labelled("Files", [", ".join(report.files)]) if report.files else [],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def verdict_line(report: Report, *, colour: bool = False, unicode: bool = False) -> str:
    """The answer in one line."""
    word, code = _verdict_word(report, unicode=unicode)
    return f"{paint(word, code, colour=colour)}: {printable(_answer(report))}"


def _verdict_word(report: Report, *, unicode: bool) -> tuple[str, int]:
    word, code, mark = _VERDICTS[report.verdict]
    return (f"{mark} {word}" if unicode else word), code


def _answer(report: Report) -> str:
    if report.verdict is Verdict.VERIFIED:
        emitted = [label(row.entry) for row in report.keys if row.usable]
        text = f"{', '.join(emitted) or 'nothing is written'} at {format_time(report.at)}"
        if report.attention:
            text += ", needs attention"
    else:
        decisive = [f.message for f in report.findings if f.severity is Severity.FAILURE]
        text = "; ".join(decisive)
    return text


def _keys(report: Report, *, colour: bool, verbose: bool) -> Iterator[str]:
    """A row for each key, and below it what a row cannot tell."""
    if not report.keys:
        return
    header = ("Key", "From", "Until", "State", "Root zone", "Anchor")
    first, *lines = table([header, *(_key_row(row, report) for row in report.keys)])
    yield paint(first, BOLD, colour=colour)
    for row, line in zip(report.keys, lines, strict=True):
        yield _with_colour(line, row.state, colour=colour)
        for note in _notes(row, report, verbose=verbose):
            yield from wrapped("    ", note, indent=4)


def _key_row(row: KeyEvidence, report: Report) -> tuple[str, ...]:
    window = row.entry.window
    until = window.valid_until if window else None
    return (
        label(row.entry),
        f"{window.valid_from:%Y-%m-%d}" if window else NOTHING,
        f"{until:%Y-%m-%d}" if until else NOTHING,
        row.state.value,
        _seen(row, report),
        "yes" if row.usable else "no",
    )


def _with_colour(line: str, state: KeyState, *, colour: bool) -> str:
    before, word, after = line.rpartition(f"  {state.value}  ")
    return before + paint(word, _STATES[state], colour=colour) + after


def _notes(row: KeyEvidence, report: Report, *, verbose: bool) -> Iterator[str]:
    """What else there is to say of a key; its dates are told by its row."""
    in_advance = report.dns_mode == "skr"
    if verbose or in_advance:
        yield in_words(row, report.keys, report.seen_at, report.at, in_advance=in_advance)
        return
    if row.why and row.state not in {KeyState.EXPIRED, KeyState.FUTURE}:
        yield row.why
    if row.revoked_tags:
        yield f"in DNS as {' and '.join(map(str, row.revoked_tags))} with the REVOKE bit"
    yield from plans(row, report.keys, report.seen_at, report.at)


def _seen(row: KeyEvidence, report: Report) -> str:
    if row.published is None or report.dns_mode == "skr":
        return "not checked"
    on = on_day(report.seen_at, report.at)
    if not row.published:
        return f"absent{on}" if on else "not there"
    if row.signing:
        return f"signed{on}" if on else "signing"
    return f"there{on}"


def _publication(authenticated: Authenticated) -> Iterator[str]:
    signer, root = authenticated.signer, authenticated.root
    validity = f"{signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}"
    kind = "built in" if root.built_in else "from --ca"
    yield from labelled(
        "Signature",
        [
            f"by {signer.email} at {format_time(authenticated.signing_time)}",
            f"certificate {signer.serial} (0x{signer.serial:X}), {validity}",
            f"under {root.subject}",
            f"  ({kind}, to {root.not_after:%Y-%m-%d})",
        ],
    )
    yield from labelled("SHA-256", [authenticated.document_sha256])


def _next_signature() -> Iterator[str]:
    """Said before it comes; why is in docs/verification.md."""
    yield from labelled(
        "Next",
        [
            f"signature may have: {', '.join(ACCEPTED_FORMS)}",
            f"and may not: {', '.join(REFUSED_FORMS)}",
        ],
    )


def _calendar(report: Report) -> Iterator[str]:
    if report.slots:
        from anchors.report.calendar import describe  # noqa: PLC0415 - only with a response

        yield from labelled("Calendar", list(describe(report.slots)))


def _findings(
    findings: Sequence[Finding], *, colour: bool, verbose: bool
) -> Iterator[Sequence[str]]:
    """A block for each that needs a person, and one for all the notices."""
    needing = [f for f in findings if verbose or f.severity is not Severity.NOTICE]
    for finding in needing:
        yield list(_finding(finding, colour=colour))
    yield [
        line
        for finding in findings
        if finding not in needing
        for line in _severity(finding, colour=colour)
    ]


def _severity(finding: Finding, *, colour: bool) -> list[str]:
    word = f"{finding.severity.value:<{INDENT}}"
    return wrapped(paint(word, _SEVERITIES[finding.severity], colour=colour), finding.message)


def _finding(finding: Finding, *, colour: bool) -> Iterator[str]:
    yield from _severity(finding, colour=colour)
    for name, text in details_of(finding):
        yield from wrapped(f"{'  ' + name:<{INDENT}}", text)
    yield f"{'  check':<{INDENT}}{finding.check.id} ({finding.check.reference})"
