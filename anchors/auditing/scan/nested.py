"""The members of an archive, and of the archives in it, to a stated depth."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from anchors.auditing.scan.libarchive import (
    DamagedArchive,
    Member,
    TooMuch,
    as_stream,
    members_of,
)
from anchors.auditing.scan.magic import UNOPENED, is_meant_as_archive

__all__ = ["MAX_NESTED", "unpacked_members"]

# So many archives may lie in each other, the one that is audited not counted.
MAX_NESTED = 2
# What is in the first is named as "dpkg-deb --raw-extract" places it: it never is in the second.
_CONTROL, _DATA, _CONTROL_FOLDER = "control.tar", "data.tar", "DEBIAN"
# The first member of a .deb, and of an .ipk, which is a tar archive.
_OF_A_PACKAGE = "debian-binary"
# Its parts are tar archives that may each have an end.
_APK = ".apk"

_DEB = b"!<arch>\n"
_INSTALLED = re.compile(r"data\.tar(?:\.(?:gz|xz|zst|bz2|lzma))?")

Unpack = Callable[[int], None]
Tell = Callable[[str, DamagedArchive], None]


def unpacked_members(stream: BinaryIO, name: str, unpack: Unpack, tell: Tell) -> Iterator[Member]:
    """Every member, and in place of an archive its members; those of a package as it installs them.

    Args:
        stream: the archive, at its beginning.
        name: its name.
        unpack: told of bytes that were unpacked; may raise ``TooMuch``.
        tell: told of an archive inside that was not looked at to its end, and why.

    Raises:
        DamagedArchive: it cannot be read any further.
        TooMuch: a limit was reached.
        UsageError: libarchive-c, the optional extra ``archives``, or libarchive is not there.
    """
    # A .deb is a package even where the name of its first member is damaged.
    is_package = stream.read(len(_DEB)) == _DEB
    has_data = False
    stream.seek(0)
    for member in members_of(stream, unpack, concatenated=name.endswith(_APK)):
        is_package = is_package or member.path == _OF_A_PACKAGE
        if is_package and member.path.startswith(_DATA):
            if has_data or _INSTALLED.fullmatch(member.path) is None:
                # dpkg takes the first alone; what another installer takes, nobody knows.
                tell(member.path, DamagedArchive("dpkg does not install it"))
                continue
            has_data = True
            for inner in members_of(as_stream(member), unpack):
                yield from _unfolded(inner, unpack, tell, 1)
        elif is_package and member.path.startswith(_CONTROL):
            for inner in members_of(as_stream(member), unpack):
                yield inner._replace(path=f"{_CONTROL_FOLDER}/{inner.path}")
        else:
            yield from _unfolded(member, unpack, tell, 1)
    if is_package and not has_data:
        raise DamagedArchive("a Debian package without its data.tar")


def _unfolded(member: Member, unpack: Unpack, tell: Tell, depth: int) -> Iterator[Member]:
    """The member itself, or those of the archive that it is."""
    first = next(member.blocks, b"") if member.is_file else b""
    whole = member._replace(blocks=itertools.chain((first,), member.blocks))
    if not is_meant_as_archive(first, member.path):
        yield whole
        return
    try:
        if depth > MAX_NESTED:
            raise DamagedArchive(f"more than {MAX_NESTED} archives lie in each other")
        if first.startswith(UNOPENED):
            raise DamagedArchive("archives of this kind are not opened")
        for inner in members_of(as_stream(whole), unpack):
            below = inner._replace(path=posixpath.join(member.path, inner.path))
            yield from _unfolded(below, unpack, tell, depth + 1)
    except TooMuch:
        raise
    except DamagedArchive as error:
        tell(member.path, error)
