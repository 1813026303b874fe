"""The command in children of one process that has loaded everything: no run waits for Python.

A child has the environment, the directory and the streams of a process of its own, and runs what
the console script runs.  ``python -m tests.live.forked DESCRIPTOR`` serves a socket.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from anchors.cli.main import main, run

__all__ = ["Ended", "fork"]

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
_ORDER = 1 << 20


class Ended(NamedTuple):
    """How a run ended; minus the signal where one killed it."""

    code: int
    out: bytes
    err: bytes


def fork(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Ended:
    """Run the command to its end.

    Raises:
        TimeoutError: it does not end.
    """
    connection = _server()
    order = {"arguments": [*arguments], "cwd": str(cwd), "environment": {**environment}}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        streams = [out.fileno(), err.fileno()]
        socket.send_fds(connection, [json.dumps(order).encode()], streams)
        code = os.waitstatus_to_exitcode(int(connection.recv(64)))
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read())


@functools.cache
def _server() -> socket.socket:
    """The connection to the server, which ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.forked", str(theirs.fileno())],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.kill()
        process.wait()

    atexit.register(end)
    assert ours.recv(64) == b"warm"
    return ours


def _serve(connection: socket.socket) -> None:
    """Run what is asked for, one after the other, until nobody asks any more."""
    connection.send(b"warm")
    while True:
        message, streams, _, _ = socket.recv_fds(connection, _ORDER, 2)
        if not message:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            _command(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        connection.send(str(status).encode())


def _command(order: Mapping[str, object], streams: Sequence[int]) -> NoReturn:
    """The command, as its console script runs it."""
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    match order:
        case {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(environment)}:
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv[1:] = arguments
    code: object = 1
    try:
        run()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    # What the interpreter tears down at its end takes longer than the run.
    os._exit(int(str(code or 0)))


def _warm_up() -> None:
    """Load what a run loads, whatever it is asked for."""
    at = ["--at", "2026-10-11T00:00:00Z"]
    nobody = ["--server", "127.0.0.1#1", "--timeout", "1"]
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        codes = [
            main(["build", "--offline", *at, "-o", f"{folder}/set"]),
            main(["verify", "--source", "http://127.0.0.1:1/", "--dns", "none", *at]),
            main(["verify", "--source", "embedded", *nobody, *at, "--report-format", "json"]),
        ]
    assert codes == [0, 3, 3]
    # A fork has but one thread.
    assert threading.active_count() == 1


if __name__ == "__main__":
    _warm_up()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A child that collects garbage does not copy what it inherits.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as served:
        _serve(served)
