"""The command line: arguments -> one of the commands -> exit code, whatever happens."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from anchors.cli.interrupts import ignore_signals, listen, was_interrupted
from anchors.cli.mistakes import unknown_arguments
from anchors.cli.parser import make_parser
from anchors.cli.terminal import say, tell
from anchors.core.errors import AnchorsError
from anchors.core.escape import printable

__all__ = ["main", "run"]

_UNDECIDED, _INTERRUPTED = 3, 130
# What an interrupted command leaves.
_LEFT = {
    "audit": "no report was made, and nothing was changed",
    "merge": "the reports of the hosts are unchanged; the new report is written whole or not",
}
_DIRECTORY = "an output directory has either all its old files or all the new ones"


def run() -> NoReturn:
    """The console script."""
    code: int | None = None
    with contextlib.suppress(KeyboardInterrupt):
        heard = listen()
        code = main()
        ignore_signals(heard)
    if code is None:
        # It struck before the command began, or while that told of an earlier one.
        code = _interrupted()
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; never raises.

    Args:
        argv: the arguments without the program's name; ``None``: the process's.
    """
    verbose, name = 0, ""
    try:
        words = sys.argv[1:] if argv is None else argv
        parser = make_parser(words)
        arguments, unknown = parser.parse_known_args(words)
        verbose, name = arguments.verbose, arguments.command
        if unknown:
            raise unknown_arguments(parser, name, unknown)
        # Each command imports what it needs, and --help none of that.
        command = importlib.import_module(f"anchors.cli.commands.{arguments.command}")
        return int(command.run(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    except BaseException as error:  # noqa: BLE001 - the last line before the user
        if was_interrupted() or isinstance(error, KeyboardInterrupt):
            return _interrupted(name)
        return _failed(error, verbose)


def _interrupted(command: str = "") -> int:
    tell(f"interrupted; {_LEFT.get(command, _DIRECTORY)}")
    return _INTERRUPTED


def _failed(error: BaseException, verbose: int) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of standard output is gone, and wants no more from us.
        return _UNDECIDED
    if not isinstance(error, AnchorsError):
        from anchors.core.dependencies import too_old  # noqa: PLC0415 - only where it fails
        from anchors.core.openssl import missing_algorithms  # noqa: PLC0415 - only where it fails

        error = too_old() or missing_algorithms() or error
    if isinstance(error, AnchorsError):
        _tell_error(error)
    else:
        tell(f"internal error: {type(error).__name__}: {error}")
        tell("please report it, with the output of the same command with -vv")
    _tell_traceback(verbose)
    return error.exit_code if isinstance(error, AnchorsError) else _UNDECIDED


def _tell_traceback(verbose: int) -> None:
    if verbose > 1:
        import traceback  # noqa: PLC0415 - only with -vv

        say(traceback.format_exc())


def _tell_error(error: AnchorsError) -> None:
    tell(f"error: {error.message}")
    for name, text in (("got", error.got), ("want", error.want), ("do", error.remedy)):
        if text:
            say(f"  {name + ':':<7}{printable(text)}\n")
    say(f"  check: {error.check.id} ({error.check.reference})\n")
