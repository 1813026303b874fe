"""What was found below a PATH: root file systems with the files that matter in them."""

from __future__ import annotations

from typing import NamedTuple

from anchors.auditing.scan.root_files import RootFiles
from anchors.auditing.scan.unopened import Unopened
from anchors.consumers.reading import Place

__all__ = ["Coverage", "Scanned", "System"]


class Coverage(NamedTuple):
    """How much was looked at, and how much could not be: numbers of files and members, bytes."""

    looked_at: int = 0
    size: int = 0
    unreadable: int = 0


class System(NamedTuple):
    """A root file system, and the files of it that have to do with trust anchors."""

    files: RootFiles
    places: tuple[Place, ...]


class Scanned(NamedTuple):
    """What was found below one PATH: a directory and an archive are one system each.

    Attributes:
        systems: the root file systems.
        coverage: how much was looked at.
        unopened: the archives in a directory.
        mounts: other file systems in a directory, which were left out.
        is_part: whether an interrupt kept us from looking at the rest.
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
