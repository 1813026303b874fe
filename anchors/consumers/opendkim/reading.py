"""opendkim.conf: the file of anchors that it names (opendkim.conf(5))."""

from __future__ import annotations

from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.opendkim import CONF
from anchors.consumers.reading import Reading, Reference, Role
from anchors.grammars.opendkim_conf import parse_opendkim_conf

__all__ = ["ANCHOR_FILE", "INCLUDE", "READERS", "RESOLVER"]

ANCHOR_FILE, INCLUDE, RESOLVER = "trustanchorfile", "include", "resolverconfiguration"
_ROLES = {ANCHOR_FILE: Role.STATIC, INCLUDE: Role.INCLUDE}


def _read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """The files that are named, where one of them is of anchors."""
    if b"\0" in content or ANCHOR_FILE.encode() not in content.lower():
        return None
    parameters = parse_opendkim_conf(content)
    if all(parameter.name != ANCHOR_FILE for parameter in parameters):
        return None
    references = tuple(
        Reference(parameter.value, _ROLES[parameter.name], parameter.line)
        for parameter in parameters
        if parameter.name in _ROLES and parameter.value
    )
    return Reading(CONF, references=references)


READERS: tuple[Reader, ...] = (Reader(65, _read),)
