"""The steps in their order, what each may stop, and the report that is always made."""

from __future__ import annotations

import errno
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import anchors.rootzone.query
from anchors.consumers.registry import REGISTRY
from anchors.core.checks import Check
from anchors.core.errors import SourceUnavailable, UsageError
from anchors.core.findings import Severity
from anchors.core.keys import KeyState
from anchors.core.policy import SHA1_RETIRED
from anchors.core.servers import ROOT_SERVERS, Server, ServerAnswer
from anchors.pipeline import directory as output
from anchors.pipeline.build import Built, Target, build
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from anchors.pipeline.verify import example, verify
from anchors.publication import http
from anchors.publication.manifest import Manifest
from anchors.rootzone.rrset import answer_from_text
from tests.lab import zone
from tests.lab.keys import ksk
from tests.simulator.authority import Profile, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, Document
from tests.simulator.publication import publish
from tests.simulator.times import AT, SIGNED, rfc3339
from tests.unit.stages import entry_of, policy

# The package has a function of this name.
verifying = import_module("anchors.pipeline.verify")

FETCH, SIGNATURE, READ = (
    "1. fetch the publication",
    "2. verify its signature",
    "3. read the document",
)
OBSERVE, CROSS_CHECK = "4. observe the root zone: ", "5. cross-check the keys"
COMPARE, WRITE = "6. compare with the existing directory", "7. write "
SERVER = Server("192.0.2.1")
FILE_NAMES = {row.file_name for row in REGISTRY}
EVIDENCE = {"root-anchors.xml", "root-anchors.p7s", "manifest.json"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return publish().write(tmp_path / "source")


@pytest.fixture
def rrset(tmp_path: Path) -> Path:
    """The real RRset as zone-file text."""
    path = tmp_path / "root.rrset"
    path.write_text(zone.recorded().text(), encoding="ascii")
    return path


def request(source: Path, dns: str = "none", **knobs: Any) -> Request:  # noqa: ANN401 - any knob
    return Request(policy=policy(**knobs), source=str(source), dns=dns, ca_file=source / "ca.pem")


def checks_of(report: Report, severity: Severity) -> list[Check]:
    return [finding.check for finding in report.findings if finding.severity is severity]


class TestSteps:
    def test_verify(self, source: Path, rrset: Path) -> None:
        said: list[str] = []
        assert verify(request(source, str(rrset)), said.append).verdict is Verdict.VERIFIED
        assert said == [FETCH, SIGNATURE, READ, f"{OBSERVE}{rrset}", CROSS_CHECK]

    def test_nobody_observes_what_is_not_to_be_checked(self, source: Path) -> None:
        said: list[str] = []
        verify(request(source), said.append)
        assert said == [FETCH, SIGNATURE, READ, CROSS_CHECK]

    def test_build_and_build_again(self, source: Path, tmp_path: Path) -> None:
        target, said = Target(directory=tmp_path / "out"), list[str]()
        build(request(source), target, said.append)
        assert said[4:] == [f"{WRITE}{tmp_path / 'out'}"]
        said.clear()
        build(request(source), target, said.append)
        assert said[4:] == [COMPARE, f"{WRITE}{tmp_path / 'out'}"]

    def test_build_without_a_directory_writes_nothing(self, source: Path) -> None:
        said: list[str] = []
        assert build(request(source), Target(directory=None), said.append).files
        assert said == [FETCH, SIGNATURE, READ, CROSS_CHECK]

    def test_the_recorded_answers(self, rrset: Path, source: Path, tmp_path: Path) -> None:
        build(request(source, str(rrset)), Target(directory=tmp_path / "out"))
        said: list[str] = []
        replayed = replace(request(source, "recorded"), source=str(tmp_path / "out"))
        report = verify(replayed, said.append)
        assert (report.verdict, report.dns_mode) == (Verdict.VERIFIED, "recorded")
        assert said[3] == f"{OBSERVE}recorded answers"

    def test_the_servers_are_asked_within_the_deadline(
        self, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[tuple[Sequence[Server], datetime, float]] = []

        def ask(
            servers: Sequence[Server], *, observed_at: datetime, until: float, **_more: object
        ) -> list[ServerAnswer]:
            asked.append((servers, observed_at, until - time.monotonic()))
            return [answer_from_text(zone.recorded().text(), observed_at)]

        monkeypatch.setattr(anchors.rootzone.query, "ask", ask)
        said: list[str] = []
        report = verify(request(source, "live"), said.append)
        assert (report.verdict, report.observed_at) == (Verdict.VERIFIED, AT)
        assert said[3] == f"{OBSERVE}ask 26 servers"
        verify(replace(request(source, "live"), timeout=1, servers=(Server("192.0.2.1"),)))
        (servers, at, first), (chosen, _, second) = asked
        assert (servers, at, chosen) == (ROOT_SERVERS, AT, (Server("192.0.2.1"),))
        assert 4 < first <= 5
        assert 0 < second <= 1

    def test_nothing_is_read_before_its_signature_holds(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = publish(Signing(no_attributes=True)).write(tmp_path / "source")
        monkeypatch.setattr(verifying, "read", lambda _authenticated: pytest.fail("was read"))
        said: list[str] = []
        report = verify(request(source), said.append)
        assert (report.verdict, said) == (Verdict.NOT_TRUSTED, [FETCH, SIGNATURE])

    def test_nobody_is_asked_before_the_document_holds(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = publish(document=Document(zone="com.")).write(tmp_path / "source")
        monkeypatch.setattr(
            anchors.rootzone.query, "ask", lambda *_a, **_k: pytest.fail("was asked")
        )
        report = verify(request(source, "live"))
        assert checks_of(report, Severity.FAILURE) == [Check.DOCUMENT_ZONE]


class TestSenselessRequests:
    def test_they_are_refused_before_anything_is_fetched(
        self, source: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "file").touch()
        good = Target(directory=tmp_path / "out")
        said: list[str] = []
        for wanted, target in (
            (request(source), Target(directory=tmp_path / "mine")),
            (replace(request(source), ca_file=tmp_path / "absent"), good),
        ):
            with pytest.raises(UsageError):
                build(wanted, target, said.append)
        with pytest.raises(UsageError):
            replace(good, formats=("nonsense",))
        with pytest.raises(UsageError):
            verify(replace(request(source), ca_file=tmp_path / "absent"), said.append)
        assert said == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"source": ""},
            {"dns": ""},
            {"dns": "skr:"},
            {"dns": "skr:one", "skr": Path("another")},
            {"dns": "none", "skr": Path("one")},
            {"dns": "live", "servers": (SERVER,) * 101},
            *({"dns": dns, "servers": (SERVER,)} for dns in ("recorded", "none", "file", "skr:x")),
            *({"max_intermediates": number} for number in (-1, 256, 1 << 64)),
            *({"timeout": seconds} for seconds in (math.nan, math.inf, 0, -1, 3600.5)),
            *(
                {"at": at}
                for at in (
                    datetime(2026, 10, 4),  # noqa: DTZ001 - as it shall not be
                    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
                    datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
                )
            ),
        ],
        ids=lambda changes: str(changes)[:50],
    )
    def test_what_contradicts_itself_or_is_out_of_range(self, changes: dict[str, Any]) -> None:
        of_policy = {"at", "max_intermediates"} & {*changes}
        rest: dict[str, Any] = {} if of_policy else {"policy": policy(), "dns": "none"}
        make: Any = policy if of_policy else Request
        with pytest.raises(UsageError) as refusal:
            make(**{**rest, **changes})
        assert refusal.value.check is Check.USAGE

    def test_nothing_is_built_from_sha1(self, tmp_path: Path) -> None:
        source = publish(Signing(digest="sha1")).write(tmp_path / "source")
        wanted = request(source, sha1_before=AT + timedelta(days=1))
        assert verify(wanted).verdict is Verdict.VERIFIED
        with pytest.raises(UsageError, match="SHA-1"):
            build(wanted, Target(directory=tmp_path / "out"))
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("content", [None, b"", b"<html>", b"\xff", b". IN NS a.\n"])
    def test_a_dns_file_that_is_none(
        self, content: bytes | None, source: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "rrset"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UsageError) as refusal:
            verify(request(source, str(path)))
        assert refusal.value.check is Check.USAGE
        with pytest.raises(UsageError):
            build(request(source, str(path)), Target(directory=tmp_path / "out"))
        assert not (tmp_path / "out").exists()

    def test_a_source_without_a_recording(self, source: Path) -> None:
        with pytest.raises(UsageError) as refusal:
            verify(request(source, "recorded"))
        assert refusal.value.check is Check.ROOTZONE_RECORDING

    @pytest.mark.parametrize(
        ("dns", "mode"),
        [("live", "live"), ("recorded", "recorded"), ("none", "none"), ("./none", "file")],
    )
    def test_the_mode_of_dns(self, dns: str, mode: str) -> None:
        assert Request(policy=policy(), dns=dns).dns_mode == mode


@pytest.mark.parametrize(
    "knobs",
    [
        *({"max_intermediates": number} for number in (0, 255)),
        *({"clock_skew": time, "ends_soon": time} for time in (timedelta.min, timedelta.max)),
        *({"min_rsa_bits": number} for number in (-1, 1 << 64)),
        *({"at": datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)} for year in (1, 9999)),
        *({"signer": text} for text in ("", "\ud800", "x" * 100_000)),
    ],
    ids=lambda knobs: str(knobs)[:50],
)
def test_no_knob_makes_an_error_of_another_kind(knobs: dict[str, Any], source: Path) -> None:
    assert verify(replace(request(source, "none"), policy=policy(**knobs))).verdict


class TestReport:
    def test_of_a_source_that_cannot_be_had(self, tmp_path: Path) -> None:
        publish().write(tmp_path / "source")
        missing = replace(request(tmp_path / "source"), source=str(tmp_path / "absent"))
        report = verify(missing)
        assert report.verdict is Verdict.UNDECIDED
        assert (report.authenticated, report.keys, report.servers) == (None, (), ())
        assert checks_of(report, Severity.FAILURE) == [Check.SOURCE_AVAILABLE]

    def test_of_a_signature_that_does_not_hold(self, tmp_path: Path) -> None:
        source = publish(Signing(digest="sha1")).write(tmp_path / "source")
        report = verify(request(source))
        assert (report.verdict, report.authenticated) == (Verdict.NOT_TRUSTED, None)
        assert checks_of(report, Severity.FAILURE) == [Check.CMS_DIGEST_ALGORITHM]

    def test_of_a_root_zone_that_disagrees(self, source: Path, tmp_path: Path) -> None:
        stranger = ksk("stranger")
        rrset = tmp_path / "rrset"
        rrset.write_text(zone.signed([stranger], by=[stranger]).text(), encoding="ascii")
        report = verify(request(source, str(rrset)))
        assert (report.verdict, report.dns_mode) == (Verdict.NOT_TRUSTED, "file")
        assert checks_of(report, Severity.FAILURE) == [Check.ROOTZONE_SIGNATURE]
        assert report.authenticated is not None
        assert [row.state for row in report.keys] == ["expired", "current", "current"]
        assert not any(row.usable for row in report.keys)
        assert [server.outcome for server in report.servers] == ["untrusted"]
        assert report.observed_at == AT

    def test_of_a_good_one(self, source: Path) -> None:
        report = verify(request(source))
        assert (report.verdict, report.at, report.source) == (Verdict.VERIFIED, AT, str(source))
        assert (report.dns_mode, report.observed_at) == ("none", None)
        assert [row.usable for row in report.keys] == [False, True, True]
        assert not report.attention

    def test_the_worst_comes_first(self, tmp_path: Path) -> None:
        signer = lab_signer(Profile(end=AT + timedelta(days=10)))
        bad = replace(CURRENT[0], key_tag="1", valid_until="2020-01-01T00:00:00Z")
        source = publish(Signing(signer=signer), Document(entries=[bad])).write(tmp_path / "s")
        severities = [finding.severity for finding in verify(request(source)).findings]
        assert severities[0] is Severity.FAILURE
        order = [*reversed(Severity)]
        assert severities == sorted(severities, key=order.index)
        assert {Severity.WARNING, Severity.NOTICE} <= set(severities)

    @pytest.mark.parametrize(
        ("changes", "knobs", "check", "says"),
        [
            ({"at_given": True}, {}, Check.CHOICE_AT, "2026-10-04T12:00:00Z"),
            ({}, {}, Check.CHOICE_CA, "ca.pem"),
            ({}, {"include_future": True}, Check.CHOICE_FUTURE, "written"),
        ],
    )
    def test_a_choice_is_repeated(
        self, changes: dict[str, Any], knobs: dict[str, Any], check: Check, says: str, source: Path
    ) -> None:
        report = verify(replace(request(source, **knobs), **changes))
        (finding,) = [finding for finding in report.findings if finding.check is check]
        assert finding.severity is Severity.NOTICE
        assert says in finding.message

    @pytest.mark.parametrize(
        ("knobs", "says"),
        [
            ({"min_rsa_bits": 512}, "min_rsa_bits=512 (2048)"),
            ({"max_intermediates": 9}, "max_intermediates=9 (4)"),
            ({"clock_skew": timedelta(days=4000)}, "clock_skew=4000 days, 0:00:00 (0:05:00)"),
            ({"ends_soon": timedelta(0)}, "ends_soon=0:00:00 (90 days, 0:00:00)"),
            ({"sha1_before": datetime(2099, 1, 1, tzinfo=UTC)}, "sha1_before=2099-01-01"),
        ],
    )
    def test_a_knob_is_repeated(self, knobs: dict[str, Any], says: str, source: Path) -> None:
        report = verify(request(source, **knobs))
        assert report.verdict is Verdict.VERIFIED
        (finding,) = [f for f in report.findings if f.check is Check.CHOICE_POLICY]
        assert finding.severity is Severity.NOTICE
        assert says in finding.message

    def test_the_history_of_sha1_is_no_knob(self, source: Path) -> None:
        report = verify(request(source, sha1_before=SHA1_RETIRED))
        assert Check.CHOICE_POLICY not in checks_of(report, Severity.NOTICE)

    def test_other_servers_are_repeated(
        self, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(anchors.rootzone.query, "ask", lambda *_a, **_k: [])
        report = verify(replace(request(source, "live"), servers=(Server("::1", 5353),)))
        (finding,) = [f for f in report.findings if f.check is Check.CHOICE_SERVERS]
        assert "::1#5353" in finding.message

    def test_the_time_is_told_in_utc(self, tmp_path: Path) -> None:
        signing = Signing(signing_time=AT + timedelta(hours=1))
        source = publish(signing).write(tmp_path / "source")
        at = AT.astimezone(timezone(timedelta(hours=9)))
        report = verify(request(source, at=at))
        assert report.at.tzinfo is UTC
        (failure,) = [f for f in report.findings if f.severity is Severity.FAILURE]
        assert failure.check is Check.SIGNER_SIGNING_TIME
        assert f"to {rfc3339(AT)}" in (failure.want or "")
        assert report.findings == verify(request(source)).findings

    def test_another_signer_is_repeated(self, tmp_path: Path) -> None:
        signing = Signing(signer=lab_signer(Profile(emails=("somebody@example.com",))))
        source = publish(signing).write(tmp_path / "source")
        report = verify(request(source, signer="somebody@example.com"))
        assert report.verdict is Verdict.VERIFIED
        assert Check.CHOICE_SIGNER in checks_of(report, Severity.NOTICE)

    def test_no_choice_no_notice(self) -> None:
        at = datetime(2026, 10, 5, tzinfo=UTC)
        wanted = Request(policy=policy(at=at), source="embedded", dns="recorded")
        assert verify(wanted).findings == []

    @pytest.mark.parametrize(
        ("later", "verdict"),
        [(timedelta(0), Verdict.VERIFIED), (timedelta(seconds=-1), Verdict.UNDECIDED)],
    )
    def test_a_recording_is_not_from_the_future(self, later: timedelta, verdict: Verdict) -> None:
        at = datetime(2026, 10, 4, tzinfo=UTC) + later
        report = verify(Request(policy=policy(at=at), source="embedded", dns="recorded"))
        assert report.verdict is verdict
        if verdict is Verdict.UNDECIDED:
            assert checks_of(report, Severity.FAILURE) == [Check.ROOTZONE_RECORDING]


class TestBuild:
    def test_everything(self, source: Path, tmp_path: Path) -> None:
        built = build(request(source), Target(directory=tmp_path / "out"))
        assert set(built.files) == FILE_NAMES | EVIDENCE
        assert [*built.files] == [*built.report.files]
        for name, content in built.files.items():
            assert (tmp_path / "out" / name).read_bytes() == content
        assert built.files["root-anchors.xml"] == (source / "root-anchors.xml").read_bytes()

    def test_a_format(self, source: Path, tmp_path: Path) -> None:
        built = build(request(source), Target(directory=tmp_path / "out", formats=("ds",)))
        assert set(built.files) == {"root.ds"} | EVIDENCE
        bare = Target(directory=tmp_path / "bare", formats=("ds", "bind"), bare=True)
        assert set(build(request(source), bare).files) == {"root.ds", "bind.keys"}

    def test_without_a_directory_there_are_the_anchor_files_alone(self, source: Path) -> None:
        built = build(request(source), Target(directory=None, formats=("ds",)))
        assert [*built.files] == ["root.ds"]

    def test_the_answers_lie_beside_the_files(
        self, source: Path, rrset: Path, tmp_path: Path
    ) -> None:
        built = build(request(source, str(rrset)), Target(directory=tmp_path / "out"))
        manifest = Manifest.loads(built.files["manifest.json"])
        assert manifest.paths == set(built.files)
        assert manifest.observed_at == AT
        assert "dns/00.bin" in built.files

    def test_a_refusal_writes_nothing(self, tmp_path: Path) -> None:
        expired = entry_of(ksk("a"), valid_until="2026-10-04T12:00:00Z")
        source = publish(document=Document(entries=[expired])).write(tmp_path / "source")
        built = build(request(source), Target(directory=tmp_path / "out"))
        assert (built.report.verdict, built.files) == (Verdict.NOT_TRUSTED, {})
        assert built.report.files == ()
        assert not (tmp_path / "out").exists()

    def test_under_strict_attention_writes_nothing(self, tmp_path: Path) -> None:
        signing = Signing(signer=lab_signer(Profile(end=AT + timedelta(days=10))))
        source = publish(signing).write(tmp_path / "source")
        target = Target(directory=tmp_path / "out", strict=True)
        built = build(request(source), target)
        assert (built.report.verdict, built.report.attention) == (Verdict.VERIFIED, True)
        assert (built.files, built.report.files) == ({}, ())
        assert not any(row.usable for row in built.report.keys)
        assert all(row.why for row in built.report.keys)
        assert not (tmp_path / "out").exists()
        assert build(request(source), replace(target, strict=False)).files

    def test_a_full_disk_leaves_it_undecided(
        self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_path: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(output, "_flush_folder", full)
        built = build(request(source), Target(directory=tmp_path / "out"))
        assert (built.report.verdict, built.files) == (Verdict.UNDECIDED, {})
        assert checks_of(built.report, Severity.FAILURE) == [Check.OUTPUT_WRITE]
        assert not any(row.usable for row in built.report.keys)

    def test_a_rollback_is_refused(self, source: Path, tmp_path: Path) -> None:
        target = Target(directory=tmp_path / "out")
        build(request(source), target)
        older = Signing(signing_time=SIGNED - timedelta(days=1))
        old = publish(older).write(tmp_path / "old")
        built = build(request(old), target)
        assert (built.report.verdict, built.files) == (Verdict.NOT_TRUSTED, {})
        assert checks_of(built.report, Severity.FAILURE) == [Check.ROLLBACK_DIRECTORY]
        assert build(request(old, allow_rollback=True), target).files

    @pytest.mark.parametrize("exchanges", [True, False], ids=["exchanged", "in two steps"])
    @pytest.mark.parametrize(
        ("at_first", "moment"),
        [("older", "_flush_folder"), ("older", "_exchange"), ("nothing", "_flush_folder")],
    )
    def test_an_older_build_that_is_held_up_replaces_no_newer_set(  # noqa: PLR0917 - three are given
        self,
        at_first: str,
        moment: str,
        exchanges: bool,
        source: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Another run puts the newer set there while this one waits, however late."""
        target = Target(directory=tmp_path / "place" / "out")
        times = [SIGNED - timedelta(days=days) for days in (2, 1)]
        oldest, older = (
            publish(Signing(signing_time=time)).write(tmp_path / str(time)) for time in times
        )
        if at_first == "older":
            assert build(request(oldest), target).files
        exchange, wait = output._exchange, getattr(output, moment)
        newer: list[Built] = []

        def held_up(*paths: Path) -> object:
            if not newer:
                monkeypatch.setattr(output, moment, wait)
                newer.append(build(request(source), target))
            return wait(*paths) if moment == "_flush_folder" else exchanges and exchange(*paths)

        if moment == "_flush_folder":
            monkeypatch.setattr(output, "_exchange", lambda *p: exchanges and exchange(*p))
        monkeypatch.setattr(output, moment, held_up)
        built = build(request(older), target)
        assert [other.report.verdict for other in newer] == [Verdict.VERIFIED]
        assert (built.report.verdict, built.files) == (Verdict.NOT_TRUSTED, {})
        assert checks_of(built.report, Severity.FAILURE) == [Check.ROLLBACK_DIRECTORY]
        held = tmp_path / "place" / "out" / "root-anchors.p7s"
        assert held.read_bytes() == (source / "root-anchors.p7s").read_bytes()
        assert [path.name for path in (tmp_path / "place").iterdir()] == ["out"]

    def test_a_future_key_comes_out_where_asked_for(self, tmp_path: Path) -> None:
        future = replace(CURRENT[1], valid_from="2030-01-01T00:00:00Z")
        document = Document(entries=[CURRENT[0], future])
        source = publish(document=document).write(tmp_path / "source")
        target = Target(directory=None, formats=("ds",))
        assert build(request(source), target).files["root.ds"].count(b"\n") == 1
        assert (
            build(request(source, include_future=True), target).files["root.ds"].count(b"\n") == 2
        )

    def test_the_same_inputs_make_the_same_bytes(self, source: Path, tmp_path: Path) -> None:
        one = build(request(source), Target(directory=tmp_path / "one"))
        other = build(request(source), Target(directory=tmp_path / "other"))
        assert one.files == other.files


class TestOutOfStep:
    """A server that serves files of two publications; what fetching gives is replaced here."""

    STALE = publish(Signing(signing_time=SIGNED), Document(id="stale"))
    FRESH = publish()

    @pytest.fixture
    def serving(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[list[bytes], list[bytes]], list[bool]]:
        def arrange(cached: list[bytes], origin: list[bytes]) -> list[bool]:
            asked: list[bool] = []

            def fetch_all(
                urls: Sequence[str], *, limit: int, until: float, fresh: bool
            ) -> list[bytes]:
                assert [url.rpartition("/")[2] for url in urls] == [
                    "root-anchors.xml",
                    "root-anchors.p7s",
                ]
                assert limit == 1 << 20
                assert 0 < until - time.monotonic() <= 30
                asked.append(fresh)
                return origin if fresh else cached

            monkeypatch.setattr(http, "fetch_all", fetch_all)
            return asked

        return arrange

    @pytest.fixture
    def wanted(self, source: Path) -> Request:
        return replace(request(source), source="https://data.iana.org/root-anchors")

    def test_one_retry_past_caches_mends_it(
        self, serving: Callable[[list[bytes], list[bytes]], list[bool]], wanted: Request
    ) -> None:
        asked = serving(
            [self.STALE.document, self.FRESH.signature], [self.FRESH.document, self.FRESH.signature]
        )
        said: list[str] = []
        assert verify(wanted, said.append).verdict is Verdict.VERIFIED
        assert asked == [False, True]
        assert said[1:3] == [
            SIGNATURE,
            "   document and signature do not belong together: fetch both again, past caches",
        ]

    def test_a_second_time_is_told_by_name(
        self, serving: Callable[[list[bytes], list[bytes]], list[bool]], wanted: Request
    ) -> None:
        mixed = [self.STALE.document, self.FRESH.signature]
        asked = serving(mixed, mixed)
        report = verify(wanted)
        assert (report.verdict, asked) == (Verdict.NOT_TRUSTED, [False, True])
        assert checks_of(report, Severity.FAILURE) == [Check.SOURCE_OUT_OF_STEP]

    def test_a_forgery_is_not_tried_again(
        self, serving: Callable[[list[bytes], list[bytes]], list[bool]], wanted: Request
    ) -> None:
        forged = publish(Signing(signature=lambda value: value[:-1] + bytes([value[-1] ^ 1])))
        asked = serving([forged.document, forged.signature], [])
        assert checks_of(verify(wanted), Severity.FAILURE) == [Check.CMS_SIGNATURE]
        assert asked == [False]

    def test_the_retry_may_find_worse(
        self, serving: Callable[[list[bytes], list[bytes]], list[bool]], wanted: Request
    ) -> None:
        serving([self.STALE.document, self.FRESH.signature], [self.FRESH.document, b""])
        assert checks_of(verify(wanted), Severity.FAILURE) == [Check.CMS_DER]

    def test_files_in_a_directory_are_read_once(self, source: Path) -> None:
        (source / "root-anchors.xml").write_bytes(self.STALE.document)
        report = verify(request(source))
        assert checks_of(report, Severity.FAILURE) == [Check.CMS_MESSAGE_DIGEST]

    def test_a_server_that_is_gone_on_the_retry(
        self,
        serving: Callable[[list[bytes], list[bytes]], list[bool]],
        wanted: Request,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        serving([self.STALE.document, self.FRESH.signature], [])
        once = http.fetch_all

        def gone(urls: Sequence[str], *, limit: int, until: float, fresh: bool) -> list[bytes]:
            if fresh:
                raise SourceUnavailable(Check.SOURCE_AVAILABLE, "gone", remedy="wait")
            return once(urls, limit=limit, until=until, fresh=fresh)

        monkeypatch.setattr(http, "fetch_all", gone)
        assert verify(wanted).verdict is Verdict.UNDECIDED


def test_the_example_is_the_embedded_snapshot() -> None:
    checked = example()
    assert checked.refusal is None
    assert checked.in_agreement
    assert [anchor.key.key_tag for anchor in checked.anchors.anchors] == [20326, 38696]
    assert {anchor.state for anchor in checked.anchors.anchors} == {KeyState.CURRENT}


def test_a_time_without_a_zone_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as raised:
        replace(policy(), at=datetime(2026, 11, 24))  # noqa: DTZ001 - what is refused
    assert raised.value.message == "the time of judgement has no time zone"
