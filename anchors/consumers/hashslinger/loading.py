"""What tlsa and openpgpkey do: they take the first file of a list in their own source.

Tried with tlsa of hash-slinger 3.1 (Debian 12).  In 3.5 the list has another order.
"""

from __future__ import annotations

import re
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.hashslinger import CONSUMER, SCRIPT
from anchors.consumers.one_setting import Program, Then, loader_of
from anchors.consumers.reading import Reading, Reference, Role

__all__ = ["READERS", "load"]

_LIST = re.compile(rb"(?m)^[ \t]*cauldron = \(([^()\n]{1,2000})\)")
_PATH = re.compile(rb'"(/[\x21\x23-\x7e]{1,250})"')


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The list of files, in its order."""
    match = _LIST.search(content)
    if match is None or not content.startswith(b"#!"):
        return None
    line = content.count(b"\n", 0, match.start(1)) + 1
    paths = (path.decode("ascii") for path in _PATH.findall(match[1]))
    return Reading(SCRIPT, references=tuple(Reference(path, Role.STATIC, line) for path in paths))


READERS: tuple[Reader, ...] = (Reader(40, _read, (b"cauldron = (",)),)
# Without an anchor no record is secure, and it takes no other.
load = loader_of(Program(CONSUMER.name, CONSUMER.title, empty=Then.FAILS, first=True))
