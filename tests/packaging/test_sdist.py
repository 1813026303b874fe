"""What is in the sdist: all that its own tests need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.packaging.building import without_network
from tests.packaging.conftest import EPOCH

# Enough to see that documents, fixtures and locks are found; the list of files says the rest.
SOME = [
    "tests/docs/test_fixtures.py",
    "tests/docs/test_security.py",
    "tests/packaging/test_pins.py",
    "tests/unit/publication/test_root_cas.py",
]


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_the_project_is_in_it(tree: Path, unpacked: Path) -> None:
    assert names(unpacked) == names(tree) | {"PKG-INFO"}


def test_the_files_are_what_they_were(tree: Path, unpacked: Path) -> None:
    for name in sorted(names(tree) - {"PKG-INFO"}):
        one, another = tree / name, unpacked / name
        assert one.read_bytes() == another.read_bytes()
        assert one.stat().st_mode & 0o111 == another.stat().st_mode & 0o111
        assert another.stat().st_mtime == EPOCH


def test_some_of_its_tests_pass(unpacked: Path) -> None:
    process = subprocess.run(
        [
            *(*without_network(), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *SOME,
        ],
        cwd=unpacked,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout
    assert " passed" in process.stdout
