"""The views of a named.conf: which anchors each has, and whether it validates with them.

An anchor that stands outside every view is held by each of them (measured with BIND 9.18 and 9.20
by ``rndc secroots``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from anchors.auditing.place import Held, Hold, Note, Place, Role, Setting, Syntax
from anchors.auditing.result import Judged
from anchors.auditing.switched import noted, refused, shown, switched_off
from anchors.auditing.together import Loaded

__all__ = ["by_view", "named_notes"]

_VALIDATION = "dnssec-validation"
_OFF = {
    _VALIDATION: ("no", "", "dnssec-validation auto"),
    "validate-except": (".", "", "no such entry"),
    "dnssec-enable": (
        "no",
        "with which BIND before 9.16 validates nothing, and since 9.18 does not start",
        "no such statement",
    ),
}
_NO_ANCHOR = (
    "and no anchor of the root: named takes its built-in ones with auto alone, and BIND 9.20 does "
    "not start without any"
)


def by_view(loaded: Loaded, anchors: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """The anchors of each view that has any; of those without their own, of one view alone."""
    own: dict[str, list[Judged]] = defaultdict(list)
    for judged in anchors:
        own[judged.held.view].append(judged)
    everywhere = own.pop("", [])
    if not own:
        return [("", everywhere)]
    views = [(view, [*everywhere, *theirs]) for view, theirs in own.items()]
    others = (view for view in _Named(loaded).views if view not in own)
    return views + [(view, everywhere) for view in others if everywhere][:1]


def named_notes(loaded: Loaded) -> list[Note]:
    """What switches validation off in a view, and what named does not start with."""
    named = _Named(loaded)
    notes = (note for view in named.views for note in named.notes(view))
    # What stands outside of the views is found in each.
    return [*dict.fromkeys(notes)]


class _Named:
    """A named.conf with its parts; the empty view is all of them."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.settings: dict[tuple[str, str], tuple[Place, Setting]] = {}
        self.held: dict[tuple[str, Hold], tuple[Place, Held]] = {}
        included = 0
        for place in loaded.whole:
            reading = place.reading
            if reading is None or reading.syntax is not Syntax.BIND:
                continue
            included += sum(named.role is Role.INCLUDE for named in reading.references)
            self.settings |= {(s.name, s.view): (place, s) for s in reading.settings}
            for held in reading.held:
                self.held.setdefault((held.view, held.hold), (place, held))
        # Else another file may have what is not here.
        self.is_complete = included <= len(loaded.parts)
        self.views = [view for name, view in self.settings if name == "view"] or [""]

    def notes(self, view: str) -> Iterator[Note]:
        yield from self._refusals(view)
        yield from self._switches(view)

    def _setting(self, name: str, view: str) -> tuple[Place, Setting] | None:
        """A setting as a view has it: its own before that of all."""
        return self.settings.get((name, view)) or self.settings.get((name, ""))

    def _first(self, hold: Hold, view: str) -> tuple[Place, Held] | None:
        return self.held.get((view, hold)) or self.held.get(("", hold))

    def _refusals(self, view: str) -> Iterator[Note]:
        static = self._first(Hold.STATIC, view)
        if static is None:
            return
        place, held = static
        setting = Setting(held.anchor.statement or "trusted-keys", ".", held.line)
        if self._first(Hold.SEED, view) is not None:
            words = "named does not start: it takes static or initial anchors of the root, not both"
            yield noted(self.loaded, place, setting, refused(words, setting, "initial-ds alone"))
        validation = self._setting(_VALIDATION, view)
        if validation is not None and validation[1].value == "auto":
            words = "named does not start: with dnssec-validation auto it takes no static anchor"
            wanted = "initial-ds, or dnssec-validation yes"
            yield noted(self.loaded, place, setting, refused(words, setting, wanted))

    def _switches(self, view: str) -> Iterator[Note]:
        recursion = self._setting("recursion", view)
        if recursion is not None and recursion[1].value == "no":
            # There is nothing to validate.
            return
        for name, (value, words, instead) in _OFF.items():
            found = self._setting(name, view)
            if found is not None and found[1].value == value:
                yield noted(self.loaded, *found, switched_off(shown(found[1]), instead, words))
        found = self._setting(_VALIDATION, view)
        if found is not None and found[1].value == "yes" and self._has_none(view):
            finding = switched_off(shown(found[1]), "dnssec-validation auto", _NO_ANCHOR)
            yield noted(self.loaded, *found, finding)

    def _has_none(self, view: str) -> bool:
        """Whether a view has no anchor of the root, and no other file may have one for it."""
        has = self._first(Hold.STATIC, view) or self._first(Hold.SEED, view)
        return has is None and self.is_complete
