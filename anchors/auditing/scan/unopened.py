"""The archives in a directory: not opened, but reported once, with the command that opens them."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Sequence

from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity

__all__ = ["Unopened"]

# More endings make a command that nobody reads.
_MAX_ENDINGS = 8
_ENDING = re.compile(r"(?:\.tar)?\.[A-Za-z0-9_-]{1,16}$")


class Unopened:
    """The archives below a directory.

    Attributes:
        count: the number of archives.
    """

    def __init__(self) -> None:
        self.count = 0
        self._first = ""
        self._endings: set[str] = set()

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, paths: Iterable[str]) -> None:
        """Add those of these paths below the directory, in any order."""
        for path in paths:
            self._first = min(path, self._first) if self.count else path
            self.count += 1
            if len(self._endings) <= _MAX_ENDINGS:
                ending = _ENDING.search(posixpath.basename(path))
                # Without one, all files are named, whatever they are.
                self._endings.add(ending[0] if ending else "")

    def finding(self, root: str, options: Sequence[str]) -> Finding:
        """That they were not opened.

        Args:
            root: the directory.
            options: those of the command line that say what was verified.
        """
        words = f"{self.count:,} archives in this directory were not opened: give each as a PATH"
        if self.count == 1:
            words = "an archive in this directory was not opened: give it as a PATH"
        return Finding(
            Check.AUDIT_LIMIT,
            Severity.NOTICE,
            words,
            got=printable(posixpath.join(root, self._first)) + (", ..." if self.count > 1 else ""),
            remedy=self._command(root, options),
        )

    def _command(self, root: str, options: Sequence[str]) -> str:
        # A name that begins with a dash would be an option of find.
        words = ["find", f"./{root}" if root.startswith("-") else root, "-type", "f"]
        if "" not in self._endings and len(self._endings) <= _MAX_ENDINGS:
            names = [["-name", f"*{ending}"] for ending in sorted(self._endings)]
            joined = [word for name in names for word in ["-o", *name]][1:]
            words += joined if len(names) == 1 else ["(", *joined, ")"]
        return shlex.join([*words, "-exec", "root-anchors", "audit", *options, "{}", "+"])
