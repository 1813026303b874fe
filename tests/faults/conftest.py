from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.sets import Sets
from tests.faults.warm import Warm, warmed

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, as a place for folders of ours


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with warmed(tmp_path_factory.mktemp("warm") / "stderr") as running:
        yield running


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where a thousand runs take seconds; on disk where there is none."""
    try:
        folder = Path(tempfile.mkdtemp(dir=MEMORY))
    except OSError:
        yield tmp_path
        return
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sets(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Sets:
    return Sets.made(warm, tmp_path_factory.mktemp("sets"))
