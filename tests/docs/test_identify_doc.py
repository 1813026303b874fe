"""docs/identify.md and docs/identify.schema.json say what the code does."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anchors.auditing.pieces import MAX_FOUND
from anchors.auditing.result import Standing
from anchors.cli.main import main
from anchors.cli.parser import make_parser
from anchors.pipeline.report import Verdict
from anchors.report.identify import json as identify_json
from tests.docs.markdown import ROOT, code_blocks, code_spans, table_rows
from tests.unit.consumers.samples import DS1, DS2

DOCUMENT = (ROOT / "docs" / "identify.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "docs" / "identify.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
IDENTITY = SCHEMA["$defs"]["identity"]
TEXTS = {
    "current": DS1,
    "damaged": f". IN DS {DS1}\n. IN DS {DS2[:-1]}0\n",
    "foreign": "AB" * 32,
    "a tag": "20326",
    "nothing": "nothing",
}


def told(text: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    chosen = options or ("--offline", "--at", "2026-10-05")
    main(["identify", *chosen, "--report-format", "json", text])
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


@pytest.mark.parametrize("name", TEXTS)
def test_every_report_follows_the_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    content = told(TEXTS[name], capsys)
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []


def test_without_a_verification(capsys: pytest.CaptureFixture[str]) -> None:
    content = told(DS1, capsys, "--source", "absent", "--dns", "none")
    assert (content["verdict"], content["found"], content["current"]) == ("undecided", [], None)
    assert VALIDATOR.is_valid(content)
    content["found"] = told(DS1, capsys)["found"]
    assert not VALIDATOR.is_valid(content)


@pytest.mark.parametrize(
    "change", [{"fault": "x"}, {"standing": "fine"}, {"more": 1}, {"name": None}, {"line": 0}]
)
def test_the_schema_refuses_what_no_report_says(
    change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    content = told(DS1, capsys)
    changed = copy.deepcopy(content)
    changed["found"][0].update(change)
    assert VALIDATOR.is_valid(content)
    assert not VALIDATOR.is_valid(changed)


def test_the_words_are_those_of_the_code() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    words = [*Standing, "cannot tell"]
    assert SCHEMA["title"] == SCHEMA["properties"]["schema"]["const"] == identify_json.SCHEMA
    assert sorted(IDENTITY["properties"]["standing"]["enum"]) == sorted(words)
    assert SCHEMA["properties"]["verdict"]["enum"] == [*Verdict]
    assert SCHEMA["properties"]["found"]["maxItems"] == MAX_FOUND
    assert f"{MAX_FOUND:,} keys" in DOCUMENT
    rows = [row[0].strip("`") for row in table_rows(DOCUMENT) if len(row) == 3]
    assert sorted(rows) == sorted(words)


def test_every_property_is_explained() -> None:
    assert {*SCHEMA["properties"], *IDENTITY["properties"]} <= {*code_spans(DOCUMENT)}


def test_the_parser_takes_every_command() -> None:
    commands = [line for block in code_blocks(DOCUMENT) for line in block.text.splitlines()]
    assert len(commands) == 3
    for command in commands:
        make_parser().parse_args(command.split()[1:])


def test_the_exit_codes_are_those_of_the_help() -> None:
    (commands,) = [action for action in make_parser()._actions if action.choices]
    assert isinstance(commands.choices, dict)
    codes = re.findall(r"(?:^| {2,})(\d+) [a-z]", commands.choices["identify"].epilog, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "130"]
