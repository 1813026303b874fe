"""``root-anchors timeline`` as people run it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from anchors.cli.main import main
from anchors.cli.terminal import speaks_unicode
from tests.docs.markdown import ROOT

OPTIONS = ["timeline", "--offline", "--at", "2026-11-24T00:00:00Z"]


def test_the_terminal_shows_the_lives_and_the_next_dates(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(OPTIONS) == 0
    out, err = capsys.readouterr()
    assert "KSK-2024 (38696)" in out
    assert "Next dates that need action" in out
    assert "2027-01-11" in out
    assert max(map(len, out.splitlines())) <= 80
    assert err == ""


@pytest.mark.parametrize(("option", "begin"), [("--svg", "<svg"), ("--html", "<!DOCTYPE html>")])
def test_a_picture_goes_to_standard_output_or_into_a_file(
    option: str, begin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "picture"
    assert main([*OPTIONS, option, "-"]) == 0
    shown = capsys.readouterr().out
    assert begin in shown[:200]
    assert main([*OPTIONS, option, str(file)]) == 0
    out, err = capsys.readouterr()
    assert file.read_text(encoding="utf-8") == shown
    assert out == ""
    assert err.startswith("VERIFIED: ")


@pytest.mark.parametrize("option", ["--svg", "--html"])
def test_an_empty_name_is_a_usage_error(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*OPTIONS, option, ""]) == 2
    assert "need a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", True), ("UTF8", True), ("ascii", False), ("cp437", False)]
)
def test_a_stream_speaks_unicode_by_its_encoding(encoding: str, *, expected: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert speaks_unicode(stream) is expected
    assert not speaks_unicode(None)


def test_what_is_not_verified_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "picture.svg"
    options = ["timeline", "--source", str(tmp_path), "--dns", "none", "--at", OPTIONS[-1]]
    assert main([*options, "--svg", str(picture)]) == 3
    assert capsys.readouterr().out.startswith("UNDECIDED: ")
    assert not picture.exists()


def test_a_quiet_timeline_is_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*OPTIONS, "-q"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("VERIFIED: ")
    assert out.count("\n") == 1


def test_the_picture_of_the_readme_is_what_the_command_draws() -> None:
    """As ``make snapshot`` makes it anew."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (day,) = re.findall(r"as of (\S+)\]\(docs/timeline\.svg\)", readme)
    options = ("--offline", "--at", f"{day}T00:00:00Z", "--svg", "-")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "anchors", "timeline", *options],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stdout == (ROOT / "docs" / "timeline.svg").read_bytes()
