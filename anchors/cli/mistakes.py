"""What is wrong with a command line, told like every other error."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NoReturn

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.words import did_you_mean

__all__ = ["Parser", "unknown_arguments"]

# argparse tells its errors as texts alone; one that is not known is told as it is.
_CHOICE = re.compile(r"(?:argument (?P<name>.+?): )?invalid choice: '(?P<got>.*?)'", re.DOTALL)
_ARGUMENT = re.compile(r"argument (?P<name>.+?): (?P<why>.*)", re.DOTALL)
_OPTION = re.compile(r"--[a-z][a-z-]*")


class Parser(argparse.ArgumentParser):
    """One whose errors say what, got, want, and what to do."""

    # The parsers of the commands, by name.
    commands: Mapping[str, argparse.ArgumentParser] = MappingProxyType({})

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: always.
        """
        if found := _CHOICE.match(message):
            known = re.findall(r"[\w-]+", message.rpartition("(choose from ")[2])
            what = "command" if found["name"] == "COMMAND" else f"value of {found['name']}"
            raise self._mistake(f"there is no such {what}", found["got"], known)
        if found := _ARGUMENT.match(message):
            raise self._mistake(f"{found['name']} cannot be used like this", found["why"])
        raise self._mistake(message)

    def _mistake(self, message: str, got: str = "", known: Iterable[str] = ()) -> UsageError:
        near = did_you_mean(got, known)
        return UsageError(
            Check.USAGE,
            message,
            got=got or None,
            want=", ".join(known) or None,
            remedy=f"{near} see {self.prog} --help".strip(),
        )


def unknown_arguments(parser: Parser, command: str, unknown: list[str]) -> UsageError:
    """The error for arguments that the command does not have."""
    chosen = parser.commands[command]
    first = next((one for one in unknown if one.startswith("-")), unknown[0])
    is_option = first.startswith("-")
    # Without the dashes, which all options share.
    names = sorted({one[2:] for one in _OPTION.findall(chosen.format_usage())} if is_option else ())
    near = did_you_mean(first.partition("=")[0].lstrip("-"), names, before="--")
    return UsageError(
        Check.USAGE,
        f"{command} does not have this {'option' if is_option else 'argument'}",
        got=" ".join(unknown),
        want=", ".join(f"--{name}" for name in names) or None,
        remedy=f"{near} see {chosen.prog} --help".strip(),
    )
