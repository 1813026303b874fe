"""Ctrl-C and SIGTERM while a server keeps the command waiting."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import https, liar
from tests.lab.https import Tls, publishing
from tests.lab.liar import lying
from tests.lab.zone import AT
from tests.live.command import Outcome, Running, files_in, finished, started

PATIENCE = 20.0
# The command's own deadline, long enough not to be what ends it.
TIMEOUT = "600"
SIGNALS = [signal.SIGINT, signal.SIGTERM]


def interrupted(
    running: Running, number: signal.Signals, is_waiting: Callable[[], object]
) -> Outcome:
    """What comes of a signal that is sent once the command waits."""
    deadline = time.monotonic() + PATIENCE
    while not is_waiting():
        assert running.process.poll() is None, finished(running)
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.process.send_signal(number)
    sent = time.monotonic()
    outcome = finished(running)
    assert time.monotonic() - sent < 5
    return outcome


def assert_interrupted(outcome: Outcome, cwd: Path) -> None:
    assert (outcome.code, outcome.stdout) == (130, "")
    told = "interrupted; an output directory has either all its old files or all the new ones"
    assert outcome.stderr == f"root-anchors: {told}\n"
    assert files_in(cwd) == {}


@pytest.mark.parametrize("number", SIGNALS)
def test_while_fetching(
    number: signal.Signals, tls: Tls, publication: dict[str, bytes], tmp_path: Path
) -> None:
    with publishing(publication, tls, xml=https.dripping_body) as site:
        inputs = ("--source", site.base, "--dns", "none", "--at", AT, "--timeout", TIMEOUT)
        with started("build", *inputs, "-o", "out", cwd=tmp_path, ca_file=tls.ca_file) as running:
            outcome = interrupted(running, number, lambda: site.requests)
    assert_interrupted(outcome, tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_while_asking(number: signal.Signals, tmp_path: Path) -> None:
    with lying(liar.silent) as server:
        inputs = ("--source", "embedded", "--server", str(server), "--at", AT)
        command = ("build", *inputs, "--timeout", TIMEOUT, "-o", "out")
        with started(*command, cwd=tmp_path) as running:
            outcome = interrupted(running, number, lambda: server.over_udp)
    assert_interrupted(outcome, tmp_path)
