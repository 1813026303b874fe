"""Signals in what real servers write of the questions that they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dns.message
import dns.query
import pytest

from anchors.asking.signals import read_signals
from anchors.consumers.query import Endpoint
from anchors.proving.lab import LabKey
from tests.consumers.asking.resolvers import running
from tests.consumers.asking.test_stories import need

NAME = "_Ta-4f66-9728."


def signalled(here: Endpoint) -> None:
    query = dns.message.make_query(NAME, "NULL")
    dns.query.udp(query, here.address, port=here.port, timeout=5)


@pytest.mark.parametrize(
    ("program", "more"),
    [
        ("unbound", '    log-queries: yes\n    logfile: "{log}"\n'),
        ("named", '    dnstap {{ client query; }};\n    dnstap-output file "{log}";\n'),
    ],
    ids=["unbound's log", "named's dnstap file"],
)
def test_a_signal_is_found_with_its_client(
    program: str, more: str, roots: Mapping[LabKey, Endpoint], tmp_path: Path
) -> None:
    need(program)
    log = tmp_path / "log"
    root = next(iter(roots.values()))
    with running(program, root, (), more.format(log=log)) as here:
        signalled(here)
    with log.open("rb") as stream:
        found = read_signals([stream])
    (client,) = found.clients.items()
    assert client[0] == "127.0.0.1"
    assert client[1].tags == (20326, 38696)
    assert client[1].last
