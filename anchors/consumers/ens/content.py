"""What an argument for the DNSSEC oracle of ENS holds."""

from __future__ import annotations

import re

from anchors.core.found import FoundAnchors, FoundDs, MalformedAnchors
from anchors.core.records import ds_from_wire

__all__ = ["content_of"]

_ARGUMENT = re.compile(rb"0x((?:[0-9A-Fa-f]{2})*)\n?")


def content_of(data: bytes) -> FoundAnchors:
    """The DS records.

    Raises:
        MalformedAnchors: it is no hex of DS records of the root.
    """
    match = _ARGUMENT.fullmatch(data)
    if match is None:
        raise MalformedAnchors("no hexadecimal digits behind 0x")
    try:
        records = ds_from_wire(bytes.fromhex(match[1].decode("ascii")))
    except ValueError as error:
        raise MalformedAnchors(str(error)) from error
    fields = ((one.key_tag, one.algorithm, one.digest_type, one.digest) for one in records)
    return FoundAnchors(tuple(FoundDs(*each) for each in fields))
