"""Document and root zone held against each other: states, emission, verdicts and alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from dns.dnssectypes import Algorithm

from anchors.core.checks import Check
from anchors.core.errors import NothingValid, RootZoneRefused, RootZoneSilent
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyState, label
from anchors.core.records import key_tag
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.evidence import KeyEvidence
from anchors.rootzone.rrset import Observation
from tests.lab import zone
from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.zone import Apex, signed
from tests.simulator.document import CURRENT, Document
from tests.simulator.times import AT
from tests.unit.stages import checked, entry_of, failed, observed

OLD = ksk("old", Algorithm.ECDSAP256SHA256)
NEW = ksk("new", Algorithm.ECDSAP256SHA256)
THIRD = ksk("third", Algorithm.ECDSAP256SHA256)
ZSK = zsk(algorithm=Algorithm.ECDSAP256SHA256)

PAST = "2020-01-01T00:00:00Z"
BEFORE = "2026-10-04T11:59:59Z"
NOW = "2026-10-04T12:00:00Z"
LATER = "2030-01-01T00:00:00Z"

HONEST = signed([OLD, NEW, ZSK], by=[OLD])


def document(*keys: LabKey) -> Document:
    return Document(entries=[entry_of(key, valid_from=PAST) for key in keys])


BOTH = document(OLD, NEW)


def against(*apexes: Apex, doc: Document = BOTH, **knobs: object) -> CrossCheck:
    observations = [observed(apex, f"192.0.2.{n}") for n, apex in enumerate(apexes, 1)]
    return checked(doc, observations, **knobs)


def emitted(result: CrossCheck) -> list[int]:
    return [anchor.key.key_tag for anchor in result.anchors.anchors]


def row_of(result: CrossCheck, key: LabKey) -> KeyEvidence:
    (row,) = [row for row in result.keys if row.entry.digest == key.digest]
    return row


def findings(result: CrossCheck, severity: Severity) -> dict[Check, Finding]:
    return {f.check: f for f in result.findings if f.severity is severity}


def tags_of(apex: Apex) -> str:
    return " ".join(map(str, sorted(key_tag(key) for key in apex.dnskeys)))


def alarms(result: CrossCheck) -> dict[Check, Finding]:
    return findings(result, Severity.ALARM)


def warnings_of(result: CrossCheck) -> dict[Check, Finding]:
    return findings(result, Severity.WARNING)


class TestStates:
    def test_published_and_signing_are_told_per_key(self) -> None:
        result = against(HONEST)
        assert row_of(result, OLD)[1:6] == (KeyState.CURRENT, True, True, True, None)
        assert row_of(result, NEW)[1:6] == (KeyState.CURRENT, True, False, True, None)
        assert emitted(result) == sorted([OLD.tag, NEW.tag])
        assert (result.refusal, result.findings, result.in_agreement) == (None, (), True)

    def test_a_key_that_is_not_in_dns_yet_is_normal(self) -> None:
        result = against(signed([OLD, ZSK], by=[OLD]))
        assert row_of(result, NEW)[1:6] == (KeyState.CURRENT, False, False, True, None)
        assert result.findings == ()

    def test_without_dns_nothing_is_known_of_a_key(self) -> None:
        result = checked(BOTH, None)
        for row in result.keys:
            assert (row.published, row.signing, row.usable) == (None, None, True)
        assert not result.in_agreement
        assert result.servers == ()
        (finding,) = result.findings
        assert (finding.check, finding.severity) == (Check.ROOTZONE_NOT_CHECKED, Severity.NOTICE)
        assert "NOT CHECKED" in finding.message

    @pytest.mark.parametrize(
        ("valid_from", "valid_until", "state", "why"),
        [
            (NOW, None, KeyState.CURRENT, None),
            (PAST, LATER, KeyState.CURRENT, None),
            (LATER, None, KeyState.FUTURE, "not valid before 2030-01-01"),
            ("2026-10-04T12:00:01Z", None, KeyState.FUTURE, "not valid before 2026-10-04"),
            (PAST, BEFORE, KeyState.EXPIRED, "expired on 2026-10-04"),
            (PAST, NOW, KeyState.EXPIRED, "expired on 2026-10-04"),
        ],
    )
    def test_the_window_decides(
        self, valid_from: str, valid_until: str | None, state: KeyState, why: str | None
    ) -> None:
        new = entry_of(NEW, valid_from=valid_from, valid_until=valid_until)
        result = against(HONEST, doc=Document(entries=[entry_of(OLD, valid_from=PAST), new]))
        row = row_of(result, NEW)
        assert (row.state, row.why, row.usable) == (state, why, state is KeyState.CURRENT)
        # DNS is told of every key, whatever its time.
        assert (row.published, row.signing) == (True, False)

    def test_a_future_key_is_emitted_where_it_was_asked_for(self) -> None:
        doc = Document(entries=[entry_of(OLD, valid_from=PAST), entry_of(NEW, valid_from=LATER)])
        result = against(HONEST, doc=doc, include_future=True)
        assert [a.state for a in result.anchors.anchors] == [KeyState.CURRENT, KeyState.FUTURE]
        assert row_of(result, NEW).state is KeyState.FUTURE

    def test_an_unusable_key_says_why(self) -> None:
        entries = [entry_of(OLD, valid_from=PAST), entry_of(NEW.revoked(), valid_from=PAST)]
        bad = replace(entries[1], flags="385")
        result = checked(Document(entries=[entries[0], bad]), None)
        row = result.keys[1]
        assert (row.state, row.usable, row.published) == (KeyState.UNUSABLE, False, None)
        fault = "its flags are not those of an active key-signing key"
        assert row.why == f"key {NEW.tag} is unusable: {fault}"

    def test_of_an_unusable_key_dns_is_told_by_its_digest(self) -> None:
        bad = replace(entry_of(OLD, valid_from=PAST), key_tag="1")
        unread = replace(entry_of(THIRD, valid_from=PAST), digest="x")
        doc = Document(entries=[bad, unread, entry_of(NEW, valid_from=PAST)])
        rows = against(signed([OLD, NEW], by=[OLD, NEW]), doc=doc).keys
        states = [(row.state, row.published, row.signing) for row in rows]
        assert states[:2] == [(KeyState.UNUSABLE, True, True), (KeyState.UNUSABLE, None, None)]

    def test_the_documents_order_is_kept_and_the_sets_is_its_own(self) -> None:
        result = checked(document(NEW, OLD), None)
        assert [row.entry.key_tag for row in result.keys] == [NEW.tag, OLD.tag]
        assert emitted(result) == sorted([OLD.tag, NEW.tag])

    def test_a_key_by_its_digest_alone(self) -> None:
        doc = Document(entries=[entry_of(OLD, valid_from=PAST).by_digest_only()])
        result = against(signed([OLD], by=[OLD]), doc=doc)
        assert row_of(result, OLD)[1:6] == (KeyState.CURRENT, True, True, True, None)


class TestRevocation:
    def test_a_key_that_signs_its_own_revocation_is_revoked(self) -> None:
        result = against(signed([OLD.revoked(), NEW], by=[OLD.revoked(), NEW]))
        row = row_of(result, OLD)
        assert (row.state, row.usable) == (KeyState.REVOKED, False)
        assert row.why == "revoked in the root zone"
        assert emitted(result) == [NEW.tag]
        assert Check.ROOTZONE_REVOKED in warnings_of(result)

    def test_revoke_that_the_key_does_not_sign_revokes_nothing(self) -> None:
        result = against(signed([OLD.revoked(), NEW], by=[NEW]))
        assert row_of(result, OLD).state is KeyState.CURRENT
        assert emitted(result) == sorted([OLD.tag, NEW.tag])
        assert set(warnings_of(result)) == {Check.ROOTZONE_REVOKE_UNSIGNED}

    def test_one_server_is_enough_to_revoke(self) -> None:
        result = against(HONEST, signed([OLD.revoked(), NEW], by=[OLD.revoked(), NEW]))
        assert row_of(result, OLD).state is KeyState.REVOKED
        assert emitted(result) == [NEW.tag]
        # What the revoked key alone signs no longer counts.
        assert [server.outcome for server in result.servers] == ["untrusted", "verified"]

    def test_a_key_whose_time_would_end_later_says_that_it_is_revoked(self) -> None:
        old = entry_of(OLD, valid_from=PAST, valid_until=LATER)
        doc = Document(entries=[old, entry_of(NEW, valid_from=PAST)])
        result = against(signed([OLD.revoked(), NEW], by=[OLD.revoked(), NEW]), doc=doc)
        assert row_of(result, OLD).why == "revoked in the root zone"

    def test_every_revoked_key_is_told_whatever_stands_before_it(self) -> None:
        bad = replace(entry_of(THIRD, valid_from=PAST), key_tag="1")
        doc = Document(entries=[bad, *BOTH.entries])
        revoked = OLD.revoked(), NEW.revoked()
        result = against(signed([*revoked], by=revoked), doc=doc)
        assert [f.check for f in result.findings] == [Check.ROOTZONE_REVOKED] * 2
        tags = [row.revoked_tags for row in result.keys]
        assert tags == [(), (revoked[0].tag,), (revoked[1].tag,)]

    def test_the_revoked_key_does_not_vouch_for_the_rest(self) -> None:
        result = against(signed([OLD.revoked(), NEW], by=[OLD.revoked()]))
        assert isinstance(result.refusal, RootZoneRefused)
        assert emitted(result) == []

    def test_the_only_key_is_revoked(self) -> None:
        result = against(signed([OLD.revoked()], by=[OLD.revoked()]), doc=document(OLD))
        assert isinstance(result.refusal, NothingValid)
        assert result.refusal.got == "1 revoked"
        assert emitted(result) == []

    def test_a_future_key_that_is_revoked_is_not_emitted_either(self) -> None:
        doc = Document(entries=[entry_of(OLD, valid_from=PAST), entry_of(NEW, valid_from=LATER)])
        apex = signed([OLD, NEW.revoked()], by=[OLD, NEW.revoked()])
        assert emitted(against(apex, doc=doc, include_future=True)) == [OLD.tag]


class TestNothingValid:
    @pytest.mark.parametrize(
        ("windows", "got"),
        [
            ([(PAST, BEFORE)], "1 expired"),
            ([(LATER, None)], "1 future"),
            ([(PAST, NOW), (LATER, None)], "1 expired, 1 future"),
        ],
    )
    @pytest.mark.parametrize("include_future", [False, True])
    def test_no_key_is_current(
        self, windows: Sequence[tuple[str, str | None]], got: str, *, include_future: bool
    ) -> None:
        keys = (OLD, NEW)
        entries = [
            entry_of(key, valid_from=begin, valid_until=end)
            for key, (begin, end) in zip(keys, windows, strict=False)
        ]
        result = checked(Document(entries=entries), None, include_future=include_future)
        assert isinstance(result.refusal, NothingValid)
        assert (result.refusal.check, result.refusal.got) == (Check.KEY_NONE_VALID, got)
        assert result.anchors.anchors == ()
        assert not any(row.usable for row in result.keys)

    def test_only_unusable_keys(self) -> None:
        bad = replace(entry_of(OLD, valid_from=PAST), key_tag="1")
        result = checked(Document(entries=[bad]), None)
        assert isinstance(result.refusal, NothingValid)
        assert result.refusal.got == "1 unusable"

    def test_it_comes_before_whatever_dns_says(self) -> None:
        doc = Document(entries=[entry_of(OLD, valid_from=PAST, valid_until=BEFORE)])
        assert isinstance(checked(doc, [failed("timeout")]).refusal, NothingValid)


class TestVerdict:
    def test_one_verified_server_is_enough(self) -> None:
        result = checked(BOTH, [failed("timeout"), observed(HONEST), observed(HONEST.stripped())])
        assert result.refusal is None
        assert [s.outcome for s in result.servers] == ["timeout", "verified", "unsigned"]

    @pytest.mark.parametrize(
        "apex",
        [
            pytest.param(signed([THIRD], by=[THIRD]), id="other keys"),
            pytest.param(signed([OLD, NEW, ZSK], by=[ZSK]), id="signed by the ZSK"),
            pytest.param(HONEST.forged(), id="a forged signature"),
            pytest.param(signed([NEW], by=[OLD]), id="signed by a key that is not in it"),
            pytest.param(
                signed([OLD], by=[OLD], expiration=AT - timedelta(seconds=1)), id="expired"
            ),
            pytest.param(signed([OLD], by=[OLD], inception=AT + timedelta(seconds=1)), id="early"),
        ],
    )
    def test_only_rrsets_that_no_current_key_signs_are_refused(self, apex: Apex) -> None:
        result = against(apex)
        assert isinstance(result.refusal, RootZoneRefused)
        assert result.refusal.check is Check.ROOTZONE_SIGNATURE
        assert "1 untrusted" in (result.refusal.got or "")
        assert result.anchors.anchors == ()
        assert [server.outcome for server in result.servers] == ["untrusted"]
        assert not any(row.usable for row in result.keys)

    def test_what_a_refused_run_does_not_emit_says_so(self) -> None:
        ended = entry_of(NEW, valid_from=PAST, valid_until=BEFORE)
        doc = Document(entries=[entry_of(OLD, valid_from=PAST), ended])
        result = against(HONEST.forged(), doc=doc)
        whys = [row.why for row in result.keys]
        assert whys == ["the run was refused", "expired on 2026-10-04"]

    def test_the_first_four_signatures_of_each_server_are_told(self) -> None:
        signers = [ksk(f"signer {number}", Algorithm.ECDSAP256SHA256) for number in range(5)]
        refusal = against(signed([OLD], by=signers), signed([OLD], by=[ZSK])).refusal
        assert refusal is not None
        told = [f"{key.tag} (2026-10-01 to 2026-10-22)" for key in [*signers[:4], ZSK]]
        assert refusal.got == f"2 untrusted; RRSIGs by {', '.join(told)}"

    def test_a_lie_beside_silence_is_refused(self) -> None:
        lie = observed(signed([THIRD], by=[THIRD]))
        result = checked(BOTH, [failed("timeout"), lie, failed("refused")])
        assert isinstance(result.refusal, RootZoneRefused)
        assert "1 refused, 1 timeout, 1 untrusted" in (result.refusal.got or "")

    @pytest.mark.parametrize(
        ("observations", "got"),
        [
            ([], "no answer"),
            ([failed("timeout")], "1 timeout"),
            ([failed("timeout"), failed("refused"), failed("timeout")], "1 refused, 2 timeout"),
            ([observed(HONEST.stripped())], "1 unsigned"),
            ([observed(HONEST.stripped()), failed("servfail")], "1 servfail, 1 unsigned"),
            ([failed("nxdomain")], "1 nxdomain"),
        ],
    )
    def test_silence_decides_nothing(self, observations: list[Observation], got: str) -> None:
        result = checked(BOTH, observations)
        assert isinstance(result.refusal, RootZoneSilent)
        assert (result.refusal.check, result.refusal.got) == (Check.ROOTZONE_ANSWERS, got)
        assert result.anchors.anchors == ()

    def test_a_key_whose_time_ended_does_not_vouch(self) -> None:
        doc = Document(
            entries=[
                entry_of(OLD, valid_from=PAST, valid_until=BEFORE),
                entry_of(NEW, valid_from=PAST),
            ]
        )
        assert isinstance(against(HONEST, doc=doc).refusal, RootZoneRefused)

    def test_a_key_whose_time_has_not_come_does_not_vouch(self) -> None:
        doc = Document(entries=[entry_of(OLD, valid_from=LATER), entry_of(NEW, valid_from=PAST)])
        result = against(HONEST, doc=doc, include_future=True)
        assert isinstance(result.refusal, RootZoneRefused)

    def test_an_unusable_key_does_not_vouch(self) -> None:
        bad = replace(entry_of(OLD, valid_from=PAST), key_tag="1")
        result = against(HONEST, doc=Document(entries=[bad, entry_of(NEW, valid_from=PAST)]))
        assert isinstance(result.refusal, RootZoneRefused)

    def test_a_recording_is_judged_as_of_its_own_time(self) -> None:
        at = AT + timedelta(days=365)
        result = checked(BOTH, [observed(HONEST)], at=at)
        assert result.refusal is None
        assert result.servers[0].answer.observed_at == AT

    def test_the_real_recording_under_the_real_document(self) -> None:
        result = against(zone.recorded(), doc=Document())
        assert [row.state for row in result.keys] == ["expired", "current", "current"]
        assert [row.published for row in result.keys] == [False, True, True]
        assert [row.signing for row in result.keys] == [False, True, False]
        assert emitted(result) == [20326, 38696]
        assert result.servers[0].signed_by == (20326,)
        assert result.findings == ()


class TestInAdvance:
    def test_what_was_signed_in_advance_is_no_agreement(self) -> None:
        ahead = observed(HONEST)
        ahead = ahead._replace(answer=ahead.answer._replace(transport="skr"))
        result = checked(BOTH, [ahead])
        assert (result.refusal, result.in_agreement) == (None, False)
        (finding,) = result.findings
        assert (finding.check, finding.got) == (
            Check.ROOTZONE_NOT_CHECKED,
            "the RRset signed in advance",
        )


class TestAlarms:
    def test_a_liar_among_honest_servers(self) -> None:
        lie = signed([THIRD, ZSK], by=[THIRD])
        result = against(HONEST, lie, HONEST)
        assert result.refusal is None
        finding = alarms(result)[Check.ROOTZONE_SERVER]
        assert finding.got == f"192.0.2.2: untrusted {tags_of(lie)}"
        assert finding.want == f"the RRset of the other servers: {tags_of(HONEST)}"
        # Its keys are not held against IANA: anybody can make some.
        assert set(alarms(result)) == {Check.ROOTZONE_SERVER}
        assert row_of(result, OLD).published is True

    def test_what_is_told_of_several_liars(self) -> None:
        denials = [failed("nxdomain", "192.0.2.2"), failed("no-dnskey", "192.0.2.3")]
        bare = observed(HONEST.stripped(), "192.0.2.4")
        result = checked(BOTH, [observed(HONEST), *denials, bare])
        assert alarms(result)[Check.ROOTZONE_SERVER].got == (
            f"192.0.2.2: nxdomain; 192.0.2.3: no-dnskey; 192.0.2.4: unsigned {tags_of(HONEST)}"
        )
        # They did answer.
        assert warnings_of(result) == {}

    def test_a_stripped_answer_among_honest_ones(self) -> None:
        assert set(alarms(against(HONEST, HONEST.stripped()))) == {Check.ROOTZONE_SERVER}

    def test_servers_that_disagree(self) -> None:
        result = against(HONEST, signed([OLD], by=[OLD]), HONEST)
        assert result.refusal is None
        finding = alarms(result)[Check.ROOTZONE_AGREEMENT]
        assert "2 different DNSKEY RRsets" in finding.message
        assert finding.got == (
            f"{tags_of(HONEST)} from 192.0.2.1, 192.0.2.3; {OLD.tag} from 192.0.2.2"
        )

    def test_another_signature_over_the_same_keys_is_no_disagreement(self) -> None:
        other = signed([OLD, NEW, ZSK], by=[NEW])
        assert alarms(against(HONEST, other)) == {}

    def test_a_key_that_iana_does_not_publish(self) -> None:
        fourth = ksk("fourth", Algorithm.ECDSAP256SHA256)
        result = against(signed([OLD, NEW, THIRD], by=[OLD]), signed([OLD, fourth], by=[OLD]))
        assert result.refusal is None
        unknown = ", ".join(map(str, sorted([THIRD.tag, fourth.tag])))
        assert alarms(result)[Check.ROOTZONE_UNKNOWN_SEP].got == unknown

    def test_a_zsk_is_nobodys_business(self) -> None:
        assert against(signed([OLD, NEW, ZSK], by=[OLD])).findings == ()

    def test_a_known_key_that_is_revoked_is_not_unknown(self) -> None:
        result = against(signed([OLD, NEW.revoked()], by=[OLD, NEW.revoked()]))
        assert Check.ROOTZONE_UNKNOWN_SEP not in alarms(result)

    def test_a_key_of_the_document_that_is_unusable_is_not_unknown(self) -> None:
        bad = replace(entry_of(NEW, valid_from=PAST), key_tag="1")
        result = against(HONEST, doc=Document(entries=[entry_of(OLD, valid_from=PAST), bad]))
        assert alarms(result) == {}


class TestSilence:
    def test_servers_without_an_answer_are_a_warning(self) -> None:
        result = checked(
            BOTH,
            [
                observed(HONEST, "192.0.2.1"),
                failed("timeout", "192.0.2.2"),
                failed("refused", "192.0.2.3"),
                failed("timeout", "192.0.2.4"),
            ],
        )
        finding = warnings_of(result)[Check.ROOTZONE_SILENT]
        assert finding.message == "3 of 4 servers did not give a usable answer"
        assert finding.got == "1 refused, 2 timeout (192.0.2.2, 192.0.2.3, 192.0.2.4)"
        assert finding.remedy == "usually nothing needs to be done: one verified answer is enough"
        assert result.refusal is None

    def test_silence_alone_has_another_remedy(self) -> None:
        finding = warnings_of(checked(BOTH, [failed("timeout")]))[Check.ROOTZONE_SILENT]
        assert finding.remedy == (
            "check the network path to these servers, or choose others with --server"
        )

    def test_a_network_without_ipv6_is_a_notice(self) -> None:
        observations = [
            observed(HONEST, "192.0.2.1"),
            failed("unreachable", "2001:db8::1"),
            failed("unreachable", "2001:db8::2"),
        ]
        (finding,) = checked(BOTH, observations).findings
        assert (finding.check, finding.severity) == (Check.ROOTZONE_SILENT, Severity.NOTICE)
        assert finding.message.startswith("this machine has no IPv6: 2 addresses")

    def test_ipv6_that_works_in_part_is_a_warning(self) -> None:
        observations = [
            observed(HONEST, "192.0.2.1"),
            observed(HONEST, "2001:db8::1"),
            failed("unreachable", "2001:db8::2"),
        ]
        result = checked(BOTH, observations)
        assert set(warnings_of(result)) == {Check.ROOTZONE_SILENT}

    def test_ipv6_that_times_out_is_a_warning(self) -> None:
        result = checked(BOTH, [observed(HONEST), failed("timeout", "2001:db8::2")])
        assert set(warnings_of(result)) == {Check.ROOTZONE_SILENT}

    def test_nothing_but_ipv6_was_asked_and_does_not_work(self) -> None:
        result = checked(BOTH, [failed("unreachable", "2001:db8::1")])
        assert set(warnings_of(result)) == {Check.ROOTZONE_SILENT}
        assert isinstance(result.refusal, RootZoneSilent)

    def test_ipv4_failures_are_told_beside_the_notice(self) -> None:
        observations = [
            observed(HONEST, "192.0.2.1"),
            failed("timeout", "192.0.2.2"),
            failed("unreachable", "2001:db8::1"),
            failed("unreachable", "2001:db8::2"),
        ]
        severities = [finding.severity for finding in checked(BOTH, observations).findings]
        assert severities == [Severity.NOTICE, Severity.WARNING]


class TestLabel:
    @pytest.mark.parametrize(("number", "name"), [(0, "KSK-2017 (20326)"), (1, "KSK-2024 (38696)")])
    def test_a_key_of_the_root_has_its_name(self, number: int, name: str) -> None:
        (row,) = checked(Document(entries=[CURRENT[number]]), None).keys
        assert label(row.entry) == name

    def test_another_has_its_tag(self) -> None:
        assert label(checked(document(OLD), None).keys[0].entry) == f"key {OLD.tag}"

    def test_a_key_whose_tag_cannot_be_read(self) -> None:
        bad = replace(CURRENT[0], key_tag="x")
        other = replace(entry_of(OLD), key_tag="x")
        rows = checked(Document(entries=[bad, other]), None).keys
        assert [label(row.entry) for row in rows] == ["KSK-2017 (?)", "key ?"]
