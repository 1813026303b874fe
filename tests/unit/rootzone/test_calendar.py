"""The calendar of a quarter, and whether the root zone keeps to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dns.dnssectypes import Algorithm

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyDigest, TrustAnchors, UnusableKeyDigest, Window
from anchors.core.root_facts import KNOWN_KEYS
from anchors.core.servers import ServerAnswer
from anchors.rootzone import skr
from anchors.rootzone.calendar import Slot, SlotKey, agreement, agrees, calendar, slot_at
from anchors.rootzone.rrset import Observation, answer_from_text, observe
from tests.lab import zone
from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.skr import BEGIN, SLOT, LabBundle, bundle, bundle_of, encode, quarter

OLD = ksk("old", Algorithm.ECDSAP256SHA256)
NEW = ksk("new", Algorithm.ECDSAP256SHA256)
STRANGER = ksk("stranger", Algorithm.ECDSAP256SHA256)
ZSK = zsk("zsk", Algorithm.ECDSAP256SHA256)
NEXT_ZSK = zsk("next", Algorithm.ECDSAP256SHA256)
SECOND = timedelta(seconds=1)
FOREVER = Window(datetime(2010, 1, 1, tzinfo=UTC), None)

# The old key signs, then the new one, then the old one is revoked and is gone in the end.
ROLL = quarter(
    [
        ([OLD, NEW, ZSK], [OLD]),
        ([OLD, NEW, ZSK], [NEW]),
        ([OLD, NEW, ZSK], [OLD, NEW]),
        ([OLD.revoked(), NEW, ZSK], [OLD.revoked(), NEW]),
        ([OLD.revoked(), NEW, ZSK], [NEW]),
        ([NEW, ZSK], [NEW]),
        ([NEW, ZSK], [NEW]),
        ([NEW, ZSK], [NEW]),
        ([NEW, ZSK, NEXT_ZSK], [NEW]),
    ]
)


def digest_of(key: LabKey, window: Window = FOREVER) -> KeyDigest:
    return KeyDigest(f"K{key.tag}", key.tag, key.algorithm, 2, key.digest, window)


def document_of(*keys: KeyDigest | UnusableKeyDigest) -> TrustAnchors:
    return TrustAnchors("id", "source", keys)


DOCUMENT = document_of(digest_of(OLD), digest_of(NEW))
REAL = document_of(
    *(
        KeyDigest(
            k.name,
            k.key_tag,
            k.algorithm,
            2,
            bytes.fromhex(k.digest),
            Window(k.valid_from, k.valid_until),
        )
        for k in KNOWN_KEYS
    )
)


def slots_of(bundles: list[LabBundle], document: TrustAnchors = DOCUMENT) -> tuple[Slot, ...]:
    return calendar(skr.read(encode(bundles)), document)


SLOTS = slots_of(ROLL)


def of_key(key: LabKey, *, signs: bool = False) -> SlotKey:
    """The row of a key that the document has."""
    unrevoked = replace(key, flags=257)
    return SlotKey(key.tag, digest_of(unrevoked), revoke=key != unrevoked, signs=signs)


def recorded(day: str) -> zone.Apex:
    (path,) = zone.FIXTURES.glob(f"{day}_*.rrset")
    return zone.recorded(path)


def served(apex: zone.Apex, at: datetime, address: str = "192.0.2.1") -> Observation:
    answer = answer_from_text(apex.text(), at)
    return observe(answer._replace(address=address, port=53, transport="udp"))


class TestCalendar:
    def test_a_roll_slot_by_slot(self) -> None:
        revoked = OLD.revoked()
        assert [slot.sep_keys for slot in SLOTS] == [
            (of_key(OLD, signs=True), of_key(NEW)),
            (of_key(OLD), of_key(NEW, signs=True)),
            (of_key(OLD, signs=True), of_key(NEW, signs=True)),
            (of_key(revoked, signs=True), of_key(NEW, signs=True)),
            (of_key(revoked), of_key(NEW, signs=True)),
            *[(of_key(NEW, signs=True),)] * 4,
        ]
        assert [slot.findings for slot in SLOTS] == [()] * 9

    def test_the_zone_signing_keys(self) -> None:
        assert [slot.other_tags for slot in SLOTS[:8]] == [(ZSK.tag,)] * 8
        assert SLOTS[8].other_tags == tuple(sorted([ZSK.tag, NEXT_ZSK.tag]))
        assert SLOTS[8].dnskeys == {key.dnskey for key in (NEW, ZSK, NEXT_ZSK)}

    def test_a_slot_ends_where_the_next_begins_and_the_last_with_the_quarter(self) -> None:
        assert [slot.begin for slot in SLOTS] == [BEGIN + n * SLOT for n in range(9)]
        assert [slot.end for slot in SLOTS[:8]] == [slot.begin for slot in SLOTS[1:]]
        assert SLOTS[8].end == datetime(2027, 1, 1, tzinfo=UTC)
        assert SLOTS[8].expiration == datetime(2027, 1, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("begin", "end"),
        [("2018-03-22", "2018-04-01"), ("2018-06-20", "2018-07-01"), ("2017-09-19", "2017-10-01")],
    )
    def test_the_last_slot_of_other_quarters(self, begin: str, end: str) -> None:
        one = bundle([OLD], [OLD], datetime.fromisoformat(f"{begin}T00:00:00Z"))
        (slot,) = slots_of([one])
        assert slot.end == datetime.fromisoformat(f"{end}T00:00:00Z")

    def test_a_gap_ends_a_slot_with_its_signatures(self) -> None:
        first, second = slots_of([ROLL[0], ROLL[6]])
        assert first.end == first.expiration < second.begin

    def test_slots_that_the_root_zone_really_had(self) -> None:
        days = ["2013-07-31", "2013-08-10", "2013-08-20"]
        slots = slots_of([bundle_of(recorded(day)) for day in days], REAL)
        assert [f"{slot.begin:%Y-%m-%d}" for slot in slots] == days
        assert [(k.key_tag, k.signs) for s in slots for k in s.sep_keys] == [(19036, True)] * 3
        assert [slot.findings for slot in slots] == [()] * 3

    def test_the_revocation_that_the_root_zone_really_had(self) -> None:
        days = ["2018-12-20", "2019-02-20"]
        before, after = slots_of([bundle_of(recorded(day)) for day in days], REAL)
        assert [k[:1] + k[2:] for k in before.sep_keys] == [
            (19036, False, False),
            (20326, False, True),
        ]
        assert [k[:1] + k[2:] for k in after.sep_keys] == [
            (19164, True, False),
            (20326, False, True),
        ]
        assert after.sep_keys[0].key == REAL.keys[0]
        assert (before.findings, after.findings) == ((), ())


class TestSignatures:
    def not_signed(self, one: LabBundle, document: TrustAnchors = DOCUMENT) -> Finding:
        """The finding that no current key signs the only slot."""
        (slot,) = slots_of([one], document)
        (finding,) = [f for f in slot.findings if f.check is Check.SKR_SIGNATURE]
        assert finding.severity is Severity.ALARM
        assert finding.message == (
            "no current key of the document signs the slot from 2026-10-01T00:00:00Z"
        )
        return finding

    def test_a_forged_signature(self) -> None:
        forged = replace(ROLL[0], apex=ROLL[0].apex.forged())
        finding = self.not_signed(forged)
        assert finding.got == f"RRSIGs by {OLD.tag} (2026-10-01 to 2026-10-22)"

    def test_one_forged_signature_in_a_quarter(self) -> None:
        forged = replace(ROLL[5], apex=ROLL[5].apex.forged())
        slots = slots_of([*ROLL[:5], forged, *ROLL[6:]])
        assert [slot.id for slot in slots if slot.findings] == ["bundle-2026-11-20"]
        assert slots[5].sep_keys == (of_key(NEW),)

    def test_a_key_that_was_put_in_afterwards(self) -> None:
        more = zone.signed([OLD, NEW, ZSK, NEXT_ZSK])
        self.not_signed(replace(ROLL[0], apex=replace(more, rrsigs=ROLL[0].apex.rrsigs)))

    def test_a_stranger_signs(self) -> None:
        one = bundle([OLD, STRANGER, ZSK], [STRANGER])
        self.not_signed(one)
        (slot,) = slots_of([one])
        (finding,) = [f for f in slot.findings if f.check is Check.SKR_UNKNOWN_SEP]
        assert (finding.severity, finding.got) == (Severity.ALARM, str(STRANGER.tag))
        assert slot.sep_keys == (
            of_key(OLD),
            SlotKey(STRANGER.tag, None, revoke=False, signs=False),
        )

    def test_a_stranger_that_is_not_even_in_the_rrset_signs(self) -> None:
        self.not_signed(bundle([OLD, ZSK], [STRANGER]))

    def test_the_zone_signing_key_signs(self) -> None:
        self.not_signed(bundle([OLD, ZSK], [ZSK]))

    def test_a_stranger_beside_a_key_of_the_document(self) -> None:
        (slot,) = slots_of([bundle([OLD, STRANGER.revoked()], [OLD, STRANGER.revoked()])])
        assert [finding.check for finding in slot.findings] == [Check.SKR_UNKNOWN_SEP]
        assert slot.sep_keys[1] == SlotKey(STRANGER.revoked().tag, None, revoke=True, signs=False)

    def test_a_tag_that_another_key_claims(self) -> None:
        one = ROLL[0]
        rrsigs = tuple(s.replace(key_tag=NEW.tag) for s in one.apex.rrsigs)
        self.not_signed(replace(one, apex=zone.Apex(one.apex.dnskeys, rrsigs)))  # type: ignore[arg-type]

    def test_only_the_revoked_key_signs(self) -> None:
        self.not_signed(bundle([OLD.revoked(), NEW], [OLD.revoked()]))

    def test_a_revoked_key_never_comes_back(self) -> None:
        plan = [([OLD.revoked(), NEW], [OLD.revoked(), NEW]), ([OLD, NEW], [OLD])]
        first, second = slots_of(quarter(plan))
        assert first.findings == ()
        assert [finding.check for finding in second.findings] == [Check.SKR_SIGNATURE]
        assert second.sep_keys[0].signs

    def test_the_key_must_be_current_when_the_slot_begins(self) -> None:
        until = document_of(digest_of(OLD, Window(FOREVER.valid_from, BEGIN)))
        self.not_signed(bundle([OLD], [OLD]), until)
        late = document_of(digest_of(OLD, Window(BEGIN + SECOND, None)))
        self.not_signed(bundle([OLD], [OLD]), late)
        just = document_of(digest_of(OLD, Window(BEGIN, BEGIN + SECOND)))
        (slot,) = slots_of([bundle([OLD], [OLD])], just)
        assert slot.findings == ()

    def test_an_unusable_key_does_not_count(self) -> None:
        fault = Finding(Check.KEY_TAG, Severity.WARNING, "its tag is wrong")
        unusable = UnusableKeyDigest(None, None, OLD.algorithm, 2, OLD.digest, FOREVER, fault)
        self.not_signed(bundle([OLD], [OLD]), document_of(unusable))


class TestSlotAt:
    @pytest.mark.parametrize(
        ("at", "index"),
        [
            (BEGIN, 0),
            (BEGIN + SLOT - SECOND, 0),
            (BEGIN + SLOT, 1),
            (BEGIN + 8 * SLOT, 8),
            (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), 8),
        ],
    )
    def test_inside(self, at: datetime, index: int) -> None:
        assert slot_at(SLOTS, at) == SLOTS[index]

    @pytest.mark.parametrize("at", [BEGIN - SECOND, datetime(2027, 1, 1, tzinfo=UTC)])
    def test_outside(self, at: datetime) -> None:
        assert slot_at(SLOTS, at) is None

    def test_in_a_gap(self) -> None:
        assert slot_at(slots_of([ROLL[0], ROLL[6]]), BEGIN + 3 * SLOT) is None


class TestAgreement:
    AT = BEGIN + 3 * SLOT + SECOND

    def test_the_same_rrset_in_another_order_with_another_ttl(self) -> None:
        again = zone.signed([ZSK, NEW, OLD.revoked()], [NEW, OLD.revoked()])
        again.dnskeys.ttl = 60
        assert agrees(SLOTS[3], served(again, self.AT))
        assert agreement(SLOTS, [served(again, self.AT)] * 3) == ()

    def test_the_same_keys_under_the_signature_of_another(self) -> None:
        """As in 2018: KSK-2017 was to sign, and went on waiting when the roll was put off."""
        (finding,) = agreement(SLOTS, [served(zone.signed([ZSK, NEW, OLD], [OLD]), BEGIN + SLOT)])
        assert (finding.check, finding.severity) == (Check.SKR_AGREEMENT, Severity.WARNING)
        assert finding.message == (
            "the root zone serves the keys that were signed in advance for this time, but other "
            "keys sign them"
        )
        assert finding.got == f"RRSIGs by {OLD.tag} (192.0.2.1)"
        assert finding.want == f"RRSIGs by {NEW.tag}"

    def test_what_the_root_zone_really_served(self) -> None:
        days = ["2026-09-09", "2026-09-19"]
        slots = slots_of([bundle_of(recorded(day)) for day in days], REAL)
        today = served(recorded("2026-09-19"), datetime(2026, 9, 30, 12, tzinfo=UTC))
        assert agreement(slots, [today]) == ()
        (finding,) = agreement(slots, [served(recorded("2026-09-09"), today.answer.observed_at)])
        assert finding.severity is Severity.ALARM

    @pytest.mark.parametrize(
        "keys",
        [
            [OLD, NEW, NEXT_ZSK],
            [OLD.revoked(), NEW],
            [OLD.revoked(), NEW, ZSK, NEXT_ZSK],
            [STRANGER],
        ],
    )
    def test_another_rrset(self, keys: list[LabKey]) -> None:
        other = served(zone.signed(keys, [NEW]), self.AT + SLOT)
        right = served(ROLL[4].apex, self.AT + SLOT, "192.0.2.2")
        assert not agrees(SLOTS[4], other)
        (finding,) = agreement(SLOTS, [right, other])
        assert (finding.check, finding.severity) == (Check.SKR_AGREEMENT, Severity.ALARM)
        assert finding.message == (
            "the root zone does not serve the RRset that was signed in advance for this time"
        )
        tags = " ".join(map(str, sorted(key.tag for key in keys)))
        assert finding.got == f"{tags} (192.0.2.1)"
        assert finding.want == " ".join(map(str, sorted([OLD.revoked().tag, NEW.tag, ZSK.tag])))

    def test_servers_that_differ_in_the_same_way_are_told_once(self) -> None:
        stale = [served(ROLL[0].apex, self.AT + SLOT, f"192.0.2.{n}") for n in (1, 2)]
        odd = served(zone.signed([NEW], [NEW]), self.AT + SLOT, "192.0.2.3")
        first, second = agreement(SLOTS, [*stale, odd])
        assert "(192.0.2.1, 192.0.2.2)" in (first.got or "")
        assert "(192.0.2.3)" in (second.got or "")

    def test_the_slot_before_is_a_little_late(self) -> None:
        (finding,) = agreement(SLOTS, [served(ROLL[2].apex, self.AT)])
        assert (finding.check, finding.severity) == (Check.SKR_AGREEMENT, Severity.WARNING)
        assert finding.message == (
            "the root zone still serves the RRset that was signed for an earlier slot"
        )
        assert finding.got == "that from 2026-10-21T00:00:00Z (192.0.2.1)"
        assert finding.want == "that from 2026-10-31T00:00:00Z"

    def test_a_slot_whose_signatures_ended_is_not_late_but_wrong(self) -> None:
        at = BEGIN + 6 * SLOT
        (finding,) = agreement(SLOTS, [served(ROLL[2].apex, at)])
        assert finding.severity is Severity.ALARM

    def test_a_slot_of_the_future_is_wrong(self) -> None:
        (finding,) = agreement(SLOTS, [served(ROLL[5].apex, self.AT)])
        assert finding.severity is Severity.ALARM

    @pytest.mark.parametrize("at", [BEGIN - SECOND, datetime(2035, 1, 1, tzinfo=UTC)])
    def test_another_quarter(self, at: datetime) -> None:
        (finding,) = agreement(SLOTS, [served(ROLL[0].apex, at)] * 2)
        assert (finding.check, finding.severity) == (Check.SKR_AGREEMENT, Severity.WARNING)
        assert finding.message == (
            "the signed key response has no slot for the time of the answers"
        )
        assert finding.got == "2026-10-01T00:00:00Z to 2027-01-01T00:00:00Z"

    def test_silence_says_nothing(self) -> None:
        silent = observe(ServerAnswer("192.0.2.1", 53, "udp", self.AT, None, "timeout"))
        assert agreement(SLOTS, [silent]) == agreement(SLOTS, []) == ()
