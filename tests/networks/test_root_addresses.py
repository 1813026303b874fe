"""The 26 real addresses of the root servers, in a network namespace where all of them are ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from anchors.core.servers import ROOT_SERVERS
from tests.lab.nameserver import require
from tests.networks.fleet import COUNT, SLACK, Seen

ROOT = Path(__file__).parents[2]
# A network of its own; whoever still runs in it ends with it.
NAMESPACE = ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")
GOOD = ("verified", "tcp", 1)
SLOWEST = 0.9


@cache
def possible() -> bool:
    """Whether such a network can be made on this machine."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    command = [*NAMESPACE, "ip", "link", "set", "lo", "up"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(autouse=True)
def namespace() -> None:
    require()
    if not possible():
        pytest.skip("no network namespaces here")


def observed(story: str) -> tuple[Seen, str, str]:
    """``verify`` without ``--server``, as everybody runs it: as JSON, as text, and with ``-v``."""
    command = [*NAMESPACE, sys.executable, "-m", "tests.networks.inside", story]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    text, long = content.pop("text"), content.pop("long")
    return Seen(**content), text, long


def table_of(text: str) -> list[str]:
    """The rows of the text report, without the two lines before them."""
    block = next(one for one in text.split("\n\n") if one.startswith("Root zone"))
    return [line.strip() for line in block.splitlines()[2:]]


def test_all_thirteen_identities_over_both() -> None:
    run, text, long = observed("all")
    assert (run.code, run.report["verdict"], run.attention) == (0, "verified", {})
    assert run.rows == [GOOD] * COUNT
    assert [row["address"] for row in run.servers] == [one.address for one in ROOT_SERVERS]
    assert "26 of 26 answered, all the same RRset" in text
    (together,) = table_of(text)
    assert re.fullmatch(r"verified 20326\* 38696, \d+ to \d+ ms: 26 servers", together)
    _, *rows = table_of(long)
    letters = [row[0] for row in rows]
    assert "".join(letters) == "aabbccddeeffgghhiijjkkllmm"
    assert all(row.endswith("verified  20326* 38696") for row in rows)
    assert rows[0].startswith("a 198.41.0.4 ")
    assert rows[-1].startswith("m 2001:dc3::35 ")
    assert run.seconds < SLOWEST + SLACK


def test_no_ipv6_at_all_is_one_line() -> None:
    run, text, _ = observed("no IPv6")
    assert (run.code, run.report["verdict"], run.attention) == (0, "verified", {})
    assert run.rows[::2] == [GOOD] * 13
    # dnspython 2.7 does not hear that there is no way, and waits.
    assert {row[0] for row in run.rows[1::2]} <= {"unreachable", "timeout"}
    assert (
        "this machine has no IPv6: 13 addresses could not be asked"
        in (run.findings("notice")["rootzone.silent"])
    )
    assert "13 of 26 answered, all the same RRset" in text
    rows = table_of(text)
    assert rows[-1] == "13 IPv6 addresses: this machine has no IPv6"
    assert [row.endswith(" ms: 13 servers") for row in rows] == [True, False]
    assert run.seconds < 1.5 + SLOWEST + SLACK


def test_some_are_dead() -> None:
    run, text, _ = observed("b and m are dead")
    assert (run.code, run.report["attention"]) == (0, True)
    dead = [row["address"] for row in run.servers if row["outcome"] == "timeout"]
    assert dead == ["170.247.170.2", "2801:1b8:10::b", "202.12.27.33"]
    assert "23 of 26 answered, all the same RRset" in text
    found = run.findings("warning")["rootzone.silent"]
    assert "3 of 26 servers did not give a usable answer" in found
    assert all(address in found for address in dead)
    assert run.seconds < 1.5 + SLOWEST + SLACK
