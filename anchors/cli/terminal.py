"""Standard output is for the document, standard error for people; neither brings a run down."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from types import TracebackType
from typing import Self, TextIO

from anchors.core.checks import Check
from anchors.core.errors import OutputFailed
from anchors.core.escape import printable

__all__ = ["Progress", "put", "say", "speaks_unicode", "tell", "wants_colour", "watched"]

# Seconds.
_FIRST_AFTER, _EVERY, _EVERY_LINE = 1.0, 0.2, 60.0


def say(text: str) -> None:
    """Write ``text`` to standard error, or nowhere where nobody can be reached."""
    stream: TextIO | None = sys.stderr
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            _write(stream, text)


def tell(message: str) -> None:
    """Write one line of the command's own to standard error, safe to show."""
    say(f"root-anchors: {printable(message)}\n")


def put(content: str | bytes) -> None:
    """Write ``content`` to standard output.

    Raises:
        BrokenPipeError: the reader is gone.
        OutputFailed: it cannot be written.
    """
    stream: TextIO | None = sys.stdout
    try:
        if stream is None:
            message = "standard output is closed"
            raise OSError(message)
        if isinstance(content, bytes):
            stream.buffer.write(content)
            stream.buffer.flush()
        else:
            _write(stream, content)
    except BrokenPipeError:
        _abandon(stream)
        raise
    except (OSError, ValueError) as error:
        _abandon(stream)
        raise OutputFailed(
            Check.OUTPUT_WRITE,
            "standard output cannot be written",
            got=str(error),
            want="a writable file, pipe or terminal",
            remedy="redirect the output elsewhere, or use -o DIR or --report FILE",
        ) from error


def _write(stream: TextIO, text: str) -> None:
    # An encoding that lacks a character shows its escape instead of ending the run.
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    stream.write(text)
    stream.flush()


def _abandon(stream: TextIO | None) -> None:
    """Keep the interpreter from failing once more, at exit, over what is still buffered."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def watched(stream: TextIO | None) -> bool:
    """Whether a person watches ``stream``."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def speaks_unicode(stream: TextIO | None) -> bool:
    """Whether ``stream`` has every character that text may be drawn with."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def wants_colour(choice: str, stream: TextIO | None) -> bool:
    """Whether to colour what goes to ``stream``: ``always``, ``never``, or ``auto``.

    ``auto`` follows https://no-color.org; what goes to a file (``None``) is never coloured.
    """
    if stream is None:
        return False
    if choice != "auto":
        return choice == "always"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return watched(stream) and not plain


class Progress:
    """Tells how far a long run is: one line on a terminal, elsewhere a line each minute."""

    def __init__(self, stream: TextIO | None, *, quiet: bool) -> None:
        self._quiet, self._watched = quiet, watched(stream)
        self._next = time.monotonic() + (_FIRST_AFTER if self._watched else _EVERY_LINE)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            say("\r\x1b[K")

    def show(self, files: int, size: int) -> None:
        """Tell how many files and bytes were looked at; most calls do nothing."""
        self.show_words(f"{files:,} files, {size / 1_000_000:,.0f} MB")

    def show_words(self, words: str) -> None:
        """Tell how far the run is; most calls do nothing."""
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (_EVERY if self._watched else _EVERY_LINE)
        if not self._watched:
            tell(f"{words} so far")
            return
        self._shown = True
        say(f"\r\x1b[Kroot-anchors: {words}")
