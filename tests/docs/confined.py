"""Tells what the process that runs this may not do, as JSON: restriction to whether it holds."""

from __future__ import annotations

import json
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

__all__: list[str] = []


def refused(action: Callable[[], object]) -> bool:
    """Whether the system says no."""
    try:
        action()
    except (OSError, subprocess.SubprocessError):
        return True
    return False


def main(told: Path) -> None:
    """Try everything that a service of this kind has no business with."""
    status = dict(
        line.split(":\t", 1)
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        if ":\t" in line
    )
    holds = {
        "no user of this machine": os.getuid() > 60000,
        "no capabilities": {status[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd")}
        == {"0" * 16},
        "no new privileges": status["NoNewPrivs"] == "1",
        "filtered system calls": status["Seccomp"] == "2",
        "read-only /etc": refused(lambda: Path("/etc/x").touch()),
        "read-only /var": refused(lambda: Path("/var/lib/x").touch()),
        "a /tmp of its own": [*Path("/tmp").iterdir()] == [],  # noqa: S108 - the real one
        "no home": [*Path("/root").iterdir()] == [] if os.access("/root", os.R_OK) else True,
        "no other processes": not Path("/proc/1").exists(),
        "no terminal": not Path("/dev/console").exists(),
        "no writable code": refused(
            lambda: mmap.mmap(
                -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
            )
        ),
        "no raw sockets": refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "no netlink": refused(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "no namespaces": refused(lambda: subprocess.run(["unshare", "--user", "true"], check=True)),
        "no other priority": refused(lambda: os.nice(1)),
    }
    told.write_text(json.dumps(holds), encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
