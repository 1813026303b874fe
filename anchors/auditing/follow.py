"""Where the files lie that a configuration names, below what is audited."""

from __future__ import annotations

import posixpath

from anchors.auditing.place import Location

__all__ = ["resolve"]


def resolve(location: Location, path: str) -> tuple[str, ...]:
    """The paths or patterns below ``location.root`` that ``path`` can mean; none: it lies outside.

    An absolute path is taken from the root, or its ``base``, as if that were ``/``, and as it is
    where it lies below the root itself; a relative one from the directory of the file and from the
    root.
    """
    if "\0" in path or not path:
        return ()
    if not path.startswith("/"):
        beside = posixpath.join(posixpath.dirname(location.path), path)
        return tuple(dict.fromkeys(filter(None, (_below(beside), _below(location.base + path)))))
    found = [_below(location.base + path.lstrip("/"))]
    root = posixpath.abspath(location.root).rstrip("/") + "/"
    if not location.inside and path.startswith(root):
        found.insert(0, _below(path.removeprefix(root)))
    return tuple(dict.fromkeys(filter(None, found)))


def _below(path: str) -> str | None:
    """The path without ``.`` and ``..``, ``None`` where it climbs out."""
    normal = posixpath.normpath(path)
    return None if normal in {".", ".."} or normal.startswith("../") else normal
