"""An old set and a new one, and what must be true of a directory whatever happened to a run."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.faults.warm import Warm

__all__ = ["AT", "NEW", "OLD", "Sets", "build", "held"]

AT = "2026-10-11T00:00:00Z"
OLD, NEW = ("ds", "unbound"), ("ds", "bind")
# One that no umask makes, so that it is seen whether it is kept.
MODE = 0o2751

Held = Mapping[str, tuple[int, bytes]]


def build(directory: Path, formats: tuple[str, ...] = NEW) -> list[str]:
    """The arguments of the build that replaces a directory."""
    chosen = [word for name in formats for word in ("--format", name)]
    return ["build", "--offline", "--at", AT, *chosen, "-o", str(directory)]


def held(place: Path) -> Held:
    """Every name below a place, with mode and content."""
    return {
        str(path.relative_to(place)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [place, *sorted(place.rglob("*"))]
    }


class Sets(NamedTuple):
    """What a directory holds before and after, and the old set's place to copy it from."""

    old: Held
    new: Held

    @classmethod
    def made(cls, warm: Warm, place: Path) -> Sets:
        """Both, as undisturbed runs make them."""
        directory = place / "set"
        assert warm.run(build(directory, OLD)).code == 0
        directory.chmod(MODE)
        old = held(directory)
        assert warm.run(build(directory, NEW)).code == 0
        new = held(directory)
        assert old != new
        assert stat.S_IMODE(new["."][0]) == MODE
        return cls(old, new)

    def put_old(self, place: Path) -> Path:
        """A folder that holds the old set and nothing else; the set's directory."""
        directory = place / "set"
        place.mkdir(mode=0o755)
        for name, (mode, content) in self.old.items():
            path = directory / name
            if stat.S_ISDIR(mode):
                path.mkdir()
            else:
                path.write_bytes(content)
        for name, (mode, _content) in reversed([*self.old.items()]):
            (directory / name).chmod(stat.S_IMODE(mode))
        return directory

    def which(self, directory: Path) -> str:
        """``old`` or ``new``; anything else is a mixture, and fails."""
        now = held(directory)
        assert now in (self.old, self.new), {name: now[name][0] for name in now}
        return "new" if now == self.new else "old"


def leftovers(directory: Path) -> list[str]:
    """What lies beside the set."""
    return sorted({*os.listdir(directory.parent)} - {directory.name})  # noqa: PTH208 - names
