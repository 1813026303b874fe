"""Stories of hostile signatures and signers; each changes one thing of a good publication."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from anchors.core.checks import Check
from tests.pipeline.stories import Story, Teller, inputs, told
from tests.simulator import der
from tests.simulator.authority import (
    INTERMEDIATE,
    ROOT,
    Identity,
    Profile,
    certify,
    lab_root,
    lab_signer,
)
from tests.simulator.cms import (
    ID_CONTENT_TYPE,
    ID_MESSAGE_DIGEST,
    ID_SIGNING_TIME,
    Signing,
    adding,
    algorithm,
    content_type,
    digest_of,
    instead,
    message_digest,
    pss_algorithm,
    signed_attributes,
    signer_info,
    signing_time,
    subject_key_identifier,
)
from tests.simulator.document import Document
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT, SIGNED, SIGNER_END, SIGNER_START

ID_TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.1.4"
ID_DIGESTED_DATA = "1.2.840.113549.1.7.5"

KEY_USAGE_OID = der.oid("2.5.29.15")
BASIC_CONSTRAINTS_OID = der.oid("2.5.29.19")

DOCUMENT = Document().encode()


def with_signature(change: Callable[[bytes], bytes]) -> LabPublication:
    good = publish()
    return replace(good, signature=change(good.signature))


def stranger() -> Identity:
    """Somebody with a CA of their own, who writes IANA's address into the certificate."""
    return lab_signer(
        Profile(key_owner="stranger"), certify(replace(ROOT, common_name="Strangers"))
    )


def attributes_as_document() -> LabPublication:
    """The signed attributes of a genuine signature served as if they were the document."""
    genuine = Signing()
    attributes = der.tlv(0x31, signed_attributes(DOCUMENT, genuine))
    # Without signed attributes the genuine signature value is right for these bytes.
    return publish(Signing(no_attributes=True), attributes)


DER = {
    "an empty signature": Story(lambda: with_signature(lambda _: b""), Check.CMS_DER, "0 bytes"),
    "a web page": Story(
        lambda: with_signature(lambda _: b"<!DOCTYPE html><title>404</title>"),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "PEM": Story(
        lambda: with_signature(lambda _: b"-----BEGIN PKCS7-----\n"),
        Check.CMS_DER,
        "not one CMS ContentInfo",
    ),
    "truncated": Story(
        lambda: with_signature(lambda good: good[:-1]), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "a trailing zero": Story(
        lambda: with_signature(lambda good: good + b"\0"), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "a second signature after the first": Story(
        lambda: with_signature(lambda good: good * 2), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "indefinite length": Story(
        lambda: with_signature(der.indefinite), Check.CMS_DER, "BER, not in DER: it may be genuine"
    ),
    "a length longer than needed": Story(
        lambda: with_signature(der.long_length), Check.CMS_DER, "not one CMS ContentInfo"
    ),
    "a set of certificates that holds something else": Story(
        lambda: publish(Signing(certificates=(lab_signer().der, der.octet_string(b"cert")))),
        Check.CMS_DER,
        "contains something else",
    ),
    "unsorted signed attributes": Story(
        lambda: publish(Signing(sorted_attributes=False, attributes=lambda a: a[::-1])),
        Check.CMS_DER,
        "SignerInfo is not strict DER",
    ),
}

STRUCTURE = {
    "content that is not SignedData": Story(
        lambda: publish(Signing(outer_type=ID_DIGESTED_DATA)), Check.CMS_SIGNED_DATA, "1.7.5"
    ),
    "SignedData of another version": Story(
        lambda: publish(Signing(version=3)), Check.CMS_SIGNED_DATA, "version 3"
    ),
    "a timestamp token": Story(
        lambda: publish(Signing(inner_type=ID_TIMESTAMP_TOKEN)),
        Check.CMS_SIGNED_DATA,
        ID_TIMESTAMP_TOKEN,
    ),
    "attached content": Story(
        lambda: publish(Signing(attached=DOCUMENT)),
        Check.CMS_DETACHED,
        f"{len(DOCUMENT)} bytes of content inside",
    ),
    "attached content of no bytes": Story(
        lambda: publish(Signing(attached=b"")), Check.CMS_DETACHED, "0 bytes of content inside"
    ),
    "no signer": Story(
        lambda: publish(Signing(signer_infos=lambda _: [])), Check.CMS_ONE_SIGNER, "0 SignerInfos"
    ),
    "a stranger as second signer": Story(
        lambda: publish(
            Signing(
                signer_infos=lambda info: [info, signer_info(DOCUMENT, Signing(signer=stranger()))],
                certificates=(lab_root().der, lab_signer().der, stranger().der),
            )
        ),
        Check.SIGNER_PATH,
        "CN=Strangers",
    ),
    "the same signer twice": Story(
        lambda: publish(Signing(signer_infos=lambda info: [info, info])),
        Check.CMS_ONE_SIGNER,
        "2 SignerInfos",
    ),
    "a signer named by key identifier": Story(
        lambda: publish(Signing(sid=subject_key_identifier(lab_signer()))),
        Check.CMS_SIGNER_IDENTIFIER,
        "SubjectKeyIdentifier",
    ),
    "a SignerInfo of another version": Story(
        lambda: publish(Signing(info_version=3)), Check.CMS_SIGNER_IDENTIFIER, "version 3"
    ),
    "the signer's certificate absent": Story(
        lambda: publish(Signing(certificates=(lab_root().der,))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "no certificate at all": Story(
        lambda: publish(Signing(certificates=())), Check.CMS_SIGNER_CERTIFICATE, "0 of 0"
    ),
    "two certificates of the same issuer and serial": Story(
        lambda: publish(
            Signing(certificates=(lab_signer().der, lab_signer(Profile(common_name="Twin")).der))
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "2 of 2",
    ),
    "a heap of certificates": Story(
        lambda: publish(Signing(certificates=(lab_signer().der, *[lab_root().der] * 16))),
        Check.CMS_SIGNER_CERTIFICATE,
        "17 certificates",
    ),
    "the serial of another issuer": Story(
        lambda: publish(
            Signing(
                sid=der.sequence(
                    stranger().certificate.issuer.public_bytes(),
                    der.integer(lab_signer().certificate.serial_number),
                )
            )
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 2",
    ),
}

ALGORITHMS = {
    "SHA-1": Story(
        lambda: publish(Signing(digest="sha1")), Check.CMS_DIGEST_ALGORITHM, "uses SHA-1"
    ),
    "MD5": Story(
        lambda: publish(Signing(digest="md5")), Check.CMS_DIGEST_ALGORITHM, "1.2.840.113549.2.5"
    ),
    "MD5 under the name of SHA-256": Story(
        lambda: publish(Signing(digest="md5", info_digest="sha256", declared_digests=("sha256",))),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "SHA-224": Story(
        lambda: publish(Signing(digest="sha224")),
        Check.CMS_DIGEST_ALGORITHM,
        "2.16.840.1.101.3.4.2.4",
    ),
    "another digest announced": Story(
        lambda: publish(Signing(declared_digests=("sha512",))),
        Check.CMS_DIGEST_ALGORITHM,
        "2.16.840.1.101.3.4.2.3 in digestAlgorithms",
    ),
    "a second digest announced": Story(
        lambda: publish(Signing(declared_digests=("sha1", "sha256"))),
        Check.CMS_DIGEST_ALGORITHM,
        "differs between the parts",
    ),
    "a signature algorithm with SHA-1": Story(
        lambda: publish(Signing(signature_algorithm=algorithm("sha1-rsa"))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.2.840.113549.1.1.5",
    ),
    "a signature algorithm with MD5": Story(
        lambda: publish(Signing(signature_algorithm=algorithm("md5-rsa"))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.2.840.113549.1.1.4",
    ),
    "a signature algorithm with another hash": Story(
        lambda: publish(Signing(signature_algorithm=algorithm("sha512-rsa"))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "with sha256",
    ),
    "ECDSA announced for an RSA key": Story(
        lambda: publish(Signing(signature_algorithm=algorithm("ecdsa-sha256"))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.2.840.10045.4.3.2",
    ),
    "RSA announced for an EC key": Story(
        lambda: publish(
            Signing(
                signer=lab_signer(Profile(key="p-256")),
                signature_algorithm=algorithm("sha256-rsa"),
            )
        ),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.2.840.113549.1.1.11",
    ),
    "ECDSA with SHA-1": Story(
        lambda: publish(
            Signing(
                signer=lab_signer(Profile(key="p-256")),
                signature_algorithm=algorithm("ecdsa-sha1"),
            )
        ),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.2.840.10045.4.1",
    ),
    "PSS with a mask of SHA-1": Story(
        lambda: publish(Signing(pss=True, pss_mask="sha1")),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "PSS with the hash of SHA-1": Story(
        lambda: publish(Signing(pss=True, signature_algorithm=pss_algorithm("sha1", "sha256", 32))),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "PSS without salt": Story(
        lambda: publish(
            Signing(pss=True, signature_algorithm=pss_algorithm("sha256", "sha256", 0))
        ),
        Check.CMS_SIGNATURE_ALGORITHM,
        "a salt of 0 bytes",
    ),
    "PSS announced, PKCS #1 v1.5 made": Story(
        lambda: publish(Signing(signature_algorithm=pss_algorithm("sha256", "sha256", 32))),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "PKCS #1 v1.5 announced, PSS made": Story(
        lambda: publish(Signing(pss=True, signature_algorithm=algorithm("rsa"))),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
}

ATTRIBUTES = {
    "no signed attributes": Story(
        lambda: publish(Signing(no_attributes=True)), Check.CMS_SIGNED_ATTRIBUTES, "none"
    ),
    "the attributes of another signature as the document": Story(
        attributes_as_document, Check.CMS_SIGNED_ATTRIBUTES, "no signed attributes"
    ),
    "no content-type": Story(
        lambda: publish(Signing(attributes=instead(ID_CONTENT_TYPE))),
        Check.CMS_CONTENT_TYPE,
        "0 values",
    ),
    "wrong content-type": Story(
        lambda: publish(
            Signing(attributes=instead(ID_CONTENT_TYPE, content_type(ID_TIMESTAMP_TOKEN)))
        ),
        Check.CMS_CONTENT_TYPE,
        ID_TIMESTAMP_TOKEN,
    ),
    "two content-types": Story(
        lambda: publish(Signing(attributes=adding(content_type()))),
        Check.CMS_CONTENT_TYPE,
        "2 values",
    ),
    "no message-digest": Story(
        lambda: publish(Signing(attributes=instead(ID_MESSAGE_DIGEST))),
        Check.CMS_MESSAGE_DIGEST,
        "0 values",
    ),
    "two message-digests": Story(
        lambda: publish(
            Signing(attributes=adding(message_digest(digest_of(b"another document", "sha256"))))
        ),
        Check.CMS_MESSAGE_DIGEST,
        "2 values",
    ),
    "a message-digest of two values": Story(
        lambda: publish(
            Signing(
                attributes=instead(
                    ID_MESSAGE_DIGEST,
                    message_digest(
                        digest_of(DOCUMENT, "sha256"), digest_of(b"another document", "sha256")
                    ),
                )
            )
        ),
        Check.CMS_MESSAGE_DIGEST,
        "2 values",
    ),
    "a message-digest of no value": Story(
        lambda: publish(Signing(attributes=instead(ID_MESSAGE_DIGEST, message_digest()))),
        Check.CMS_MESSAGE_DIGEST,
        "0 values",
    ),
    "half a message-digest": Story(
        lambda: publish(
            Signing(
                attributes=instead(
                    ID_MESSAGE_DIGEST, message_digest(digest_of(DOCUMENT, "sha256")[:16])
                )
            )
        ),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "no signing-time": Story(
        lambda: publish(Signing(attributes=instead(ID_SIGNING_TIME))),
        Check.CMS_SIGNING_TIME,
        "0 values",
    ),
    "two signing-times": Story(
        lambda: publish(Signing(attributes=adding(signing_time(der.utc_time(SIGNER_START))))),
        Check.CMS_SIGNING_TIME,
        "2 values",
    ),
    "a signing-time as GeneralizedTime before 2050": Story(
        lambda: publish(
            Signing(attributes=instead(ID_SIGNING_TIME, signing_time(der.generalized_time(SIGNED))))
        ),
        Check.CMS_SIGNING_TIME,
        "wrong form",
    ),
    "a signing-time that is text": Story(
        lambda: publish(
            Signing(attributes=instead(ID_SIGNING_TIME, signing_time(der.utf8_string("now"))))
        ),
        Check.CMS_DER,
        "signing-time attribute is not strict DER",
    ),
    "a signing-time with an offset": Story(
        lambda: publish(
            Signing(
                attributes=instead(
                    ID_SIGNING_TIME, signing_time(der.tlv(0x17, b"260201120000+0500"))
                )
            )
        ),
        Check.CMS_DER,
        "signing-time attribute is not strict DER",
    ),
}

VALUES = {
    "a tampered byte of the document": Story(
        lambda: replace(publish(), document=DOCUMENT.replace(b"E06D44", b"E06D45")),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "a line end of the document changed": Story(
        lambda: replace(publish(), document=DOCUMENT.replace(b"\n", b"\r\n")),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "the signature of another document": Story(
        lambda: replace(publish(document=Document(id="another")), document=DOCUMENT),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "a tampered byte of the signature value": Story(
        lambda: publish(Signing(signature=lambda value: value[:-1] + bytes([value[-1] ^ 1]))),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "no signature value": Story(
        lambda: publish(Signing(signature=lambda _: b"")), Check.CMS_SIGNATURE, "is invalid"
    ),
    "a zero byte before the signature value": Story(
        lambda: publish(Signing(signature=lambda value: b"\0" + value)),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "signed with the tag of the message": Story(
        lambda: publish(Signing(signed_tag=0xA0)), Check.CMS_SIGNATURE, "is invalid"
    ),
    "signed by another key under the signer's name": Story(
        lambda: publish(
            Signing(signer=stranger(), certificates=(lab_signer().der,), sid=lab_sid())
        ),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
}


def lab_sid() -> bytes:
    certificate = lab_signer().certificate
    return der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def signed_by(profile: Profile, issuer: Identity | None = None) -> Callable[[], LabPublication]:
    return lambda: publish(Signing(signer=lab_signer(profile, issuer)))


def under(*authorities: Profile, signer: Profile | None = None) -> Callable[[], LabPublication]:
    """A signer below further CAs of the lab's root."""

    def forge() -> LabPublication:
        issuer = lab_root()
        for authority in authorities:
            issuer = certify(authority, issuer)
        return publish(Signing(signer=lab_signer(signer, issuer)))

    return forge


def self_signed() -> LabPublication:
    return publish(Signing(signer=certify(Profile())))


def of_a_namesake() -> LabPublication:
    """A CA that has the name of the pinned root, its serial number and everything but its key."""
    namesake = certify(replace(ROOT, key_owner="namesake"))
    return publish(Signing(signer=lab_signer(Profile(), namesake)))


def of_a_leaf() -> LabPublication:
    """Certified by somebody whom the pinned root certified, though not as a CA."""
    leaf = lab_signer(Profile(common_name="Somebody", emails=("somebody@iana.org",)))
    return publish(Signing(signer=lab_signer(Profile(), leaf)))


def without_intermediate() -> LabPublication:
    signer = lab_signer(Profile(), certify(INTERMEDIATE, lab_root()))
    return publish(Signing(signer=signer, certificates=(lab_root().der, signer.der)))


IDENTITY = {
    "another mailbox under the same CA": Story(
        signed_by(Profile(emails=("somebody@iana.org",))),
        Check.SIGNER_IDENTITY,
        "somebody else | somebody@iana.org",
    ),
    "a host that only begins like IANA's": Story(
        signed_by(Profile(emails=("dnssec@iana.org.example",))),
        Check.SIGNER_IDENTITY,
        "dnssec@iana.org.example",
    ),
    "a mailbox that only ends like IANA's": Story(
        signed_by(Profile(emails=("not-dnssec@iana.org",))),
        Check.SIGNER_IDENTITY,
        "not-dnssec@iana.org",
    ),
    "another case": Story(
        signed_by(Profile(emails=("DNSSEC@iana.org",))), Check.SIGNER_IDENTITY, "DNSSEC@iana.org"
    ),
    "a space after the address": Story(
        signed_by(Profile(emails=("dnssec@iana.org ",))), Check.SIGNER_IDENTITY, "dnssec@iana.org "
    ),
    "a NUL in the subject's address": Story(
        signed_by(Profile(emails=("dnssec@iana.org\0.example",))),
        Check.SIGNER_IDENTITY,
        "dnssec@iana.org\0.example",
    ),
    "a NUL in the alternative name": Story(
        signed_by(Profile(emails=(), alt_emails=("dnssec@iana.org\0.example",))),
        Check.SIGNER_IDENTITY,
        "dnssec@iana.org\0.example",
    ),
    "no address": Story(signed_by(Profile(emails=())), Check.SIGNER_IDENTITY, "no mail address"),
    "the address as common name only": Story(
        signed_by(Profile(common_name="dnssec@iana.org", emails=())),
        Check.SIGNER_IDENTITY,
        "no mail address",
    ),
    "a second address in the subject": Story(
        signed_by(Profile(emails=("dnssec@iana.org", "somebody@iana.org"))),
        Check.SIGNER_IDENTITY,
        "dnssec@iana.org, somebody@iana.org",
    ),
    "a second address as alternative name": Story(
        signed_by(Profile(alt_emails=("somebody@iana.org",))),
        Check.SIGNER_IDENTITY,
        "dnssec@iana.org, somebody@iana.org",
    ),
    "another address in the subject, the right one as alternative name": Story(
        signed_by(Profile(emails=("somebody@iana.org",), alt_emails=("dnssec@iana.org",))),
        Check.SIGNER_IDENTITY,
        "somebody@iana.org, dnssec@iana.org",
    ),
}

PATH = {
    "self-signed": Story(self_signed, Check.SIGNER_PATH, "no certificate path leads"),
    "a CA of the same name": Story(of_a_namesake, Check.SIGNER_PATH, "Lab Root CA"),
    "a CA of a stranger, embedded": Story(
        lambda: publish(Signing(signer=stranger())), Check.SIGNER_PATH, "CN=Strangers"
    ),
    "a leaf used as CA": Story(of_a_leaf, Check.SIGNER_PATH, "CN=Somebody"),
    "the intermediate absent": Story(without_intermediate, Check.SIGNER_PATH, "CN=Lab Email CA"),
    "an intermediate that has ended": Story(
        under(replace(INTERMEDIATE, end=AT - timedelta(days=1))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "an intermediate that has not begun": Story(
        under(replace(INTERMEDIATE, start=AT + timedelta(days=1))),
        Check.SIGNER_PATH,
        "no certificate path",
    ),
    "an intermediate that may not sign certificates": Story(
        under(replace(INTERMEDIATE, key_usage=frozenset({"crl_sign"}))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "an intermediate without basicConstraints": Story(
        under(replace(INTERMEDIATE, ca=None)), Check.SIGNER_PATH, "no certificate path leads"
    ),
    "an intermediate for web servers": Story(
        under(replace(INTERMEDIATE, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "an intermediate with RSA of 1024 bits": Story(
        under(replace(INTERMEDIATE, key="rsa-1024")), Check.SIGNER_PATH, "no certificate path leads"
    ),
    "one intermediate more than the first allows": Story(
        under(
            replace(INTERMEDIATE, path_length=0),
            replace(INTERMEDIATE, common_name="Lab Email CA 2"),
        ),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "more intermediates than anybody needs": Story(
        under(*(replace(INTERMEDIATE, common_name=f"Lab CA {n}") for n in range(5))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "an unknown critical extension of the signer": Story(
        signed_by(Profile(unknown_critical=True)), Check.SIGNER_PATH, "no certificate path leads"
    ),
    "an unknown critical extension of an intermediate": Story(
        under(replace(INTERMEDIATE, unknown_critical=True)),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "a CA that may certify another domain only": Story(
        under(replace(INTERMEDIATE, permitted_mail=("icann.org",))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "may not certify this address | dnssec@iana.org",
    ),
    "a CA that may certify subdomains only": Story(
        under(replace(INTERMEDIATE, permitted_mail=(".iana.org",))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "dnssec@iana.org",
    ),
    "a CA that must not certify anything below .org": Story(
        under(replace(INTERMEDIATE, excluded_mail=(".org",))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "dnssec@iana.org",
    ),
    "a CA that must not certify the domain": Story(
        under(replace(INTERMEDIATE, excluded_mail=("iana.org",))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "dnssec@iana.org",
    ),
}

CERTIFICATE = {
    "a CA as signer": Story(
        signed_by(Profile(ca=True)), Check.SIGNER_BASIC_CONSTRAINTS, "is a CA certificate"
    ),
    "no key usage": Story(
        signed_by(Profile(key_usage=None)), Check.SIGNER_KEY_USAGE, "no key usage"
    ),
    "a key usage that is not critical": Story(
        signed_by(Profile(key_usage_critical=False)), Check.SIGNER_KEY_USAGE, "not critical"
    ),
    "a key usage without digitalSignature": Story(
        signed_by(Profile(key_usage=frozenset({"key_encipherment"}))),
        Check.SIGNER_KEY_USAGE,
        "without digitalSignature",
    ),
    "no extended key usage": Story(
        signed_by(Profile(purposes=())), Check.SIGNER_EXTENDED_KEY_USAGE, "none"
    ),
    "an extended key usage for web servers": Story(
        signed_by(Profile(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        Check.SIGNER_EXTENDED_KEY_USAGE,
        "1.3.6.1.5.5.7.3.1",
    ),
    "RSA of 1024 bits": Story(
        signed_by(Profile(key="rsa-1024")), Check.SIGNER_KEY_STRENGTH, "RSA with 1024 bits"
    ),
    "ECDSA on P-224": Story(
        signed_by(Profile(key="p-224")), Check.SIGNER_KEY_STRENGTH, "secp224r1"
    ),
    "ECDSA on secp256k1": Story(
        signed_by(Profile(key="secp256k1")), Check.SIGNER_KEY_STRENGTH, "secp256k1"
    ),
    "a signer that has ended": Story(
        publish, Check.SIGNER_VALIDITY, "ended on 2031-01-01", at=SIGNER_END + timedelta(seconds=1)
    ),
    "a signer that has not begun": Story(
        publish,
        Check.SIGNER_VALIDITY,
        "is not valid before 2025-01-01",
        at=SIGNER_START - timedelta(seconds=1),
    ),
    "signed before the signer began": Story(
        lambda: publish(Signing(signing_time=SIGNER_START - timedelta(seconds=1))),
        Check.SIGNER_SIGNING_TIME,
        "2024-12-31T23:59:59Z",
    ),
    "signed after the signer ended": Story(
        lambda: publish(Signing(signing_time=SIGNER_END + timedelta(seconds=1))),
        Check.SIGNER_SIGNING_TIME,
        "2031-01-01T00:00:01Z",
        at=SIGNER_END,
    ),
    "signed more than five minutes after the time of judgement": Story(
        lambda: publish(Signing(signing_time=AT + timedelta(minutes=5, seconds=1))),
        Check.SIGNER_SIGNING_TIME,
        "in the future",
    ),
}

STORIES = {**DER, **STRUCTURE, **ALGORITHMS, **ATTRIBUTES, **VALUES}
SIGNERS = {**IDENTITY, **PATH, **CERTIFICATE}


@told(STORIES)
def test_a_hostile_signature_is_refused(story: Story, refuse: Callable[[Story], None]) -> None:
    refuse(story)


@told(SIGNERS)
def test_a_hostile_signer_is_refused(story: Story, refuse: Callable[[Story], None]) -> None:
    refuse(story)


def beside(mangle: Callable[[bytes], bytes]) -> Callable[[], LabPublication]:
    """The right certificate beside one that nobody needs."""

    def forge() -> LabPublication:
        mangled = mangle(lab_root().der)
        assert mangled != lab_root().der
        return publish(Signing(certificates=(mangled, lab_signer().der)))

    return forge


GOOD: dict[str, Callable[[], LabPublication]] = {
    "the way IANA signs": publish,
    "SHA-384": lambda: publish(Signing(digest="sha384")),
    "SHA-512 named in the signature algorithm": lambda: publish(
        Signing(digest="sha512", signature_algorithm=algorithm("sha512-rsa"))
    ),
    "RSA-PSS": lambda: publish(Signing(pss=True)),
    "RSA-PSS with SHA-512": lambda: publish(Signing(pss=True, digest="sha512")),
    "ECDSA on P-256": signed_by(Profile(key="p-256")),
    "ECDSA on P-384": lambda: publish(
        Signing(signer=lab_signer(Profile(key="p-384")), digest="sha384")
    ),
    "RSA of 4096 bits": signed_by(Profile(key="rsa-4096")),
    "the address as alternative name": signed_by(
        Profile(emails=(), alt_emails=("dnssec@iana.org",))
    ),
    "the address in both places": signed_by(Profile(alt_emails=("dnssec@iana.org",))),
    "an intermediate": under(INTERMEDIATE),
    "an intermediate for mail only": under(
        replace(INTERMEDIATE, purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))
    ),
    "an intermediate that may certify the domain": under(
        replace(INTERMEDIATE, permitted_mail=("iana.org",))
    ),
    "an intermediate that may certify the mailbox": under(
        replace(INTERMEDIATE, permitted_mail=("dnssec@iana.org",))
    ),
    "the root not embedded": lambda: publish(Signing(certificates=(lab_signer().der,))),
    "certificates out of order": lambda: publish(
        Signing(
            certificates=tuple(sorted((lab_root().der, lab_signer().der), reverse=True)),
            sorted_certificates=False,
        )
    ),
    "a certificate of another kind embedded": lambda: publish(
        Signing(certificates=(lab_signer().der, der.context(3, der.integer(1))))
    ),
    "an embedded certificate that cannot be parsed": beside(lambda _: der.sequence(der.integer(1))),
    "an embedded certificate of version 4": beside(
        lambda root: root.replace(b"\xa0\3\2\1\2", b"\xa0\3\2\1\3", 1)
    ),
    "an embedded certificate with serial number 0": beside(
        lambda root: root.replace(b"\2\1\1\x30", b"\2\1\0\x30", 1)
    ),
    "an embedded certificate with an extension twice": beside(
        lambda root: root.replace(KEY_USAGE_OID, BASIC_CONSTRAINTS_OID)
    ),
    "an embedded certificate with a bit string in its name": beside(
        lambda root: root.replace(b"\x0c\x0bLab Root CA", b"\3\x0b\0ab Root CA")
    ),
    "a further signed attribute": lambda: publish(
        Signing(attributes=adding(message_digest_of_another_type()))
    ),
    "signed five minutes after the time of judgement": lambda: publish(
        Signing(signing_time=AT + timedelta(minutes=5))
    ),
}


def message_digest_of_another_type() -> bytes:
    """S/MIME capabilities, as IANA's signatures carry them."""
    return der.sequence(der.oid("1.2.840.113549.1.9.15"), der.set_of([der.sequence()]))


@pytest.mark.parametrize("publish_it", GOOD.values(), ids=GOOD.keys())
def test_an_unusual_signature_that_is_right_verifies(
    publish_it: Callable[[], LabPublication], teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(publish_it().write(tmp_path / "source"))
    assert (outcome.exit_code, outcome.err) == (0, "")
    assert outcome.report["publication"]["signer"]["email"] == "dnssec@iana.org"


@pytest.mark.parametrize("at", [SIGNER_START, SIGNER_END])
def test_both_ends_of_the_signers_validity_belong_to_it(
    at: datetime, teller: Teller, tmp_path: Path
) -> None:
    signing = Signing(signing_time=min(SIGNER_START, at))
    outcome = teller.verify(publish(signing).write(tmp_path), at=at)
    assert outcome.exit_code == 0
    assert outcome.report["publication"]["signing_time"] == "2025-01-01T00:00:00Z"


def test_the_systems_store_is_not_consulted(
    teller: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = stranger()
    source = publish(Signing(signer=signer)).write(tmp_path / "source")
    store = tmp_path / "store.pem"
    store.write_bytes(signer.path[0].pem)
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(store))
    assert os.environ["SSL_CERT_FILE"] == str(store)
    outcome = teller.verify(source)
    assert (outcome.exit_code, [*outcome.findings("failure")]) == (1, [Check.SIGNER_PATH.id])


def test_the_labs_publication_is_nothing_to_the_built_in_roots(
    teller: Teller, tmp_path: Path
) -> None:
    source = publish().write(tmp_path)
    (source / "ca.pem").unlink()
    outcome = teller.verify(source)
    assert (outcome.exit_code, [*outcome.findings("failure")]) == (1, [Check.SIGNER_PATH.id])


def test_one_of_several_roots_is_enough(teller: Teller, tmp_path: Path) -> None:
    roots = (stranger().path[0].pem, lab_root().pem)
    outcome = teller.verify(replace(publish(), roots=roots).write(tmp_path))
    assert outcome.exit_code == 0
    assert "Lab Root CA" in outcome.report["publication"]["root"]["subject"]
    assert outcome.report["publication"]["root"]["built_in"] is False


def test_a_path_through_an_intermediate_is_reported_whole(teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(under(INTERMEDIATE)().write(tmp_path))
    assert outcome.exit_code == 0
    assert len(outcome.report["publication"]["chain"]) == 3


def test_another_signer_may_be_chosen(teller: Teller, tmp_path: Path) -> None:
    source = signed_by(Profile(emails=("somebody@iana.org",)))().write(tmp_path)
    outcome = teller.verify(source, "--signer", "somebody@iana.org")
    assert outcome.exit_code == 0
    assert Check.CHOICE_SIGNER.id in outcome.findings("notice")


def test_a_chosen_signer_is_the_only_one(teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(publish().write(tmp_path), "--signer", "somebody@iana.org")
    assert (outcome.exit_code, [*outcome.findings("failure")]) == (1, [Check.SIGNER_IDENTITY.id])


def of_a_root_named(common_name: str) -> Callable[[], LabPublication]:
    """A publication that verifies, under a root of this name."""

    def forge() -> LabPublication:
        root = certify(replace(ROOT, common_name=common_name))
        published = publish(Signing(signer=lab_signer(issuer=root)))
        return replace(published, roots=(root.pem,))

    return forge


@pytest.mark.parametrize(
    ("publish_it", "shown"),
    [
        pytest.param(
            signed_by(Profile(emails=("dnssec@iana.org\x1b[2Jx",))), "[2Jx", id="the address"
        ),
        pytest.param(of_a_root_named("\x1b]0;title\x07 \x9b2J \u202eevil"), "title", id="a root"),
        pytest.param(
            under(replace(INTERMEDIATE, common_name="\x1b[31mred", ca=None)),
            "[31mred",
            id="the name of a CA",
        ),
    ],
)
def test_control_characters_never_reach_the_terminal(
    publish_it: Callable[[], LabPublication], shown: str, teller: Teller, tmp_path: Path
) -> None:
    source = publish_it().write(tmp_path / "source")
    for command in (["verify"], ["build", "-o", str(tmp_path / "anchors")]):
        outcome = teller.run(*command, *inputs(source), "-v")
        printed = outcome.out + outcome.err
        assert shown in printed
        assert not [c for c in printed if not c.isprintable() and c != "\n"]
