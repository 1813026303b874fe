"""Headers in GNU's tar format that mean a sparse file for one program and not for another.

libarchive uses the map of parts in a header, tar and dpkg use the type of the member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["refusing_odd_maps"]

# struct posix_header and oldgnu_header of GNU tar (src/tar.h): type, magic, map, and real size.
_BLOCK = 512
_TYPE, _MAGIC_AT, _MAP, _SIZE = 156, 257, 386, 483
_MAGIC = b"ustar  \0"
_SPARSE = ord("S")


def refusing_odd_maps(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an archive, up to a header that programs read differently.

    Raises:
        ValueError: there is such a header, in the archive or in a member of it.
    """
    # What may be the beginning of a header, and where in the archive it stands.
    before, at = b"", 0
    for piece in pieces:
        text = before + piece
        found = text.find(_MAGIC)
        while found >= 0:
            begin = found - _MAGIC_AT
            is_header = 0 <= begin <= len(text) - _BLOCK and (at + begin) % _BLOCK == 0
            if is_header and _is_odd(text[begin : begin + _BLOCK]):
                raise ValueError("a header of a sparse file that programs read differently")
            found = text.find(_MAGIC, found + 1)
        kept = min(len(text), _BLOCK - 1)
        before, at = text[len(text) - kept :], at + len(text) - kept
        yield piece


def _is_odd(header: bytes) -> bool:
    has_map, has_size = header[_MAP] != 0, header[_SIZE] != 0
    if header[_TYPE] == _SPARSE:
        return not has_map
    return has_map or has_size
