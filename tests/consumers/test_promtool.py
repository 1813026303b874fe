"""Prometheus' own tool reads our metrics, and the alerts that docs/examples has for them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from anchors.report.asking.metrics import render as render_asked
from anchors.report.audit.metrics import render as render_audit
from anchors.report.metrics import render
from tests.asking.samples import SAMPLES
from tests.consumers.conftest import REQUIRE
from tests.unit.auditing.audits import HOSTILE, audit, everything, hostile, unverified
from tests.unit.report.test_text import lab, real, report_of
from tests.unit.stages import checked

RULES = Path(__file__).parents[2] / "docs" / "examples" / "root-anchors.rules.yml"
TEXTS = {
    "report": lambda: render(real()),
    "lab": lambda: render(report_of(lab())),
    "not-checked": lambda: render(report_of(checked())),
    "audit": lambda: render_audit(everything()),
    "hostile": lambda: render_audit(audit(hostile(), paths=(HOSTILE, 'a"b\\c\n'))),
    "asked": lambda: render_asked(SAMPLES["everything"]),
    "unverified": lambda: render_audit(unverified()),
}


@pytest.fixture(scope="module")
def promtool() -> str:
    path = shutil.which("promtool")
    if path is None:
        message = "not installed: promtool (Debian: prometheus)"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
        pytest.skip(message)
    return path


def run(*command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.mark.parametrize("name", TEXTS)
def test_the_metrics_are_well_formed_and_keep_the_conventions(promtool: str, name: str) -> None:
    told = run(promtool, "check", "metrics", text=TEXTS[name]())
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("root_anchors_attention 0", "root_anchors_attention{a='b'} 0"),
        ("# TYPE root_anchors_attention gauge", "# TYPE root_anchors_attention stateset"),
        ("root_anchors_attention", "root_anchors_attention_total"),
        ("_timestamp_seconds", "_timestamp_milliseconds"),
    ],
)
def test_the_tool_would_have_noticed(promtool: str, good: str, bad: str) -> None:
    text = TEXTS["report"]()
    assert good in text
    assert run(promtool, "check", "metrics", text=text.replace(good, bad)).returncode != 0


def test_the_alerts_are_rules(promtool: str) -> None:
    told = run(promtool, "check", "rules", str(RULES))
    assert told.returncode == 0, told.stderr
    assert f"{RULES.read_text(encoding='utf-8').count('- alert: ')} rules found" in told.stdout


def test_the_alerts_fire_when_they_should(promtool: str) -> None:
    told = run(promtool, "test", "rules", str(Path(__file__).with_name("rules.test.yml")))
    assert told.returncode == 0, told.stdout + told.stderr
