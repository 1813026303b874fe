"""docs/ask.md and docs/ask.schema.json say what the code does."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import anchors.asking
from anchors.asking import answers, observe, run, signals
from anchors.asking.verdict import Expected, Summary, Trust, Validates
from anchors.cli.parser import make_parser
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.pipeline.report import Verdict
from anchors.report.asking import json as ask_json
from anchors.report.asking.words import TRUST, VALIDATES
from tests.asking import test_traps
from tests.asking.samples import SAMPLES
from tests.docs.markdown import ROOT, code_blocks, code_spans, table_rows

DOCUMENT = (ROOT / "docs" / "ask.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "ask.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
PACKAGE = Path(str(anchors.asking.__file__)).parent
CHECKS = [check for check in Check if check.id.startswith("ask.")]
ROWS = [row for row in table_rows(DOCUMENT) if re.fullmatch(r"`ask\.[a-z-]+`", row[0])]


def test_every_check_is_there_as_the_catalogue_has_it() -> None:
    told = [(row[0].strip("`"), row[1], row[2]) for row in ROWS]
    assert told == [(check.id, check.title, check.value[2] or "ours") for check in CHECKS]
    assert len({row[4] for row in ROWS}) == len(CHECKS)


def made() -> dict[str, set[str]]:
    """The severities of each check, as the calls and rows in the code that name it have them."""
    found: dict[str, set[str]] = {check.id: set() for check in CHECKS}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_finding = isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"
            if is_finding or isinstance(node, ast.Tuple):
                text = ast.unparse(node)
                names = set(re.findall(r"Check\.(ASK_\w+)", text))
                for name in names if len(names) == 1 else ():
                    words = re.findall(r"Severity\.(\w+)", text)
                    found[Check[name].id] |= {word.lower() for word in words}
    return found


def test_what_a_check_leads_to_is_what_the_code_does() -> None:
    assert {row[0].strip("`"): set(row[3].split(", ")) for row in ROWS} == made()


def test_every_word_is_in_its_table() -> None:
    rows = [(row[1].strip("`"), row[2]) for row in table_rows(DOCUMENT) if len(row) == 3]
    assert {(word.value, text) for word, text in VALIDATES.items()} <= {*rows}
    assert {(word.value, text) for word, text in TRUST.items()} <= {*rows}
    assert set(code_spans(DOCUMENT)) >= {*Summary, *Expected, *Validates, *Trust}


@pytest.mark.parametrize(
    ("what", "bound"),
    [
        ("resolvers in a run", f"{run.MAX_RESOLVERS:,}"),
        ("rounds", f"{run.MAX_ROUNDS}"),
        ("waiting for a reply over UDP", f"three tries, {sum(answers.UDP_WAITS):g} seconds in all"),
        ("waiting on a connection", f"{answers.STREAM_SECONDS:g} seconds"),
        ("questions that wait at one time", f"{answers.SIDE_BY_SIDE} for a resolver"),
        (
            "messages that reply to nothing",
            f"{answers.MAX_STRAY}, then nobody listens any more",
        ),
    ],
)
def test_the_bounds_are_those_of_the_code(what: str, bound: str) -> None:
    (told,) = [row[1] for row in table_rows(DOCUMENT) if row[0] == what]
    assert told == bound


def test_every_trap_has_a_test() -> None:
    """By its number: a story, or a test of its own."""
    section = DOCUMENT.partition("## Traps\n")[2].partition("\n## ")[0]
    numbers = re.findall(r"^(\d+)\. \*\*", section, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 13)]
    stories = {name.partition(" ")[0].partition(":")[0] for name in test_traps.STORIES}
    alone = {match[1] for name in dir(test_traps) if (match := re.match(r"test_trap_(\d+)_", name))}
    assert [number for number in numbers if number not in stories | alone] == []


def test_the_other_bounds() -> None:
    assert f"{observe._AT_THE_DOOR} are waited for side by side" in DOCUMENT
    assert f"{signals.MAX_CLIENTS:,} clients are kept" in DOCUMENT
    assert f"lines up to {signals.MAX_LINE >> 10} KiB" in DOCUMENT


def test_the_parser_takes_every_command() -> None:
    commands = [line for block in code_blocks(DOCUMENT) for line in block.text.splitlines()]
    assert len(commands) == 3
    for command in commands:
        make_parser().parse_args(command.split()[1:])


def test_the_exit_codes_are_those_of_the_help() -> None:
    (commands,) = [action for action in make_parser()._actions if action.choices]
    assert isinstance(commands.choices, dict)
    told = re.findall(r"(?:^| {2,})(\d+) [a-z]", commands.choices["ask"].epilog, re.MULTILINE)
    assert told == ["0", "1", "2", "3", "4", "130"]


# The schema.


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_follows_the_schema(name: str) -> None:
    content = json.loads(ask_json.render(SAMPLES[name]))
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []


def test_the_schema_is_one_and_has_the_words_of_the_code() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    kinds = SCHEMA["$defs"]
    assert SCHEMA["title"] == SCHEMA["properties"]["schema"]["const"] == ask_json.SCHEMA
    assert kinds["summary"]["enum"] == [*Summary]
    assert kinds["resolver"]["properties"]["validates"]["enum"] == [*Validates]
    assert kinds["key"]["properties"]["trust"]["enum"] == [*Trust]
    assert kinds["day"]["properties"]["expected"]["enum"] == [*Expected]
    assert kinds["finding"]["properties"]["severity"]["enum"] == [*Severity]
    assert kinds["basis"]["properties"]["verdict"]["enum"] == [*Verdict]


def test_every_property_is_explained() -> None:
    names = {*SCHEMA["properties"]}
    for kind in SCHEMA["$defs"].values():
        names |= {*kind.get("properties", ())}
    assert names <= {*code_spans(DOCUMENT)}


CHANGES: dict[str, dict[str, Any]] = {
    "no validation, and ready": {"validates": "no"},
    "fails, and ready": {"validates": "fails"},
    "another word": {"validates": "maybe"},
    "an address with a name": {"address": "dns.example"},
    "something more": {"more": 1},
    "ready without a key": {"keys": []},
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_schema_refuses_what_no_report_says(name: str) -> None:
    content = json.loads(ask_json.render(SAMPLES["ready"]))
    assert VALIDATOR.is_valid(content)
    changed = copy.deepcopy(content)
    changed["resolvers"][0].update(CHANGES[name])
    assert not VALIDATOR.is_valid(changed)


def test_a_needed_key_that_is_not_trusted_is_never_ready() -> None:
    content = json.loads(ask_json.render(SAMPLES["ready"]))
    content["resolvers"][0]["keys"][1]["trust"] = "tells-nothing"
    assert not VALIDATOR.is_valid(content)
