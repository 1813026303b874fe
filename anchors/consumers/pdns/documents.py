"""The settings of a recursor: the old recursor.conf, and the YAML of version 5 with its parts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import NamedTuple

from anchors.consumers.pdns.deciding import deciding_options, deciding_settings
from anchors.consumers.pdns.known_sections import SECTIONS, fits
from anchors.consumers.pdns.known_settings import SETTINGS_OF_4, is_odd
from anchors.consumers.pdns.steps import (
    Add,
    AddNegative,
    Clear,
    ReadFile,
    Refusal,
    Step,
    Untellable,
    is_root,
)
from anchors.consumers.yaml_reading import line_of, value_at
from anchors.core.root_facts import KNOWN_KEYS
from anchors.grammars.option_lines import Option, parse_options
from anchors.grammars.yaml import Override, Scalar

__all__ = ["MODES", "Entries", "Settings", "Value", "of_document", "old_settings"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_OF_INTEREST = frozenset({"dnssec", "lua-config-file", "include-dir"})
_LIMIT = "max_signature_validations_per_query"
# 0 is no limit, and 30 the default; with a few, names fail that many signatures lead to.
_TOO_FEW = frozenset("123456789")
_CONFIG_DIR = "/etc/powerdns"
MODES = frozenset({"off", "process-no-validate", "process", "log-fail", "validate"})


class Value(NamedTuple):
    """A setting with its line; ``file`` counts the parts that were read, from 0."""

    text: str
    line: int
    file: int = 0


class Entries(NamedTuple):
    """A list of YAML: its steps, and whether it replaces those of the parts before it."""

    steps: tuple[tuple[int, Step], ...] = ()
    replaces: bool = False

    def after(self, before: Entries) -> Entries:
        """This list, read after another one."""
        return self if self.replaces else Entries((*before.steps, *self.steps), before.replaces)


class Settings(NamedTuple):
    """What counts of a part of a configuration, or of several; of YAML, its lists as well."""

    mode: Value | None = None
    lua: Value | None = None
    folder: Value | None = None
    anchors: Entries = Entries()
    negatives: Entries = Entries()
    anchor_file: Value | None = None
    refusals: tuple[tuple[int, Refusal], ...] = ()

    def then(self, part: Settings) -> Settings:
        """With a part that is read after these: lists go on, everything else is replaced."""
        return Settings(
            part.mode or self.mode,
            part.lua or self.lua,
            self.folder,
            part.anchors.after(self.anchors),
            part.negatives.after(self.negatives),
            part.anchor_file or self.anchor_file,
            (*self.refusals, *part.refusals),
        )

    @property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        """What is done with trust anchors, each with the number of its part: anchors, negatives."""
        anchors = self.anchors.steps
        cleared = tuple((file, step) for file, step in anchors if isinstance(step, Clear))
        rest = tuple((file, step) for file, step in anchors if not isinstance(step, Clear))
        read: tuple[tuple[int, Step], ...] = ()
        if self.anchor_file is not None and self.anchor_file.text:
            text, line, file = self.anchor_file
            read = ((file, ReadFile(line, text)),)
        return (*cleared[:1], *rest, *self.negatives.steps, *read)


def old_settings(content: bytes, file: int = 0) -> Settings:
    """Of a recursor.conf of version 4: what stands last counts."""
    found: dict[str, Option] = {}
    refusals: list[tuple[int, Refusal]] = []
    untold: list[tuple[int, Step]] = []
    for option in parse_options(content):
        name = option.name.removesuffix("+").rstrip(" \t")
        if name == "trustanchorfile":
            # 4.8.8 does not start with it, 5.4 with --enable-old-settings takes it.
            untold.append((file, Untellable(option.line, name)))
        elif option.value is None or _NAME.fullmatch(name) is None or _is_none(name):
            refusals.append((file, _no_setting(option)))
        elif name in _OF_INTEREST and option.name != name:
            # "Incremental setting without a parent", or a second word behind the first.
            refusals.append((file, _no_setting(option)))
        elif name not in SETTINGS_OF_4 or is_odd(name, option.value):
            untold.append((file, Untellable(option.line, name[:80])))
        found[name] = option
    untold += ((file, Untellable(line, name)) for name, line in deciding_options(found))
    limit = found.get(_LIMIT.replace("_", "-"))
    if limit is not None and limit.value in _TOO_FEW:
        untold.append((file, Untellable(limit.line, limit.name)))
    mode, lua, folder = (
        _value(found.get(name), file) for name in ("dnssec", "lua-config-file", "include-dir")
    )
    return Settings(mode, lua, folder, Entries(tuple(untold)), refusals=tuple(refusals))


def _is_none(name: str) -> bool:
    """Whether no version has such a setting: with the word in its name there are few."""
    return "trust" in name and name not in SETTINGS_OF_4


def _no_setting(option: Option) -> Refusal:
    words = "the recursor does not start: a line that is no setting"
    return Refusal(option.line, words, option.name[:80], "name=value")


def _value(option: Option | None, file: int) -> Value | None:
    return None if option is None else Value(option.value or "", option.line, file)


def of_document(document: object, file: int = 0) -> Settings:
    """Of YAML."""
    section = value_at(document, "dnssec")
    mode = value_at(section, "validation")
    if isinstance(mode, bool):
        # YAML 1.2, which the recursor reads, has no such booleans.
        mode_value: Value | None = Value(
            "on" if mode else "off", line_of(section, "validation") or 1, file
        )
    else:
        mode_value = _scalar(mode, file)
    lua = _scalar(value_at(document, "recursor", "lua_config_file"), file)
    folder = _scalar(value_at(document, "recursor", "include_dir"), file)
    return Settings(
        mode_value,
        lua,
        folder,
        Entries(
            (
                *_unknown(document, file),
                *((file, step) for step in _deciding(document)),
                *_entries(section, "trustanchors", file).steps,
            ),
            isinstance(value_at(section, "trustanchors"), Override),
        ),
        _entries(section, "negative_trustanchors", file),
        _scalar(value_at(section, "trustanchorfile"), file),
    )


def _unknown(document: object, file: int) -> Iterator[tuple[int, Step]]:
    """What 5.4 does not start with; another version may know it."""
    for section, settings in document.items() if isinstance(document, dict) else ():
        line = line_of(document, f"{section!s}") or 1
        if section not in SECTIONS or not isinstance(settings, dict | None):
            yield file, Untellable(line, f"{section!s:.40}")
            continue
        for name, value in (settings or {}).items():
            if name not in SECTIONS[section] or not fits(section, name, value):
                yield file, Untellable(line_of(settings, f"{name!s}") or line, f"{name!s:.40}")


def _deciding(document: object) -> Iterator[Step]:
    """What else decides whether 5.4 validates: algorithms, limits, and who knows the root."""
    section = value_at(document, "dnssec")
    algorithms = value_at(section, "disabled_algorithms")
    line = line_of(section, "disabled_algorithms") or 1
    for one in algorithms if isinstance(algorithms, list) else ():
        text = str(one)
        if not (text.isascii() and text.isdigit()):
            words = "the recursor does not start: disabled_algorithms has no number"
            yield Refusal(line, words, text[:40], "the number of an algorithm")
        elif int(text[:4]) in {key.algorithm for key in KNOWN_KEYS}:
            yield AddNegative(
                line, f"disabled_algorithms: {text[:4]}, the algorithm of", "no such entry"
            )
    limit = str(value_at(section, _LIMIT) or "")
    if limit in _TOO_FEW:
        yield Untellable(line_of(section, _LIMIT) or 1, _LIMIT)
    recursor = value_at(document, "recursor")
    folder = value_at(recursor, "config_dir")
    if folder is not None and posixpath.normpath(str(folder)) != _CONFIG_DIR:
        # 5.4 looks for a recursor.yml there, too, and ends where there is none.
        yield Untellable(line_of(recursor, "config_dir") or 1, "config_dir")
    for name, at in deciding_settings(document):
        yield Untellable(at, name)


def _scalar(value: object, file: int) -> Value | None:
    return Value(str(value), value.line, file) if isinstance(value, Scalar) else None


def _entries(section: object, name: str, file: int) -> Entries:
    entries = value_at(section, name)
    line = line_of(section, name) or 1
    if entries is None:
        return Entries()
    if not isinstance(entries, list):
        return Entries(((file, _misshapen(line, name)),))
    steps = tuple((file, step) for entry in entries for step in _entry(name, entry, line))
    return Entries(steps, isinstance(entries, Override))


_FIELDS = MappingProxyType(
    {
        "trustanchors": frozenset({"name", "dsrecords"}),
        "negative_trustanchors": frozenset({"name", "reason"}),
    }
)


def _misshapen(line: int, name: str) -> Refusal:
    words = f"the recursor does not start: {name} is not of the form that it takes"
    return Refusal(line, words, name, "a list of names with their records")


def _entry(name: str, entry: object, line: int) -> Iterator[Step]:
    zone = value_at(entry, "name")
    if zone is None and isinstance(entry, dict):
        # A name that is left out is the root's.
        zone = Scalar("")
        zone.line = line
    fields = {str(key) for key in entry} if isinstance(entry, dict) else set()
    if not isinstance(zone, Scalar) or not fields <= _FIELDS[name]:
        yield _misshapen(line, name)
    elif is_root(str(zone)) and name == "negative_trustanchors":
        yield AddNegative(zone.line, name)
    elif is_root(str(zone)):
        records = value_at(entry, "dsrecords")
        if records is not None and not isinstance(records, list):
            yield _misshapen(zone.line, name)
            return
        yield Clear(zone.line, name)
        for ds in records or ():
            is_text = isinstance(ds, Scalar)
            yield Add(ds.line, str(ds), name) if is_text else _misshapen(zone.line, name)
