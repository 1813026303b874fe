"""The audit for people in a terminal."""

from __future__ import annotations

from anchors.auditing.result import Audit
from anchors.pipeline.report import Verdict
from anchors.report.audit.document import Extent, document
from anchors.report.audit.words import answer, strong
from anchors.report.plain import line
from anchors.report.plain import render as as_text
from anchors.report.text import render as basis_text

__all__ = ["render", "verdict_line"]

# So many subjects of which the same is told are shown; the others are counted.
_ALIKE = 10


def render(audit: Audit, *, colour: bool = False, verbose: bool = False) -> str:
    """The whole audit as text.

    Args:
        audit: what to tell.
        colour: paint the outcomes.
        verbose: tell of every resolver and file, right or not, all that was found.
    """
    if audit.basis.verdict is not Verdict.VERIFIED:
        why = basis_text(audit.basis, colour=colour)
        return f"{verdict_line(audit, colour=colour)}\n\n{why}"
    extent = Extent(everything=verbose, most=None if verbose else _ALIKE, basis=False)
    return as_text(document(audit, extent), colour=colour, checks=verbose)


def verdict_line(audit: Audit, *, colour: bool = False) -> str:
    """The answer in one line."""
    return line([strong(audit.outcome), f": {answer(audit)}"], colour=colour)
