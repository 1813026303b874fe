"""Loaded x verified keys -> the outcome of one resolver, today and on each planned day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchors.auditing.judge.anchor import Known
from anchors.auditing.judge.anchors import anchor_notes
from anchors.auditing.judge.consequence import Effect, effect_of, holding
from anchors.auditing.judge.days import planned_days, trusted_among
from anchors.auditing.judge.verdict import in_the_way, outcome_of, verdict, worst
from anchors.auditing.remedy import steps_for, steps_to_load
from anchors.auditing.result import Judged, JudgedResolver, Outcome, Running, Standing
from anchors.consumers.files import Location
from anchors.consumers.loading import BuiltIn, Loaded
from anchors.consumers.reading import Note, StateOfKey, Syntax
from anchors.consumers.registry import consumer_named
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.words import listed
from anchors.pipeline.root_keys import VerifiedKeys, is_needed

__all__ = ["judge_resolver", "missing", "telling"]


def judge_resolver(
    loaded: Loaded,
    keys: VerifiedKeys,
    known: Known,
    syntaxes: dict[Location, Syntax],
    running: Running | None = None,
) -> JudgedResolver:
    """Judge one resolver.

    Args:
        loaded: what the program does with its files.
        keys: the verified keys.
        known: returns the state of an anchor.
        syntaxes: the syntax of each of its files, as far as it is known.
        running: the running program with these files, if it was asked.
    """
    title = consumer_named(loaded.consumer).title
    anchors = tuple((where, known(held)) for where, held in loaded.held)
    notes = [*_notes(loaded, anchors, keys, syntaxes)]
    effect, lacking = _effect(loaded, [judged for _, judged in anchors], keys, notes)
    notes += [(loaded.location, note) for note in lacking]
    by_files = verdict(effect, [note for _, note in notes])
    notes += [(loaded.location, note) for note in (running.notes if running else ())]
    judged = verdict(effect, [note for _, note in notes])
    order = {id(note): at for at, note in enumerate(judged.notes)}
    resolver = JudgedResolver(
        loaded=loaded,
        title=title,
        anchors=anchors,
        outcome=judged.outcome,
        day=effect.day,
        summary=judged.words,
        steps=(),
        notes=tuple(sorted(notes, key=lambda one: order[id(one[1])])),
        days=planned_days(loaded, [judged for _, judged in anchors], by_files.outcome, keys),
        told=judged.told,
        running=running,
    )
    is_stale = running is not None and running.agrees is False
    if is_stale and not by_files.outcome.is_failure:
        return resolver._replace(steps=steps_to_load(resolver))
    return resolver._replace(steps=steps_for(resolver, syntaxes, judged.remedy, keys.options))


def _notes(
    loaded: Loaded,
    anchors: Sequence[tuple[Location, Judged]],
    keys: VerifiedKeys,
    syntaxes: dict[Location, Syntax],
) -> Iterator[tuple[Location, Note]]:
    main = syntaxes.get(loaded.configuration) if loaded.configuration else None
    could_follow = main is not None and main.files_could_follow
    for used in loaded.used:
        for note in used.notes:
            yield used.location, note
        own = [judged for where, judged in anchors if where == used.location]
        syntax = syntaxes.get(used.location)
        for note in anchor_notes(
            own, keys, syntax=syntax, follows=loaded.follows, could_follow=could_follow
        ):
            yield used.location, note
    if loaded.built_in is not None:
        yield loaded.location, Note(_built_in(loaded.built_in))


def _built_in(built_in: BuiltIn) -> Finding:
    return Finding(
        Check.AUDIT_BUILT_IN,
        Severity.WARNING,
        f"it uses the keys that are built into {built_in.program}, and that program was not found "
        "here",
        got=built_in.lacking,
        want="the program below the audited paths, or configured anchors",
        remedy=f"check which version of {built_in.program} runs, or audit the whole system",
    )


def _effect(
    loaded: Loaded,
    anchors: Sequence[Judged],
    keys: VerifiedKeys,
    notes: Sequence[tuple[Location, Note]],
) -> tuple[Effect, list[Note]]:
    """What becomes of the resolver by its anchors, and what is missing among them."""
    told = [note for _, note in notes]
    if loaded.starts is False:
        return _refused(told), []
    if not any(judged.held.effective for judged in anchors):
        effect = _without_anchors(loaded, told)
        if effect is not None:
            return effect, []
    effect, lacking = _in_views(loaded, anchors, keys)
    saved = _saved_by(loaded)
    if saved and effect.outcome is not Outcome.RIGHT:
        words = saved.format(effect.words)
        milder = [_milder(note) for note in lacking]
        return telling(Effect(Outcome.ATTENTION, effect.day, words), milder), milder
    if None in {loaded.starts, loaded.validates} and effect.outcome is not Outcome.FAILS:
        return _undecided(loaded, effect, told), lacking
    return effect, lacking


def _refused(told: Sequence[Note]) -> Effect:
    """The effect of a program that does not start; a model may tell that nothing is lost by it."""
    failures = [note.finding for note in told if outcome_of(note) is Outcome.FAILS]
    mild = [note.finding for note in told if note.finding.check is Check.AUDIT_REFUSED]
    outcome = Outcome.ATTENTION if mild and not failures else Outcome.FAILS
    first = (failures or mild)[:1]
    words = first[0].message if first else "the program does not start"
    return Effect(outcome, None, words, tuple(first))


def _undecided(loaded: Loaded, effect: Effect, told: Sequence[Note]) -> Effect:
    """The effect of the anchors where nobody can tell whether they are used, and why."""
    outcome = worst([effect.outcome, Outcome.UNDECIDED])
    unmet = in_the_way(told)
    if unmet:
        first = unmet[0].finding
        words = f"{first.message}; {effect.words}"
        return effect._replace(outcome=outcome, words=words, tells=(*effect.tells, first))
    what = "starts" if loaded.starts is None else "validates"
    words = f"it is unknown whether it {what}; {effect.words}"
    return effect._replace(outcome=outcome, words=words)


def _without_anchors(loaded: Loaded, told: Sequence[Note]) -> Effect | None:
    """What becomes of a resolver with no anchor in force, where that is not simply a failure."""
    if loaded.built_in is not None:
        words = f"uses the keys that are built into {loaded.built_in.program}"
        effect = Effect(Outcome.RIGHT, None, words)
        return _undecided(loaded, effect, told) if loaded.starts is None else effect
    unmet = in_the_way(told)
    if unmet:
        first = unmet[0].finding
        words = f"has no anchor of its own: {first.message}"
        return Effect(outcome_of(unmet[0]), None, words, (first,))
    if loaded.validates is False:
        return Effect(Outcome.ATTENTION, None, f"{_why_off(told)}uses no anchor of the root")
    return None


def _why_off(told: Sequence[Note]) -> str:
    """What switches validation off, in front of other words."""
    off = (note.finding.message for note in told if note.finding.check is Check.AUDIT_VALIDATION)
    return "".join(f"{message}; " for message in [*off][:1])


def _saved_by(loaded: Loaded) -> str:
    """Why the resolver may work with anchors that are not enough, around the words for these."""
    if loaded.built_in is not None:
        return "{}, unless the program has another key built in"
    return "with validation on: {}" if loaded.validates is False else ""


def _milder(note: Note) -> Note:
    finding = note.finding
    if finding.severity is not Severity.FAILURE:
        return note
    return note._replace(finding=finding._replace(severity=Severity.WARNING))


def _in_views(
    loaded: Loaded, anchors: Sequence[Judged], keys: VerifiedKeys
) -> tuple[Effect, list[Note]]:
    """The worst that becomes of a view, and what is missing in any; most have but one."""
    effects: list[Effect] = []
    notes: list[Note] = []
    sets = _sets(loaded, anchors)
    for view, theirs in sets:
        where = f"in view {printable(view)}: " if len(sets) > 1 else ""
        effect = effect_of(trusted_among(theirs, keys), theirs, keys)
        lacking = [_in(where, note) for note in missing(theirs, keys, effect)]
        effects.append(telling(effect._replace(words=where + effect.words), lacking))
        notes += lacking
    return min(effects, key=lambda effect: effect.outcome.rank), notes


def _in(where: str, note: Note) -> Note:
    return note._replace(finding=note.finding._replace(message=where + note.finding.message))


def _sets(loaded: Loaded, anchors: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """The anchors of each view that has any of its own; what stands outside of views is in each."""
    if not loaded.views:
        return [("", list(anchors))]
    return [
        (view, [judged for judged in anchors if judged.held.view in {"", view}])
        for view in loaded.views
    ]


def telling(effect: Effect, lacking: Sequence[Note]) -> Effect:
    """The effect, which tells by its words that there is no anchor where that is a finding too."""
    empty = (note.finding for note in lacking if note.finding.check is Check.AUDIT_EMPTY)
    return effect._replace(tells=(*effect.tells, *empty))


def missing(anchors: Sequence[Judged], keys: VerifiedKeys, effect: Effect) -> Iterator[Note]:
    """Which current keys are missing among some anchors, and whether that matters."""
    trusted = trusted_among(anchors, keys)
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
                f"{key.name} is missing"
                if needed
                else (f"{key.name} is missing, but is not needed now"),
                got=holding(trusted) if trusted else None,
                want=listed([other.name for other in keys.current]) if needed else None,
            ),
            None,
            effect.day if needed else None,
        )
