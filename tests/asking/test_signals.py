"""Signals in the logs of every server that was tried, and in what only looks like one."""

from __future__ import annotations

import io
import ipaddress
import random
import struct
import tracemalloc
from pathlib import Path

import dns.message
import pytest

from anchors.asking import signals
from anchors.asking.signals import Client, Signals, read_signals
from anchors.cli.main import main
from anchors.report.asking.signals import render, summary_line

# As each wrote them in the lab; the addresses and times are ours.
LINES = {
    "named's own category": (
        "28-Nov-2026 10:00:00.123 trust-anchor-telemetry '_Ta-4F66-9728/IN' from 192.0.2.7",
        ("192.0.2.7", (20326, 38696), "28-Nov-2026 10:00:00"),
    ),
    "named's query log": (
        (
            "28-Nov-2026 10:00:00.123 info: client @0x7f 192.0.2.7#35182 (_Ta-4F66): query: "
            "_Ta-4F66 IN NULL +E(0)D (192.0.2.1)"
        ),
        ("192.0.2.7", (20326,), "28-Nov-2026 10:00:00"),
    ),
    "named's query log, in a view, over IPv6": (
        "client @0x7f 2001:db8::7#35182 (_ta-4f66): view inside: query: _ta-4f66 IN NULL +E(0)D",
        ("2001:db8::7", (20326,), ""),
    ),
    "unbound": (
        "[1795860000] unbound[1:0] info: 192.0.2.7 _ta-4f66-9728. NULL IN",
        ("192.0.2.7", (20326, 38696), "1795860000"),
    ),
    "unbound, type A": (
        "[1795860000] unbound[1:0] info: 2001:db8::7 _ta-9728. A IN",
        ("2001:db8::7", (38696,), "1795860000"),
    ),
    "pdns 5": (
        (
            'Nov 28 10:00:00 ns pdns_recursor[1]: msg="Question" subsystem="syncres" level="0" '
            'ts="1795860000.1" qname="_ta-4f66" qtype="TYPE10" remote="192.0.2.7:39486"'
        ),
        ("192.0.2.7", (20326,), "Nov 28 10:00:00"),
    ),
    "pdns 5, over IPv6": (
        'msg="Question" qname="_ta-4f66" qtype="TYPE10" remote="[2001:db8::7]:39486"',
        ("2001:db8::7", (20326,), ""),
    ),
    "pdns 4": (
        "Nov 28 10:00:00 3 [1/1] question for '_ta-4f66|TYPE10' from 192.0.2.7:39486",
        ("192.0.2.7", (20326,), "Nov 28 10:00:00"),
    ),
    "dnsmasq": (
        "Nov  8 10:00:00 dnsmasq[7]: query[NULL] _ta-4f66 from 192.0.2.7",
        ("192.0.2.7", (20326,), "Nov  8 10:00:00"),
    ),
    "a time by RFC 3339": (
        "2026-11-28T10:00:00+00:00 ns dnsmasq[7]: query[type=10] _TA-4f66 from 192.0.2.7",
        ("192.0.2.7", (20326,), "2026-11-28T10:00:00"),
    ),
}


# In the same logs: what became of the question.
NO_QUESTIONS = [
    "dnsmasq[7]: forwarded _ta-4f66-9728 to 192.0.2.53#53",
    "dnsmasq[7]: reply _ta-4f66-9728 is NXDOMAIN",
    "dnsmasq[7]: cached _ta-4f66-9728 is NXDOMAIN",
    'msg="Answer" subsystem="syncres" qname="_ta-4f66" rcode="3" remote="192.0.2.7:39486"',
    "3 [1/1] answer to question '_ta-4f66|TYPE10': 0 answers, 1 additional, took 2 packets",
]


def test_what_became_of_a_question_is_none() -> None:
    assert read(*NO_QUESTIONS) == Signals({})


def read(*lines: str) -> Signals:
    return read_signals([io.BytesIO("\n".join(lines).encode())])


@pytest.mark.parametrize("name", LINES)
def test_every_log_is_read(name: str) -> None:
    line, (address, tags, time) = LINES[name]
    assert read("before", line, "after").clients == {address: Client(tags, time, time, 1)}


@pytest.mark.parametrize(
    "line",
    [
        "info: 192.0.2.7 _ta-4f66.example.org. NULL IN",
        "info: 192.0.2.7 x._ta-4f66. NULL IN",
        "info: 192.0.2.7 _ta-4f6. NULL IN",
        "info: 192.0.2.7 _ta-4f66-. NULL IN",
        "info: 192.0.2.7 my_ta-4f66. NULL IN",
        "info: 192.0.2.7 _ta. NULL IN",
    ],
)
def test_what_only_looks_like_a_signal(line: str) -> None:
    assert read(line) == Signals({})


@pytest.mark.parametrize(
    "line",
    [
        "debug: generate keytag query _ta-4f66-9728. NULL IN",
        "query[NULL] _ta-4f66 from nobody",
        "info: 999.0.2.7 _ta-4f66. NULL IN",
        "query[NULL] _ta-4f66 from \x1b[31m",
    ],
)
def test_a_signal_without_a_client_is_counted_alone(line: str) -> None:
    assert read(line) == Signals({}, unplaced=1)


def test_the_last_signal_of_a_client_counts() -> None:
    line = "Nov {} 10:00:00 dnsmasq[7]: query[NULL] _ta-{} from 192.0.2.7"
    days = [("25", "4f66"), ("26", "4f66-9728"), ("27", "4f66-9728"), ("28", "4f66-9728")]
    (client,) = read(*(line.format(*day) for day in days)).clients.values()
    assert client == Client((20326, 38696), "Nov 26 10:00:00", "Nov 28 10:00:00", 4)


def test_logs_are_read_in_the_order_in_which_they_are_given() -> None:
    old, new = (f"query[NULL] _ta-{tag} from 192.0.2.7".encode() for tag in ("4f66", "9728"))
    (client,) = read_signals([io.BytesIO(old), io.BytesIO(new)]).clients.values()
    assert client.tags == (38696,)


def test_lines_are_found_wherever_a_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(["x" * 37, LINES["dnsmasq"][0], "y" * 11] * 9).encode()
    for size in (7, 64, 100, 1 << 20):
        monkeypatch.setattr(signals, "_BLOCK", size)
        (client,) = read_signals([io.BytesIO(text)]).clients.values()
        assert client.signals == 9


def test_a_line_that_never_ends_costs_no_memory() -> None:
    class Endless(io.RawIOBase):
        left = 64

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"_ta-4f66 " * (size // 9) if self.left else b""

    tracemalloc.start()
    assert not read_signals([Endless()]).clients  # type: ignore[list-item]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 << 20


def test_memory_does_not_grow_with_the_log() -> None:
    chance = random.Random(8145)
    line = "[1795860000] unbound[1:0] info: 192.0.2.{} {} IN\n"
    names = ["www.example.org. A"] * 99 + ["_ta-4f66-9728. NULL"]
    text = "".join(
        line.format(chance.randrange(256), chance.choice(names)) for _ in range(20_000)
    ).encode()

    class Log(io.RawIOBase):
        left = 40

        def read(self, size: int = -1) -> bytes:
            del size
            self.left -= 1
            return text if self.left else b""

    tracemalloc.start()
    found = read_signals([Log()])  # type: ignore[list-item]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.clients) > 100
    assert most < 8 * len(text)


def test_clients_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "MAX_CLIENTS", 2)
    found = read(*(f"query[NULL] _ta-4f66 from 192.0.2.{n}" for n in (1, 2, 3, 1, 3)))
    assert ([*found.clients], found.left_out) == (["192.0.2.1", "192.0.2.2"], 2)


def test_who_lacks_the_newest_key_comes_first() -> None:
    found = read(
        "query[NULL] _ta-4f66-9728 from 192.0.2.1",
        "query[NULL] _ta-4f66 from 192.0.2.2",
        "query[NULL] _ta-4a5c from 192.0.2.3",
    )
    assert summary_line(found) == (
        "ATTENTION: 2 of 3 clients announce only old keys, not KSK-2024 (38696)"
    )
    lines = render(found).splitlines()[3:6]
    assert [line.split("  ")[0] for line in lines] == ["192.0.2.2", "192.0.2.3", "192.0.2.1"]
    assert "KSK-2017 (20326) only" in lines[0]
    assert "KSK-2010 (19036) only" in lines[1]


def field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def tapped(name: str, address: str, kind: int = 5) -> bytes:
    """A frame of dnstap, as named writes it."""
    wire = dns.message.make_query(name, "NULL").to_wire()
    message = field(1, kind) + field(2, 1) + field(4, ipaddress.ip_address(address).packed)
    message += field(8, 1795860000) + b"\x4d\0\0\0\0" + field(10, wire)
    frame = field(1, b"ns") + field(14, message) + field(15, 1)
    return struct.pack("!I", len(frame)) + frame


START = bytes(4) + struct.pack("!II", 4, 2)
STOP = bytes(4) + struct.pack("!II", 4, 3)


def test_a_dnstap_file_is_read_as_well() -> None:
    frames = [
        tapped("_ta-4f66-9728.", "192.0.2.7"),
        tapped("_TA-4f66.", "2001:db8::7"),
        tapped("_ta-4f66.", "192.0.2.8", kind=6),
        tapped("_ta-4f66.example.", "192.0.2.9"),
    ]
    found = read_signals([io.BytesIO(START + b"".join(frames) + STOP)])
    time = "2026-11-28T10:00:00Z"
    assert found.clients == {
        "192.0.2.7": Client((20326, 38696), time, time, 1),
        "2001:db8::7": Client((20326,), time, time, 1),
    }


def test_a_dnstap_file_that_is_cut_or_damaged_is_read_as_far_as_it_goes() -> None:
    good = tapped("_ta-4f66.", "192.0.2.7")
    whole = START + good + good
    for length in range(len(START), len(whole)):
        found = read_signals([io.BytesIO(whole[:length])])
        assert [client.signals for client in found.clients.values()] == (
            [1] if length >= len(START) + len(good) else []
        )
    for position in range(len(START) + 4, len(START) + len(good)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        assert len(read_signals([io.BytesIO(damaged)]).clients) <= 2
    assert not read_signals([io.BytesIO(START + b"\xff" * 64)]).clients


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, empty = tmp_path / "query.log", tmp_path / "empty.log"
    log.write_text("\n".join(line for line, _ in LINES.values()))
    empty.write_text("nothing\n")
    assert main(["signals", str(empty)]) == 3
    assert capsys.readouterr().out.startswith("CANNOT TELL: ")
    assert main(["signals", "-q", str(log)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    log.write_text("query[NULL] _ta-4f66 from 192.0.2.7\n")
    assert main(["signals", str(log)]) == 0
    assert main(["signals", "--strict", str(log)]) == 4
    assert main(["signals", str(tmp_path / "missing")]) == 2
    assert "a log file cannot be read" in capsys.readouterr().err
