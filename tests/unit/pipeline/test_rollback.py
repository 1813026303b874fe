"""Going back in time does not happen unnoticed."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anchors.core.checks import Check
from anchors.core.errors import RollbackRefused, SourceUnavailable
from anchors.core.findings import Finding, Severity
from anchors.core.root_facts import SNAPSHOT_SIGNING_TIME
from anchors.pipeline.rollback import against_directory, against_snapshot
from anchors.publication.authenticate import Authenticated
from anchors.publication.document import read
from anchors.publication.root_cas import PinnedRoots
from anchors.publication.source import DirectorySource
from tests.simulator.authority import ROOT, Profile, certify, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, EXPIRED, Document, entry
from tests.simulator.ksk import lab_ksk
from tests.simulator.publication import publish
from tests.simulator.times import AT, SIGNED, SIGNER_END
from tests.unit.stages import authentic, policy, roots

DAY = timedelta(days=1)
OLDER = Document(id="older")


def as_iana(authenticated: Authenticated) -> Authenticated:
    """The lab's publication, as if its root were a built-in one."""
    return authenticated._replace(root=authenticated.root._replace(built_in=True))


def against_the_release(
    document: Document, signed: datetime = SIGNED, at: datetime = AT
) -> list[Finding]:
    authenticated = as_iana(authentic(document, Signing(signing_time=signed), at=at))
    return [*against_snapshot(authenticated, read(authenticated))]


class TestAgainstSnapshot:
    def test_what_the_release_knows_is_no_rollback(self) -> None:
        assert against_the_release(Document(), signed=SNAPSHOT_SIGNING_TIME) == []
        assert against_the_release(Document(), signed=SIGNED) == []

    def test_an_older_publication_is_an_alarm(self) -> None:
        signed = SNAPSHOT_SIGNING_TIME - timedelta(seconds=1)
        (finding,) = against_the_release(Document(), signed=signed)
        assert (finding.check, finding.severity) == (Check.ROLLBACK_SNAPSHOT, Severity.ALARM)
        assert finding.got == "signed 2025-03-25T20:25:01Z"

    def test_a_current_key_that_is_gone_is_an_alarm(self) -> None:
        (finding,) = against_the_release(Document(entries=(EXPIRED, CURRENT[1])))
        assert (finding.check, finding.severity) == (Check.ROLLBACK_MISSING_KEY, Severity.ALARM)
        assert finding.message.startswith("KSK-2017 (20326) has left")

    def test_a_retired_key_that_is_gone_is_none(self) -> None:
        assert against_the_release(Document(entries=CURRENT)) == []

    def test_a_key_that_is_listed_with_an_end_is_not_gone(self) -> None:
        ended = replace(CURRENT[0], valid_until="2030-01-01T00:00:00Z")
        assert against_the_release(Document(entries=(ended, CURRENT[1]))) == []

    def test_a_key_that_is_listed_though_unusable_is_not_gone(self) -> None:
        unusable = replace(CURRENT[0], key_tag="20327")
        assert against_the_release(Document(entries=(unusable, CURRENT[1]))) == []

    def test_all_keys_gone(self) -> None:
        findings = against_the_release(Document(entries=[entry(lab_ksk("other"))]))
        assert [finding.message[:8] for finding in findings] == ["KSK-2017", "KSK-2024"]

    def test_other_roots_have_a_history_of_their_own(self) -> None:
        authenticated = authentic(Document(entries=[entry(lab_ksk("other"))]))
        assert not authenticated.root.built_in
        assert [*against_snapshot(authenticated, read(authenticated))] == []

    def test_before_the_snapshot_older_is_right(self) -> None:
        at = SNAPSHOT_SIGNING_TIME - timedelta(seconds=1)
        assert against_the_release(Document(entries=CURRENT[:1]), signed=at, at=at) == []
        assert against_the_release(Document(entries=CURRENT[:1]), signed=at, at=at + DAY)


class TestAgainstDirectory:
    def directory(self, place: Path, signed: datetime, document: Document | None = None) -> Path:
        return publish(Signing(signing_time=signed), document).write(place / "anchors")

    def compared(
        self,
        path: Path,
        signed: datetime,
        document: Document | None = None,
        **knobs: Any,  # noqa: ANN401 - a knob is of any type
    ) -> list[Finding]:
        now = authentic(document, Signing(signing_time=signed))
        return [*against_directory(now, path, roots(), policy(**knobs))]

    @pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=1), DAY])
    def test_going_on_is_no_rollback(self, later: timedelta, tmp_path: Path) -> None:
        assert self.compared(self.directory(tmp_path, SIGNED), SIGNED + later) == []

    def test_another_document_later_is_no_rollback(self, tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED, OLDER)
        assert self.compared(path, SIGNED + timedelta(seconds=1)) == []

    @pytest.mark.parametrize("alone", [0, 1])
    def test_who_took_one_of_two_signatures_away_holds_nobody_back(
        self, alone: int, tmp_path: Path
    ) -> None:
        """The one that ends first, and is shown, is the older one."""
        first = Signing(signer=lab_signer(Profile(end=SIGNER_END - DAY)), signing_time=SIGNED - DAY)
        last = Signing(signer=lab_signer(Profile(common_name="New signer", serial=20)))
        path = publish((first, last)[alone]).write(tmp_path / "anchors")
        now = authentic(signing=replace(first, second=last))
        assert now.signer.serial == 18
        assert [*against_directory(now, path, roots(), policy())] == []

    @pytest.mark.parametrize("knobs", [{}, {"include_future": True}])
    def test_an_older_one_is_refused(self, knobs: dict[str, Any], tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED)
        with pytest.raises(RollbackRefused, match="older than the one") as refusal:
            self.compared(path, SIGNED - timedelta(seconds=1), **knobs)
        assert refusal.value.check is Check.ROLLBACK_DIRECTORY
        assert refusal.value.got == "signed 2026-02-01T11:59:59Z"
        assert "2026-02-01T12:00:00Z" in (refusal.value.want or "")

    def test_another_document_of_the_same_time_is_refused(self, tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED, OLDER)
        with pytest.raises(RollbackRefused, match=r"same time.*differs"):
            self.compared(path, SIGNED)

    @pytest.mark.parametrize("earlier", [timedelta(), DAY])
    def test_it_may_be_allowed_and_is_told(self, earlier: timedelta, tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED, OLDER)
        (finding,) = self.compared(path, SIGNED - earlier, allow_rollback=True)
        assert (finding.check, finding.severity) == (Check.ROLLBACK_DIRECTORY, Severity.NOTICE)
        assert finding.message.endswith("allowed by --allow-rollback")

    @pytest.mark.parametrize("name", ["root-anchors.xml", "root-anchors.p7s"])
    @pytest.mark.parametrize("content", [None, b"", b"<TrustAnchor/>"])
    def test_one_that_does_not_verify_is_not_replaced_unasked(
        self, name: str, content: bytes | None, tmp_path: Path
    ) -> None:
        path = self.directory(tmp_path, SIGNED + DAY)
        (path / name).unlink()
        if content is not None:
            (path / name).write_bytes(content)
        with pytest.raises(RollbackRefused, match="cannot be compared") as refusal:
            self.compared(path, SIGNED)
        assert refusal.value.check is Check.ROLLBACK_UNREADABLE
        (finding,) = self.compared(path, SIGNED, allow_rollback=True)
        assert (finding.check, finding.severity) == (Check.ROLLBACK_UNREADABLE, Severity.NOTICE)

    def test_one_of_other_roots_does_not_verify(self, tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED + DAY)
        now = authentic()
        namesake = certify(replace(ROOT, key_owner="namesake")).certificate
        pinned = PinnedRoots((namesake,), built_in=False)
        with pytest.raises(RollbackRefused) as refusal:
            [*against_directory(now, path, pinned, policy())]
        assert refusal.value.check is Check.ROLLBACK_UNREADABLE

    def test_one_whose_signer_has_ended_since_still_counts(self, tmp_path: Path) -> None:
        path = self.directory(tmp_path, SIGNED)
        successor = lab_signer(Profile(serial=19, end=SIGNER_END + 1000 * DAY))
        at = SIGNER_END + DAY
        older = Signing(signing_time=SIGNED - DAY, signer=successor)
        now = authentic(None, older, at=at)
        with pytest.raises(RollbackRefused):
            [*against_directory(now, path, roots(), policy(at=at))]

    def test_nothing_is_expected_of_its_document(self, tmp_path: Path) -> None:
        made = publish(Signing(signing_time=SIGNED), b"not even XML")
        path = made.write(tmp_path / "anchors")
        assert self.compared(path, SIGNED + DAY) == []
        with pytest.raises(RollbackRefused):
            self.compared(path, SIGNED - DAY)


def test_a_disk_that_cannot_be_read_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_source: DirectorySource, **_named: object) -> None:
        cause = OSError(errno.EIO, "Input/output error")
        raise SourceUnavailable(Check.SOURCE_AVAILABLE, "cannot be read", remedy="-") from cause

    monkeypatch.setattr(DirectorySource, "publication", broken)
    with pytest.raises(SourceUnavailable):
        list(against_directory(authentic(), tmp_path, roots(), policy()))
