"""Places x verified keys -> judged places."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence

from anchors.auditing.anchor_notes import anchor_notes
from anchors.auditing.compare import judge_anchor
from anchors.auditing.effects import Effect, effect_of, holding, is_needed, listed
from anchors.auditing.named_views import by_view
from anchors.auditing.place import Held, Note, Place, Role, StateOfKey, Syntax
from anchors.auditing.programs import judge_program
from anchors.auditing.remedy import remedy_for
from anchors.auditing.result import Judged, JudgedPlace, Outcome, Standing
from anchors.auditing.together import Loaded, load_together
from anchors.auditing.validation import switched_on_in, validation_notes
from anchors.auditing.verified import RootKey, VerifiedKeys
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity

__all__ = ["judge"]

_SEVERITIES = [Severity.FAILURE, Severity.ALARM, Severity.WARNING, Severity.NOTICE]
_UNDECIDED = {
    Check.AUDIT_JOURNAL,
    Check.AUDIT_LIMIT,
    Check.AUDIT_MALFORMED,
    Check.AUDIT_NOT_FOLLOWED,
    Check.AUDIT_NOTHING,
    Check.AUDIT_UNREADABLE,
}
_LATER = {Check.AUDIT_MISSING, Check.AUDIT_DAMAGED}
# What names no anchors by itself.
_ELSEWHERE = {Role.INCLUDE, Role.STATE_DIRECTORY}


def judge(places: Sequence[Place], keys: VerifiedKeys) -> list[JudgedPlace]:
    """Judge every place that has to do with anchors, with what its consumer loads beside it."""
    on = switched_on_in(places)
    rows = [(loaded, [*validation_notes(loaded, on)]) for loaded in load_together(places)]
    # What is included by many is judged once.
    known = functools.cache(functools.partial(judge_anchor, keys=keys.keys))
    return [
        _judge(loaded, notes, keys, known) for loaded, notes in rows if notes or _matters(loaded)
    ]


def _matters(loaded: Loaded) -> bool:
    """Whether there is an anchor, a word of one, or something to tell in it or beside it."""
    if loaded.part_of is not None:
        # What it names is told of the place that includes it.
        reading = loaded.place.reading
        return reading is None or bool(reading.held or reading.notes or loaded.place.notes)
    return any(_has_to_do(place) for place in (loaded.place, *loaded.beside))


def _has_to_do(place: Place) -> bool:
    reading = place.reading
    if reading is None or place.notes or reading.held or reading.notes:
        return True
    names = any(named.role not in _ELSEWHERE for named in reading.references)
    if reading.syntax is Syntax.RESOLVED:
        # It may be there for another name, or to hide another file.
        return False
    return names or not (reading.references or reading.settings)


def _judge(
    loaded: Loaded,
    validation: Sequence[Note],
    keys: VerifiedKeys,
    known: Callable[[Held], Judged],
) -> JudgedPlace:
    place = loaded.place
    reading = place.reading
    if reading is None:
        return _finish(place, (), Effect(Outcome.UNDECIDED, None, _first_words(place)), place.notes)
    if reading.compiled is not None:
        program = judge_program(reading.compiled, keys)
        return _finish(place, (), program.effect, (*place.notes, *reading.notes, *program.notes))
    own = tuple(map(known, reading.held))
    notes = [*validation, *place.notes, *reading.notes]
    notes += anchor_notes(place.location, reading, own, keys)
    if loaded.part_of is not None:
        return _finish(place, own, _as_part(own, loaded.part_of), notes)
    anchors = [*own, *(known(held) for place in loaded.beside for held in _held(place))]
    if not anchors and (unmet := _in_the_way(notes, loaded.beside)):
        finding = unmet[0].finding
        if unmet[0] not in notes:
            # It is told of a file beside this one, whose line means nothing here.
            notes.append(unmet[0]._replace(line=None))
        words = f"holds no anchor itself: {finding.message}" if reading.references else ""
        effect = Effect(_outcome(unmet[0]), None, words or finding.message)
        return _finish(place, own, effect, notes)
    effect, missing = _effect(loaded, anchors, validation, keys)
    return _finish(place, own, effect, [*notes, *missing])


def _effect(
    loaded: Loaded, anchors: Sequence[Judged], validation: Sequence[Note], keys: VerifiedKeys
) -> tuple[Effect, list[Note]]:
    """What becomes of who loads the anchors, and what is missing among them."""
    reading = loaded.place.reading
    if not any(judged.held.effective for judged in anchors):
        if validation:
            return Effect(Outcome.RIGHT, None, "uses no anchor of the root"), []
        if reading is not None and reading.syntax is Syntax.RESOLVED:
            return Effect(Outcome.ATTENTION, None, _BUILT_IN), [Note(_WITHOUT_EFFECT)]
    effect, missing = _in_views(loaded, anchors, keys)
    is_off = any(note.finding.check is Check.AUDIT_VALIDATION for note in validation)
    if is_off and effect.outcome is not Outcome.RIGHT:
        effect = effect._replace(words=f"with validation on: {effect.words}")
    return effect, missing


_BUILT_IN = "systemd-resolved reads no anchor of the root here, and uses those built into it"
_WITHOUT_EFFECT = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    _BUILT_IN,
    want="an anchor of the root that is in force, or no such file",
    remedy="remove the file, or what hides it; or write the anchors that you want into it",
)


def _in_views(
    loaded: Loaded, anchors: Sequence[Judged], keys: VerifiedKeys
) -> tuple[Effect, list[Note]]:
    """The worst that becomes of a view, and what is missing in any; most have but one."""
    effects: list[Effect] = []
    notes: list[Note] = []
    views = by_view(loaded, anchors)
    for view, theirs in views:
        where = f"in view {printable(view)}: " if len(views) > 1 else ""
        trusted = _trusted(theirs, keys)
        effect = effect_of(trusted, theirs, keys)
        effects.append(effect._replace(words=where + effect.words))
        for note in _missing(trusted, theirs, keys, effect):
            message = where + note.finding.message
            notes.append(note._replace(finding=note.finding._replace(message=message)))
    return min(effects, key=lambda effect: list(Outcome).index(effect.outcome)), notes


def _in_the_way(own: Sequence[Note], beside: Sequence[Place]) -> list[Note]:
    """What keeps us from saying that there is no anchor, here or in what is loaded with it."""
    notes = [*own, *(note for place in beside for note in place.notes)]
    unmet = [note for note in notes if note.finding.check in _UNDECIDED]
    return sorted(unmet, key=_severity)


def _severity(note: Note) -> int:
    return _SEVERITIES.index(note.finding.severity)


def _held(place: Place) -> tuple[Held, ...]:
    return place.reading.held if place.reading else ()


def _trusted(anchors: Sequence[Judged], keys: VerifiedKeys) -> list[RootKey]:
    """The current keys that are in force, in the document's order."""
    names = {j.name for j in anchors if j.standing is Standing.CURRENT and j.held.effective}
    return [key for key in keys.current if key.name in names]


def _as_part(own: Sequence[Judged], main: Place) -> Effect:
    names = listed(list(dict.fromkeys(judged.name for judged in own))) or "no anchor itself"
    words = f"holds {names}, as a part of {printable(main.location.text)}"
    return Effect(Outcome.RIGHT, None, words)


def _first_words(place: Place) -> str:
    notes = sorted(place.notes, key=_severity)
    return notes[0].finding.message if notes else "it could not be read"


def _missing(
    trusted: Sequence[RootKey], anchors: Sequence[Judged], keys: VerifiedKeys, effect: Effect
) -> Iterator[Note]:
    if not trusted and not anchors:
        yield Note(Finding(Check.AUDIT_EMPTY, Severity.FAILURE, effect.words))
        return
    pending = {
        j.name
        for j in anchors
        if j.held.state is not None and j.held.state.state is StateOfKey.ADD_PENDING
    }
    damaged = {j.name for j in anchors if j.standing is Standing.DAMAGED}
    for key in keys.current:
        waits = key.name in pending and effect.outcome is Outcome.RIGHT
        if key in trusted or key.name in damaged or waits:
            continue
        needed = is_needed(key, keys)
        yield Note(
            Finding(
                Check.AUDIT_MISSING,
                Severity.FAILURE if needed else Severity.NOTICE,
                f"{key.name} is missing" if needed else f"{key.name} is not held, nor needed now",
                got=holding(trusted) if trusted else None,
                want=listed([other.name for other in keys.current]) if needed else None,
            ),
            None,
            effect.day if needed else None,
        )


def _finish(
    place: Place, own: tuple[Judged, ...], effect: Effect, notes: Iterable[Note]
) -> JudgedPlace:
    ordered = sorted(notes, key=_severity)
    worst = min([effect.outcome, *map(_outcome, ordered)], key=list(Outcome).index)
    words = effect.words
    if worst is not effect.outcome:
        decisive = next(note.finding for note in ordered if _outcome(note) is worst)
        if decisive.message not in words:
            words = f"{decisive.message}; {words}"
    remedy = next((note.finding.remedy for note in ordered if note.finding.remedy), None)
    if place.reading is not None and effect.outcome in {Outcome.FAILS, Outcome.WILL_FAIL}:
        remedy = remedy_for(place.location, place.reading)
    return JudgedPlace(place, own, worst, effect.day, words, remedy, tuple(ordered))


def _outcome(note: Note) -> Outcome:
    """What a finding alone makes of a place."""
    if note.finding.severity is Severity.FAILURE:
        # What is missing or damaged may not be needed yet: the effect of it says.
        return Outcome.WILL_FAIL if note.finding.check in _LATER else Outcome.FAILS
    if note.finding.severity is Severity.NOTICE:
        return Outcome.RIGHT
    if note.finding.check in _UNDECIDED:
        return Outcome.UNDECIDED
    return Outcome.ATTENTION
