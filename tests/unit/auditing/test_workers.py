"""Workers that die, stall, take all memory, or cannot be started: each costs its own file alone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from anchors.auditing import resolvers as models
from anchors.auditing import run, workers
from anchors.auditing.detect import recognise
from anchors.auditing.scan import budget, classify
from anchors.auditing.scan.found import Scanned
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.tree import scan
from anchors.auditing.workers import Clock, Ended, Progress, alone, shared_out
from anchors.consumers.reading import Reading
from anchors.consumers.registry import CONSUMERS
from anchors.core.checks import Check
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.request import Request
from tests.unit.auditing.systems import put
from tests.unit.consumers.samples import DS1, DS2

AT = datetime(2026, 11, 24, tzinfo=UTC)
RECORD = f". IN DS {DS2}\n"


def done(
    tasks: list[str], do: Callable[[str, Progress], str], clock: Clock | None = None
) -> dict[str, str | Ended]:
    waiting = list(tasks)
    work = shared_out(lambda: waiting.pop(0) if waiting else None, do, clock or Clock())
    with contextlib.closing(work) as found:
        return dict(found)


def scanned(path: Path) -> Scanned:
    (found,) = scan([path], Look(AT), progress=lambda _files, _size: None)
    return found


def checks(found: Scanned) -> list[Check]:
    return [note.finding.check for place in found.places for note in place.notes]


def dies(task: str, _progress: Progress) -> str:
    if task == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_a_worker_that_dies_costs_its_task_alone() -> None:
    found = done(["a", "bad", "b"], dies)
    assert isinstance(found["bad"], Ended)
    assert (found["a"], found["b"]) == ("a", "b")


def test_no_child_of_the_caller_is_ended() -> None:
    context = multiprocessing.get_context("fork")
    ours, _its = context.Pipe()
    theirs = context.Process(target=ours.poll, args=(60,))
    theirs.start()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        try:
            assert isinstance(done(["bad"], dies)["bad"], Ended)
            assert theirs.is_alive()
            assert other.poll() is None
        finally:
            theirs.kill()
            theirs.join()
            other.kill()


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_STALLS_AFTER", 1)

    def stalls(task: str, _progress: Progress) -> str:
        while task == "bad":
            pass
        return task

    found = done(["bad", "a"], stalls)
    assert found == {"bad": Ended("more than 1 seconds of the processor"), "a": "a"}


def test_what_does_not_heed_a_signal_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_STALLS_AFTER", 1)
    monkeypatch.setattr(workers, "_KILLED_AFTER", 2)

    def stalls(task: str, _progress: Progress) -> str:
        # One call of C, which looks at no signal.
        return str(sum(range(1 << 40))) if task == "bad" else task

    found = done(["bad", "a"], stalls)
    assert isinstance(found["bad"], Ended)
    assert found["a"] == "a"


def test_what_takes_all_memory_is_ended() -> None:
    found = alone(lambda _progress: bytes(3 << 30))
    assert found == Ended("more memory than any such file needs")


def test_a_path_has_one_budget_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SECONDS", 0)
    found = done(["a", "b"], lambda task, _progress: task * sum(range(1 << 16)).bit_length())
    assert isinstance(found["a"], str)
    assert isinstance(found["b"], Ended)
    assert found["b"].is_final


def test_the_more_there_is_the_more_it_may_take() -> None:
    assert workers.seconds_for(0, 0) < 100
    assert workers.seconds_for(0, 100 << 20) > 100
    assert workers.seconds_for(10_000, 0) > 200


# Where no worker can be started.

TREE = {f"{n}/root.ds": RECORD for n in range(400)}


def test_without_any_worker_all_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fork() -> int:
        raise BlockingIOError("no more processes")

    put(tmp_path, TREE)
    monkeypatch.setattr(os, "fork", fork)
    found = scanned(tmp_path)
    assert len(found.places) == found.coverage.looked_at == 400
    assert checks(found) == []


def test_a_daemon_of_multiprocessing_may_audit(tmp_path: Path) -> None:
    put(tmp_path, TREE)
    context = multiprocessing.get_context("fork")
    ours, its = context.Pipe()

    def tell(told: Connection[int, int]) -> None:
        told.send(len(scanned(tmp_path).places))

    process = context.Process(target=tell, args=(its,), daemon=True)
    process.start()
    try:
        assert ours.poll(60)
        assert ours.recv() == 400
    finally:
        process.kill()
        process.join()


# Trees and their judgement.


def test_a_file_that_stalls_is_told_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_STALLS_AFTER", 1)

    def slow(content: bytes, name: str, at: datetime) -> Reading | None:
        while name.endswith("slow.ds"):
            pass
        return recognise(content, name, at)

    monkeypatch.setattr(classify, "recognise", slow)
    put(tmp_path, {"a.ds": RECORD, "slow.ds": RECORD, "z.ds": RECORD})
    found = scanned(tmp_path)
    assert [place.location.path for place in found.places] == ["a.ds", "slow.ds", "z.ds"]
    assert checks(found) == [Check.AUDIT_UNREADABLE]


def test_anchors_and_bytes_of_a_path_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {f"{n}/root.ds": RECORD * 10 for n in range(9)})
    monkeypatch.setattr(budget, "MAX_ANCHORS", 50)
    assert checks(scanned(tmp_path)) == [Check.AUDIT_LIMIT]
    assert len(scanned(tmp_path).places) == 5 + 1
    monkeypatch.undo()
    monkeypatch.setattr(budget, "MAX_KEPT", 4096)
    assert checks(scanned(tmp_path)) == [Check.AUDIT_LIMIT]


@pytest.fixture
def request_() -> Request:
    return Request(policy=VerificationPolicy(at=AT), source="embedded", dns="recorded")


def test_a_model_that_stalls_makes_its_program_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: Request
) -> None:
    monkeypatch.setattr(models, "_SECONDS", 1)

    def spins(*_arguments: object) -> Iterator[None]:
        while True:
            pass

    unbound = next(one for one in CONSUMERS if one.name == "unbound")

    class Slow:
        def load(self) -> object:
            return spins

    slow = unbound._replace(loader=Slow())  # type: ignore[arg-type]
    others = [slow if one is unbound else one for one in CONSUMERS]
    monkeypatch.setattr(models, "CONSUMERS", others)
    put(
        tmp_path,
        {
            "etc/unbound/unbound.conf": f'server:\n trust-anchor: ". DS {DS1}"\n',
            "etc/dnsmasq.conf": f"dnssec\ntrust-anchor=.,{DS1.replace(' ', ',')}\n",
        },
    )
    (host,) = run.audit(request_, [tmp_path]).hosts
    told = {one.loaded.consumer: one.outcome.value for one in host.resolvers}
    assert told == {"unbound": "undecided", "dnsmasq": "fails"}


def test_a_judgement_that_dies_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: Request
) -> None:
    def judge(*_arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(run, "judge", judge)
    put(tmp_path, {"root.ds": RECORD})
    audit = run.audit(request_, [tmp_path])
    assert [(row.outcome.value, row.summary) for row in audit.places] == [
        ("undecided", "the files that were found were not judged")
    ]
    assert audit.exit_code(strict=False) == 3
