"""A shell for the commands of the documents, and a machine with anchors in all the usual places.

Nothing is asked on the network, and the time is fixed; what that takes is told.  Where a folder has
a machine, paths from ``/`` on are the machine's.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.markdown import ROOT, code_blocks
from tests.frozen import COMMAND as FROZEN
from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk

__all__ = [
    "AT",
    "PLACES",
    "Done",
    "Example",
    "added_to",
    "examples",
    "furnish",
    "install",
    "new_place",
    "run",
]

AT = "2026-11-24T00:00:00Z"
_STATE = "KEYDATA 20261125000000 20240101000000 19700101000000 257 3 8 {}"
_MACHINE = "machine"
# What judges: by the clock and the internet, unless told otherwise.
_JUDGING = {"audit", "build", "timeline", "verify"}

# Where each file that `build` makes lies, by its name.
PLACES: Mapping[str, tuple[str, ...]] = {
    "bind.keys": ("etc/bind/bind.keys",),
    "root.ds": ("usr/share/dns/root.ds",),
    "root.key": ("usr/share/dns/root.key", "var/lib/unbound/root.key"),
    "trust-anchors.conf": ("usr/share/dnsmasq-base/trust-anchors.conf",),
    "root.positive": ("etc/dnssec-trust-anchors.d/root.positive",),
}


class Example(NamedTuple):
    """A command of a document; ``output`` is what it is shown to print, where it is."""

    command: str
    output: str | None


class Done(NamedTuple):
    """What came of one command."""

    code: int
    output: str
    errors: str
    added: tuple[str, ...]
    """The options that the command was given beside its own."""

    @property
    def told(self) -> str:
        """What a person sees."""
        return self.output + self.errors


def examples(document: str) -> Iterator[Example]:
    """Every command of a document, in order."""
    for block in code_blocks(document):
        if block.language == "sh":
            for line in block.text.splitlines():
                yield Example(re.split(r" {2,}# ", line)[0], None)
        else:
            assert block.language == "console"
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield Example(command, output)


def new_place(place: Path) -> Path:
    """A folder with our command in ``bin``, and what `build` makes in ``anchors``."""
    install(place)
    done = run("root-anchors build -o anchors", place)
    assert done.code == 0, done.errors
    return place


def furnish(place: Path, *, without: str | None = None) -> None:
    """Put the files in their places, ``without`` the lines of one key, named by its tag."""
    keys = {"20326": KSK_2017, "38696": KSK_2024}
    left = [key for tag, key in keys.items() if tag != without]
    for name, paths in PLACES.items():
        text = (place / "anchors" / name).read_text(encoding="ascii")
        lines = text.splitlines(keepends=True)
        for path in paths:
            target = place / _MACHINE / path
            target.parent.mkdir(parents=True, exist_ok=True)
            kept = [line for line in lines if not _is_of(line, without, keys)]
            assert len(kept) == len(lines) - (without is not None), name
            target.write_text("".join(kept), encoding="ascii")
    state = place / _MACHINE / "var/cache/bind/managed-keys.bind"
    state.parent.mkdir(parents=True, exist_ok=True)
    records = [f"\t\t\t{_STATE.format(key.base64)}\n" for key in left]
    head = "$ORIGIN .\n$TTL 0\n@ IN SOA . . ( 1 0 0 0 0 )\n"
    state.write_text(head + "".join(records), encoding="ascii")
    settings = place / _MACHINE / "etc/systemd/resolved.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[Resolve]\nDNSSEC=yes\n", encoding="ascii")
    program = place / _MACHINE / "usr/lib/systemd/systemd-resolved"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_bytes(b"\x7fELF" + bytes(16).join(bytes.fromhex(key.digest()) for key in left))


def _is_of(line: str, tag: str | None, keys: Mapping[str, Ksk]) -> bool:
    """Whether an anchor's line, not a comment's, is of the key with this tag."""
    if tag is None or line.startswith((";", "#", "//")):
        return False
    key = keys[tag]
    return key.base64 in line or key.digest() in line.upper()


def install(place: Path, name: str = "bin/root-anchors", command: Sequence[str] = FROZEN) -> None:
    """Put our command into a folder; it takes what ``ADDED`` holds behind its arguments."""
    script = place / name
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@" $ADDED\n')
    script.chmod(stat.S_IRWXU)


def added_to(command: str, at: str = AT) -> tuple[str, ...]:
    """What keeps the internet and today's date out of a command that would go by them."""
    words = command.split()
    if Path(words[0]).name != "root-anchors" or words[1] not in _JUDGING:
        return ()
    offline = () if {"--offline", "--source"} & {*words} else ("--offline",)
    return offline if "--at" in words else (*offline, "--at", at)


def run(
    command: str, place: Path, *, at: str = AT, before: Sequence[str] = (), **variables: str
) -> Done:
    """Run it in a shell, behind the words ``before``; see :func:`added_to`."""
    added = added_to(command, at)
    if (place / _MACHINE).is_dir():
        command = re.sub(r"(?<= )/", f"{_MACHINE}/", command)
    process = subprocess.run(
        [*before, "bash", "-euc", command],
        cwd=place,
        env={
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "ADDED": " ".join(added),
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Done(process.returncode, process.stdout, process.stderr, added)
