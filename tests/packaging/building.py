"""Build the wheel and the sdist twice, as differently as may be, and compare: `make verify-build`.

A copy of the tree is built by the build backend alone (PEP 517): no front end, no index, and no
network where the system can take it away.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

__all__ = [
    "ROOT",
    "Differs",
    "Distributions",
    "Way",
    "build",
    "build_twice",
    "compare",
    "copy_tree",
    "main",
    "source_date_epoch",
    "unpack",
    "without_network",
]

ROOT = Path(__file__).parents[2]

# What make, git and the tools leave in a tree.
_LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "__pycache__", ".*_cache", ".hypothesis", ".coverage*"
)
_HOOKS = """
import sys
from flit_core import buildapi
buildapi.build_sdist(sys.argv[1])
buildapi.build_wheel(sys.argv[1])
"""
_SECONDS = 120


class Differs(Exception):
    """Two builds of the same source are not the same."""


class Distributions(NamedTuple):
    """What one build made."""

    wheel: Path
    sdist: Path


class Way(NamedTuple):
    """How one build is done: none of this may show in what it makes."""

    umask: int
    variables: dict[str, str]


_ONE = Way(0o022, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"})
# Fourteen hours ahead of UTC, and without UTF-8.
_ANOTHER = Way(0o077, {"TZ": "XXX-14", "LC_ALL": "POSIX", "PYTHONHASHSEED": "4242"})


@cache
def without_network() -> tuple[str, ...]:
    """What runs a command in a network namespace of its own; empty where that cannot be had."""
    if shutil.which("unshare"):
        for words in (("unshare", "-n"), ("unshare", "-rn")):
            done = subprocess.run([*words, "true"], capture_output=True, check=False, timeout=10)
            if done.returncode == 0:
                return words
    return ()


def source_date_epoch(tree: Path) -> int:
    """The time that goes into the archives, in seconds since 1970.

    As https://reproducible-builds.org/specs/source-date-epoch/ has it; else the time of the commit;
    else, in an unpacked sdist, of the newest file, since there each has the time of the build.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if (tree / ".git").exists():
        command = ["git", "-C", str(tree), "log", "-1", "--format=%ct"]
        return int(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return max(int(path.stat().st_mtime) for path in _files(tree))


def copy_tree(source: Path, target: Path, *, umask: int = 0o022, age: int | None = None) -> Path:
    """Copy what belongs to the project, as a checkout under ``umask`` would; return ``target``.

    ``age`` in seconds makes the files that old, in the place of the times they have.
    """
    shutil.copytree(source, target, symlinks=True, ignore=_LEFT_BEHIND)
    for path in _files(target):
        executable = path.stat().st_mode & 0o100
        path.chmod((0o777 if executable else 0o666) & ~umask)
        if age is not None:
            then = path.stat().st_mtime - age
            os.utime(path, (then, then))
    return target


def build(tree: Path, target: Path, epoch: int, way: Way = _ONE) -> Distributions:
    """Build ``tree`` into ``target``.

    Raises:
        subprocess.CalledProcessError: the backend failed; it has told why.
    """
    subprocess.run(
        [*without_network(), sys.executable, "-s", "-P", "-c", _HOOKS, str(target)],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": str(epoch), **way.variables},
        umask=way.umask,
        check=True,
        timeout=_SECONDS,
    )
    (wheel,) = target.glob("*.whl")
    (sdist,) = target.glob("*.tar.gz")
    return Distributions(wheel, sdist)


def unpack(sdist: Path, target: Path) -> Path:
    """Unpack, and return the one folder in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    (tree,) = target.iterdir()
    return tree


def compare(one: Path, another: Path) -> None:
    """Hold two archives against each other, byte for byte.

    Raises:
        Differs: with the names of the members that differ, where it is in them.
    """
    if one.name != another.name:
        raise Differs(f"{one.name} and {another.name}")
    if one.read_bytes() == another.read_bytes():
        return
    first, second = _members(one), _members(another)
    names = sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )
    raise Differs(f"{one.name}: {', '.join(names) or 'not in its members'}")


def with_url(tree: Path, url: str) -> Path:
    """Name where the project lives in the metadata of a copy; return it.

    Raises:
        ValueError: it is no URL that may stand there.
    """
    if url and not re.fullmatch(r"https://[!#-\[\]-~]+", url):
        raise ValueError(f"URL is no https:// address without blanks and quotation marks: {url}")
    if url:
        project = tree / "pyproject.toml"
        text = project.read_text(encoding="utf-8")
        named = f'[project.urls]\nHomepage = "{url}"\n\n[project.scripts]\n'
        project.write_text(text.replace("[project.scripts]\n", named, 1), encoding="utf-8")
    return tree


def build_twice(source: Path, scratch: Path, epoch: int, url: str = "") -> Distributions:
    """Build a copy, another copy of it in another way, and what the sdist unpacks to.

    Raises:
        Differs: any two of them are not the same.
        ValueError: the URL cannot stand in the metadata.
    """
    tree = with_url(copy_tree(source, scratch / "one"), url)
    made = build(tree, scratch / "made", epoch, _ONE)
    other = scratch / "another folder, with a longer name"
    copy_tree(tree, other, umask=_ANOTHER.umask, age=10**8)
    unpacked = unpack(made.sdist, scratch / "unpacked")
    for folder, again in (
        ("again", build(other, scratch / "again", epoch, _ANOTHER)),
        ("from the sdist", build(unpacked, scratch / "from-sdist", epoch, _ANOTHER)),
    ):
        try:
            compare(made.wheel, again.wheel)
            compare(made.sdist, again.sdist)
        except Differs as differs:
            raise Differs(f"built {folder}: {differs}") from differs
    return made


def main() -> int:
    """Print the SHA-256 of both, and leave them in ``dist``."""
    epoch = source_date_epoch(ROOT)
    if not without_network():
        sys.stderr.write("SKIPPED: taking the network away (unshare cannot)\n")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            made = build_twice(ROOT, Path(scratch), epoch, os.environ.get("URL", ""))
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        except Differs as differs:
            sys.stderr.write(f"NOT REPRODUCIBLE: {differs}\n")
            return 1
        target = ROOT / "dist"
        target.mkdir(exist_ok=True)
        sys.stdout.write(f"the same, twice and from the sdist; SOURCE_DATE_EPOCH={epoch}\n")
        for path in made:
            digest = sha256(path.read_bytes()).hexdigest()
            shutil.copy(path, target)
            sys.stdout.write(f"{digest}  dist/{path.name}\n")
    return 0


def _files(tree: Path) -> Iterator[Path]:
    return (path for path in tree.rglob("*") if path.is_file())


def _members(archive: Path) -> dict[str, object]:
    """What an archive says of each member, with its content."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            return {
                info.filename: (info.date_time, info.external_attr, wheel.read(info))
                for info in wheel.infolist()
            }
    with tarfile.open(archive) as sdist:
        return {
            info.name: (info.get_info(), file.read() if (file := sdist.extractfile(info)) else b"")
            for info in sdist
        }


if __name__ == "__main__":
    sys.exit(main())
