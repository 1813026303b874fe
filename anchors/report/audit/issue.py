"""The text of an issue for whoever maintains what holds stale anchors: Markdown, to be pasted."""

from __future__ import annotations

import posixpath
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.result import Audit, Judged, JudgedPlace, JudgedResolver, Step
from anchors.consumers.files import Location
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.keys import KeyDigest, KeyState, label
from anchors.core.root_facts import KNOWN_KEYS
from anchors.core.times import format_time
from anchors.core.words import listed
from anchors.pipeline.report import Report, Verdict
from anchors.report.audit.document import Extent, document
from anchors.report.audit.hosts import Found, by_host
from anchors.report.audit.words import anchor_words
from anchors.report.blocks import (
    Block,
    Code,
    Definitions,
    Document,
    Item,
    Items,
    Paragraph,
    Section,
    Steps,
    Words,
)
from anchors.report.markdown import render as as_markdown
from anchors.report.words import in_words

__all__ = ["render"]

# What is wrong with the anchors themselves; the rest is whoever's configuration it is.
_LACKING = {Check.AUDIT_MISSING, Check.AUDIT_COMPILED}
_STALE = _LACKING | {
    Check.AUDIT_DAMAGED,
    Check.AUDIT_FOREIGN,
    Check.AUDIT_REVOKED,
    Check.AUDIT_RETIRED,
    Check.AUDIT_PINNED_ROOT,
}
_NOTHING = "Nothing to report: no stale anchor of the root was found.\n"
_NEXT = "\n----\n\n"


class _Stale(NamedTuple):
    """A resolver or a file with stale anchors; ``keys``: the names of those that it has."""

    where: Location
    summary: str
    held: Sequence[Words]
    keys: frozenset[str]
    days: Sequence[Words]
    notes: Sequence[Note]
    steps: Sequence[Step]


def render(audit: Audit) -> str:
    """An issue for each directory, package or image with stale anchors, below each other."""
    if audit.basis.verdict is not Verdict.VERIFIED:
        return as_markdown(document(audit, Extent()))
    issues = []
    for host in by_host(audit):
        stale = [*map(_resolver, host.resolvers), *map(_file, host.loose)]
        stale += _programs(host.programs, audit.basis)
        stale = [one for one in stale if any(note.finding.check in _STALE for note in one.notes)]
        if stale:
            issues.append(as_markdown(_issue(host, stale, audit)))
    return _NEXT.join(issues) or _NOTHING


def _issue(host: Found, stale: Sequence[_Stale], audit: Audit) -> Document:
    return Document(
        _title(host, stale, audit.basis),
        [
            *(Section([Code(one.where.path)], list(_subject(one, audit.basis))) for one in stale),
            Section("The keys of the root", list(_keys(audit.basis))),
            Section("How this was checked", list(_checked(host, stale, audit.basis))),
        ],
    )


def _title(host: Found, stale: Sequence[_Stale], basis: Report) -> Words:
    first, *more = dict.fromkeys(posixpath.basename(one.where.path) for one in stale)
    lacking = [names for one in stale if (names := _lacking(one, basis))]
    # A file may be for one key: what all of them lack is what the whole lacks.
    common = (
        [name for name in lacking[0] if all(name in names for names in lacking)] if lacking else []
    )
    what = f"no {listed(common or lacking[0])}" if lacking else "stale trust anchors"
    others = f" and {len(more)} more" if more else ""
    return [Code(_name(host.name)), f": {what} of the DNS root in ", Code(first), others]


def _name(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or path


def _subject(one: _Stale, basis: Report) -> Iterator[Block]:
    """What it holds and lacks, what comes of that on which day, and what to do."""
    yield Paragraph(f"{one.summary[:1].upper()}{one.summary[1:]}.")
    rows: list[tuple[str, Sequence[Words]]] = [("holds", one.held or ["no key of the root"])]
    lacking = _lacking(one, basis)
    rows += [("lacks", [listed(lacking)])] if lacking else []
    rows += [("planned", one.days)] if one.days else []
    also = [_found(note) for note in one.notes if _is_more(note, one)]
    rows += [("found", list(dict.fromkeys(also)))] if also else []
    yield Definitions(rows)
    if one.steps:
        yield Steps(one.steps)


def _is_more(note: Note, one: _Stale) -> bool:
    """Whether it tells more than the keys that are lacking, and the sentence above, do."""
    return note.finding.check in _STALE - _LACKING and note.finding.message not in one.summary


def _found(note: Note) -> str:
    return f"{f'line {note.line}: ' if note.line else ''}{note.finding.message}"


def _lacking(one: _Stale, basis: Report) -> list[str]:
    if not any(note.finding.check in _LACKING for note in one.notes):
        return []
    current = [label(row.entry) for row in basis.keys if row.state is KeyState.CURRENT]
    return [name for name in dict.fromkeys(current) if name not in one.keys]


def _keys(basis: Report) -> Iterator[Block]:
    """Each current key as its DS record, and what is planned for it."""
    yield Paragraph("The current ones, by IANA's publication:")
    yield Items(
        [
            Item(in_words(row, basis.keys, basis.seen_at, basis.at), [Code(_record(row.entry))])
            for row in basis.keys
            if row.state is KeyState.CURRENT and isinstance(row.entry, KeyDigest)
        ]
    )


def _record(key: KeyDigest) -> str:
    digest = key.digest.hex().upper()
    return f". IN DS {key.key_tag} {key.algorithm} {key.digest_type} {digest}"


def _checked(host: Found, stale: Sequence[_Stale], basis: Report) -> Iterator[Block]:
    at = format_time(basis.at)
    publication = basis.authenticated
    signed = f", signed on {publication.signing_time:%Y-%m-%d}" if publication else ""
    yield Paragraph(
        "root-anchors reads files and does not run them. It compared them with IANA's "
        f"root-anchors.xml{signed}, whose signature it verified, as of {at[:10]}. To see the "
        "same:"
    )
    # Where it lies here is nothing to whoever has the package.
    name = _name(host.name) if any(one.where.inside for one in stale) else host.name
    words = ["root-anchors", "audit", "--offline", "--at", at, printable(name)]
    yield Items([Item(Code(shlex.join(words)))])
    if any(note.finding.check is Check.AUDIT_COMPILED for one in stale for note in one.notes):
        yield Paragraph(
            "The digests were found in the bytes of the program. It was not tested whether the "
            "program validates with them or reads a file of anchors instead."
        )


def _resolver(one: JudgedResolver) -> _Stale:
    return _Stale(
        one.location,
        one.summary,
        [_anchor(judged, where) for where, judged in dict.fromkeys(one.anchors)],
        frozenset(judged.name for _, judged in one.anchors if judged.fault is None),
        [f"{day.day:%Y-%m-%d}: {day.event}: {day.meaning}" for day in one.days],
        [note for _, note in one.notes],
        one.steps,
    )


def _file(row: JudgedPlace) -> _Stale:
    names = frozenset(judged.name for judged in row.anchors if judged.fault is None)
    held = list(map(_anchor, row.anchors))
    return _Stale(row.found.location, row.summary, held, names, (), row.notes, row.steps)


def _anchor(judged: Judged, where: Location | None = None) -> Words:
    parts = [f"line {judged.held.line}"] if judged.held.line else []
    text = ", ".join([*parts, f"{anchor_words(judged)}"])
    return text if where is None else [Code(where.path), f", {text}"]


def _programs(rows: Iterable[JudgedPlace], basis: Report) -> Iterator[_Stale]:
    """Programs and sources; where a folder has a file for each key, none of these is stale."""
    current = {label(row.entry) for row in basis.keys if row.state is KeyState.CURRENT}
    found = [(row, _compiled(row)) for row in rows]
    apart: dict[str, set[str]] = defaultdict(set)
    for row, keys in found:
        if len(keys) == 1:
            apart[posixpath.dirname(row.found.location.path)].update(keys)
    for row, keys in found:
        where = row.found.location
        if len(keys) != 1 or not apart[posixpath.dirname(where.path)] >= current:
            held: list[Words] = [f"the digest of {name}" for name in keys]
            steps = list(_in_source(row))
            yield _Stale(where, row.summary, held, frozenset(keys), (), row.notes, steps)


def _compiled(row: JudgedPlace) -> list[str]:
    """The names of the keys that it contains."""
    compiled = row.found.reading.compiled if row.found.reading else None
    names = {bytes.fromhex(key.digest): f"{key.name} ({key.key_tag})" for key in KNOWN_KEYS}
    digests = compiled.key_digests if compiled else ()
    return [names.get(digest, "an unknown key") for digest in digests]


def _in_source(row: JudgedPlace) -> Iterator[Step]:
    """What to do for who can build it anew, unlike those whom an audit tells to upgrade."""
    checks = {note.finding.check for note in row.notes}
    if checks & {Check.AUDIT_COMPILED, Check.AUDIT_DAMAGED}:
        yield Step("root-anchors build --offline --format ds -o new", is_command=True)
        yield Step("copy the records of new/root.ds into the source", is_command=False)
    if Check.AUDIT_PINNED_ROOT in checks:
        yield Step("root-anchors pinned", is_command=True)
        yield Step("pin every root CA that it shows", is_command=False)
