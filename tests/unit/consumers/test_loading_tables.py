"""The models of the programs, held to what the programs themselves did: ``fixtures/loading``.

No program runs here: tests/consumers/test_loading.py holds the tables to them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from anchors.auditing.detect import recognise
from anchors.auditing.result import Outcome
from anchors.consumers.registry import CONSUMERS
from anchors.core.found import MalformedAnchors
from anchors.pipeline.root_keys import VerifiedKeys
from tests.resolvers.audited import Said, lab_keys, said_of
from tests.resolvers.differs import difference
from tests.resolvers.programs import PROGRAMS
from tests.resolvers.rules import Rule, rules_of

AT = datetime(2026, 11, 29, tzinfo=UTC)
KNOWN = Path(__file__).with_name("loading_differences.toml")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files to the users of a tree"
)


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_the_audit_promises_and_fails_nothing_that_the_program_does_otherwise(
    program: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    known = _known().get(program, {})

    found, undecided = _differences(program, tmp_path)
    record_property("undecided", undecided)

    assert {name: words for name, words in found.items() if name not in known} == {}
    assert [name for name in known if name not in found] == [], "these rows are stale"


def test_each_known_difference_has_a_reason() -> None:
    known = _known()

    assert set(known) <= set(PROGRAMS)
    assert [name for rows in known.values() for name, why in rows.items() if not why.strip()] == []


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_no_file_of_a_resolver_is_taken_for_one_of_a_program_that_is_none(program: str) -> None:
    """Their words stand in resolvers' configurations, too: ``trusted`` and ``unbound``."""
    resolvers = {"", *(consumer.name for consumer in CONSUMERS if consumer.asker is not None)}
    taken = {
        _read_as(content, path)
        for rule in rules_of(program)
        for path, content in rule.tree.files.items()
    }

    assert taken <= resolvers


def _read_as(content: bytes | str, path: str) -> str:
    """The consumer whose reader takes it; "" for none."""
    text = content.encode() if isinstance(content, str) else content
    try:
        reading = recognise(text, path.lstrip("/"), AT)
    except MalformedAnchors:
        return ""
    return reading.syntax.consumer or "" if reading is not None else ""


def test_a_model_that_promises_too_much_is_told() -> None:
    rule = next(rule for rule in rules_of("unbound") if rule.seen["1.17.1"] == "does not start")
    right = Said(
        Outcome.RIGHT, starts=True, validates=True, holds=frozenset("AB"), built_in=False, words=""
    )

    assert difference(right, "does not start", rule.root) == "promises: does not start"


@cache
def _keys() -> VerifiedKeys:
    return lab_keys(AT)


@cache
def _known() -> dict[str, dict[str, str]]:
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))


def _rules(program: str) -> Iterator[Rule]:
    """Those whose command line is the usual one: no file tells an audit of another."""
    return (rule for rule in rules_of(program) if rule.arguments is None)


def _differences(program: str, folder: Path) -> tuple[dict[str, str], int]:
    """What is wrong by situation, and in how many the audit is undecided or silent."""
    wrong: dict[str, str] = {}
    undecided = 0
    for number, rule in enumerate(_rules(program)):
        root = folder / str(number)
        root.mkdir()
        said = said_of(program, rule.tree, root, _keys())
        undecided += said is None or said.outcome is Outcome.UNDECIDED
        told = {version: difference(said, seen, rule.root) for version, seen in rule.seen.items()}
        words = "; ".join(f"{version} {one}" for version, one in told.items() if one)
        if words:
            wrong[rule.name] = words
    return wrong, undecided
