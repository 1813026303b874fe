"""The lab, and the consumers: those of this machine, and those unpacked in build/consumers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark.structures import ParameterSet

from anchors.consumers.bench import Bench, find_program, on_bench
from anchors.consumers.driver import Driver
from anchors.consumers.format import Format
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import authorities, drivers, find_formats
from anchors.pipeline.verify import example
from anchors.proving.lab import ALGORITHMS, Lab, LabKey

# Set to 1 where a missing consumer is an error and not a reason to skip.
REQUIRE = "ROOT_ANCHORS_REQUIRE_CONSUMERS"

# What was unpacked and not installed, a folder for each release of Debian.
FOLDERS = sorted(Path(__file__).parents[2].joinpath("build", "consumers").glob("*/bin"))

# In no release of Debian yet: to be had among the newest versions, where those can be had.
NEWEST_ONLY = {"knot-resolver"}


def needs(driver: Driver, *, optional: bool = False) -> None:
    """Skip the test where the driver's programs are missing, or fail it where they must be."""
    missing = driver.missing()
    if not missing:
        return
    message = f"not installed: {', '.join(missing)} (Debian: {driver.package})"
    if os.environ.get(REQUIRE) == "1" and not optional:
        pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
    pytest.skip(message)


class Case(NamedTuple):
    """A consumer, a format that it reads, and the folder it is taken from, if any."""

    driver: Driver
    row: Format
    folder: Path | None

    def bench(self, content: bytes) -> contextlib.AbstractContextManager[Bench]:
        """A bench with this content as the anchor file."""
        return on_bench(self.row.name, self.row.file_name, content)


def cases(*, installed_only: bool = False) -> Iterator[ParameterSet]:
    """Every consumer with each of its formats, once for each place that has it."""
    for folder in (None, *(() if installed_only else FOLDERS)):
        for driver in drivers():
            if folder is None or has_all(folder, driver):
                for row in find_formats(driver.formats):
                    where = "installed" if folder is None else folder.parent.name
                    name = driver.name.replace(" ", "-")
                    yield pytest.param(Case(driver, row, folder), id=f"{where}-{name}-{row.name}")


def rendered(name: str) -> bytes:
    """The anchor file of a format, with the real keys."""
    (row,) = find_formats([name])
    return row.write(example().emission)


def has_all(folder: Path, driver: Driver) -> bool:
    return all((folder / name).exists() for name in driver.programs)


@pytest.fixture
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The consumer, ready to be used; skips the test without it, or fails where it must be."""
    case: Case = request.param
    if case.folder is not None:
        monkeypatch.setenv("PATH", f"{case.folder}:{os.environ['PATH']}")
    elsewhere = any(has_all(folder, case.driver) for folder in FOLDERS)
    needs(case.driver, optional=elsewhere or case.driver.name in NEWEST_ONLY)
    with case.bench(b"") as bench:
        unfit = case.driver.unfit(bench)
    if unfit is not None:
        pytest.skip(unfit)
    return case


@pytest.fixture(scope="session")
def lab() -> Lab:
    """One lab for all, with two RSA keys as the root has them."""
    return lab_of((8, 8))


@pytest.fixture(scope="session")
def lab_to_come() -> Lab:
    """A lab that has an ECDSA key besides, as ``prove --lab`` makes it."""
    return lab_of(ALGORITHMS)


def lab_of(algorithms: Sequence[int]) -> Lab:
    """Consumers go by the machine's clock, and so must the lab."""
    servers = [one.program for one in authorities()]
    if not any(map(find_program, servers)):
        message = f"no name server is installed: one of {', '.join(servers)}"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
        pytest.skip(message)
    return Lab(datetime.now(UTC).replace(microsecond=0), algorithms)


@pytest.fixture(scope="session")
def roots(lab: Lab) -> Iterator[Mapping[LabKey, Endpoint]]:
    """A name server for each key, with the zone that this key alone signs."""
    with contextlib.ExitStack() as servers:
        yield {key: servers.enter_context(lab.serving(key)) for key in lab.keys}


@pytest.fixture(scope="session")
def roots_to_come(lab_to_come: Lab) -> Iterator[Mapping[LabKey, Endpoint]]:
    """The same of the lab with an ECDSA key."""
    with contextlib.ExitStack() as servers:
        yield {key: servers.enter_context(lab_to_come.serving(key)) for key in lab_to_come.keys}
