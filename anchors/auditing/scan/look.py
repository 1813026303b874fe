"""How files are looked at: the time of judgement, and what is left out."""

from __future__ import annotations

import fnmatch
import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import anchors

__all__ = ["Look", "is_our_own"]


class Look(NamedTuple):
    """How to look.

    Attributes:
        at: the time of judgement, for states that depend on it.
        exclude: patterns (fnmatch) of paths below a PATH that are not looked at.
        keeps_part: whether an interrupt leaves what was seen until then, instead of nothing.
        stays: whether other file systems that are mounted below a PATH are left out.
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
    """Whether a directory is this very package, whose keys and tests are no anchors of anybody."""
    own = Path(str(anchors.__file__)).parent.stat()
    found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
