"""Edges of CMS (RFC 5652): what is barely right verifies, what is barely wrong is refused."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from anchors.core.checks import Check
from tests.frozen import COMMAND
from tests.pipeline.stories import Story, Teller, inputs, told
from tests.simulator import der
from tests.simulator.authority import Identity, Profile, lab_root, lab_signer
from tests.simulator.cms import (
    ID_CONTENT_TYPE,
    ID_MESSAGE_DIGEST,
    ID_SIGNING_TIME,
    Signing,
    adding,
    algorithm,
    attribute,
    content_type,
    digest_of,
    instead,
    message_digest,
    pss_algorithm,
    signed_attributes,
    signing_time,
)
from tests.simulator.document import Document
from tests.simulator.forgery import (
    Certifying,
    certify_again,
    cube_root_signature,
    fields,
    replacing,
)
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import SIGNED, SIGNER_END, SIGNER_START

DOCUMENT = Document().encode()
MEBIBYTE = 1 << 20

ID_UNKNOWN = "1.3.6.1.4.1.55555.2"
ID_COUNTERSIGNATURE = "1.2.840.113549.1.9.6"
ID_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
ID_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
ID_PSS = "1.2.840.113549.1.1.10"
ID_MGF1 = "1.2.840.113549.1.1.8"
ID_SHA256 = "2.16.840.1.101.3.4.2.1"

UNKNOWN = attribute(ID_UNKNOWN, der.null())


def signed(**how: object) -> Callable[[], LabPublication]:
    return lambda: publish(replace(Signing(), **how))  # type: ignore[arg-type]


def with_signature(change: Callable[[bytes], bytes]) -> Callable[[], LabPublication]:
    def forge() -> LabPublication:
        good = publish()
        return replace(good, signature=change(good.signature))

    return forge


def inside(depth: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the element that lies last at this depth; the lengths around it are right."""

    def changed(element: bytes) -> bytes:
        return within(element, depth)

    def within(element: bytes, left: int) -> bytes:
        if not left:
            return change(element)
        *others, last = der.elements(der.content(element))
        return der.tlv(element[0], b"".join([*others, within(last, left - 1)]))

    return changed


def last_attributes(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the signedAttrs of the SignerInfo."""

    def in_info(info: bytes) -> bytes:
        parts = der.elements(der.content(info))
        return der.sequence(*parts[:3], change(parts[3]), *parts[4:])

    return inside(4, in_info)


DER = {
    "SignedData of indefinite length": Story(
        with_signature(inside(2, der.indefinite)), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "SignerInfos of indefinite length": Story(
        with_signature(inside(3, der.indefinite)), Check.CMS_DER, "SignedData is not strict DER"
    ),
    "a SignerInfo of indefinite length": Story(
        with_signature(inside(4, der.indefinite)), Check.CMS_DER, "SignedData is not strict DER"
    ),
    "signed attributes of indefinite length": Story(
        with_signature(last_attributes(der.indefinite)), Check.CMS_DER, "not strict DER"
    ),
    "SignedData with a length longer than needed": Story(
        with_signature(inside(2, der.long_length)), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "a SignerInfo with a length longer than needed": Story(
        with_signature(inside(4, der.long_length)), Check.CMS_DER, "SignedData is not strict DER"
    ),
    "signed attributes with a length longer than needed": Story(
        with_signature(last_attributes(der.long_length)), Check.CMS_DER, "not strict DER"
    ),
    "a signature value with a length longer than needed": Story(
        with_signature(inside(5, der.long_length)), Check.CMS_DER, "SignerInfo is not strict DER"
    ),
    "a certificate of indefinite length": Story(
        signed(certificates=(lab_signer().der, der.indefinite(lab_root().der))),
        Check.CMS_DER,
        "SignedData is not strict DER",
    ),
    "the signer's certificate with a length longer than needed": Story(
        signed(certificates=(der.long_length(lab_signer().der),)),
        Check.CMS_DER,
        "SignedData is not strict DER",
    ),
    "a NULL behind the SignerInfos": Story(
        with_signature(inside(2, lambda e: der.sequence(der.content(e), der.null()))),
        Check.CMS_DER,
        "SignedData is not strict DER",
    ),
    "a NULL behind the signature value": Story(
        signed(signer_infos=lambda info: [der.sequence(der.content(info), der.null())]),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
    "a NULL inside ContentInfo": Story(
        with_signature(lambda good: der.sequence(der.content(good), der.null())),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "a length of two gigabytes": Story(
        with_signature(lambda good: b"\x30\x84\x7f\xff\xff\xff" + good),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "a length of eight bytes": Story(
        with_signature(lambda good: b"\x30\x88\x7f" + b"\xff" * 7 + good),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "a length of 127 bytes": Story(
        with_signature(lambda good: b"\x30\xff" + b"\xff" * 127 + good),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "nested as deep as a mebibyte goes": Story(
        with_signature(lambda _: b"\x30\x80" * (MEBIBYTE // 2)),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "nested with right lengths": Story(
        with_signature(lambda _: nested(100_000)), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "values of an attribute out of order": Story(
        signed(
            attributes=adding(
                der.sequence(
                    der.oid(ID_UNKNOWN),
                    der.set_of([der.integer(2), der.integer(1)], ordered=False),
                )
            )
        ),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
    "unsigned attributes out of order": Story(
        signed(unsigned_attributes=(attribute(ID_UNKNOWN + ".1", der.null()), UNKNOWN)),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
    "digest parameters that are not NULL": Story(
        with_signature(lambda good: with_digest(good, der.octet_string(b"x"))),
        Check.CMS_DER,
        "SignedData is not strict DER",
    ),
    "RSA parameters that are not NULL": Story(
        signed(signature_algorithm=der.sequence(der.oid("1.2.840.113549.1.1.1"), der.integer(1))),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
    "an object identifier of endless digits": Story(
        signed(
            signature_algorithm=der.sequence(der.tlv(0x06, b"\x81" * 100_000 + b"\1"), der.null())
        ),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
}


def nested(times: int) -> bytes:
    heads, size = [], 0
    for _ in range(times):
        head = der.tlv(0x30, bytes(min(size, 0x7F)))[:1] + length_of(size)
        heads.append(head)
        size += len(head)
    return b"".join(reversed(heads))


def length_of(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    encoded = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([0x80 | len(encoded)]) + encoded


def with_digest(good: bytes, parameters: bytes) -> bytes:
    """Other parameters of the announced digest, with right lengths around them."""
    return inside(2, lambda element: announcing(element, parameters))(good)


def announcing(signed_data: bytes, parameters: bytes) -> bytes:
    version, _, *others = der.elements(der.content(signed_data))
    announced = der.set_of([der.sequence(der.oid(ID_SHA256), parameters)])
    return der.sequence(version, announced, *others)


VERSIONS = {
    **{
        f"SignedData of version {version}": Story(
            signed(version=version), Check.CMS_SIGNED_DATA, f"version {version} over"
        )
        for version in (-1, 0, 2, 4, 5)
    },
    **{
        f"a SignerInfo of version {version}": Story(
            signed(info_version=version), Check.CMS_SIGNER_IDENTIFIER, f"version {version}"
        )
        for version in (-1, 0, 2, 4, 5)
    },
    "SignedData of a version beyond words": Story(
        signed(version=1 << 5000), Check.CMS_SIGNED_DATA, "of 5001 bits"
    ),
    "a SignerInfo of a version beyond words": Story(
        signed(info_version=1 << 5000), Check.CMS_SIGNER_IDENTIFIER, "of 5001 bits"
    ),
    "a serial number beyond words": Story(
        signed(
            sid=der.sequence(lab_root().certificate.subject.public_bytes(), der.integer(1 << 5000))
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "of 5001 bits",
    ),
    "the issuer's name in another case": Story(
        lambda: publish(Signing(sid=sid_of(b"LAB ROOT CA"))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 2",
    ),
}


def sid_of(common_name: bytes) -> bytes:
    """Issuer and serial number of the lab's signer with another name of the issuer."""
    issuer = lab_root().certificate.subject.public_bytes()
    renamed = issuer.replace(b"Lab Root CA", common_name)
    return der.sequence(renamed, der.integer(lab_signer().certificate.serial_number))


ATTRIBUTES = {
    "signed attributes that are none": Story(
        signed(attributes=lambda _: []), Check.CMS_CONTENT_TYPE, "0 values in 0 attributes"
    ),
    "a content-type of no value": Story(
        signed(attributes=instead(ID_CONTENT_TYPE, attribute(ID_CONTENT_TYPE))),
        Check.CMS_CONTENT_TYPE,
        "0 values in 1 attributes",
    ),
    "a signing-time of no value": Story(
        signed(attributes=instead(ID_SIGNING_TIME, signing_time())),
        Check.CMS_SIGNING_TIME,
        "0 values in 1 attributes",
    ),
    "a signing-time of two values": Story(
        signed(
            attributes=instead(
                ID_SIGNING_TIME,
                signing_time(der.utc_time(SIGNED), der.utc_time(SIGNER_START)),
            )
        ),
        Check.CMS_SIGNING_TIME,
        "2 values in 1 attributes",
    ),
    "the same message-digest twice": Story(
        signed(attributes=adding(message_digest(digest_of(DOCUMENT, "sha256")))),
        Check.CMS_MESSAGE_DIGEST,
        "2 values in 2 attributes",
    ),
    "an empty message-digest": Story(
        signed(attributes=instead(ID_MESSAGE_DIGEST, message_digest(b""))),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "a further attribute twice": Story(
        signed(attributes=adding(UNKNOWN, attribute(ID_UNKNOWN, der.integer(1)))),
        Check.CMS_SIGNED_ATTRIBUTES,
        "attribute is repeated",
    ),
    "a further attribute without a value": Story(
        signed(attributes=adding(attribute(ID_UNKNOWN))),
        Check.CMS_SIGNED_ATTRIBUTES,
        "has no value",
    ),
    "a countersignature among the signed attributes": Story(
        signed(attributes=adding(attribute(ID_COUNTERSIGNATURE, der.null()))),
        Check.CMS_SIGNED_ATTRIBUTES,
        "one is a countersignature",
    ),
    "a content-type among the unsigned attributes": Story(
        signed(unsigned_attributes=(content_type(),)),
        Check.CMS_SIGNED_ATTRIBUTES,
        f"must be signed is among the unsigned attributes | {ID_CONTENT_TYPE}",
    ),
    "a message-digest among the unsigned attributes": Story(
        signed(unsigned_attributes=(message_digest(digest_of(DOCUMENT, "sha256")),)),
        Check.CMS_SIGNED_ATTRIBUTES,
        f"must be signed is among the unsigned attributes | {ID_MESSAGE_DIGEST}",
    ),
    "a signing-time among the unsigned attributes": Story(
        signed(unsigned_attributes=(signing_time(der.utc_time(SIGNED)),)),
        Check.CMS_SIGNED_ATTRIBUTES,
        f"must be signed is among the unsigned attributes | {ID_SIGNING_TIME}",
    ),
    "a signing-time among the unsigned attributes alone": Story(
        signed(
            attributes=instead(ID_SIGNING_TIME),
            unsigned_attributes=(UNKNOWN, signing_time(der.utc_time(SIGNED))),
        ),
        Check.CMS_SIGNED_ATTRIBUTES,
        "must be signed is among the unsigned attributes",
    ),
}


def pss(
    salt: int, *, made: int | None = None, trailer: bytes = b"", mask: str = "sha256"
) -> Callable[[], LabPublication]:
    """A signature with a salt of this length, and what is stated of it."""

    def forge() -> LabPublication:
        mgf = der.sequence(der.oid(ID_MGF1), algorithm(mask))
        parameters = der.sequence(
            der.context(0, algorithm("sha256")),
            der.context(1, mgf),
            der.context(2, der.integer(salt)),
            trailer,
        )
        how = Signing(signature_algorithm=der.sequence(der.oid(ID_PSS), parameters))
        return publish(replace(how, signature=lambda _: signature_with(made or salt, how)))

    def signature_with(length: int, how: Signing) -> bytes:
        key = how.signer.key
        assert isinstance(key, rsa.RSAPrivateKey)
        message = der.tlv(0x31, signed_attributes(DOCUMENT, how))
        hash_ = hashes.SHA512() if mask == "sha512" else hashes.SHA256()
        return key.sign(message, padding.PSS(padding.MGF1(hash_), length), hashes.SHA256())

    return forge


def of_pss_key(**how: object) -> Callable[[], LabPublication]:
    """By a key that its certificate gives to RSASSA-PSS alone (RFC 4055 1.2)."""
    return with_key_algorithm(der.sequence(der.oid(ID_PSS)), **how)


def with_key_algorithm(stated: bytes, **how: object) -> Callable[[], LabPublication]:
    def forge() -> LabPublication:
        signer = lab_signer()
        key = der.elements(der.content(fields(signer.der)[6]))[1]
        change = replacing(6, der.sequence(stated, key))
        certificate = certify_again(signer, Certifying(change=change))
        return publish(replace(Signing(), certificates=(certificate,), **how))  # type: ignore[arg-type]

    return forge


P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_G = (
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
)
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def curve_spelt_out(generator: bytes) -> Callable[[], LabPublication]:
    """P-256 by its numbers instead of its name, or a curve that only looks like it."""

    def forge() -> LabPublication:
        signer = lab_signer(Profile(key="p-256"))
        coefficients = (der.octet_string(n.to_bytes(32)) for n in (P256 - 3, P256_B))
        parameters = der.sequence(
            der.integer(1),
            der.sequence(der.oid("1.2.840.10045.1.1"), der.integer(P256)),
            der.sequence(*coefficients),
            der.octet_string(generator),
            der.integer(P256_N),
            der.integer(1),
        )
        point = der.elements(der.content(fields(signer.der)[6]))[1]
        key = der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), parameters), point)
        certificate = certify_again(signer, Certifying(change=replacing(6, key)))
        return publish(Signing(signer=signer, certificates=(certificate,)))

    return forge


def low_exponent() -> Identity:
    return lab_signer(Profile(key="rsa-2048-e3"))


def forged_without_key() -> LabPublication:
    """The signature value is a cube root; the private key is not used."""
    how = Signing(signer=low_exponent())
    public = how.signer.certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    message = der.tlv(0x31, signed_attributes(DOCUMENT, how))
    return publish(replace(how, signature=lambda _: cube_root_signature(message, public)))


def ecdsa_value(r: int, s: int) -> Callable[[], LabPublication]:
    return signed(
        signer=lab_signer(Profile(key="p-256")),
        signature=lambda _: der.sequence(der.integer(r), der.integer(s)),
    )


ALGORITHMS = {
    "a digest of its own in the SignerInfo": Story(
        signed(info_digest="sha512"), Check.CMS_DIGEST_ALGORITHM, "2.16.840.1.101.3.4.2.3 in the"
    ),
    "the same digest announced twice": Story(
        signed(declared_digests=("sha256", "sha256")),
        Check.CMS_DIGEST_ALGORITHM,
        "differs between the parts",
    ),
    "a digest as signature algorithm": Story(
        signed(signature_algorithm=algorithm("sha256")), Check.CMS_SIGNATURE_ALGORITHM, ID_SHA256
    ),
    "PSS without parameters": Story(
        signed(pss=True, signature_algorithm=der.sequence(der.oid(ID_PSS))),
        Check.CMS_SIGNATURE_ALGORITHM,
        ID_PSS,
    ),
    "PSS parameters under the name of RSA": Story(
        signed(
            signature_algorithm=pss_algorithm("sha256", "sha256", 32).replace(
                der.oid(ID_PSS), der.oid("1.2.840.113549.1.1.1")
            )
        ),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "PSS with a salt of one byte": Story(
        pss(1), Check.CMS_SIGNATURE_ALGORITHM, "a salt of 1 bytes"
    ),
    "PSS with a salt of less than nothing": Story(
        pss(-1, made=32), Check.CMS_SIGNATURE_ALGORITHM, "a salt of -1 bytes"
    ),
    "PSS with a salt length beyond words": Story(
        pss(1 << 5000, made=32), Check.CMS_SIGNATURE_ALGORITHM, "of 5001 bits"
    ),
    "PSS with the default salt length spelt out": Story(
        pss(20), Check.CMS_DER, "SignerInfo is not strict DER"
    ),
    "PSS with a shorter salt than stated": Story(
        pss(32, made=20), Check.CMS_SIGNATURE, "is invalid"
    ),
    "PSS with another trailer": Story(
        pss(32, trailer=der.context(3, der.integer(2))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "PSS with the default trailer spelt out": Story(
        pss(32, trailer=der.context(3, der.integer(1))),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
    "PSS with a mask of SHA-512": Story(
        pss(32, mask="sha512"), Check.CMS_SIGNATURE_ALGORITHM, "other hashes, mask or trailer"
    ),
    "PKCS #1 v1.5 by a key that is for PSS alone": Story(
        of_pss_key(), Check.SIGNER_KEY_STRENGTH, "with restrictions"
    ),
    "PSS by a key that is for PSS alone": Story(
        of_pss_key(pss=True), Check.SIGNER_KEY_STRENGTH, "with restrictions"
    ),
    "PSS with another hash than the key is for": Story(
        with_key_algorithm(pss_algorithm("sha256", "sha256", 32), pss=True, digest="sha512"),
        Check.SIGNER_KEY_STRENGTH,
        "with restrictions",
    ),
    "P-256 by its numbers": Story(
        curve_spelt_out(bytes.fromhex(P256_G)), Check.SIGNER_KEY_STRENGTH, "a curve of its own"
    ),
    "almost P-256": Story(
        curve_spelt_out(bytes.fromhex(P256_G)[:-1] + b"\xf4"),
        Check.CMS_SIGNATURE_ALGORITHM,
        "a public key that cannot be read",
    ),
    "a cube root as signature of exponent 3": Story(
        forged_without_key, Check.CMS_SIGNATURE, "is invalid"
    ),
    "an ECDSA signature of zeros": Story(ecdsa_value(0, 0), Check.CMS_SIGNATURE, "is invalid"),
    "an ECDSA signature of ones": Story(ecdsa_value(1, 1), Check.CMS_SIGNATURE, "is invalid"),
    "an ECDSA signature of negative numbers": Story(
        ecdsa_value(-1, -1), Check.CMS_SIGNATURE, "is invalid"
    ),
    "an ECDSA signature beyond the order": Story(
        ecdsa_value(P256_N, P256_N), Check.CMS_SIGNATURE, "is invalid"
    ),
    "an ECDSA signature with a byte behind it": Story(
        signed(signer=lab_signer(Profile(key="p-256")), signature=lambda value: value + b"\0"),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
}

STORIES = {**DER, **VERSIONS, **ATTRIBUTES, **ALGORITHMS}


@told(STORIES)
def test_an_edge_of_cms_is_refused(story: Story, refuse: Callable[[Story], None]) -> None:
    refuse(story)


def revoking(serial: int) -> bytes:
    """A genuine CRL of the lab's root."""
    revoked = (
        x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(SIGNER_START).build()
    )
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(lab_root().certificate.subject)
        .last_update(SIGNER_START)
        .next_update(SIGNER_END)
        .add_revoked_certificate(revoked)
        .sign(lab_root().key, hashes.SHA256())
    )
    return crl.public_bytes(serialization.Encoding.DER)


def beside(*choices: bytes) -> Callable[[], LabPublication]:
    """Other CertificateChoices beside the signer's certificate."""
    return signed(certificates=(lab_signer().der, *choices))


GOOD: dict[str, Callable[[], LabPublication]] = {
    "PSS with the longest salt there is room for": pss(222),
    "digest parameters absent": with_signature(lambda good: with_digest(good, b"")),
    "RSA parameters absent": signed(
        signature_algorithm=der.sequence(der.oid("1.2.840.113549.1.1.1"))
    ),
    "an honest signature of exponent 3": lambda: publish(Signing(signer=low_exponent())),
    "ECDSA on P-521": signed(signer=lab_signer(Profile(key="p-521")), digest="sha512"),
    "a further attribute of two values": signed(
        attributes=adding(attribute(ID_UNKNOWN, der.integer(1), der.integer(2)))
    ),
    "an unknown unsigned attribute twice": signed(unsigned_attributes=(UNKNOWN, UNKNOWN)),
    "an unsigned attribute without a value": signed(unsigned_attributes=(attribute(ID_UNKNOWN),)),
    "an unsigned timestamp": signed(unsigned_attributes=(attribute(ID_TIMESTAMP, der.sequence()),)),
    "an unsigned countersignature": signed(
        unsigned_attributes=(attribute(ID_COUNTERSIGNATURE, der.null()),)
    ),
    "an unsigned attribute that mail programs sign": signed(
        unsigned_attributes=(attribute(ID_SIGNING_CERTIFICATE, der.sequence()),)
    ),
    "the signer's certificate three times": beside(lab_signer().der, lab_signer().der),
    "an extended certificate of PKCS #6": beside(der.context(0, b"")),
    "an attribute certificate of version 1": beside(der.context(1, der.sequence())),
    "an attribute certificate of version 2": beside(der.context(2, der.sequence())),
    "a certificate of another format": beside(der.context(3, der.oid(ID_UNKNOWN) + der.null())),
    # Nobody publishes one, so none is consulted (docs/verification.md, step 2).
    "a revocation list that has the signer": signed(crls=revoking(18)),
    "a revocation list that cannot be read": signed(crls=der.sequence(der.integer(1))),
    "revocation data of another format": signed(
        crls=der.context(1, der.oid(ID_UNKNOWN) + der.null())
    ),
}


@pytest.mark.parametrize("publish_it", GOOD.values(), ids=GOOD.keys())
def test_an_edge_of_cms_that_is_right_verifies(
    publish_it: Callable[[], LabPublication], teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(publish_it().write(tmp_path / "source"))
    assert (outcome.exit_code, outcome.err) == (0, "")


def test_the_forged_signature_is_one_to_whoever_does_not_look_behind_the_digest() -> None:
    key = low_exponent().certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    numbers = key.public_numbers()
    block = pow(int.from_bytes(cube_root_signature(b"x", key)), 3, numbers.n).to_bytes(256)
    assert block.startswith(b"\0\1" + b"\xff" * 8 + b"\0")
    assert digest_of(b"x", "sha256") in block
    assert not block.endswith(digest_of(b"x", "sha256"))


def numbered(count: int) -> list[bytes]:
    return [attribute(f"{ID_UNKNOWN}.{number}", der.null()) for number in range(count)]


LARGE: dict[str, Callable[[], LabPublication]] = {
    "certificates": beside(*[der.sequence()] * 400_000),
    "revocation lists": signed(crls=der.sequence() * 400_000),
    "digests": signed(declared_digests=("sha256",) * 60_000),
    "signed attributes": signed(attributes=adding(*numbered(40_000))),
    "unsigned attributes": signed(unsigned_attributes=tuple(sorted(numbered(40_000)))),
    "SignerInfos": signed(signer_infos=lambda info: [info] * 1200),
    "a version": signed(info_version=1 << 4_000_000),
    "a signature value": signed(signature=lambda value: value * 3000),
}


@pytest.mark.parametrize("publish_it", LARGE.values(), ids=LARGE.keys())
def test_as_much_of_one_thing_as_a_mebibyte_holds_costs_little_memory(
    publish_it: Callable[[], LabPublication], tmp_path: Path
) -> None:
    published = publish_it()
    assert MEBIBYTE // 3 < len(published.signature) <= MEBIBYTE
    command = ["verify", *inputs(published.write(tmp_path)), "--report-format", "json"]
    run = subprocess.run(
        [*COMMAND, *command],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (256 * MEBIBYTE,) * 2),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stderr) in {(0, b""), (1, b"")}
    assert json.loads(run.stdout)["verdict"] in {"verified", "not-trusted"}
