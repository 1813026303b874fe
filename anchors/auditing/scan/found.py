"""The result of the search below a PATH: root file systems with their relevant files."""

from __future__ import annotations

from typing import NamedTuple

from anchors.auditing.scan.root_files import RootFiles
from anchors.auditing.scan.unopened import Unopened
from anchors.consumers.reading import Place

__all__ = ["Coverage", "Scanned", "System"]


class Coverage(NamedTuple):
    """The numbers of files and members that were read, of their bytes, and of unreadable ones."""

    looked_at: int = 0
    size: int = 0
    unreadable: int = 0


class System(NamedTuple):
    """A root file system, with its files that concern trust anchors."""

    files: RootFiles
    places: tuple[Place, ...]


class Scanned(NamedTuple):
    """The result of the search below one PATH: a directory or an archive is one system.

    Attributes:
        systems: the root file systems.
        coverage: how much was read.
        unopened: the archives in a directory.
        mounts: other file systems in a directory, which were skipped.
        is_part: whether an interruption ended the search early.
    """

    systems: tuple[System, ...]
    coverage: Coverage
    unopened: Unopened | None = None
    mounts: tuple[str, ...] = ()
    is_part: bool = False

    @property
    def places(self) -> tuple[Place, ...]:
        """The files of every system."""
        return tuple(place for system in self.systems for place in system.places)
