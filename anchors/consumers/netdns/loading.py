"""Which files of anchors a program in Perl gives to Net::DNS::Resolver::Unbound.

Tried on 1.20 with libunbound 1.17.1.  What else the program does is not known, so that it is right
for nobody.
"""

from __future__ import annotations

import re
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.netdns import CONSUMER, PROGRAM
from anchors.consumers.one_setting import Program, loader_of
from anchors.consumers.reading import Reading, Reference, Role

__all__ = ["READERS", "load"]

_MODULE = re.compile(rb"(?m)^[ \t]*use[ \t]+Net::DNS::Resolver::Unbound\b")
# As an attribute of new, or as a method; the name is written out.
_FILE = re.compile(
    rb"""(?m)^(?!\#)[^\n\#]{0,400}?\badd_ta_file[ \t]*(?:=>|\()[ \t]*
    (?:"([^"\n$@\\]{1,250})"|'([^'\n\\]{1,250})')""",
    re.VERBOSE,
)


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The files, where the program uses the module and names one."""
    if _MODULE.search(content) is None:
        return None
    references = tuple(
        Reference(
            (match[1] or match[2]).decode("utf-8", "surrogateescape"),
            Role.STATIC,
            content.count(b"\n", 0, match.start(match.lastindex or 0)) + 1,
        )
        for match in _FILE.finditer(content)
    )
    return Reading(PROGRAM, references=references) if references else None


READERS: tuple[Reader, ...] = (Reader(55, _read, (b"Net::DNS::Resolver::Unbound",)),)
load = loader_of(
    Program(
        CONSUMER.name,
        CONSUMER.title,
        doubt="it is unknown what else this program does: it is code, not a configuration",
    )
)
