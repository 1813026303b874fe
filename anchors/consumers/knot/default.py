"""The key file that Knot Resolver reads before any configuration: it stands in sandbox.lua."""

from __future__ import annotations

from typing import NamedTuple

from anchors.consumers.files import Files, Location
from anchors.consumers.knot.steps import AddFile, lua_steps
from anchors.core.found import MalformedAnchors

__all__ = ["Default", "find_default"]

_PROGRAMS = (
    *("/usr/lib/knot-resolver/sandbox.lua", "/usr/lib/*/knot-resolver/sandbox.lua"),
    *("/usr/lib64/knot-resolver/sandbox.lua", "/usr/local/lib/knot-resolver/sandbox.lua"),
)
# Debian, Fedora, the program's own default, Arch.
_KNOWN = (
    *("/usr/share/dns/root.key", "/var/lib/knot-resolver/root.keys"),
    *("/etc/knot-resolver/root.keys", "/etc/trusted-key.key"),
)


class Default(NamedTuple):
    """The file.

    Attributes:
        path: empty where nobody can tell.
        managed: it is kept by RFC 5011.
        is_certain: the program itself says so.
        perhaps: where the program is not there, the first file that is there and that some
            distribution uses so; empty where there is none.
    """

    path: str = ""
    managed: bool = False
    is_certain: bool = False
    perhaps: str = ""


def find_default(files: Files, near: Location) -> Default:
    """What the program of this root file system reads first.

    Where the program is not there, the one file that some distribution uses so, if there is one.
    """
    for pattern in _PROGRAMS:
        for file in files.matching(pattern, near):
            try:
                steps = lua_steps(file.content or b"")
            except MalformedAnchors:
                continue
            for step in steps:
                if isinstance(step, AddFile):
                    return Default(step.path, step.managed, is_certain=True)
    there = [path for path in _KNOWN if files.find(path, near) is not None]
    perhaps = there[0] if there else ""
    return Default(perhaps if len(there) == 1 else "", perhaps=perhaps)
