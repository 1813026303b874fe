"""Programs of our own in place of consumers, found by name like them."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

__all__ = ["SERVER", "UNLUCKY_ONCE", "install"]

# Answers every question with the question, as a server does that is ready.
SERVER = """\
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
while True:
    query, client = server.recvfrom(4096)
    server.sendto(query[:2] + bytes([query[2] | 0x80]) + query[3:], client)
"""

UNLUCKY_ONCE = """\
import pathlib, sys
if not pathlib.Path("tried").exists():
    pathlib.Path("tried").touch()
    sys.exit("bind: Address already in use")
"""


def install(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    source: str,
    *,
    python: bool = False,
) -> Path:
    """A shell script (or a Python program) of this name, first in the PATH."""
    interpreter = f"{sys.executable} -S" if python else "/bin/sh"
    path = directory / name
    path.write_text(f"#!{interpreter}\n{textwrap.dedent(source)}", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return path
