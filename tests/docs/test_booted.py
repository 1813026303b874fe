"""The units of docs/monitoring.md under a systemd that runs: what they do, and what they may not.

Skipped where this machine cannot have another one inside, which takes root and namespaces.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.docs.booting import boot, lacking
from tests.lab.nameserver import require
from tests.unit.report.exposed import exposed

NOT_TRUSTED, UNDECIDED = 1, 3
# Users of services that have none of their own, systemd.exec(5).
DYNAMIC_USERS = range(61184, 65520)
TRIES = 3


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the stories told."""
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    require()
    place = tmp_path_factory.mktemp("machine")
    ended = boot(place)
    if not (place / "began").exists():
        pytest.skip(f"systemd does not come up here: {ended.console.strip()[-200:]}")
    assert ended.code == 0, (place / "errors").read_text(encoding="utf-8")
    results: dict[str, Any] = json.loads((place / "results.json").read_text(encoding="utf-8"))
    return results


def verdict(story: dict[str, Any]) -> str:
    """The verdict in the file of metrics."""
    told = [one for one in exposed(story["metrics"]) if one.name == "root_anchors_verdict"]
    (which,) = [one.labels["verdict"] for one in told if one.value == 1]
    return which


def test_the_document_sets_it_up_and_runs_it(machine: dict[str, Any]) -> None:
    assert [code for _, code, _ in machine["document"]] == [0] * 5
    journal = machine["document"][-1][2]
    assert "VERIFIED: KSK-2017 (20326), KSK-2024 (38696)" in journal
    assert "26 of 26 answered, all the same RRset" in journal
    assert machine["owner"] in DYNAMIC_USERS


def test_what_it_may_not(machine: dict[str, Any]) -> None:
    assert len(machine["confined"]) > 10
    assert [name for name, holds in machine["confined"].items() if not holds] == []


def test_the_timer_waits_for_the_next_day(machine: dict[str, Any]) -> None:
    timer = machine["timer"]
    assert (timer["ActiveState"], timer["Unit"]) == ("active", "root-anchors-verify.service")
    _, day, time, _ = timer["NextElapseUSecRealtime"].split()
    until = datetime.fromisoformat(f"{day}T{time}+00:00") - datetime.now(UTC)
    assert timedelta(0) < until < timedelta(days=1, hours=12)


def test_verified_is_nothing_to_see(machine: dict[str, Any]) -> None:
    """Started by the timer, at once."""
    story = machine["verified"]
    assert story["start"] == 0
    assert (story["shown"]["Result"], story["shown"]["ActiveState"]) == ("success", "inactive")
    assert verdict(story) == "verified"
    assert "VERIFIED" in story["journal"]
    assert "OnFailure" not in story["journal"]


def test_not_trusted_fails_at_once_and_calls(machine: dict[str, Any]) -> None:
    story = machine["not trusted"]
    assert story["start"] != 0
    assert story["shown"] == {
        "Result": "exit-code",
        "ActiveState": "failed",
        "SubState": "failed",
        "ExecMainStatus": str(NOT_TRUSTED),
        "NRestarts": "0",
    }
    assert verdict(story) == "not-trusted"
    assert "status=1/FAILURE" in story["status"]
    assert story["journal"].count("NOT TRUSTED: the signer's certificate ended on 2029-03-13") == 1
    assert story["journal"].count("Triggering OnFailure=") == 1


def test_undecided_is_tried_again_and_calls_once(machine: dict[str, Any]) -> None:
    story = machine["undecided"]
    assert story["shown"]["ActiveState"] == "failed"
    assert story["shown"]["ExecMainStatus"] == str(UNDECIDED)
    assert verdict(story) == "undecided"
    assert story["journal"].count("UNDECIDED: the publication cannot be fetched") == TRIES
    assert story["journal"].count("Triggering OnFailure=") == 1
    assert "status=3/NOTIMPLEMENTED" in story["journal"]


def test_after_that_a_start_is_refused_until_it_is_reset(machine: dict[str, Any]) -> None:
    story = machine["too often"]
    assert story["start"] != 0
    assert "UNDECIDED" not in story["journal"]
    assert "Start request repeated too quickly" in story["journal"]
