"""The command line as its parser has it, for what is generated from it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from anchors.cli.parser import make_parser
from anchors.consumers.registry import REGISTRY

__all__ = ["Argument", "Command", "CommandLine", "command_line"]

# The options that every command about the publication has are a group of this name.
_SHARED = "inputs"
# How the place of a value is written, and what a shell can offer for it.
_FILES, _FOLDERS, _FORMATS = {"FILE", "PATH", "VALUE", "skr:FILE"}, {"DIR"}, {"NAME", "FORMAT"}


class Argument(NamedTuple):
    """An option, or an argument without one.

    Attributes:
        flags: its names; none where it goes by its position.
        value: what follows it, as the help has it; ``None``: nothing does.
        text: its help.
        words: what may stand there, as far as it can be listed.
        files: a file may.
        folders: a folder may.
        repeatable: it may be there more than once.
        optional: it may be left out.
        shared: it means the same in several commands.
    """

    flags: tuple[str, ...]
    value: str | None
    text: str
    words: tuple[str, ...] = ()
    files: bool = False
    folders: bool = False
    repeatable: bool = False
    optional: bool = True
    shared: bool = False


class Command(NamedTuple):
    """A command; ``either`` are the flags of which exactly one must be there."""

    name: str
    text: str
    epilog: str
    arguments: tuple[Argument, ...]
    either: tuple[tuple[str, ...], ...] = ()

    @property
    def options(self) -> tuple[Argument, ...]:
        return tuple(one for one in self.arguments if one.flags)

    @property
    def positional(self) -> tuple[Argument, ...]:
        return tuple(one for one in self.arguments if not one.flags)


class CommandLine(NamedTuple):
    """The program itself, and its commands."""

    program: Command
    commands: tuple[Command, ...]


def command_line() -> CommandLine:
    """All of it, in the order of the help."""
    parser = make_parser()
    (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    epilog = parser.epilog or ""
    return CommandLine(
        _command(parser, "", epilog),
        tuple(
            _command(one, name, (one.epilog or "").removesuffix(epilog))
            for name, one in commands.choices.items()
        ),
    )


def _command(parser: argparse.ArgumentParser, name: str, epilog: str) -> Command:
    return Command(
        name,
        parser.description or "",
        epilog.strip(),
        tuple(_arguments(parser)),
        tuple(
            tuple(flag for action in group._group_actions for flag in action.option_strings[:1])
            for group in parser._mutually_exclusive_groups
            if group.required
        ),
    )


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    formatter = parser._get_formatter()
    for group in parser._action_groups:
        for action in group._group_actions:
            if not isinstance(action, argparse._SubParsersAction):
                text = formatter._expand_help(action)
                yield _argument(action, text, shared=group.title == _SHARED)


def _argument(action: argparse.Action, text: str, *, shared: bool) -> Argument:
    value = None
    if action.nargs != 0:
        choices = "|".join(map(str, action.choices or ()))
        value = str(action.metavar or choices or action.dest.upper())
    parts = (value or "").split("|")
    words = [part for part in parts if part.isalpha() and part.islower()]
    if not _FORMATS.isdisjoint(parts):
        words += _format_names(with_sets="--format" in action.option_strings)
    return Argument(
        tuple(action.option_strings),
        value,
        text,
        tuple(words),
        files=not _FILES.isdisjoint(parts),
        folders=not _FOLDERS.isdisjoint(parts),
        repeatable=isinstance(action, argparse._AppendAction | argparse._CountAction)
        or action.nargs in {argparse.ONE_OR_MORE, argparse.ZERO_OR_MORE},
        optional=bool(action.option_strings)
        or action.nargs in {argparse.OPTIONAL, argparse.ZERO_OR_MORE},
        shared=shared,
    )


def _format_names(*, with_sets: bool) -> list[str]:
    names = [name for row in REGISTRY for name in (row.name, row.alias) if name]
    return [*names, *(("all", "debian") if with_sets else ())]
