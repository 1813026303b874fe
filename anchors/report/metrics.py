"""The report as metrics, for the textfile collector of Prometheus' node_exporter.

The text is Prometheus' exposition format, and OpenMetrics 1.0 as well: gauges alone, and no
times beside the values.  Times are seconds since the epoch; how many days are left is for an
alert rule to work out.  ``docs/monitoring.md`` describes every metric.

Sources: https://prometheus.io/docs/instrumenting/exposition_formats/,
https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors import __version__
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState
from anchors.core.root_facts import name_of, planned_for
from anchors.pipeline.evidence import KeyEvidence
from anchors.pipeline.report import Report, Verdict
from anchors.publication.authenticate import Authenticated

__all__ = ["Family", "Sample", "exposition", "findings", "render", "run_info", "state_set", "when"]


class Sample(NamedTuple):
    """One value, ``None`` where nobody knows it, and the labels that tell it from others."""

    value: int | None
    labels: tuple[tuple[str, str], ...] = ()


class Family(NamedTuple):
    """A gauge: its name without our prefix, what it is, and its samples."""

    name: str
    description: str
    samples: Sequence[Sample]


def exposition(families: Iterable[Family]) -> str:
    """The families as text; what has no value is left out."""
    return "".join(_family(family) for family in families) + "# EOF\n"


def _family(family: Family) -> str:
    name = f"root_anchors_{family.name}"
    values: dict[str, int] = {}
    for value, labels in family.samples:
        if value is not None:
            series = name + _labels(labels)
            # A series may stand there once: of twins in a document, what holds for either.
            values[series] = max(int(value), values.get(series, int(value)))
    if not values:
        return ""
    head = f"# HELP {name} {family.description}\n# TYPE {name} gauge\n"
    return head + "".join(f"{series} {value}\n" for series, value in values.items())


def _labels(labels: Sequence[tuple[str, str]]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return printable(value).replace("\\", "\\\\").replace('"', '\\"')


def when(time: datetime | None) -> int | None:
    """A time as whole seconds since the epoch."""
    return None if time is None else int(time.timestamp())


def state_set(
    name: str, description: str, label: str, states: type[enum.StrEnum], state: enum.StrEnum
) -> Family:
    """One series for each state: 1 for the one that it is, 0 for the others."""
    samples = [Sample(one is state, ((label, one.value),)) for one in states]
    return Family(name, description, samples)


def findings(name: str, description: str, found: Iterable[Finding]) -> Family:
    """How many findings there are of each severity."""
    counts = Counter(finding.severity for finding in found)
    samples = [Sample(counts[one], (("severity", one.value),)) for one in Severity]
    return Family(name, description, samples)


def run_info(labels: Sequence[tuple[str, str]]) -> Iterator[Family]:
    """What ran, and what it was asked for."""
    version = Sample(1, (("version", __version__),))
    yield Family("build_info", "The root-anchors that wrote this.", [version])
    yield Family("run_info", "The options of the run.", [Sample(1, tuple(labels))])


def render(report: Report) -> str:
    """The report as metrics, the same text for the same report."""
    return exposition(_families(report))


def _families(report: Report) -> Iterator[Family]:
    yield from run_info((("source", report.source), ("dns", report.dns_mode)))
    yield state_set("verdict", "1 for the verdict.", "verdict", Verdict, report.verdict)
    yield Family(
        "attention",
        "Whether something needs attention, whatever the verdict.",
        [Sample(report.attention)],
    )
    yield findings("findings", "Findings, by severity.", report.findings)
    yield Family("judged_timestamp_seconds", "The time of judgement.", [Sample(when(report.at))])
    yield Family(
        "observed_timestamp_seconds",
        "The time that the DNS answers are judged at.",
        [Sample(when(report.observed_at))],
    )
    if report.authenticated is not None:
        yield from _publication(report.authenticated)
    yield from _keys(report.keys)
    yield from _servers(report)


def _publication(authenticated: Authenticated) -> Iterator[Family]:
    signer, root = authenticated.signer, authenticated.root
    info = (
        ("document_sha256", authenticated.document_sha256),
        ("signer_serial", str(signer.serial)),
        ("signer_sha256", signer.sha256),
        ("ca_sha256", root.sha256),
    )
    yield Family("publication_info", "The document, and who signed it.", [Sample(1, info)])
    for name, what, time in (
        ("signed", "When the document was signed.", authenticated.signing_time),
        ("signer_not_after", "The end of the signer's certificate.", signer.not_after),
        ("ca_not_after", "The end of the pinned root certificate above it.", root.not_after),
    ):
        yield Family(f"{name}_timestamp_seconds", what, [Sample(when(time))])


def _keys(rows: Sequence[KeyEvidence]) -> Iterator[Family]:
    yield Family(
        "key_state",
        "1 for the state of a key of the document.",
        [
            Sample(row.state is state, (*_key(row), ("state", state.value)))
            for row in rows
            for state in KeyState
        ],
    )
    for name, what, values in (
        ("published", "Whether the root zone has the key.", [row.published for row in rows]),
        ("signing", "Whether the key signs the root zone's keys.", [row.signing for row in rows]),
        ("emitted", "Whether the key may be written.", [row.usable for row in rows]),
        (
            "valid_until_timestamp_seconds",
            "When the document ends the key.",
            [when(row.entry.window.valid_until) if row.entry.window else None for row in rows],
        ),
        (
            "planned_revocation_timestamp_seconds",
            "The day that ICANN plans to revoke the key on; nothing that was observed.",
            [_planned_revocation(row) for row in rows],
        ),
    ):
        samples = [Sample(value, _key(row)) for row, value in zip(rows, values, strict=True)]
        yield Family(f"key_{name}", what, samples)


def _key(row: KeyEvidence) -> tuple[tuple[str, str], ...]:
    tag = row.entry.key_tag
    return ("name", name_of(row.entry.digest) or ""), ("key_tag", "" if tag is None else str(tag))


def _planned_revocation(row: KeyEvidence) -> int | None:
    """Nothing where the key is revoked, or its end is over: then nobody plans it any more."""
    planned = planned_for(row.entry.digest) if row.state is KeyState.CURRENT else None
    return when(planned.revoked) if planned else None


def _servers(report: Report) -> Iterator[Family]:
    rows = report.servers
    for name, what, number in (
        ("asked", "Servers that were asked.", len(rows)),
        ("answered", "Servers that answered with keys.", sum(bool(row.key_tags) for row in rows)),
        (
            "verified",
            "Servers whose keys are signed by a current key of the document.",
            sum(row.outcome == "verified" for row in rows),
        ),
    ):
        yield Family(f"servers_{name}", what, [Sample(number)])
