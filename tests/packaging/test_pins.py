"""Nothing is installed here but what is pinned by its hash, as the project asks for it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.packaging.building import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {path.stem: path for path in (ROOT / ".ci" / "locks").iterdir()}
# Which groups a lock is for; all but the last two are for the project itself too.
GROUPS = {
    "run": ["build"],
    "dev": ["dev"],
    "oldest": ["build", "test"],
    "fuzz": ["fuzz"],
    "mutants": ["mutants"],
    "sbom": ["sbom"],
    "lock": ["lock"],
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(lock: str) -> dict[str, set[Version]]:
    """The versions of each package; more than one where markers choose."""
    found: dict[str, set[Version]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.partition(" --hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        found.setdefault(canonicalize_name(requirement.name), set()).add(Version(specifier.version))
    return found


def entries(lock: str) -> list[str]:
    return LOCKS[lock].read_text(encoding="utf-8").replace("\\\n", "").splitlines()


def group(name: str) -> list[str]:
    groups: dict[str, list[Any]] = PYPROJECT["dependency-groups"]
    found = []
    for entry in groups[name]:
        found += [entry] if isinstance(entry, str) else group(entry["include-group"])
    return found


def wanted(lock: str) -> list[Requirement]:
    lines = [line for name in GROUPS[lock] for line in group(name)]
    if lock not in {"sbom", "lock"}:
        lines += PYPROJECT["project"]["dependencies"]
    return [Requirement(line) for line in lines]


def test_every_lock_is_known() -> None:
    assert LOCKS.keys() == GROUPS.keys()


@pytest.mark.parametrize("lock", GROUPS)
def test_every_line_is_a_version_with_hashes_and_nothing_else(lock: str) -> None:
    for entry in entries(lock):
        requirement, *hashes = re.split(r"\s+(?=--hash)", entry.strip())
        assert re.match(r"[a-z0-9-]+==[^ ]+( ; .+)?$", requirement)
        assert hashes
        assert all(HASH.fullmatch(one) for one in hashes)


@pytest.mark.parametrize("lock", GROUPS)
def test_a_lock_has_what_the_project_asks_for(lock: str) -> None:
    found = pins(lock)
    for requirement in wanted(lock):
        assert all(
            requirement.specifier.contains(version)
            for version in found[canonicalize_name(requirement.name)]
        )


def test_the_oldest_are_the_floors() -> None:
    project = PYPROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    found = pins("oldest")
    for line in [*project["dependencies"], *extras, *group("build")]:
        requirement = Requirement(line)
        (floor,) = [one.version for one in requirement.specifier if one.operator == ">="]
        assert found[canonicalize_name(requirement.name)] == {Version(floor)}


def test_what_runs_is_what_is_developed_with() -> None:
    developed = pins("dev")
    assert all(developed[name] == versions for name, versions in pins("run").items())


def test_nothing_is_installed_without_hashes() -> None:
    """Except ourselves: with no index and no dependencies."""
    files = [ROOT / "Makefile", *(p for p in (ROOT / ".ci").iterdir() if p.is_file())]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files).replace("\\\n", " ")
    # Each way to install, without what it is to install.
    ways = re.findall(r"^with_(\w+) = (.*\bpip\s+install\b.*)$", text, re.MULTILINE)
    assert [way for way, _ in ways] == ["pip", "uv"]
    assert not [command for _, command in ways if re.search(r"index|\s-r\b|[<>]", command)]
    direct = re.findall(r"^(?!with_).*(\bpip\s+install\b[^;\n]*)", text, re.MULTILINE)
    assert all("--require-hashes -r $(LOCKS)" in command for command in direct)
    assert len(re.findall(r"\bpip\s+install\b", text)) == len(ways) + len(direct)
    installs = re.findall(r"\$\(with_\$\(INSTALLER\)\).*", text)
    assert len(installs) == len(re.findall(r"\(with_", text)) == 2
    for install in installs:
        ours = "--no-index --no-deps --no-build-isolation" in install
        assert ours or "--require-hashes -r $(LOCKS)" in install
    assert not re.search(r"\b(npm|gem|cargo|go) install|\bcurl\b|\bwget\b|easy_install", text)


def test_the_build_needs_the_backend_alone() -> None:
    requires = PYPROJECT["build-system"]["requires"]
    assert requires == group("build")
    assert [Requirement(line).name for line in requires] == ["flit_core"]
