"""A bindkeys-file: what replaces the keys that are built into named.

Tried on BIND 9.18.49 and 9.20.30.  BIND 9.21.15 and newer know no such option.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from anchors.consumers.bind.anchor_statements import STATEMENTS, Entry, Refusal, entries
from anchors.consumers.bind.built_in import Version
from anchors.consumers.bind.configuration import Configuration
from anchors.consumers.bind.held import held_of
from anchors.consumers.files import File, Files, Location
from anchors.consumers.reading import Held, Note
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["BindKeys", "default_bindkeys", "read_bindkeys"]

# From this version on named reads no bindkeys-file that its configuration does not name.
_NO_DEFAULT = (9, 20, 0)


class BindKeys(NamedTuple):
    """What named takes from it.

    Attributes:
        location: the file.
        held: the anchors, none where the built-in ones are used; those that named leaves are
            ignored.
        notes: what is to be told of the file.
        refusal: why named does not start with it.
        is_unread: named cannot read it, and uses its built-in keys without more than a line in
            its log.
    """

    location: Location
    held: tuple[Held, ...] = ()
    notes: tuple[Note, ...] = ()
    refusal: Refusal | None = None
    is_unread: bool = False


def default_bindkeys(main: Location, files: Files, version: Version | None) -> File | None:
    """The file that named takes where its configuration names none: beside its named.conf.

    Its place is compiled in, the directory of named.conf by default: /etc/bind of Debian, /etc of
    Fedora, /usr/local/etc/namedb of FreeBSD.
    """
    if version is not None and version >= _NO_DEFAULT:
        return None
    return files.find(posixpath.join("/", _folder(main), "bind.keys"), main)


def _folder(main: Location) -> str:
    return posixpath.dirname(main.path.removeprefix(main.base))


def read_bindkeys(file: File, files: Files, *, alone: bool = False) -> BindKeys:
    """What named takes from ``file``.

    Args:
        file: the file.
        files: the root file system, for what it includes.
        alone: no configuration names it, and nobody knows which version reads it: each kind of
            statement counts that some version reads there.
    """
    if file.content is None:
        return _unread(file.location, f"it cannot be read: {file.unread}", None)
    if file.status is not None and not file.status.may_be_read:
        why = "only root may read it, but named runs as another user"
        return _unread(file.location, why, None)
    conf = Configuration(file, files, "" if alone else "bindkeys")
    if conf.is_refused:
        note = next(note for _, note in conf.notes if note.finding.check is Check.AUDIT_REFUSED)
        return _unread(file.location, note.finding.got or "", note.line)
    found: list[Entry] = []
    late: Refusal | None = None
    line = None
    for placed in conf.top:
        # named looks for no other statement there, though it knows them.
        counts = placed.name in STATEMENTS if alone else placed.name == "trust-anchors"
        line = placed.line if counts else line
        try:
            found += entries(placed.statement) if counts else ()
        except Refusal as error:
            if not error.is_late:
                return _unread(file.location, error.why, error.line)
            late = late or error
    root = tuple(entry for entry in found if entry.is_root)
    if late is None and line is not None and all(entry.dropped for entry in root):
        late = Refusal(line, "it has no usable anchor of the root")
    held, notes = held_of(root)
    if line is None:
        notes = (*notes, Note(_NOTHING))
    return BindKeys(file.location, held, notes, late)


def _unread(location: Location, why: str, line: int | None) -> BindKeys:
    finding = Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "named cannot read its bindkeys-file, and uses its built-in keys instead",
        got=printable(why[:200]),
        want="a trust-anchors statement",
        remedy="compare it with the file that 'root-anchors build' writes",
    )
    return BindKeys(location, notes=(Note(finding, line),), is_unread=True)


_NOTHING = Finding(
    Check.AUDIT_IGNORED,
    Severity.NOTICE,
    "named finds no trust-anchors statement in its bindkeys-file, and uses its built-in keys",
    want="a trust-anchors statement with the root's keys, or no such file",
)
