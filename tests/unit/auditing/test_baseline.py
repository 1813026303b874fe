"""Findings that a person has accepted: each with a reason, for a time, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from anchors.auditing import run
from anchors.auditing.baseline import Accepted, accept, read_baseline
from anchors.auditing.judge.audit import JudgedAudit
from anchors.auditing.result import Outcome
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Severity
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.request import Request
from tests.unit.auditing.basis import AFTER_THE_ROLL
from tests.unit.auditing.systems import audited, put, resolvers, rows
from tests.unit.consumers.samples import DS1, DS2

ROW = """[[accept]]
check = "audit.static"
path = "etc/unbound/*.conf"
reason = "a person replaces them at each roll"
until = 2027-06-30
"""
ACCEPTED = Accepted(
    "audit.static", "etc/unbound/*.conf", "a person replaces them at each roll", date(2027, 6, 30)
)
PATH = "etc/unbound/unbound.conf"
STATIC = f'server:\n trust-anchor: ". DS {DS1}"\n trust-anchor: ". DS {DS2}"\n'
OLD = f'server:\n trust-anchor: ". DS {DS1}"\n'


def baseline(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "baseline.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def judged(tmp_path: Path, conf: str = STATIC) -> JudgedAudit:
    return audited(put(tmp_path / "tree", {PATH: conf}))


def accepting(tmp_path: Path, row: Accepted, conf: str = STATIC) -> JudgedAudit:
    return accept(judged(tmp_path, conf), [row], AFTER_THE_ROLL)


def test_a_baseline_is_read(tmp_path: Path) -> None:
    assert read_baseline(baseline(tmp_path, ROW)) == (ACCEPTED,)
    assert read_baseline(baseline(tmp_path, "")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "[[accept]\n",
        b"\xff\xfe",
        "accept = 5\n",
        "accept = [5]\n",
        ROW.replace('reason = "a person replaces them at each roll"\n', ""),
        ROW.replace("a person replaces them at each roll", " "),
        ROW.replace("until = 2027-06-30\n", ""),
        ROW.replace("2027-06-30", '"2027-06-30"'),
        ROW.replace("2027-06-30", "2027-06-30T00:00:00Z"),
        ROW.replace("audit.static", "audit.none"),
        ROW.replace('"audit.static"', "1"),
        f"{ROW}more = 1\n",
        ROW * 1001,
        f"x = {'[' * 5000}",
    ],
)
def test_a_baseline_that_cannot_be_used_is_an_error_of_usage(
    tmp_path: Path, text: str | bytes
) -> None:
    path = baseline(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        read_baseline(path)
    assert raised.value.check is Check.USAGE
    assert raised.value.remedy
    assert str(path) in (raised.value.got or "")


def test_a_baseline_that_is_not_there_or_too_large_is_an_error_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_baseline(tmp_path / "none.toml")
    with pytest.raises(UsageError):
        read_baseline(baseline(tmp_path, b"#" * ((1 << 20) + 1)))


def test_what_is_accepted_is_a_notice_with_its_reason_and_its_end(tmp_path: Path) -> None:
    before = judged(tmp_path)
    assert rows(before)[PATH].outcome is Outcome.ATTENTION
    after = accept(before, [ACCEPTED], AFTER_THE_ROLL)
    row = rows(after)[PATH]
    assert row.outcome is Outcome.RIGHT
    assert (row.remedy, row.steps) == (None, ())
    (note,) = row.notes
    assert row.summary == f"{note.finding.message}; has KSK-2017 (20326) and KSK-2024 (38696)"
    assert (note.finding.remedy, row.told) == (None, (note.finding,))
    assert note.finding.severity is Severity.NOTICE
    assert note.finding.message.startswith(
        "accepted until 2027-06-30 (a person replaces them at each roll): the anchor is static: "
    )
    (resolver,) = resolvers(after)
    assert (resolver.outcome, resolver.steps) == (Outcome.RIGHT, ())
    assert (resolver.summary, resolver.told) == (row.summary, row.told)


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (datetime(2027, 6, 30, 23, 59, tzinfo=UTC), Outcome.RIGHT),
        (datetime(2027, 7, 1, tzinfo=UTC), Outcome.ATTENTION),
    ],
)
def test_after_its_last_day_it_is_accepted_no_more(
    tmp_path: Path, at: datetime, outcome: Outcome
) -> None:
    after = accept(judged(tmp_path), [ACCEPTED], at)
    assert rows(after)[PATH].outcome is outcome
    assert [one.outcome for one in resolvers(after)] == [outcome]


@pytest.mark.parametrize(
    "row",
    [
        ACCEPTED._replace(check="audit.missing"),
        ACCEPTED._replace(path="etc/bind/*"),
        ACCEPTED._replace(path="unbound.conf"),
    ],
)
def test_what_is_not_accepted_stays_as_it_was(tmp_path: Path, row: Accepted) -> None:
    before = judged(tmp_path)
    assert accept(before, [row], AFTER_THE_ROLL) == before


def test_a_path_may_be_named_as_a_report_shows_it(tmp_path: Path) -> None:
    row = ACCEPTED._replace(path=f"{tmp_path}/tree/etc/*")
    assert rows(accepting(tmp_path, row))[PATH].outcome is Outcome.RIGHT


def test_one_finding_that_is_accepted_hides_no_other(tmp_path: Path) -> None:
    after = accepting(tmp_path, ACCEPTED, OLD)
    assert rows(after)[PATH].outcome is Outcome.FAILS
    assert [one.outcome for one in resolvers(after)] == [Outcome.FAILS]


def test_what_fails_can_be_accepted_too(tmp_path: Path) -> None:
    """A person who knows better has said so, with a reason and an end."""
    both = [ACCEPTED, ACCEPTED._replace(check="audit.missing")]
    after = accept(judged(tmp_path, OLD), both, AFTER_THE_ROLL)
    row = rows(after)[PATH]
    assert (row.outcome, row.remedy) == (Outcome.RIGHT, None)
    assert row.summary.startswith(
        "accepted until 2027-06-30 (a person replaces them at each roll): KSK-2024 (38696) is "
        "missing; has KSK-2017 (20326) only"
    )
    assert [one.outcome for one in resolvers(after)] == [Outcome.RIGHT]


def test_the_cure_of_what_is_left_is_told_alone(tmp_path: Path) -> None:
    twice = STATIC + f' trust-anchor: ". DS {DS1}"\n'
    before = judged(tmp_path, twice)
    assert rows(before)[PATH].remedy == "keep one of them"
    duplicate = ACCEPTED._replace(check="audit.duplicate")
    row = rows(accept(before, [duplicate], AFTER_THE_ROLL))[PATH]
    assert row.outcome is Outcome.ATTENTION
    assert row.remedy == (
        "let the program follow rollovers by RFC 5011, or watch for the next rollover"
    )
    (resolver,) = resolvers(accept(before, [duplicate], AFTER_THE_ROLL))
    assert [step.text for step in resolver.steps] == [row.remedy]
    still = accept(judged(tmp_path, OLD), [ACCEPTED], AFTER_THE_ROLL)
    assert "root-anchors build" in (rows(still)[PATH].remedy or "")


def test_an_audit_reads_its_baseline_before_it_looks(tmp_path: Path) -> None:
    put(tmp_path / "tree", {PATH: STATIC})
    policy = VerificationPolicy(at=AFTER_THE_ROLL)
    request = Request(policy=policy, source="embedded", dns="recorded")
    found = run.audit(request, [tmp_path / "tree"], baseline=baseline(tmp_path, ROW))
    assert found.exit_code(strict=True) == 0
    with pytest.raises(UsageError):
        run.audit(request, [tmp_path / "tree"], baseline=tmp_path / "none")
    bare = run.audit(request, [tmp_path / "tree"])
    assert bare.exit_code(strict=True) == 4
