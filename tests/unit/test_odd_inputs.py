"""The tables of odd inputs are whole, and are read as they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.odd_inputs import Answer, filled, odd_inputs, tables, told


@pytest.mark.parametrize("path", tables(), ids=lambda path: path.stem)
def test_each_case_has_a_name_of_its_own_and_an_answer_of_each_program(path: Path) -> None:
    table = json.loads(path.read_text(encoding="utf-8"))
    names = [case["case"] for case in table["cases"]]
    assert len(names) == len(set(names)) > 20
    for case in table["cases"]:
        assert case["answers"].keys() == table["programs"].keys()
        for program, answer in case["answers"].items():
            if isinstance(answer, dict):
                assert [*answer] == table["programs"][program]


def test_every_answer_is_read_as_it_was_told() -> None:
    assert told(Answer((20326,))) == [20326]
    assert told(Answer()) == "ignores"
    assert told(Answer(refuses=True)) == "refuses"
    assert told(None) == "undecided"
    (one,) = [
        one
        for one in odd_inputs("named.conf", "named")
        if one.case == "an empty file" and one.version == "9.20.30"
    ]
    assert one.answer == Answer(refuses=True)
    assert not one.answer.ignores
    assert one.content == b""


def test_a_content_has_the_real_keys_and_any_byte() -> None:
    assert filled("\udcff{DS17}").startswith(b"\xff20326 8 2 E06D44B8")
    assert filled("{KEY24}").startswith(b"AwEAAa96")
    assert not [one for one in odd_inputs() if b"{DS" in one.content or b"{KEY" in one.content]
