"""docs/audit.schema.json describes every audit exactly, and docs/audit.md every property."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anchors.auditing.result import SCHEMA as NAME
from anchors.auditing.result import Outcome, Standing
from anchors.cli.main import main
from anchors.consumers.reading import CONTENT, Hold, Role, StateOfKey
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.keys import KeyState
from anchors.pipeline.report import Verdict
from anchors.report.audit import json as audit_json
from tests.docs.markdown import ROOT, code_spans
from tests.docs.test_report_schema import Json, at, places
from tests.unit.auditing import audits
from tests.unit.known_syntaxes import every_syntax

SCHEMA: Json = json.loads((ROOT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
DOCUMENT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(SCHEMA)
FIXTURES = ROOT / "fixtures"
BY_HAND = {
    "everything": audits.everything(),
    "nothing verified": audits.unverified(),
    "hostile": audits.audit(
        audits.hostile(),
        audits.unreadable(audits.HOSTILE),
        resolvers=(audits.hostile_resolver(),),
    ),
    "right": audits.audit(audits.right(), audits.state(), resolvers=(audits.right_resolver(),)),
}


def faults(audit: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(audit)]


def follows(audit: object) -> bool:
    """Whether there is no fault; the first is enough."""
    return VALIDATOR.is_valid(audit)


def by_hand(name: str) -> Json:
    content: Json = json.loads(audit_json.render(BY_HAND[name]))
    return content


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """An audit of the fixtures, and of files with something wrong in each."""
    place = tmp_path_factory.mktemp("audit")
    files = {
        "empty/root.key": "",
        "named.conf": 'include "bind.keys"; options { managed-keys-directory "/var"; };',
        "bind.keys": "trust-anchors { . initial-ds 20326 8 2 zz; };",
        "unbound.conf": "server:\n  auto-trust-anchor-file: /nowhere/root.key\n",
        "foreign.ds": f". IN DS 12345 8 2 {'AB' * 32}\n",
        "t.c": '"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"\n',
        "new\nline.ds": f". IN DS 20326 8 2 {'00' * 32}\n",
    }
    for name, text in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="ascii")
    report = place / "audit.json"
    options = ["--offline", "--at", "2026-11-24T00:00:00Z", "--fail-on", "missing"]
    paths: list[Path] = [FIXTURES, place]
    arguments = ["audit", *options, "--report-format", "json", "--report", str(report), "-q"]
    assert main([*arguments, *map(str, paths)]) == 1
    content: Json = json.loads(report.read_text(encoding="utf-8"))
    return content


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_real_audit_follows_the_schema(real: Json) -> None:
    assert faults(real) == []
    assert real["fail_on"] == ["audit.missing"]
    syntaxes = {place["syntax"] for place in real["places"]}
    wanted = {"zone file", "named.conf", "unbound.conf", CONTENT.id, "IANA's root-anchors.xml"}
    assert {*wanted, "Unbound autotrust state", None} <= syntaxes
    found = {finding["check"] for place in real["places"] for finding in place["findings"]}
    assert {"audit.missing", "audit.foreign", "audit.malformed"} <= found


@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_made_by_hand_follows_the_schema(name: str) -> None:
    assert faults(by_hand(name)) == []


def put(value: Any, path: tuple[str | int, ...], new: object) -> object:  # noqa: ANN401 - JSON
    """The value with another one at the path; what is beside the path is shared with it."""
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


def test_no_property_may_be_missing() -> None:
    audit = by_hand("everything")
    for path in places(audit):
        if path and isinstance(path[-1], str):
            whole = at(audit, path[:-1])
            without = {name: value for name, value in whole.items() if name != path[-1]}
            assert not follows(put(audit, path[:-1], without)), path


def test_no_object_may_have_more() -> None:
    audit = by_hand("everything")
    for path in places(audit):
        if isinstance(whole := at(audit, path), dict):
            assert not follows(put(audit, path, {**whole, "more": None})), path


@pytest.mark.parametrize("wrong", [{}, 1.5, -1, ["x"], "\n"], ids=repr)
def test_no_value_may_be_of_another_type(wrong: object) -> None:
    audit = by_hand("everything")
    # Texts of findings and of the basis are free.
    texts = (
        "got",
        "want",
        "remedy",
        "message",
        "reference",
        "source",
        "name",
        "fault",
        "statement",
    )
    free = {*texts, "view"}
    lists = {"paths", "loose", "programs", "not_read"}
    for path in places(audit):
        fits = wrong == ["x"] and path and path[-1] in lists
        if path and not fits and not (isinstance(wrong, str) and path[-1] in free):
            assert not follows(put(audit, path, wrong)), path


@pytest.mark.parametrize(
    ("name", "path", "to"),
    [
        ("everything", ("schema",), "root-anchors/audit/1"),
        ("everything", ("hosts", 0, "name"), ""),
        ("everything", ("hosts", 0, "resolvers", 0, "files"), []),
        ("everything", ("hosts", 0, "resolvers", 0, "files", 0, "role"), "named"),
        ("everything", ("hosts", 0, "resolvers", 0, "outcome"), "wrong"),
        ("everything", ("hosts", 0, "resolvers", 0, "starts"), "yes"),
        ("everything", ("hosts", 0, "resolvers", 0, "anchors", 0, "digest"), None),
        ("everything", ("hosts", 0, "resolvers", 0, "anchors", 0, "view"), ""),
        ("everything", ("hosts", 0, "resolvers", 0, "days", 0, "day"), None),
        ("everything", ("hosts", 0, "resolvers", 0, "findings", 0, "check"), "choice.at"),
        ("nothing verified", ("hosts",), by_hand("everything")["hosts"]),
        ("everything", ("outcome",), "right"),
        ("everything", ("at",), "2026-11-24T00:00:00"),
        ("everything", ("paths",), []),
        ("everything", ("places",), []),
        ("everything", ("fail_on",), ["missing"]),
        ("everything", ("basis", "verdict"), "trusted"),
        ("everything", ("basis", "verdict"), "undecided"),
        ("everything", ("basis", "signing_time"), None),
        ("everything", ("basis", "keys", 0, "digest"), "ab"),
        ("everything", ("places", 0, "syntax"), "zone"),
        ("everything", ("places", 3, "syntax"), None),
        ("everything", ("places", 0, "syntax"), "program or source"),
        ("everything", ("places", 0, "findings"), []),
        ("everything", ("places", 0, "findings", 0, "check"), "choice.at"),
        ("everything", ("places", 0, "findings", 0, "severity"), "error"),
        ("everything", ("places", 0, "findings", 0, "line"), 0),
        ("everything", ("places", 0, "outcome"), "right"),
        ("everything", ("places", 0, "anchors", 0, "digest"), None),
        ("everything", ("places", 0, "anchors", 0, "flags"), 257),
        ("everything", ("places", 0, "anchors", 0, "standing"), "damaged"),
        ("everything", ("places", 0, "anchors", 0, "hold"), "state"),
        ("everything", ("places", 0, "anchors", 0, "key_tag"), 65536),
        ("everything", ("places", 2, "anchors", 0, "state", "trusted"), True),
        ("everything", ("places", 2, "anchors", 0, "public_key"), "_"),
        ("everything", ("places", 4, "references"), [{"path": "x", "role": "include", "line": 1}]),
        ("everything", ("places", 5, "compiled"), None),
        ("nothing verified", ("outcome",), "right"),
        ("right", ("outcome",), "undecided2"),
        ("right", ("places", 0, "path"), "a\nb"),
        ("right", ("basis", "findings"), [{"check": "audit.missing"}]),
    ],
)
def test_what_cannot_be_does_not_follow_the_schema(
    name: str, path: tuple[str | int, ...], to: object
) -> None:
    audit = by_hand(name)
    assert at(audit, path) != to
    at(audit, path[:-1])[path[-1]] = to
    assert faults(audit)


ALL = [at(SCHEMA, path) for path in places(SCHEMA)]
OBJECTS: list[dict[str, Any]] = [
    one for one in ALL if isinstance(one, dict) and "additionalProperties" in one
]


def test_every_object_is_strict() -> None:
    assert len(OBJECTS) == 20
    for one in OBJECTS:
        assert one["additionalProperties"] is False
        # What runs was asked with --ask alone.
        assert one["required"] == [name for name in one["properties"] if name != "running"]


def test_the_words_are_those_of_the_code() -> None:
    kinds = SCHEMA["$defs"]
    assert SCHEMA["properties"]["schema"]["const"] == NAME == SCHEMA["title"]
    assert kinds["outcome"]["enum"] == [*Outcome]
    assert kinds["severity"]["enum"] == [*Severity]
    assert kinds["basis"]["properties"]["verdict"]["enum"] == [*Verdict]
    assert kinds["key"]["properties"]["state"]["enum"] == [*KeyState]
    *syntaxes, nothing = kinds["place"]["properties"]["syntax"]["enum"]
    assert nothing is None
    assert {*syntaxes} == {CONTENT.id, *(one.id for one in every_syntax())}
    assert kinds["anchor"]["properties"]["standing"]["enum"] == [*Standing]
    assert {*kinds["anchor"]["properties"]["hold"]["enum"]} == {*Hold}
    assert kinds["state"]["properties"]["state"]["enum"] == [*StateOfKey]
    assert kinds["role"]["enum"] == [*Role]
    checks = [check.id for check in Check if check.id.startswith("audit.")]
    assert kinds["check"]["enum"] == checks


def test_every_property_is_explained() -> None:
    explained = set(code_spans(DOCUMENT))
    assert explained >= {name for one in OBJECTS for name in one["properties"]}
    assert NAME in explained
