"""Root file systems on disk and in packages, looked at and judged as an audit does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from anchors.auditing.judge.audit import JudgedAudit, judge
from anchors.auditing.result import JudgedPlace, JudgedResolver
from anchors.auditing.scan.classify import inspect
from anchors.auditing.scan.found import Coverage, Scanned, System
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.packed import PackedFiles
from anchors.auditing.scan.root_files import Entry
from anchors.auditing.scan.tree import scan
from anchors.consumers.files import Location, Status
from anchors.core.checks import Check
from anchors.pipeline.root_keys import VerifiedKeys
from tests.unit.auditing.basis import AFTER_THE_ROLL, keys

__all__ = ["Tree", "audited", "checks", "packed", "put", "resolvers", "rows", "scanned"]

Tree = Mapping[str, str | bytes]
_FILE = Status(0o100644, 0, 0)


def put(root: Path, tree: Tree) -> Path:
    """Write a tree; content as ``-> TARGET`` is a link."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.startswith("-> "):
            path.symlink_to(content.removeprefix("-> "))
        else:
            path.write_text(content, encoding="utf-8")
    return root


def scanned(
    *paths: Path, root: Path | None = None, exclude: Sequence[str] = ()
) -> tuple[Scanned, ...]:
    """What is found below some paths."""
    look = Look(AFTER_THE_ROLL, tuple(exclude))
    return tuple(scan(paths, look, progress=lambda _files, _size: None, root=root))


def audited(
    *paths: Path, against: VerifiedKeys | None = None, root: Path | None = None
) -> JudgedAudit:
    """The same, judged."""
    return judge(scanned(*paths, root=root), against or keys())


def packed(tree: Tree, *, base: str = "", root: str = "/r.tar") -> Scanned:
    """A package or image that has these files, and what is found in it."""
    entries: dict[str, Entry] = {}
    places = []
    for name, content in tree.items():
        text = content if isinstance(content, bytes) else content.encode()
        path = base + name
        entries[path] = Entry(_FILE, None, text)
        location = Location(root, path, inside=True, base=base)
        place = inspect(location, text, at=AFTER_THE_ROLL, status=_FILE)
        if place is not None:
            places.append(place)
    system = System(PackedFiles(root, entries, base=base), tuple(places))
    return Scanned((system,), Coverage(len(tree), 0, 0))


def rows(judged: JudgedAudit) -> dict[str, JudgedPlace]:
    """The row of each file, by its path."""
    return {row.found.location.path: row for row in judged.places}


def resolvers(judged: JudgedAudit) -> list[JudgedResolver]:
    """Every resolver of every host."""
    return [resolver for host in judged.hosts for resolver in host.resolvers]


def checks(row: JudgedPlace | JudgedResolver) -> list[Check]:
    """The checks of its findings, worst first."""
    if isinstance(row, JudgedPlace):
        return [note.finding.check for note in row.notes]
    return [note.finding.check for _, note in row.notes]
