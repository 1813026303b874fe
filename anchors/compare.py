"""Whether a directory already holds what would be written."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from anchors.checks import Check
from anchors.errors import OutputFailed
from anchors.escape import printable
from anchors.files import read_regular

__all__ = ["differences"]

_MAX_FILE = 1 << 20


def differences(directory: Path, files: Mapping[str, bytes]) -> str:
    """A unified diff from what ``directory`` holds to ``files``; empty where they agree.

    Other files in the directory do not count.

    Raises:
        OutputFailed: a file that is there cannot be read.
    """
    return "".join(
        line for name, wanted in files.items() for line in _diff(directory / name, wanted)
    )


def _diff(path: Path, wanted: bytes) -> Iterator[str]:
    try:
        held = read_regular(path, _MAX_FILE)
    except FileNotFoundError:
        held = None
    except OSError as error:
        raise OutputFailed(
            Check.OUTPUT_WRITE,
            "what the directory holds cannot be compared",
            got=f"{path}: {error}",
            want="a file that can be read",
            remedy="correct its permissions, or remove it",
        ) from error
    if held == wanted:
        return
    name = printable(str(path))
    lines = difflib.unified_diff(
        _lines(held or b""), _lines(wanted), name, f"{name} (wanted)", lineterm=""
    )
    # Two contents may be shown by the same lines, and nothing by none.
    first = next(lines, f"{name} is absent" if held is None else f"{name} differs in its bytes")
    yield from (f"{line}\n" for line in (first, *lines))


def _lines(content: bytes) -> list[str]:
    lines = content.decode(errors="backslashreplace").split("\n")
    # The last line of a text file ends too; where it does not, the diff must say so.
    last = lines.pop()
    shown = [_shown(line) for line in lines]
    return [*shown, f"{_shown(last)} (no newline)"] if last else shown


def _shown(line: str) -> str:
    # Tabs are harmless, and patch(1) needs them.
    return "\t".join(map(printable, line.split("\t")))
