"""What is in the wheel, and what it says of itself."""

from __future__ import annotations

import configparser
import tomllib
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

import anchors
from tests.packaging.building import ROOT, Distributions

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INFO = f"root_anchors-{anchors.__version__}.dist-info"
# Where what is no Python goes: man pages, completions.
SHARED = f"root_anchors-{anchors.__version__}.data/data/share/"


@pytest.fixture(scope="module")
def content(distributions: Distributions) -> dict[str, bytes]:
    with ZipFile(distributions.wheel) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


@pytest.fixture(scope="module")
def metadata(content: dict[str, bytes]) -> Message:
    return Parser().parsestr(content[f"{INFO}/METADATA"].decode())


def test_the_package_is_in_it_and_nothing_else(content: dict[str, bytes], tree: Path) -> None:
    ours = {str(path.relative_to(tree)) for path in (tree / "anchors").rglob("*") if path.is_file()}
    told = {f"{INFO}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")}
    wanted = ours | told | {f"{INFO}/licenses/LICENSE"}
    assert {name for name in content if not name.startswith(SHARED)} == wanted


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "publication/data/icann-root-cas.pem",
        "publication/data/root-anchors.rng",
        "publication/data/snapshot/root-anchors.xml",
        "publication/data/snapshot/root-anchors.p7s",
        "publication/data/snapshot/manifest.json",
        "publication/data/snapshot/dns/00.bin",
    ],
)
def test_the_data_is_in_it_byte_for_byte(name: str, content: dict[str, bytes]) -> None:
    assert content[f"anchors/{name}"] == (ROOT / "anchors" / name).read_bytes()


def test_it_is_for_every_python_3(content: dict[str, bytes]) -> None:
    wheel = Parser().parsestr(content[f"{INFO}/WHEEL"].decode())
    assert wheel["Root-Is-Purelib"] == "true"
    assert wheel.get_all("Tag") == ["py3-none-any"]


def test_there_is_one_command(content: dict[str, bytes]) -> None:
    scripts = configparser.ConfigParser()
    scripts.read_string(content[f"{INFO}/entry_points.txt"].decode())
    assert {name: dict(scripts[name]) for name in scripts.sections()} == {
        "console_scripts": {"root-anchors": "anchors.cli.main:run"}
    }


def test_it_says_what_the_project_says(metadata: Message) -> None:
    assert metadata["Name"] == "root-anchors"
    assert metadata["Version"] == anchors.__version__
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert metadata.get_all("Classifier") == PROJECT["classifiers"]
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert not [line for line in PROJECT["classifiers"] if line.startswith("License ::")]


def test_the_licence_is_the_licence(content: dict[str, bytes]) -> None:
    text = content[f"{INFO}/licenses/LICENSE"]
    assert text == (ROOT / "LICENSE").read_bytes()
    assert b"Apache License" in text


def test_what_it_needs_is_what_the_project_needs(metadata: Message) -> None:
    needed = {line.replace(" ", "") for line in metadata.get_all("Requires-Dist") or []}
    wanted = set(PROJECT["dependencies"])
    for extra, lines in PROJECT["optional-dependencies"].items():
        wanted |= {f'{line};extra=="{extra}"' for line in lines}
    assert needed == {line.replace(" ", "") for line in wanted}
    assert set(metadata.get_all("Provides-Extra") or []) == {"archives", "captures", "fast", "yaml"}


def test_the_readme_is_shown(metadata: Message) -> None:
    assert metadata["Description-Content-Type"] == "text/markdown"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert str(metadata.get_payload()).rstrip("\n") == readme.rstrip("\n")
