"""What glob(3) finds for a program, whether a file or not."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence

from anchors.consumers.files import File, Files, Location

__all__ = ["is_pattern", "no_file"]

_PATTERN = frozenset("*?[{~")


def is_pattern(path: str) -> bool:
    """Whether Unbound hands the name to glob(3), with braces and tildes."""
    return bool(_PATTERN.intersection(path))


def no_file(pattern: str, found: Sequence[File], files: Files, main: Location) -> str | None:
    """A path in the folder of a pattern that it matches, and that is no file: a link, a folder."""
    folder, name = posixpath.split(pattern)
    if is_pattern(folder):
        return None
    listed = files.listed(folder, main)
    if len(listed) == len(found):
        return None
    for one in listed:
        path = posixpath.join(folder, one)
        hidden = one.startswith(".") and not name.startswith(".")
        if hidden or not fnmatch.fnmatchcase(one, name):
            continue
        if files.folder(path, main) is not None or files.is_absent(path, main):
            return path
    return None
