"""Write the man page from the parser: ``python -m tests.docs.manual`` (mdoc(7))."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from tests.docs.commands import Argument, Command, CommandLine, command_line
from tests.docs.markdown import ROOT

__all__ = ["PAGE", "manual"]

PAGE = ROOT / "docs" / "data" / "share" / "man" / "man1" / "root-anchors.1"

# The day of the last change to what the page says.
_DAY = "November 24, 2026"
_WIDTH = 72
_NAME = "DNSSEC root trust anchors, verified and audited"


def manual() -> str:
    """The whole page."""
    return "".join(f"{line}\n" for line in _page(command_line()))


def _page(line: CommandLine) -> Iterator[str]:
    shared = [one for one in line.commands[0].options if one.shared]
    yield '.\\" Made from the parser by tests/docs/manual.py.'
    yield from (f".Dd {_DAY}", ".Dt ROOT-ANCHORS 1", ".Os")
    yield from (".Sh NAME", ".Nm root-anchors", f".Nd {_NAME}")
    yield ".Sh SYNOPSIS"
    for command in line.commands:
        yield from _synopsis(command)
    yield ".Sh DESCRIPTION"
    yield from _text(line.program.text)
    yield from _options(line.program.options)
    for command in line.commands:
        yield from _section(command)
    yield from (".Ss Inputs", "What the commands above call")
    yield ".Ar inputs ."
    yield from _options(shared)
    yield ".Sh EXIT STATUS"
    yield from _literal(line.program.epilog)
    yield from (".Sh SEE ALSO", ".Lk https://data.iana.org/root-anchors/ IANA's publication")
    yield from (".Sh STANDARDS", "RFC 9718, RFC 5011, RFC 5652.")


def _synopsis(command: Command) -> Iterator[str]:
    yield ".Nm"
    yield f".Cm {command.name}"
    own = _own(command)
    for flags in command.either:
        yield ".Brq " + " | ".join(_flag(one) for one in own if one.flags[0] in flags)
    taken = {flag for flags in command.either for flag in flags}
    if any(one.shared for one in command.options):
        yield ".Op Ar inputs"
    yield from (f".Op {_flag(one)}" for one in own if one.flags[0] not in taken)
    for one in command.positional:
        place = f"Ar {one.value}{' ...' if one.repeatable else ''}"
        yield f".Op {place}" if one.optional else f".{place}"


def _section(command: Command) -> Iterator[str]:
    yield f".Ss root-anchors {command.name}"
    yield from _text(f"{command.text[0].upper()}{command.text[1:]}.")
    yield from _options([*command.positional, *_own(command)])
    if command.epilog:
        yield from _literal(command.epilog)


def _own(command: Command) -> list[Argument]:
    """The options that are told with the command, and nowhere else."""
    return [one for one in command.options if not one.shared and "--help" not in one.flags]


def _options(arguments: Sequence[Argument]) -> Iterator[str]:
    if not arguments:
        return
    yield ".Bl -tag -width Ds"
    for one in arguments:
        yield f".It {_flags(one) if one.flags else f'Ar {one.value}'}"
        yield from _text(one.text)
    yield ".El"


def _flags(one: Argument) -> str:
    """Every name of an option, then its value."""
    names = " , ".join(f"Fl {flag[1:]}" for flag in one.flags)
    return f"{names} Ar {one.value}" if one.value else names


def _flag(one: Argument) -> str:
    """Its first name, then its value."""
    return f"Fl {one.flags[0][1:]}" + (f" Ar {one.value}" if one.value else "")


def _text(text: str) -> Iterator[str]:
    """Running text: nothing in it is a request, and options keep their hyphens."""
    for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False):
        escaped = line.replace("\\", "\\e")
        options = re.sub(r"(?<![\w-])--?(?=[a-z])", lambda found: _minus(found[0]), escaped)
        yield _harmless(options)


def _literal(text: str) -> Iterator[str]:
    yield ".Bd -literal"
    for line in text.splitlines():
        yield _harmless(_minus(line.rstrip().replace("\\", "\\e")))
    yield ".Ed"


def _minus(text: str) -> str:
    return text.replace("-", "\\-")


def _harmless(line: str) -> str:
    return f"\\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(manual(), encoding="utf-8")
