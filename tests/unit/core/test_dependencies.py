"""Libraries that are too old for a verification are told by name and version."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from anchors.core import dependencies
from anchors.core.dependencies import FLOORS, too_old
from tests.unit.stages import FIXTURES

PROJECT = tomllib.loads((FIXTURES.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_floors_are_those_of_the_project() -> None:
    assert [f"{name}>={floor}" for name, (floor, _) in FLOORS.items()] == PROJECT["dependencies"]


def test_what_is_installed_here_is_new_enough() -> None:
    assert too_old() is None


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("cryptography", "43.0.0", "needs cryptography 49 or newer, this is 43.0.0"),
        ("cryptography", "48.0.1rc1", "needs cryptography 49 or newer, this is 48.0.1rc1"),
        ("lxml", "5.2.2", "needs lxml 5.3 or newer, this is 5.2.2"),
        ("dnspython", "2.6.1", "needs dnspython 2.7 or newer, this is 2.6.1"),
        ("requests", "2.32", "needs requests 2.32.3 or newer, this is 2.32"),
        ("requests", "2.32.3", None),
        ("requests", "2.32.3+dfsg", None),
        ("lxml", "5.3", None),
        ("lxml", "5.10a1", None),
        ("cryptography", "100", None),
    ],
)
def test_a_version_is_compared_by_its_numbers(
    name: str, version: str, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = metadata.version
    monkeypatch.setattr(metadata, "version", lambda one: version if one == name else true(one))
    error = too_old()
    assert (error and str(error)) == told


def test_a_library_that_is_not_there_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "FLOORS", {"no-such-library": ("1", "no_such_library")})
    assert str(too_old()) == "needs no-such-library 1 or newer, which is not installed"


def test_a_module_whose_version_nobody_knows_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dependencies, "FLOORS", {"no-such-library": ("1", "json")})
    assert too_old() is None


@pytest.mark.parametrize("in_venv", [True, False])
def test_the_remedy_is_a_command_where_pip_may_be_used(
    in_venv: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: "0.1")
    monkeypatch.setattr(sys, "prefix", "/venv" if in_venv else sys.base_prefix)
    remedy = str(getattr(too_old(), "remedy", ""))
    pip = f"{sys.executable} -m pip install 'cryptography>=49' 'dnspython>=2.7'"
    assert remedy.startswith(pip if in_venv else "install root-anchors with pipx or uv")


@pytest.fixture
def debian_13(tmp_path: Path) -> Path:
    """A place for modules with the cryptography of Debian 13, which has no ``hazmat.asn1``."""
    for folder in ("cryptography/hazmat", "cryptography-43.0.0.dist-info"):
        (tmp_path / folder).mkdir(parents=True)
    for package in ("cryptography", "cryptography/hazmat"):
        (tmp_path / package / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "cryptography-43.0.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: cryptography\nVersion: 43.0.0\n", encoding="utf-8"
    )
    return tmp_path


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anchors", *command.split()],
        env={**os.environ, "PYTHONPATH": f"{place}:{FIXTURES.parent}"},
        cwd=place,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["verify --offline", "build --offline -o out"])
def test_the_command_says_one_sentence_instead_of_an_internal_error(
    command: str, debian_13: Path
) -> None:
    done = run(command, debian_13)
    assert (done.returncode, done.stdout) == (3, "")
    first, *rest = done.stderr.splitlines()
    assert first == "root-anchors: error: needs cryptography 49 or newer, this is 43.0.0"
    assert rest[0].startswith("  do:    ")
    assert rest[1:] == ["  check: library.version (root-anchors explain library.version)"]
    assert not (debian_13 / "out").exists()


@pytest.mark.parametrize("command", ["formats", "explain library.version"])
def test_a_command_that_verifies_nothing_needs_no_new_library(
    command: str, debian_13: Path
) -> None:
    """The remedy names ``explain``, which has to work where the remedy is printed."""
    done = run(command, debian_13)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
