"""Places x verified keys -> judged places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from anchors.auditing.compare import judge_anchor
from anchors.auditing.effects import Effect, effect_of, holding, is_needed, listed
from anchors.auditing.place import Held, Hold, Note, Place, Role, StateOfKey, Syntax
from anchors.auditing.programs import judge_program
from anchors.auditing.remedy import remedy_for
from anchors.auditing.result import Judged, JudgedPlace, Outcome, Standing
from anchors.auditing.together import Loaded, load_together
from anchors.auditing.verified import RootKey, VerifiedKeys
from anchors.checks import Check
from anchors.escape import printable
from anchors.formats.found import FoundDs
from anchors.model import Finding, Severity

__all__ = ["judge"]

_SHA1 = 1
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
# Those that could follow RFC 5011 by another statement; the others never do.
_COULD_FOLLOW = {Syntax.BIND, Syntax.UNBOUND, Syntax.KRESD_LUA}


def judge(places: Sequence[Place], keys: VerifiedKeys) -> list[JudgedPlace]:
    """Judge every place that has to do with anchors, with what its consumer loads beside it."""
    together = load_together(places)
    return [_judge(loaded, keys) for loaded in together if _matters(loaded)]


def _matters(loaded: Loaded) -> bool:
    """Whether there is an anchor, a word of one, or something to tell in it or beside it."""
    if loaded.part_of is not None:
        # What it names is told of the place that includes it.
        reading = loaded.place.reading
        return reading is None or bool(reading.held or reading.notes or loaded.place.notes)
    return any(_has_to_do(place) for place in (loaded.place, *loaded.beside))


def _has_to_do(place: Place) -> bool:
    reading = place.reading
    if reading is None or place.notes:
        return True
    names = any(named.role not in _ELSEWHERE for named in reading.references)
    return names or not reading.references or bool(reading.held or reading.notes)


def _judge(loaded: Loaded, keys: VerifiedKeys) -> JudgedPlace:
    place = loaded.place
    reading = place.reading
    if reading is None:
        return _finish(place, (), Effect(Outcome.UNDECIDED, None, _first_words(place)), place.notes)
    if reading.compiled is not None:
        program = judge_program(reading.compiled, keys)
        return _finish(place, (), program.effect, (*place.notes, *reading.notes, *program.notes))
    own = tuple(judge_anchor(held, keys.keys) for held in reading.held)
    beside = [judge_anchor(h, keys.keys) for p in loaded.beside for h in _held(p)]
    anchors = [*own, *beside]
    notes = [*place.notes, *reading.notes, *_anchor_notes(place, own, keys)]
    if loaded.part_of is not None:
        effect = _as_part(own, loaded.part_of)
    elif not anchors and (unmet := _unmet(notes, loaded.beside)):
        finding = unmet[0].finding
        if unmet[0] not in notes:
            # It is told of a file beside this one, whose line means nothing here.
            notes.append(unmet[0]._replace(line=None))
        words = f"holds no anchor itself: {finding.message}" if reading.references else ""
        effect = Effect(_outcome(unmet[0]), None, words or finding.message)
    else:
        trusted = _trusted(anchors, keys)
        effect = effect_of(trusted, anchors, keys)
        notes += _missing(trusted, anchors, keys, effect)
    return _finish(place, own, effect, notes)


def _unmet(own: Sequence[Note], beside: Sequence[Place]) -> list[Note]:
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


def _anchor_notes(place: Place, own: Sequence[Judged], keys: VerifiedKeys) -> Iterator[Note]:
    for judged in own:
        finding = _anchor_finding(place, judged, keys)
        if finding is not None:
            state = judged.held.state
            pending = finding.check is Check.AUDIT_PENDING and state is not None
            yield Note(finding, judged.held.line, state.until if pending and state else None)
    yield from _duplicates(own)
    yield from _sha1_alone(own)
    yield from _static(place, own)


def _anchor_finding(place: Place, judged: Judged, keys: VerifiedKeys) -> Finding | None:
    name, state = judged.name, judged.held.state
    if judged.standing is Standing.FOREIGN:
        return Finding(
            Check.AUDIT_FOREIGN,
            Severity.FAILURE if judged.held.effective else Severity.ALARM,
            f"{name} is no root key that IANA ever published",
            got=judged.fault or _shown(judged),
            want=listed([key.name for key in keys.current]),
            remedy="find out who put it there: who has its private key can forge every name",
        )
    if judged.standing is Standing.DAMAGED:
        needed = any(key.name == name and is_needed(key, keys) for key in keys.current)
        return Finding(
            Check.AUDIT_DAMAGED,
            Severity.FAILURE if needed else Severity.WARNING,
            f"{name} is damaged: no resolver notices before the root is signed by that key alone",
            got=judged.fault,
            want=f"the anchor of {name} as IANA published it",
            remedy=remedy_for(place),
        )
    if state is not None and state.state is StateOfKey.ADD_PENDING:
        return _pending(judged, state.until, keys)
    if not judged.held.effective or place.reading is None or place.reading.syntax is Syntax.XML:
        # IANA's document has its dates with it.
        return None
    return _out_of_time(judged)


def _pending(judged: Judged, until: datetime | None, keys: VerifiedKeys) -> Finding:
    day = f"until {until:%Y-%m-%d}" if until else "for 30 days from when it was first seen"
    over = until is not None and until <= keys.at
    return Finding(
        Check.AUDIT_PENDING,
        Severity.WARNING if over else Severity.NOTICE,
        f"{judged.name} is pending {day}: it is not trusted before",
        got="a hold-down that is over, and a key that is not trusted" if over else None,
        remedy="see whether the resolver runs and reaches the root servers" if over else None,
    )


def _out_of_time(judged: Judged) -> Finding | None:
    found = {
        Standing.NOT_YET: (Check.AUDIT_NOT_YET, Severity.NOTICE, "is held before its time"),
        Standing.RETIRED: (Check.AUDIT_RETIRED, Severity.WARNING, "is retired"),
        Standing.REVOKED: (Check.AUDIT_REVOKED, Severity.ALARM, "is revoked, and still trusted"),
    }.get(judged.standing)
    if found is None:
        return None
    check, severity, words = found
    remedy = None if severity is Severity.NOTICE else "remove it"
    return Finding(check, severity, f"{judged.name} {words}", got=judged.fault, remedy=remedy)


def _shown(judged: Judged) -> str:
    anchor = judged.held.anchor
    if isinstance(anchor, FoundDs):
        digest = anchor.digest.hex().upper()[:96]
        return f"DS {anchor.key_tag} {anchor.algorithm} {anchor.digest_type} {digest}"
    return f"DNSKEY {anchor.flags} {anchor.algorithm}, {len(anchor.public_key)} bytes of key"


def _duplicates(own: Sequence[Judged]) -> Iterator[Note]:
    count = Counter(judged.held.anchor._replace(statement=None) for judged in own)
    told = set()
    for judged in own:
        anchor = judged.held.anchor._replace(statement=None)
        if count[anchor] > 1 and anchor not in told:
            told.add(anchor)
            finding = Finding(
                Check.AUDIT_DUPLICATE,
                Severity.WARNING,
                f"{judged.name} is held {count[anchor]} times in the same form",
                remedy="keep one of them",
            )
            yield Note(finding, judged.held.line)


def _sha1_alone(own: Sequence[Judged]) -> Iterator[Note]:
    by_other = {j.name for j in own if not _is_sha1(j) and j.held.effective}
    for judged in own:
        if _is_sha1(judged) and judged.held.effective and judged.name not in by_other:
            finding = Finding(
                Check.AUDIT_SHA1,
                Severity.ALARM,
                f"{judged.name} is held by its SHA-1 digest alone: validators that refuse SHA-1 "
                "hold no anchor then",
                want="digest type 2 (SHA-256)",
                remedy="replace it by the SHA-256 digest",
            )
            yield Note(finding, judged.held.line)


def _is_sha1(judged: Judged) -> bool:
    anchor = judged.held.anchor
    return isinstance(anchor, FoundDs) and anchor.digest_type == _SHA1


def _static(place: Place, own: Sequence[Judged]) -> Iterator[Note]:
    first = next((j for j in own if j.held.hold is Hold.STATIC), None)
    if first is None or place.reading is None:
        return
    follows = place.reading.syntax in _COULD_FOLLOW
    finding = Finding(
        Check.AUDIT_STATIC,
        Severity.WARNING if follows else Severity.NOTICE,
        "static: at every roll of the root's key a person must replace it",
        remedy="use the consumer's RFC 5011 management, or watch for the next roll"
        if follows
        else None,
    )
    yield Note(finding, first.held.line)


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
    if effect.outcome in {Outcome.FAILS, Outcome.WILL_FAIL}:
        remedy = remedy_for(place)
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
