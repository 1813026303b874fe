"""Where CI has each program: this machine's, and the newer ones that were unpacked beside."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["bases", "version_in"]

_UNPACKED = Path(__file__).parents[2] / "build" / "consumers"
_FOLDERS = ("usr/sbin", "usr/bin", "usr/lib/systemd", "sbin", "bin")
_OPTION = {"unbound": "-V", "named": "-v"}
_VERSION = re.compile(r"(?:[Vv]ersion:? |BIND |Recursor |systemd )(\d+(?:\.\d+)*)")
# Stubby numbers itself otherwise than Debian's package, which goes by getdns.
_GETDNS = re.compile(r'"version_string": <bindata of "(\d+(?:\.\d+)*)')


def bases(program: str) -> Iterator[Path]:
    """The root file systems that have it, the machine's own first."""
    for base in (Path("/"), *sorted(_UNPACKED.glob("*/root"))):
        if any((base / folder / program).exists() for folder in _FOLDERS):
            yield base.resolve()


@cache
def version_in(base: Path, program: str) -> str:
    """Its version there, such as ``1.17.1``.

    Raises:
        ValueError: it does not tell.
    """
    arguments = ["-i"] if program == "stubby" else [_OPTION.get(program, "--version")]
    # It has the version of what it configures.
    asked = "kresd" if program == "kresctl" else program
    ran = subprocess.run(
        [_launched(base, asked), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    match = (_GETDNS if program == "stubby" else _VERSION).search(ran.stdout + ran.stderr)
    if match is None:
        raise ValueError(f"{program} in {base} does not tell its version")
    return match[1]


def _launched(base: Path, program: str) -> str:
    """The program itself, or the launcher that CI wrote for an unpacked one."""
    if base != Path("/"):
        return str(base.with_name("bin") / program)
    return next(
        f"/{folder}/{program}" for folder in _FOLDERS if Path("/", folder, program).exists()
    )
