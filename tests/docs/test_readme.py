"""The README and docs/building.md: every command in them is run, and says what they say."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.cli.parser import make_parser
from tests.docs.machine import Done, added_to, install, run
from tests.docs.markdown import ROOT, code_blocks, code_spans, documents, links, table_rows

README = (ROOT / "README.md").read_text(encoding="utf-8")
BUILDING = (ROOT / "docs" / "building.md").read_text(encoding="utf-8")
# That of the examples, which `make snapshot` makes anew.
(AT,) = set(re.findall(r"--at (\d\S+)", BUILDING))
EPOCH = str(int(datetime.fromisoformat(AT).timestamp()))
COMMAND = ".venv/bin/root-anchors"
# These would ask IANA and the root servers.
LIVE = [
    f"{COMMAND} timeline",
    f"{COMMAND} build -o anchors",
    f"{COMMAND} verify",
    f"{COMMAND} audit anchors/bind.keys anchors/root.key",
]


class Example(NamedTuple):
    """A command of a document; ``output`` is what it is shown to print, where it is."""

    command: str
    output: str | None


def examples() -> Iterator[Example]:
    for block in (*code_blocks(README), *code_blocks(BUILDING)):
        if block.language == "console":
            command, _, output = block.text.partition("\n")
            assert command.startswith("$ ")
            yield Example(command[2:], output)
        else:
            assert block.language == "sh"
            for line in block.text.splitlines():
                yield Example(line.partition("  #")[0].strip(), None)


EXAMPLES = list(examples())


def is_ours(command: str) -> bool:
    return command.startswith(COMMAND)


def asks(command: str) -> bool:
    """Whether it asks a resolver, which there is none of here."""
    return command.startswith(f"{COMMAND} ask ")


class Session(NamedTuple):
    """What came of all of them, by command, and the files they made."""

    outcomes: dict[str, Done]
    files: set[str]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Every command of ours, and what prepares for it, in the order of the documents."""
    place = tmp_path_factory.mktemp("readme")
    install(place, COMMAND, (sys.executable, "-m", "anchors"))
    outcomes = {
        example.command: run(example.command, place, at=AT, SOURCE_DATE_EPOCH=EPOCH)
        for example in EXAMPLES
        if shlex.split(example.command)[0] not in {"make", "sudo"} and not asks(example.command)
    }
    return Session(outcomes, {str(path.relative_to(place)) for path in place.rglob("*")})


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.command for example in EXAMPLES])
def test_every_command_works(example: Example, session: Session) -> None:
    words = shlex.split(example.command)
    if words[0] == "make":
        (target,) = words[1:]
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    elif words[0] == "sudo":
        assert words[1:4] == ["install", "-m", "0644"]
        assert words[4] in session.files
    elif asks(example.command):
        assert make_parser().parse_args(words[1:]).addresses == ["127.0.0.1"]
    else:
        outcome = session.outcomes[example.command]
        assert outcome.code == 0, outcome.told


def test_the_two_commands_come_first() -> None:
    assert [example.command for example in EXAMPLES[:2]] == ["make run", "make test"]
    assert "\nmake test " in README.partition("\n## ")[0]


def test_what_is_run_offline_in_place_of_live_is_named_here() -> None:
    """Anything else must not need the network."""
    ours = [e.command for e in EXAMPLES if is_ours(e.command)]
    assert [command for command in ours if "--offline" in added_to(command)] == LIVE
    assert [c for c in ours if "--source" in c and not re.search("--dns (recorded|none)", c)] == []


def test_what_is_judged_again_is_judged_as_of_its_time(session: Session) -> None:
    (sample,) = [example.command for example in EXAMPLES if example.output is not None]
    (replay,) = re.findall(r"^## Replay\n(.*?)^## ", BUILDING, re.MULTILINE | re.DOTALL)
    commands = [line for block in code_blocks(replay) for line in block.text.splitlines()]
    assert len(commands) == 2
    for command in commands:
        assert session.outcomes[command].added == ()
        assert command.split("--at ")[1].split()[0] in sample


def test_the_sample_report_is_what_the_command_prints(session: Session) -> None:
    (sample,) = [example for example in EXAMPLES if example.output is not None]
    assert session.outcomes[sample.command].told == sample.output


def test_every_part_of_the_sample_report_is_explained() -> None:
    (sample,) = [example for example in EXAMPLES if example.output is not None]
    assert sample.output is not None
    labels = set(re.findall(r"^([A-Za-z]+(?: zone)?)(?: {2}|:)", sample.output, re.MULTILINE))
    explained = {span for row in table_rows(BUILDING) for span in code_spans(row[0])}
    assert {"VERIFIED", "Signature", "Root zone", "notice"} <= labels
    assert labels <= explained


def test_the_files_of_the_directory_are_explained(session: Session) -> None:
    for name in ("root.ds", "bind.keys", "root-anchors.xml", "root-anchors.p7s", "manifest.json"):
        assert f"anchors/{name}" in session.files
        assert f"`{name}`" in BUILDING
    assert {"anchors/dns", "packaged/root.ds"} <= session.files
    assert "packaged/manifest.json" not in session.files


def options() -> set[str]:
    parser = make_parser()
    (commands,) = [action for action in parser._actions if action.choices]
    assert isinstance(commands.choices, dict)
    return {
        option
        for one in (parser, *commands.choices.values())
        for action in one._actions
        for option in action.option_strings
    }


def without_other_programs(text: str) -> str:
    """Options of programs that are not ours do not count."""
    others = (
        "\tgpgv ",
        "git ",
        "ansible-playbook ",
        "kubectl ",
        "sudo ",
        "pipx ",
        "uv ",
        ".venv/bin/python -m pip ",
    )
    recipes = re.compile(r"\s+(?:python3 -m (?:build|installer)|dh) |share=\$\(pipx ")
    lines = [line for line in text.splitlines() if not recipes.match(line)]
    return "\n".join(line for line in lines if not line.startswith(others))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_option_that_is_mentioned_exists(document: Path) -> None:
    text = without_other_programs(document.read_text(encoding="utf-8"))
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text))
    assert mentioned <= options()


def test_enough_options_are_mentioned_for_the_test_above_to_mean_something() -> None:
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", README + BUILDING))
    assert {"--offline", "--source", "--dns", "--at", "--strict", "--bare"} <= mentioned


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in links(document.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            name, _, section = target.partition("#")
            path = document.parent / name if name else document
            assert path.is_file(), target
            assert not section or section in sections(path), target


def sections(path: Path) -> set[str]:
    """How a link names each heading of a document."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_exit_codes_are_those_of_the_help() -> None:
    told = re.findall(r"(?:^| {2,})(\d+) [a-z]", make_parser().epilog or "", re.MULTILINE)
    explained = [row[0] for row in table_rows(BUILDING) if row[0].isdigit()]
    assert explained == told == ["0", "1", "2", "3", "4", "130"]
