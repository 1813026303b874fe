"""An audit that asks: files that were changed under a running program, on the real programs."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from anchors.asking.questions import Choice
from anchors.auditing.result import Audit, JudgedResolver, Outcome
from anchors.auditing.run import audit
from anchors.consumers.bench import Bench, on_bench
from anchors.consumers.query import Endpoint
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.joining import process
from anchors.joining.run import running_beside
from anchors.pipeline.request import Request
from tests.consumers.asking.resolvers import PROGRAMS, Anchor, Setup, running
from tests.consumers.asking.root import State
from tests.consumers.asking.test_control import UNBOUND
from tests.consumers.asking.test_stories import (
    CHOICE,
    Told,
    need,
    need_of_version,
    roots,
    told,
    version,
)

__all__ = ["roots", "told", "version"]

# They tell by a control program, or by their sentinel.
TELLING = ("unbound", "named", "kresd", "pdns")
# The start of a process is known to the second: what is changed later is later for certain.
LATER = 2.2


class Started:
    """A program that runs, whose files are written anew while it does."""

    def __init__(self, program: str, bench: Bench, up: Endpoint, request: Request) -> None:
        self.program, self._bench, self.up, self.request = program, bench, up, request
        self.folder = bench.directory
        self._here: Endpoint | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, anchors: Sequence[Anchor], here: Endpoint | None = None) -> list[str]:
        self._here = here or self._here
        assert self._here is not None
        row = PROGRAMS[self.program]
        arguments = row.configure(self._bench, Setup(self._here, self.up, anchors, ""))
        if self.program == "unbound":
            conf = self.folder / "unbound.conf"
            text = conf.read_text().replace("remote-control:\n    control-enable: no\n", "")
            conf.write_text(text + UNBOUND.format(socket=self.folder / "control"))
        return arguments

    def audit(self, choice: Choice | None = CHOICE) -> Audit:
        return audit(self.request, [self.folder], ask=running_beside(self.request, choice))

    def audit_files(self) -> Audit:
        return audit(self.request, [self.folder])

    @contextlib.contextmanager
    def running(self, anchors: Sequence[Anchor]) -> Iterator[None]:
        row = PROGRAMS[self.program]
        with self._bench.serving(
            row.command, lambda here: self.write(anchors, here), ready=row.ready
        ) as (_, running):
            self.process = running._started.result()
            yield


Start = Callable[[str, State], Started]


@pytest.fixture
def start(told: Told, roots: Mapping[State, Endpoint], tmp_path: Path) -> Iterator[Start]:
    request = told.lab.publish(told.lab.keys, tmp_path)
    with contextlib.ExitStack() as stack:
        yield lambda program, state: Started(
            program, stack.enter_context(on_bench("", "unused", b"")), roots[state], request
        )


def resolver(audit: Audit) -> JudgedResolver:
    ((one,),) = [host.resolvers for host in audit.hosts if host.resolvers]
    return one


def found(audit: Audit, check: Check = Check.AUDIT_NOT_LOADED) -> list[tuple[Severity, str]]:
    notes = [note.finding for _, note in resolver(audit).notes]
    return [(one.severity, one.message) for one in notes if one.check is check]


@pytest.mark.parametrize("program", TELLING)
def test_files_that_were_not_reloaded_are_told_until_they_are(
    program: str, version: Path | None, told: Told, start: Start
) -> None:
    need_of_version(program, version)
    started = start(program, State.OLD)
    with started.running((told.old,)):
        time.sleep(LATER)
        started.write(told.both)
        stale = started.audit()
    name = f"key {told.new.key.tag}"
    ((severity, message),) = found(stale)
    assert severity is Severity.FAILURE
    assert message == (
        f"its files have {name}, but the running program does not trust that key: it was not "
        "reloaded"
    )
    one = resolver(stale)
    assert (one.outcome, one.running and one.running.agrees) == (Outcome.WILL_FAIL, False)
    assert stale.exit_code(strict=False) == 1
    # The files are right: nothing is to be built, and the program is to load them.
    assert one.steps
    assert not any("build" in step.text or "install" in step.text for step in one.steps)

    with started.running(told.both):
        fresh = started.audit()
    one = resolver(fresh)
    assert one.running is not None
    assert (one.running.agrees, one.running.notes) == (True, ()), one.running
    by_files = started.audit_files()
    assert one.outcome is resolver(by_files).outcome not in {Outcome.FAILS, Outcome.WILL_FAIL}
    assert fresh.exit_code(strict=False) == by_files.exit_code(strict=False)


@pytest.mark.parametrize("program", ["unbound", "named"])
def test_a_reload_by_a_signal_is_enough(program: str, told: Told, start: Start) -> None:
    need(program)
    started = start(program, State.OLD)
    with started.running((told.old,)):
        started.write(told.both)
        assert found(started.audit())
        assert started.process is not None
        started.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 10
        # By what is asked without any choice of the user, too.
        while found(again := started.audit(None)) and time.monotonic() < until:
            time.sleep(0.2)
    one = resolver(again)
    assert one.running is not None
    assert one.running.agrees is True, one.running


@pytest.mark.parametrize("program", ["dnsmasq", "stubby"])
def test_one_that_tells_nothing_is_never_called_right_for_the_next_key(
    program: str, told: Told, start: Start
) -> None:
    need(program)
    started = start(program, State.OLD)
    with started.running((told.old,)):
        started.write(told.both)
        audited = started.audit()
    one = resolver(audited)
    assert one.running is not None
    assert one.running.agrees is None
    assert one.outcome is Outcome.UNDECIDED
    assert audited.exit_code(strict=False) == 3
    assert found(audited, Check.AUDIT_NOT_TOLD)


def test_systemd_resolved_is_judged_by_what_it_does(
    version: Path | None, told: Told, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells of no key that does not sign.  Its files lie in a /run that it alone sees."""
    need_of_version("resolved", version)
    monkeypatch.setattr(process, "_is_usual", lambda _loaded, _resolvers: True)
    before, after = start("resolved", State.OLD), start("resolved", State.NEW)
    # A forwarder that validates nothing stands between it and the root.
    with running("unbound", before.up, ()) as before.up, before.running((told.old,)):
        before.write(told.both)
        untold = before.audit()
    assert resolver(untold).outcome is Outcome.UNDECIDED
    assert found(untold, Check.AUDIT_NOT_TOLD)

    Path(after.request.dns).write_text(told.lab.recorded(told.new.key).text)
    with running("unbound", after.up, ()) as after.up:
        with after.running(told.both):
            good = resolver(after.audit())
        with after.running((told.old,)):
            after.write(told.both)
            stale = after.audit()
    assert (good.outcome, good.running and good.running.agrees) == (Outcome.RIGHT, True)
    assert (resolver(stale).outcome, stale.exit_code(strict=False)) == (Outcome.FAILS, 1)
    assert found(stale, Check.AUDIT_RUNNING)


def test_what_the_next_start_would_lose_is_told(told: Told, start: Start) -> None:
    need("unbound")
    started = start("unbound", State.OLD)
    with started.running(told.both):
        time.sleep(LATER)
        started.write((told.old,))
        audited = started.audit()
    ((severity, message),) = found(audited)
    assert severity is Severity.WARNING
    assert message.startswith(f"the running program trusts key {told.new.key.tag}, but its")
    # Its files are wrong, so they are what has to be mended.
    assert any("build" in step.text for step in resolver(audited).steps)


def test_a_digest_that_was_wrong_at_the_start_is_told(told: Told, start: Start) -> None:
    need("unbound")
    started = start("unbound", State.OLD)
    with started.running((told.old, told.wrong)):
        started.write(told.both)
        audited = started.audit()
    assert [severity for severity, _ in found(audited)] == [Severity.FAILURE]


def test_a_program_that_fails_fails_whatever_its_files_say(told: Told, start: Start) -> None:
    need("pdns")
    started = start("pdns", State.NEW)
    with started.running((told.old,)):
        started.write(told.both)
        audited = started.audit()
    assert resolver(audited).outcome is Outcome.FAILS
    assert found(audited, Check.AUDIT_RUNNING)
    assert found(audited)


def test_an_anchor_that_came_in_over_the_control_channel_is_told(told: Told, start: Start) -> None:
    need("pdns")
    started = start("pdns", State.OLD)
    with started.running(told.both):
        stranger = "4711 8 2 " + "AB" * 32
        with on_bench("", "unused", b"") as bench:
            ran = bench.run(
                "rec_control", f"--socket-dir={started.folder}", "add-ta", ".", stranger
            )
            assert ran.code == 0, ran.output
        audited = started.audit()
    ((severity, message),) = found(audited)
    assert severity is Severity.FAILURE
    assert "an anchor with the tag 4711" in message
    assert message.endswith(
        "it was started in another way, or its anchors were changed while it runs"
    )


def test_another_configuration_is_undecided(told: Told, start: Start) -> None:
    need("unbound")
    started, other = start("unbound", State.OLD), start("unbound", State.OLD)
    with started.running(told.both):
        other.write(told.both, Endpoint("127.0.0.1", 1))
        audited = other.audit()
    ((severity, message),) = found(audited, Check.AUDIT_NOT_TOLD)
    assert severity is Severity.WARNING
    assert "was started with another configuration" in message
    one = resolver(audited)
    got = next(n.finding.got for _, n in one.notes if n.finding.check is Check.AUDIT_NOT_TOLD)
    # Others may run on this machine as well.
    assert got
    assert str(other.folder) not in got
    assert (one.outcome, audited.exit_code(strict=False)) == (Outcome.UNDECIDED, 3)


def test_one_that_stopped_answering_is_undecided(told: Told, start: Start) -> None:
    need("unbound")
    started = start("unbound", State.OLD)
    with started.running(told.both):
        assert started.process is not None
        started.process.send_signal(signal.SIGSTOP)
        try:
            audited = started.audit()
        finally:
            started.process.send_signal(signal.SIGCONT)
    one = resolver(audited)
    assert one.running is not None
    assert one.running.agrees is None
    assert one.outcome is Outcome.UNDECIDED
    assert found(audited, Check.AUDIT_NOT_TOLD)
