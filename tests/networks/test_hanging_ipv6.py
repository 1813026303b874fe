"""IPv6 that hangs, for real: the kernel sends and nothing ever comes back, while IPv4 answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.lab.nameserver import require
from tests.networks.fleet import COUNT, SLACK, Seen
from tests.networks.hanging import TIMEOUT

ROOT = Path(__file__).parents[2]
# A network, and mounts, of its own; whoever still runs in it ends with it.
NAMESPACE = (
    *("unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork"),
    "--kill-child",
)
# What a user may do in his own namespace differs from system to system, so it is tried.
ATTEMPT = (
    "exec 3<>/dev/net/tun && ip link set lo up && ip -6 addr add 2001:db8::1/64 dev lo nodad"
    " && mount --bind /etc/hostname /etc/hosts"
)


@cache
def hindrance() -> str | None:
    """What keeps such a network from being made here."""
    for program in ("unshare", "ip", "mount"):
        if not shutil.which(program):
            return f"no {program} here"
    command = [*NAMESPACE, "sh", "-c", ATTEMPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    return None if done.returncode == 0 else f"no such network can be made here: {done.stderr}"


@pytest.fixture(autouse=True)
def namespace() -> None:
    require()
    why = hindrance()
    if why:
        pytest.skip(why)


def verified_behind(count: int) -> tuple[Seen, int]:
    """``verify`` with the root servers' own addresses; how many requests the web server had."""
    command = [*NAMESPACE, sys.executable, "-m", "tests.networks.hanging", str(count)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    asked = content.pop("asked")
    return Seen(**content), asked


@pytest.mark.parametrize("count", [1, 2])
def test_everything_is_had_over_ipv4_within_the_deadline(count: int) -> None:
    """A third of the deadline for each address that hangs: two leave time for one that answers."""
    run, asked = verified_behind(count)
    assert (run.code, run.report["verdict"]) == (0, "verified")
    # Document and signature, each asked for once.
    assert asked == 2
    assert TIMEOUT / 3 < run.seconds < TIMEOUT + SLACK
    outcomes = {":" in row["address"]: set[str]() for row in run.servers}
    for row in run.servers:
        outcomes[":" in row["address"]].add(row["outcome"])
    assert outcomes == {False: {"verified"}, True: {"timeout"}}
    assert len(run.servers) == COUNT
    notice = run.findings("notice")["rootzone.silent"]
    assert "this machine has no IPv6: 13 addresses could not be asked" in notice
    assert "rootzone.silent" not in run.attention


def test_more_addresses_than_there_is_time_for_end_with_the_deadline() -> None:
    """Nothing is known then, and that is what is said."""
    run, asked = verified_behind(12)
    assert (run.code, run.report["verdict"], asked) == (3, "undecided", 0)
    assert "source.available" in run.findings("failure")
    assert TIMEOUT / 3 < run.seconds < TIMEOUT + SLACK
