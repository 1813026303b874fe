"""The only way to other people's programs: in a private directory, bounded, and cleaned up."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from anchors.consumers.query import Endpoint, Question, ask

__all__ = [
    "MAX_OUTPUT",
    "Bench",
    "ConsumerFailed",
    "Ran",
    "Running",
    "find_program",
    "free_port",
    "last_words",
    "on_bench",
]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/systemd"
MAX_OUTPUT = 1 << 20
_RUN_SECONDS = 20.0
_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_PORT_TRIES = 4
# A configuration could take other characters for its own.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - files lie in a private folder in it
_VERSION = Question("version.bind.", "TXT", "CH")
_PORT_TAKEN = re.compile(
    r"address (?:already )?in use|could not (?:bind|open|create)", re.IGNORECASE
)


class ConsumerFailed(Exception):
    """A program did not do what the proof needs; the message is in its words."""


class Ran(NamedTuple):
    """A program that ended: its exit code, and both its outputs in the order they came."""

    code: int
    output: str


# Ends a process group once standard input ends: with us, and be it by SIGKILL.
_WATCH = """\
read -r group || exit
while read -r _; do :; done
kill -s KILL -- "-$group"
"""


class _Watcher:
    """A process of its own that ends a program where we end without ending it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the script is our own
            ["/bin/sh", "-c", _WATCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """Say which process group shall not outlive us."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(f"{group}\n".encode())
                self._process.stdin.flush()

    def end(self) -> None:
        """There is nothing to watch any more."""
        self._process.kill()
        self._process.communicate()


class Running:
    """A program and its children, until :meth:`stop`; its output is collected meanwhile.

    It is started in a thread: an interruption of the main one then never loses it half started.
    """

    def __init__(self, command: Sequence[str], directory: Path, env: Mapping[str, str]) -> None:
        self._command, self._directory, self._env = command, directory, env
        self._started: Future[subprocess.Popen[bytes]] = Future()
        self._output = bytearray()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._watcher: _Watcher | None = None
        self._is_stopped = False

    @property
    def output(self) -> str:
        """What it has said so far, on stdout and stderr; cut at a megabyte."""
        return bytes(self._output).decode(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self._started.result().poll() is not None

    def start(self) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        self._thread.start()
        self._started.result()

    def wait(self, seconds: float) -> int:
        """Its exit code.

        Raises:
            ConsumerFailed: it does not end.
        """
        try:
            return self._started.result().wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise ConsumerFailed(f"it did not end within {seconds:g} seconds") from error

    def stop(self) -> None:
        """Ask it to end, then end its whole process group; once is enough."""
        if self._is_stopped or self._thread.ident is None or self._started.exception() is not None:
            return
        process = self._started.result()
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if self._watcher is not None:
            self._watcher.end()
        process.wait()
        self._is_stopped = True
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        try:
            # Before the program, so that it takes no time to be told of it.
            watcher = _Watcher()
        except OSError as error:
            self._started.set_exception(error)
            return
        try:
            process = subprocess.Popen(  # noqa: S603 - the path is absolute, and there is no shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                env=self._env,
                start_new_session=True,
            )
        except OSError as error:
            watcher.end()
            self._started.set_exception(error)
            return
        watcher.watch(process.pid)
        self._watcher = watcher
        self._started.set_result(process)
        if process.stdout is not None:
            with process.stdout as stream:
                while chunk := os.read(stream.fileno(), 1 << 16):
                    self._output += chunk[: MAX_OUTPUT - len(self._output)]


def _ended(running: Running, seconds: float) -> Ran:
    code = running.wait(seconds)
    running.stop()
    return Ran(code, running.output)


def find_program(name: str) -> str | None:
    """The absolute path of a program: in the user's PATH, or where administrators' ones are."""
    path = shutil.which(name) or shutil.which(name, path=_PATH)
    return path and str(Path(path).absolute())


class Bench:
    """A private directory in which one consumer meets one anchor file.

    Attributes:
        directory: empty but for the anchor file; gone afterwards.
        format: the anchor file's format by name.
        file: the anchor file, under the name the registry has for it.
    """

    def __init__(self, directory: Path, format_name: str, file: Path) -> None:
        self.directory = directory
        self.format = format_name
        self.file = file

    def write(self, name: str, text: str) -> Path:
        """Write a file of the directory, such as a configuration."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, program: str, *arguments: str | Path, seconds: float = _RUN_SECONDS) -> Ran:
        """Run a program to its end.

        Raises:
            ConsumerFailed: it is not installed, or does not end.
        """
        (ran,) = self.run_together(program, [arguments], seconds=seconds)
        return ran

    def run_together(
        self,
        program: str,
        each: Iterable[Sequence[str | Path]],
        *,
        seconds: float = _RUN_SECONDS,
    ) -> list[Ran]:
        """Run a program several times side by side, with these arguments each, to their ends.

        Raises:
            ConsumerFailed: it is not installed, or does not end.
        """
        with contextlib.ExitStack() as stack:
            begun = [stack.enter_context(self.running(program, *one)) for one in each]
            return [_ended(one, seconds) for one in begun]

    @contextlib.contextmanager
    def running(
        self, program: str, *arguments: str | Path, **environment: str
    ) -> Iterator[Running]:
        """Start a program, with more environment where it needs some; stopped on the way out.

        Raises:
            ConsumerFailed: it is not installed or cannot be started.
        """
        path = find_program(program)
        if path is None:
            raise ConsumerFailed(f"{program} is not installed")
        command = [path, *map(str, arguments)]
        running = Running(command, self.directory, self._environment() | environment)
        try:
            try:
                running.start()
            except OSError as error:
                raise ConsumerFailed(f"{program} cannot be started: {error}") from error
            yield running
        finally:
            running.stop()

    @contextlib.contextmanager
    def serving(
        self,
        program: str,
        configure: Callable[[Endpoint], Sequence[str | Path]],
        *,
        address: str = "127.0.0.1",
        ready: Question = _VERSION,
        **environment: str,
    ) -> Iterator[tuple[Endpoint, Running]]:
        """Start a name server and wait until it gives any reply at all to ``ready``.

        Args:
            program: the server, which must stay in the foreground.
            configure: writes its configuration for this endpoint and returns its arguments.
            address: the loopback address to listen on; named takes 127.0.0.1 alone.
            ready: a question that it answers (or refuses) at once, with wrong anchors too.
            environment: more of it, where the program needs some.

        Raises:
            ConsumerFailed: it does not start; the message is the end of what it said.
        """
        for attempt in range(_PORT_TRIES):
            endpoint = Endpoint(address, free_port(address))
            with self.running(program, *configure(endpoint), **environment) as running:
                if _is_ready(endpoint, ready, running):
                    yield endpoint, running
                    return
                ended = running.ended
            if not (ended and _PORT_TAKEN.search(running.output) and attempt < _PORT_TRIES - 1):
                how = "ended at once" if ended else "does not answer"
                raise ConsumerFailed(f"{program} {how}: {last_words(running.output)}")

    def _environment(self) -> dict[str, str]:
        private = str(self.directory)
        return {"PATH": _PATH, "LC_ALL": "C", "TZ": "UTC", "HOME": private, "TMPDIR": private}


def last_words(output: str, lines: int = 3) -> str:
    """The end of what a program said, in one line."""
    said = [line.strip() for line in output.splitlines() if line.strip()]
    return " / ".join(said[-lines:]) or "it said nothing"


@contextlib.contextmanager
def on_bench(format_name: str, file_name: str, content: bytes) -> Iterator[Bench]:
    """A bench with a copy of the anchor file; the file itself is never given to anybody.

    Raises:
        ConsumerFailed: there is no directory for temporary files with a plain name.
    """
    with tempfile.TemporaryDirectory(
        prefix="root-anchors-", dir=_plain_folder(), ignore_cleanup_errors=True
    ) as name:
        directory = Path(name)
        file = directory / file_name
        file.write_bytes(content)
        yield Bench(directory, format_name, file)


def _plain_folder() -> Path:
    """Where temporary files go: a name that needs no quoting in any configuration or shell."""
    for name in (tempfile.gettempdir(), *_TEMPORARY):
        # The real path: some programs refuse to work below a symbolic link.
        folder = Path(name).resolve()
        if _PLAIN.fullmatch(str(folder)) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise ConsumerFailed(
        "no directory for temporary files has a plain name: "
        "let TMPDIR name one of letters, digits, and / . _ - alone"
    )


def _is_ready(endpoint: Endpoint, ready: Question, running: Running) -> bool:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and not running.ended:
        if ask(endpoint, ready, seconds=0.1) is not None:
            return not running.ended
    return False


def free_port(address: str) -> int:
    """A port that is free for UDP and TCP."""
    for _ in range(20):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            port = 0
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                bound = stack.enter_context(socket.socket(socket.AF_INET, kind))
                bound.bind((address, port))
                port = bound.getsockname()[1]
            return port
    raise ConsumerFailed(f"no port is free on {address}")
