"""The report for people: the verdict first, then the evidence, then what needs a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from anchors.checks import Check
from anchors.crosscheck import KeyEvidence, ServerEvidence, label, without_ipv6
from anchors.escape import printable
from anchors.model import Finding, KeyState, Severity
from anchors.publication.authenticate import Authenticated
from anchors.report import Report, Verdict
from anchors.report.words import in_words
from anchors.rootzone.servers import identity_of
from anchors.times import format_time

__all__ = ["render", "verdict_line"]

_WIDTH = 80
_INDENT = 12
_KSK_FLAGS = 257
_RED, _GREEN, _YELLOW, _BOLD = 31, 32, 33, 1
_VERDICTS = {
    Verdict.VERIFIED: ("VERIFIED", _GREEN),
    Verdict.NOT_TRUSTED: ("NOT TRUSTED", _RED),
    Verdict.UNDECIDED: ("UNDECIDED", _YELLOW),
}
_SEVERITIES = {
    Severity.NOTICE: _BOLD,
    Severity.WARNING: _YELLOW,
    Severity.ALARM: _RED,
    Severity.FAILURE: _RED,
}


def render(report: Report, *, colour: bool = False) -> str:
    """The whole report as text."""
    blocks = [
        [verdict_line(report, colour=colour)],
        list(_publication(report.authenticated)) if report.authenticated else [],
        list(_keys(report)),
        list(_root_zone(report)),
        list(_calendar(report)),
        list(_findings(report.findings, colour=colour)),
        _labelled("Files", list(report.files)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def verdict_line(report: Report, *, colour: bool = False) -> str:
    """The answer in one line."""
    word, code = _VERDICTS[report.verdict]
    emitted = [label(row.key) for row in report.keys if row.emitted]
    if report.verdict is Verdict.VERIFIED:
        text = f"{', '.join(emitted)} at {format_time(report.at)}"
        if report.attention:
            text += ", needs attention"
    else:
        decisive = [f.message for f in report.findings if f.severity is Severity.FAILURE]
        text = "; ".join(decisive)
    return f"{_paint(word, code, colour=colour)}: {printable(text)}"


def _paint(text: str, code: int, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _labelled(name: str, lines: list[str]) -> list[str]:
    """Lines with a label in front of the first."""
    labels = [name] + [""] * len(lines)
    return [f"{label:<{_INDENT}}{line}" for label, line in zip(labels, lines, strict=False)]


def _publication(authenticated: Authenticated) -> Iterator[str]:
    signer, root = authenticated.signer, authenticated.root
    validity = f"{signer.not_before:%Y-%m-%d} to {signer.not_after:%Y-%m-%d}"
    kind = "built in" if root.built_in else "from --ca"
    yield from _labelled(
        "Signature",
        [
            f"by {printable(signer.email)} at {format_time(authenticated.signing_time)}",
            f"certificate {signer.serial} (0x{signer.serial:X}), {validity}",
            f"under {printable(root.subject)}",
            f"  ({kind}, to {root.not_after:%Y-%m-%d})",
        ],
    )
    yield from _labelled("Document", [f"SHA-256 {authenticated.document_sha256}"])


def _keys(report: Report) -> Iterator[str]:
    """A row for each key, and below them the sentences that a row cannot tell."""
    rows = [
        (
            label(row.key),
            row.state.value,
            _seen(row, report),
            "emitted" if row.emitted else row.why or "",
        )
        for row in report.keys
    ]
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    yield from _labelled(
        "Keys",
        [
            printable(
                "  ".join(f"{cell:<{width}}" for cell, width in zip(row, [*widths, 0], strict=True))
            )
            for row in rows
        ],
    )
    for row in report.keys:
        if row.state is not KeyState.EXPIRED or row.published:
            yield from _wrapped(" " * _INDENT, _words(row, report))


def _words(row: KeyEvidence, report: Report) -> str:
    in_advance = report.dns_mode == "skr"
    return in_words(row, report.keys, report.seen_at, in_advance=in_advance)


def _seen(row: KeyEvidence, report: Report) -> str:
    if row.published is None or report.dns_mode == "skr":
        return "not checked"
    if not row.published:
        return "not in DNS"
    return "in DNS, signing" if row.signing else "in DNS"


def _root_zone(report: Report) -> Iterator[str]:
    if report.dns_mode == "none":
        yield from _labelled("Root zone", ["NOT CHECKED (--dns none)"])
        return
    if not report.servers or report.observed_at is None:
        return
    when = format_time(report.observed_at)
    if report.dns_mode == "recorded":
        when += ", as the recording claims"
    if report.dns_mode == "skr":
        yield from _labelled("Root zone", [f"NOT CHECKED: signed in advance for {when}"])
        return
    lines = [f"{report.dns_mode}, as of {when}", _agreement(report)]
    yield from _labelled("Root zone", [*lines, *_server_lines(report.servers)])


def _calendar(report: Report) -> Iterator[str]:
    if report.slots:
        from anchors.report.calendar import describe  # noqa: PLC0415 - only with a response

        first, *rows = describe(report.slots)
        yield from _labelled("Calendar", [first])
        for row in rows:
            yield from _wrapped(" " * _INDENT, row)


def _agreement(report: Report) -> str:
    """How many answered, and whether they agree."""
    answered = [row for row in report.servers if row.key_tags]
    text = f"{len(answered)} of {len(report.servers)} answered"
    differ = any(f.check is Check.ROOTZONE_AGREEMENT for f in report.findings)
    if differ or any(row.outcome != "verified" for row in answered):
        return f"{text}, NOT all with the same signed RRset"
    return f"{text}, all the same RRset" if len(answered) > 1 else text


def _server_lines(servers: Sequence[ServerEvidence]) -> Iterator[str]:
    """A row for each server; those that IPv6 does not reach here are one."""
    ipv6 = [row for row in servers if ":" in row.answer.address]
    together = ipv6 if without_ipv6([(row.answer.address, row.outcome) for row in servers]) else []
    width = max(len(_server_name(row)) for row in servers)
    for row in servers:
        if row not in together:
            yield _server_line(row, width)
    if together:
        yield f"{len(together)} IPv6 addresses: IPv6 does not work here"


def _server_name(row: ServerEvidence) -> str:
    letter = identity_of(row.answer.address)
    return printable(f"{letter[0]} {row.answer.server}" if letter else row.answer.server)


def _server_line(row: ServerEvidence, width: int) -> str:
    rtt = "-" if row.answer.rtt_ms is None else f"{row.answer.rtt_ms:.0f} ms"
    tries = f" x{row.answer.tries}" if row.answer.tries > 1 else ""
    # Key-signing keys only: tag, flags where they are unusual, a star for who signs.
    keys = " ".join(
        f"{tag}{'' if flags == _KSK_FLAGS else f'/{flags}'}{'*' if signs else ''}"
        for tag, flags, signs in zip(row.key_tags, row.flags, row.signs, strict=True)
        if flags & 1
    )
    line = f"{_server_name(row):<{width}} {row.answer.transport}{tries} {rtt:>6} {row.outcome}"
    return f"{line} {keys}".rstrip()


def _findings(findings: Sequence[Finding], *, colour: bool) -> Iterator[str]:
    for finding in findings:
        severity = f"{finding.severity.value:<{_INDENT}}"
        yield from _wrapped(
            _paint(severity, _SEVERITIES[finding.severity], colour=colour), finding.message
        )
        for name, text in (("got", finding.got), ("want", finding.want), ("do", finding.remedy)):
            if text:
                yield from _wrapped(f"{'  ' + name:<{_INDENT}}", text)
        yield f"{'  check':<{_INDENT}}{finding.check.id} ({finding.check.reference})"


def _wrapped(prefix: str, text: str) -> list[str]:
    lines = textwrap.wrap(printable(text), _WIDTH - _INDENT, break_on_hyphens=False) or [""]
    return [prefix + lines[0], *(" " * _INDENT + line for line in lines[1:])]
