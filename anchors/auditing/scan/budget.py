"""The budget of a PATH: members, bytes, time, and memory."""

from __future__ import annotations

import time

from anchors.auditing.scan.libarchive import TooMuch
from anchors.auditing.workers import Progress, seconds_for
from anchors.consumers.reading import Place

__all__ = ["MAX_ANCHORS", "MAX_KEPT", "MAX_MEMBERS", "MAX_PLACES", "MAX_UNPACKED", "Budget", "Kept"]

# No image has a hundred places, and no machine ten thousand anchors.
MAX_PLACES = 10_000
MAX_ANCHORS = 50_000
# The content of what may be named by a configuration, and so much for each name.
MAX_KEPT = 512 << 20
_PER_NAME = 1024
# An image of 2 GB has some 100,000 files; what goes far beyond that is a bomb.
MAX_MEMBERS = 2_000_000
MAX_UNPACKED = 16 << 30
# Nothing that is worth packing shrinks so much; what unpacks to less than this does no harm.
_MAX_RATIO = 200
_HARMLESS = 64 << 20


class Kept:
    """What is kept in memory of one PATH: places, anchors, and bytes."""

    def __init__(self) -> None:
        self._places = self._anchors = self._size = 0

    def take(self, place: Place | None, content: bytes | None = None) -> None:
        """Count what is kept of one file.

        Args:
            place: the place that it is, if it is one.
            content: its content where it is kept beside the place.

        Raises:
            TooMuch: it is more than any package, image or machine has.
        """
        if place is not None:
            self._places += 1
            self._anchors += len(place.anchors)
            content = content or place.content
        self._size += _PER_NAME + len(content or b"")
        if self._places > MAX_PLACES:
            raise TooMuch(f"more than {MAX_PLACES:,} places")
        if self._anchors > MAX_ANCHORS:
            raise TooMuch(f"more than {MAX_ANCHORS:,} anchors")
        if self._size > MAX_KEPT:
            raise TooMuch(f"more than {MAX_KEPT >> 20} MiB of names, configurations and anchors")


class Budget:
    """The remaining and the spent budget of an archive: members, and bytes of their content.

    Attributes:
        members: the number of members so far.
        size: the bytes of their content that were read.
        packed: the bytes of the compressed archive.
        kept: what is kept of it in memory.
    """

    def __init__(self, progress: Progress) -> None:
        self.members = self.size = self.packed = 0
        self._unpacked = 0
        self._progress = progress
        self._began = time.process_time()
        self.kept = Kept()

    def take(self, members: int, size: int) -> None:
        """Count what was looked at.

        Raises:
            TooMuch: it is more than any package or image has.
        """
        self.members += members
        self.size += size
        self._progress(self.members, self.size)
        if self.members > MAX_MEMBERS:
            raise TooMuch(f"more than {MAX_MEMBERS:,} members")
        # A sparse file has more content than was unpacked for it.
        self._check(self.size)

    def unpack(self, size: int) -> None:
        """Count what was unpacked, whether or not it was looked at.

        Raises:
            TooMuch: it is more than any package or image has.
        """
        self._unpacked += size
        self._progress(self.members, self.size)
        self._check(self._unpacked)

    def _check(self, size: int) -> None:
        if size > MAX_UNPACKED:
            raise TooMuch(f"more than {MAX_UNPACKED >> 30} GiB unpacked")
        if size > _HARMLESS and size > _MAX_RATIO * self.packed:
            raise TooMuch(f"more than {_MAX_RATIO} times its size unpacked")
        most = seconds_for(0, self.packed)
        if time.process_time() - self._began > most:
            raise TooMuch(f"more than {most:.0f} seconds of the processor")
