"""The remedy for a file or a resolver; its commands change no file in place."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from anchors.auditing.result import JudgedResolver, Outcome, Step
from anchors.consumers.files import Location
from anchors.consumers.reading import Place, Role, Syntax
from anchors.consumers.registry import REGISTRY, consumer_named
from anchors.core.checks import Check
from anchors.core.escape import printable

__all__ = ["file_steps", "in_one_line", "steps_for", "steps_to_load"]

_NAMED_FILES = {Role.STATIC, Role.MANAGED, Role.SEED, Role.TRUSTED_KEYS, Role.STATE}


def file_steps(place: Place, options: Sequence[str]) -> tuple[Step, ...]:
    """The remedy for the anchors of a file; empty if no format can replace them."""
    reading = place.reading
    if reading is None or not reading.syntax.replaced_by:
        return ()
    name = reading.syntax.replaced_by
    return tuple(_steps(place.location, name, reading.syntax, reading.syntax.afterwards, options))


def in_one_line(steps: Sequence[Step]) -> str:
    """The steps of a remedy, one after the other."""
    return "; then ".join(step.text for step in steps)


def steps_for(
    resolver: JudgedResolver,
    syntaxes: Mapping[Location, Syntax],
    fallback: str | None,
    options: Sequence[str],
) -> tuple[Step, ...]:
    """The remedy for a resolver: first the file with its anchors, by the program that reads it.

    Args:
        resolver: the resolver, judged.
        syntaxes: the syntaxes of its files, as far as they are known.
        fallback: the remedy of its worst finding, used if no new file is needed.
        options: the options of the command line that repeat the verification.
    """
    if resolver.outcome is Outcome.RIGHT:
        return ()
    loaded = resolver.loaded
    needs_anchors = resolver.outcome.is_failure and loaded.starts is not False
    consumer = consumer_named(loaded.consumer)
    restart = [Step(one, is_command=True) for one in consumer.restart]
    if loaded.starts is False:
        change = Step(_change(resolver) or fallback or "", is_command=False)
        return (change, *([] if resolver.location.inside else restart)) if change.text else ()
    used = [one for one in loaded.used if one.held or one.role in _NAMED_FILES]
    if not needs_anchors or not used:
        return (Step(fallback, is_command=False),) if fallback else ()
    target = min(used, key=lambda one: one.role not in _NAMED_FILES)
    syntax = syntaxes.get(target.location)
    name = consumer.replacements.get(target.role)
    # What is written for another program is not what this one reads there.
    is_read = syntax is not None and syntax.consumer in {"", loaded.consumer}
    if name is None and syntax is not None and is_read and syntax.replaced_by:
        name = syntax.replaced_by
    if name is None:
        return (Step(fallback, is_command=False),) if fallback else ()
    steps = _steps(target.location, name, syntax, "", options)
    return (*steps, *([] if target.location.inside else restart))


def _change(resolver: JudgedResolver) -> str | None:
    """What to change for the program to start again, and where."""
    for where, note in resolver.notes:
        finding = note.finding
        if finding.check is Check.AUDIT_REFUSED and finding.want is not None:
            line = f", line {note.line}" if note.line else ""
            return f"change {printable(where.text)}{line}; it needs {finding.want}"
    return None


def steps_to_load(resolver: JudgedResolver) -> tuple[Step, ...]:
    """The commands with which a running program loads its files, which are right."""
    consumer = consumer_named(resolver.loaded.consumer)
    return tuple(Step(one, is_command=True) for one in consumer.restart)


def _steps(
    location: Location, name: str, syntax: Syntax | None, afterwards: str, options: Sequence[str]
) -> list[Step]:
    file_name = next(row.file_name for row in REGISTRY if row.name == name)
    # Into a directory: standard output would leave an empty file where nothing is verified.
    words = ["root-anchors", "build", *options, "--format", name, "-o", "new"]
    made = Step(shlex.join(words), is_command=True)
    if location.inside:
        return [made, Step(f"ship new/{file_name}", is_command=False)]
    if afterwards:
        return [made, Step(afterwards, is_command=False)]
    path = shlex.quote(printable(location.text))
    if syntax is not None and syntax.is_whole:
        return [made, Step(f"install -m 0644 new/{file_name} {path}", is_command=True)]
    return [
        made,
        Step(
            f"put the content of new/{file_name} into {path} in place of its anchors",
            is_command=False,
        ),
    ]
