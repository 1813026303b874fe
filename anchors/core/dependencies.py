"""Libraries that are older than what a verification needs, told as what they are.

Stable distributions have older ones than pyproject.toml asks for.  Each use of what is missing then
fails in a way of its own, so the versions themselves are looked at once something has failed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import metadata, util
from types import MappingProxyType
from typing import Final

from anchors.core.checks import Check
from anchors.core.errors import LibraryTooOld

__all__ = ["FLOORS", "too_old"]

# Those of pyproject.toml, by the name of the distribution, with the module that it brings.
FLOORS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "cryptography": ("49", "cryptography"),
        "dnspython": ("2.7", "dns"),
        "lxml": ("5.3", "lxml"),
        "requests": ("2.32.3", "requests"),
    }
)


def too_old() -> LibraryTooOld | None:
    """What is too old here, or absent; ``None`` where every library is as new as it must be."""
    faults = {}
    for name, (floor, module) in FLOORS.items():
        found = _version(name)
        if found is None and util.find_spec(module) is None:
            faults[name] = f"{name} {floor} or newer, which is not installed"
        elif found is not None and _numbers(found) < _numbers(floor):
            faults[name] = f"{name} {floor} or newer, this is {found}"
    if not faults:
        return None
    wanted = " ".join(f"'{name}>={FLOORS[name][0]}'" for name in faults)
    return LibraryTooOld(
        Check.LIBRARY_VERSION,
        f"needs {'; '.join(faults.values())}",
        remedy=f"{sys.executable} -m pip install {wanted}"
        if sys.prefix != sys.base_prefix
        else "install root-anchors with pipx or uv, which bring newer libraries; "
        "a distribution without them ships files that were made elsewhere: "
        f"'root-anchors explain {Check.LIBRARY_VERSION.id}' names the pages",
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """``49.0.1`` as numbers; what follows them, as ``rc1``, does not count."""
    numbers = re.match(r"\d{1,9}(?:\.\d{1,9}){0,5}", version)
    return tuple(map(int, numbers[0].split("."))) if numbers else ()
