"""docs/report.schema.json describes every report exactly, and docs/report.md every property."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft202012Validator

from anchors.cli.main import main
from anchors.consumers.documents import json as anchors_json
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.keys import KeyState
from anchors.pipeline.report import Verdict
from anchors.pipeline.verify import example
from anchors.publication import manifest
from anchors.report import json as report_json
from tests.docs.markdown import ROOT, code_spans
from tests.frozen import COMMAND
from tests.lab import zone
from tests.lab.keys import ksk, zsk
from tests.live.lab_root import key_digest
from tests.simulator.document import EXPIRED, Document
from tests.simulator.publication import publish

Json: TypeAlias = dict[str, Any]

SCHEMA: Json = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
DOCUMENT = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(SCHEMA)
FIXTURES = ROOT / "fixtures"
OLD, NEW, STRANGER = ksk("old"), ksk("new"), ksk("stranger")
AT = ["--at", "2026-10-11T00:00:00Z"]
AT_OLD = ["--at", "2026-07-01T00:00:00.25Z"]
AT_LAB = ["--at", zone.AT]


def run(report: Path, *arguments: str | Path) -> Json:
    """The report of ``verify`` with these arguments."""
    options = ["--report-format", "json", "--report", report, "--quiet"]
    main([str(argument) for argument in ("verify", *arguments, *options)])
    content: Json = json.loads(report.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """Reports of every kind, by what is special about them."""
    place = tmp_path_factory.mktemp("reports")
    unusable = replace(
        key_digest(NEW), id=None, key_tag="99999", algorithm="x", digest_type="300", digest="zz"
    )
    future = replace(key_digest(STRANGER), valid_from="2030-01-01T00:00:00.5+05:00")
    entries = (EXPIRED, key_digest(OLD), key_digest(NEW), unusable, future)
    source = publish(document=Document(entries=entries)).write(place / "source")
    nothing = publish(document=Document(entries=(EXPIRED,))).write(place / "nothing")
    (place / "altered").mkdir()
    for path in source.iterdir():
        altered = path.read_bytes().replace(b"19036", b"19037")
        (place / "altered" / path.name).write_bytes(altered)
    apexes = {
        "in order": zone.signed([OLD, NEW, zsk()], by=[OLD]),
        "revoked": zone.signed([OLD, NEW.revoked(), zsk()], by=[OLD, NEW.revoked()]),
        "untrusted": zone.signed([OLD, NEW, zsk()], by=[STRANGER]),
        "unsigned": zone.signed([OLD, NEW, zsk()]),
    }
    for name, apex in apexes.items():
        (place / name).write_text(apex.text(), encoding="ascii")
    lab: list[str | Path] = ["--ca", source / "ca.pem", *AT_LAB]
    silent = ["--dns", "live", "--server", "127.0.0.1#1", "--server", "::1#1", "--timeout", "1"]
    old = FIXTURES / "publications" / "2024-10-22"
    recorded = FIXTURES / "rrsets" / zone.RECORDED.name
    cases: dict[str, list[str | Path]] = {
        "verified": ["--offline", *AT],
        "verified, not checked": ["--source", "embedded", "--dns", "none", *AT],
        "verified by a file": ["--source", "embedded", "--dns", recorded, *AT],
        "verified, an old publication": ["--source", old, "--dns", "none", *AT_OLD],
        "verified, keys of every kind": ["--source", source, "--dns", place / "in order", *lab],
        "verified, a key is revoked": ["--source", source, "--dns", place / "revoked", *lab],
        "not trusted, another document": ["--source", place / "altered", "--dns", "none", *lab],
        "not trusted, the signer has ended": ["--offline", "--at", "2030-01-01T00:00:00Z"],
        "not trusted, no key": ["--source", nothing, "--dns", "none", *lab],
        "not trusted, the root zone": ["--source", source, "--dns", place / "untrusted", *lab],
        "undecided, no source": ["--source", place / "absent", "--dns", "none", *AT],
        "undecided, a later recording": ["--offline", "--at", "2026-10-01T00:00:00Z"],
        "undecided, stripped": ["--source", source, "--dns", place / "unsigned", *lab],
        "undecided, silence": ["--source", "embedded", *silent, *AT],
    }
    return {
        name: run(place / f"{number}.json", *arguments)
        for number, (name, arguments) in enumerate(cases.items())
    }


def faults(report: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(report)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_report_follows_the_schema(reports: dict[str, Json]) -> None:
    for name, report in reports.items():
        assert faults(report) == [], name


def test_every_report_is_what_its_name_says(reports: dict[str, Json]) -> None:
    for name, report in reports.items():
        assert name.startswith(report["verdict"].replace("-", " ")), name


def test_the_reports_are_of_every_kind(reports: dict[str, Json]) -> None:
    """What a schema allows means something only where there are reports that need it."""
    kinds = {(one["verdict"], one["publication"] is not None) for one in reports.values()}
    assert kinds == {
        ("verified", True),
        *((verdict, seen) for verdict in ("not-trusted", "undecided") for seen in (True, False)),
    }
    everything = [*reports.values()]
    assert {one["attention"] for one in everything} == {True, False}
    assert {one["dns"]["mode"] for one in everything} == {"live", "recorded", "file", "none"}
    keys = [key for one in everything for key in one["anchors"]]
    assert {key["state"] for key in keys} == {*KeyState}
    assert {key["published"] for key in keys} == {True, False, None}
    assert {key["signing"] for key in keys} == {True, False, None}
    servers = [server for one in everything for server in one["dns"]["servers"]]
    words = {server["outcome"] for server in servers}
    assert {"verified", "untrusted", "unsigned"} < words
    findings = [finding for one in everything for finding in one["findings"]]
    assert {finding["severity"] for finding in findings} == {*Severity}


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path to every value in a report."""
    yield path
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = [*value.items()]
    elif isinstance(value, list):
        items = [*enumerate(value)]
    for name, child in items:
        yield from places(child, (*path, name))


def at(value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - JSON
    for name in path:
        value = value[name]
    return value


RICH = ("verified, keys of every kind", "verified")


@pytest.mark.parametrize("name", RICH)
def test_no_property_may_be_missing(name: str, reports: dict[str, Json]) -> None:
    report = reports[name]
    for path in places(report):
        if path and isinstance(path[-1], str):
            changed = copy.deepcopy(report)
            del at(changed, path[:-1])[path[-1]]
            assert faults(changed), path


@pytest.mark.parametrize("name", RICH)
def test_no_object_may_have_more(name: str, reports: dict[str, Json]) -> None:
    report = reports[name]
    for path in places(report):
        if isinstance(at(report, path), dict):
            changed = copy.deepcopy(report)
            at(changed, path)["more"] = None
            assert faults(changed), path


@pytest.mark.parametrize("name", RICH)
@pytest.mark.parametrize("wrong", [{}, 1.5, -1, ["x"], "\n", True], ids=repr)
def test_no_value_may_be_of_another_type(
    name: str, wrong: object, reports: dict[str, Json]
) -> None:
    report = reports[name]
    for path in places(report):
        value = at(report, path)
        if path and not is_like(value, wrong, path):
            changed = copy.deepcopy(report)
            at(changed, path[:-1])[path[-1]] = wrong
            assert faults(changed), path


def is_like(value: object, wrong: object, path: tuple[str | int, ...]) -> bool:
    """Whether ``wrong`` could stand here: text for text, and what may be null besides."""
    nullable = {"got", "want", "remedy", "why", "id"}
    if isinstance(wrong, str):
        free = {"source", "subject", "email", "message", "reference"}
        return path[-1] in free | nullable
    if isinstance(wrong, bool):
        return isinstance(value, bool) or path[-1] in {"published", "signing"}
    return isinstance(wrong, float) and path[-1] == "rtt_ms"


def changed(report: Json, *path: str | int, to: object) -> Json:
    """The same report with one value changed."""
    copied = copy.deepcopy(report)
    assert at(copied, path) != to
    at(copied, path[:-1])[path[-1]] = to
    return copied


@pytest.mark.parametrize(
    ("name", "path", "to"),
    [
        ("verified", ("schema",), "root-anchors/report/2"),
        ("verified", ("verdict",), "trusted"),
        ("verified", ("verdict",), "not-trusted"),
        ("undecided, silence", ("verdict",), "verified"),
        ("not trusted, no key", ("findings",), []),
        ("verified", ("attention",), True),
        ("verified, an old publication", ("attention",), False),
        ("verified", ("publication",), None),
        ("verified", ("at",), "2026-10-11T00:00:00"),
        ("verified", ("at",), "2026-10-11T00:00:00+00:00"),
        ("verified", ("publication", "document_sha256"), "AB" * 32),
        ("verified", ("publication", "signer", "serial"), "18"),
        ("verified", ("publication", "chain"), []),
        ("verified", ("anchors",), []),
        ("verified", ("anchors", 0, "state"), "retired"),
        ("verified", ("anchors", 0, "emitted"), True),
        ("verified", ("anchors", 0, "why"), None),
        ("verified", ("anchors", 1, "key_tag"), 65536),
        ("verified", ("anchors", 1, "key_tag"), None),
        ("verified", ("anchors", 1, "algorithm"), 5),
        ("verified", ("anchors", 1, "digest"), "e0" * 32),
        ("verified", ("anchors", 1, "digest"), "E0" * 31),
        ("verified", ("anchors", 1, "signing"), None),
        ("not trusted, the root zone", ("anchors", 1, "emitted"), True),
        ("verified", ("dns", "mode"), "none"),
        ("verified", ("dns", "observed_at"), None),
        ("verified", ("dns", "servers", 0, "transport"), "quic"),
        ("verified", ("dns", "servers", 0, "outcome"), "Two words"),
        ("verified", ("dns", "servers", 0, "outcome"), "timeout"),
        ("verified", ("dns", "servers", 0, "signed_by"), []),
        ("verified", ("findings", 0, "check"), "choice.none"),
        ("verified", ("findings", 0, "severity"), "error"),
        ("verified", ("findings", 0, "severity"), "failure"),
    ],
)
def test_what_cannot_be_does_not_follow_the_schema(
    name: str, path: tuple[str | int, ...], to: object, reports: dict[str, Json]
) -> None:
    assert faults(changed(reports[name], *path, to=to))


ALL = [at(SCHEMA, path) for path in places(SCHEMA)]
OBJECTS = [one for one in ALL if isinstance(one, dict) and one.get("type") == "object"]
PROPERTIES = sorted({name for one in OBJECTS for name in one["properties"]})


def test_every_object_is_strict() -> None:
    assert len(OBJECTS) == 10
    for one in OBJECTS:
        assert one["additionalProperties"] is False
        assert one["required"] == [*one["properties"]]


def test_the_words_are_those_of_the_code() -> None:
    kinds = SCHEMA["$defs"]
    assert SCHEMA["properties"]["schema"]["const"] == report_json.SCHEMA == SCHEMA["title"]
    assert SCHEMA["properties"]["verdict"]["enum"] == [*Verdict]
    assert kinds["anchor"]["properties"]["state"]["enum"] == [*KeyState]
    assert kinds["finding"]["properties"]["severity"]["enum"] == [*Severity]
    # What an audit or asking alone finds is in no report.
    ids = [check.id for check in Check if not check.id.startswith(("ask.", "audit."))]
    assert kinds["finding"]["properties"]["check"]["enum"] == ids


def test_every_property_and_word_is_explained() -> None:
    explained = set(code_spans(DOCUMENT))
    assert explained >= {*PROPERTIES}
    assert explained >= {*Verdict, *KeyState, *Severity, "live", "recorded", "file", "none"}
    assert explained >= {"udp", "tcp", report_json.SCHEMA, manifest.SCHEMA}


def test_the_manifest_is_explained(tmp_path: Path) -> None:
    place = tmp_path / "anchors"
    assert main(["build", "--offline", *AT, "--format", "ds", "-o", str(place), "-q"]) == 0
    content = json.loads((place / "manifest.json").read_bytes())
    assert content["schema"] == manifest.SCHEMA
    names = {name for path in places(content) for name in path if isinstance(name, str)}
    assert set(code_spans(DOCUMENT)) >= names
    assert {"files", "dns", "answers", "rtt_ms", "failure"} <= names
    limits = f"{manifest._MAX_FILES} files or {manifest._MAX_ANSWERS} answers"
    assert limits in " ".join(DOCUMENT.split())
    assert [path.name for path in (place / "dns").iterdir()] == ["00.bin"]


def test_the_anchors_are_explained() -> None:
    _, _, section = DOCUMENT.partition(f"\n## `{anchors_json.SCHEMA}`\n")
    section = section.partition("\n## ")[0]
    content = json.loads(anchors_json.render(example().emission))
    assert content["schema"] == anchors_json.SCHEMA
    names = {name for path in places(content) for name in path if isinstance(name, str)}
    assert names <= set(code_spans(section))


def test_an_error_in_the_command_line_has_no_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = ["verify", "--offline", "--dns", "none", "--report-format", "json"]
    process = subprocess.run(
        [*COMMAND, *arguments, "--report", report],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (process.returncode, process.stdout, report.exists()) == (2, b"", False)
