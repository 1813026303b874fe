"""One row for each file: its anchors, and the outcome of the resolvers that use it."""

from __future__ import annotations

from collections.abc import Sequence

from anchors.auditing.detect import starts_nothing
from anchors.auditing.judge.anchor import Known
from anchors.auditing.judge.anchors import anchor_notes
from anchors.auditing.judge.consequence import Effect, effect_of
from anchors.auditing.judge.days import trusted_among
from anchors.auditing.judge.programs import judge_program
from anchors.auditing.judge.resolver import missing, telling
from anchors.auditing.judge.verdict import by_severity, in_the_way, verdict
from anchors.auditing.remedy import file_steps, in_one_line
from anchors.auditing.result import Judged, JudgedPlace, JudgedResolver, Outcome, Step
from anchors.consumers.files import Location
from anchors.consumers.loading import Used
from anchors.consumers.reading import Kind, Note, Place, Role, Syntax
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.words import listed
from anchors.pipeline.root_keys import VerifiedKeys

__all__ = ["Use", "judge_place"]

# The configuration itself and what is a part of it.
_PARTS = {Role.CONFIGURATION, Role.INCLUDE}
# Unlike a sample, what lies here is there for a program that need not be in the package.
_LOADED_FROM = ("etc/", "var/", "usr/share/dns/", "usr/share/dnssec-root/")
_COMMENTS = (b";", b"#", b"//")
Use = tuple[JudgedResolver, Used]


def judge_place(
    place: Place,
    uses: Sequence[Use],
    keys: VerifiedKeys,
    known: Known,
) -> JudgedPlace | None:
    """The row of a file; ``None`` if it has no result.

    Args:
        place: the file, as its own reader reads it.
        uses: the resolvers that use it, and how.
        keys: the verified keys.
        known: returns the state of an anchor.
    """
    own = [one for one in uses if one[0].location == place.location]
    if own:
        return _as_resolver(place, own[0], keys)
    if uses:
        return _as_used(place, uses, keys, known)
    return _loose(place, keys, known)


def _as_resolver(place: Place, use: Use, keys: VerifiedKeys) -> JudgedPlace:
    """The configuration of a resolver: what becomes of that, with all its findings."""
    resolver, _ = use
    notes = [_seen_from(resolver, one) for one in resolver.notes]
    told = tuple(
        note.finding
        for note, (_, own) in zip(notes, resolver.notes, strict=True)
        if own.finding in resolver.told
    )
    anchors = tuple(judged for where, judged in resolver.anchors if where == place.location)
    remedy = next((n.finding.remedy for n in notes if n.finding.remedy), None)
    by_anchors = resolver.outcome.is_failure and resolver.loaded.starts is not False
    if by_anchors and place.reading is not None and anchors:
        remedy = in_one_line(file_steps(place, keys.options))
    elif resolver.steps:
        remedy = in_one_line(resolver.steps)
    return JudgedPlace(
        place,
        anchors,
        resolver.outcome,
        resolver.day,
        resolver.summary,
        remedy,
        tuple(notes),
        told,
    )


def _seen_from(resolver: JudgedResolver, one: tuple[object, Note]) -> Note:
    """A finding as it is told of the configuration: with its file where that is another one."""
    location, note = one
    if location == resolver.location:
        return note
    where = f"line {note.line} of " if note.line else ""
    text = printable(getattr(location, "text", ""))
    got = f"{note.finding.got}, in {where}{text}" if note.finding.got else f"in {where}{text}"
    return note._replace(finding=note.finding._replace(got=got), line=None)


def _as_used(
    place: Place,
    uses: Sequence[Use],
    keys: VerifiedKeys,
    known: Known,
) -> JudgedPlace | None:
    """A file that resolvers name: by the one that it serves worst."""
    resolver, used = min(uses, key=lambda use: use[0].outcome.rank)
    own = tuple(map(known, used.held))
    syntax = place.reading.syntax if place.reading else None
    # The reader of the program may read what no other does.
    unread = place.notes if place.content is None else ()
    follows, could_follow = resolver.loaded.follows, _could_follow(resolver, place.location)
    notes = [
        *unread,
        *used.notes,
        *anchor_notes(own, keys, syntax=syntax, follows=follows, could_follow=could_follow),
    ]
    if used.role in _PARTS and not own and not notes:
        return None
    names = listed(list(dict.fromkeys(judged.name for judged in own))) or "no anchor of its own"
    main = printable(resolver.location.text)
    effect = Effect(Outcome.RIGHT, None, f"has {names}, as a part of {main}")
    if used.role not in _PARTS and not (own or in_the_way(notes)):
        effect = effect._replace(words=f"has no anchor for {main}")
        if _is_empty(place.content) and not _has_anchors(resolver):
            empty = Finding(Check.AUDIT_EMPTY, Severity.WARNING, effect.words)
            effect = effect._replace(outcome=Outcome.ATTENTION, tells=(empty,))
            notes.append(Note(empty))
    if used.role not in _PARTS and own and resolver.outcome.is_failure:
        effect = effect_of(trusted_among(own, keys), own, keys)
        lacking = [*missing(own, keys, effect)]
        effect, notes = telling(effect, lacking), [*notes, *lacking]
    return _row(place, own, effect, notes, keys)


def _could_follow(resolver: JudgedResolver, location: Location) -> bool:
    """Whether static anchors of the file were told of the resolver as such that could follow."""
    return any(
        where == location
        and note.finding.check is Check.AUDIT_STATIC
        and note.finding.severity is Severity.WARNING
        for where, note in resolver.notes
    )


def _has_anchors(resolver: JudgedResolver) -> bool:
    """Whether the resolver has any other anchor, or the keys of its program."""
    has_own = any(judged.held.effective for _, judged in resolver.anchors)
    return has_own or resolver.loaded.built_in is not None


def _is_empty(content: bytes | None) -> bool:
    """Whether nothing but comments is in it: what has something may serve another zone."""
    lines = map(bytes.strip, (content or b"").splitlines())
    return content is not None and all(not line or line.startswith(_COMMENTS) for line in lines)


def _loose(place: Place, keys: VerifiedKeys, known: Known) -> JudgedPlace | None:
    """A file that nothing found here loads: it fails nobody that we know of."""
    reading = place.reading
    if reading is None:
        first = by_severity(place.notes)[:1]
        words = first[0].finding.message if first else "it could not be read"
        tells = tuple(note.finding for note in first)
        return _row(place, (), Effect(Outcome.UNDECIDED, None, words, tells), place.notes, keys)
    if reading.compiled is not None:
        program = judge_program(reading.compiled, keys)
        told = (*place.notes, *reading.notes, *program.notes)
        return _row(place, (), program.effect, told, keys)
    own = tuple(map(known, reading.held))
    notes = [*place.notes, *reading.notes]
    notes += anchor_notes(own, keys, syntax=reading.syntax, follows=None)
    if not own:
        return _loose_without_anchors(place, reading.syntax, notes, keys)
    effect = effect_of(trusted_among(own, keys), own, keys)
    lacking = [_milder(note) for note in missing(own, keys, effect)]
    effect = telling(effect, lacking)
    if effect.outcome.is_failure:
        packed = _is_shipped_to_be_loaded(place.location)
        where = "in this package" if packed else "found here"
        words = f"no resolver {where} loads it; a resolver that loads it {effect.words}"
        outcome = Outcome.UNDECIDED if packed else Outcome.ATTENTION
        effect = Effect(outcome, effect.day, words, effect.tells)
    milder = [_milder(note) for note in notes]
    return _row(place, own, effect, [*milder, *lacking], keys)


def _is_shipped_to_be_loaded(location: Location) -> bool:
    """Whether a package puts the file where programs of other packages load it from."""
    return location.is_packaged and location.path.removeprefix("./").startswith(_LOADED_FROM)


def _loose_without_anchors(
    place: Place, syntax: Syntax, notes: Sequence[Note], keys: VerifiedKeys
) -> JudgedPlace | None:
    """A file of anchors that holds none is told as one; a configuration needs none."""
    if syntax.kind is Kind.CONFIGURATION and starts_nothing(place.location):
        return None
    effect = Effect(Outcome.ATTENTION, None, "has no anchor of the root")
    lacking: list[Note] = []
    if syntax.kind is Kind.ANCHORS and not in_the_way(notes):
        lacking = [Note(Finding(Check.AUDIT_EMPTY, Severity.ALARM, effect.words))]
    elif not notes:
        return None
    return _row(place, (), telling(effect, lacking), [*notes, *lacking], keys)


def _milder(note: Note) -> Note:
    """A finding about a key that nobody is known to use; a file that nobody can read stays one."""
    finding = note.finding
    is_of_keys = finding.check.id.removeprefix("audit.") in _OF_KEYS
    if finding.severity is not Severity.FAILURE or not is_of_keys:
        return note
    return note._replace(finding=finding._replace(severity=Severity.ALARM))


_OF_KEYS = {"missing", "damaged", "foreign"}


def _row(
    place: Place,
    own: tuple[Judged, ...],
    effect: Effect,
    notes: Sequence[Note],
    keys: VerifiedKeys,
) -> JudgedPlace:
    judged = verdict(effect, notes)
    steps: Sequence[Step] = [Step(judged.remedy, is_command=False)] if judged.remedy else []
    if effect.outcome.is_failure or (effect.day is not None and own):
        steps = file_steps(place, keys.options) or steps
    return JudgedPlace(
        found=place,
        anchors=own,
        outcome=judged.outcome,
        day=effect.day,
        summary=judged.words,
        remedy=in_one_line(steps) or None,
        notes=judged.notes,
        told=judged.told,
        steps=tuple(steps),
    )
