"""The signals that ask a run of the command to end."""

from __future__ import annotations

import signal
import sys
import warnings
from typing import NoReturn

__all__ = ["ignore_signals", "listen", "require_uninterrupted", "was_interrupted"]

# As with Ctrl-C: what is half written is cleared away before the process ends.
_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_heard: list[int] = []


def listen() -> list[int]:
    """Let each signal raise ``KeyboardInterrupt``; return those that do.

    A background job of a shell ignores Ctrl-C, and nohup hang-ups: those stay ignored.
    """
    numbers: list[int] = [
        number for number in _NUMBERS if signal.getsignal(number) is not signal.SIG_IGN
    ]
    for number in numbers:
        signal.signal(number, _interrupt)
    return numbers


def ignore_signals(numbers: list[int]) -> None:
    """From here on nothing changes what was decided."""
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def was_interrupted() -> bool:
    """Whether a signal came, whatever error a library made of it."""
    return bool(_heard)


def require_uninterrupted() -> None:
    """Raise ``KeyboardInterrupt`` where one was raised before and got lost in a library."""
    if _heard:
        raise KeyboardInterrupt


def _interrupt(number: int, _frame: object) -> NoReturn:
    """Remember it: a library makes an error of its own of what strikes within it."""
    _heard.append(number)
    # Where it strikes a finalizer, Python ignores it and tells so.
    sys.unraisablehook = lambda _ignored: None
    # Where it strikes between a coroutine and its await, Python warns of the coroutine at the end.
    warnings.simplefilter("ignore", RuntimeWarning)
    raise KeyboardInterrupt
