"""Trees by their number, given to a program and to the audit: ``python -m`` this for many.

python -m tests.differential.resolvers.compare TREES [SEED [PROGRAM...]]
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.util
import os
import re
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from anchors.auditing.result import Outcome
from anchors.consumers.pdns.reading import is_yaml
from anchors.pipeline.report import Verdict
from anchors.pipeline.root_keys import VerifiedKeys, verified_keys
from anchors.pipeline.verify import verify
from anchors.proving.lab import Lab
from anchors.proving.lab import LabKey as Published
from tests.differential.resolvers.trees import made, without_line
from tests.resolvers.audited import Said, said_of
from tests.resolvers.differs import difference
from tests.resolvers.keys import key, marked
from tests.resolvers.network import Network, world, zone_text
from tests.resolvers.observe import observe
from tests.resolvers.places import bases, version_in
from tests.resolvers.programs import PROGRAMS
from tests.resolvers.rules import answer
from tests.resolvers.tree import Tree

__all__ = ["Compared", "Task", "compared", "published", "root_of_today"]

# The root that every program asks: B has succeeded A, as KSK-2024 has KSK-2017.
_ROOT = "B"
_SMALLER = 40
# A tree takes a second on a machine that is idle, and a start that fails up to half a minute.
_SECONDS = 240
_SMALLER_SECONDS = 60
# Programs wait for the most part: to be asked, to be answered, and to end.
_PROCESSES = 3 * (os.cpu_count() or 1)


class Compared(NamedTuple):
    """What came of one tree.

    Attributes:
        outcome: by the audit; ``None`` where it is undecided.
        words: what is undecided, or what is wrong, with a small tree of the same kind; "" where
            both say the same.
    """

    outcome: Outcome | None
    words: str


class Task(NamedTuple):
    """A tree by its number, for one program."""

    program: str
    base: Path
    number: int
    seed: int


@contextlib.contextmanager
def root_of_today() -> Iterator[Network]:
    """A network whose root is signed by B."""
    with world(_ROOT) as network:
        yield network


@cache
def published() -> VerifiedKeys:
    """A and B by a publication of their own, verified under a CA of the lab."""
    lab = Lab(datetime.now(UTC).replace(microsecond=0))
    lab.keys = tuple(_published(letter) for letter in "AB")
    with tempfile.TemporaryDirectory() as folder:
        request = lab.publish(lab.keys, Path(folder))
        signed = Path(folder, "root.rrset")
        signed.write_text(lab.recorded(lab.keys[1]).text, encoding="ascii")
        report = verify(request)
    if report.verdict is not Verdict.VERIFIED:
        raise RuntimeError(f"the lab's own publication: {report.findings[0].message}")
    names = {key(letter).tag: letter for letter in "AB"}
    keys = verified_keys(report)
    named = tuple(one._replace(name=names.get(one.key_tag, one.name)) for one in keys.keys)
    now = tuple(s._replace(key=s.key._replace(name=names[s.key.key_tag])) for s in keys.now)
    return keys._replace(keys=named, now=now)


def _published(letter: str) -> Published:
    private = key(letter).private_key
    assert isinstance(private, RSAPrivateKey)
    return Published(private, 8)


def compared(task: Task, network: Network) -> Compared:
    """Run the program and the audit on one tree."""
    program, base, number, seed = task
    version = version_in(base, program)
    tree = made(program, version, number, seed)
    if _is_of_another_version(program, version, tree):
        return Compared(None, "a configuration in the syntax of another version")
    said = _said(program, tree)
    if said is None or said.outcome is Outcome.UNDECIDED or said.starts is None:
        return Compared(None, _kind(said))
    found = _difference(program, base, network, tree, said)
    if found is None:
        return Compared(said.outcome, "")
    small, found = _smallest(program, base, network, tree, found)
    head = f"{program} {version}, tree {number} of seed {seed}: {found.told} ({found.words})"
    return Compared(said.outcome, f"{head}\n{_shown(small)}")


def _is_of_another_version(program: str, version: str, tree: Tree) -> bool:
    """PowerDNS Recursor 4 has no YAML: the audit takes the version by the syntax."""
    path = "/etc/powerdns/recursor.conf"
    content = tree.files.get(path, b"")
    return program == "pdns_recursor" and version.startswith("4") and is_yaml(content, path)


def _kind(said: Said | None) -> str:
    if said is None:
        return "no resolver is told of: its configuration is none, or cannot be read"
    # Names of files tell no kinds apart.
    return re.sub(r"\S*/\S*", "FILE", said.unmet or said.words)[:120]


def _said(program: str, tree: Tree) -> Said | None:
    with tempfile.TemporaryDirectory(prefix="resolvers-", dir="/dev/shm") as folder:
        root = Path(folder, "root")
        root.mkdir()
        return said_of(program, tree, root, published())


class _Difference(NamedTuple):
    """What the audit says and what was seen; ``words``: of the program."""

    told: str
    words: str

    @property
    def kind(self) -> str:
        """The same in all trees that differ for the same reason."""
        return re.sub("[0-9]+", "0", self.told)


def _difference(
    program: str, base: Path, network: Network, tree: Tree, said: Said
) -> _Difference | None:
    """What is wrong, twice in a row: what is seen once may be the load of this machine."""
    found = None
    for _ in range(2):
        seen = observe(PROGRAMS[program], tree, base, network, asks=True)
        told = difference(said, answer(seen, _ROOT), _ROOT)
        if told is None:
            return None
        network.need_root()
        words = f"{said.outcome.value} ({said.words}) {told}"
        found = _Difference(words, seen.words[-200:])
    return found


def _smallest(
    program: str, base: Path, network: Network, tree: Tree, found: _Difference
) -> tuple[Tree, _Difference]:
    """A smaller tree with a difference of the same kind, as far as that is found soon.

    Soon enough that what was found is told before the time of the tree is over.
    """
    left = _SMALLER
    until = time.monotonic() + _SMALLER_SECONDS
    smaller = True
    while smaller and left > 0:
        smaller = False
        for one in without_line(tree):
            left -= 1
            if left < 0 or time.monotonic() > until:
                break
            said = _said(program, one)
            other = None if said is None else _difference(program, base, network, one, said)
            if other is not None and other.kind == found.kind:
                tree, found, smaller = one, other, True
                break
    return tree, found


def _shown(tree: Tree) -> str:
    rows = [
        f"  {path} = {marked(content.decode('utf-8', 'surrogateescape'))!r:.2000}"
        for path, content in tree.files.items()
    ]
    rows += [f"  {path} -> {target}" for path, target in tree.links.items()]
    rows += [f"  folders {tree.folders}, owners {tree.owners}, modes {tree.modes}"]
    return "\n".join(rows)


class _TooLong(BaseException):
    """A tree took too long; nothing on the way may take this for a fault of the program."""


class _Worker:
    """A process that compares: it has a network of its own, as long as it lives."""

    network: Network
    # A child of this process forgets what is to be done at the end, and must not do it then.
    _stack = contextlib.ExitStack()

    @classmethod
    def begin(cls) -> None:
        """Make the network; a process of a pool runs no other code at its end."""
        cls.network = cls._stack.enter_context(root_of_today())
        multiprocessing.util.Finalize(None, cls._stack.close, exitpriority=1)

    @classmethod
    def compare(cls, task: Task) -> Compared:
        """Compare in that network, for a bounded time."""
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(_SECONDS)
        try:
            return compared(task, cls.network)
        except _TooLong as error:
            return Compared(None, f"not compared: {error}")
        finally:
            signal.alarm(0)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong(f"it took more than {_SECONDS} seconds")


def _results(tasks: Iterable[Task]) -> Iterator[tuple[Task, Compared]]:
    """What comes of each, in the order that they are done; most of the time they wait."""
    # What all of them share is made before they part.
    published()
    zone_text(_ROOT)
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(_PROCESSES, context, _Worker.begin) as pool:
        running: dict[Future[Compared], Task] = {
            pool.submit(_Worker.compare, task): task for task in tasks
        }
        try:
            for done in as_completed(running):
                yield running.pop(done), done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def main(trees: str, seed: str = "", *programs: str) -> int:
    """Tell what came of so many trees for each program."""
    if os.geteuid() != 0:
        print("SKIPPED: only root can give a program a root file system of its own")  # noqa: T201
        return 0
    chosen = int(seed or secrets.randbelow(1 << 31))
    print(f"seed {chosen}")  # noqa: T201
    tasks: list[Task] = []
    for program in programs or PROGRAMS:
        places = list(bases(program))
        if not places:
            print(f"SKIPPED: {program} is not installed")  # noqa: T201
            continue
        tasks += [
            Task(program, places[number % len(places)], number, chosen)
            for number in range(int(trees))
        ]
    began = time.monotonic()
    left = Counter((task.program, task.base) for task in tasks)
    results: dict[tuple[str, Path], list[Compared]] = {one: [] for one in left}
    failed = False
    for task, result in _results(tasks):
        one = (task.program, task.base)
        results[one].append(result)
        if result.outcome is not None and result.words:
            failed = True
            print(result.words, flush=True)  # noqa: T201
        if len(results[one]) == left[one]:
            print(_summary(*one, results[one]), flush=True)  # noqa: T201
    seconds = time.monotonic() - began
    print(f"{len(tasks)} trees in {seconds:.0f} s, {len(tasks) / seconds:.1f} in a second")  # noqa: T201
    return int(failed)


def _summary(program: str, base: Path, results: Sequence[Compared]) -> str:
    undecided = Counter(one.words for one in results if one.outcome is None)
    decided = Counter(one.outcome.value for one in results if one.outcome is not None)
    wrong = sum(1 for one in results if one.outcome is not None and one.words)
    head = (
        f"{program} {version_in(base, program)}: {len(results)} trees, {wrong} differences, "
        f"{undecided.total()} undecided, {dict(decided)}"
    )
    return "\n".join([head, *(f"  {n} undecided: {kind}" for kind, n in undecided.most_common())])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
