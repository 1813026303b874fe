"""The first bytes of packages and archives."""

from __future__ import annotations

import re

__all__ = ["HEAD", "UNOPENED", "is_archive", "is_meant_as_archive"]

# So many bytes tell.
HEAD = 1024
# What a text or a program is packed in as well; then only the name speaks for an archive.
_FILTERS = (b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"BZh")
_MAGIC = (b"!<arch>\ndebian-binary", b"\xed\xab\xee\xdb", b"PK\x03\x04", *_FILTERS)
_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257
_NAME = re.compile(r"(?i)\.(?:tar\.|tgz|txz|tbz|tzst|apk|ipk)[^/]*\Z")
# Archives that are not opened here: Alpine's package of version 3, 7-Zip, RAR, CAB, SquashFS.
UNOPENED = (b"ADB.", b"ADBd", b"ADBc", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF", b"hsqs")
_ANY = (*_MAGIC, *UNOPENED)


def is_archive(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a package, an archive, or one packed."""
    return head.startswith(_ANY) or head.startswith(_TAR_MAGIC, _TAR_OFFSET)


def is_meant_as_archive(head: bytes, path: str) -> bool:
    """Whether it is an archive, and no other file that was packed by itself."""
    if head.startswith(_FILTERS):
        return _NAME.search(path) is not None
    return is_archive(head)
