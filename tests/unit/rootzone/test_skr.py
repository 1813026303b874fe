"""Reading a Signed Key Response: real RRsets in, and nothing odd, large or hostile."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from dns.dnssectypes import Algorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused
from anchors.core.findings import Severity
from anchors.rootzone import skr
from tests.lab import zone
from tests.lab.keys import ksk, zsk
from tests.lab.skr import BEGIN, SLOT, VALIDITY, LabBundle, bundle, bundle_of, encode, quarter

OLD = ksk("old", Algorithm.ECDSAP256SHA256)
NEW = ksk("new", Algorithm.ECDSAP256SHA256)
ZSK = zsk("zsk", Algorithm.ECDSAP256SHA256)
KEYS = [OLD, NEW, ZSK]
SLOTS = quarter([(KEYS, [OLD])] * 9)
GOOD = encode(SLOTS)
SECOND = timedelta(seconds=1)


def refusal(data: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        skr.read(data)
    assert caught.value.message.startswith("the signed key response: ")
    assert "iana.org" in caught.value.remedy
    return caught.value


def refused(data: bytes) -> tuple[Check, str]:
    error = refusal(data)
    assert error.want
    return error.check, f"{error.message}: {error.got}"


def changed(old: str, new: str, data: bytes = GOOD) -> bytes:
    """The response with the first match of a pattern replaced."""
    text, times = re.subn(old, lambda _: new, data.decode(), count=1, flags=re.DOTALL)
    assert times
    return text.encode()


class TestRead:
    def test_a_whole_quarter(self) -> None:
        response = skr.read(GOOD)
        assert (response.serial, response.findings) == (0, ())
        assert response.id == "4fe9bb10-6f6b-4503-8575-7824e2d66925"
        assert [(b.id, b.inception, b.expiration) for b in response.bundles] == [
            (one.id, BEGIN + n * SLOT, BEGIN + n * SLOT + VALIDITY) for n, one in enumerate(SLOTS)
        ]

    def test_the_records_of_a_bundle(self) -> None:
        first, second = skr.read(GOOD).bundles[:2]
        assert set(first.observation.keys) == {key.dnskey for key in KEYS}
        assert first.observation.signatures == SLOTS[0].apex.rrsigs
        assert first.observation.answer.address == first.observation.answer.transport == "file"
        assert second.observation.answer.observed_at == BEGIN + SLOT

    @pytest.mark.parametrize(
        "day",
        [
            "2013-08-10_signer19036_19036",
            "2018-04-01_signer19036_19036+20326",
            "2019-03-12_signer20326_19164+20326",
            "2026-10-01_signer20326_20326+38696",
        ],
    )
    def test_what_the_root_zone_served_reads_back_as_it_was(self, day: str) -> None:
        apex = zone.recorded(zone.FIXTURES / f"{day}.rrset")
        (read,) = skr.read(encode([bundle_of(apex)])).bundles
        assert f"{read.inception:%Y-%m-%d}" == day[:10]
        assert set(read.observation.keys) == {key for key in apex.dnskeys if type(key) is DNSKEY}
        assert read.observation.signatures == apex.rrsigs

    @pytest.mark.parametrize(
        "rewrite",
        [
            pytest.param(lambda text: text.replace("+00:00", "Z"), id="Z"),
            pytest.param(lambda text: text.replace("\n", "\n        "), id="indented"),
            pytest.param(lambda text: text.replace("\n", ""), id="one line"),
            pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
            pytest.param(lambda text: text.replace('keyTag="', 'keyTag="0'), id="long tags"),
            pytest.param(lambda text: re.sub(r' keyIdentifier="\w*"', "", text), id="no names"),
            pytest.param(lambda text: re.sub("(?<=Key>)(.{60})", r"\1\n", text), id="wrapped"),
            pytest.param(lambda text: text.replace("<TTL>1", "<TTL><!-- -->1"), id="comments"),
            pytest.param(
                lambda text: text.replace(
                    "<Response>", '<Response timestamp="2026-08-06T20:00:00Z">'
                ),
                id="timestamp",
            ),
            pytest.param(
                lambda text: text.replace(
                    'serial="0"', 'serial="1" timestamp="2026-08-06T20:00:00Z"'
                ),
                id="timestamp of the whole",
            ),
            pytest.param(
                lambda text: re.sub("<RSA [^>]*>", '<ECDSA size="256"></ECDSA>', text), id="ECDSA"
            ),
        ],
    )
    def test_other_ways_to_write_the_same(self, rewrite: Callable[[str], str]) -> None:
        text = GOOD.decode()
        assert rewrite(text) != text
        response = skr.read(rewrite(text).encode())
        assert response.bundles == skr.read(GOOD).bundles
        assert response.findings == ()

    def test_a_key_that_has_another_tag_than_the_response_says(self) -> None:
        data = changed(f'keyTag="{OLD.tag}"', 'keyTag="1"')
        (finding,) = skr.read(data).findings
        assert (finding.check, finding.severity) == (Check.SKR_KEY_TAG, Severity.WARNING)
        assert "bundle-2026-10-01" in finding.message
        assert finding.got == " ".join(map(str, sorted([1, NEW.tag, ZSK.tag])))
        assert finding.want == " ".join(map(str, sorted([OLD.tag, NEW.tag, ZSK.tag])))

    @pytest.mark.parametrize("number", [1, 8, 10])
    def test_another_number_of_slots(self, number: int) -> None:
        response = skr.read(encode(quarter([(KEYS, [OLD])] * number)))
        (finding,) = response.findings
        assert (finding.check, finding.severity) == (Check.SKR_SLOTS, Severity.WARNING)
        assert (finding.got, finding.want) == (str(number), "9 slots")

    def test_a_slot_that_was_left_out(self) -> None:
        (finding,) = skr.read(encode([*SLOTS[:4], *SLOTS[5:]])).findings
        assert finding.got == "8"

    def test_a_time_without_any_signature(self) -> None:
        gap, short = skr.read(encode([*SLOTS[:3], *SLOTS[6:]])).findings
        assert (gap.check, gap.severity) == (Check.SKR_SLOTS, Severity.ALARM)
        assert gap.message == "the signed key response has no signature for part of its time"
        assert gap.got == "2026-11-11T00:00:00Z to 2026-11-30T00:00:00Z"
        assert short.got == "6"


class TestSchema:
    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "not well-formed"),
            (b"<KSR", "not well-formed"),
            (GOOD[:-9], "not well-formed"),
            (b"<!DOCTYPE KSR>" + GOOD.split(b"\n", 1)[1], "DOCTYPE"),
            (
                b'<!DOCTYPE KSR [<!ENTITY z ".">]>'
                + GOOD.split(b"\n", 1)[1].replace(b'domain="."', b'domain="&z;"'),
                "DOCTYPE",
            ),
            (changed('domain="."', 'domain="&z;"'), "not well-formed"),
            (b"<KSR/>", "it is none: KSR with"),
            (b"<TrustAnchor><Zone>.</Zone></TrustAnchor>", "it is none: TrustAnchor with Zone"),
            (GOOD.replace(b"Response>", b"Request>"), "it is none: KSR with Request"),
            (changed("<KSR", '<KSR xmlns="urn:x"'), "it is none: {urn:x}KSR"),
            (GOOD + b" " * skr.MAX_SIZE, "too large"),
            (changed("</Response>", "<x/>" * 10_001 + "</Response>"), "implausibly large"),
        ],
        # The keys are new in each process, names of tests must not be.
        ids=count(),
    )
    def test_what_is_no_response(self, data: bytes, says: str) -> None:
        check, told = refused(data)
        assert check is Check.SKR_SCHEMA
        assert says in told

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("</KSR>", "<More/></KSR>"),
            ("</Response>", "<More/></Response>"),
            ("<ResponsePolicy>.*</ResponsePolicy>", ""),
            ("<ZSK>", "<ZSK>words"),
            ("<ZSK>.*</ZSK>", ""),
            ("P28D", "28 days"),
            ("<RSA [^>]*>", ""),
            ("<ResponseBundle id", "<ResponseBundle name"),
            ("<ResponseBundle id", "<ResponseBundle more='1' id"),
            ('<ResponseBundle id="[^"]*"', "<ResponseBundle"),
            ("<Inception>", "<Begin/><Inception>"),
            ("<Inception>[^<]*</Inception>", ""),
            ("<Expiration>[^<]*", "<Expiration>tomorrow"),
            ("<Signature .*</Signature>(?=\n</ResponseBundle>\n</Response>)", ""),
            ("<Key .*</Key>(?=\n<Signature)", ""),
            ('keyTag="[^"]*"', 'keyTag="65536"'),
            ('keyTag="[^"]*"', 'keyTag="-1"'),
            ('keyTag="[^"]*"', ""),
            ("<TTL>172800", "<TTL>2147483648"),
            ("<TTL>172800", "<TTL>2d"),
            ("<Flags>257", "<Flags>65793"),
            ("<Flags>257", "<Flags>0x101"),
            ("<Protocol>3", "<Protocol>4"),
            ("<Algorithm>13", "<Algorithm>256"),
            ("<Algorithm>13", "<Algorithm>ECDSAP256SHA256"),
            ("<PublicKey>[^<]*", "<PublicKey><![CDATA[<x/>]]>"),
            ("<TypeCovered>DNSKEY", "<TypeCovered>SOA"),
            ("<TypeCovered>DNSKEY", "<TypeCovered>48"),
            ("<Labels>0", "<Labels>1"),
            ("<SignersName>.", "<SignersName>com."),
            ("<SignatureInception>[^<]*", "<SignatureInception>20261001000000"),
            ("<SignatureData>", "<SignatureData>="),
            ('serial="0"', 'serial="-1"'),
            ('serial="0"', ""),
            ('id="4fe9', 'xid="4fe9'),
            ('serial="0"', 'serial="0" timestamp="now"'),
        ],
    )
    def test_what_the_schema_does_not_know(self, old: str, new: str) -> None:
        check, told = refused(changed(old, new))
        assert check is Check.SKR_SCHEMA
        assert "the KeyDigest does not follow the schema" in told

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("<Inception>[^<]*", "<Inception>2026-10-01T00:00:00", "RFC 3339"),
            ("<Inception>[^<]*", "<Inception>2026-10-01T24:00:00Z", "RFC 3339"),
            ("<Inception>[^<]*", "<Inception>2026-10-01T00:00:00.5Z", "not a time that an RRSIG"),
            ("<Inception>[^<]*", "<Inception>1969-12-31T23:59:59Z", "not a time that an RRSIG"),
            ("<Expiration>[^<]*", "<Expiration>2106-02-07T06:28:16Z", "not a time that an RRSIG"),
            ("<SignatureExpiration>[^<]*", "<SignatureExpiration>9999-12-31T00:00:00Z", "RRSIG"),
            ("<TTL>", "<TTL>" + "0" * 5000, "integer string conversion"),
            ('keyTag="', 'keyTag="' + "0" * 5000, "integer string conversion"),
            ("<PublicKey>", "<PublicKey>*", "base64"),
            ("<PublicKey>[^<]*", "<PublicKey>", "SyntaxError"),
            ("<PublicKey>[^<]*", "<PublicKey>" + "A" * 100_000, "65535 bytes"),
        ],
    )
    def test_what_no_record_can_hold(self, old: str, new: str, says: str) -> None:
        check, told = refused(changed(old, new))
        assert check is Check.SKR_SCHEMA
        assert "bundle bundle-2026-10-01 cannot be read" in told
        assert says in told

    def test_more_digits_than_a_number_has(self) -> None:
        check, told = refused(changed('serial="', 'serial="' + "0" * 5000))
        assert check is Check.SKR_SCHEMA
        assert "a number cannot be read" in told

    def test_a_flood_of_keys(self) -> None:
        key = re.search("<Key .*?</Key>", GOOD.decode(), re.DOTALL)
        assert key
        many = "".join(
            re.sub("<Algorithm>13", f"<Algorithm>{n}", key.group()) for n in range(20, 53)
        )
        check, told = refused(changed("<Key ", f"{many}<Key "))
        assert check is Check.SKR_SCHEMA
        assert "bundle bundle-2026-10-01 cannot be read: " in told
        assert told.endswith(": 36 keys or signatures: more than 32")

    def test_a_flood_of_bundles(self) -> None:
        check, told = refused(encode(quarter([([ZSK], [ZSK])] * 33)))
        assert check is Check.SKR_SCHEMA
        assert told.endswith("too many bundles: 33")

    @pytest.mark.parametrize("domain", ["", "com.", "..", ". ", "root"])
    def test_another_zone(self, domain: str) -> None:
        check, told = refused(encode(SLOTS, domain=domain))
        assert check is Check.SKR_ZONE
        assert told.endswith(f"the response is of another zone: {domain}")

    @settings(deadline=None, derandomize=True)
    @given(st.data())
    def test_nothing_is_too_odd(self, data: st.DataObject) -> None:
        octets = bytearray(encode(SLOTS[:1]))
        changes = st.tuples(st.integers(0, len(octets) - 1), st.integers(0, 255))
        for position, byte in data.draw(st.lists(changes, max_size=4)):
            octets[position] = byte
        check = None
        try:
            assert len(skr.read(bytes(octets)).bundles) == 1
        except DocumentRefused as error:
            check = error.check
        assert check in {None, Check.SKR_SCHEMA, Check.SKR_ZONE, Check.SKR_SLOTS}


class TestSlots:
    @pytest.mark.parametrize(
        ("bundles", "says"),
        [
            (
                [SLOTS[0], replace(SLOTS[1], id=SLOTS[0].id)],
                "two bundles have the same id: bundle-2026-10-01",
            ),
            ([SLOTS[0], replace(SLOTS[0], id="again")], "are not in order"),
            ([SLOTS[1], SLOTS[0]], "are not in order"),
            (
                [bundle(KEYS, [OLD], validity=2 * VALIDITY), SLOTS[1]],
                "2026-11-01T00:00:00Z after 2026-10-01T00:00:00Z to 2026-11-12T00:00:00Z",
            ),
            ([replace(SLOTS[0], expiration=BEGIN)], "ends before it begins"),
            (
                [replace(SLOTS[0], inception=BEGIN - SECOND)],
                f"does not cover the whole slot: {OLD.tag} (2026-10-01 to 2026-10-22)",
            ),
            (
                [replace(SLOTS[0], expiration=BEGIN + VALIDITY + SECOND)],
                "a signature of bundle bundle-2026-10-01 does not cover the whole slot",
            ),
        ],
        ids=count(),
    )
    def test_slots_that_are_none(self, bundles: list[LabBundle], says: str) -> None:
        check, told = refused(encode(bundles))
        assert check is Check.SKR_SLOTS
        assert says in told

    def test_one_short_signature_beside_a_good_one(self) -> None:
        apex = SLOTS[0].apex.and_signed_by(
            NEW, inception=BEGIN, expiration=datetime(2026, 10, 21, tzinfo=UTC)
        )
        check, told = refused(encode([replace(SLOTS[0], apex=apex)]))
        assert check is Check.SKR_SLOTS
        assert f"{NEW.tag} (2026-10-01 to 2026-10-21)" in told
