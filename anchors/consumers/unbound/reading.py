"""Unbound's configuration and its fragments (unbound.conf(5)), each by itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.consumer import Reader
from anchors.consumers.loading import refused
from anchors.consumers.reading import Held, Note, Reading, Reference, Role, Setting
from anchors.consumers.template import is_template
from anchors.consumers.unbound import CONF
from anchors.consumers.unbound import state as unbound_state
from anchors.consumers.unbound.anchor_files import read_inline
from anchors.consumers.unbound.configuration import (
    ANCHORS,
    FILES,
    INCLUDES,
    TEMPLATE,
    readable,
)
from anchors.consumers.unbound.paths import after_start
from anchors.core.escape import printable
from anchors.grammars.unbound_conf import Document, Option, parse_unbound_conf

__all__ = ["READERS"]

_OF_INTEREST = re.compile(
    rb"(?:trust-anchor|trusted-keys-file|include|module-config|val-permissive-mode|val-override-date"
    rb"|domain-insecure)[a-z-]*:"
)
_SWITCHES = frozenset({"module-config", "val-permissive-mode", "val-override-date"})
_OURS = frozenset({ANCHORS, *FILES, *_SWITCHES, "domain-insecure", "include-toplevel"})
# NSD includes files in the same words; it has none of these.
_NO_OTHERS = "forward-zone stub-zone auth-zone view rpz module-config root-hints prefetch"
_RESOLVES = frozenset(_NO_OTHERS.split(" "))
# An Unbound without an anchor validates nothing, which is told.
_MAIN = "unbound.conf"
_WORDS = re.compile(rb"(?:trust-anchor|trusted-keys-file)[a-z-]*:")
_NAMED = re.compile(r"(?i)[^/]*unbound[^/]*\.conf(?:\..*)?")


def _read(content: bytes, path: str, _at: datetime) -> Reading | None:
    """The ``trust-anchor:`` options, the files that are named, and what switches validation."""
    is_main = posixpath.basename(path) == _MAIN
    if not is_main and (b"\0" in content or _OF_INTEREST.search(content) is None):
        return None
    document = parse_unbound_conf(readable(content))
    if not _is_ours(document, content, path):
        return None
    options = document.options
    is_filled_in = is_template(content)
    held: list[Held] = []
    notes: list[Note] = []
    for option in options:
        if option.name == ANCHORS and option.value:
            read = read_inline(option.value, option.line)
            held += read.held
            if read.refusal is not None and not is_filled_in:
                notes.append(_refused(read.refusal.why, option.line))
    if is_filled_in:
        notes.append(Note(TEMPLATE))
    else:
        notes += [_refused(f"{left.why}: {left.text}", left.line) for left in document.left_over]
    return Reading(
        CONF, tuple(held), tuple(_references(options)), tuple(notes), settings=_settings(options)
    )


def _is_ours(document: Document, content: bytes, path: str) -> bool:
    """Whether the text is a configuration of Unbound, and has to do with anchors."""
    names = {option.name for option in document.options}
    is_main = posixpath.basename(path) == _MAIN
    if document.left_over:
        # The name, or how it begins, must speak for what cannot be read to its end.
        speaks = bool(names & _OURS) or _WORDS.search(content) is not None
        if _NAMED.fullmatch(posixpath.basename(path)) is not None:
            return speaks or is_main or bool(names)
        return speaks and document.options[:1] != () and document.options[0].name == "server"
    return bool(names & _OURS or is_main or ("include" in names and names & _RESOLVES))


def _refused(why: str, line: int) -> Note:
    words = "Unbound does not start with this configuration"
    return Note(refused(words, got=printable(why), want="options with their values"), line)


def _references(options: Sequence[Option]) -> Iterator[Reference]:
    """The files: an include is below the directory that was named before it, another in any."""
    last = {option.name: option.value for option in options}
    directory = ""
    for option in options:
        name, value, line = option.name, option.value, option.line
        if name == "directory":
            directory = value
        if name in INCLUDES and value:
            yield Reference(posixpath.join(directory, value), Role.INCLUDE, line)
        elif name in FILES and value:
            path = after_start(value, last.get("directory", ""), last.get("chroot", ""))
            yield Reference(path, FILES[name], line)


def _settings(options: Sequence[Option]) -> tuple[Setting, ...]:
    return tuple(
        Setting(option.name, option.value, option.line)
        for option in options
        if option.name in _SWITCHES or (option.name == "domain-insecure" and option.value == ".")
    )


READERS: tuple[Reader, ...] = (unbound_state.READER, Reader(60, _read))
