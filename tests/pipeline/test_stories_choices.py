"""Stories of choices: what they do, what the report repeats, and what they never switch off."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from anchors.core.checks import Check
from tests.pipeline.stories import Outcome, Shelf, Teller, inputs, snapshot
from tests.simulator.authority import Profile, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, EXPIRED, Document
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT, SIGNED, SIGNER_END, rfc3339

DAY = timedelta(days=1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return publish().write(tmp_path / "source")


def test_choices_are_repeated_as_notices(source: Path, teller: Teller) -> None:
    outcome = teller.verify(source)
    assert outcome.exit_code == 0
    notices = outcome.findings("notice")
    assert rfc3339(AT) in notices[Check.CHOICE_AT.id]
    assert str(source / "ca.pem") in notices[Check.CHOICE_CA.id]
    assert "NOT CHECKED" in notices[Check.ROOTZONE_NOT_CHECKED.id]
    assert Check.CHOICE_SIGNER.id not in notices


def test_asking_other_servers_is_repeated_as_well(source: Path, teller: Teller) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never answers
        server = f"127.0.0.1#{nobody.getsockname()[1]}"
        arguments = inputs(source)
        arguments[arguments.index("none")] = "live"
        outcome = teller.run(
            "verify", *arguments, "--server", server, "--timeout", "1", "--report-format", "json"
        )
    assert (outcome.exit_code, [*outcome.findings("failure")]) == (3, [Check.ROOTZONE_ANSWERS.id])
    assert server in outcome.findings("notice")[Check.CHOICE_SERVERS.id]
    assert not any(row["published"] for row in outcome.report["anchors"])


def test_notices_are_no_attention(source: Path, teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(source, "--strict")
    assert (outcome.exit_code, outcome.report["attention"]) == (0, False)
    assert teller.build(source, tmp_path / "anchors", "--strict").exit_code == 0
    assert (tmp_path / "anchors" / "root.ds").is_file()


def test_not_checked_is_never_reported_as_passed(source: Path, teller: Teller) -> None:
    outcome = teller.verify(source)
    rows = outcome.report["anchors"]
    assert [(row["published"], row["signing"]) for row in rows] == [(None, None)] * 3
    assert outcome.report["dns"] == {"mode": "none", "observed_at": None, "servers": []}
    text = teller.run("verify", *inputs(source)).out
    assert "NOT CHECKED" in text
    assert "not checked" in text


def test_the_time_may_be_seconds_since_the_epoch(source: Path, teller: Teller) -> None:
    arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
    outcome = teller.run(
        "verify", *arguments, "--at", f"@{int(AT.timestamp())}", "--report-format", "json"
    )
    assert (outcome.exit_code, outcome.report["at"]) == (0, rfc3339(AT))


def test_a_date_is_the_first_moment_of_that_day(source: Path, teller: Teller) -> None:
    arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
    outcome = teller.run("verify", *arguments, "--at", f"{AT:%Y-%m-%d}", "--report-format", "json")
    assert (outcome.exit_code, outcome.report["at"]) == (0, f"{AT:%Y-%m-%d}T00:00:00Z")


NO_TIMES = [
    "",
    "now",
    "2026-02-30",
    "2026-10",
    "20261004",
    "2026-10-04T12:00:00",
    "2026-10-04 12:00:00Z",
    "2026-02-30T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "1760000000",
    "@",
    "@1e9",
    "@-99999999999999",
    "@99999999999999999999",
]


@pytest.mark.parametrize("at", NO_TIMES)
def test_a_time_that_is_none_is_a_usage_error(
    at: str, source: Path, teller: Teller, shelf: Shelf
) -> None:
    arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
    arguments.append(f"--at={at}")
    for command in (["verify"], ["build", "-o", str(shelf.anchors)]):
        outcome = teller.run(*command, *arguments)
        assert (outcome.exit_code, outcome.out) == (2, "")
        assert Check.USAGE.id in outcome.err
        assert "--at" in outcome.err
    shelf.assert_untouched()


@pytest.mark.parametrize(
    ("left", "soon"), [(91 * DAY, False), (90 * DAY + timedelta(seconds=1), False),
                       (90 * DAY, True), (DAY, True), (timedelta(), True)]
)  # fmt: skip
def test_a_signer_that_ends_soon_is_a_warning(
    left: timedelta, soon: bool, teller: Teller, tmp_path: Path
) -> None:
    # By then KSK-2017 has an end, or that is a warning too.
    ended = replace(CURRENT[0], valid_until="2027-01-11T00:00:00+00:00")
    document = Document(entries=(EXPIRED, ended, *CURRENT[1:]))
    source, at = publish(document=document).write(tmp_path / "source"), SIGNER_END - left
    outcome = teller.verify(source, "--strict", at=at)
    assert outcome.exit_code == (4 if soon else 0)
    assert outcome.report["attention"] is soon
    warnings = outcome.findings("warning")
    assert [*warnings] == ([Check.SIGNER_ENDS_SOON.id] if soon else [])
    if soon:
        assert f"ends on {SIGNER_END:%Y-%m-%d}" in warnings[Check.SIGNER_ENDS_SOON.id]
    place = tmp_path / "place"
    place.mkdir()
    assert teller.build(source, place / "anchors", "--strict", at=at).exit_code == (
        4 if soon else 0
    )
    assert bool(snapshot(place)) is not soon


@pytest.mark.parametrize(
    ("left", "soon"), [(91 * DAY, False), (90 * DAY, True), (timedelta(seconds=1), True)]
)
def test_a_key_that_ends_soon_is_a_warning(
    left: timedelta, soon: bool, teller: Teller, tmp_path: Path
) -> None:
    end = AT + left
    ending = replace(CURRENT[0], valid_until=rfc3339(end))
    source = publish(document=Document(entries=(ending, CURRENT[1]))).write(tmp_path / "source")
    outcome = teller.verify(source, "--strict")
    assert outcome.exit_code == (4 if soon else 0)
    warnings = outcome.findings("warning")
    assert [*warnings] == ([Check.KEY_ENDS_SOON.id] if soon else [])
    if soon:
        assert f"ends on {end:%Y-%m-%d}" in warnings[Check.KEY_ENDS_SOON.id]
    arguments = [*inputs(source), "--format", "ds"]
    assert teller.run("build", *arguments, "-o", tmp_path / "anchors").exit_code == 0
    checked = teller.run("build", *arguments, "--strict", "--check", tmp_path / "anchors")
    assert checked.exit_code == (4 if soon else 0)
    assert (Check.KEY_ENDS_SOON.id in checked.err) is soon


def test_attention_without_strict_still_verifies(source: Path, teller: Teller) -> None:
    outcome = teller.verify(source, at=SIGNER_END)
    assert (outcome.exit_code, outcome.report["attention"]) == (0, True)
    assert outcome.report["verdict"] == "verified"


def test_strict_writes_nothing_to_standard_output_either(source: Path, teller: Teller) -> None:
    arguments = [*inputs(source, SIGNER_END), "-o", "-", "--format", "ds"]
    assert teller.run("build", *arguments).out.startswith(".")
    outcome = teller.run("build", *arguments, "--strict")
    assert (outcome.exit_code, outcome.out) == (4, "")


def test_a_key_by_digest_only_is_missing_from_dnskey_files(teller: Teller, tmp_path: Path) -> None:
    by_digest = Document(entries=(CURRENT[0], CURRENT[1].by_digest_only()))
    source = publish(document=by_digest).write(tmp_path / "source")
    outcome = teller.build(source, tmp_path / "anchors")
    assert outcome.exit_code == 0
    assert Check.FORMAT_DIGEST_ONLY.id in outcome.err
    told = " ".join(outcome.err.split())
    assert "root.key" in told
    assert "published by digest only" in told
    assert (tmp_path / "anchors" / "root.ds").read_text(encoding="ascii").count("\n") == 2
    assert (tmp_path / "anchors" / "root.key").read_text(encoding="ascii").count("\n") == 1
    assert teller.build(source, tmp_path / "strict", "--strict").exit_code == 4
    assert not (tmp_path / "strict").exists()


def test_no_file_without_anchors_is_ever_written(teller: Teller, tmp_path: Path) -> None:
    by_digest = Document(entries=tuple(key.by_digest_only() for key in CURRENT))
    source = publish(document=by_digest).write(tmp_path / "source")
    outcome = teller.build(source, tmp_path / "anchors", "--format", "dnskey")
    assert outcome.exit_code == 1
    assert Check.FORMAT_DIGEST_ONLY.id in outcome.err
    assert not (tmp_path / "anchors").exists()
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert not (tmp_path / "anchors" / "root.key").exists()


USAGE: dict[str, list[str]] = {
    "offline beside a source": ["--offline", "--source", "embedded"],
    "offline beside DNS": ["--offline", "--dns", "none"],
    "a server without live DNS": ["--offline", "--server", "127.0.0.1"],
    "a timeout of nothing": ["--offline", "--timeout", "0"],
    "a timeout that is not a number": ["--offline", "--timeout", "nan"],
    "a timeout without end": ["--offline", "--timeout", "inf"],
    "a CA file that is not there": ["--offline", "--ca", "/nonexistent/ca.pem"],
    "an option nobody knows": ["--offline", "--insecure"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_a_request_that_makes_no_sense_is_a_usage_error(
    arguments: list[str], teller: Teller, shelf: Shelf
) -> None:
    for command in (["verify"], ["build", "-o", str(shelf.anchors)]):
        outcome = teller.run(*command, *arguments, "--at", rfc3339(AT))
        assert (outcome.exit_code, outcome.out) == (2, "")
        assert outcome.err
    shelf.assert_untouched()


@pytest.mark.parametrize(
    "options", [["--format", "nobody"], ["--format", "ds", "--format", "nobody"]]
)
def test_a_format_that_is_none_is_a_usage_error(
    options: list[str], source: Path, teller: Teller, shelf: Shelf
) -> None:
    outcome = teller.build(source, shelf.anchors, *options)
    assert outcome.exit_code == 2
    assert "no format has this name" in outcome.err
    shelf.assert_untouched()


@pytest.mark.parametrize("formats", [[], ["--format", "ds", "--format", "dnskey"]])
def test_standard_output_takes_one_file(formats: list[str], source: Path, teller: Teller) -> None:
    outcome = teller.run("build", *inputs(source), "-o", "-", *formats)
    assert (outcome.exit_code, outcome.out) == (2, "")


def test_no_environment_variable_weakens_a_check(
    teller: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = publish(Signing(signature=lambda value: value[::-1])).write(tmp_path / "source")
    for name in ("INSECURE", "SKIP_VERIFY", "NO_VERIFY", "DEBUG", "AT", "CA", "SIGNER", "STRICT"):
        monkeypatch.setenv(name, "1")
        monkeypatch.setenv(f"ROOT_ANCHORS_{name}", "1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    outcome = teller.verify(forged)
    assert (outcome.exit_code, [*outcome.findings("failure")]) == (1, [Check.CMS_SIGNATURE.id])


# SHA-1 is history: IANA's first SHA-256 signature replaced the SHA-1 ones on 2024-11-05.

IN_2020 = datetime(2020, 1, 1, tzinfo=UTC)
LAST_SECOND = datetime(2024, 11, 4, 23, 59, 59, tzinfo=UTC)


def historical(digest: str = "sha1") -> LabPublication:
    old = Profile(start=datetime(2018, 1, 1, tzinfo=UTC), end=datetime(2035, 1, 1, tzinfo=UTC))
    when = datetime(2019, 6, 1, tzinfo=UTC)
    return publish(Signing(signer=lab_signer(old), signing_time=when, digest=digest))


@pytest.mark.parametrize("at", [IN_2020, LAST_SECOND])
def test_sha1_is_historical_evidence_before_its_end(
    at: datetime, teller: Teller, tmp_path: Path
) -> None:
    source = historical().write(tmp_path)
    outcome = teller.verify(source, at=at)
    assert (outcome.exit_code, outcome.report["attention"]) == (0, True)
    assert "historical evidence" in outcome.findings("warning")[Check.CMS_SHA1_HISTORY.id]
    assert teller.verify(source, "--strict", at=at).exit_code == 4


def refuses_sha1(outcome: Outcome) -> bool:
    found = " ".join(outcome.err.split())
    return Check.CMS_DIGEST_ALGORITHM.id in found and "uses SHA-1" in found


@pytest.mark.parametrize("at", [IN_2020, LAST_SECOND, LAST_SECOND + timedelta(seconds=1), AT])
def test_nothing_is_ever_built_from_sha1(
    at: datetime, teller: Teller, tmp_path: Path, shelf: Shelf
) -> None:
    source = historical().write(tmp_path / "source")
    outcome = teller.build(source, shelf.anchors, "--allow-rollback", at=at)
    assert outcome.exit_code == 1
    assert refuses_sha1(outcome)
    shelf.assert_untouched()
    to_stdout = teller.run("build", *inputs(source, at), "-o", "-", "--format", "ds")
    assert (to_stdout.exit_code, to_stdout.out) == (1, "")
    assert refuses_sha1(to_stdout)


def test_sha1_proves_nothing_from_its_end_on(teller: Teller, tmp_path: Path) -> None:
    source = historical().write(tmp_path)
    outcome = teller.verify(source, at=LAST_SECOND + timedelta(seconds=1))
    assert outcome.exit_code == 1
    assert "uses SHA-1" in outcome.findings("failure")[Check.CMS_DIGEST_ALGORITHM.id]


class ClockOf2020(datetime):
    """A machine whose clock stands in 2020."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> ClockOf2020:
        return cls(2020, 1, 1, tzinfo=tz)


def test_a_wrong_clock_does_not_bring_sha1_back(
    teller: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Historical evidence is asked for with --at; a clock alone does not ask for it."""
    source = historical().write(tmp_path)
    monkeypatch.setattr("anchors.cli.arguments.datetime", ClockOf2020)
    arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
    outcome = teller.run("verify", *arguments, "--report-format", "json")
    assert outcome.report["at"] == rfc3339(IN_2020)
    assert outcome.exit_code == 1
    assert "uses SHA-1" in outcome.findings("failure")[Check.CMS_DIGEST_ALGORITHM.id]


@pytest.mark.parametrize("at", [IN_2020, AT])
def test_md5_was_never_evidence(at: datetime, teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(historical("md5").write(tmp_path), at=at)
    assert outcome.exit_code == 1
    assert [*outcome.findings("failure")] == [Check.CMS_DIGEST_ALGORITHM.id]


def test_a_directory_from_the_past_cannot_smuggle_sha1_into_the_comparison(
    teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    """A later SHA-1 signature planted in the directory is not compared with; a person is asked."""
    planted = publish(Signing(digest="sha1", signing_time=SIGNED + 10 * DAY))
    (shelf.anchors / "root-anchors.p7s").write_bytes(planted.signature)
    source = publish(Signing(signing_time=SIGNED + DAY)).write(tmp_path / "source")
    outcome = teller.build(source, shelf.anchors)
    assert outcome.exit_code == 1
    assert Check.ROLLBACK_UNREADABLE.id in outcome.err
    assert "uses SHA-1" in " ".join(outcome.err.split())
    assert teller.build(source, shelf.anchors, "--allow-rollback").exit_code == 0


COMMANDS: list[Callable[[Path, Path], list[str]]] = [
    lambda source, _: ["verify", *inputs(source)],
    lambda source, place: ["build", *inputs(source), "-o", str(place / "anchors")],
]


@pytest.mark.parametrize("command", COMMANDS, ids=["verify", "build"])
def test_quiet_says_the_verdict_only(
    command: Callable[[Path, Path], list[str]], source: Path, teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.run(*command(source, tmp_path), "-q")
    assert outcome.exit_code == 0
    (line,) = (outcome.out + outcome.err).splitlines()
    assert line.startswith("VERIFIED: KSK-2017 (20326), KSK-2024 (38696)")


def test_the_report_may_go_to_a_file(source: Path, teller: Teller, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    outcome = teller.verify(source, "--report", str(report))
    assert (outcome.exit_code, outcome.out) == (0, "")
    assert Outcome(0, report.read_text(encoding="utf-8"), "").report["verdict"] == "verified"


def test_a_refusal_is_reported_to_the_file_all_the_same(teller: Teller, tmp_path: Path) -> None:
    source = publish(Signing(no_attributes=True)).write(tmp_path / "source")
    report = tmp_path / "report.json"
    assert teller.verify(source, "--report", str(report)).exit_code == 1
    written = Outcome(1, report.read_text(encoding="utf-8"), "")
    assert [*written.findings("failure")] == [Check.CMS_SIGNED_ATTRIBUTES.id]


def test_a_report_that_cannot_be_written_is_told(
    source: Path, teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(source, "--report", str(tmp_path / "nowhere" / "report.json"))
    assert outcome.exit_code == 3
    assert Check.OUTPUT_WRITE.id in outcome.err
