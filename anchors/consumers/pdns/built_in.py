"""The keys that are compiled into the recursor."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from anchors.consumers.files import Location
from anchors.consumers.loading import BuiltIn, Used
from anchors.consumers.reading import Held, Hold, Place, Role
from anchors.core.found import FoundDs
from anchors.core.root_facts import KNOWN_KEYS

__all__ = ["BUILT_IN", "program"]

# rec_control get-tas with an empty configuration: 4.8.8 has KSK-2017 alone, 5.4 has both.
BUILT_IN = BuiltIn(
    "pdns_recursor", "PowerDNS Recursor 4.8 lacks KSK-2024 (38696), and 5.4 has both keys"
)
_PROGRAM = "pdns_recursor"
_SHA256 = 2


def program(found: Sequence[Place], near: Location) -> Used | None:
    """The program of the same root file system, with the keys that are compiled into it."""
    for place in found:
        location = place.location
        is_same = location.root == near.root and location.base == near.base
        compiled = place.reading.compiled if place.reading is not None else None
        if is_same and compiled and posixpath.basename(location.path) == _PROGRAM:
            held = tuple(
                Held(FoundDs(key.key_tag, key.algorithm, _SHA256, digest), Hold.STATIC)
                for digest in compiled.key_digests
                for key in KNOWN_KEYS
                if bytes.fromhex(key.digest) == digest
            )
            if held:
                return Used(location, Role.PROGRAM, held)
    return None
