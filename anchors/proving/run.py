"""Prove an anchor file with the consumers that are installed on this machine.

The verified keys come from the pipeline; the file is held against them, then given to each
consumer, which is asked to load it, to tell what it holds, and to validate with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from anchors.consumers.registry import find_formats
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.keys import KeyDigest
from anchors.pipeline.build import Target, build
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.verify import Say
from anchors.proving.lab import ALGORITHMS, Lab
from anchors.proving.proof import Proof
from anchors.proving.recording import embedded_recording
from anchors.proving.trial import Subject, prove

__all__ = ["Proven", "prove_file"]


class Proven(NamedTuple):
    """The report on the verified keys, and the proof; ``None`` without verified keys."""

    report: Report
    proof: Proof | None


def prove_file(
    request: Request, format_name: str, content: bytes, *, lab_now: datetime | None, say: Say
) -> Proven:
    """Verify as ``build`` does, then prove the file.

    Args:
        request: what to verify, and how.
        format_name: the file's format, by name or alias.
        content: the file.
        lab_now: the time of the machine if the lab is used, otherwise ``None``.
        say: called with each step as it begins.

    Raises:
        UsageError: the request is invalid.
    """
    row, *others = find_formats([format_name])
    if others:
        raise UsageError(
            Check.USAGE,
            "a file has exactly one format",
            got=f"{format_name}, which stands for {1 + len(others)} formats",
            want="one format",
            remedy="'root-anchors formats' lists them",
        )
    built = build(request, Target(directory=None, formats=(row.name,)), say)
    if built.report.verdict is not Verdict.VERIFIED:
        return Proven(built.report, None)
    usable = [
        (one.entry, one.usable) for one in built.report.keys if isinstance(one.entry, KeyDigest)
    ]
    (rendered,) = built.files.values()
    subject = Subject(
        row=row,
        content=content,
        keys=tuple(key for key, emitted in usable if emitted),
        # The document itself holds retired keys too, with their dates.
        tolerated=tuple(key for key, _ in usable if row.name == "xml"),
        rendered=rendered,
    )
    lab = None if lab_now is None else Lab(lab_now, ALGORITHMS)
    return Proven(built.report, prove(subject, embedded_recording(), lab, say=say))
