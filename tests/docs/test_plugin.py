"""The plugin for Icinga and Nagios, docs/examples/check_root_anchors: codes and one line."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.docs.machine import install
from tests.docs.markdown import ROOT, code_spans, table_rows

PLUGIN = ROOT / "docs" / "examples" / "check_root_anchors"
DOCUMENT = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
CODES = {
    int(row[0].split(",")[0]): (int(row[1]), row[2])
    for row in table_rows(DOCUMENT)
    if row[2:] and row[2] in {"OK", "WARNING", "CRITICAL", "UNKNOWN"}
}


def run(arguments: str, place: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(PLUGIN), *arguments.split()],
        env={
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
        },
        cwd=place,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_table_has_every_state() -> None:
    assert CODES == {0: (0, "OK"), 4: (1, "WARNING"), 1: (2, "CRITICAL"), 2: (3, "UNKNOWN")}
    assert PLUGIN.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ("verify --offline --at 2026-10-11", 0, "VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at"),
        ("verify --strict --offline --at 2028-12-14", 4, "VERIFIED: "),
        ("verify --offline --at 2031-01-01", 1, "NOT TRUSTED: "),
        ("verify --source nowhere --dns none --at 2026-10-11", 3, "UNDECIDED: "),
        ("verify --nonsense", 2, ""),
        ("audit --offline --at 2026-11-24 root|ds", 1, "FAILS"),
    ],
)
def test_one_line_and_the_code_of_the_table(
    arguments: str, code: int, line: str, tmp_path: Path
) -> None:
    install(tmp_path)
    (tmp_path / "root|ds").write_text('trust-anchor: ". DS 1 8 2 00"\n', encoding="ascii")
    wanted, state = CODES[code if code != 3 else 2]
    got, told = run(arguments, tmp_path)
    assert (got, told.count("\n"), told.count("|")) == (wanted, 1, 0), told
    assert told.startswith(f"ROOT-ANCHORS {state} - {line}")


def test_the_line_that_is_shown_is_one_of_these(tmp_path: Path) -> None:
    (shown,) = [span for span in code_spans(DOCUMENT) if re.match("ROOT-ANCHORS OK", span)]
    install(tmp_path)
    assert run("verify --offline --at 2026-10-11", tmp_path)[1] == f"{shown}\n"
