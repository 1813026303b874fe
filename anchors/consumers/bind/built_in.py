"""The keys that are compiled into named, and the version of it where that can be seen."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from anchors.consumers.files import Files, Location
from anchors.consumers.loading import BuiltIn, Used
from anchors.consumers.reading import Held, Hold, Place, Role
from anchors.core.found import FoundDs
from anchors.core.root_facts import KNOWN_KEYS

__all__ = ["BUILT_IN", "Version", "program", "version"]

Version = tuple[int, int, int]

# Release notes of 9.18.32, 9.20.4 and 9.21.3, all of 2024-12; 9.16.50 is the last of 9.16.
BUILT_IN = BuiltIn(
    "named",
    "BIND before 9.18.32, 9.20.4 and 9.21.3, and all of 9.16, lack KSK-2024 (38696), unless a "
    "distribution added the key",
)
# Each release names its libraries after itself: libdns-9.18.49-1~deb12u3-Debian.so.
_LIBRARY = re.compile(r"lib(?:dns|isc)-(9)\.([0-9]{1,3})\.([0-9]{1,3})\b.*", re.ASCII)
_LIBRARIES = (
    *("/usr/lib/libdns-9*", "/usr/lib64/libdns-9*", "/usr/lib/*/libdns-9*"),
    *("/usr/local/lib/libdns-9*", "/usr/lib/bind/libdns-9*", "/usr/lib64/bind/libdns-9*"),
)
# delv has the same keys: the two are built together.
_PROGRAMS = ("named", "delv")


def program(found: Sequence[Place], near: Location) -> Used | None:
    """The program of the same root file system, with the keys that are compiled into it."""
    for name in _PROGRAMS:
        for place in found:
            location = place.location
            is_same = location.root == near.root and location.base == near.base
            compiled = place.reading.compiled if place.reading is not None else None
            if is_same and compiled and posixpath.basename(location.path) == name:
                held = tuple(
                    Held(FoundDs(key.key_tag, key.algorithm, 2, digest), Hold.SEED)
                    for digest in compiled.key_digests
                    for key in KNOWN_KEYS
                    if bytes.fromhex(key.digest) == digest
                )
                if held:
                    return Used(location, Role.PROGRAM, held)
    return None


def version(files: Files, near: Location) -> Version | None:
    """The version of named there, by the names of its libraries; ``None``: nobody can tell."""
    names = {
        posixpath.basename(file.location.path)
        for pattern in _LIBRARIES
        for file in files.matching(pattern, near)
    }
    versions = {
        (int(match[1]), int(match[2]), int(match[3]))
        for match in map(_LIBRARY.fullmatch, names)
        if match is not None
    }
    return versions.pop() if len(versions) == 1 else None
