"""A tree of files, as a machine has them: contents, links, folders, owners and modes."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["USERS", "Tree"]

# Who there is in every tree, with the numbers that the files belong to.
USERS: Mapping[str, int] = {
    "root": 0,
    "nobody": 65534,
    "unbound": 901,
    "bind": 902,
    "knot-resolver": 903,
    "pdns": 904,
    "dnsmasq": 905,
    "systemd-resolve": 906,
    "stubby": 907,
}
# What packages and units make before anything is started, and whose it is.
_FOLDERS = {
    "/run/named": "bind",
    "/var/cache/bind": "bind",
    "/var/lib/bind": "bind",
    "/run/pdns-recursor": "pdns",
    "/run/knot-resolver": "knot-resolver",
    "/var/lib/knot-resolver": "knot-resolver",
    "/var/cache/knot-resolver": "knot-resolver",
    "/var/lib/unbound": "unbound",
    "/run/systemd/resolve": "systemd-resolve",
    "/var/cache/stubby": "stubby",
    "/tmp": "root",  # noqa: S108 - of the tree
}


@dataclass(frozen=True)
class Tree:
    """Absolute paths, and what is there.

    Args:
        files: contents; parents are made as needed, for root, mode 755; files have mode 644.
        links: where each symbolic link leads.
        folders: folders that are there, perhaps with nothing in them.
        owners: the user of USERS that a path belongs to.
        modes: permission bits of a path.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)

    def real(self, path: str) -> str:
        """The path without links, as far as they lead somewhere."""
        for _ in range(len(self.links)):
            for link, target in self.links.items():
                if path == link or path.startswith(f"{link}/"):
                    real = posixpath.join(posixpath.dirname(link), target)
                    path = posixpath.normpath(real + path.removeprefix(link))
        return path

    def write(self, root: Path) -> None:
        """Write all of it below ``root``, which only root's rights can do."""
        for name in (*_FOLDERS, *self.folders):
            _below(root, name).mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            path = _below(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name, target in self.links.items():
            path = _below(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        for name, owner in {**_FOLDERS, **self.owners}.items():
            os.chown(_below(root, name), USERS[owner], USERS[owner], follow_symlinks=False)
        for name, mode in {"/tmp": 0o1777, **self.modes}.items():  # noqa: S108 - of the tree
            _below(root, name).chmod(mode)


def _below(root: Path, name: str) -> Path:
    if not name.startswith("/") or ".." in Path(name).parts:
        raise ValueError(f"not an absolute path: {name}")
    return root / name[1:]
