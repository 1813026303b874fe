"""Stories of signatures that may come: other forms than IANA's today, right ones and forged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import NameOID

from anchors.core.checks import Check
from tests.pipeline import test_edges_cms, test_edges_x509
from tests.pipeline.stories import Story, Teller, told
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
    ID_ALGORITHM_PROTECTION,
    ID_MESSAGE_DIGEST,
    ID_SIGNING_CERTIFICATE,
    Signing,
    adding,
    algorithm,
    algorithm_protection,
    attribute,
    digest_of,
    instead,
    message_digest,
    pss_algorithm,
    signing_certificate,
    subject_key_identifier,
)
from tests.simulator.document import Document
from tests.simulator.forgery import Certifying, certify_again, fields, pem, replacing
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT, SIGNED, SIGNER_START

Publish = Callable[[], LabPublication]

DOCUMENT = Document().encode()
ID_ML_DSA_65 = "2.16.840.1.101.3.4.3.18"
ID_SHA3_256 = "2.16.840.1.101.3.4.2.8"
POLICY = x509.ObjectIdentifier("1.3.6.1.4.1.55555.3")
OTHER_POLICY = "1.3.6.1.4.1.55555.4"
ANY_POLICY = "2.5.29.32.0"
POLICY_MAPPINGS = x509.ObjectIdentifier("2.5.29.33")
NO_PATH = "no certificate path leads"
ROOT_V2 = replace(ROOT, common_name="Lab Root CA v2", key="rsa-4096")
ISSUING = replace(INTERMEDIATE, common_name="Lab Issuing CA", key="p-384")


def signed(**how: object) -> Publish:
    return lambda: publish(replace(Signing(), **how))  # type: ignore[arg-type]


def by(profile: Profile, **how: object) -> Publish:
    return lambda: publish(replace(Signing(signer=lab_signer(profile)), **how))  # type: ignore[arg-type]


def below(*authorities: Profile, root: Profile = ROOT, signer: Profile | None = None) -> Identity:
    """A signer below CAs below a root of this profile."""
    issuer = certify(root)
    for authority in authorities:
        issuer = certify(authority, issuer)
    return lab_signer(signer, issuer)


def under(
    *authorities: Profile, root: Profile = ROOT, signer: Profile | None = None, **how: object
) -> Publish:
    def forge() -> LabPublication:
        made = Signing(signer=below(*authorities, root=root, signer=signer))
        published = publish(replace(made, **how))  # type: ignore[arg-type]
        return replace(published, roots=(certify(root).pem,))

    return forge


# --- the signer by key identifier ---

TWIN = Profile(common_name="Twin", serial=19, key_owner=Profile().common_name)


def calling(identifier: bytes, **how: object) -> Publish:
    """The signer is named by these bytes."""
    return signed(by_key=True, sid=der.tlv(0x80, identifier), **how)


def with_identifier(profile: Profile, identifier: bytes) -> Profile:
    return replace(profile, more=((x509.SubjectKeyIdentifier(identifier), False),))


def without_identifier() -> LabPublication:
    """The signer's certificate does not say what its key is called."""
    signer = lab_signer()
    found = fields(signer.der)
    extensions = der.elements(der.content(der.content(found[7])))
    kept = [e for e in extensions if der.oid("2.5.29.14") not in e[:9]]
    assert len(kept) == len(extensions) - 1
    change = replacing(7, der.context(3, der.sequence(*kept)))
    certificate = certify_again(signer, Certifying(change=change))
    return publish(Signing(by_key=True, certificates=(certificate,)))


def of_a_namesake() -> LabPublication:
    """A stranger's certificate says that its key is called as the signer's."""
    mine = x509.SubjectKeyIdentifier.from_public_key(lab_signer().key.public_key()).digest
    stranger = certify(with_identifier(Profile(key_owner="stranger"), mine))
    return publish(
        Signing(
            signer=stranger,
            by_key=True,
            sid=der.tlv(0x80, mine),
            certificates=(stranger.der, lab_signer().der),
        )
    )


BY_KEY = {
    "a key identifier that nobody has": Story(
        calling(b"nobody's"), Check.CMS_SIGNER_CERTIFICATE, "key identifier 6e6f626f64792773"
    ),
    "a key identifier without bytes": Story(
        calling(b""), Check.CMS_SIGNER_CERTIFICATE, "0 of 2 certificates"
    ),
    "the beginning of the key identifier": Story(
        calling(
            x509.SubjectKeyIdentifier.from_public_key(lab_signer().key.public_key()).digest[:19]
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 2 certificates",
    ),
    "the key identifier of the CA": Story(
        signed(by_key=True, sid=subject_key_identifier(lab_root())),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "a key identifier that two certificates have": Story(
        lambda: publish(
            Signing(by_key=True, certificates=(lab_signer().der, lab_signer(TWIN).der))
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "2 of 2 certificates of key identifier",
    ),
    "a stranger's key under the signer's identifier": Story(
        of_a_namesake, Check.CMS_SIGNER_CERTIFICATE, "2 of 2"
    ),
    "a stranger who is named by key identifier": Story(
        lambda: publish(Signing(signer=certify(Profile(key_owner="stranger")), by_key=True)),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "a key identifier of a certificate that has none": Story(
        without_identifier, Check.CMS_SIGNER_CERTIFICATE, "0 of 1"
    ),
    "a key identifier in a SignerInfo of version 1": Story(
        signed(by_key=True, info_version=1, version=1), Check.CMS_SIGNER_IDENTIFIER, "version 1"
    ),
    "a key identifier in SignedData of version 1": Story(
        signed(by_key=True, version=1), Check.CMS_SIGNED_DATA, "version 1 over"
    ),
    "a serial number in a SignerInfo of version 3": Story(
        signed(info_version=3, version=3), Check.CMS_SIGNER_IDENTIFIER, "version 3"
    ),
}

# --- algorithms ---

ED25519 = Profile(key="ed25519")

ALGORITHMS = {
    "PSS with a salt that is neither usual nor the longest": Story(
        signed(pss=True, salt=64), Check.CMS_SIGNATURE_ALGORITHM, "a salt of 64 bytes"
    ),
    "PSS with one byte less than the longest salt": Story(
        signed(pss=True, salt=221), Check.CMS_SIGNATURE_ALGORITHM, "a salt of 221 bytes"
    ),
    "PSS with the longest salt of another key": Story(
        signed(pss=True, salt=222, signature_algorithm=pss_algorithm("sha256", "sha256", 478)),
        Check.CMS_SIGNATURE_ALGORITHM,
        "a salt of 478 bytes",
    ),
    "PSS with the longest salt stated, and a shorter one made": Story(
        signed(pss=True, signature_algorithm=pss_algorithm("sha256", "sha256", 222)),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "PSS with the longest salt and a mask of SHA-1": Story(
        signed(pss=True, pss_mask="sha1", salt=222),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "PSS with the default salt and another hash": Story(
        signed(pss=True, salt=20, signature_algorithm=pss_algorithm("sha512", "sha512", 20)),
        Check.CMS_SIGNATURE_ALGORITHM,
        "other hashes, mask or trailer",
    ),
    "Ed25519 with SHA-256": Story(
        by(ED25519), Check.CMS_SIGNATURE_ALGORITHM, "Ed25519PublicKey with sha256"
    ),
    "Ed25519 with NULL parameters": Story(
        by(
            ED25519,
            digest="sha512",
            signature_algorithm=der.sequence(der.oid("1.3.101.112"), der.null()),
        ),
        Check.CMS_SIGNATURE_ALGORITHM,
        "1.3.101.112",
    ),
    "Ed25519 announced for an RSA key": Story(
        signed(digest="sha512", signature_algorithm=algorithm("ed25519")),
        Check.CMS_SIGNATURE_ALGORITHM,
        "RSAPublicKey with sha512",
    ),
    "RSA announced for an Ed25519 key": Story(
        by(ED25519, digest="sha512", signature_algorithm=algorithm("rsa")),
        Check.CMS_SIGNATURE_ALGORITHM,
        "Ed25519PublicKey with sha512",
    ),
    "a flipped bit of an Ed25519 signature": Story(
        by(ED25519, digest="sha512", signature=lambda v: v[:-1] + bytes([v[-1] ^ 1])),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "an Ed25519 signature of zeros": Story(
        by(ED25519, digest="sha512", signature=lambda v: bytes(len(v))),
        Check.CMS_SIGNATURE,
        "is invalid",
    ),
    "a CA with Ed25519": Story(
        under(replace(INTERMEDIATE, key="ed25519")), Check.SIGNER_PATH, "no certificate path leads"
    ),
}

# --- attributes that bind ---


def protected(how: Signing | None = None, **said: bytes) -> Publish:
    """Signed with CMSAlgorithmProtection, which says something else where told so."""
    made = how or Signing()
    protection = algorithm_protection(made, **said)
    return lambda: publish(replace(made, attributes=adding(protection)))


def naming(*attributes: bytes, **how: object) -> Publish:
    return signed(attributes=adding(*attributes), **how)


def issued(identity: Identity, *names: bytes, serial: int | None = None) -> bytes:
    """IssuerSerial of a certificate."""
    issuer = identity.certificate.issuer.public_bytes()
    number = identity.certificate.serial_number if serial is None else serial
    general = names or (der.context(4, issuer),)
    return der.sequence(der.sequence(*general), der.integer(number))


def lab_named(**said: object) -> bytes:
    return signing_certificate(lab_signer().der, **said)  # type: ignore[arg-type]


def of_a_named_path(*, named: bool) -> Publish:
    """Two CAs certify the signer; the signature names one of them."""

    def forge() -> LabPublication:
        signer = below(INTERMEDIATE)
        _, authority, _ = signer.path
        other = certify(replace(INTERMEDIATE, serial=8), lab_root())
        named_too = authority if named else other
        attributes = adding(signing_certificate(signer.der, named_too.der))
        return publish(Signing(signer=signer, attributes=attributes))

    return forge


BINDINGS = {
    "an attribute that says another digest": Story(
        protected(digest=algorithm("sha512")),
        Check.CMS_ALGORITHM_PROTECTION,
        "name different algorithms | 2.16.840.1.101.3.4.2.3",
    ),
    "an attribute that says another signature algorithm": Story(
        protected(signature=algorithm("ecdsa-sha256")),
        Check.CMS_ALGORITHM_PROTECTION,
        "1.2.840.10045.4.3.2",
    ),
    "an attribute that says RSA by another name": Story(
        protected(signature=algorithm("sha256-rsa")),
        Check.CMS_ALGORITHM_PROTECTION,
        "1.2.840.113549.1.1.11",
    ),
    "an attribute that says another salt": Story(
        protected(Signing(pss=True), signature=pss_algorithm("sha256", "sha256", 222)),
        Check.CMS_ALGORITHM_PROTECTION,
        "1.2.840.113549.1.1.10",
    ),
    "an attribute that says no signature algorithm": Story(
        lambda: publish(
            Signing(
                attributes=adding(
                    attribute(ID_ALGORITHM_PROTECTION, der.sequence(algorithm("sha256")))
                )
            )
        ),
        Check.CMS_ALGORITHM_PROTECTION,
        "no signature algorithm",
    ),
    "an attribute that says an algorithm for a MAC": Story(
        protected(mac=der.context(2, der.oid("1.2.840.113549.2.9"))),
        Check.CMS_DER,
        "CMSAlgorithmProtection attribute is not strict DER",
    ),
    "CMSAlgorithmProtection twice": Story(
        naming(algorithm_protection(Signing()), algorithm_protection(Signing(digest="sha512"))),
        Check.CMS_SIGNED_ATTRIBUTES,
        "attribute is repeated",
    ),
    "CMSAlgorithmProtection of two values": Story(
        naming(attribute(ID_ALGORITHM_PROTECTION, der.sequence(), der.null())),
        Check.CMS_ALGORITHM_PROTECTION,
        "2 values in 1 attributes",
    ),
    "the certificate of somebody else": Story(
        naming(signing_certificate(lab_root().der)),
        Check.CMS_SIGNING_CERTIFICATE,
        "name different certificates",
    ),
    "the signer's certificate in the second place": Story(
        naming(signing_certificate(lab_root().der, lab_signer().der)),
        Check.CMS_SIGNING_CERTIFICATE,
        "name different certificates",
    ),
    "the signer's certificate with another serial number": Story(
        naming(lab_named(issued=issued(lab_signer(), serial=19))),
        Check.CMS_SIGNING_CERTIFICATE,
        "name different certificates",
    ),
    "the signer's certificate with another issuer": Story(
        naming(
            lab_named(
                issued=issued(
                    lab_signer(),
                    der.context(4, lab_signer().certificate.subject.public_bytes()),
                )
            )
        ),
        Check.CMS_SIGNING_CERTIFICATE,
        "name different certificates",
    ),
    "the signer's certificate without an issuer": Story(
        naming(lab_named(issued=der.sequence(der.sequence(), der.integer(18)))),
        Check.CMS_SIGNING_CERTIFICATE,
        "name different certificates",
    ),
    "the signer's certificate by SHA-1": Story(
        naming(lab_named(hash_="sha1")),
        Check.CMS_SIGNING_CERTIFICATE,
        "a hash that is not SHA-2 | 1.3.14.3.2.26",
    ),
    "no certificate named": Story(
        naming(signing_certificate()), Check.CMS_SIGNING_CERTIFICATE, "none"
    ),
    "signingCertificateV2 of two values": Story(
        naming(attribute(ID_SIGNING_CERTIFICATE, der.sequence(), der.null())),
        Check.CMS_SIGNING_CERTIFICATE,
        "2 values in 1 attributes",
    ),
    "signingCertificateV2 that is none": Story(
        naming(attribute(ID_SIGNING_CERTIFICATE, der.octet_string(b"x"))),
        Check.CMS_DER,
        "signingCertificateV2 attribute is not strict DER",
    ),
    "a CA that the signature does not name": Story(
        of_a_named_path(named=False),
        Check.CMS_SIGNING_CERTIFICATE,
        "not among the certificates that the signed attributes name | CN=Lab Email CA",
    ),
}

# --- two signatures ---

EC_SIGNER = Profile(common_name="New signer", key="p-256", serial=20)


def second(profile: Profile = EC_SIGNER, **how: object) -> Signing:
    return replace(Signing(signer=lab_signer(profile)), **how)  # type: ignore[arg-type]


def of_the_future(*, by_key: bool = False) -> Signing:
    """Signed with ML-DSA and SHA3-256, as far as anybody here can tell."""
    stated = der.sequence(der.oid(ID_ML_DSA_65))
    return second(signature_algorithm=stated, signature=lambda _: bytes(3309), by_key=by_key)


def spoilt(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-5


def restated(by_oid: str, **how: object) -> Publish:
    """A stranger's second SignerInfo, which states an algorithm that nothing is signed with."""
    stranger = Signing(signer=certify(replace(EC_SIGNER, serial=21)))
    stated = der.sequence(der.oid(by_oid))
    return signed(second=replace(stranger, signature_algorithm=stated, **how))  # type: ignore[arg-type]


def written_again(**how: object) -> Publish:
    """The one signature in a second SignerInfo, written in another way, as anybody could."""
    return signed(second=replace(Signing(), **how))  # type: ignore[arg-type]


def negated(signature: bytes) -> bytes:
    """The other value of an ECDSA signature on P-256, which holds as well."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, P256_ORDER - s)


def negated_beside() -> LabPublication:
    """An ECDSA signature, and what anybody can make of it."""
    values: list[bytes] = []

    def keep(value: bytes) -> bytes:
        values.append(value)
        return value

    one = second(signature=keep)
    return publish(replace(one, second=replace(one, signature=lambda _: negated(values[0]))))


ONE_TWICE = "two SignerInfos contain the same signature"

TWO = {
    "one signature twice, once by key identifier": Story(
        written_again(by_key=True), Check.CMS_ONE_SIGNER, ONE_TWICE
    ),
    "one signature twice, once by another name of its algorithm": Story(
        written_again(signature_algorithm=algorithm("sha256-rsa")),
        Check.CMS_ONE_SIGNER,
        ONE_TWICE,
    ),
    "one signature twice, once with an unsigned attribute": Story(
        written_again(unsigned_attributes=(attribute("1.3.6.1.4.1.55555.5", der.null()),)),
        Check.CMS_ONE_SIGNER,
        ONE_TWICE,
    ),
    "an ECDSA signature, and its other value": Story(
        negated_beside, Check.CMS_ONE_SIGNER, ONE_TWICE
    ),
    "a stranger's signature under the name of RSA with MD4": Story(
        restated("1.2.840.113549.1.1.3"), Check.CMS_SIGNATURE_ALGORITHM, "1.2.840.113549.1.1.3"
    ),
    "a stranger's signature under the name of a mask": Story(
        restated("1.2.840.113549.1.1.8"), Check.CMS_SIGNATURE_ALGORITHM, "1.2.840.113549.1.1.8"
    ),
    "a stranger's signature under the name of an EC key": Story(
        restated("1.2.840.10045.2.1"), Check.CMS_SIGNATURE_ALGORITHM, "1.2.840.10045.2.1"
    ),
    "a stranger's signature under OIW's name of SHA-1": Story(
        restated("1.3.14.3.2.29"), Check.CMS_SIGNATURE_ALGORITHM, "1.3.14.3.2.29"
    ),
    "three signatures": Story(
        signed(second=second(), signer_infos=lambda info: [info, der.sequence()]),
        Check.CMS_ONE_SIGNER,
        "3 SignerInfos",
    ),
    "a second signature that is forged": Story(
        signed(second=second(signature=spoilt)), Check.CMS_SIGNATURE, "is invalid"
    ),
    "a first signature that is forged": Story(
        signed(signature=spoilt, second=second()), Check.CMS_SIGNATURE, "is invalid"
    ),
    "a second signature by a stranger": Story(
        lambda: publish(Signing(second=Signing(signer=certify(replace(EC_SIGNER, serial=21))))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "a second signature by another mailbox": Story(
        signed(second=second(replace(EC_SIGNER, emails=("somebody@iana.org",)))),
        Check.SIGNER_IDENTITY,
        "somebody@iana.org",
    ),
    "a second signature of another document": Story(
        signed(
            second=second(
                attributes=instead(ID_MESSAGE_DIGEST, message_digest(digest_of(b"x", "sha256")))
            )
        ),
        Check.CMS_MESSAGE_DIGEST,
        "to another document",
    ),
    "a second signature with MD5": Story(
        signed(second=second(Profile(common_name="Old", serial=21), digest="md5")),
        Check.CMS_DIGEST_ALGORITHM,
        "1.2.840.113549.2.5",
    ),
    "a second signature with SHA-1": Story(
        signed(second=second(Profile(common_name="Old", serial=21), digest="sha1")),
        Check.CMS_DIGEST_ALGORITHM,
        "uses SHA-1",
    ),
    "a second signature whose certificate has ended": Story(
        signed(second=second(replace(EC_SIGNER, end=SIGNER_START.replace(month=2)))),
        Check.SIGNER_VALIDITY,
        "ended on 2025-02-01",
    ),
    "a second signature whose certificate is absent": Story(
        signed(second=second(), certificates=(lab_signer().der,)),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a second signature whose digest is not announced": Story(
        signed(second=second(digest="sha512"), declared_digests=("sha256",)),
        Check.CMS_DIGEST_ALGORITHM,
        "differs between the parts",
    ),
    "a second signature by key identifier in SignedData of version 1": Story(
        signed(second=second(by_key=True), version=1), Check.CMS_SIGNED_DATA, "version 1 over"
    ),
    "an unknown algorithm alone": Story(
        lambda: publish(of_the_future()), Check.CMS_SIGNATURE_ALGORITHM, ID_ML_DSA_65
    ),
    "two unknown algorithms": Story(
        lambda: publish(replace(of_the_future(), second=of_the_future(by_key=True))),
        Check.CMS_SIGNATURE_ALGORITHM,
        ID_ML_DSA_65,
    ),
    "an unknown algorithm beside a forged signature": Story(
        signed(signature=spoilt, second=of_the_future()), Check.CMS_SIGNATURE, "is invalid"
    ),
    "an algorithm without a name": Story(
        signed(second=second(signature_algorithm=der.sequence())),
        Check.CMS_DER,
        "an algorithm of the SignerInfo has no OID",
    ),
}

# --- certificates ---


def extended(extension: x509.ExtensionType, *, critical: bool = True) -> Profile:
    return replace(INTERMEDIATE, more=((extension, critical),))


def policies(*oids: x509.ObjectIdentifier) -> x509.ExtensionType:
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None) for oid in oids])


def mappings(there: str, here: str) -> x509.ExtensionType:
    value = der.sequence(der.sequence(der.oid(there), der.oid(here)))
    return x509.UnrecognizedExtension(POLICY_MAPPINGS, value)


def unreadable_mappings(there: bytes) -> x509.ExtensionType:
    """Policy mappings with these bytes for an object identifier."""
    value = der.sequence(der.sequence(there, der.oid(OTHER_POLICY)))
    return x509.UnrecognizedExtension(POLICY_MAPPINGS, value)


def directory(organization: str) -> x509.GeneralName:
    name = x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)
    return x509.DirectoryName(x509.Name([name]))


CERTIFICATES = {
    "a CA that maps a policy to anyPolicy": Story(
        under(extended(mappings(POLICY.dotted_string, ANY_POLICY))),
        Check.SIGNER_PATH,
        "a CA on the path maps anyPolicy",
    ),
    "a CA that maps anyPolicy, and does not say critical": Story(
        under(extended(mappings(ANY_POLICY, OTHER_POLICY), critical=False)),
        Check.SIGNER_PATH,
        "a CA on the path maps anyPolicy",
    ),
    "a CA that maps policies in BER": Story(
        under(extended(unreadable_mappings(b"\x06\x81\x04\x55\x1d\x20\x00"))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a CA with policy mappings that are none": Story(
        under(extended(x509.UnrecognizedExtension(POLICY_MAPPINGS, b"\xff"))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a CA with policy mappings of nothing": Story(
        under(extended(x509.UnrecognizedExtension(POLICY_MAPPINGS, der.sequence()))),
        Check.SIGNER_PATH,
        "empty policyMappings",
    ),
    "a CA that asks for a policy, and does not say critical": Story(
        under(extended(x509.PolicyConstraints(0, None), critical=False)),
        Check.SIGNER_PATH,
        "2.5.29.36",
    ),
    "a CA that asks for a policy": Story(
        under(extended(x509.PolicyConstraints(0, None))), Check.SIGNER_PATH, "2.5.29.36"
    ),
    "a CA for addresses and directory names": Story(
        under(
            extended(x509.NameConstraints([x509.RFC822Name("iana.org"), directory("Lab")], None))
        ),
        Check.SIGNER_PATH,
        "unsupported directoryName constraint",
    ),
    "five CAs": Story(
        under(*(replace(INTERMEDIATE, common_name=f"Lab CA {n}") for n in range(5))),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "a CA with DSA": Story(
        under(replace(INTERMEDIATE, key="dsa")), Check.SIGNER_PATH, "no certificate path leads"
    ),
    "a CA that may certify the signer's web address": Story(
        test_edges_x509.under(
            test_edges_x509.constrained(permitted=(x509.UniformResourceIdentifier("lab.example"),)),
            signer=test_edges_x509.named(x509.UniformResourceIdentifier("http://lab.example/")),
        ),
        Check.SIGNER_PATH,
        "no certificate path leads",
    ),
    "another mailbox at a host in another case": Story(
        by(Profile(emails=("DNSSEC@IANA.ORG",))), Check.SIGNER_IDENTITY, "DNSSEC@IANA.ORG"
    ),
    "a host in another case with a letter more": Story(
        by(Profile(emails=("dnssec@IANA.ORG.EXAMPLE",))), Check.SIGNER_IDENTITY, "EXAMPLE"
    ),
    "a host whose lower case is IANA's, and that is another": Story(
        by(Profile(emails=("dnssec@\u0130ANA.ORG",))), Check.SIGNER_IDENTITY, "dnssec@"
    ),
}

# --- as a streaming signer writes it ---


def streaming(**how: object) -> Publish:
    return signed(finish=der.streamed, **how)


BER = {
    "BER as a streaming signer writes it": Story(
        streaming(), Check.CMS_DER, "BER, not in DER: it may be genuine, but was not judged"
    ),
    "BER by a signer who is named by key identifier": Story(
        streaming(by_key=True), Check.CMS_DER, "may be genuine"
    ),
}

INSIDE = {
    "content inside that is the document": Story(
        signed(attached=DOCUMENT), Check.CMS_DETACHED, "bytes of content inside"
    ),
}

STORIES = {**INSIDE, **BY_KEY, **ALGORITHMS, **BINDINGS, **TWO, **CERTIFICATES, **BER}


@told(STORIES)
def test_a_form_that_is_forged_or_not_judged_is_refused(
    story: Story, refuse: Callable[[Story], None]
) -> None:
    refuse(story)


def under_root_v2(**how: object) -> Publish:
    """As ICANN's second root may certify one day: two CAs, SHA-512, an ECDSA key."""
    signer = Profile(key="p-256", emails=(), alt_emails=("dnssec@iana.org",))
    policy = replace(INTERMEDIATE, common_name="Lab Policy CA", key="rsa-4096", path_length=1)
    issuing = replace(ISSUING, path_length=0, permitted_mail=("iana.org",))
    return under(policy, issuing, root=ROOT_V2, signer=signer, **how)


def cross_signed() -> LabPublication:
    """The second root is new, and the first, which alone is pinned, certifies it as well."""
    signer = below(ISSUING, root=ROOT_V2)
    cross = certify(replace(ROOT_V2, serial=77), lab_root())
    certificates = (signer.der, *(each.der for each in signer.path[1:-1]), cross.der)
    return publish(Signing(signer=signer, by_key=True, certificates=certificates))


def named_wholly() -> LabPublication:
    """Attributes as a signer of another make writes them."""
    signer = below(INTERMEDIATE)
    how = Signing(signer=signer, digest="sha512", pss=True, by_key=True)
    certificate = signing_certificate(signer.der, hash_="sha512", issued=issued(signer))
    return publish(replace(how, attributes=adding(algorithm_protection(how), certificate)))


GOOD: dict[str, Publish] = {
    "a signer by key identifier": signed(by_key=True),
    "a signer by key identifier below an intermediate": under(INTERMEDIATE, by_key=True),
    "a key identifier that is not a hash": lambda: publish(
        Signing(
            signer=lab_signer(with_identifier(Profile(), b"2028")),
            by_key=True,
            sid=der.tlv(0x80, b"2028"),
        )
    ),
    "the key identifier beside a twin by serial number": lambda: publish(
        Signing(certificates=(lab_signer().der, lab_signer(TWIN).der))
    ),
    "PSS with the longest salt": signed(pss=True, salt=222),
    "PSS with the longest salt and SHA-512": signed(pss=True, digest="sha512", salt=190),
    "PSS with the longest salt of 4096 bits": by(Profile(key="rsa-4096"), pss=True, salt=478),
    "PSS with the default salt": signed(pss=True, salt=20),
    "PSS with SHA-384": signed(pss=True, digest="sha384"),
    "ECDSA on P-256 with SHA-384": by(Profile(key="p-256"), digest="sha384"),
    "ECDSA on P-384 with SHA-512 by key identifier": by(
        Profile(key="p-384"), digest="sha512", by_key=True
    ),
    "Ed25519": by(ED25519, digest="sha512"),
    "Ed25519 by key identifier below an intermediate": under(
        INTERMEDIATE, signer=ED25519, digest="sha512", by_key=True
    ),
    "CMSAlgorithmProtection": protected(),
    "CMSAlgorithmProtection of PSS": protected(Signing(pss=True, salt=222)),
    "CMSAlgorithmProtection without the NULL of the SignerInfo": protected(
        digest=der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
    ),
    "signingCertificateV2": naming(lab_named()),
    "signingCertificateV2 with SHA-256 spelt out": naming(lab_named(hash_="sha256")),
    "signingCertificateV2 with SHA-512, issuer and serial number": naming(
        lab_named(hash_="sha512", issued=issued(lab_signer()))
    ),
    "signingCertificateV2 with policies": naming(
        lab_named(policies=der.sequence(der.sequence(der.oid(OTHER_POLICY))))
    ),
    "signingCertificateV2 that names the CA too": of_a_named_path(named=True),
    "attributes as another maker writes them": named_wholly,
    "RSA and ECDSA": signed(second=second()),
    "RSA with SHA-256 and with SHA-512": signed(second=Signing(digest="sha512")),
    "RSA by serial number and ECDSA by key identifier": signed(second=second(by_key=True)),
    "RSA and Ed25519": signed(
        second=second(Profile(common_name="New", key="ed25519", serial=20), digest="sha512")
    ),
    "under a second root": under_root_v2(),
    "under a second root, by key identifier with SHA-384": under_root_v2(
        by_key=True, digest="sha384"
    ),
    "a second root that the first certifies": cross_signed,
    "four CAs": under(*(replace(INTERMEDIATE, common_name=f"Lab CA {n}") for n in range(4))),
    "critical policies of a CA": under(extended(policies(POLICY))),
    "critical inhibitAnyPolicy of a CA": under(extended(x509.InhibitAnyPolicy(0))),
    "critical policy mappings of a CA": under(
        extended(mappings(POLICY.dotted_string, OTHER_POLICY))
    ),
    "policies of a root": under(
        root=replace(ROOT, serial=4, more=((policies(POLICY), True),)),
        signer=replace(Profile(), more=((policies(POLICY), True),)),
    ),
    "a host part in another case": by(Profile(emails=("dnssec@IANA.ORG",))),
    "a host part in another case as alternative name": under(
        replace(INTERMEDIATE, permitted_mail=("iana.org",)),
        signer=Profile(emails=(), alt_emails=("dnssec@Iana.Org",)),
    ),
}


@pytest.mark.parametrize("publish_it", GOOD.values(), ids=GOOD.keys())
def test_a_form_that_may_come_verifies(publish_it: Publish, teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(publish_it().write(tmp_path / "source"))
    assert (outcome.exit_code, outcome.err) == (0, "")


def unknown_digest() -> LabPublication:
    """A second SignerInfo by SHA3-256, which is announced as well."""

    def renamed(signature: bytes) -> bytes:
        # The place of SHA-224, whose name has the same length, in digestAlgorithms and SignerInfo.
        old, new = der.oid("2.16.840.1.101.3.4.2.4"), der.oid(ID_SHA3_256)
        return signature.replace(old, new)

    return publish(Signing(second=second(Profile(serial=20), digest="sha224"), finish=renamed))


class Told(NamedTuple):
    """A publication that verifies, and what is said of it beside."""

    publish: Publish
    check: Check
    severity: str
    says: str


SAID = {
    "a revocation list": Told(
        test_edges_cms.signed(crls=test_edges_cms.revoking(18)),
        Check.CMS_REVOCATION_LISTS,
        "notice",
        "1 revocation lists in the signature were not consulted",
    ),
    "two signatures": Told(
        signed(second=second()), Check.CMS_ONE_SIGNER, "notice", "2 signatures, and each"
    ),
    "one that cannot be judged": Told(
        signed(second=of_the_future()),
        Check.CMS_ONE_SIGNER,
        "warning",
        f"not judged | {ID_ML_DSA_65} with 2.16.840.1.101.3.4.2.1",
    ),
    "one of another digest that cannot be judged": Told(
        unknown_digest, Check.CMS_ONE_SIGNER, "warning", f"with {ID_SHA3_256}"
    ),
}


@pytest.mark.parametrize("story", SAID.values(), ids=SAID.keys())
def test_what_does_not_count_is_said(story: Told, teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(story.publish().write(tmp_path / "source"))
    assert outcome.exit_code == 0
    assert story.says in outcome.findings(story.severity)[story.check.id]


def test_the_signer_that_ends_first_is_the_one_that_is_shown(
    teller: Teller, tmp_path: Path
) -> None:
    for number, (first, other) in enumerate([(2029, 2030), (2030, 2029)]):
        ends = [AT.replace(year=year) for year in (first, other)]
        made = Signing(
            signer=lab_signer(Profile(end=ends[0])),
            second=second(replace(EC_SIGNER, end=ends[1])),
        )
        outcome = teller.verify(publish(made).write(tmp_path / str(number)))
        shown = outcome.report["publication"]["signer"]["not_after"]
        assert shown.startswith("2029-10-04")


def test_the_time_that_is_shown_is_that_of_the_last_signature(
    teller: Teller, tmp_path: Path
) -> None:
    """Who once takes the other signature away must not make both look older than before."""
    made = Signing(
        signer=lab_signer(Profile(end=AT.replace(year=2029))),
        signing_time=SIGNED - timedelta(days=1),
        second=second(),
    )
    outcome = teller.verify(publish(made).write(tmp_path))
    assert outcome.report["publication"]["signing_time"] == f"{SIGNED:%Y-%m-%dT%H:%M:%SZ}"


def test_a_path_that_is_shown_goes_through_no_certificate_twice(
    teller: Teller, tmp_path: Path
) -> None:
    """The second root's own certificate is beside the one by the first: a way round to nowhere."""
    signer = below(ISSUING, root=ROOT_V2)
    root_v2, issuing, _ = signer.path
    cross = certify(replace(ROOT_V2, serial=77), lab_root())
    for number, pair in enumerate([(root_v2, cross), (cross, root_v2)]):
        made = Signing(
            signer=signer,
            certificates=tuple(each.der for each in (signer, issuing, *pair)),
            sorted_certificates=False,
        )
        outcome = teller.verify(publish(made).write(tmp_path / str(number)))
        chain = outcome.report["publication"]["chain"]
        assert len(set(chain)) == len(chain)


def test_a_roots_file_with_a_certificate_that_cannot_be_read(
    teller: Teller, tmp_path: Path
) -> None:
    unreadable = pem(lab_root().der[:-1])
    source = replace(publish(), roots=(unreadable, lab_root().pem)).write(tmp_path)
    outcome = teller.verify(source)
    assert (outcome.exit_code, outcome.err) == (0, "")
    notices = [f["message"] for f in outcome.report["findings"] if f["check"] == "choice.ca"]
    assert any(notice.startswith("1 unreadable certificates of ") for notice in notices)


# What docs/verification.md says of a form, and the stories that show it.
STORIES_OF_FORMS = {
    "a signer named by key identifier": ["a signer by key identifier"],
    "RSA-PSS": ["PSS with the longest salt", "PSS with the default salt", "PSS with SHA-384"],
    "ECDSA": ["ECDSA on P-256 with SHA-384", "ECDSA on P-384 with SHA-512 by key identifier"],
    "Ed25519": ["Ed25519"],
    "SHA-384 and SHA-512": ["PSS with SHA-384", "Ed25519"],
    "two signatures": ["RSA and ECDSA", "one that cannot be judged"],
    "CMSAlgorithmProtection": ["CMSAlgorithmProtection"],
    "signingCertificateV2": ["signingCertificateV2"],
    "revocation lists": ["a revocation list"],
    "four CAs": ["four CAs"],
    "cross-signed roots": ["a second root that the first certifies"],
    "critical policies of CAs": [
        "critical policies of a CA",
        "critical inhibitAnyPolicy of a CA",
        "critical policy mappings of a CA",
    ],
    "@IANA.ORG": ["a host part in another case"],
    "BER": ["BER as a streaming signer writes it"],
    "content inside": ["content inside that is the document"],
    "constraints on directory names": ["a CA for addresses and directory names"],
    "policyConstraints": ["a CA that asks for a policy"],
    "keys for RSA-PSS alone": ["PSS by a key that is for PSS alone"],
    "CAs with Ed25519": ["a CA with Ed25519"],
}
