"""Where Unbound finds a file that it opens after its start: below directory, inside chroot."""

from __future__ import annotations

import posixpath

__all__ = ["after_start"]


def after_start(path: str, directory: str, chroot: str) -> str:
    """The path from the root of the file system, or from the configuration's directory.

    Unbound has changed its root and its directory by then.  It takes the name of the root off by
    its letters: ``/jailer`` begins with ``/jail``.  Tried on Unbound 1.17.1 and 1.26.2.

    Args:
        path: as it is written.
        directory: the value of ``directory``, empty where there is none.
        chroot: the value of ``chroot``, empty where there is none.
    """
    if not chroot:
        return posixpath.join(directory, path)
    inside = posixpath.join("/", directory.removeprefix(chroot), path.removeprefix(chroot))
    return chroot.rstrip("/") + posixpath.join("/", inside)
