"""SignedData, taken apart: every joint is checked by itself, before anybody is trusted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.publication.cms import open_signature
from anchors.publication.signer_info import SignedDocument
from tests.simulator import der
from tests.simulator.authority import INTERMEDIATE, Profile, certify, lab_root, lab_signer
from tests.simulator.cms import (
    ID_CONTENT_TYPE,
    ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
    ID_SIGNING_TIME,
    Signing,
    algorithm,
    attribute,
    content_type,
    message_digest,
    pss_algorithm,
    sign,
    signed_attributes,
    signer_info,
    signing_time,
    subject_key_identifier,
    without,
)
from tests.simulator.times import SIGNED
from tests.unit.stages import FIXTURES

DOCUMENT = b"<TrustAnchor/>"
ID_UNKNOWN = "1.3.6.1.4.1.55555.2"
OTHER = Profile(common_name="Other", serial=99)


def made(**how: object) -> bytes:
    return sign(DOCUMENT, replace(Signing(), **how))  # type: ignore[arg-type]


def opened(signature: bytes) -> SignedDocument:
    """What the one signature in it says."""
    found = open_signature(signature)
    assert found.not_judged == ()
    (signed,) = found.signed
    return signed


def refusal(signature: bytes) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        open_signature(signature)
    # What the library says, where it is quoted, and never nothing.
    assert caught.value.got not in {None, "", "None"}
    assert caught.value.want
    return caught.value


class TestGood:
    @pytest.mark.parametrize(
        ("digest", "pss"),
        [
            *((digest, False) for digest in ("sha1", "sha256", "sha384", "sha512")),
            *((digest, True) for digest in ("sha256", "sha384", "sha512")),
        ],
    )
    def test_what_a_signature_says(self, digest: str, pss: bool) -> None:
        signed = opened(made(digest=digest, pss=pss))
        assert signed.signer == lab_signer().certificate
        assert signed.others == (lab_root().certificate,)
        assert (signed.signing_time, signed.digest_algorithm) == (SIGNED, digest)
        assert signed.is_of(DOCUMENT)
        for other in (b"", DOCUMENT[:-1], DOCUMENT + b"\n", DOCUMENT.lower()):
            assert not signed.is_of(other)

    @pytest.mark.parametrize(
        ("key", "digest"),
        [("p-256", "sha256"), ("p-256", "sha512"), ("p-384", "sha384"), ("rsa-4096", "sha512")],
    )
    def test_other_keys(self, key: str, digest: str) -> None:
        signed = opened(made(signer=lab_signer(Profile(key=key)), digest=digest))
        assert signed.is_of(DOCUMENT)

    @pytest.mark.parametrize("digest", ["sha256", "sha512"])
    def test_the_hash_named_again(self, digest: str) -> None:
        named = algorithm(f"{digest}-rsa")
        assert opened(made(digest=digest, signature_algorithm=named)).is_of(DOCUMENT)

    @pytest.mark.parametrize("name", ["2024-10-22", "2025-03-25"])
    def test_ianas(self, name: str) -> None:
        folder = FIXTURES / "publications" / name
        signed = opened((folder / "root-anchors.p7s").read_bytes())
        assert signed.is_of((folder / "root-anchors.xml").read_bytes())
        assert f"{signed.signing_time:%Y-%m-%d}" == name

    @pytest.mark.parametrize(
        ("encoded", "time"),
        [
            (der.utc_time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)), (2049, 12)),
            (der.utc_time(datetime(1950, 1, 1, tzinfo=UTC)), (1950, 1)),
            (der.generalized_time(datetime(2050, 1, 1, tzinfo=UTC)), (2050, 1)),
        ],
    )
    def test_both_forms_of_time(self, encoded: bytes, time: tuple[int, int]) -> None:
        signature = made(attributes=lambda a: [*without(ID_SIGNING_TIME, a), signing_time(encoded)])
        found = opened(signature).signing_time
        assert (found.year, found.month) == time
        assert found.utcoffset() == UTC.utcoffset(None)

    def test_further_attributes_are_left_alone(self) -> None:
        more = attribute(ID_UNKNOWN, der.octet_string(b"x"), der.octet_string(b"y"))
        signature = made(attributes=lambda a: [*a, more], unsigned_attributes=(more,))
        assert opened(signature).is_of(DOCUMENT)

    def test_certificates_need_no_order(self) -> None:
        ordered = sorted([lab_signer().der, lab_root().der], reverse=True)
        signature = made(certificates=tuple(ordered), sorted_certificates=False)
        assert opened(signature).signer == lab_signer().certificate

    def test_a_certificate_twice_is_one(self) -> None:
        signature = made(certificates=(lab_signer().der, lab_signer().der, lab_root().der))
        assert opened(signature).others == (lab_root().certificate,)

    def test_revocation_lists_are_left_alone(self) -> None:
        assert opened(made(crls=der.sequence(der.integer(1)))).is_of(DOCUMENT)

    @pytest.mark.parametrize(
        "junk",
        [
            der.sequence(),
            der.sequence(der.integer(1)),
            lab_root().der[:-1] + b"\0",
            lab_root().der.replace(b"\x30\x0d\x06\x09", b"\x30\x0d\x06\x08", 1),
            der.tlv(0xA0, b""),
            der.tlv(0xA1, lab_root().der),
        ],
        ids=range(6),
    )
    def test_a_certificate_that_cannot_be_read_counts_as_absent(self, junk: bytes) -> None:
        with warnings.catch_warnings(action="error"):
            signed = opened(made(certificates=(junk, lab_signer().der)))
        assert lab_signer().certificate not in signed.others

    def test_a_serial_number_that_is_not_positive_is_no_cause_to_warn(self) -> None:
        version, serial = der.integer(2), der.integer(1)
        one = certify(Profile(serial=1), lab_root()).der
        assert one.count(version + serial) == 1
        none = one.replace(version + serial, version + der.integer(0))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            signed = opened(made(certificates=(none, lab_signer().der)))
        assert (signed.others, told) == ((), [])

    def test_others_with_the_same_name_do_not_confuse(self) -> None:
        namesake = certify(Profile(serial=1), lab_root())
        signature = made(certificates=(namesake.der, lab_signer().der))
        assert opened(signature).signer == lab_signer().certificate


class TestStructure:
    @pytest.mark.parametrize(
        "harm",
        [
            lambda _good: b"",
            lambda _good: b"\0",
            lambda _good: b"0",
            lambda _good: b"-----BEGIN PKCS7-----\n",
            lambda good: good[:-1],
            lambda good: good[1:],
            lambda good: good + b"\0",
            lambda good: good * 2,
            der.indefinite,
            der.long_length,
            der.octet_string,
            lambda _good: b"\x30\x84\xff\xff\xff\xff",
            lambda _good: b"\x30\x80" * 1000,
            lambda _good: der.sequence(b"\x06\x01\x80", der.context(0, der.null())),
        ],
        ids=range(14),
    )
    def test_what_is_not_one_content_info(self, harm: Callable[[bytes], bytes]) -> None:
        assert refusal(harm(made())).check is Check.CMS_DER

    @pytest.mark.parametrize(
        ("how", "check", "says"),
        [
            ({"outer_type": "1.2.840.113549.1.7.1"}, Check.CMS_SIGNED_DATA, "1.7.1"),
            ({"inner_type": "1.2.840.113549.1.7.2"}, Check.CMS_SIGNED_DATA, "1.7.2"),
            ({"version": 0}, Check.CMS_SIGNED_DATA, "version 0"),
            ({"version": 3}, Check.CMS_SIGNED_DATA, "version 3"),
            ({"version": 2**70}, Check.CMS_SIGNED_DATA, "version 1180591620717411303424"),
            ({"attached": DOCUMENT}, Check.CMS_DETACHED, "14 bytes"),
            ({"attached": b""}, Check.CMS_DETACHED, "0 bytes"),
            ({"signer_infos": lambda _info: []}, Check.CMS_ONE_SIGNER, "0 SignerInfos"),
            ({"signer_infos": lambda info: [info] * 2}, Check.CMS_ONE_SIGNER, "2 SignerInfos"),
            ({"signer_infos": lambda _info: [der.null()]}, Check.CMS_DER, ""),
            ({"info_version": 0}, Check.CMS_SIGNER_IDENTIFIER, "version 0"),
            ({"info_version": 3}, Check.CMS_SIGNER_IDENTIFIER, "version 3"),
            ({"certificates": ()}, Check.CMS_SIGNER_CERTIFICATE, "0 of 0"),
            ({"certificates": (lab_root().der,)}, Check.CMS_SIGNER_CERTIFICATE, "0 of 1"),
            (
                {"certificates": (lab_signer().der,) + (lab_root().der,) * 16},
                Check.CMS_SIGNER_CERTIFICATE,
                "17 certificates",
            ),
            (
                {"sorted_attributes": False, "attributes": lambda a: sorted(a, reverse=True)},
                Check.CMS_DER,
                "",
            ),
            ({"certificates": (b"junk", lab_signer().der)}, Check.CMS_DER, ""),
            ({"certificates": (der.integer(5), lab_signer().der)}, Check.CMS_DER, ""),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, dict) else str(value),
    )
    def test_a_joint_that_does_not_hold(
        self, how: dict[str, object], check: Check, says: str
    ) -> None:
        error = refusal(made(**how))
        assert error.check is check
        assert says in (error.got or "")

    def test_what_is_no_certificate_is_told(self) -> None:
        error = refusal(made(certificates=(der.integer(5), lab_signer().der)))
        assert (error.check, error.got) == (Check.CMS_DER, "tags 02, 30")

    def test_no_signed_attributes(self) -> None:
        error = refusal(made(no_attributes=True))
        assert (error.check, error.got) == (Check.CMS_SIGNED_ATTRIBUTES, "none")

    def test_two_signers_by_the_one_certificate_that_is_there(self) -> None:
        other = lab_signer(OTHER)
        second = signer_info(DOCUMENT, Signing(signer=other))
        signature = made(signer_infos=lambda info: [info, second])
        assert refusal(signature).check is Check.CMS_SIGNER_CERTIFICATE

    def test_a_signer_named_by_its_key(self) -> None:
        error = refusal(made(sid=subject_key_identifier(lab_signer())))
        assert error.check is Check.CMS_SIGNER_IDENTIFIER

    def test_a_signer_named_by_the_wrong_serial(self) -> None:
        issuer = lab_root().certificate.subject.public_bytes()
        for serial in (19, -18, 2**200):
            error = refusal(made(sid=der.sequence(issuer, der.integer(serial))))
            assert error.check in {Check.CMS_SIGNER_CERTIFICATE, Check.CMS_DER}

    def test_a_signer_named_by_another_issuer(self) -> None:
        name = lab_signer(OTHER).certificate.subject.public_bytes()
        error = refusal(made(sid=der.sequence(name, der.integer(18))))
        assert error.check is Check.CMS_SIGNER_CERTIFICATE

    def test_two_certificates_of_the_name(self) -> None:
        twin = lab_signer(Profile(common_name="Twin"))
        error = refusal(made(certificates=(lab_signer().der, twin.der)))
        assert error.check is Check.CMS_SIGNER_CERTIFICATE
        assert (error.got or "").startswith("2 of 2")


class TestDigests:
    @pytest.mark.parametrize("digest", ["md5", "sha224"])
    def test_a_digest_that_is_not_on_the_list(self, digest: str) -> None:
        assert refusal(made(digest=digest)).check is Check.CMS_DIGEST_ALGORITHM

    @pytest.mark.parametrize(
        "how",
        [
            {"declared_digests": ("sha512",)},
            {"declared_digests": ("sha1",)},
            {"declared_digests": ("sha256", "sha512")},
            {"declared_digests": ("sha256", "sha256")},
            {"info_digest": "sha512"},
            {"info_digest": "md5", "declared_digests": ("md5",)},
        ],
        ids=str,
    )
    def test_not_the_same_everywhere(self, how: dict[str, object]) -> None:
        assert refusal(made(**how)).check is Check.CMS_DIGEST_ALGORITHM

    @pytest.mark.parametrize(
        ("declared", "told"),
        [
            (("sha512",), "2.16.840.1.101.3.4.2.3"),
            (("sha256", "sha512"), "2.16.840.1.101.3.4.2.1, 2.16.840.1.101.3.4.2.3"),
        ],
    )
    def test_what_is_declared_is_told(self, declared: tuple[str, ...], told: str) -> None:
        error = refusal(made(declared_digests=declared))
        assert error.check is Check.CMS_DIGEST_ALGORITHM
        assert error.got == f"2.16.840.1.101.3.4.2.1 in the SignerInfo, {told} in digestAlgorithms"

    def test_no_digest_declared(self) -> None:
        _, _, rest = made().partition(der.set_of([algorithm("sha256")]))
        signed_data = der.sequence(der.integer(1), der.set_of([]), rest)
        error = refusal(der.sequence(der.oid(ID_SIGNED_DATA), der.context(0, signed_data)))
        assert error.check is Check.CMS_DIGEST_ALGORITHM
        assert error.got == "2.16.840.1.101.3.4.2.1 in the SignerInfo, none in digestAlgorithms"


class TestAttributes:
    @pytest.mark.parametrize(
        ("oid", "check", "name"),
        [
            (ID_CONTENT_TYPE, Check.CMS_CONTENT_TYPE, "content-type"),
            (ID_MESSAGE_DIGEST, Check.CMS_MESSAGE_DIGEST, "message-digest"),
            (ID_SIGNING_TIME, Check.CMS_SIGNING_TIME, "signing-time"),
        ],
    )
    @pytest.mark.parametrize("times", [0, 2])
    def test_each_is_there_once(self, oid: str, check: Check, name: str, times: int) -> None:
        value = {
            ID_CONTENT_TYPE: content_type(),
            ID_MESSAGE_DIGEST: message_digest(sha256(DOCUMENT).digest()),
            ID_SIGNING_TIME: signing_time(der.utc_time(SIGNED)),
        }[oid]
        error = refusal(made(attributes=lambda a: [*without(oid, a), *[value] * times]))
        assert error.check is check
        assert error.message.endswith(f" exactly one {name} with one value")
        assert error.got == f"{times} values in {times} attributes"

    @pytest.mark.parametrize(
        ("oid", "value", "name"),
        [
            (ID_CONTENT_TYPE, der.null(), "content-type"),
            (ID_MESSAGE_DIGEST, der.null(), "message-digest"),
            (ID_SIGNING_TIME, der.null(), "signing-time"),
            (ID_SIGNING_TIME, der.tlv(0x17, b""), "signing-time"),
        ],
    )
    def test_a_value_that_cannot_be_read_is_named(self, oid: str, value: bytes, name: str) -> None:
        signature = made(attributes=lambda a: [*without(oid, a), attribute(oid, value)])
        assert refusal(signature).message == f"the {name} attribute is not strict DER"

    def test_another_content_type_is_told(self) -> None:
        value = content_type(ID_UNKNOWN)
        signature = made(attributes=lambda a: [*without(ID_CONTENT_TYPE, a), value])
        assert refusal(signature).got == ID_UNKNOWN

    def test_those_that_must_be_signed_are_not_unsigned(self) -> None:
        unsigned = [attribute(ID_UNKNOWN, der.null()), content_type(), message_digest(b"1")]
        error = refusal(made(unsigned_attributes=tuple(sorted(unsigned))))
        assert error.check is Check.CMS_SIGNED_ATTRIBUTES
        assert error.got == f"{ID_MESSAGE_DIGEST}, {ID_CONTENT_TYPE}"

    @pytest.mark.parametrize(
        ("oid", "value", "check"),
        [
            (ID_CONTENT_TYPE, attribute(ID_CONTENT_TYPE), Check.CMS_CONTENT_TYPE),
            (ID_CONTENT_TYPE, content_type(ID_UNKNOWN), Check.CMS_CONTENT_TYPE),
            (ID_CONTENT_TYPE, attribute(ID_CONTENT_TYPE, der.null()), Check.CMS_DER),
            (
                ID_CONTENT_TYPE,
                attribute(ID_CONTENT_TYPE, der.oid(ID_UNKNOWN), der.oid(ID_UNKNOWN)),
                Check.CMS_CONTENT_TYPE,
            ),
            (ID_MESSAGE_DIGEST, attribute(ID_MESSAGE_DIGEST), Check.CMS_MESSAGE_DIGEST),
            (ID_MESSAGE_DIGEST, message_digest(b"1", b"2"), Check.CMS_MESSAGE_DIGEST),
            (ID_MESSAGE_DIGEST, attribute(ID_MESSAGE_DIGEST, der.null()), Check.CMS_DER),
            (ID_SIGNING_TIME, attribute(ID_SIGNING_TIME), Check.CMS_SIGNING_TIME),
            (ID_SIGNING_TIME, signing_time(der.null()), Check.CMS_DER),
            (ID_SIGNING_TIME, signing_time(der.utf8_string("2026")), Check.CMS_DER),
            *(
                (ID_SIGNING_TIME, signing_time(der.tlv(tag, text)), Check.CMS_DER)
                for tag, text in (
                    (0x17, b""),
                    (0x17, b"260201120000"),
                    (0x17, b"2602011200Z"),
                    (0x17, b"260230120000Z"),
                    (0x17, b"260201240000Z"),
                    (0x17, b"260201120000+0500"),
                    (0x18, b"20260201120000"),
                    (0x18, b"20260201120000+0500"),
                    (0x18, b"20260201120000.50Z"),
                    (0x18, b"00000201120000Z"),
                )
            ),
        ],
    )
    def test_each_has_one_right_value(self, oid: str, value: bytes, check: Check) -> None:
        signature = made(attributes=lambda a: [*without(oid, a), value])
        assert refusal(signature).check is check

    @pytest.mark.parametrize(
        ("more", "got"),
        [
            ([attribute(ID_UNKNOWN)], ID_UNKNOWN),
            (
                [attribute(ID_UNKNOWN, der.null()), attribute(ID_UNKNOWN, der.integer(1))],
                f"{ID_UNKNOWN}, {ID_UNKNOWN}",
            ),
            ([attribute("1.2.840.113549.1.9.6", der.null())], "1.2.840.113549.1.9.6"),
        ],
        ids=["has no value", "twice", "a countersignature"],
    )
    def test_others_obey_the_rules_as_well(self, more: list[bytes], got: str) -> None:
        error = refusal(made(attributes=lambda a: [*a, *more]))
        assert (error.check, error.got) == (Check.CMS_SIGNED_ATTRIBUTES, got)

    @pytest.mark.parametrize("year", [1950, 2026, 2049])
    def test_a_time_that_the_other_form_is_for(self, year: int) -> None:
        value = signing_time(der.generalized_time(datetime(year, 12, 31, tzinfo=UTC)))
        error = refusal(made(attributes=lambda a: [*without(ID_SIGNING_TIME, a), value]))
        assert error.check is Check.CMS_SIGNING_TIME
        assert error.got == f"GeneralizedTime {year}-12-31T00:00:00+00:00"

    def test_an_empty_message_digest_is_of_nothing(self) -> None:
        value = message_digest(b"")
        signature = made(attributes=lambda a: [*without(ID_MESSAGE_DIGEST, a), value])
        assert not opened(signature).is_of(b"")


class TestSignature:
    @pytest.mark.parametrize(
        "how",
        [
            {"signature": lambda _value: b""},
            {"signature": lambda value: value[:-1]},
            {"signature": lambda value: value + b"\0"},
            {"signature": lambda value: b"\0" + value},
            {"signature": lambda value: value[:-1] + bytes([value[-1] ^ 1])},
            {"signature": lambda value: bytes(len(value))},
            {"signature": lambda value: b"\xff" * len(value)},
            {"signature": lambda _value: b"\1"},
            {"signed_tag": 0xA0},
            {"signed_tag": 0x30},
            {"pss": True, "signature_algorithm": algorithm("rsa")},
            {"signature_algorithm": pss_algorithm("sha256", "sha256", 32)},
        ],
        ids=range(12),
    )
    def test_a_signature_that_does_not_hold(self, how: dict[str, object]) -> None:
        error = refusal(made(**how))
        assert (error.check, error.got) == (Check.CMS_SIGNATURE, "an invalid signature")

    @pytest.mark.parametrize("key", ["p-256", "p-384"])
    @pytest.mark.parametrize("value", [b"", b"\0", der.sequence(der.integer(0), der.integer(0))])
    def test_an_ecdsa_signature_that_is_none(self, key: str, value: bytes) -> None:
        signature = made(signer=lab_signer(Profile(key=key)), signature=lambda _good: value)
        assert refusal(signature).check is Check.CMS_SIGNATURE

    def test_the_attributes_of_another_signature(self) -> None:
        """One byte of the signed attributes is enough."""
        attributes = signed_attributes(DOCUMENT, Signing())
        good = made()
        assert good.count(attributes) == 1
        at = good.index(attributes) + len(attributes) - 1
        harmed = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        assert refusal(harmed).check in {Check.CMS_SIGNATURE, Check.CMS_DER}

    @pytest.mark.parametrize(
        ("key", "stated"),
        [
            ("rsa-2048", algorithm("sha1-rsa")),
            ("rsa-2048", algorithm("md5-rsa")),
            ("rsa-2048", algorithm("sha512-rsa")),
            ("rsa-2048", algorithm("ecdsa-sha256")),
            ("rsa-2048", algorithm("ed25519")),
            ("rsa-2048", der.sequence(der.oid(ID_UNKNOWN), der.null())),
            ("rsa-2048", der.sequence(der.oid("1.2.840.113549.1.1.10"))),
            ("rsa-2048", der.sequence(der.oid("1.2.840.113549.1.1.10"), der.sequence())),
            ("rsa-2048", pss_algorithm("sha256", "sha1", 32)),
            ("rsa-2048", pss_algorithm("sha1", "sha256", 32)),
            ("rsa-2048", pss_algorithm("sha512", "sha512", 64)),
            ("rsa-2048", pss_algorithm("sha256", "sha256", 0)),
            ("rsa-2048", pss_algorithm("sha256", "sha256", 221)),
            ("rsa-2048", pss_algorithm("sha256", "sha256", -1)),
            ("p-256", algorithm("rsa")),
            ("p-256", algorithm("ecdsa-sha1")),
            ("p-256", algorithm("ecdsa-sha384")),
            ("p-256", algorithm("sha256-rsa")),
            ("p-256", pss_algorithm("sha256", "sha256", 32)),
            ("p-256", der.sequence(der.oid("1.2.840.10045.4.3.2"), der.null())),
            ("p-256", der.sequence(der.oid("1.2.840.10045.2.1"))),
        ],
    )
    def test_an_algorithm_that_is_not_accepted(self, key: str, stated: bytes) -> None:
        signature = made(signer=lab_signer(Profile(key=key)), signature_algorithm=stated)
        assert refusal(signature).check is Check.CMS_SIGNATURE_ALGORITHM

    @pytest.mark.parametrize(
        ("key", "got"),
        [
            ("rsa-2048", "1.3.101.112: RSAPublicKey with sha256"),
            ("ed25519", "1.3.101.112: Ed25519PublicKey with sha256"),
        ],
    )
    def test_ed25519(self, key: str, got: str) -> None:
        stated = algorithm("ed25519")
        error = refusal(made(signer=lab_signer(Profile(key=key)), signature_algorithm=stated))
        assert (error.check, error.got) == (Check.CMS_SIGNATURE_ALGORITHM, got)

    def test_another_key_under_the_name(self) -> None:
        other = lab_signer(Profile(key_owner="another"))
        signature = made(signer=other, certificates=(lab_signer().der,))
        assert refusal(signature).check is Check.CMS_SIGNATURE

    def test_nobody_is_trusted_here(self) -> None:
        stranger = certify(Profile(common_name="Anybody"))
        signed = opened(made(signer=stranger))
        assert signed.signer == stranger.certificate


PATH = lab_signer(Profile(), certify(INTERMEDIATE, lab_root()))
GOOD = sign(DOCUMENT, Signing(signer=PATH))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.data())
def test_no_bytes_are_too_odd(data: st.DataObject) -> None:
    harmed = bytearray(GOOD)
    places = st.integers(0, len(GOOD) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=3)):
        harmed[place] = data.draw(st.integers(0, 255))
    try:
        signed = opened(bytes(harmed))
    except SignatureRefused:
        return
    # What still opens is the same signature; the certificates are the next step's business.
    assert signed.signer.public_key() == PATH.certificate.public_key()
    assert signed.is_of(DOCUMENT)


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=100))
def test_noise_is_refused(noise: bytes) -> None:
    assert refusal(noise).check is Check.CMS_DER
