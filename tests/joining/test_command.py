"""``audit --ask`` from the command line, and what every form of the report tells of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from anchors.auditing.result import Audit, Outcome, Running
from anchors.cli.main import main
from anchors.consumers.reading import Note
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.report.audit import renderer
from anchors.report.audit.text import render
from tests.docs.markdown import ROOT
from tests.unit.auditing import audits

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "audit.schema.json").read_text("utf-8"))
AT = "2026-11-24T00:00:00Z"
LACKS = Finding(
    Check.AUDIT_NOT_LOADED,
    Severity.FAILURE,
    "its files have KSK-2024 (38696), but the running program does not trust that key: it was not "
    "reloaded",
    got="Unbound has been running since 2026-11-01T00:00:00Z",
)
RUNNING = Running(
    agrees=False,
    words="Unbound at 127.0.0.1 has KSK-2017 (20326)",
    address="127.0.0.1",
    started=datetime(2026, 11, 1, tzinfo=UTC),
    by="CH TXT trustanchor.unbound",
    notes=(Note(LACKS),),
)


def audited(running: Running) -> Audit:
    one = audits.right_resolver()
    notes = (*one.notes, *((one.location, note) for note in running.notes))
    resolver = one._replace(running=running, notes=notes, outcome=Outcome.WILL_FAIL)
    return audits.audit(audits.right(), resolvers=(resolver,))


@pytest.mark.parametrize(
    "running",
    [
        RUNNING,
        RUNNING._replace(agrees=True, notes=(), by="", started=None),
        Running(None, "unknown: no process of this program was found on this machine"),
    ],
    ids=["differs", "agrees", "unknown"],
)
def test_the_json_follows_its_schema(running: Running) -> None:
    report = json.loads(renderer("json")(audited(running)))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    ((told,),) = [host["resolvers"] for host in report["hosts"] if host["resolvers"]]
    assert told["running"] == {
        "agrees": running.agrees,
        "words": running.words,
        "address": running.address or None,
        "started": "2026-11-01T00:00:00Z" if running.started else None,
        "by": running.by or None,
    }
    for name in told["running"]:
        less = {key: value for key, value in told["running"].items() if key != name}
        wrong = report | {
            "hosts": [
                host | {"resolvers": [one | {"running": less} for one in host["resolvers"]]}
                for host in report["hosts"]
            ]
        }
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(wrong)


def test_the_text_tells_what_runs() -> None:
    words = " ".join(render(audited(RUNNING)).split())
    assert (
        "running Unbound at 127.0.0.1 has KSK-2017 (20326) since 2026-11-01T00:00:00Z, by CH "
        "TXT trustanchor.unbound the running program does not trust the keys in its files" in words
    )
    assert "failure: its files have KSK-2024 (38696)" in words


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_the_other_forms_for_people_tell_the_same(name: str) -> None:
    told = renderer(name)(audited(RUNNING)).replace("\\", "")
    assert "Unbound at 127.0.0.1 has KSK-2017" in told
    assert "the running program does not trust the keys in its files" in told


def test_where_nothing_runs_nothing_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anchors.joining.process.processes_named", lambda *_: [])
    assert main(["build", "-q", "--offline", "--at", AT, "-o", str(tmp_path / "new")]) == 0
    root = tmp_path / "machine"
    (root / "etc").mkdir(parents=True)
    (root / "usr").mkdir()
    (root / "etc" / "root.ds").write_bytes((tmp_path / "new" / "root.ds").read_bytes())
    conf = root / "etc" / "unbound.conf"
    conf.write_text('server:\n  trust-anchor-file: "/etc/root.ds"\n')
    options = ["--offline", "--at", AT, str(root)]
    assert main(["audit", *options]) == 0
    assert "running" not in capsys.readouterr().out
    assert main(["audit", "--ask", *options]) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("UNDECIDED")
    assert "no process of this program was found on this machine" in told
    assert main(["audit", "--ask", "--report-format", "sarif", *options]) == 3
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert "audit.not-told" in {one["ruleId"] for one in results if one["level"] == "warning"}
    # A person may accept that, with a reason and an end; --fail-on may make it fail.
    assert main(["audit", "-q", "--ask", "--fail-on", "not-told", *options]) == 1
