"""``root-anchors merge`` as people run it: reports of audits in, one table out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anchors.auditing import merge as merging
from anchors.auditing.result import Audit
from anchors.cli.main import main
from anchors.report.audit.json import render
from tests.unit.auditing import audits

Capture = pytest.CaptureFixture[str]
Put = Callable[[str, str], str]
RIGHT = audits.audit(audits.right(), audits.state(), resolvers=(audits.right_resolver(),))
FAILS = audits.everything()


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a report, and return its name."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def merged(capsys: Capture, *arguments: str, code: int) -> Any:  # noqa: ANN401 - JSON
    assert main(["merge", "--report-format", "json", *arguments]) == code
    return json.loads(capsys.readouterr().out)


def told(capsys: Capture, *arguments: str) -> str:
    main(["merge", *arguments])
    return " ".join(capsys.readouterr().out.split())


def changed(audit: Audit, **properties: object) -> str:
    """The JSON of an audit with other properties in it."""
    return json.dumps({**json.loads(render(audit)), **properties})


def test_the_worst_host_comes_first_and_everything_is_counted(put: Put, capsys: Capture) -> None:
    files = [put("a.json", render(RIGHT)), put("b.json", render(FAILS))]
    content = merged(capsys, *files, code=1)
    assert content["outcome"] == "fails"
    # The second report has three root file systems.
    rows = [(host["outcome"], host["name"]) for host in content["hosts"]]
    assert rows == [
        ("fails", "b: image"),
        ("attention", "b: x.deb"),
        ("right", "a"),
        ("right", "b: other"),
    ]
    found = content["counts"]["hosts"]
    assert found == {"fails": 1, "will fail": 0, "undecided": 0, "attention": 1, "right": 2}
    resolvers = [one for audit in (RIGHT, FAILS) for host in audit.hosts for one in host.resolvers]
    assert sum(content["counts"]["resolvers"].values()) == len(resolvers) == 4


def test_the_table_says_why_and_what_to_do(put: Put, capsys: Capture) -> None:
    assert main(["merge", put("web1.json", render(FAILS))]) == 1
    out = capsys.readouterr().out
    assert out.startswith("FAILS: 3 hosts (1 fails, 1 needs attention, 1 right) with 3 resolvers")
    worst = audits.resolver()
    assert f"{worst.title}: " in out
    for step in worst.steps:
        if step.is_command:
            assert f"\n    {step.text}\n" in out


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_the_other_forms_name_every_host(form: str, put: Put, capsys: Capture) -> None:
    files = [put(f"web{number}.json", render(RIGHT)) for number in range(30)]
    assert main(["merge", "--report-format", form, *files]) == 0
    out = capsys.readouterr().out
    assert all(f"web{number}" in out for number in range(30))


def test_hosts_of_which_the_same_is_told_are_counted(put: Put, capsys: Capture) -> None:
    files = [put(f"web{number:02}.json", render(RIGHT)) for number in range(30)]
    out = told(capsys, *files)
    assert "web09" in out
    assert "web10" not in out
    assert "RIGHT: 20 more with the same result" in out
    assert "web29" in told(capsys, "-v", *files)


@pytest.mark.parametrize(
    ("reports", "plain", "strict"),
    [
        ([RIGHT], 0, 0),
        ([audits.audit(audits.static())], 0, 4),
        ([RIGHT, audits.unverified()], 3, 3),
        ([audits.audit(audits.unreadable())], 3, 3),
        ([RIGHT, FAILS, audits.unverified()], 1, 1),
        # As the audit itself: what fails is not what the user wants to fail on.
        ([replace(audits.audit(audits.fails()), fail_on=("audit.static",))], 0, 4),
        ([replace(audits.audit(audits.fails()), fail_on=("audit.missing",))], 1, 1),
    ],
)
def test_the_exit_code_is_that_of_an_audit(
    reports: list[Audit], plain: int, strict: int, put: Put, capsys: Capture
) -> None:
    files = [put(f"{number}.json", render(audit)) for number, audit in enumerate(reports)]
    assert main(["merge", "-q", *files]) == plain
    assert main(["merge", "-q", "--strict", *files]) == strict
    if len(reports) == 1:
        assert [reports[0].exit_code(strict=one) for one in (False, True)] == [plain, strict]
    capsys.readouterr()


def test_a_name_that_two_reports_have_is_told(put: Put, capsys: Capture) -> None:
    files = [put("x/web1.json", render(RIGHT)), put("y/web1.json", render(RIGHT))]
    assert "2 reports have the name web1: " in told(capsys, *files)
    content = merged(capsys, "--strict", *files, code=4)
    assert content["outcome"] == "attention"
    assert content["twice"] == [{"name": "web1", "reports": files}]


def test_another_publication_and_another_day_are_told(put: Put, capsys: Capture) -> None:
    basis = json.loads(render(RIGHT))["basis"]
    other = {**basis, "signing_time": "2024-07-18T00:00:00Z", "document_sha256": "ab" * 32}
    files = [
        put("a.json", render(RIGHT)),
        put("b.json", render(RIGHT)),
        put("c.json", changed(RIGHT, basis=other, at="2026-01-02T03:04:05Z")),
    ]
    out = told(capsys, *files)
    assert "by more than one publication" in out
    assert f"of 2024-07-18, SHA-256 {'ab' * 32}: {files[2]}" in out
    assert f"- 2026-01-02: {files[2]}" in out
    content = merged(capsys, "--strict", *files, code=4)
    assert [one["reports"] for one in content["publications"]] == [files[:2], files[2:]]
    assert [one["reports"] for one in content["days"]] == [files[:2], files[2:]]
    out = told(capsys, *files[:2])
    assert "more than one" not in out


# What is no report.

GOOD = json.loads(render(FAILS))
NOT_ONE = {
    "nothing": "",
    "cut": render(RIGHT)[:-100],
    "no text": "\udc80",
    "no object": "[]",
    "null": "null",
    "deep": "[" * 200_000,
    "a long number": "1" * 100_000,
    "another schema": changed(RIGHT, schema="root-anchors/report/1"),
    "no schema": json.dumps({"outcome": "right"}),
    "no time": changed(RIGHT, at="yesterday"),
    "time of another type": changed(RIGHT, at=5),
    "no basis": changed(RIGHT, basis=[]),
    "no places": changed(RIGHT, places={}),
    "places of another type": changed(RIGHT, places=["x", 1, None]),
    "no hosts": changed(RIGHT, hosts=None),
    "hosts of another type": changed(RIGHT, hosts=[1]),
    "resolvers of another type": changed(RIGHT, hosts=[{**GOOD["hosts"][0], "resolvers": [{}]}]),
    "files that are none": changed(RIGHT, hosts=[{**GOOD["hosts"][0], "loose": ["/nowhere"]}]),
    "files of another type": changed(RIGHT, hosts=[{**GOOD["hosts"][0], "loose": [{}]}]),
    "too many hosts": changed(RIGHT, hosts=[{}] * (merging.MAX_HOSTS + 1)),
    "another outcome": changed(RIGHT, places=[{**GOOD["places"][0], "outcome": "fine"}]),
    "nothing found": changed(RIGHT, hosts=[], places=[]),
}


@pytest.mark.parametrize("name", NOT_ONE)
def test_what_is_no_report_leaves_its_host_undecided(
    name: str, tmp_path: Path, put: Put, capsys: Capture
) -> None:
    path = tmp_path / "web1.json"
    path.write_bytes(NOT_ONE[name].encode(errors="surrogateescape"))
    content = merged(capsys, str(path), put("web2.json", render(RIGHT)), code=3)
    first, second = content["hosts"]
    assert (first["name"], first["outcome"], second["outcome"]) == ("web1", "undecided", "right")
    assert first["seen"][0]["summary"]


def test_no_file_a_fifo_and_a_large_file_are_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(merging, "MAX_REPORT", 1000)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(b"{" * 1001)
    files = [str(tmp_path / name) for name in ("fifo", "large", "none")]
    content = merged(capsys, *files, code=3)
    assert [host["seen"][0]["summary"] for host in content["hosts"]] == [
        "its report cannot be read: not a regular file",
        "its report cannot be read: larger than 1000 bytes",
        "its report cannot be read: No such file or directory",
    ]


def test_what_a_host_writes_is_nothing_but_text(put: Put, capsys: Capture) -> None:
    resolver = {**GOOD["hosts"][0]["resolvers"][0], "title": audits.HOSTILE, "remedy": []}
    host = {**GOOD["hosts"][0], "resolvers": [resolver], "name": audits.HOSTILE}
    file = put("a.json", changed(FAILS, hosts=[host, host]))
    for form in ("text", "html", "markdown", "json"):
        main(["merge", "--report-format", form, file])
        out = capsys.readouterr().out
        assert "\x1b[31m" not in out
        assert form != "html" or "<script>" not in out


def test_of_a_host_only_so_much_is_kept(put: Put, capsys: Capture) -> None:
    resolver = {**GOOD["hosts"][0]["resolvers"][0], "summary": "x" * 10_000, "outcome": "fails"}
    host = {**GOOD["hosts"][0], "resolvers": [resolver] * 500}
    content = merged(capsys, put("a.json", changed(FAILS, hosts=[host])), code=1)
    (row,) = content["hosts"]
    assert len(row["seen"]) == merging.MOST_SEEN
    assert row["more"] >= 500 - merging.MOST_SEEN
    assert max(len(one["summary"]) for one in row["seen"]) <= 500


def test_the_next_planned_day_is_that_of_the_worst(put: Put, capsys: Capture) -> None:
    def on(day: str, outcome: str) -> dict[str, str]:
        return {"day": f"{day}T00:00:00Z", "event": "x", "outcome": outcome, "meaning": "x"}

    one = GOOD["hosts"][0]["resolvers"][0]
    resolvers = [
        {**one, "days": [on("2026-01-01", "fails"), on("2027-01-11", "right")]},
        {**one, "days": [on("2027-01-11", "will fail"), on("2028-01-01", "fails")]},
    ]
    host = {**GOOD["hosts"][0], "resolvers": resolvers}
    file = put("a.json", changed(FAILS, hosts=[host], at="2026-11-24T12:00:00Z"))
    content = merged(capsys, file, code=1)
    assert content["hosts"][0]["next"] == {"day": "2027-01-11", "outcome": "will fail"}


def test_ten_times_the_reports_take_ten_times_as_long(put: Put, capsys: Capture) -> None:
    files = [Path(put(f"{number:04}.json", render(RIGHT))) for number in range(2000)]

    def seconds(count: int) -> float:
        begin = time.process_time()
        main(["merge", *map(str, files[:count])])
        return time.process_time() - begin

    seconds(20)
    assert seconds(2000) < 30 * seconds(200)
    capsys.readouterr()


def test_the_report_goes_to_a_file_and_the_answer_to_a_person(put: Put, capsys: Capture) -> None:
    file = put("a.json", render(RIGHT))
    report = Path(file).with_name("fleet.txt")
    assert main(["merge", "--report", str(report), file]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("RIGHT: 1 host (1 right)")
    assert report.read_text(encoding="utf-8").startswith("RIGHT: 1 host (1 right)")
