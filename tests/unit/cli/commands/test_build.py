"""``build`` writes its report and its metrics where they are asked for, as the others do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anchors.cli.main import main

BUILD = ("build", "--offline", "--at", "2026-10-11T00:00:00Z")
Capture = pytest.CaptureFixture[str]


def test_report_and_metrics_go_to_files_and_the_verdict_stays(
    tmp_path: Path, capsys: Capture
) -> None:
    report, metrics = tmp_path / "report.json", tmp_path / "build.prom"
    files = ("--report-format", "json", "--report", str(report), "--metrics", str(metrics))
    assert main([*BUILD, "-o", str(tmp_path / "out"), *files]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at 2026-10-11T00:00:00Z\n"
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["schema"] == "root-anchors/report/1"
    assert document["verdict"] == "verified"
    assert 'root_anchors_verdict{verdict="verified"} 1' in metrics.read_text(encoding="utf-8")


def test_a_format_without_a_file_is_for_standard_output(tmp_path: Path, capsys: Capture) -> None:
    assert main([*BUILD, "-o", str(tmp_path / "out"), "--report-format", "markdown"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("# ")
    assert told.err.count("\n") == 1


def test_they_tell_of_a_check_and_of_what_was_not_trusted(tmp_path: Path, capsys: Capture) -> None:
    out, metrics = tmp_path / "out", tmp_path / "x.prom"
    assert main([*BUILD, "-o", str(out), "--bare", "--format", "ds"]) == 0
    (out / "root.ds").write_bytes(b"")
    files = ("--report", str(tmp_path / "report"), "--metrics", str(metrics))
    capsys.readouterr()
    assert main([*BUILD, "--check", str(out), "--format", "ds", *files]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("STALE: ")
    assert told.err.count("\n") == 1
    assert told.out.startswith("--- ")
    assert (tmp_path / "report").read_text(encoding="utf-8").startswith("VERIFIED: ")
    late = ("build", "--offline", "--at", "2031-01-01", "-o", str(tmp_path / "new"), *files)
    assert main(late) == 1
    assert 'root_anchors_verdict{verdict="not-trusted"} 1' in metrics.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "two",
    [
        ("-o", "-", "--format", "ds", "--metrics", "-"),
        ("-o", "-", "--format", "ds", "--report-format", "json"),
        ("--check", "x", "--report", "-"),
        ("-o", "x", "--report", "-", "--metrics", "-"),
    ],
)
def test_standard_output_takes_one(two: tuple[str, ...], capsys: Capture) -> None:
    assert main([*BUILD, *two]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "standard output takes one document" in told.err
