"""Which process runs with a configuration: processes of our own, under the names of others."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from anchors.asking import processes
from anchors.asking.processes import Place, Process, processes_named
from anchors.consumers.bench import free_port
from anchors.consumers.files import Location
from anchors.consumers.loading import Loaded, Used
from anchors.consumers.reading import Role
from anchors.core.servers import Server
from anchors.joining.process import find

NAME = f"ra-{os.getpid()}"
# It takes a name and binds what it is told, says so, and waits until standard input ends.
CHILD = """
import json, socket, sys
told = json.loads(sys.argv[1])
open("/proc/self/comm", "w").write(told["name"])
kept = []
for kind, family, address, port in told["sockets"]:
    one = socket.socket(getattr(socket, family), getattr(socket, kind))
    one.bind(address if family == "AF_UNIX" else (address, port))
    if kind == "SOCK_STREAM":
        one.listen()
    kept.append(one)
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def child(
    *arguments: str,
    name: str = NAME,
    sockets: Sequence[tuple[str, str, str, int]] = (),
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    told = json.dumps({"name": name, "sockets": list(sockets)})
    # Not by -c, which would be an option with a configuration.
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
        script.write(CHILD)
    with subprocess.Popen(
        [sys.executable, script.name, told, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=cwd,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
            Path(script.name).unlink()


def both(address: str, port: int) -> list[tuple[str, str, str, int]]:
    family = "AF_INET6" if ":" in address else "AF_INET"
    return [("SOCK_DGRAM", family, address, port), ("SOCK_STREAM", family, address, port)]


def test_a_process_is_told_with_its_command_line_and_its_start(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with child("-c", "a.conf", "-d", cwd=tmp_path):
        (found,) = processes_named([NAME])
    assert found.given(["-c"])[-1] == tmp_path / "a.conf"
    assert found.started is not None
    assert abs((found.started - before).total_seconds()) < 3
    assert (found.answers, found.channels) == (None, ())
    assert processes_named([NAME]) == []


@pytest.mark.parametrize(
    ("arguments", "options", "given"),
    [
        (["-c", "/etc/a.conf"], ["-c"], ["/etc/a.conf"]),
        (["-c/etc/a.conf"], ["-c"], ["/etc/a.conf"]),
        (["--config-dir=/etc/p", "--daemon=no"], ["--config-dir"], ["/etc/p"]),
        (["--conf-file", "/etc/d"], ["-C", "--conf-file"], ["/etc/d"]),
        (["-c", "one", "-c", "two"], ["-c", "--config"], ["/run/one", "/run/two"]),
        (["--config", "/etc/k", "-n"], ["-c", "--config"], ["/etc/k"]),
        (["-d", "-u", "bind"], ["-c"], []),
        (["-c"], ["-c"], []),
        (["-c", ""], ["-c"], []),
        (["--config-dirs=/x"], ["--config-dir"], []),
    ],
)
def test_what_a_command_line_gives(
    arguments: list[str], options: list[str], given: list[str]
) -> None:
    process = Process("1", Path("/run"), tuple(arguments), None, None, ())
    assert [str(one) for one in process.given(options)] == given


def test_a_process_has_the_configuration_of_its_manager(tmp_path: Path) -> None:
    """As the processes of Knot Resolver 6 have, whose manager stands beside them."""
    conf = tmp_path / "config.yaml"
    with (
        child("-c", "kresd0.conf", cwd=tmp_path),
        child("-m", f"manager of {NAME}", "--config", str(conf), name="python3"),
    ):
        (alone,) = processes_named([NAME])
        (managed,) = processes_named([NAME], f"manager of {NAME}")
        (other,) = processes_named([NAME], "another manager")
    assert managed.given(["-c", "--config"]) == [conf]
    assert managed._replace(arguments=()) == alone._replace(arguments=())
    assert other == alone


def test_it_is_asked_where_it_answers_over_both(tmp_path: Path) -> None:
    port, other, alone = (free_port("127.0.0.1") for _ in range(3))
    low, high = sorted((port, other))
    channel = tmp_path / "control"
    sockets = [
        *both("127.0.0.1", high),
        *both("127.0.0.1", low),
        ("SOCK_DGRAM", "AF_INET", "127.0.0.1", alone),
        ("SOCK_STREAM", "AF_UNIX", str(channel), 0),
    ]
    with child(sockets=sockets):
        (found,) = processes_named([NAME])
    assert found.answers == Server("127.0.0.1", low)
    assert found.channels == (channel,)


@pytest.mark.parametrize(
    ("places", "server"),
    [
        (["127.0.0.53 53", "0.0.0.0 5355"], Server("127.0.0.53")),
        (["192.0.2.1 53", "127.0.0.1 53"], Server("127.0.0.1")),
        (["192.0.2.1 53", "127.0.0.1 5353"], Server("192.0.2.1")),
        (["0.0.0.0 53", ":: 53"], Server("127.0.0.1")),
        ([":: 53"], Server("::1")),
        (["fe80::1 53"], None),
        ([], None),
    ],
)
def test_which_address_is_asked(places: list[str], server: Server | None) -> None:
    found = {Place(ip_address(a), int(p)) for a, _, p in (one.partition(" ") for one in places)}
    assert processes._server(found) == server


def test_what_the_kernel_writes_is_an_address() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert Place(ip_address("127.0.0.1"), port) in processes.bound("udp").values()


def test_an_address_of_ipv6_is_four_words_of_the_machine() -> None:
    packed = ip_address("2001:db8::35").packed
    words = struct.unpack("=4I", packed)
    text = "".join(f"{word:08X}" for word in words) + ":0035"
    assert processes._place(text) == Place(ip_address("2001:db8::35"), 53)


def configured(path: Path) -> Loaded:
    where = Location(str(path.parent), path.name)
    return Loaded("unbound", where, (Used(where, Role.CONFIGURATION),))


def test_the_process_that_was_given_the_configuration_is_found(tmp_path: Path) -> None:
    conf, other = tmp_path / "unbound.conf", tmp_path / "other" / "unbound.conf"
    other.parent.mkdir()
    conf.touch()
    other.touch()
    loaded, port = configured(conf), free_port("127.0.0.1")
    with (
        child("-c", "unbound.conf", name="unbound", sockets=both("127.0.0.1", port), cwd=tmp_path),
        child("-c", str(other), name="unbound"),
    ):
        found = find(loaded, [loaded])
        # A link is another name of the same file.
        link = tmp_path / "link.conf"
        link.symlink_to(conf)
        by_link = find(configured(link), [configured(link)])
        silent = find(configured(other), [configured(other)])
    assert [one.answers for one in found.processes] == [Server("127.0.0.1", port)]
    assert not found.is_alone
    assert [one.pid for one in by_link.processes] == [one.pid for one in found.processes]
    assert silent.processes == ()
    assert silent.why_none == "it runs, but the address at which it answers was not found"


def test_one_that_was_given_another_configuration_is_not_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "anchors.joining.process.processes_named", lambda *_: processes_named([NAME])
    )
    conf, other = tmp_path / "unbound.conf", tmp_path / "other.conf"
    conf.touch()
    other.touch()
    with child("-c", str(other)):
        found = find(configured(conf), [configured(conf)])
    assert found.processes == ()
    assert found.why_none == "the running program was started with another configuration"
    assert str(other) in str(found.got)


def test_one_that_was_given_nothing_runs_with_what_lies_in_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Location("/etc", "unbound/unbound.conf")
    usual = Loaded("unbound", here, (Used(here, Role.CONFIGURATION),))
    copied = tmp_path / "image" / "etc" / "unbound" / "unbound.conf"
    copied.parent.mkdir(parents=True)
    copied.touch()
    monkeypatch.setattr(
        "anchors.joining.process.processes_named", lambda *_: processes_named([NAME])
    )
    port = free_port("127.0.0.1")
    with child("-d", sockets=both("127.0.0.1", port)):
        found = find(usual, [usual])
        second = find(usual, [usual, usual])
        image = find(configured(copied), [configured(copied)])
    assert [one.answers for one in found.processes] == [Server("127.0.0.1", port)]
    assert found.is_alone
    assert second.processes == image.processes == ()
    words = "it runs, but it is unknown which configuration it was started with"
    assert {second.why_none, image.why_none} == {words}


def test_what_nobody_runs_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = configured(tmp_path / "unbound.conf")
    monkeypatch.setattr("anchors.joining.process.processes_named", lambda *_: [])
    assert find(loaded, [loaded]).why_none == "no process of this program was found on this machine"
    monkeypatch.setattr(processes, "_PROC", tmp_path)
    assert processes_named([NAME]) == []
    packed = Location("image.tar", "etc/unbound/unbound.conf", inside=True)
    inside = Loaded("unbound", packed, (Used(packed, Role.CONFIGURATION),))
    assert find(inside, [inside]).why_none == "nothing runs from an archive or an image"
    mail = inside._replace(consumer="opendkim")
    assert find(mail, [mail]).why_none == "root-anchors cannot ask this program"
