from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.packaging.building import (
    ROOT,
    Distributions,
    build,
    copy_tree,
    unpack,
    without_network,
)

# Neither today nor that of a commit, which a fresh checkout of the sdist does not have.
EPOCH = 1796083200  # 2026-12-01T00:00:00Z


class Installed(NamedTuple):
    """The wheel in an environment of its own, with its dependencies beside it."""

    prefix: Path
    cwd: Path

    def run(self, program: str, *arguments: str, code: int = 0) -> str:
        """What a program of the environment prints to both, run in ``cwd`` without network."""
        process = subprocess.run(
            [*without_network(), str(self.prefix / "bin" / program), *arguments],
            cwd=self.cwd,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert process.returncode == code, process.stdout
        return process.stdout


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what belongs to the project."""
    return copy_tree(ROOT, tmp_path_factory.mktemp("tree") / "root-anchors")


@pytest.fixture(scope="session")
def distributions(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    return build(tree, tmp_path_factory.mktemp("dist"), EPOCH)


@pytest.fixture(scope="session")
def unpacked(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the sdist."""
    return unpack(distributions.sdist, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="session")
def installed(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    prefix = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    python = str(prefix / "bin" / "python")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"),
            *("install", "--quiet", "--no-index", "--no-deps", str(distributions.wheel)),
        ],
        check=True,
        timeout=60,
    )
    (site,) = (prefix / "lib").glob("python*/site-packages")
    # A path of packages, but not the .pth files in it: an editable install of us stays out.
    (site / "dependencies.pth").write_text(
        "".join(f"{sysconfig.get_path(name)}\n" for name in ("purelib", "platlib"))
    )
    return Installed(prefix, tmp_path_factory.mktemp("elsewhere"))
