"""Runs inside a network and a file system of its own, where the lab's root is the only name server.

``python -m tests.consumers.own_system FOLDER COMMAND...`` puts each file of FOLDER/anchors where
programs have their anchors by a path that is compiled in, runs the command with it and without any,
and prints as JSON what came of each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anchors.consumers.query import Endpoint, Question, ask

__all__ = ["ADDRESS", "NOTHING", "main"]

ADDRESS = "192.0.2.53"
# The run without a file.
NOTHING = "nothing"
_WITH = """
mount -t tmpfs none /usr/share/dns || exit
[ -z "$1" ] || cp "$1" /usr/share/dns/root.key || exit
shift
exec "$@"
"""
_FOLDERS = ("/usr/share/dns", "/var/lib/unbound", "/etc/unbound")
_NSD = """\
server:
    ip-address: {address}@53
    username: ""
    chroot: ""
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{folder}/zones"
zone:
    name: "."
    zonefile: "{folder}/zone"
"""


def main(folder: Path, command: Sequence[str]) -> None:
    """Bring up the network and the server, and run the command."""
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")
    for hidden in filter(os.path.isdir, _FOLDERS):
        _run("mount", "-t", "tmpfs", "none", hidden)
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {ADDRESS}\n", encoding="ascii")
    _run("mount", "--bind", str(resolver), "/etc/resolv.conf")
    conf = folder / "nsd.conf"
    conf.write_text(_NSD.format(folder=folder, address=ADDRESS), encoding="ascii")
    nsd = subprocess.Popen(["nsd", "-d", "-c", conf], stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            if ask(Endpoint(ADDRESS, 53), Question(".", "SOA"), seconds=0.2) is not None:
                break
            time.sleep(0.05)
        files = [None, *sorted((folder / "anchors").iterdir())]
        with ThreadPoolExecutor(len(files)) as pool:
            said = dict(pool.map(lambda file: _said(file, command), files))
    finally:
        nsd.terminate()
        nsd.wait(10)
    print(json.dumps(said))  # noqa: T201 - read by the test


def _said(file: Path | None, command: Sequence[str]) -> tuple[str, tuple[int, str]]:
    """What the command says with a file, which it alone sees: several run at once."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _WITH, "sh", str(file or ""), *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return file.name if file else NOTHING, (done.returncode, done.stdout + done.stderr)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
