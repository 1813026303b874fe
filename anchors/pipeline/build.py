"""Steps 6 and 7: compare with the existing directory, and write all anchor files or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from anchors.consumers.registry import find_formats
from anchors.core.checks import Check
from anchors.core.errors import AnchorsError, UsageError
from anchors.core.findings import Finding, Severity
from anchors.core.times import format_time
from anchors.pipeline import rollback
from anchors.pipeline.crosscheck import withheld
from anchors.pipeline.directory import write_directory
from anchors.pipeline.emit import render_all
from anchors.pipeline.replaceable import require_replaceable
from anchors.pipeline.report import Report
from anchors.pipeline.request import Options, Request, as_path, request_of, senseless
from anchors.pipeline.verify import RunEvidence, Say, gather, roots_of, silent
from anchors.publication.authenticate import Authenticated
from anchors.publication.manifest import with_manifest
from anchors.publication.root_cas import PinnedRoots
from anchors.publication.source import (
    DOCUMENT_NAME,
    SIGNATURE_NAME,
    DirectorySource,
)

__all__ = ["Built", "Target", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to write, and where.

    Attributes:
        directory: the directory to replace; ``None``: only return the files.
        formats: the names of the formats; all formats if it is empty.
        bare: write only the anchor files, without the evidence for ``--source DIRECTORY``.
        strict: write nothing if the verification needs attention.

    Raises:
        UsageError: a format does not exist, or the directory is not a path.
    """

    directory: Path | None
    formats: tuple[str, ...] = ()
    bare: bool = False
    strict: bool = False

    def __post_init__(self) -> None:
        given: Any = self.formats
        formats = (given,) if isinstance(given, str) else tuple(given)
        find_formats(formats)
        object.__setattr__(self, "formats", formats)
        if self.directory is not None:
            object.__setattr__(self, "directory", as_path(self.directory))


class Built(NamedTuple):
    """The report of a build, and its files by name: none unless the verdict is ``verified``."""

    report: Report
    files: dict[str, bytes]

    def __repr__(self) -> str:
        return f"<Built {self.report.verdict}: {', '.join(self.files) or 'no file'}>"

    def raise_for_verdict(self) -> None:
        """As that of the report."""
        self.report.raise_for_verdict()

    def to_json(self) -> str:
        """The report's."""
        return self.report.to_json()


def build(
    request: Request | None = None,
    target: Target | None = None,
    say: Say = silent,
    *,
    directory: str | Path | None = None,
    formats: str | Sequence[str] = (),
    **options: Unpack[Options],
) -> Built:
    """Steps 1 to 7: verify, then write all anchor files or none.

    Args:
        request: what to verify; ``None``: use the options.
        target: what to write, and where; ``None``: use ``directory`` and ``formats``.
        say: called with each step as it begins.
        directory: the directory to replace; ``None``: only return the files.
        formats: the names of the formats; all formats if it is empty.
        **options: ``at`` and all values that differ from the defaults of :class:`Request`.

    Raises:
        UsageError: the request is invalid, or root-anchors did not write the directory.
    """
    request = request_of(request, options)
    target = _target(target, directory, formats)
    chosen = find_formats(target.formats)
    if request.policy.sha1_before is not None:
        raise UsageError(
            Check.USAGE,
            "build never writes anchor files from a SHA-1 signature",
            got=f"sha1_before={format_time(request.policy.sha1_before)}",
            want="sha1_before=None",
            remedy="use 'root-anchors verify', which accepts such a signature as historical "
            "evidence",
        )
    if target.directory is not None:
        require_replaceable(target.directory)
    evidence = RunEvidence(request)
    roots = roots_of(request)
    try:
        authenticated, checked = gather(evidence, roots, say)
        # Looked at again: another run may have been faster.
        if target.directory is not None and require_replaceable(target.directory):
            say("6. compare with the existing directory")
            evidence.findings += rollback.against_directory(
                authenticated, target.directory, roots, request.policy
            )
            evidence.findings += _answers_dropped(target, evidence)
        rendered = render_all(checked.emission, chosen, asked=bool(target.formats))
        evidence.findings += rendered.findings
        files = rendered.files
        if not target.bare and target.directory is not None:
            files |= {
                DOCUMENT_NAME: authenticated.document,
                SIGNATURE_NAME: authenticated.signature,
            }
            files = with_manifest(files, evidence.answers or ())
        report = evidence.report(None, tuple(files))
        if target.strict and report.attention:
            return Built(_held_back(report), {})
        if target.directory is not None:
            say(f"7. write {target.directory}")
            write_directory(
                target.directory,
                files,
                # And again at the swap: this run may have been held up.
                accept=lambda there: _require_no_rollback(authenticated, there, roots, request),
            )
    except UsageError:
        raise
    except AnchorsError as error:
        return Built(evidence.report(error), {})
    return Built(report, files)


def _target(
    target: Target | None, directory: str | Path | None, formats: str | Sequence[str]
) -> Target:
    if target is not None and (directory is not None or formats):
        raise senseless(
            "a Target has the directory and the formats in it",
            got="a Target, and directory or formats",
            want="a Target, or these by name",
        )
    path = None if directory is None else as_path(directory)
    names = (formats,) if isinstance(formats, str) else tuple(formats)
    return target or Target(directory=path, formats=names)


def _answers_dropped(target: Target, evidence: RunEvidence) -> list[Finding]:
    """That the directory is renewed without the answers that it has recorded."""
    directory = target.directory
    if directory is None or target.bare or evidence.answers is not None:
        return []
    try:
        answers = DirectorySource(directory, str(directory)).recording()
    except AnchorsError:
        return []
    return [
        Finding(
            Check.ROOTZONE_NOT_CHECKED,
            Severity.NOTICE,
            "the new directory would have no recorded DNS answers, but the directory that it "
            "replaces has some",
            got="--dns none; the existing directory has answers of "
            f"{answers[0].observed_at:%Y-%m-%d}",
            want="--dns live, recorded, or FILE",
            remedy="leave --dns out, so that the directory can be cross-checked offline later",
        )
    ]


def _require_no_rollback(
    authenticated: Authenticated, there: Path, roots: PinnedRoots, request: Request
) -> None:
    """Raise where the set of a directory is newer; notices were given before."""
    for _ in rollback.against_directory(authenticated, there, roots, request.policy):
        pass


def _held_back(report: Report) -> Report:
    """The same verdict where nothing is written, because it needs attention."""
    why = "something needs attention, and --strict therefore writes nothing"
    return replace(report, keys=withheld(report.keys, why), anchors=(), files=())
