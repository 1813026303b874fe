""".ci/download-packages.sh, with an apt-get that finds no mirror."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "download-packages.sh"
SUITES = ["bullseye", "bookworm", "trixie", "sid"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts alone, and an apt-get that tells of every call and fails."""
    for name in (".ci", "bin"):
        (tmp_path / name).mkdir()
    for script in (SCRIPT, SCRIPT.parent / "apt.sh"):
        shutil.copy(script, tmp_path / ".ci")
    command = tmp_path / "bin" / "apt-get"
    command.write_text(f"#!/bin/sh\necho called >> {tmp_path}/calls\nexit 100\n")
    command.chmod(stat.S_IRWXU)
    return tmp_path


def run(checkout: Path, **variables: str) -> tuple[int, list[str]]:
    process = subprocess.run(
        ["bash", checkout / ".ci" / SCRIPT.name],
        env={"PATH": f"{checkout / 'bin'}:/usr/bin:/bin", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return process.returncode, re.findall(r"^SKIPPED: (.*)$", process.stderr, re.MULTILINE)


def put(checkout: Path, *suites: str) -> None:
    """Packages of these suites, as if they had been downloaded."""
    _, _, rest = SCRIPT.read_text(encoding="utf-8").partition("\nWANTED='")
    wanted, _, _ = rest.partition("'")
    for suite in suites:
        folder = checkout / "build" / "packages" / suite
        folder.mkdir(parents=True)
        for names in wanted.split():
            (folder / f"{names.partition('|')[0]}_1.0-1_all.deb").touch()


def test_what_is_there_is_not_asked_for_again(checkout: Path) -> None:
    put(checkout, *SUITES)
    assert run(checkout, CI="true") == (0, [])
    assert not (checkout / "calls").exists()


def test_a_package_that_is_lacking_is_asked_for(checkout: Path) -> None:
    put(checkout, *SUITES)
    (checkout / "build" / "packages" / "trixie" / "bind9_1.0-1_all.deb").unlink()
    assert run(checkout) == (0, ["trixie"])
    assert (checkout / "calls").exists()


def test_a_package_that_a_suite_may_lack_is_not_waited_for(checkout: Path) -> None:
    put(checkout, *SUITES)
    for found in checkout.glob("build/packages/*/feather-wallet_*.deb"):
        found.unlink()
    assert run(checkout, CI="true") == (0, [])
    assert not (checkout / "calls").exists()


def test_a_suite_that_is_not_to_be_had_is_told_and_skipped(checkout: Path) -> None:
    put(checkout, "bookworm")
    assert run(checkout) == (0, ["bullseye", "trixie", "sid"])


def test_in_ci_every_suite_must_be_there(checkout: Path) -> None:
    put(checkout, "bullseye", "bookworm", "trixie")
    assert run(checkout, CI="true") == (1, ["sid"])


def test_without_bookworm_there_is_nothing_to_audit(checkout: Path) -> None:
    put(checkout, "bullseye", "trixie", "sid")
    assert run(checkout) == (1, ["bookworm"])


def test_nothing_half_there_is_left(checkout: Path) -> None:
    run(checkout)
    assert not (checkout / "build").exists()
