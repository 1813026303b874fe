"""Other people's programs: bounded, private, and gone afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anchors.consumers import bench as bench_module
from anchors.consumers.bench import Bench, ConsumerFailed, find_program, last_words, on_bench
from anchors.consumers.query import Endpoint, Question, ask
from tests.unit.proving.programs import SERVER, UNLUCKY_ONCE, install

Install = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    def make(name: str, source: str, *, python: bool = False) -> Path:
        return install(tmp_path, monkeypatch, name, source, python=python)

    return make


@pytest.fixture
def bench() -> Iterator[Bench]:
    with on_bench("ds", "root.ds", b"content\n") as made:
        yield made


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody has asked for yet is no process any more.
    state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    return state != "Z"


def test_both_outputs_and_the_exit_code_come_back(bench: Bench, program: Install) -> None:
    program("told", "echo out; echo err >&2; exit 7")
    assert bench.run("told") == (7, "out\nerr\n")


def test_the_environment_is_clean(
    bench: Bench, program: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "token")
    program("told", "/usr/bin/env")
    lines = dict(line.split("=", 1) for line in bench.run("told").output.splitlines())
    assert lines["LC_ALL"] == "C"
    assert lines["HOME"] == lines["TMPDIR"] == str(bench.directory)
    assert "SECRET" not in lines


def test_arguments_reach_no_shell(bench: Bench, program: Install) -> None:
    program("told", 'printf "%s\\n" "$@"')
    assert bench.run("told", "$(id)", "; id").output == "$(id)\n; id\n"


def test_it_works_on_a_copy_in_a_private_directory_that_goes_away() -> None:
    with on_bench("ds", "root.ds", b"content\n") as bench:
        assert bench.file.read_bytes() == b"content\n"
        assert bench.directory.stat().st_mode & 0o777 == 0o700
        bench.write("conf/deep.conf", "x")
    assert not bench.directory.exists()


def test_a_program_that_is_not_there_is_said_so(bench: Bench) -> None:
    with pytest.raises(ConsumerFailed, match="no-such-program is not installed"):
        bench.run("no-such-program")


def test_a_program_that_cannot_be_run_is_said_so(bench: Bench, program: Install) -> None:
    program("broken", "").write_bytes(b"\x7fELF")
    with pytest.raises(ConsumerFailed, match="broken cannot be started"):
        bench.run("broken")


def test_a_relative_path_is_found_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Install
) -> None:
    program("told", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert find_program("told") == str(tmp_path / "told")


def test_one_that_does_not_end_is_ended_with_its_children(
    bench: Bench, program: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_module, "_STOP_SECONDS", 0.2)
    program("stubborn", "trap '' TERM; sleep 60 & echo $! $$ > pids; wait; wait")
    started = time.monotonic()
    with pytest.raises(ConsumerFailed, match=r"did not end within 0\.5 seconds"):
        bench.run("stubborn", seconds=0.5)
    assert time.monotonic() - started < 10
    pids = [int(pid) for pid in bench.directory.joinpath("pids").read_text().split()]
    assert len(pids) == 2
    assert not any(map(is_alive, pids))


OUTLIVED = """
import sys, time
from anchors.consumers.bench import on_bench
with on_bench("ds", "root.ds", b"") as bench, bench.running("orphan") as running:
    while running.output.count("\\n") < 2:
        time.sleep(0.01)
    print(running.output.replace("\\n", " "), flush=True)
    time.sleep(60)
"""


def test_no_program_outlives_us_however_we_end(program: Install, tmp_path: Path) -> None:
    """By SIGKILL nothing is left to us to do: another process ends what we began."""
    program("orphan", "trap '' TERM HUP; sleep 60 & echo $!; echo $$; wait; wait")
    with subprocess.Popen(
        [sys.executable, "-c", OUTLIVED],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as prover:
        assert prover.stdout is not None
        pids = [int(pid) for pid in prover.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_alive, pids))
        prover.kill()
    until = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_alive, pids))


def test_nothing_watches_a_program_that_has_ended(bench: Bench, program: Install) -> None:
    program("told", "echo $$")
    watchers: list[subprocess.Popen[bytes]] = []
    with bench.running("told") as running:
        running.wait(10)
        assert running._watcher is not None
        watchers.append(running._watcher._process)
        assert watchers[0].poll() is None
    assert watchers[0].poll() is not None


@pytest.mark.parametrize(
    "name", ["a'b", 'a"b', "a;{}", "a\\b", "a b", "a#b", "a\nb", "a$(id)", "ü"]
)
def test_a_bench_has_a_name_that_needs_no_quotes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a configuration the name of its directory would end a string or a statement."""
    (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
    with on_bench("ds", "root.ds", b"content\n") as bench:
        assert re.fullmatch("[A-Za-z0-9/._-]+", str(bench.file))
        assert bench.file.read_bytes() == b"content\n"
    assert not bench.directory.exists()


def test_a_plain_name_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "plain"))
    with on_bench("ds", "root.ds", b"") as bench:
        assert bench.directory.parent == (tmp_path / "plain").resolve()


def test_where_no_name_is_plain_nothing_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a'b").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a'b"))
    monkeypatch.setattr(bench_module, "_TEMPORARY", (str(tmp_path / "absent"),))
    with pytest.raises(ConsumerFailed, match="plain name"), on_bench("ds", "root.ds", b""):
        pytest.fail("it was tried")
    assert list((tmp_path / "a'b").iterdir()) == []


def test_output_is_cut_and_does_not_block(bench: Bench, program: Install) -> None:
    program("chatty", "head -c 3000000 /dev/zero; echo end")
    ran = bench.run("chatty")
    assert ran.code == 0
    assert len(ran.output) == 1 << 20


def test_a_server_is_awaited_and_stopped(bench: Bench, program: Install) -> None:
    program("server", SERVER, python=True)
    with bench.serving("server", lambda here: [here.address, str(here.port)]) as (here, running):
        reply = ask(here, Question("www.e2e."))
        assert reply is not None
        assert running.output == "ready\n"
    assert running.ended
    assert ask(here, Question("www.e2e."), seconds=0.3) is None


def test_a_server_that_finds_its_port_taken_gets_another(bench: Bench, program: Install) -> None:
    program("unlucky", UNLUCKY_ONCE + SERVER, python=True)
    tried: list[Endpoint] = []

    def configure(here: Endpoint) -> list[str]:
        tried.append(here)
        return [here.address, str(here.port)]

    with bench.serving("unlucky", configure) as (here, _):
        assert tried[-1] == here
    assert len(set(tried)) == 2


def test_a_server_that_always_finds_its_port_taken_is_given_up(
    bench: Bench, program: Install
) -> None:
    program("unlucky", "echo try >> tries; echo 'bind: Address already in use'; exit 1")
    with (
        pytest.raises(ConsumerFailed, match="Address already in use"),
        bench.serving("unlucky", lambda _here: []),
    ):
        pass
    assert len(bench.directory.joinpath("tries").read_text().split()) == 4


def test_a_server_that_ends_is_quoted(bench: Bench, program: Install) -> None:
    program("server", "echo reading; echo 'bad digest'; exit 1")
    with (
        pytest.raises(ConsumerFailed, match="server ended at once: reading / bad digest"),
        bench.serving("server", lambda _here: []),
    ):
        pass


def test_a_server_that_stays_silent_is_given_up(
    bench: Bench, program: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_module, "_START_SECONDS", 0.3)
    program("server", "exec sleep 60")
    with (
        pytest.raises(ConsumerFailed, match="server does not answer: it said nothing"),
        bench.serving("server", lambda _here: []),
    ):
        pass


def test_a_failure_inside_stops_the_server_too(bench: Bench, program: Install) -> None:
    program("server", SERVER, python=True)
    with (
        pytest.raises(RuntimeError, match="ours"),
        bench.serving("server", lambda here: [here.address, str(here.port)]) as (_, running),
    ):
        raise RuntimeError("ours")
    assert running.ended


def test_the_last_words_are_one_line() -> None:
    assert last_words("a\nb\n\n c \n d\n") == "b / c / d"
    assert last_words("\n \n") == "it said nothing"
