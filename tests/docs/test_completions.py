"""The shells' completions: what the parser says today, in shells that take it and use it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from tests.docs.commands import Command, command_line
from tests.docs.completions import COMPLETIONS, SHARE
from tests.docs.programs import need

LINE = command_line()
BASH, ZSH, FISH = COMPLETIONS
PATIENCE = 30


def run(*command: str, where: Path | None = None) -> str:
    # Each shell's package has its name.
    need(command[0], command[0])
    told = subprocess.run(
        command,
        cwd=where,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(where or "/"), "LC_ALL": "C.UTF-8"},
    )
    assert (told.returncode, told.stderr) == (0, "")
    return told.stdout


@pytest.mark.parametrize("path", COMPLETIONS, ids=["bash", "zsh", "fish"])
def test_it_is_what_the_parser_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == COMPLETIONS[path](LINE), "make man"


@pytest.mark.parametrize("path", COMPLETIONS, ids=["bash", "zsh", "fish"])
def test_its_shell_can_read_it(path: Path) -> None:
    shell = path.relative_to(SHARE).parts[0].removesuffix("-completion")
    assert run(shell, "-n", str(path)) == ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somewhere with two files and a folder."""
    (tmp_path / "a b.key").touch()
    (tmp_path / "root.ds").touch()
    (tmp_path / "anchors").mkdir()
    return tmp_path


def in_bash(words: list[str], where: Path) -> list[str]:
    """What bash would offer for the last of these words."""
    script = f"""
        source {shlex.quote(str(BASH))}
        COMP_WORDS=({shlex.join(words)})
        COMP_CWORD={len(words) - 1}
        $(complete -p root-anchors | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run("bash", "-c", script, where=where).splitlines()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("root-anchors ''", [command.name for command in LINE.commands]),
        ("root-anchors pr", ["prove"]),
        ("root-anchors --v", ["--version"]),
        ("root-anchors build --inc", ["--include-future"]),
        ("root-anchors build --format bind-static", ["bind-static-ds", "bind-static-key"]),
        ("root-anchors build --color = al", ["always"]),
        ("root-anchors build --color =", ["auto", "always", "never"]),
        ("root-anchors build -o ''", ["anchors"]),
        ("root-anchors build --source em", ["embedded"]),
        ("root-anchors audit r", ["root.ds"]),
        ("root-anchors audit --ca a", ["a b.key", "anchors"]),
        ("root-anchors audit root.ds --strict --of", ["--offline"]),
        ("root-anchors verify --dns r", ["recorded", "root.ds"]),
        ("root-anchors verify --at 2", [""]),
        ("root-anchors formats hick", ["hickory"]),
    ],
)
def test_what_bash_offers(typed: str, offered: list[str], folder: Path) -> None:
    assert sorted(in_bash(shlex.split(typed), folder)) == sorted(offered)


@pytest.mark.parametrize("command", LINE.commands, ids=lambda command: command.name)
def test_bash_offers_every_option_of_every_command(command: Command, tmp_path: Path) -> None:
    flags = [flag for one in command.options for flag in one.flags]
    assert in_bash(["root-anchors", command.name, "-"], tmp_path) == flags


def in_fish(typed: str, where: Path) -> list[str]:
    script = f"source {shlex.quote(str(FISH))}; complete -C {shlex.quote(typed)}"
    told = run("fish", "--no-config", "-c", script, where=where).splitlines()
    return [line.partition("\t")[0] for line in told]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("root-anchors pr", {"prove"}),
        ("root-anchors build --inc", {"--include-future"}),
        ("root-anchors build --color al", {"always"}),
        ("root-anchors build -o ", {"anchors/"}),
        ("root-anchors verify --dns r", {"recorded", "root.ds"}),
        ("root-anchors audit roo", {"root.ds"}),
        ("root-anchors formats hick", {"hickory"}),
    ],
)
def test_what_fish_offers(typed: str, offered: set[str], folder: Path) -> None:
    assert set(in_fish(typed, folder)) == offered


@pytest.mark.parametrize("command", LINE.commands, ids=lambda command: command.name)
def test_fish_offers_every_long_option_of_every_command(command: Command, tmp_path: Path) -> None:
    flags = {flag for one in command.options for flag in one.flags if flag.startswith("--")}
    assert set(in_fish(f"root-anchors {command.name} --", tmp_path)) == flags


def in_zsh(typed: str, wanted: str, where: Path) -> str:
    """Type it into a real zsh, press Tab, and read until what is wanted comes, or nothing more."""
    need("zsh", "zsh")
    terminal, inside = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        ["zsh", "-f", "-i"],
        cwd=where,
        env=environment,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    ) as shell:
        os.close(inside)
        try:
            setup = f"fpath=({shlex.quote(str(ZSH.parent))} $fpath); autoload -Uz compinit"
            os.write(terminal, f"{setup}; compinit -u -D; print re''ady\n".encode())
            assert "ready" in read_until(terminal, "ready")
            os.write(terminal, f"{typed}\t".encode())
            return read_until(terminal, wanted)
        finally:
            shell.kill()
            os.close(terminal)


def read_until(terminal: int, wanted: str) -> str:
    told, deadline = "", time.monotonic() + PATIENCE
    while wanted not in told and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            with contextlib.suppress(OSError):
                told += os.read(terminal, 4096).decode(errors="replace")
    return told


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("root-anchors pro", "prove"),
        ("root-anchors build --inc", "--include-future"),
        ("root-anchors build --color al", "always"),
        ("root-anchors verify --dns rec", "recorded"),
        ("root-anchors verify --dns roo", "root.ds"),
        ("root-anchors audit --strict roo", "root.ds"),
        ("root-anchors formats hick", "hickory"),
    ],
)
def test_what_zsh_makes_of_it(typed: str, wanted: str, folder: Path) -> None:
    assert wanted in in_zsh(typed, wanted, folder)


def test_zsh_knows_every_option_of_every_command() -> None:
    text = ZSH.read_text(encoding="utf-8")
    for command in LINE.commands:
        _, _, rest = text.partition(f"                {command.name})\n")
        part = rest.partition(";;")[0]
        assert part
        for one in command.options:
            for flag in one.flags:
                assert f"{flag}[" in part
