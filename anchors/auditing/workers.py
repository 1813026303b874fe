"""Run work in processes that can be ended: the audit continues, and reports every ended task.

Processor time is limited, not elapsed time: a busy or stopped machine ends nothing.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.popen_fork  # before a caller gives up the right to read it
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Generator
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = [
    "Clock",
    "Ended",
    "Progress",
    "Stalled",
    "allow",
    "alone",
    "seconds_for",
    "shared_out",
    "unwatched",
]

T = TypeVar("T")
R = TypeVar("R")

# Told often how many files and bytes were looked at so far.
Progress = Callable[[int, int], None]

# One file may take so many seconds of a processor; what does not end by then is ended.
_STALLS_AFTER, _KILLED_AFTER = 20, 40
# More than any honest tree or package takes by far: to begin with, for each MiB, for each file.
_SECONDS, _PER_MIB, _PER_FILE = 60, 1.0, 0.02
# Beside what the process has when it begins: an xz archive alone may want 1 GiB.
_MEMORY = 2 << 30
_TELL_EVERY = 0.2
# Fork: the caller's main module may do anything when it is imported, and nothing is in /dev/shm.
_PROCESSES = multiprocessing.get_context("fork")
_is_worker = False


def unwatched(_files: int, _size: int) -> None:
    """Show no progress."""


class Stalled(Exception):
    """A file took more time than any file needs."""


class Ended(NamedTuple):
    """A task that was not done; ``is_final``: the budget of its PATH is spent."""

    reason: str
    is_final: bool = False


class Clock:
    """The time budget of a PATH, which grows with the number and size of its files.

    Attributes:
        taken: the processor seconds that were spent.
        files: the number of files that were read.
        size: the number of bytes that were read.
    """

    def __init__(self) -> None:
        self.taken = 0.0
        self.files = self.size = 0

    @property
    def is_spent(self) -> bool:
        """Whether it took more than it may."""
        return self.taken > seconds_for(self.files, self.size)

    def saw(self, files: int, size: int, seconds: float) -> None:
        """Count what was looked at, and the processor's seconds that it took."""
        self.files += files
        self.size += size
        self.taken += seconds


def seconds_for(files: int, size: int) -> float:
    """The processor seconds for this number of files and bytes."""
    return _SECONDS + _PER_FILE * files + _PER_MIB * size / (1 << 20)


def allow(seconds: int | None = None) -> None:
    """In a worker: limit the processor seconds from now on; elsewhere, do nothing.

    Without a number, the limit is that of one file.

    Beyond the limit :class:`Stalled` is raised; if that has no effect, the kernel ends the worker.
    """
    if not _is_worker:
        return
    seconds = _STALLS_AFTER if seconds is None else seconds
    signal.setitimer(signal.ITIMER_PROF, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + seconds + _KILLED_AFTER - _STALLS_AFTER
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or most <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


class _Worker(Generic[T, R]):
    """One process, and the task that it is at."""

    def __init__(self, do: Callable[[T, Progress], R]) -> None:
        ours, its = _PROCESSES.Pipe()
        self.told: Connection[Any, Any] = ours
        self.process = _PROCESSES.Process(target=_serve, args=(ours, its, do), daemon=True)
        self.task: T | None = None
        try:
            self.process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            its.close()

    def give(self, task: T) -> None:
        self.task = task
        # A worker that died is noticed by its sentinel.
        with contextlib.suppress(OSError):
            self.told.send(task)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.told.close()


def shared_out(
    take: Callable[[], T | None],
    do: Callable[[T, Progress], R],
    clock: Clock,
    *,
    workers: Callable[[], int] = lambda: 1,
    progress: Progress = unwatched,
) -> Generator[tuple[T, R | Ended]]:
    """Do every task in a worker, and yield each with its result; close the generator.

    Args:
        take: returns the next task; ``None`` if there is none until another one is done.
        do: does a task, and reports its progress, which the clock counts.
        clock: the time budget of all tasks.
        workers: the maximum number of workers at a time.
        progress: called with the number of files and bytes that all tasks have read.
    """
    crew: list[_Worker[T, R]] = []
    try:
        while not clock.is_spent:
            yield from _given(crew, take, do, clock, workers())
            busy = [worker for worker in crew if worker.task is not None]
            if not busy:
                break
            for worker in _ready(busy):
                found = _heard(worker, clock, progress)
                if isinstance(found, _Died):
                    crew.remove(worker)
                task = worker.task
                if found is not None and task is not None:
                    worker.task = None
                    yield task, found.result
        spent = Ended(f"more than {clock.taken:.0f} seconds of the processor", is_final=True)
        yield from ((w.task, spent) for w in crew if w.task is not None)
        while (task := take()) is not None:
            yield task, spent
    finally:
        for worker in crew:
            worker.end()


def alone(do: Callable[[Progress], R], *, progress: Progress = unwatched) -> R | Ended:
    """Do one thing in a worker.

    Args:
        do: the work, which reports its progress.
        progress: called with the number of files and bytes that were read.
    """
    tasks = [True]
    work = shared_out(
        lambda: tasks.pop() if tasks else None,
        lambda _task, told: do(told),
        Clock(),
        progress=progress,
    )
    with contextlib.closing(work) as done:
        return next(done)[1]


class _Done(NamedTuple):
    result: Any


class _Died(NamedTuple):
    result: Ended


def _given(
    crew: list[_Worker[T, R]],
    take: Callable[[], T | None],
    do: Callable[[T, Progress], R],
    clock: Clock,
    most: int,
) -> Generator[tuple[T, R | Ended]]:
    """Give every worker a task; where none at all can be started, the tasks are done here."""
    while not clock.is_spent:
        free = next((worker for worker in crew if worker.task is None), None)
        if free is None and len(crew) < most:
            free = _started(do)
            crew += [] if free is None else [free]
        if free is None and crew:
            return
        task = take()
        if task is None:
            return
        if free is None:
            yield task, _done_here(do, task, clock)
        else:
            free.give(task)


def _started(do: Callable[[T, Progress], R]) -> _Worker[T, R] | None:
    """A worker, ``None`` where no more processes are allowed, or the caller's may have none."""
    try:
        return _Worker(do)
    except (OSError, AssertionError):
        return None


def _done_here(do: Callable[[T, Progress], R], task: T, clock: Clock) -> R | Ended:
    done, began = (0, 0), time.process_time()

    def saw(files: int, size: int) -> None:
        nonlocal done
        done = (files, size)

    try:
        return do(task, saw)
    except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
        return Ended(_words(error))
    finally:
        clock.saw(*done, time.process_time() - began)


def _ready(busy: list[_Worker[T, R]]) -> list[_Worker[T, R]]:
    """Those that told something, or died."""
    handles = [handle for worker in busy for handle in (worker.told, worker.process.sentinel)]
    ready = connection.wait(handles)
    return [w for w in busy if w.told in ready or w.process.sentinel in ready]


def _heard(worker: _Worker[T, R], clock: Clock, progress: Progress) -> _Done | _Died | None:
    """What came of the task, ``None`` where the worker is still at it."""
    try:
        while worker.told.poll():
            files, size, seconds, done = worker.told.recv()
            clock.saw(files, size, seconds)
            progress(clock.files, clock.size)
            if done is not None:
                return _Done(done[0])
        if worker.process.is_alive():
            return None
    except (EOFError, OSError):
        # It died in the middle of a message, or as one was awaited.
        pass
    worker.end()
    return _Died(Ended(f"the process that looked at it was ended ({worker.process.exitcode})"))


def _serve(ours: Connection[Any, Any], told: Connection[Any, Any], do: Any) -> None:  # noqa: ANN401 - of any task
    """In a worker: do one task after the other, until the parent ends it."""
    ours.close()
    _begin()
    while True:
        try:
            task = told.recv()
        except EOFError:
            return
        teller = _Teller(told)
        try:
            allow()
            result = do(task, teller.progress)
        except Exception as error:  # noqa: BLE001 - told, and the next task is begun
            result = Ended(_words(error))
        allow()
        try:
            teller.tell(result)
        except Exception as error:  # noqa: BLE001 - what cannot be sent, or takes all memory
            result = Ended(_words(error))
            teller.tell(result)


class _Teller:
    """Tells the parent what was looked at since it was last told."""

    def __init__(self, told: Connection[Any, Any]) -> None:
        self._told = told
        self._done = self._last = (0, 0)
        self._seconds = time.process_time()
        self._at = time.monotonic()

    def progress(self, files: int, size: int) -> None:
        """Take the totals of the task; whatever comes next has all of its time again.

        Nearly all: to begin anew with each small file would take longer than to read it.
        """
        goes_on = (files, size) != self._done
        self._done = (files, size)
        if time.monotonic() - self._at > _TELL_EVERY:
            if goes_on:
                allow()
            self._send(None)

    def tell(self, result: object) -> None:
        """Tell that the task is done."""
        self._send((result,))

    def _send(self, done: tuple[object] | None) -> None:
        (files, size), (before, size_before) = self._done, self._last
        now = time.process_time()
        self._told.send((files - before, size - size_before, now - self._seconds, done))
        self._last, self._seconds, self._at = self._done, now, time.monotonic()


def _words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "more memory than any such file needs"
    if isinstance(error, Stalled):
        return str(error)
    return f"{type(error).__name__}: {error}"[:300]


def _begin() -> None:
    """Leave interrupts to the parent, end when it does, and take no more than is allowed."""
    global _is_worker  # noqa: PLW0603 - of a process that is nothing else
    _is_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, _stalled)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - of the kernel
            own = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (own + _MEMORY, hard))


def _stalled(_number: int, _frame: object) -> NoReturn:
    # Again, where it got lost in a finalizer.
    signal.setitimer(signal.ITIMER_PROF, 5)
    raise Stalled(f"more than {_STALLS_AFTER} seconds of the processor")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
