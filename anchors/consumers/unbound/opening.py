"""The files of anchors that the options of an Unbound name, as far as Unbound can open them.

Tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import not_found, unread
from anchors.consumers.patterns import is_pattern, no_file
from anchors.consumers.reading import Role
from anchors.consumers.unbound import debian
from anchors.consumers.unbound.clauses import At
from anchors.consumers.unbound.configuration import Configuration
from anchors.consumers.unbound.findings import OPTIONS, WANTED

__all__ = ["opened"]


def opened(conf: Configuration, files: Files, at: At, role: Role) -> Iterator[tuple[File, bytes]]:
    """The files that an option names, with their content; what cannot be opened is told."""
    if not at.value:
        return
    for file in _named(conf, files, at, role):
        if file.content is None:
            conf.doubt(at, unread(at.value, role, file.unread))
        elif conf.drops_rights and file.status and not file.status.may_be_read:
            words = f"its user cannot read its {OPTIONS[role]}"
            conf.refuse_anchors(at, words, got=at.value, want="a file that its user may read")
        else:
            yield file, file.content


def _named(conf: Configuration, files: Files, at: At, role: Role) -> list[File]:
    path = conf.path(at)
    if role is Role.TRUSTED_KEYS and is_pattern(path):
        # A pattern that matches nothing is no fault, wherever it leads.
        named = files.matching(path, conf.main)
        lost = no_file(path, named, files, conf.main)
        if lost is not None and files.folder(lost, conf.main) is None:
            words = "a file that matches its trusted-keys-file cannot be opened"
            conf.refuse_anchors(at, words, got=lost, want="files, or no match")
        return named
    file = _find(conf, files, at, role, path)
    return [] if file is None else [file]


def _find(conf: Configuration, files: Files, at: At, role: Role, path: str) -> File | None:
    main = conf.main
    file = files.find(path, main)
    if file is not None:
        return file
    if role is Role.MANAGED and debian.copies_root_key(path, files, main):
        conf.note(at, debian.COPIED)
        copied = files.find(debian.ROOT_KEY, main)
        if copied is not None:
            return copied
        conf.doubt(at, not_found(debian.ROOT_KEY, Role.MANAGED, inside=main.inside))
    elif files.folder(path, main) is not None:
        # A directory cannot be read; a trusted-keys-file that is one counts as empty.
        if role is not Role.TRUSTED_KEYS:
            words = f"its {OPTIONS[role]} is a directory"
            conf.refuse_anchors(at, words, got=path, want=WANTED[role])
    elif _is_missing(path, role, files, main):
        words = f"its {OPTIONS[role]} does not exist"
        conf.refuse_anchors(at, words, got=f"there is no {path}", want=WANTED[role])
    else:
        # In a package or an image, another package or the first start may bring the file.
        conf.doubt(at, not_found(path, role, inside=main.inside))
    return None


def _is_missing(path: str, role: Role, files: Files, main: Location) -> bool:
    """Whether nothing is there, and nothing that was not looked at puts a file there."""
    may_come = role is Role.MANAGED and debian.may_copy_root_key(path, files, main)
    return not (may_come or main.inside) and files.is_absent(path, main)
