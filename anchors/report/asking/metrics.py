"""The verdicts as metrics, for node_exporter's textfile collector; see ``docs/monitoring.md``."""

from __future__ import annotations

from collections.abc import Iterator

from anchors.asking.result import Asked
from anchors.asking.verdict import Summary, Trust, Validates
from anchors.pipeline.report import Verdict as Basis
from anchors.report.metrics import Family, Sample, exposition, run_info, state_set, when

__all__ = ["render"]


def render(asked: Asked) -> str:
    """The verdicts as metrics, the same text for the same verdicts.

    No name is one of the other commands' metrics: one exporter may read all files.
    """
    families = (family._replace(name=f"resolver_{family.name}") for family in _families(asked))
    return exposition(families)


def _families(asked: Asked) -> Iterator[Family]:
    basis, rows = asked.basis, asked.resolvers
    yield from run_info((("source", basis.source), ("dns", basis.dns_mode)))
    yield state_set(
        "basis_verdict",
        "1 for the verdict on the publication that the resolvers are compared with.",
        "verdict",
        Basis,
        basis.verdict,
    )
    yield Family("judged_timestamp_seconds", "The time of judgement.", [Sample(when(basis.at))])
    yield Family(
        "ready",
        "1 if the resolver is ready for the root's keys.",
        [Sample(row.summary is Summary.READY, (("resolver", row.address),)) for row in rows],
    )
    yield Family(
        "answer",
        "1 for the answer for the resolver.",
        [
            Sample(row.summary is one, (("resolver", row.address), ("answer", one.value)))
            for row in rows
            for one in Summary
        ],
    )
    yield Family(
        "validates",
        "1 for how the resolver validates.",
        [
            Sample(row.validates is one, (("resolver", row.address), ("validates", one.value)))
            for row in rows
            for one in Validates
        ],
    )
    yield Family("trust", "1 for whether the resolver trusts a key.", [*_trust(asked)])


def _trust(asked: Asked) -> Iterator[Sample]:
    for row in asked.resolvers:
        for key in row.keys:
            labels = (("resolver", row.address), ("key_tag", str(key.key_tag)))
            for one in Trust:
                yield Sample(key.trust is one, (*labels, ("trust", one.value)))
