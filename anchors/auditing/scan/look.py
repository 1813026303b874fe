"""The options of a search: the time of judgement, and the files to skip."""

from __future__ import annotations

import fnmatch
import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import anchors

__all__ = ["Look", "is_our_own"]


class Look(NamedTuple):
    """The options of a search.

    Attributes:
        at: the time of judgement, for states that depend on it.
        exclude: patterns (fnmatch) of paths below a PATH that are skipped.
        keeps_part: whether an interruption keeps the results so far.
        stays: whether other file systems that are mounted below a PATH are skipped.
    """

    at: datetime
    exclude: tuple[str, ...] = ()
    keeps_part: bool = False
    stays: bool = False

    def leaves_out(self, path: str) -> bool:
        """Whether a path below a PATH is left out; one that is named is so with all below it."""
        return bool(self.exclude) and any(
            fnmatch.fnmatchcase(path, pattern) for pattern in self.exclude
        )


def is_our_own(descriptor: int, name: str) -> bool:
    """Whether a directory is the package of root-anchors, whose keys and tests no program uses."""
    own = Path(str(anchors.__file__)).parent.stat()
    found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
