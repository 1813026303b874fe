"""Trees by their number, given to a program and to the audit: ``python -m`` this for many.

python -m tests.differential.resolvers.compare TREES [SEED [PROGRAM...]]
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from anchors.auditing.result import Outcome
from anchors.pipeline.report import Verdict
from anchors.pipeline.root_keys import VerifiedKeys, verified_keys
from anchors.pipeline.verify import verify
from anchors.proving.lab import Lab
from anchors.proving.lab import LabKey as Published
from tests.differential.resolvers.trees import made, without_line
from tests.resolvers.audited import Said, said_of
from tests.resolvers.differs import difference
from tests.resolvers.keys import key
from tests.resolvers.network import Network, world
from tests.resolvers.observe import observe
from tests.resolvers.places import bases, version_in
from tests.resolvers.programs import PROGRAMS
from tests.resolvers.rules import answer
from tests.resolvers.tree import Tree

__all__ = ["Compared", "compared", "published", "root_of_today"]

# The root that every program asks: B has succeeded A, as KSK-2024 has KSK-2017.
_ROOT = "B"
_SMALLER = 40


class Compared(NamedTuple):
    """What came of some trees.

    Attributes:
        trees: how many.
        wrong: what is wrong, each with the number of its tree.
        undecided: by kind, how many.
        decided: the others by their outcome.
    """

    trees: int
    wrong: tuple[str, ...]
    undecided: Counter[str]
    decided: Counter[str]


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
    return Published(private)


def compared(
    program: str, base: Path, numbers: Sequence[int], seed: int, network: Network
) -> Compared:
    """Run the program and the audit on each tree."""
    version = version_in(base, program)
    wrong: list[str] = []
    undecided: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    for number in numbers:
        tree = made(program, version, number, seed)
        said = _said(program, tree)
        if said is None or said.outcome is Outcome.UNDECIDED or said.starts is None:
            undecided[_kind(said)] += 1
            continue
        decided[said.outcome.value] += 1
        told = _difference(program, base, network, tree, said)
        if told is not None:
            small = _smallest(program, base, network, tree, said.outcome)
            wrong.append(
                f"{program} {version}, tree {number} of seed {seed}: {told}\n{_shown(small)}"
            )
    return Compared(len(numbers), tuple(wrong), undecided, decided)


def _kind(said: Said | None) -> str:
    if said is None:
        return "nothing that has to do with anchors"
    return said.words.split(";")[0].split(":")[0][:90]


def _said(program: str, tree: Tree) -> Said | None:
    with tempfile.TemporaryDirectory(prefix="resolvers-", dir="/dev/shm") as folder:
        root = Path(folder, "root")
        root.mkdir()
        return said_of(program, tree, root, published())


def _difference(
    program: str, base: Path, network: Network, tree: Tree, said: Said | None
) -> str | None:
    """What is wrong, twice in a row: what is seen once may be the load of this machine."""
    told = None
    for _ in range(2):
        seen = observe(PROGRAMS[program], tree, base, network, asks=True)
        told = difference(said, answer(seen, _ROOT), _ROOT)
        if told is None:
            return None
        told = (
            f"{told} ({seen.words[-200:]})"
            if said is None
            else (f"{said.outcome.value} ({said.words}) {told} ({seen.words[-200:]})")
        )
    return told


def _smallest(program: str, base: Path, network: Network, tree: Tree, outcome: Outcome) -> Tree:
    """A smaller tree with a difference, as far as that is found soon."""
    left = _SMALLER
    smaller = True
    while smaller and left > 0:
        smaller = False
        for one in without_line(tree):
            left -= 1
            if left < 0:
                break
            said = _said(program, one)
            if (
                said is not None
                and said.outcome is outcome
                and _difference(program, base, network, one, said) is not None
            ):
                tree, smaller = one, True
                break
    return tree


def _shown(tree: Tree) -> str:
    rows = [f"  {path} = {content!r:.700}" for path, content in tree.files.items()]
    rows += [f"  {path} -> {target}" for path, target in tree.links.items()]
    rows += [f"  folders {tree.folders}, owners {tree.owners}, modes {tree.modes}"]
    return "\n".join(rows)


def main(trees: str, seed: str = "", *programs: str) -> int:
    """Tell what came of so many trees for each program."""
    if os.geteuid() != 0:
        print("SKIPPED: only root can give a program a root file system of its own")  # noqa: T201
        return 0
    chosen = int(seed or secrets.randbelow(1 << 31))
    print(f"seed {chosen}")  # noqa: T201
    failed = False
    with root_of_today() as network:
        for program in programs or PROGRAMS:
            places = list(bases(program))
            if not places:
                print(f"SKIPPED: {program} is not installed")  # noqa: T201
            for at, base in enumerate(places):
                numbers = range(at, int(trees), len(places))
                told = compared(program, base, numbers, chosen, network)
                failed = failed or bool(told.wrong)
                print(  # noqa: T201
                    f"{program} {version_in(base, program)}: {told.trees} trees, "
                    f"{len(told.wrong)} differences, {sum(told.undecided.values())} undecided, "
                    f"{dict(told.decided)}",
                    *told.wrong,
                    *(f"  {n} undecided: {kind}" for kind, n in told.undecided.most_common()),
                    sep="\n",
                    flush=True,
                )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
