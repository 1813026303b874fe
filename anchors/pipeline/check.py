"""Compare a directory with the files that a build would write.

The comparison includes IANA's signature if the directory has one: its certificate ends, and IANA
renews the signature over the same document.

The directory may belong to a stranger, and the differences are shown: links are never followed.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from anchors.core.checks import Check
from anchors.core.errors import OutputFailed
from anchors.core.escape import printable
from anchors.core.files import NotRegularFileError, read_regular_in
from anchors.core.words import reason

__all__ = ["Comparison", "compare", "differences"]

# Bytes and lines of a file that are compared line by line; an anchor file has a tenth of both.
_MOST_BYTES = 1 << 14
_MOST_LINES = 400
# As anchor files have it in their comments, and anchors.json as a property.
_OBSERVED = re.compile(
    rb"""((?m:^[^ \n]{1,2}   cross-checked against the DNSKEYs of the root zone on )"""
    rb"""|(?m:^  "observed_on": "))\d{4}-\d\d-\d\d"""
)


class Comparison(NamedTuple):
    """The result of a comparison.

    Attributes:
        compared: the names of the compared files.
        stale: the names of the missing and different files.
        diff: a unified diff; empty if all files are equal.
    """

    compared: tuple[str, ...]
    stale: tuple[str, ...]
    diff: str


def compare(
    directory: Path, files: Mapping[str, bytes], evidence: Mapping[str, bytes]
) -> Comparison:
    """Compare ``directory`` with ``files``, and with ``evidence`` as far as it has such files.

    Args:
        directory: the directory, which is never changed.
        files: the files that a build would write, by name.
        evidence: IANA's files, which may be missing in the directory.

    Raises:
        OutputFailed: the directory does not exist, or a file in it cannot be read.
    """
    if not directory.exists():
        raise OutputFailed(
            Check.OUTPUT_WRITE,
            "the directory to compare does not exist",
            got=str(directory),
            want="a directory that 'root-anchors build' wrote",
            remedy=f"write it first: root-anchors build -o {shlex.quote(str(directory))}",
        )
    there = {
        name: content
        for name, content in evidence.items()
        if name not in files and os.path.lexists(directory / name)
    }
    wanted = {**files, **there}
    told = {name: differences(directory, {name: content}) for name, content in wanted.items()}
    stale = tuple(name for name, diff in told.items() if diff)
    return Comparison(tuple(wanted), stale, "".join(told.values()))


def differences(directory: Path, files: Mapping[str, bytes]) -> str:
    """A unified diff from the content of ``directory`` to ``files``; empty if they are equal.

    Other files in the directory are ignored.  A link, a FIFO or the like differs from every file,
    and is never opened; a file of more than 16 KiB or 400 lines differs without a diff.

    Raises:
        OutputFailed: an existing file cannot be read.
    """
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return "".join(_diff(directory / name, None, files[name]) for name in files)
    except (OSError, ValueError) as error:
        raise _unreadable(directory, error) from error
    try:
        return "".join(_difference(folder, directory / name, files[name]) for name in files)
    finally:
        os.close(folder)


def _unreadable(path: Path, error: Exception) -> OutputFailed:
    return OutputFailed(
        Check.OUTPUT_WRITE,
        "the files in the directory cannot be compared",
        got=f"{path}: {reason(error)}",
        want="readable files",
        remedy="correct its permissions, or remove it",
    )


def _difference(folder: int, path: Path, wanted: bytes) -> str:
    # One byte more than there may be: a longer file never looks like the wanted one.
    most = max(len(wanted), _MOST_BYTES) + 1
    try:
        held: bytes | None = read_regular_in(folder, path.name, most)
    except FileNotFoundError:
        held = None
    except NotRegularFileError as error:
        return f"{printable(str(path))} is {error.strerror}\n"
    except OSError as error:
        raise _unreadable(path, error) from error
    return "" if _undated(held) == _undated(wanted) else _diff(path, held, wanted)


def _undated(content: bytes | None) -> bytes | None:
    """A file without the day of observation in it, which is another with every live build."""
    return None if content is None else _OBSERVED.sub(rb"\1", content)


def _diff(path: Path, held: bytes | None, wanted: bytes) -> str:
    return "".join(f"{line}\n" for line in _diff_lines(printable(str(path)), held, wanted))


def _diff_lines(name: str, held: bytes | None, wanted: bytes) -> Iterator[str]:
    if any(
        len(one) > _MOST_BYTES or one.count(b"\n") > _MOST_LINES for one in (held or b"", wanted)
    ):
        yield f"{name} differs, and is too long for a diff"
        return
    if b"\0" in (held or b"") + wanted:
        yield f"{name} is absent" if held is None else f"{name} differs, and is not a text file"
        return
    lines = difflib.unified_diff(
        _lines(held or b""), _lines(wanted), name, f"{name} (wanted)", lineterm=""
    )
    # Two contents may be shown by the same lines, and nothing by none.
    yield next(
        lines,
        f"{name} is absent"
        if held is None
        else (f"{name} differs in bytes that a diff does not show"),
    )
    yield from lines


def _lines(content: bytes) -> list[str]:
    lines = content.decode(errors="backslashreplace").split("\n")
    # The last line of a text file ends too; where it does not, the diff must say so.
    last = lines.pop()
    shown = [_shown(line) for line in lines]
    return [*shown, f"{_shown(last)} (no newline)"] if last else shown


def _shown(line: str) -> str:
    # Tabs are harmless, and patch(1) needs them.
    return "\t".join(map(printable, line.split("\t")))
