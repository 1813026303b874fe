"""A file with the argument that the DNSSEC oracle of ENS is deployed with."""

from __future__ import annotations

from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.ens import ARGUMENT
from anchors.consumers.ens.content import content_of
from anchors.consumers.reading import Held, Hold, Reading

__all__ = ["READERS"]

_FIRST = b"0x00002b0001"


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The DS records, where nothing else stands in the file.

    Raises:
        MalformedAnchors: it begins as one, and cannot be read.
    """
    if not content[: len(_FIRST)].lower().startswith(_FIRST):
        return None
    return Reading(ARGUMENT, tuple(Held(one, Hold.FILE, 1) for one in content_of(content).anchors))


READERS: tuple[Reader, ...] = (Reader(10, _read),)
