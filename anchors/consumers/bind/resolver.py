"""One named: what it holds in each view, whether it starts, validates and follows a roll.

Tried on BIND 9.18.49 and 9.20.30, unless a rule says otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.bind.answering import doubts
from anchors.consumers.bind.bindkeys import BindKeys, default_bindkeys, read_bindkeys
from anchors.consumers.bind.built_in import BUILT_IN, program
from anchors.consumers.bind.configuration import Configuration
from anchors.consumers.bind.held import held_of, without_common_views
from anchors.consumers.bind.requirements import (
    options_of,
    require_folders,
    require_forwarders,
    require_known_words,
    require_new_statements,
    require_one_kind,
    require_root_keys,
)
from anchors.consumers.bind.rules import (
    ALL_FAIL,
    BINDKEYS_UNUSED,
    DECIDED_BY_STATE,
    STATE_OR_NOT,
    no_anchor,
)
from anchors.consumers.bind.state_files import State, state_of
from anchors.consumers.bind.validation import (
    disabled_algorithms,
    disabled_digests,
    is_auto,
    mode_of,
    switches,
)
from anchors.consumers.bind.views import PlacedEntry, View, views_of
from anchors.consumers.bind.zones import require_zones
from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import Loaded, Used, not_found
from anchors.consumers.reading import Held, Hold, Note, Place, Role
from anchors.core.found import FoundDs
from anchors.core.records import dnskey, key_tag

__all__ = ["Resolver"]

# From these versions on: yes needs a statement with anchors; states are kept with auto alone.
_STRICT_YES = _STATE_WITH_AUTO_ALONE = (9, 20, 0)


class Resolver:
    """A configuration with all that named uses with it."""

    def __init__(
        self, configuration: Configuration, found: Sequence[Place], files: Files, at: datetime
    ) -> None:
        """Run through the start of named; :meth:`loaded` tells what came out."""
        self._conf = configuration
        self._files, self._at = files, at
        self._version = configuration.version
        self._program = program(found, configuration.main)
        self._held: list[tuple[Location, Held]] = []
        self._used: list[Used] = []
        self._follows: list[bool | None] = []
        self._validates: list[bool | None] = []
        self._needs_built_in = False
        self._views = views_of(configuration)
        self._bindkeys = self._read_bindkeys()
        require_folders(configuration, files, is_managed=self._is_auto())
        require_forwarders(configuration)
        require_zones(configuration)
        for view in self._views:
            require_known_words(view, configuration)
            self._start(view)
        require_new_statements(configuration)

    def loaded(self) -> Loaded:
        """What named does."""
        conf = self._conf
        starts: bool | None = conf.is_whole or None
        if conf.is_refused:
            starts = False
        elif conf.has_doubt:
            starts = None
        one = len({*self._follows}) == 1
        every = tuple(self._all_used())
        names = tuple(view.name for view in self._views if view.name)
        own = {held.view for used in every for held in used.held} - {""}
        return Loaded(
            "bind",
            conf.main,
            every,
            starts,
            _worst(self._validates),
            self._follows[0] if one else None,
            names if own else (),
            BUILT_IN if self._needs_built_in and self._program is None else None,
        )

    def _all_used(self) -> Iterator[Used]:
        """The files, each with its anchors and notes; an anchor of every view is told once."""
        conf = self._conf
        held: dict[Location, list[Held]] = defaultdict(list)
        for place, one in without_common_views(self._held, [view.name for view in self._views]):
            held[place].append(one)
        notes: dict[Location, list[Note]] = defaultdict(list)
        for place, note in conf.notes:
            notes[place].append(note)
        roles = {
            place: Role.CONFIGURATION if place == conf.main else Role.INCLUDE
            for place in conf.parts
        }
        if self._bindkeys is not None:
            roles.setdefault(self._bindkeys.location, Role.SEED)
        for place, role in roles.items():
            yield Used(place, role, tuple(held[place]), tuple(dict.fromkeys(notes[place])))
        if self._needs_built_in and self._program is not None:
            yield self._program._replace(held=tuple(held[self._program.location]))
        yield from self._used

    # What it reads

    def _read_bindkeys(self) -> BindKeys | None:
        """The bindkeys-file; ``None``: there is none, and the built-in keys are used."""
        conf = self._conf
        setting = next(options_of(conf, "bindkeys-file"), None)
        file: File | None
        if setting is None:
            file = default_bindkeys(conf.main, self._files, self._version)
        else:
            path = conf.path(setting.values[0])
            file = self._files.find(path, conf.main)
            if file is None and not self._files.is_absent(path, conf.main):
                finding = not_found(path, Role.SEED, inside=conf.main.inside)
                if self._is_auto():
                    conf.note(setting.location, finding, setting.line)
        if file is None:
            return None
        keys = read_bindkeys(file, self._files)
        if not self._is_auto():
            # A bind.keys beside it that nobody names is no part of it.
            if setting is None:
                return None
            conf.note(file.location, BINDKEYS_UNUSED)
            ignored = (held._replace(hold=Hold.IGNORED) for held in keys.held)
            self._held += ((file.location, held) for held in ignored)
            return keys
        for note in keys.notes:
            conf.notes.append((file.location, note))
        if keys.refusal is not None:
            conf.refuse(file.location, keys.refusal.line, keys.refusal.why, "the root's anchors")
        return keys

    def _is_auto(self) -> bool:
        return any(is_auto(view) for view in self._views)

    # What it does, view by view

    def _start(self, view: View) -> None:
        require_one_kind(view, self._conf)
        require_root_keys(view, self._conf)
        auto = is_auto(view)
        mode = mode_of(view)
        used = [(one.location, held) for one in view.root for held in self._held_in(view, one)]
        built_in = False
        if auto:
            keys = self._bindkeys
            if keys is not None and keys.held:
                held = [one._replace(view=view.name) for one in keys.held]
                # It may be included too.
                placed = [(keys.location, one) for one in held]
                own_ones = {*used}
                used += (one for one in placed if one not in own_ones)
                if any(one.hold is Hold.STATIC for one in held):
                    # Static ones there make static ones of all.
                    used = [(place, _static(one)) for place, one in used]
            elif keys is None or keys.refusal is None:
                built_in = True
                if self._program is not None:
                    used += (
                        (self._program.location, held._replace(view=view.name))
                        for held in self._program.held
                    )
        used = self._without_disabled(view, used)
        is_static = not built_in and any(held.hold is Hold.STATIC for _, held in used)
        state = self._state(view, mode, used, is_static=is_static, built_in=built_in)
        if state is not None and state.decides:
            used = [(place, _ignored(held)) for place, held in used]
            for place in dict.fromkeys(place for place, _ in used):
                self._conf.note(place, DECIDED_BY_STATE)
            built_in = False
        self._needs_built_in = self._needs_built_in or built_in
        self._held += used
        self._follows.append(self._follows_in(view, mode, is_static=is_static))
        self._validates.append(self._validates_in(view, mode, built_in, used, state))
        if view.recurses and mode != "no":
            self._doubt(view)

    def _doubt(self, view: View) -> None:
        for placed, finding in doubts(view):
            self._conf.note(placed.location, finding, placed.line)
            self._validates.append(None)

    def _held_in(self, view: View, one: PlacedEntry) -> Iterator[Held]:
        held, notes = held_of([one.entry], view.name)
        for note in notes:
            self._conf.notes.append((one.location, note))
        yield from held

    def _without_disabled(
        self, view: View, used: list[tuple[Location, Held]]
    ) -> list[tuple[Location, Held]]:
        """Named drops the anchors of an algorithm that is disabled for the root."""
        off = disabled_algorithms(view)
        return [
            (place, _ignored(held) if held.anchor.algorithm in off else held)
            for place, held in used
        ]

    def _state(
        self,
        view: View,
        mode: str,
        used: Sequence[tuple[Location, Held]],
        *,
        is_static: bool,
        built_in: bool,
    ) -> State | None:
        """The RFC 5011 state, if named keeps one for the view."""
        conf = self._conf
        if is_static or not (used or built_in):
            return None
        if mode != "auto" and (self._version or (9, 18, 0)) >= _STATE_WITH_AUTO_ALONE:
            return None
        directory = conf.directory
        for placed in options_of(conf, "managed-keys-directory"):
            directory = conf.path(placed.values[0])
        if not directory:
            # Where named was started: nobody can tell.
            return None
        state = state_of(view.name, directory, self._files, conf.main, self._at)
        if state is None:
            return None
        self._used += (one for one in state.used if one not in self._used)
        if mode != "auto" and self._version is None and state.decides:
            return self._perhaps(state, used)
        return state

    def _perhaps(self, state: State, used: Sequence[tuple[Location, Held]]) -> State:
        """With yes, BIND 9.18 goes by its state and 9.20 does not: which is there, nobody knows."""
        tags = {_tag(held) for one in state.used for held in one.held if held.effective}
        if tags != {_tag(held) for _, held in used if held.effective}:
            self._conf.note(state.used[0].location, STATE_OR_NOT)
            self._validates.append(None)
        return state

    def _follows_in(self, view: View, mode: str, *, is_static: bool) -> bool | None:
        if is_static:
            return False
        if mode == "auto" or self._version is None:
            return True if mode == "auto" else None
        return self._version < _STATE_WITH_AUTO_ALONE and bool(view.root)

    def _validates_in(
        self,
        view: View,
        mode: str,
        built_in: bool,  # noqa: FBT001 - one of several answers
        used: Sequence[tuple[Location, Held]],
        state: State | None,
    ) -> bool | None:
        if self._conf.is_refused:
            return None
        if mode == "yes" and self._conf.is_whole:
            self._strict(view)
        told = [*switches(view)] if view.recurses else []
        for placed, finding in told:
            self._conf.note(placed.location, finding, placed.line)
        if mode == "no" or told:
            return False
        held = [held for _, held in used]
        if state is not None and state.decides:
            held = [one for part in state.used for one in part.held]
        if any(one.effective for one in held) and view.recurses:
            disabled = disabled_digests(view, held)
            if disabled is not None:
                self._conf.note(disabled.location, ALL_FAIL, disabled.line)
        decides = state is not None and state.decides
        has_any = built_in or decides or any(one.effective for one in held)
        if not has_any and mode == "yes" and self._conf.is_whole and view.recurses:
            setting = view.setting("dnssec-validation")
            if setting is not None:
                self._conf.note(setting.location, no_anchor(setting.values[0]), setting.line)
        return has_any if self._conf.is_whole else (has_any or None)

    def _strict(self, view: View) -> None:
        setting = view.setting("dnssec-validation")
        if view.has_statement:
            return
        if self._version is None:
            self._conf.has_doubt = True
        elif setting is not None and self._version >= _STRICT_YES:
            words = "dnssec-validation yes needs a trust-anchors statement"
            self._conf.refuse(setting.location, setting.line, words, "dnssec-validation auto")


def _ignored(held: Held) -> Held:
    return held._replace(hold=Hold.IGNORED)


def _static(held: Held) -> Held:
    return held._replace(hold=Hold.STATIC) if held.hold is Hold.SEED else held


def _tag(held: Held) -> int:
    anchor = held.anchor
    if isinstance(anchor, FoundDs):
        return anchor.key_tag
    return key_tag(dnskey(anchor.flags, anchor.algorithm, anchor.public_key))


def _worst(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True
