"""The man page: what the parser says today, and nothing that mandoc finds fault with."""

from __future__ import annotations

import re
import subprocess

from anchors.cli.parser import make_parser
from tests.docs.commands import command_line
from tests.docs.manual import PAGE, manual
from tests.docs.programs import need

LINE = command_line()


def test_the_page_is_what_the_parser_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual(), "make man"


def mandoc(*arguments: str, text: str) -> subprocess.CompletedProcess[str]:
    need("mandoc", "mandoc")
    return subprocess.run(
        ["mandoc", *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_mandoc_finds_no_fault() -> None:
    told = mandoc("-T", "lint", "-W", "warning", text=manual())
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
    spoilt = manual().replace(".El\n", "", 1)
    assert mandoc("-T", "lint", "-W", "warning", text=spoilt).returncode != 0


def read_as_text() -> str:
    """As a person sees it, without what makes it bold."""
    return re.sub(".\b", "", mandoc("-T", "utf8", "-O", "width=200", text=manual()).stdout)


def test_every_command_and_option_is_shown_with_its_help() -> None:
    text = read_as_text()
    told = " ".join(text.split())
    for command in LINE.commands:
        assert f"root-anchors {command.name}" in told
        for one in command.arguments:
            assert ", ".join(one.flags) in told
            assert " ".join(one.text.split()) in told


def test_every_example_can_be_copied() -> None:
    lines = [line.strip() for line in read_as_text().splitlines()]
    examples = [
        example.strip()
        for command in LINE.commands
        for example in command.epilog.splitlines()
        if example.startswith("  root-anchors ")
    ]
    assert len(examples) > 10
    for example in examples:
        assert example in lines


def test_the_exit_codes_are_told_once() -> None:
    codes = " ".join((make_parser().epilog or "").split())
    assert " ".join(read_as_text().split()).count(codes) == 1
