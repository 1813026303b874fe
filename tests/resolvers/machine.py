"""A program started in a root file system of its own, made of a tree of files and Debian's /usr.

An overlay: the tree lies above, below lie the programs, and between them a layer that hides what
this machine has in /etc, /var and wherever else anchors and configurations are kept.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from anchors.consumers.bench import ConsumerFailed, Ran, Running
from tests.resolvers.network import Network
from tests.resolvers.tree import USERS, Tree

__all__ = ["Machine", "machine"]

_HIDDEN = (
    *("etc", "var", "run", "tmp", "opt", "srv", "root", "home", "work", "mnt", "usr/local"),
    *("usr/share/dns", "usr/lib/dnssec-trust-anchors.d", "usr/share/dnsmasq-base"),
)
_KEPT = (
    "etc/ld.so.cache",
    "etc/ld.so.conf",
    "etc/ld.so.conf.d",
    "etc/ssl/openssl.cnf",
    "etc/localtime",
)
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n"
# No layer of an overlay may lie within another, and / is one.
_ELSEWHERE = "/dev/shm"  # noqa: S108
# $1 is the layers, $2 the merged root, $3 the user; then the command.
_ENTER = """\
mount -t overlay overlay -o "$1" "$2" && mount --rbind /dev "$2/dev" \
&& mount -t proc proc "$2/proc" && root=$2 user=$3 && shift 3 \
&& exec chroot --userspec="$user" "$root" "$@"
"""
_NO_ANSWER = -1
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/lib/systemd",
    "LC_ALL": "C",
    "TZ": "UTC",
    "HOME": "/root",
}


class Machine(NamedTuple):
    """Where a tree is written, and how programs see it.

    Attributes:
        files: the tree; what a program writes is found there afterwards.
        base: the file system that has the programs.
        network: the network that they are in.
    """

    directory: Path
    base: Path
    network: Network

    @property
    def files(self) -> Path:
        """The tree, with what was written since."""
        return self.directory / "files"

    @contextlib.contextmanager
    def running(
        self, command: Sequence[str], *, user: str = "root", **environment: str
    ) -> Iterator[Running]:
        """Start a program of the base; it and its children end with the block."""
        with self.network.entered():
            running = Running(
                ["/usr/bin/setpriv", "--pdeathsig", "KILL", *self._inside(command, user)],
                self.directory,
                _ENVIRONMENT | environment,
            )
            running.start()
        try:
            yield running
        finally:
            # At once: nobody wants to see how it ends.
            self.network.empty()
            running.stop()

    def beside(self, running: Running, command: Sequence[str], *, seconds: float = 5) -> Ran:
        """Run a program of the base in the very root file system of another that runs."""
        pid = str(running._started.result().pid)
        inside = ["/usr/bin/nsenter", "--target", pid, "--mount", "--net"]
        asking = Running(
            [*inside, "/usr/sbin/chroot", str(self.directory / "root"), *command],
            self.directory,
            _ENVIRONMENT,
        )
        asking.start()
        try:
            code = asking.wait(seconds)
        except ConsumerFailed:
            # The other one does not answer, and so does not tell.
            code = _NO_ANSWER
        finally:
            asking.stop()
        return Ran(code, asking.output)

    def _inside(self, command: Sequence[str], user: str) -> list[str]:
        layers = (
            f"lowerdir={_hiding(self.base)}:{self.base},"
            f"upperdir={self.files},workdir={self.directory}/work"
        )
        merged = str(self.directory / "root")
        who = f"{USERS[user]}:{USERS[user]}"
        shell = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", _ENTER, "sh"]
        return [*shell, layers, merged, who, *command]


@contextlib.contextmanager
def machine(tree: Tree, base: Path, network: Network) -> Iterator[Machine]:
    """A machine that has this tree; gone afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="resolvers-", dir=_ELSEWHERE, ignore_cleanup_errors=True
    ) as name:
        made = Machine(Path(name), base, network)
        # Programs drop their rights and must still get through.
        made.directory.chmod(0o755)
        for part in ("files", "work", "root"):
            (made.directory / part).mkdir()
        tree.write(made.files)
        yield made


@cache
def _hiding(base: Path) -> Path:
    """The layer that hides what the base has of its own; nobody writes to a lower layer."""
    made = tempfile.TemporaryDirectory(prefix="resolvers-", dir=_ELSEWHERE)
    atexit.register(made.cleanup)
    layer = Path(made.name)
    layer.chmod(0o755)
    for name in _HIDDEN:
        (layer / name).mkdir(parents=True, exist_ok=True)
        os.setxattr(layer / name, "trusted.overlay.opaque", b"y")
    for name in _KEPT:
        source, target = base / name, layer / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)
    hints = Path("/usr/share/dns/root.hints")
    if hints.exists():
        shutil.copy(hints, layer / "usr/share/dns")
    (layer / "var/run").symlink_to("/run")
    etc = layer / "etc"
    (etc / "passwd").write_text(
        "".join(f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in USERS.items())
    )
    (etc / "group").write_text("".join(f"{name}:x:{n}:\n" for name, n in USERS.items()))
    (etc / "nsswitch.conf").write_text(_NSSWITCH)
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    for name in ("services", "protocols"):
        shutil.copy(Path("/etc") / name, etc)
    return layer
