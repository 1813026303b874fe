"""What one answer says, and which key signs it: each by itself."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from dns.dnssectypes import Algorithm
from dns.exception import ValidationFailure
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyDigest, TrustAnchors, UnusableKeyDigest, Window
from anchors.core.servers import ServerAnswer
from anchors.rootzone.rrset import Evidence, Observation, answer_from_text, judge, observe
from tests.lab import zone
from tests.lab.keys import LabKey, ksk, zsk

AT = datetime(2026, 10, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OLD = ksk("old", Algorithm.ECDSAP256SHA256)
NEW = ksk("new", Algorithm.ECDSAP256SHA256)
THIRD = ksk("third", Algorithm.ECDSAP256SHA256)
APEX = zone.signed([OLD, NEW], by=[OLD])
KSK_2010 = "49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5"
KSK_2017 = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
ODD_PUBLIC_KEYS = [
    b"",
    b"\x00",
    b"\x00\x00",
    b"\x01",
    b"\xff\x01",
    b"\x01\x00\x00",
    b"\x01\x03",
    b"\x01\x03\x05",
    bytes(32),
    bytes(64),
    bytes(300),
    b"\xff" * 32,
    b"\xff" * 57,
    b"\xff" * 64,
    b"\xff" * 96,
]
QUERY = dns.message.make_query(".", "DNSKEY", want_dnssec=True)


def sent(message: dns.message.Message) -> ServerAnswer:
    """The message as a server's answer."""
    return ServerAnswer("192.0.2.1", 53, "udp", AT, message.to_wire(max_size=0xFFFF))


def response(rrsets: Sequence[dns.rrset.RRset]) -> dns.message.Message:
    message = dns.message.make_response(QUERY)
    message.answer.extend(rrsets)
    return message


def observed(apex: zone.Apex, at: datetime = AT) -> Observation:
    wire = response(apex.rrsets).to_wire(max_size=0xFFFF)
    return observe(ServerAnswer("192.0.2.1", 53, "udp", at, wire))


def digest_of(key: LabKey) -> KeyDigest:
    """The KeyDigest of a key."""
    window = Window(datetime(2024, 1, 1, tzinfo=UTC), None)
    return KeyDigest(f"K{key.tag}", key.tag, key.algorithm, 2, key.digest, window)


def document_of(*keys: LabKey) -> TrustAnchors:
    """A document that publishes these keys."""
    return TrustAnchors("id", "source", tuple(digest_of(key) for key in keys))


def judged(apex: zone.Apex, *keys: LabKey, at: datetime = AT) -> Evidence:
    """The apex held against a document of these keys."""
    (evidence,) = judge([observed(apex, at)], document_of(*keys))
    return evidence


def digests(*keys: LabKey) -> frozenset[KeyDigest]:
    return frozenset(digest_of(key) for key in keys)


class TestObserve:
    def test_a_signed_rrset(self) -> None:
        observation = observed(APEX)
        assert observation.failure is None
        assert set(observation.keys) == {OLD.dnskey, NEW.dnskey}
        assert observation.signatures == APEX.rrsigs

    def test_an_unsigned_rrset(self) -> None:
        observation = observed(APEX.stripped())
        assert observation.failure is None
        assert len(observation.keys) == 2
        assert observation.signatures == ()

    def test_the_recorded_answer(self) -> None:
        observation = observed(zone.recorded())
        assert len(observation.keys) == 4
        assert [signature.key_tag for signature in observation.signatures] == [20326]

    @pytest.mark.parametrize("failure", ["timeout", "unreachable"])
    def test_no_answer(self, failure: str) -> None:
        observation = observe(ServerAnswer("192.0.2.1", 53, "udp", AT, None, failure))
        assert (observation.failure, observation.keys) == (failure, ())

    @pytest.mark.parametrize(
        ("code", "word"),
        [
            (dns.rcode.REFUSED, "refused"),
            (dns.rcode.NXDOMAIN, "nxdomain"),
            (dns.rcode.SERVFAIL, "servfail"),
        ],
    )
    def test_an_error_even_with_records(self, code: dns.rcode.Rcode, word: str) -> None:
        message = response(APEX.rrsets)
        message.set_rcode(code)
        observation = observe(sent(message))
        assert (observation.failure, observation.keys) == (word, ())

    def test_an_empty_answer(self) -> None:
        assert observe(sent(response([]))).failure == "no-dnskey"

    def test_signatures_without_keys(self) -> None:
        assert observe(sent(response(APEX.rrsets[1:]))).failure == "no-dnskey"

    def test_a_truncated_answer(self) -> None:
        message = response([APEX.dnskeys])
        message.flags |= dns.flags.TC
        assert observe(sent(message)).failure == "truncated"

    def test_a_query_is_no_answer(self) -> None:
        message = response(APEX.rrsets)
        message.flags &= ~dns.flags.QR
        assert observe(sent(message)).failure == "malformed"

    @pytest.mark.parametrize("question", [("example.", "DNSKEY"), (".", "DS"), (".", "ANY")])
    def test_the_answer_to_another_question(self, question: tuple[str, str]) -> None:
        message = dns.message.make_response(dns.message.make_query(*question))
        message.answer.extend(APEX.rrsets)
        observation = observe(sent(message))
        assert (observation.failure, observation.keys) == ("malformed", ())

    def test_an_answer_without_question(self) -> None:
        message = response(APEX.rrsets)
        message.question = []
        assert observe(sent(message)).failure == "malformed"

    @pytest.mark.parametrize("section", ["authority", "additional"])
    def test_records_outside_the_answer_section(self, section: str) -> None:
        message = response([])
        getattr(message, section).extend(APEX.rrsets)
        assert observe(sent(message)).failure == "no-dnskey"

    def test_records_of_another_owner_and_class(self) -> None:
        other = dns.rrset.from_rdata_list(dns.name.from_text("example."), 1, list(APEX.dnskeys))
        message = response([other])
        assert observe(sent(message)).failure == "no-dnskey"

    def test_signatures_over_other_types_are_left_out(self) -> None:
        ns = APEX.rrsigs[0].replace(type_covered=dns.rdatatype.NS)
        message = response([*APEX.rrsets, dns.rrset.from_rdata(dns.name.root, 1, ns)])
        assert observe(sent(message)).signatures == APEX.rrsigs

    @pytest.mark.parametrize("cut", [0, 11, 12, 40, -1])
    def test_a_message_that_ends_too_early(self, cut: int) -> None:
        answer = sent(response(APEX.rrsets))
        assert answer.wire is not None
        observation = observe(answer._replace(wire=answer.wire[:cut]))
        assert (observation.failure, observation.keys) == ("malformed", ())

    @pytest.mark.parametrize(("count", "failure"), [(32, None), (33, "malformed")])
    @pytest.mark.parametrize("what", ["keys", "signatures"])
    def test_a_flood(self, what: str, count: int, failure: str | None) -> None:
        keys = [_dnskey(256, 13, number.to_bytes(64)) for number in range(count)]
        bogus = [APEX.rrsigs[0].replace(signature=number.to_bytes(64)) for number in range(count)]
        many = dns.rrset.from_rdata_list(dns.name.root, 1, keys if what == "keys" else bogus)
        message = response([many] if what == "keys" else [APEX.dnskeys, many])
        observation = observe(sent(message))
        assert observation.failure == failure
        assert len(getattr(observation, what)) == (0 if failure else count)

    def test_the_days_of_a_signature_are_those_of_utc(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as changed:
            changed.setenv("TZ", "XXX+12")
            time.tzset()
            signed = observed(APEX).signed
        time.tzset()
        assert signed == (f"{OLD.tag} (2026-10-01 to 2026-10-22)",)

    def test_order_does_not_matter_to_the_content(self) -> None:
        backwards = zone.Apex(
            dns.rrset.from_rdata_list(dns.name.root, 1, [NEW.dnskey, OLD.dnskey]), APEX.rrsigs
        )
        assert observed(backwards).content == observed(APEX).content
        assert observed(APEX.forged()).content != observed(APEX).content

    @settings(deadline=None, derandomize=True)
    @given(st.data())
    def test_no_wire_is_too_odd(self, data: st.DataObject) -> None:
        wire = bytearray(response(APEX.rrsets).to_wire())
        changes = st.tuples(st.integers(0, len(wire) - 1), st.integers(0, 255))
        for position, byte in data.draw(st.lists(changes, max_size=4)):
            wire[position] = byte
        cut = data.draw(st.integers(0, len(wire)))
        observation = observe(ServerAnswer("192.0.2.1", 53, "udp", AT, bytes(wire[:cut])))
        judge([observation], document_of(OLD, NEW))
        assert (observation.failure is None) == bool(observation.keys)


class TestSigning:
    @pytest.mark.parametrize(
        "algorithm", [Algorithm.RSASHA256, Algorithm.ECDSAP256SHA256, Algorithm.ED25519]
    )
    def test_the_key_that_signs(self, algorithm: Algorithm) -> None:
        key, other = ksk("old", algorithm), ksk("new", algorithm)
        evidence = judged(zone.signed([key, other, zsk()], by=[key]), key, other)
        assert evidence.published == digests(key, other)
        assert evidence.signing == digests(key)
        assert evidence.key_tags == tuple(sorted([key.tag, other.tag, zsk().tag]))

    def test_each_key_is_tried_alone(self) -> None:
        assert judged(zone.signed([OLD, NEW], by=[OLD, NEW]), OLD, NEW).signing == digests(OLD, NEW)
        half = zone.signed([OLD, NEW], by=[OLD]).forged().and_signed_by(NEW)
        assert judged(half, OLD, NEW).signing == digests(NEW)

    def test_a_good_signature_beside_a_bad_one_of_the_same_key(self) -> None:
        apex = APEX.forged().and_signed_by(OLD)
        assert len(apex.rrsigs) == 2
        assert judged(apex, OLD).signing == digests(OLD)

    @pytest.mark.parametrize(
        ("at", "holds"),
        [
            (zone.INCEPTION - SECOND, False),
            (zone.INCEPTION, True),
            (zone.EXPIRATION, True),
            (zone.EXPIRATION + SECOND, False),
        ],
    )
    def test_the_times_of_the_signature(self, at: datetime, holds: bool) -> None:
        assert judged(APEX, OLD, at=at).signing == (digests(OLD) if holds else digests())

    def test_no_good_signature(self) -> None:
        assert judged(APEX.stripped(), OLD).signing == digests()
        assert judged(APEX.forged(), OLD).signing == digests()

    def test_a_key_put_into_the_signed_rrset(self) -> None:
        more = dns.rrset.from_rdata_list(dns.name.root, 1, [*APEX.dnskeys, THIRD.dnskey])
        assert judged(zone.Apex(more, APEX.rrsigs), OLD).signing == digests()

    def test_a_key_taken_out_of_the_signed_rrset(self) -> None:
        less = dns.rrset.from_rdata_list(dns.name.root, 1, [OLD.dnskey])
        assert judged(zone.Apex(less, APEX.rrsigs), OLD).signing == digests()

    def test_the_signature_of_a_key_that_is_not_in_the_rrset(self) -> None:
        evidence = judged(zone.signed([NEW], by=[OLD]), OLD, NEW)
        assert (evidence.published, evidence.signing) == (digests(NEW), digests())

    def test_the_signature_of_a_key_that_the_document_does_not_have(self) -> None:
        evidence = judged(APEX, NEW)
        assert (evidence.published, evidence.signing) == (digests(NEW), digests())

    @pytest.mark.parametrize(
        "change",
        [
            {"signer": dns.name.from_text("example.")},
            {"labels": 1},
            {"original_ttl": 1},
            {"algorithm": Algorithm.RSASHA256},
            {"expiration": APEX.rrsigs[0].expiration + 1},
            {"key_tag": NEW.tag},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_every_field_of_the_signature_is_signed(self, change: dict[str, object]) -> None:
        changed = APEX.rrsigs[0].replace(**change)
        assert isinstance(changed, RRSIG)
        assert judged(zone.Apex(APEX.dnskeys, (changed,)), OLD, NEW).signing == digests()

    def test_another_key_of_the_same_tag_does_not_vouch(self) -> None:
        one, other = _keys_of_one_tag()
        apex = zone.signed([one, other], by=[other])
        assert judged(apex, one, other).signing == digests(other)
        assert judged(apex, one).signing == digests()

    def test_many_signatures_of_one_tag_cost_little(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bogus = [APEX.rrsigs[0].replace(signature=number.to_bytes(64)) for number in range(32)]
        apex = zone.Apex(APEX.dnskeys, tuple(one for one in bogus if isinstance(one, RRSIG)))
        tried: list[object] = []

        def refuse(*arguments: object, **_: object) -> None:
            tried.append(arguments)
            raise ValidationFailure

        monkeypatch.setattr("dns.dnssec.validate_rrsig", refuse)
        observation = observed(apex)
        assert len(observation.signatures) == 32
        everywhere = judge([observation] * 26, document_of(OLD))
        assert [evidence.signing for evidence in everywhere] == [digests()] * 26
        assert 1 <= len(tried) <= 16

    @pytest.mark.parametrize("algorithm", [0, 1, 3, 5, 8, 10, 12, 13, 14, 15, 16, 17, 253, 255])
    @pytest.mark.parametrize("public_key", ODD_PUBLIC_KEYS, ids=bytes.hex)
    def test_a_key_that_is_none_signs_nothing(self, algorithm: int, public_key: bytes) -> None:
        odd = _dnskey(257, algorithm, public_key)
        claim = APEX.rrsigs[0].replace(key_tag=dns.dnssec.key_id(odd), algorithm=algorithm)
        assert isinstance(claim, RRSIG)
        rrset = dns.rrset.from_rdata_list(dns.name.root, 1, [OLD.dnskey, odd])
        digest = bytes(dns.dnssec.make_ds(dns.name.root, odd, "SHA256", validating=True).digest)
        window = Window(datetime(2024, 1, 1, tzinfo=UTC), None)
        key = KeyDigest("odd", dns.dnssec.key_id(odd), algorithm, 2, digest, window)
        observation = observed(zone.Apex(rrset, (claim,)))
        (evidence,) = judge([observation], TrustAnchors("id", "source", (key,)))
        assert evidence.signing == digests()


class TestPublished:
    def test_a_key_is_found_by_its_digest_not_by_its_tag(self) -> None:
        one, other = _keys_of_one_tag()
        evidence = judged(zone.signed([other], by=[other]), one)
        assert evidence.published == digests()
        assert evidence.unknown_sep_tags == (other.tag,)

    @pytest.mark.parametrize(
        ("flags", "protocol"), [(256, 3), (1, 3), (257, 2), (257, 4), (257 | 0x8000, 3)]
    )
    def test_a_key_with_other_fields_is_another(self, flags: int, protocol: int) -> None:
        other = _dnskey(flags, OLD.algorithm, OLD.public_key, protocol)
        rrset = dns.rrset.from_rdata_list(dns.name.root, 1, [other, NEW.dnskey])
        assert judged(zone.Apex(rrset), OLD, NEW).published == digests(NEW)

    def test_a_sep_key_that_the_document_does_not_have(self) -> None:
        apex = zone.signed([OLD, THIRD, zsk()], by=[OLD])
        assert judged(apex, OLD).unknown_sep_tags == (THIRD.tag,)
        assert judged(apex, OLD, THIRD).unknown_sep_tags == ()

    def test_an_unknown_key_that_is_revoked_is_unknown_all_the_same(self) -> None:
        revoked = THIRD.revoked()
        evidence = judged(zone.signed([OLD, revoked], by=[OLD, revoked]), OLD)
        assert evidence.unknown_sep_tags == (revoked.tag,)

    def test_an_unusable_key_of_the_document_is_no_stranger(self) -> None:
        finding = Finding(Check.KEY_TAG, Severity.WARNING, "the tag is wrong")
        unusable = UnusableKeyDigest("K", 1, OLD.algorithm, 2, OLD.digest, None, finding)
        document = TrustAnchors("id", "source", (unusable, digest_of(NEW)))
        (evidence,) = judge([observed(APEX)], document)
        assert evidence.unknown_sep_tags == ()
        assert evidence.published == digests(NEW) | {unusable}
        assert evidence.signing == {unusable}

    def test_nothing_is_published_where_nothing_came(self) -> None:
        silent = observe(ServerAnswer("192.0.2.1", 53, "udp", AT, None, "timeout"))
        first, second = judge([silent, observed(APEX)], document_of(OLD, NEW))
        assert (first.published, first.key_tags, first.observation) == (digests(), (), silent)
        assert second.published == digests(OLD, NEW)


class TestRevoked:
    def test_a_key_revokes_itself(self) -> None:
        revoked = OLD.revoked()
        evidence = judged(zone.signed([revoked, NEW], by=[revoked, NEW]), OLD, NEW)
        assert evidence.published == digests(OLD, NEW)
        assert evidence.revoked == digests(OLD)
        assert evidence.revoke_unsigned == digests()
        assert evidence.signing == digests(NEW)

    def test_each_key_revokes_itself(self) -> None:
        revoked = OLD.revoked(), NEW.revoked()
        evidence = judged(zone.signed(revoked, by=revoked[:1]), OLD, NEW)
        assert (evidence.revoked, evidence.revoke_unsigned) == (digests(OLD), digests(NEW))
        assert evidence.revoked_tags == {
            (digest_of(OLD), revoked[0].tag),
            (digest_of(NEW), revoked[1].tag),
        }

    def test_nobody_else_revokes_it(self) -> None:
        evidence = judged(zone.signed([OLD.revoked(), NEW], by=[NEW]), OLD, NEW)
        assert evidence.revoked == digests()
        assert evidence.revoke_unsigned == digests(OLD)
        assert evidence.signing == digests(NEW)

    def test_not_with_a_signature_that_expired(self) -> None:
        revoked = OLD.revoked()
        apex = zone.signed([revoked, NEW], by=[NEW]).and_signed_by(revoked, expiration=AT - SECOND)
        assert judged(apex, OLD, NEW).revoked == digests()

    def test_not_with_the_signature_it_made_before(self) -> None:
        """The RRSIG of the key without REVOKE has the old tag, and covers another RRset."""
        apex = zone.Apex(zone.signed([OLD.revoked(), NEW]).dnskeys, APEX.rrsigs)
        evidence = judged(apex, OLD, NEW)
        assert (evidence.revoked, evidence.signing) == (digests(), digests())

    def test_the_recorded_revocation_of_ksk_2010(self) -> None:
        """These recordings do not hold the revoked key's own signature."""
        apex = zone.recorded(zone.FIXTURES / "2019-02-20_signer20326_19164+20326.rrset")
        published = {19036: KSK_2010, 20326: KSK_2017}
        window = Window(datetime(2010, 7, 15, tzinfo=UTC), None)
        keys = {
            tag: KeyDigest(str(tag), tag, 8, 2, bytes.fromhex(digest), window)
            for tag, digest in published.items()
        }
        document = TrustAnchors("id", "source", tuple(keys.values()))
        (evidence,) = judge([observed(apex, datetime(2019, 2, 21, tzinfo=UTC))], document)
        assert evidence.published == frozenset(keys.values())
        assert evidence.revoke_unsigned == {keys[19036]}
        assert evidence.revoked == digests()
        assert evidence.signing == {keys[20326]}
        assert evidence.unknown_sep_tags == ()


class TestAnswerFromText:
    def test_what_a_file_says_is_observed(self) -> None:
        answer = answer_from_text(zone.recorded().text(), AT)
        assert (answer.address, answer.transport, answer.observed_at) == ("file", "file", AT)
        observation = observe(answer)
        assert observation.content == observed(zone.recorded()).content

    def test_the_same_file_gives_the_same_message_in_its_order(self) -> None:
        text = zone.recorded().text()
        wires = {answer_from_text(text, AT).wire for _ in range(8)}
        (wire,) = wires
        assert wire is not None
        message = dns.message.from_wire(wire)
        assert message.id == 0
        assert [*message.answer[0]] == [*zone.recorded().dnskeys]

    @pytest.mark.parametrize(
        "text",
        [
            f"; <<>> DiG\n\n{APEX.text()}\n;; Query time: 1 msec\n",
            f". 1 IN NS a.root-servers.net.\n{APEX.text()}a.root-servers.net. 1 IN A 198.41.0.4\n",
            APEX.text()
            .replace(" DNSKEY 257 3 13 ", " DNSKEY 257 3 13 (\n  ; the key\n  ")
            .replace("==\n", "== )\n", 2),
        ],
        ids=["comments", "other records", "several lines"],
    )
    def test_only_the_rrset_counts(self, text: str) -> None:
        assert observe(answer_from_text(text, AT)).content == observed(APEX).content

    def test_without_ttl_and_class(self) -> None:
        bare = APEX.text().replace(f". {zone.TTL} IN ", ". ")
        assert bare != APEX.text()
        assert observe(answer_from_text(bare, AT)).content == observed(APEX).content

    @pytest.mark.parametrize(
        "text",
        [
            "not a zone file",
            ". IN DNSKEY 257 3 8 AAA\n",
            ". IN DNSKEY 257 3\n",
            "$INCLUDE /etc/passwd\n",
            "$GENERATE 1-999999999 k$ A 192.0.2.1\n",
            "\x00\xff",
            ". CH DNSKEY 257 3 13 AAAA\n",
        ],
    )
    def test_a_file_that_is_none(self, text: str) -> None:
        with pytest.raises(UsageError, match="the file given with --dns") as caught:
            answer_from_text(text, AT)
        assert caught.value.check is Check.USAGE
        assert re.match(r"\w+(Error|Exception): .", caught.value.got or "")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "; nothing\n",
            ". IN NS a.root-servers.net.\n",
            "example. IN DNSKEY 257 3 13 AAAA\n",
        ],
    )
    def test_a_file_of_other_records(self, text: str) -> None:
        with pytest.raises(UsageError, match="the file given with --dns") as caught:
            answer_from_text(text, AT)
        assert caught.value.got == "no DNSKEY records of the root"

    @pytest.mark.parametrize(
        ("sizes", "got"),
        [
            ([32] * 33, "33 keys or signatures: more than 32"),
            ([40_000] * 2, "more than the 65535 bytes of a DNS message"),
            ([70_000], "more than the 65535 bytes of a DNS message"),
        ],
        ids=["many", "large together", "large"],
    )
    def test_a_file_that_no_message_holds(self, sizes: list[int], got: str) -> None:
        keys = [
            base64.b64encode(number.to_bytes(size)).decode() for number, size in enumerate(sizes)
        ]
        text = "".join(f". IN DNSKEY 257 3 13 {key}\n" for key in keys)
        with pytest.raises(UsageError) as caught:
            answer_from_text(text, AT)
        assert caught.value.got == got

    def test_a_file_of_as_many_as_are_looked_at(self) -> None:
        keys = [base64.b64encode(number.to_bytes(32)).decode() for number in range(32)]
        text = "".join(f". IN DNSKEY 257 3 13 {key}\n" for key in keys)
        assert len(observe(answer_from_text(text, AT)).keys) == 32


def _keys_of_one_tag() -> tuple[LabKey, LabKey]:
    """Two keys that share a key tag: one in 65536 pairs does, so some hundreds hold one."""
    seen: dict[int, LabKey] = {}
    for number in count():
        key = ksk(f"tag {number}", Algorithm.ED25519)
        if key.tag in seen:
            return seen[key.tag], key
        seen[key.tag] = key
    raise AssertionError


def _dnskey(flags: int, algorithm: int, public_key: bytes, protocol: int = 3) -> DNSKEY:
    return DNSKEY(
        dns.rdataclass.IN,
        dns.rdatatype.DNSKEY,
        flags,
        protocol,
        Algorithm.make(algorithm),
        public_key,
    )
