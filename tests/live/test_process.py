"""What a process loads, and how it takes requests that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import zone
from tests.lab.zone import AT
from tests.live.command import Outcome, files_in, run_python

# Loading these takes longer than the whole offline job.
ONLINE = {"asyncio", "requests", "urllib3", "dns.asyncquery", "dns.query", "http.client", "ssl"}

SENSELESS: list[tuple[tuple[str, ...], str]] = [
    ((), "usage"),
    (("nonsense",), "nonsense"),
    (("build",), "-o"),
    (("build", "--offline", "-o"), "-o"),
    (("verify", "--offline", "--nonsense"), "--nonsense"),
    (("verify", "--offline", "--at", "yesterday"), "yesterday"),
    (("verify", "--offline", "--at", "2026-10-04T12:00:00"), "2026-10-04T12:00:00"),
    (("verify", "--offline", "--at", "@now"), "@now"),
    (("verify", "--offline", "--timeout", "0"), "timeout"),
    (("verify", "--offline", "--timeout", "-1"), "timeout"),
    (("verify", "--offline", "--timeout", "nan"), "timeout"),
    (("verify", "--offline", "--timeout", "inf"), "timeout"),
    (("verify", "--offline", "--report-format", "xml"), "xml"),
    (("verify", "--offline", "--ca", "absent.pem"), "absent.pem"),
    (("verify", "--source", "embedded", "--server", "k.root-servers.net"), "k.root-servers"),
    (("verify", "--source", "embedded", "--server", "127.0.0.1#0"), "127.0.0.1#0"),
    (("verify", "--source", "embedded", "--server", "::1#70000"), "::1#70000"),
    (("verify", "--source", "embedded", "--dns", "absent.rrset"), "absent.rrset"),
    (("verify", "--source", "publication", "--dns", "recorded"), "recorded"),
    (("verify", "--source", "ftp://localhost/"), "ftp:"),
    (("build", "--offline", "-o", "-"), "--format"),
    (("build", "--offline", "-o", "-", "--format", "ds", "--format", "bind"), "--format"),
    (("build", "--offline", "-o", "out", "--format", "nonsense"), "nonsense"),
]


def modules(outcome: Outcome) -> set[str]:
    """What ``-X importtime`` says was imported."""
    lines = (line for line in outcome.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("dns", ["recorded", "none", "root.rrset"])
def test_an_offline_run_loads_nothing_of_the_network(dns: str, tmp_path: Path) -> None:
    (tmp_path / "root.rrset").write_text(zone.recorded().text(), encoding="ascii")
    inputs = ("--source", "embedded", "--dns", dns, "--at", AT)
    outcome = run_python("build", *inputs, "-o", "out", cwd=tmp_path, python=("-X", "importtime"))
    loaded = modules(outcome)
    assert outcome.code == 0, outcome.stderr[-500:]
    assert "anchors.pipeline.crosscheck" in loaded
    assert loaded & ONLINE == set()


def test_a_server_is_asked_without_what_fetching_needs(tmp_path: Path) -> None:
    inputs = ("--source", "embedded", "--server", "127.0.0.1#1", "--at", AT, "--timeout", "1")
    outcome = run_python("verify", *inputs, cwd=tmp_path, python=("-X", "importtime"))
    assert outcome.code == 3, outcome.stderr[-500:]
    loaded = modules(outcome)
    assert "asyncio" in loaded
    assert "requests" not in loaded


@pytest.mark.parametrize("command", ["pinned", "formats"])
def test_what_asks_nobody_loads_nothing_of_the_network(command: str, tmp_path: Path) -> None:
    outcome = run_python(command, cwd=tmp_path, python=("-X", "importtime"))
    assert outcome.code == 0, outcome.stderr[-500:]
    assert modules(outcome) & ONLINE == set()


@pytest.mark.parametrize(
    ("arguments", "words"), SENSELESS, ids=[" ".join(arguments) for arguments, _ in SENSELESS]
)
def test_a_request_that_makes_no_sense(
    arguments: tuple[str, ...], words: str, publication: dict[str, bytes], tmp_path: Path
) -> None:
    source = tmp_path / "publication"
    source.mkdir()
    for name, content in publication.items():
        (source / name).write_bytes(content)
    before = files_in(tmp_path)
    outcome = run_python(*arguments, cwd=tmp_path)
    assert outcome.code == 2, outcome.stderr
    assert outcome.stdout == ""
    assert words in outcome.stderr
    assert files_in(tmp_path) == before
    assert outcome.seconds < 10
