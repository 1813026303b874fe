"""The same bytes whoever builds, wherever and when; and nothing is fetched for it."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.packaging import building
from tests.packaging.building import (
    ROOT,
    Differs,
    Distributions,
    build,
    compare,
    copy_tree,
    source_date_epoch,
    with_url,
    without_network,
)
from tests.packaging.conftest import EPOCH


def verify_build(tree: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `make verify-build` runs."""
    return subprocess.run(
        [sys.executable, "-m", "tests.packaging.building"],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_make_runs_what_is_tested_here() -> None:
    assert "-m tests.packaging.building\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_two_builds_are_the_same_and_so_is_that_of_the_sdist(tree: Path, tmp_path: Path) -> None:
    copy = copy_tree(tree, tmp_path / "copy")
    given = verify_build(copy, SOURCE_DATE_EPOCH=str(EPOCH))
    assert given.returncode == 0, given.stderr
    told, wheel, sdist = given.stdout.splitlines()
    assert told.endswith(f"SOURCE_DATE_EPOCH={EPOCH}")
    assert wheel.endswith("  dist/root_anchors-0.1.0-py3-none-any.whl")
    assert sdist.endswith("  dist/root_anchors-0.1.0.tar.gz")

    # Whoever has nothing but the sdist gets the same, without being told the time.
    unpacked = building.unpack(copy / "dist" / "root_anchors-0.1.0.tar.gz", tmp_path / "sdist")
    again = verify_build(unpacked)
    assert again.stdout == given.stdout, again.stderr


def test_the_time_is_that_of_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    date = f"{EPOCH} +0000"
    for command in (
        ["init", "--quiet"],
        ["commit", "--quiet", "--allow-empty", "--message", "one"],
    ):
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", *command],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "GIT_COMMITTER_DATE": date, "HOME": str(tmp_path)},
            check=True,
            timeout=60,
        )
    assert source_date_epoch(tmp_path) == EPOCH
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert source_date_epoch(tmp_path) == 1


def test_a_build_that_depends_on_its_place_is_told(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = copy_tree(tree, tmp_path / "source")

    def and_note_the_place(tree: Path, *arguments: object) -> Distributions:
        (tree / "anchors" / "place.py").write_text(f'"""{tree}"""\n', encoding="utf-8")
        return build(tree, *arguments)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(building, "build", and_note_the_place)
    with pytest.raises(Differs, match=r"built again: .*whl: anchors/place\.py, .*RECORD"):
        building.build_twice(source, tmp_path / "scratch", EPOCH)


def test_a_difference_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def differs(*_: object) -> Distributions:
        raise Differs("here")

    monkeypatch.setattr(building, "build_twice", differs)
    monkeypatch.setattr(building, "ROOT", tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    assert building.main() == 1
    assert "NOT REPRODUCIBLE: here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_archives_are_compared_byte_for_byte(distributions: Distributions, tmp_path: Path) -> None:
    compare(distributions.sdist, distributions.sdist)
    with pytest.raises(Differs, match="and root_anchors"):
        compare(distributions.wheel, distributions.sdist)
    packed_anew = tmp_path / distributions.sdist.name
    packed_anew.write_bytes(gzip.compress(gzip.decompress(distributions.sdist.read_bytes()), 1))
    with pytest.raises(Differs, match="not in its members"):
        compare(distributions.sdist, packed_anew)


def test_another_time_makes_other_archives(
    tree: Path, distributions: Distributions, tmp_path: Path
) -> None:
    """Else the comparison above would not see the time."""
    later = build(tree, tmp_path, EPOCH + 86400)
    for one, another in zip(distributions, later, strict=True):
        with pytest.raises(Differs, match=r"anchors/__init__\.py"):
            compare(one, another)


def test_building_needs_no_network(tree: Path, tmp_path: Path) -> None:
    if not without_network():
        pytest.skip("unshare cannot take the network away here")
    script = "import socket; print([name for _, name in socket.if_nameindex()])"
    seen = subprocess.run(
        [*without_network(), sys.executable, "-c", script],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    ).stdout
    assert seen == "['lo']\n"
    # As pip is used here: with what is installed, and with no index.
    pip = ["-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-index"]
    source = copy_tree(tree, tmp_path / "source")
    subprocess.run(
        [
            *(*without_network(), sys.executable, *pip, "--no-deps", "--no-build-isolation"),
            *("--wheel-dir", str(tmp_path), str(source)),
        ],
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": str(EPOCH)},
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    own = build(source, tmp_path / "own", EPOCH)
    compare(wheel, own.wheel)


def test_what_tools_leave_behind_is_not_packed(tree: Path, tmp_path: Path) -> None:
    littered = shutil.copytree(tree, tmp_path / "littered")
    for folder in (
        ".git",
        ".venv",
        ".venv-run",
        "build",
        "dist",
        "anchors/__pycache__",
        "anchors/proving/.ruff_cache",
        ".hypothesis",
    ):
        (littered / folder).mkdir(exist_ok=True)
        (littered / folder / "left").touch()
    copy = copy_tree(littered, tmp_path / "copy")
    assert names(copy) == names(tree)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("url", ["", "https://example.org/root-anchors"])
def test_the_publisher_names_where_the_project_lives(url: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    project = tomllib.loads(
        (with_url(tmp_path, url) / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    assert project.get("urls") == ({"Homepage": url} if url else None)


@pytest.mark.parametrize("url", ["example.org", 'https://a"b', "https://a b", "https://a\nb"])
def test_what_is_no_address_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no https:// address"):
        with_url(tmp_path, url)
