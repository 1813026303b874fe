"""What libdane does: it reads one file of anchors, whose path is compiled in, for each check.

Tried with danetool 3.7.9 (Debian 12); the library of 3.8.13 has its path in the same way.
"""

from __future__ import annotations

import posixpath
import re
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.gnutls import CONSUMER, LIBRARY
from anchors.consumers.one_setting import Program, Then, loader_of
from anchors.consumers.reading import Note, Reading, Reference, Role
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["READERS", "load"]

_NAME = re.compile(r"libgnutls-dane\.so(?:\.[0-9]+)*")
# A constant of C of its own.
_PATH = re.compile(rb"(?<=\0)/[\x21-\x7e]{1,250}(?=\0)")
_NO_PATH = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "the anchor file that it reads was not found in the program",
    remedy="check how it was built: --with-unbound-root-key-file",
)


def _read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The path that is compiled in, where the library is one."""
    if _NAME.fullmatch(posixpath.basename(path)) is None or not content.startswith(b"\x7fELF"):
        return None
    paths = dict.fromkeys(_PATH.findall(content))
    if len(paths) != 1:
        return Reading(LIBRARY, notes=(Note(_NO_PATH),))
    (named,) = paths
    return Reading(LIBRARY, references=(Reference(named.decode("ascii"), Role.STATIC),))


READERS: tuple[Reader, ...] = (Reader(10, _read),)
# Without an anchor it tells of each check that there is no signature.
load = loader_of(Program(CONSUMER.name, CONSUMER.title, empty=Then.FAILS))
