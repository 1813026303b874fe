"""The root zone in a text report: who answered, and whether all say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.core.checks import Check
from anchors.core.servers import identity_of
from anchors.core.times import format_time
from anchors.pipeline.evidence import ServerEvidence
from anchors.pipeline.report import Report
from anchors.pipeline.rootzone_findings import without_ipv6
from anchors.report.layout import labelled, table, wrapped

__all__ = ["describe_root_zone"]

_KSK_FLAGS = 257
# More than these are told by their number.
_NAMED = 3


def describe_root_zone(report: Report, *, verbose: bool) -> Iterator[str]:
    """What was seen, when, and from whom; each server by itself where ``verbose``."""
    if report.dns_mode == "none":
        yield from labelled("Root zone", ["NOT CHECKED (--dns none)"])
        return
    if not report.servers or report.observed_at is None:
        return
    when = format_time(report.observed_at)
    if report.dns_mode == "skr":
        yield from labelled(
            "Root zone", [f"NOT CHECKED: the RRset was signed in advance for {when}"]
        )
        return
    if report.dns_mode == "recorded":
        when += ", as the recording claims"
    yield from labelled("Root zone", [f"{report.dns_mode}, as of {when}", _agreement(report)])
    if verbose:
        header = ("Server", "Over", "Tries", "Time", "Answer", "KSKs (*: signs)")
        rows = [_server_row(row) for row in report.servers]
        yield from (f"  {line}" for line in table([header, *rows]))
    else:
        yield from _together(report.servers)


def _agreement(report: Report) -> str:
    """How many answered, and whether they agree."""
    answered = [row for row in report.servers if row.key_tags]
    text = f"{len(answered)} of {len(report.servers)} answered"
    differ = any(f.check is Check.ROOTZONE_AGREEMENT for f in report.findings)
    if differ or any(row.outcome != "verified" for row in answered):
        return f"{text}, NOT all with the same signed RRset"
    return f"{text}, all the same RRset" if len(answered) > 1 else text


def _together(servers: Sequence[ServerEvidence]) -> Iterator[str]:
    """One entry for all servers that say the same."""
    ipv6 = [row for row in servers if ":" in row.answer.address]
    lost = ipv6 if without_ipv6([(row.answer.address, row.outcome) for row in servers]) else []
    groups: dict[tuple[str, str], list[ServerEvidence]] = {}
    for row in servers:
        if row not in lost:
            groups.setdefault((row.outcome, _ksks(row)), []).append(row)
    most = max(map(len, groups.values()), default=0)
    for (outcome, ksks), rows in groups.items():
        # Who is not with the many is named, however many they are.
        named = len(rows) <= _NAMED or len(rows) < most
        who = ", ".join(map(_name, rows)) if named else f"{len(rows)} servers"
        told = [f"{outcome} {ksks}".rstrip(), *([_times(rows)] if _times(rows) else []), who]
        yield from wrapped("  ", ": ".join([", ".join(told[:-1]), told[-1]]), indent=4)
    if lost:
        yield f"  {len(lost)} IPv6 addresses: this machine has no IPv6"


def _times(rows: Sequence[ServerEvidence]) -> str:
    """From the fastest to the slowest round trip."""
    times = sorted(row.answer.rtt_ms for row in rows if row.answer.rtt_ms is not None)
    if not times:
        return ""
    first, last = f"{times[0]:.0f}", f"{times[-1]:.0f}"
    return f"{first} ms" if first == last else f"{first} to {last} ms"


def _ksks(row: ServerEvidence) -> str:
    """Key-signing keys only: tag, flags where they are unusual, a star for who signs."""
    return " ".join(
        f"{tag}{'' if flags == _KSK_FLAGS else f'/{flags}'}{'*' if signs else ''}"
        for tag, flags, signs in zip(row.key_tags, row.flags, row.signs, strict=True)
        if flags & 1
    )


def _name(row: ServerEvidence) -> str:
    letter = identity_of(row.answer.address)
    return f"{letter[0]} {row.answer.server}" if letter else row.answer.server


def _server_row(row: ServerEvidence) -> tuple[str, ...]:
    answer = row.answer
    rtt = "-" if answer.rtt_ms is None else f"{answer.rtt_ms:.0f} ms"
    return _name(row), answer.transport, str(answer.tries), rtt, row.outcome, _ksks(row)
