"""The signed key response at the command line: instead of DNS answers, or to hold them against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anchors.cli.main import main
from tests.lab import keys, skr, zone
from tests.live.lab_root import key_digest, published

Capture = pytest.CaptureFixture[str]

OLD, NEW, ZSK = keys.ksk("old"), keys.ksk("new"), keys.zsk()
# The roll comes with the fourth slot.
ROLL = [([OLD, NEW, ZSK], [OLD])] * 3 + [([OLD, NEW, ZSK], [NEW])] * 6
BEFORE, AFTER = "2026-10-04T12:00:00Z", "2026-11-04T12:00:00Z"


@pytest.fixture
def response(tmp_path: Path) -> Path:
    path = tmp_path / "skr.xml"
    path.write_bytes(skr.encode(skr.quarter(ROLL)))
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return published(tmp_path, key_digest(OLD), key_digest(NEW))


def arguments(source: Path, *more: str | Path, at: str = BEFORE) -> list[str]:
    inputs = ["verify", "--source", source, "--ca", source / "ca.pem", "--at", at, *more]
    return [str(argument) for argument in inputs]


def verified(capsys: Capture, *told: str) -> tuple[int, dict[str, Any]]:
    code = main([*told, "--report-format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, report


def states(report: dict[str, Any]) -> dict[int, tuple[bool, bool]]:
    return {row["key_tag"]: (row["published"], row["signing"]) for row in report["anchors"]}


@pytest.mark.parametrize(("at", "signer"), [(BEFORE, OLD), (AFTER, NEW)], ids=["before", "after"])
def test_the_slot_of_the_time_stands_in_for_dns(
    at: str, signer: keys.LabKey, source: Path, response: Path, capsys: Capture
) -> None:
    code, report = verified(capsys, *arguments(source, "--dns", f"skr:{response}", at=at))
    assert (code, report["verdict"], report["dns"]["mode"]) == (0, "verified", "skr")
    # Signed in advance is not seen: the root zone was not asked.
    assert "rootzone.not-checked" in [finding["check"] for finding in report["findings"]]
    assert states(report) == {key.tag: (True, key is signer) for key in (OLD, NEW)}
    assert len(report["calendar"]) == 9
    signing = [
        [key["key_tag"] for key in slot["keys"] if key["signs"]] for slot in report["calendar"]
    ]
    assert signing == [[OLD.tag]] * 3 + [[NEW.tag]] * 6


def test_the_calendar_is_printed(source: Path, response: Path, capsys: Capture) -> None:
    assert main(arguments(source, "--dns", f"skr:{response}")) == 0
    out = capsys.readouterr().out
    assert "Calendar    2026-10-01 to 2027-01-01, 9 slots\n" in out
    assert f"2026-10-01  key {OLD.tag} signs, key {NEW.tag}; ZSK {ZSK.tag}" in out
    assert f"2026-10-31  key {OLD.tag}, key {NEW.tag} signs; ZSK {ZSK.tag}" in out


def test_a_time_without_a_slot_stays_undecided(
    source: Path, response: Path, capsys: Capture
) -> None:
    told = arguments(source, "--dns", f"skr:{response}", at="2026-09-01T00:00:00Z")
    code, report = verified(capsys, *told)
    assert (code, report["verdict"]) == (3, "undecided")
    assert report["findings"][0]["check"] == "skr.slots"


@pytest.mark.parametrize(
    ("served", "severity"),
    [([OLD, NEW, ZSK], "notice"), ([OLD, ZSK], "alarm")],
    ids=["as signed", "another"],
)
def test_answers_are_held_against_it(
    served: list[keys.LabKey],
    severity: str,
    source: Path,
    response: Path,
    capsys: Capture,
) -> None:
    answer = response.with_name("answer")
    answer.write_text(zone.signed(served, [OLD]).text())
    told = arguments(source, "--dns", answer, "--skr", response)
    code, report = verified(capsys, *told)
    assert (code, report["verdict"]) == (0, "verified")
    found = [
        (f["check"], f["severity"]) for f in report["findings"] if f["check"].startswith("skr")
    ]
    assert found == [("skr.agreement", severity)]
    assert main([*told, "--strict", "-q"]) == (0 if severity == "notice" else 4)


@pytest.mark.parametrize("content", [b"<KSR/>", b"not XML"])
def test_one_that_is_none_is_not_trusted(
    content: bytes, source: Path, response: Path, capsys: Capture
) -> None:
    response.write_bytes(content)
    code, report = verified(capsys, *arguments(source, "--dns", f"skr:{response}"))
    assert (code, report["findings"][0]["check"]) == (1, "skr.schema")


@pytest.mark.parametrize("option", ["--dns=skr:{}", "--skr={}"])
def test_a_file_that_is_not_there_is_a_usage_error(
    option: str, source: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(arguments(source, option.format(tmp_path / "absent"))) == 2
    assert "the signed key response cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("dns", ["skr:{}", "none"])
def test_it_is_held_against_answers_alone(
    dns: str, source: Path, response: Path, capsys: Capture
) -> None:
    told = arguments(source, "--dns", dns.format(response), "--skr", response)
    assert main(told) == 2
    assert "one signed key response, and --dns live, recorded or FILE" in capsys.readouterr().err


def test_what_was_signed_in_advance_is_not_told_as_seen(
    source: Path, response: Path, tmp_path: Path, capsys: Capture
) -> None:
    told = arguments(source, "--dns", f"skr:{response}")
    assert main(told) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Root zone NOT CHECKED: the RRset was signed in advance for 2026-10-04T12:00:00Z" in out
    assert "in DNS" not in out
    assert main(["build", *told[1:], "-q", "--format", "bind", "-o", str(tmp_path / "out")]) == 0
    assert "NOT cross-checked" in (tmp_path / "out/bind.keys").read_text()


def test_a_slot_ends_where_the_next_quarter_begins(
    source: Path, response: Path, capsys: Capture
) -> None:
    told = arguments(source, "--dns", f"skr:{response}", at="2027-01-01T00:00:00Z")
    code, report = verified(capsys, *told)
    assert (code, report["findings"][0]["check"]) == (3, "skr.slots")
