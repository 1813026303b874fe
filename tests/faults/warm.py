"""The command in children of one process that has loaded everything: a run takes milliseconds.

``python -m tests.faults.warm DESCRIPTOR`` serves a socket.  Each message is JSON: ``start`` with
arguments answers with the process id of a child that runs the command, ``wait`` with such an id
with how it ended.  After it is warm the server itself makes no call of :data:`PADDING`, so that
faults can be put at the n-th such call of a child.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from anchors.cli.main import main, run

__all__ = ["PADDING", "Ended", "Warm", "warmed"]

NOWHERE = "/nonexistent/name"
NO_DESCRIPTOR = 1 << 20
_AT_FDCWD = -100
# With no flag the C library makes another call of it.
_RENAME_EXCHANGE = 2
_PR_SET_PTRACER, _ANY = 0x59616D61, -1
PATIENCE = 60.0
ROOT = Path(__file__).parents[2]
LIBC = ctypes.CDLL(None)

# For every system call that writes (openat and flock come before), a way to make just that call
# with no effect.
PADDING: Mapping[str, Callable[[], object]] = MappingProxyType(
    {
        "openat": lambda: os.open(NOWHERE, os.O_RDONLY),
        "mkdir": lambda: os.mkdir(NOWHERE),  # noqa: PTH102 - this call and no other
        "write": lambda: os.write(NO_DESCRIPTOR, b""),
        "fchmod": lambda: os.fchmod(NO_DESCRIPTOR, 0),
        "chmod": lambda: os.chmod(NOWHERE, 0),  # noqa: PTH101 - the same
        "fsync": lambda: os.fsync(NO_DESCRIPTOR),
        "flock": lambda: fcntl.flock(NO_DESCRIPTOR, fcntl.LOCK_UN),
        "rename": lambda: os.rename(NOWHERE, NOWHERE),  # noqa: PTH104 - the same
        "renameat2": lambda: LIBC.renameat2(_AT_FDCWD, b"", _AT_FDCWD, b"", _RENAME_EXCHANGE),
        "unlinkat": lambda: os.unlink("name", dir_fd=NO_DESCRIPTOR),
        "rmdir": lambda: os.rmdir(NOWHERE),  # noqa: PTH106 - the same
    }
)


def _be_user(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


_BECOME: Mapping[str, Callable[[int], object]] = MappingProxyType(
    {
        "uid": _be_user,
        "umask": os.umask,
        "fsize": lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        "nofile": lambda number: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number)),
    }
)


class Ended(NamedTuple):
    """How a run ended: its exit code, or minus the signal that killed it; and what it told."""

    code: int
    told: str


class Warm:
    """The side of the tests."""

    def __init__(self, connection: socket.socket, pid: int, stderr: Path) -> None:
        self.pid = pid
        self._connection = connection
        self._stderr = stderr

    def start(
        self, arguments: Sequence[str | Path], call: str = "", padding: int = 0, **become: int
    ) -> int:
        """Begin a run; its process id.

        Args:
            arguments: of the command.
            call: the system call of which ``padding`` empty ones are made first.
            padding: how many.
            become: ``uid``, ``umask``, ``fsize`` (RLIMIT_FSIZE), ``nofile`` (RLIMIT_NOFILE).
        """
        os.truncate(self._stderr, 0)
        order = {"start": [str(argument) for argument in arguments], "become": become}
        return self._ask({**order, "call": call, "padding": padding})

    def wait(self, pid: int) -> Ended:
        """Wait for its end; what it told is for all runs that were begun since the last wait."""
        code = os.waitstatus_to_exitcode(self._ask({"wait": pid}))
        return Ended(code, self._stderr.read_text("utf-8"))

    def run(
        self, arguments: Sequence[str | Path], call: str = "", padding: int = 0, **become: int
    ) -> Ended:
        """A whole run."""
        return self.wait(self.start(arguments, call, padding, **become))

    def _ask(self, order: Mapping[str, object]) -> int:
        self._connection.send(json.dumps(order).encode())
        return int(self._connection.recv(64))


@contextlib.contextmanager
def warmed(stderr: Path) -> Iterator[Warm]:
    """A process that has run the command once; the runs tell in the file ``stderr``."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE)
    with ours, theirs, stderr.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        with process:
            try:
                assert ours.recv(64) == b"warm", stderr.read_text("utf-8")
                yield Warm(ours, process.pid, stderr)
            finally:
                process.kill()


def _serve(connection: socket.socket) -> None:
    connection.send(b"warm")
    while message := connection.recv(1 << 16):
        order: dict[str, Any] = json.loads(message)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            connection.send(str(status).encode())
            continue
        child = os.fork()
        if child == 0:
            connection.close()
            for name, value in order["become"].items():
                _BECOME[name](value)
            _command(order["start"], order["call"], order["padding"])
        connection.send(str(child).encode())


def _command(arguments: list[str], call: str, padding: int) -> NoReturn:
    """The command, as its console script runs it."""
    for _ in range(padding):
        with contextlib.suppress(OSError):
            PADDING[call]()
    sys.argv[1:] = arguments
    try:
        run()
    except SystemExit as stop:
        # What the interpreter tears down at its end takes longer than the run.
        os._exit(int(stop.code or 0))


def _warm_up() -> None:
    """Load what a run loads; twice into one directory, so that there is a set to replace."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        target = ["--offline", "--at", "2026-10-11T00:00:00Z", "-o", f"{folder}/set"]
        codes = [main(["build", *target]) for _ in range(2)]
    assert codes == [0, 0]
    for pad in PADDING.values():
        with contextlib.suppress(OSError):
            pad()


if __name__ == "__main__":
    _warm_up()
    # Until a run listens, a request to end is no more than that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A child that collects garbage does not copy what it inherits.
    gc.collect()
    gc.freeze()
    # Where only a parent may trace, let a sibling do it.
    LIBC.prctl(_PR_SET_PTRACER, ctypes.c_ulong(_ANY), 0, 0, 0)
    with socket.socket(fileno=int(sys.argv[1])) as served:
        _serve(served)
