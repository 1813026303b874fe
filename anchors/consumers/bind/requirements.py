"""What else keeps named from starting: directories, anchors of two kinds, statements of old.

Tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from anchors.consumers.bind.configuration import Configuration, Placed
from anchors.consumers.bind.rules import deprecated
from anchors.consumers.bind.validation import disabled_algorithms, is_auto, unknown_words
from anchors.consumers.bind.views import View
from anchors.consumers.files import Files
from anchors.consumers.loading import cannot_keep
from anchors.core.escape import printable
from anchors.core.root_facts import KNOWN_KEYS

__all__ = [
    "options_of",
    "require_folders",
    "require_forwarders",
    "require_known_words",
    "require_new_statements",
    "require_one_kind",
    "require_root_keys",
]

# From this version on the old statements are unknown (release notes of 9.21.15; not tried).
_WITHOUT_OLD = (9, 21, 15)
_NAME = "named.conf"
_BINDKEYS = "bindkeys-file"
_OLD = frozenset({_BINDKEYS, "managed-keys", "trusted-keys"})
# 9.18 will be followed by 9.20, which has the option still.
_NEXT_TO_GO = (9, 20, 0)


def options_of(configuration: Configuration, name: str) -> Iterator[Placed]:
    """The statements of that name in options."""
    for options in configuration.children("options"):
        yield from (placed for placed in options.children if placed.name == name)


def require_folders(configuration: Configuration, files: Files, *, is_managed: bool) -> None:
    """Named writes its directory whatever the mode, and that of its managed keys with auto."""
    for placed in options_of(configuration, "directory"):
        _require_folder(configuration, files, placed)
    for placed in options_of(configuration, "managed-keys-directory"):
        _require_folder(configuration, files, placed, is_written=is_managed)
    is_main = posixpath.basename(configuration.main.path) == _NAME or not configuration.top
    is_known = configuration.is_refused or not configuration.is_whole
    if is_main and not (configuration.directory or is_known):
        # Started in / as another user than root, as services are, it does not start.
        configuration.has_doubt = True
        configuration.note(configuration.main, cannot_keep(_STARTED_ANYWHERE, fatal=False))


def _require_folder(
    conf: Configuration, files: Files, placed: Placed, *, is_written: bool = True
) -> None:
    path = conf.path(placed.values[0])
    status = files.folder(path, conf.main)
    if status is None:
        parent = posixpath.dirname(path.rstrip("/"))
        # What lies in / is on every system, wherever a tree was taken from.
        is_absent = parent not in {"", "/"} and files.is_absent(path, conf.main)
        if is_absent and not conf.main.inside:
            words = f"the {placed.name} {printable(path)} does not exist"
            conf.refuse(placed.location, placed.line, words, "an existing directory")
    elif is_written and not status.may_be_written:
        # Started as root and without -u, it would start.
        conf.has_doubt = True
        conf.note(placed.location, cannot_keep(_UNWRITABLE, fatal=False), placed.line)


_STARTED_ANYWHERE = (
    "options has no directory: named starts only if its user may write the directory in which it "
    "is started"
)
_UNWRITABLE = (
    "named does not start as a user other than root: it must be able to write its directory"
)


def require_one_kind(view: View, conf: Configuration) -> None:
    """Anchors of a zone are static or initial, and those of the root not static with auto."""
    initial = {one.entry.owner for one in view.entries if one.entry.is_initial}
    # The check is of the written word: without the setting, which means auto too, named starts.
    is_written = view.setting("dnssec-validation") is not None and is_auto(view)
    for entry, location in view.entries:
        if entry.is_initial:
            continue
        if entry.owner in initial:
            words = "it takes static or initial anchors of a zone, not both"
            conf.refuse(location, entry.line, words, "initial-ds alone")
        elif entry.is_root and is_written:
            words = "with dnssec-validation auto it takes no static anchor"
            conf.refuse(location, entry.line, words, "initial-ds, or dnssec-validation yes")


def require_known_words(view: View, conf: Configuration) -> None:
    """Algorithms, digests and zones by names that named knows."""
    for placed, words in unknown_words(view):
        conf.refuse(placed.location, placed.line, f"no such name: {printable(words)}", "a name")


def require_forwarders(conf: Configuration) -> None:
    """Forward says how, and forwarders to whom; with views, options are not held to it."""
    for block in [*conf.children("view")] or [*conf.children("options")]:
        names = {placed.name: placed for placed in block.children}
        if "forward" in names and "forwarders" not in names:
            words = "there is no forwarders statement beside forward"
            at = names["forward"]
            conf.refuse(at.location, at.line, words, "forwarders beside forward")


def require_root_keys(view: View, conf: Configuration) -> None:
    """With auto, named does not start where all keys that are built in are dropped."""
    disabled = disabled_algorithms(view)
    algorithms = {key.algorithm for key in KNOWN_KEYS}
    if is_auto(view) and algorithms <= disabled.keys():
        placed = disabled[min(algorithms)]
        words = "with dnssec-validation auto the root's keys are disabled"
        conf.refuse(placed.location, placed.line, words, "no such entry")


def require_new_statements(conf: Configuration) -> None:
    """What BIND 9.21.15 and newer do not know: managed-keys, trusted-keys and bindkeys-file."""
    blocks = [conf.top, *(view.children for view in conf.children("view"))]
    blocks.append(tuple(options_of(conf, _BINDKEYS)))
    every = [placed for block in blocks for placed in block]
    names = {placed.name for placed in every}
    for placed in every:
        if placed.name == "managed-keys" and "trust-anchors" in names:
            words = "it takes managed-keys or trust-anchors, not both"
            conf.refuse(placed.location, placed.line, words, "trust-anchors alone")
        if placed.name not in _OLD:
            continue
        if conf.version is not None and conf.version >= _WITHOUT_OLD:
            words = f"BIND 9.21.15 and newer have no {placed.name}"
            conf.refuse(placed.location, placed.line, words, "trust-anchors")
        elif placed.name != _BINDKEYS or (conf.version or _NEXT_TO_GO) > _NEXT_TO_GO:
            conf.note(placed.location, deprecated(placed.name), placed.line)
