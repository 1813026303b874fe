"""Far, near, slow, lossy and dead servers: nobody delays the others, and the table tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath

import pytest

from tests.lab.ipv6 import has_ipv6
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Path, Tcp, relaying
from tests.networks.fleet import (
    COUNT,
    DEADLINE,
    SLACK,
    far_and_near,
    fleet,
    seen,
    told,
)

GOOD_UDP = ("verified", "udp", 1)
# Asked twice: over UDP, and then over TCP.
GOOD_TCP = ("verified", "tcp", 1)
SLOWEST_UDP, SLOWEST_TCP = 0.3, 0.9
PATIENCE = 1.5


def changed(paths: Sequence[Path], indices: Sequence[int], **how: object) -> list[Path]:
    """The same paths, some of them otherwise."""
    return [
        replace(path, **how) if index in indices else path  # type: ignore[arg-type]
        for index, path in enumerate(paths)
    ]


def test_all_answer(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(far_and_near(fleet(servers, ipv6=has_ipv6()))) as fronts:
        run = seen(source, fronts)
        assert [front.over_udp for front in fronts] == [1] * COUNT
        assert [front.over_tcp for front in fronts] == [0] * COUNT
    assert (run.code, run.report["verdict"], run.attention) == (0, "verified", {})
    assert run.rows == [GOOD_UDP] * COUNT
    assert run.seconds < SLOWEST_UDP + SLACK
    # The table tells the distances.
    for row, front in zip(run.servers, fronts, strict=True):
        assert row["address"] == str(front)
        assert row["rtt_ms"] >= front.path.delay * 1000


def test_the_real_rrset_takes_tcp_everywhere(root_servers: list[Endpoint], iana: FilePath) -> None:
    with relaying(far_and_near(fleet(root_servers))) as fronts:
        run = seen(iana, fronts)
        assert [(front.over_udp, front.over_tcp) for front in fronts] == [(1, 1)] * COUNT
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [GOOD_TCP] * COUNT
    assert {tuple(row["signed_by"]) for row in run.servers} == {(20326,)}
    assert run.seconds < SLOWEST_TCP + SLACK


def test_agreement_is_stated(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(fleet(servers)) as fronts:
        text = told(source, fronts)
        long = told(source, fronts, "-v")
    assert "26 of 26 answered, all the same RRset" in text
    assert re.search(r"^  verified \d+\*? \d+\*?, \d+ to \d+ ms: 26 servers$", text, re.MULTILINE)
    # One row for each server.
    assert long.count(" verified ") == COUNT


THIRD = range(0, COUNT, 3)


@pytest.mark.parametrize("large", [False, True], ids=["udp", "tcp"])
def test_a_third_is_dead(
    large: bool,
    servers: list[Endpoint],
    root_servers: list[Endpoint],
    source: FilePath,
    iana: FilePath,
) -> None:
    paths = far_and_near(fleet(root_servers if large else servers))
    with relaying(changed(paths, THIRD, behind=None)) as fronts:
        run = seen(iana if large else source, fronts)
    assert (run.code, run.report["verdict"]) == (0, "verified")
    good = GOOD_TCP if large else GOOD_UDP
    for index, (outcome, transport, tries) in enumerate(run.rows):
        if index in THIRD:
            assert (outcome, transport) == ("timeout", "udp")
            assert 2 <= tries <= 3
        else:
            assert (outcome, transport, tries) == good
    dead = len(THIRD)
    assert [*run.attention] == ["rootzone.silent"]
    assert f"{dead} of 26 servers did not give a usable answer" in run.attention["rootzone.silent"]
    assert f"{dead} timeout" in run.attention["rootzone.silent"]
    for front in fronts[::3]:
        assert str(front) in run.attention["rootzone.silent"]
    assert run.seconds < PATIENCE + (SLOWEST_TCP if large else SLOWEST_UDP) + SLACK


def test_the_agreement_of_those_who_answer(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), [3, 17], behind=None)) as fronts:
        text = told(source, fronts)
        long = told(source, fronts, "-v")
    assert "24 of 26 answered, all the same RRset" in text
    assert re.search(r"^  timeout: 127\.\S+, 127\.\S+$", text, re.MULTILINE)
    # Retries are shown.
    assert len(re.findall(r" udp +2 +- +timeout", long)) == 2


def test_one_answer_of_26_is_enough(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), range(1, COUNT), behind=None)) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.report["verdict"]) == (0, "verified")
    assert run.rows[0] == GOOD_UDP
    assert {outcome for outcome, _, _ in run.rows[1:]} == {"timeout"}
    assert run.seconds < DEADLINE + SLACK


def test_all_are_dead(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), range(COUNT), behind=None)) as fronts:
        run = seen(source, fronts)
        assert {front.over_udp for front in fronts} == {3}
    assert (run.code, run.report["verdict"]) == (3, "undecided")
    assert run.rows == [("timeout", "udp", 3)] * COUNT
    assert "26 timeout" in run.findings("failure")["rootzone.answers"]
    assert run.seconds < DEADLINE + SLACK


def test_the_first_packet_is_lost_on_some_ways(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), [2, 5], lose=1)) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.attention) == (0, {})
    retried = [index for index, row in enumerate(run.rows) if row == ("verified", "udp", 2)]
    assert retried == [2, 5]
    assert [row for row in run.rows if row[2] != 2] == [GOOD_UDP] * (COUNT - 2)
    # The time is that of the try that came back, not of all tries.
    assert run.servers[2]["rtt_ms"] < 500
    assert run.seconds < 1 + SLACK


def test_a_network_that_loses_every_first_packet(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), range(COUNT), lose=1)) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [("verified", "udp", 2)] * COUNT
    assert run.seconds < 1 + SLACK


def test_one_slow_server_never_delays_the_rest(servers: list[Endpoint], source: FilePath) -> None:
    """It may answer as late as it likes: what comes after the end never counts."""
    with relaying(changed(fleet(servers), [4], delay=3)) as fronts:
        run = seen(source, fronts)
        assert fronts[4].over_udp >= 2
    assert run.code == 0
    assert run.rows[4] == ("timeout", "udp", 2)
    assert run.servers[4]["key_tags"] == []
    assert "1 of 26 servers" in run.attention["rootzone.silent"]
    assert [row for row in run.rows if row[0] != "timeout"] == [GOOD_UDP] * (COUNT - 1)
    assert run.seconds < PATIENCE + SLACK


def test_a_whole_network_behind_a_satellite(servers: list[Endpoint], source: FilePath) -> None:
    """Every answer comes after the second question was put, and none of those is taken for it."""
    with relaying(changed(fleet(servers), range(COUNT), delay=0.75)) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [("verified", "udp", 2)] * COUNT
    assert all(row["rtt_ms"] >= 750 for row in run.servers)
    assert run.seconds < 2 * 0.75 + SLACK


# Truncation


def test_truncation_on_some_ways(servers: list[Endpoint], source: FilePath) -> None:
    with relaying(changed(fleet(servers), [1, 8], truncate=True)) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.attention) == (0, {})
    assert [index for index, row in enumerate(run.rows) if row == GOOD_TCP] == [1, 8]
    assert run.rows.count(GOOD_UDP) == COUNT - 2
    assert run.seconds < PATIENCE + SLACK


@pytest.mark.parametrize(
    ("tcp", "outcome"),
    [(Tcp.REFUSED, "unreachable"), (Tcp.SILENT, "timeout"), (Tcp.DRIPPING, "timeout")],
    ids=lambda value: str(getattr(value, "value", value)),
)
def test_tcp_is_blocked_on_some_ways(
    tcp: Tcp, outcome: str, servers: list[Endpoint], source: FilePath
) -> None:
    with relaying(changed(fleet(servers), [1, 8], truncate=True, tcp=tcp)) as fronts:
        run = seen(source, fronts)
        connections = 0 if tcp is Tcp.REFUSED else 1
        assert fronts[1].over_tcp == connections
    assert (run.code, run.report["verdict"]) == (0, "verified")
    assert [index for index, row in enumerate(run.rows) if row == (outcome, "tcp", 1)] == [1, 8]
    assert run.rows.count(GOOD_UDP) == COUNT - 2
    assert f"2 {outcome}" in run.attention["rootzone.silent"]
    assert run.seconds < PATIENCE + SLACK


@pytest.mark.parametrize(
    ("tcp", "outcome", "within"),
    [(Tcp.REFUSED, "unreachable", 0.5), (Tcp.SILENT, "timeout", DEADLINE)],
    ids=["refused", "silent"],
)
def test_the_real_rrset_where_tcp_is_blocked(
    tcp: Tcp, outcome: str, within: float, root_servers: list[Endpoint], iana: FilePath
) -> None:
    """Nothing comes through whole, and half an RRset is never judged."""
    with relaying(changed(fleet(root_servers), range(COUNT), tcp=tcp)) as fronts:
        run = seen(iana, fronts)
    assert (run.code, run.report["verdict"]) == (3, "undecided")
    assert run.rows == [(outcome, "tcp", 1)] * COUNT
    assert f"26 {outcome}" in run.findings("failure")["rootzone.answers"]
    assert [row["published"] for row in run.report["anchors"]] == [None] * 3
    assert run.seconds < within + SLACK


# No IPv6


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback address")
def test_ipv6_that_is_dead_is_one_line(servers: list[Endpoint], source: FilePath) -> None:
    paths = fleet(servers, ipv6=True)
    with relaying(changed(paths, range(1, COUNT, 2), behind=None)) as fronts:
        run, text = seen(source, fronts), told(source, fronts)
    assert (run.code, run.attention) == (0, {})
    assert [outcome for outcome, _, _ in run.rows] == ["verified", "timeout"] * 13
    notice = run.findings("notice")["rootzone.silent"]
    assert "this machine has no IPv6: 13 addresses could not be asked" in notice
    assert run.seconds < PATIENCE + SLACK
    assert "13 IPv6 addresses: this machine has no IPv6" in text
    assert "13 of 26 answered, all the same RRset" in text
    # --server names them once more.
    told_of_them = text[text.index("Root zone") : text.index("notice")]
    assert "::1" not in told_of_them
    assert "ms: 13 servers" in told_of_them


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback address")
def test_one_ipv6_server_that_answers_is_ipv6_that_works(
    servers: list[Endpoint], source: FilePath
) -> None:
    paths = fleet(servers, ipv6=True)
    with relaying(changed(paths, range(3, COUNT, 2), behind=None)) as fronts:
        run = seen(source, fronts)
    assert run.code == 0
    assert "12 of 26 servers did not give a usable answer" in run.attention["rootzone.silent"]


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback address")
def test_ipv4_servers_beside_dead_ipv6_are_told_apart(
    servers: list[Endpoint], source: FilePath
) -> None:
    paths = changed(fleet(servers, ipv6=True), range(1, COUNT, 2), behind=None)
    with relaying(changed(paths, [0], behind=None)) as fronts:
        run = seen(source, fronts)
    assert run.code == 0
    messages = {
        (one["severity"], one["message"])
        for one in run.report["findings"]
        if one["check"] == "rootzone.silent"
    }
    assert messages == {
        ("notice", "this machine has no IPv6: 13 addresses could not be asked"),
        ("warning", "1 of 26 servers did not give a usable answer"),
    }
    assert run.seconds < DEADLINE + SLACK
