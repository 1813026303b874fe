"""Signals in packet captures: every form of file and of network, and what is damaged."""

from __future__ import annotations

import contextlib
import io
import random
import socket
import struct
import sys
import time
import tracemalloc
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import dns.flags
import dns.message
import dpkt
import pytest

from anchors.asking import capture
from anchors.asking.signals import Client, Signals, read_signals
from anchors.cli.main import main
from anchors.core.errors import UsageError

SECONDS = 1795860000
TIME = "2026-11-28T10:00:00Z"
BOTH, OLD = (20326, 38696), (20326,)
IP_4, IP_6 = 0x0800, 0x86DD


def query(name: str = "_ta-4f66-9728.", *, is_reply: bool = False) -> bytes:
    message = dns.message.make_query(name, "NULL")
    message.flags |= dns.flags.QR if is_reply else 0
    return message.to_wire()


def ip(address: str, payload: dpkt.Packet, protocol: int) -> bytes:
    source = ip_address(address)
    if source.version == 6:
        target = ip_address("2001:db8::53").packed
        packet = dpkt.ip6.IP6(src=source.packed, dst=target, nxt=protocol, hlim=64)
        packet.plen = len(payload)
    else:
        target = ip_address("192.0.2.53").packed
        packet = dpkt.ip.IP(src=source.packed, dst=target, p=protocol, ttl=64)
        packet.len = 20 + len(payload)
    packet.data = payload
    return bytes(packet)


def udp(address: str = "192.0.2.7", wire: bytes | None = None, port: int = 53) -> bytes:
    data = query() if wire is None else wire
    return ip(address, dpkt.udp.UDP(sport=5000, dport=port, ulen=8 + len(data), data=data), 17)


def tcp(address: str = "192.0.2.7", wire: bytes | None = None, length: int | None = None) -> bytes:
    data = query() if wire is None else wire
    size = len(data) if length is None else length
    segment = dpkt.tcp.TCP(sport=5000, dport=53, data=struct.pack("!H", size) + data)
    return ip(address, segment, 6)


def ethernet(packet: bytes) -> bytes:
    kind = IP_6 if packet[0] >> 4 == 6 else IP_4
    return bytes(12) + struct.pack("!H", kind) + packet


def tagged(packet: bytes) -> bytes:
    whole = ethernet(packet)
    return whole[:12] + struct.pack("!HH", 0x8100, 7) + whole[12:]


def null(packet: bytes, order: str = "<") -> bytes:
    family = 30 if packet[0] >> 4 == 6 else 2
    return struct.pack(f"{order}I", family) + packet


def cooked(packet: bytes) -> bytes:
    kind = IP_6 if packet[0] >> 4 == 6 else IP_4
    return struct.pack("!HHH8sH", 0, 1, 6, bytes(8), kind) + packet


def cooked_2(packet: bytes) -> bytes:
    kind = IP_6 if packet[0] >> 4 == 6 else IP_4
    return struct.pack("!HHiHBB8s", kind, 0, 1, 1, 0, 6, bytes(8)) + packet


def pcap(*packets: bytes, link: int = 1, nano: bool = False) -> bytes:
    file = io.BytesIO()
    writer = dpkt.pcap.Writer(file, linktype=link, nano=nano)
    for number, packet in enumerate(packets):
        writer.writepkt(packet, SECONDS + number)
    return file.getvalue()


def pcapng(*packets: bytes, link: int = 1) -> bytes:
    file = io.BytesIO()
    interface = dpkt.pcapng.InterfaceDescriptionBlockLE(linktype=link)
    section = dpkt.pcapng.SectionHeaderBlockLE()
    writer = dpkt.pcapng.Writer(file, shb=section, idb=interface)
    for number, packet in enumerate(packets):
        writer.writepkt(packet, SECONDS + number)
    return file.getvalue()


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(f"{order}HHI", link, 0, 0xFFFF) + options, order)


def captured(number: int, packet: bytes, units: int = 0, order: str = "<") -> bytes:
    upper, lower = divmod(units, 1 << 32)
    size = len(packet)
    return block(6, struct.pack(f"{order}5I", number, upper, lower, size, size) + packet, order)


def big_endian(*packets: bytes) -> bytes:
    head = struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, 1)
    rows = (struct.pack("!IIII", SECONDS, 0, len(one), len(one)) + one for one in packets)
    return head + b"".join(rows)


def read(*files: bytes) -> Signals:
    return read_signals([io.BytesIO(one) for one in files])


FILES: dict[str, Callable[..., bytes]] = {
    "pcap": pcap,
    "pcap with nanoseconds": lambda *packets: pcap(*packets, nano=True),
    "pcap, big-endian": big_endian,
    "pcapng": pcapng,
}
AROUND: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "Ethernet": (1, ethernet),
    "Ethernet with a VLAN": (1, tagged),
    "loopback of BSD": (0, null),
    "loopback of OpenBSD": (108, lambda packet: null(packet, ">")),
    "IP alone": (101, bytes),
    "IP alone, by another number": (12, bytes),
    "IPv4 or IPv6 alone": (228, bytes),
    "Linux, any interface": (113, cooked),
    "Linux, any interface, the second form": (276, cooked_2),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_of_file_is_read(name: str) -> None:
    file = FILES[name](ethernet(udp()), ethernet(udp("2001:db8::7", query("_TA-4f66."))))
    found = read(file)
    later = "2026-11-28T10:00:01Z" if name != "pcap, big-endian" else TIME
    assert found == Signals(
        {"192.0.2.7": Client(BOTH, TIME, TIME, 1), "2001:db8::7": Client(OLD, later, later, 1)}
    )


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
@pytest.mark.parametrize("form", [pcap, pcapng])
@pytest.mark.parametrize("name", AROUND)
def test_every_form_of_network_is_read(name: str, form: Callable[..., bytes], address: str) -> None:
    link, around = AROUND[name]
    found = read(form(around(udp(address)), around(tcp(address)), link=link))
    ((client, told),) = found.clients.items()
    assert (client, told.tags, told.signals, found.unplaced) == (address, BOTH, 2, 0)


@pytest.mark.parametrize(
    "packet",
    [
        udp(wire=query(is_reply=True)),
        udp(wire=query("_ta-4f66.example.")),
        udp(wire=query("x._ta-4f66.")),
        udp(wire=b"GET /_ta-4f66 HTTP/1.1"),
        tcp(wire=b"GET /_ta-4f66 HTTP/1.1"),
        tcp(length=500),
        ip("192.0.2.7", dpkt.icmp.ICMP(data=dpkt.icmp.ICMP.Unreach(data=udp())), 1),
    ],
    ids=["reply", "below a name", "above a name", "text", "text over TCP", "a part", "an error"],
)
def test_what_only_looks_like_a_signal(packet: bytes) -> None:
    assert read(pcap(ethernet(packet), ethernet(udp("192.0.2.9")))).clients.keys() == {"192.0.2.9"}


def test_a_capture_lies_between_logs() -> None:
    log = b"query[NULL] _ta-4f66 from 192.0.2.7\n"
    found = read(log, pcap(ethernet(udp())), pcapng(ethernet(udp("192.0.2.8"))))
    assert found.clients["192.0.2.7"].tags == BOTH
    assert found.clients["192.0.2.7"].signals == 2
    assert found.clients["192.0.2.8"].tags == BOTH


@pytest.mark.parametrize("form", [pcap, pcapng, big_endian])
def test_one_that_is_cut_is_read_as_far_as_it_goes(form: Callable[..., bytes]) -> None:
    whole, first = form(*[ethernet(udp())] * 2), form(ethernet(udp()))
    for length in range(len(whole)):
        found = read(whole[:length]).clients
        signals = [client.signals for client in found.values()]
        assert signals == ([1] if length >= len(first) else []), length
    assert read(whole).clients["192.0.2.7"].signals == 2


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_one_that_is_damaged_ends_in_no_error(form: Callable[..., bytes]) -> None:
    whole = form(ethernet(udp()), ethernet(tcp()), tagged(udp("2001:db8::7")))
    chance = random.Random(8145)
    for position in range(4, len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << chance.randrange(8)
        # Another link type alone is told as an error.
        with contextlib.suppress(UsageError):
            assert len(read(bytes(damaged)).clients) <= 3


class Endless(io.RawIOBase):
    """A file that never ends, and counts what is read of it at once."""

    def __init__(self, begin: bytes, block: bytes, blocks: int) -> None:
        self._parts, self._left = begin, blocks
        self._block = block

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= capture.MAX_PACKET
        while len(self._parts) < size and self._left:
            self._parts += self._block
            self._left -= 1
        data, self._parts = self._parts[:size], self._parts[size:]
        return data


@pytest.mark.parametrize("length", [0, 7, 1 << 21, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_out_of_the_file_costs_no_memory(length: int) -> None:
    block = struct.pack("<II", 6, length)
    ng = pcapng()
    for file in (
        ng + block,
        ng[:28] + struct.pack("<II", 5, length),
        ng[:4] + struct.pack("<I", length) + ng[8:12],
        pcap() + struct.pack("<IIII", SECONDS, 0, length, length),
    ):
        assert not read_signals([Endless(file, b"\0" * 4096, 300)]).clients  # type: ignore[list-item]


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_memory_does_not_grow_with_the_capture(form: Callable[..., bytes]) -> None:
    head = form()
    packets = [ethernet(udp(f"192.0.2.{n}", query("www.example.org."))) for n in range(200)]
    packets.append(ethernet(udp()))
    block = form(*packets)[len(head) :]
    told: list[int] = []
    tracemalloc.start()
    found = read_signals(
        [Endless(head, block, 150)],  # type: ignore[list-item]
        lambda _number, size: told.append(size),
    )
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.clients["192.0.2.7"].signals == 150
    assert most < 1 << 20 < told[-1]
    assert len(told) > 2
    assert told == sorted(told)


def test_each_interface_has_a_link_type_and_a_clock_of_its_own() -> None:
    milli, halves = struct.pack("<HHB3x", 9, 1, 3), struct.pack("<HHB3x", 9, 1, 0x81)
    later = struct.pack("<HHq", 14, 8, SECONDS)
    bluetooth = 201
    found = read(
        section(),
        section()
        + interface(1)
        + captured(0, ethernet(udp("192.0.2.1")), SECONDS * 10**6)
        + interface(101, milli + later)
        + interface(276, halves)
        + interface(bluetooth)
        + captured(2, cooked_2(udp("192.0.2.3")), SECONDS * 2 + 1)
        + captured(1, udp("192.0.2.2"), 1999)
        + captured(3, udp("192.0.2.4"))
        # Of the first interface, without a time; and the form of before.
        + block(3, struct.pack("<I", 999) + ethernet(udp("192.0.2.5")))
        + block(2, struct.pack("<HHIIII", 1, 0, 0, 0, 999, 999) + udp("192.0.2.6"))
        # What follows was captured elsewhere.
        + section(">")
        + interface(108, order=">")
        + captured(0, null(udp("192.0.2.7"), ">"), SECONDS * 10**6, ">"),
    )
    assert {name: (one.tags, one.since) for name, one in found.clients.items()} == {
        "192.0.2.1": (BOTH, TIME),
        "192.0.2.3": (BOTH, TIME),
        "192.0.2.2": (BOTH, "2026-11-28T10:00:01Z"),
        "192.0.2.5": (BOTH, ""),
        "192.0.2.6": (BOTH, TIME),
        "192.0.2.7": (BOTH, TIME),
    }
    assert found.unplaced == 1


@pytest.mark.parametrize(
    "wrong",
    [
        captured(1, ethernet(udp())),
        block(6, b""),
        block(1, b"") + captured(0, ethernet(udp())),
        interface(1, struct.pack("<HH", 14, 8)) + captured(1, ethernet(udp())),
        captured(0, ethernet(udp()))[:-4] + b"\0\0\0\0",
        section()[:8] + b"what" + section()[12:],
    ],
    ids=["no interface", "no packet", "empty", "short option", "two lengths", "no order"],
)
def test_a_wrong_block_ends_the_reading(wrong: bytes) -> None:
    first = section() + interface(1) + captured(0, ethernet(udp("192.0.2.1")))
    found = read(first + wrong + captured(0, ethernet(udp("192.0.2.2"))))
    assert found.clients.keys() == {"192.0.2.1"}


def test_no_capture_has_endless_interfaces() -> None:
    """Each is remembered until its section ends."""
    sane, endless = (interface(1) * number for number in (10_000, 10_001))
    last = captured(0, ethernet(udp()))
    assert read(section() + sane + last).clients
    assert not read(section() + endless + last).clients


def test_a_megabyte_of_options_is_read_once() -> None:
    """Were the rest copied for each option, this took half a minute of the processor."""
    options = struct.pack("<HH", 2, 0) * 250_000
    begin = time.process_time()
    found = read(section() + interface(1, options) + captured(0, ethernet(udp())))
    assert time.process_time() - begin < 5
    assert found.clients.keys() == {"192.0.2.7"}


def test_a_capture_of_what_is_no_network_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bluetooth.pcap"
    file.write_bytes(pcap(udp(), link=201))
    assert main(["signals", str(file)]) == 2
    assert "link type 201" in capsys.readouterr().err


def test_without_the_extra_the_command_says_which_one_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "port53.pcap"
    file.write_bytes(pcap(ethernet(udp())))
    assert main(["signals", str(file)]) == 0
    assert "192.0.2.7" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "dpkt", None)
    assert main(["signals", str(file)]) == 2
    assert "root-anchors[captures]" in capsys.readouterr().err


def test_what_the_kernel_hands_out_is_read() -> None:
    """A real query on the loopback interface, with every header as the kernel makes it."""
    try:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        tap.bind(("lo", 0))
    except (AttributeError, OSError) as error:
        pytest.skip(f"packets cannot be captured: {error}")
    with (
        tap,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        tap.settimeout(5)
        server.bind(("127.0.0.1", 0))
        wire = query("_ta-1234-9728.")
        client.sendto(wire, server.getsockname())
        packet = tap.recv(0xFFFF)
        while wire not in packet:
            packet = tap.recv(0xFFFF)
    for form in (pcap, pcapng):
        found = read(form(packet))
        assert {name: one.tags for name, one in found.clients.items()} == {
            "127.0.0.1": (0x1234, 38696)
        }
