"""docs/install.md: its commands are about the wheel that is built here, and those of ours run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from anchors.cli.parser import make_parser
from tests.docs.markdown import ROOT, code_blocks, code_spans, table_rows
from tests.frozen import CARRIED_AT
from tests.packaging.building import Distributions
from tests.packaging.conftest import Installed
from tests.packaging.test_wheel import PROJECT

DOCUMENT = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
BLOCKS = [block.text for block in code_blocks(DOCUMENT)]
# Where the environment's share is, after pipx and after uv; then the links to what is in it.
*SHARES, LINKS = BLOCKS[BLOCKS.index(next(text for text in BLOCKS if "share=" in text)) :][:3]
COMMANDS = [line for text in BLOCKS if text not in {*SHARES, LINKS} for line in text.splitlines()]
INSTALLS = [line for line in COMMANDS if re.search(r"(pipx|uv tool) install (?!pipx$)", line)]
FOR_ALL = "sudo PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin pipx install "
PIP = ".venv/bin/python -m pip install --require-hashes -r .ci/locks/dev.txt"
OURS = [line for line in COMMANDS if "root-anchors" in line]
PACKAGES = {"make", "python3-venv", "pipx", "libarchive13"}
EXTRAS = {
    row[0].strip("`"): row[1]
    for row in table_rows(DOCUMENT)
    if code_spans(row[0]) == [row[0][1:-1]]
}


def test_every_command_is_of_a_known_kind() -> None:
    assert [line for line in INSTALLS if line.startswith("sudo ")] == [INSTALLS[1]]
    assert INSTALLS[1].startswith(FOR_ALL)
    rest = [line for line in COMMANDS if line not in [*INSTALLS, *OURS, PIP]]
    apt = [line for line in rest if line.startswith("sudo apt install ")]
    assert {name for line in apt for name in line.split()[3:]} == PACKAGES
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [line.split() for line in rest if line not in apt]
    assert [words[0] for words in targets] == ["make"] * len(targets)
    for _, target in targets:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)


@pytest.mark.parametrize("command", INSTALLS)
def test_what_is_installed_is_what_is_built(command: str, distributions: Distributions) -> None:
    name, _, extras = shlex.split(command)[-1].rstrip("]").partition("[")
    # Root need not be in the same folder.
    assert name.removeprefix("$PWD/") == f"dist/{distributions.wheel.name}"
    assert set(extras.split(",")) in [{""}, EXTRAS.keys()]


def test_both_tools_are_told_with_and_without_extras() -> None:
    told = sorted(line.split(" install ")[0].split()[-1] for line in INSTALLS)
    assert told == ["pipx"] * 3 + ["tool", "tool"]
    assert sum("[" in line for line in INSTALLS) == 2
    # pipx says that it is installed already, and does nothing, unless it is told to.
    assert [line for line in INSTALLS if "pipx" in line and "[" in line and "--force" in line]


def test_what_the_source_runs_with_may_have_the_extras() -> None:
    assert PIP in COMMANDS
    pinned = (ROOT / ".ci" / "locks" / "dev.txt").read_text(encoding="ascii").lower()
    for brings in EXTRAS.values():
        assert f"\n{brings.lower()}==" in f"\n{pinned}"


def test_the_extras_are_those_of_the_project() -> None:
    extras = PROJECT["optional-dependencies"]
    assert {name: [re.split("[>=<]", line)[0] for line in extras[name]] for name in extras} == {
        name: [brings] for name, brings in EXTRAS.items()
    }


@pytest.mark.parametrize("command", OURS)
def test_our_commands_run(command: str, installed: Installed) -> None:
    program, *arguments = shlex.split(command)
    assert program in {"root-anchors", ".venv/bin/root-anchors"}
    if arguments != ["--version"]:  # which ends there
        make_parser().parse_args(arguments)
    if arguments[0] == "verify":
        assert "--offline" in arguments
        arguments += ["--at", CARRIED_AT]
    assert installed.run("root-anchors", *arguments)


FPATH = "fpath=(~/.local/share/zsh/site-functions $fpath)"


@pytest.fixture(scope="module")
def home(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the links are, made twice, as after an upgrade."""
    home = tmp_path_factory.mktemp("home")
    for _ in ("first", "again"):
        ask(f"share={installed.prefix}/share\n{LINKS}", home)
    return home


def ask(script: str, home: Path) -> str:
    """What a shell prints whose user has that home."""
    return subprocess.run(
        ["bash", "-euc", script],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"},
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    ).stdout


def test_the_environment_is_asked_for_by_each_tool() -> None:
    tools = [text.strip() for text in SHARES]
    assert [re.findall(r"\$\((\w+) ", text) for text in tools] == [["pipx"], ["uv"]]
    assert all(text.endswith("/root-anchors/share") for text in tools)


def test_the_links_lead_to_every_file_below_share(home: Path, installed: Installed) -> None:
    share = installed.prefix / "share"
    links = {path: path.resolve() for path in home.rglob("*") if path.is_symlink()}
    assert set(links.values()) == {path for path in share.rglob("*") if path.is_file()}
    data = home / ".local/share"
    assert {link.relative_to(data) for link in links} == {
        target.relative_to(share) for target in links.values()
    }


@pytest.mark.parametrize(
    ("program", "script", "told"),
    [
        ("man", "MANPATH=$HOME/.local/share/man man -w root-anchors", "root-anchors.1"),
        ("fish", "fish -c 'complete -C \"root-anchors ver\"'", "verify\t"),
        (
            "zsh",
            f"zsh -fc '{FPATH}; autoload -U compinit; compinit -uD; echo $_comps[root-anchors]'",
            "_root-anchors",
        ),
    ],
)
def test_who_reads_them_finds_them(
    program: str, script: str, told: str, home: Path, installed: Installed
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    # fish completes what is in the path.
    assert told in ask(f"PATH=$PATH:{installed.prefix}/bin; {script}", home)
    assert FPATH in code_spans(DOCUMENT)
