"""Edges of X.509 (RFC 5280): roots of another make, crossed paths, names, times, extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from anchors.core.checks import Check
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
from tests.simulator.cms import Signing
from tests.simulator.forgery import (
    Certifying,
    Fields,
    certify_again,
    cube_root_signature,
    fields,
    pem,
    replacing,
    sha2_rsa,
)
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT, SIGNER_END, SIGNER_START

SECOND = timedelta(seconds=1)
Publish = Callable[[], LabPublication]

NO_PATH = "no certificate path leads"
OID_UNKNOWN = x509.ObjectIdentifier("1.3.6.1.4.1.55555.2")
OID_NAME_CONSTRAINTS = x509.ObjectIdentifier("2.5.29.30")
OID_PROXY = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14")
OID_NETSCAPE = x509.ObjectIdentifier("2.16.840.1.113730.1.1")


def signed_by(signer: Identity, *certificates: bytes) -> LabPublication:
    """With these certificates instead of the whole path, where there are some."""
    return publish(Signing(signer=signer, certificates=certificates or None))


def rooted(
    root: Profile, *authorities: Profile, signer: Profile | None = None
) -> Callable[[], LabPublication]:
    """A signer below CAs below a pinned root of this profile."""

    def forge() -> LabPublication:
        issuer = certify(root)
        for authority in authorities:
            issuer = certify(authority, issuer)
        published = signed_by(lab_signer(signer, issuer))
        return replace(published, roots=(certify(root).pem,))

    return forge


def under(*authorities: Profile, signer: Profile | None = None) -> Publish:
    return rooted(ROOT, *authorities, signer=signer)


def with_more(profile: Profile, extension: x509.ExtensionType, *, critical: bool) -> Profile:
    return replace(profile, more=((extension, critical),))


def certified(how: Certifying) -> Publish:
    """The signer's certificate, certified again by the lab's root."""
    return lambda: signed_by(lab_signer(), certify_again(lab_signer(), how))


def changed(change: Callable[[Fields], Fields]) -> Publish:
    return certified(Certifying(change=change))


def through(how: Certifying) -> Publish:
    """An intermediate, certified again by the lab's root."""

    def forge() -> LabPublication:
        authority = certify(INTERMEDIATE, lab_root())
        signer = lab_signer(issuer=authority)
        return signed_by(signer, signer.der, certify_again(authority, how))

    return forge


def pinned(how: Certifying) -> Publish:
    """The lab's root, signed again by itself."""
    return lambda: replace(publish(), roots=(pem(certify_again(lab_root(), how)),))


OTHER_ROOT = replace(ROOT, common_name="Other Root CA")
CROSS = replace(ROOT, serial=55)


def crossed(*crosses: Profile, roots: tuple[Profile, ...] = (OTHER_ROOT,)) -> Publish:
    """The lab's root, certified by another root as well: the path may go through either."""

    def forge() -> LabPublication:
        signer = lab_signer()
        others = [certify(cross, certify(OTHER_ROOT)).der for cross in crosses]
        published = signed_by(signer, signer.der, *others)
        return replace(published, roots=tuple(certify(root).pem for root in roots))

    return forge


def in_a_circle() -> LabPublication:
    """Two CAs that certify each other, and no root."""
    first, second = (replace(ROOT, common_name=name, serial=2) for name in ("First", "Second"))
    there = certify(first, certify(second))
    back = certify(second, certify(first))
    signer = lab_signer(issuer=there)
    return signed_by(signer, signer.der, there.der, back.der)


def many_ways() -> LabPublication:
    """Fifteen CAs of one name and key, each of which certifies each: 2,730 ways to nowhere."""
    own = certify(replace(ROOT, common_name="Maze"))
    ways = [certify(replace(ROOT, common_name="Maze", serial=n), own).der for n in range(100, 115)]
    signer = lab_signer(issuer=own)
    return signed_by(signer, signer.der, *ways)


PATHS = {
    "a pinned root with an unknown critical extension": Story(
        rooted(replace(ROOT, unknown_critical=True)), Check.SIGNER_PATH, NO_PATH
    ),
    "a pinned root that must have no CA below": Story(
        rooted(replace(ROOT, path_length=0), INTERMEDIATE), Check.SIGNER_PATH, NO_PATH
    ),
    "a pinned root that may not sign certificates": Story(
        rooted(replace(ROOT, key_usage=frozenset({"crl_sign"}))), Check.SIGNER_PATH, NO_PATH
    ),
    "a pinned root for web servers": Story(
        rooted(replace(ROOT, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a pinned root that has ended": Story(
        rooted(replace(ROOT, end=AT - SECOND)), Check.SIGNER_PATH, NO_PATH
    ),
    "a pinned root that has not begun": Story(
        rooted(replace(ROOT, start=AT + SECOND)), Check.SIGNER_PATH, NO_PATH
    ),
    "a pinned root with RSA of 1024 bits": Story(
        rooted(replace(ROOT, key="rsa-1024")), Check.SIGNER_PATH, NO_PATH
    ),
    "a cross-certificate to a root that is not pinned": Story(
        crossed(CROSS, roots=(replace(ROOT, common_name="Third Root CA"),)),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a cross-certificate that has ended": Story(
        crossed(replace(CROSS, end=AT - SECOND)), Check.SIGNER_PATH, NO_PATH
    ),
    "a cross-certificate of the same name with another key": Story(
        crossed(replace(CROSS, key_owner="namesake")), Check.SIGNER_PATH, NO_PATH
    ),
    "two CAs that certify each other": Story(in_a_circle, Check.SIGNER_PATH, NO_PATH),
    "a maze of CAs": Story(many_ways, Check.SIGNER_PATH, NO_PATH),
    "a new key of the root counts as a CA": Story(
        rooted(replace(ROOT, path_length=0), replace(ROOT, serial=2, key_owner="new")),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "the second CA one too many": Story(
        under(
            replace(INTERMEDIATE, path_length=1),
            replace(INTERMEDIATE, common_name="Lab CA 2"),
            replace(INTERMEDIATE, common_name="Lab CA 3"),
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "an intermediate of the last second before": Story(
        under(replace(INTERMEDIATE, end=AT - SECOND)), Check.SIGNER_PATH, NO_PATH
    ),
    "an intermediate of the first second after": Story(
        under(replace(INTERMEDIATE, start=AT + SECOND)), Check.SIGNER_PATH, NO_PATH
    ),
    "an intermediate whose basicConstraints are not critical": Story(
        under(
            with_more(
                INTERMEDIATE, x509.BasicConstraints(ca=True, path_length=None), critical=False
            )
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "an intermediate without key usage": Story(
        under(replace(INTERMEDIATE, key_usage=None)), Check.SIGNER_PATH, NO_PATH
    ),
    "an intermediate for any purpose": Story(
        under(replace(INTERMEDIATE, purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "an intermediate with Ed25519": Story(
        under(replace(INTERMEDIATE, key="ed25519")), Check.SIGNER_PATH, NO_PATH
    ),
    "an intermediate of version 1": Story(
        through(Certifying(change=lambda parts: parts[1:7])), Check.SIGNER_PATH, NO_PATH
    ),
    "a certificate that has the serial of the signer's and another issuer": Story(
        lambda: signed_by(
            lab_signer(), certify(Profile(), certify(OTHER_ROOT)).der, lab_root().der
        ),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 2",
    ),
}


def constrained(
    *,
    permitted: tuple[x509.GeneralName, ...] = (),
    excluded: tuple[x509.GeneralName, ...] = (),
    critical: bool = True,
) -> Profile:
    """An intermediate with name constraints."""
    constraints = x509.NameConstraints(list(permitted) or None, list(excluded) or None)
    return with_more(INTERMEDIATE, constraints, critical=critical)


def constrained_to(*subtree: bytes, excluded: bool = False) -> Profile:
    """Name constraints of one subtree, as no library would write it."""
    encoded = der.sequence(der.context(int(excluded), der.sequence(*subtree)))
    extension = x509.UnrecognizedExtension(OID_NAME_CONSTRAINTS, encoded)
    return with_more(INTERMEDIATE, extension, critical=True)


def named(*names: x509.GeneralName) -> Profile:
    return with_more(Profile(), x509.SubjectAlternativeName(names), critical=False)


def directory(organization: str) -> x509.DirectoryName:
    return x509.DirectoryName(
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    )


IANA = der.tlv(0x81, b"iana.org")
WHOSE = "name constraints that cannot be evaluated | directoryName under CN=Lab Email CA,O=Lab"

NAMES = {
    "a CA that must not certify the signer's name": Story(
        under(constrained(excluded=(directory("Lab"),))), Check.SIGNER_PATH, NO_PATH
    ),
    "a CA that must not, and does not say critical": Story(
        under(constrained(excluded=(directory("Lab"),), critical=False)),
        Check.SIGNER_NAME_CONSTRAINTS,
        WHOSE,
    ),
    "a CA that may certify other names": Story(
        under(constrained(permitted=(directory("Other"),))), Check.SIGNER_PATH, NO_PATH
    ),
    "a CA that may certify other names, and does not say critical": Story(
        under(constrained(permitted=(directory("Other"),), critical=False)),
        Check.SIGNER_NAME_CONSTRAINTS,
        WHOSE,
    ),
    "a CA that may certify the signer's name": Story(
        under(constrained(permitted=(directory("Lab"),))), Check.SIGNER_PATH, NO_PATH
    ),
    "a CA that may certify the signer's name, and does not say critical": Story(
        under(constrained(permitted=(directory("Lab"),), critical=False)),
        Check.SIGNER_NAME_CONSTRAINTS,
        WHOSE,
    ),
    "a new key of the root obeys the root's constraints too": Story(
        rooted(
            replace(ROOT, emails=("ca@lab.example",), permitted_mail=("iana.org",)),
            replace(ROOT, emails=("ca@lab.example",), key_owner="new"),
        ),
        Check.SIGNER_NAME_CONSTRAINTS,
        "may not certify this address | ca@lab.example",
    ),
    "a CA that may certify no web address at all": Story(
        under(
            constrained(permitted=(x509.UniformResourceIdentifier("lab.example"),)),
            signer=named(x509.UniformResourceIdentifier("http://other.example/")),
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a CA that may certify other hosts": Story(
        under(
            constrained(permitted=(x509.DNSName("lab.example"),)),
            signer=named(x509.DNSName("other.example")),
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a CA whose own address the CA above must not certify": Story(
        under(
            replace(INTERMEDIATE, permitted_mail=("iana.org",)),
            replace(INTERMEDIATE, common_name="Lab CA 2", emails=("ca@lab.example",)),
        ),
        Check.SIGNER_NAME_CONSTRAINTS,
        "may not certify this address | ca@lab.example",
    ),
    "a pinned root that may certify another domain only": Story(
        rooted(replace(ROOT, permitted_mail=("icann.org",))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "under CN=Lab Root CA",
    ),
    "a permitted domain with a minimum": Story(
        under(constrained_to(IANA, der.tlv(0x80, b"\1"))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "cannot be evaluated | minimum or maximum",
    ),
    "a permitted domain with a maximum": Story(
        under(constrained_to(IANA, der.tlv(0x81, b"\5"))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "cannot be evaluated | minimum or maximum",
    ),
    "an excluded domain written as an address without mailbox": Story(
        under(constrained_to(der.tlv(0x81, b"@iana.org"), excluded=True)),
        Check.SIGNER_NAME_CONSTRAINTS,
        "may not certify this address",
    ),
    "a permitted domain that is empty": Story(
        under(constrained_to(der.tlv(0x81, b""))),
        Check.SIGNER_NAME_CONSTRAINTS,
        "may not certify this address",
    ),
    "name constraints that constrain nothing": Story(
        under(
            with_more(
                INTERMEDIATE,
                x509.UnrecognizedExtension(OID_NAME_CONSTRAINTS, der.sequence()),
                critical=True,
            )
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
}

OCSP = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier("http://lab.example/ocsp"),
        )
    ]
)
KEY_IDENTIFIER = x509.SubjectKeyIdentifier(b"somebody's")
OTHER_KEY = x509.AuthorityKeyIdentifier(b"somebody's", None, None)

EXTENSIONS = {
    "a critical authorityInfoAccess of the signer": Story(
        under(signer=with_more(Profile(), OCSP, critical=True)), Check.SIGNER_PATH, NO_PATH
    ),
    "a critical subjectKeyIdentifier of the signer": Story(
        under(signer=with_more(Profile(), KEY_IDENTIFIER, critical=True)),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a critical authorityKeyIdentifier of the signer": Story(
        under(signer=with_more(Profile(), OTHER_KEY, critical=True)), Check.SIGNER_PATH, NO_PATH
    ),
    "a critical authorityInfoAccess of an intermediate": Story(
        under(with_more(INTERMEDIATE, OCSP, critical=True)), Check.SIGNER_PATH, NO_PATH
    ),
    "critical policy constraints of an intermediate": Story(
        under(with_more(INTERMEDIATE, x509.PolicyConstraints(0, 0), critical=True)),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a proxy certificate": Story(
        under(
            signer=with_more(
                Profile(),
                x509.UnrecognizedExtension(OID_PROXY, der.sequence(der.sequence())),
                critical=True,
            )
        ),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "an extension of the signer twice": Story(
        changed(lambda parts: [*parts[:7], extensions(parts, twice=True)]),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "extensions of the signer that are none": Story(
        changed(lambda parts: [*parts[:7], der.context(3, der.sequence())]),
        Check.SIGNER_KEY_USAGE,
        "no key usage",
    ),
    "criticality false spelt out": Story(
        changed(lambda parts: [*parts[:7], extensions(parts, spelt_out=True)]),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
}


def extensions(parts: Fields, *, twice: bool = False, spelt_out: bool = False) -> bytes:
    """The extensions of a TBSCertificate, with a fault in the first."""
    first, *others = der.elements(der.content(der.content(parts[7])))
    oid, value = der.elements(der.content(first))
    if spelt_out:
        first = der.sequence(oid, der.boolean(value=False), value)
    return der.context(3, der.sequence(first, *others, first if twice else b""))


def validity(begin: bytes, end: bytes) -> Callable[[Fields], Fields]:
    return replacing(4, der.sequence(begin, end))


def numbered(serial: bytes) -> Publish:
    """The signer's certificate with another serial number, by which it is named."""

    def forge() -> LabPublication:
        certificate = certify_again(lab_signer(), Certifying(change=replacing(1, serial)))
        sid = der.sequence(fields(certificate)[3], serial)
        return publish(Signing(sid=sid, certificates=(certificate,)))

    return forge


def utc(text: bytes) -> bytes:
    return der.tlv(0x17, text)


def forged_certificate() -> LabPublication:
    """The root has exponent 3, and its signature in the signer's certificate is a cube root."""
    root = certify(replace(ROOT, common_name="Low Root CA", key="rsa-2048-e3"))
    public = root.certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    signer = lab_signer(issuer=root)
    to_be_signed, algorithm, _ = der.elements(der.content(signer.der))
    forged = der.tlv(0x03, b"\0" + cube_root_signature(to_be_signed, public))
    certificate = der.sequence(to_be_signed, algorithm, forged)
    return replace(signed_by(signer, certificate), roots=(root.pem,))


CERTIFICATES = {
    "a signer certified with SHA-1": Story(
        certified(Certifying(hash="sha1")), Check.SIGNER_PATH, NO_PATH
    ),
    "a signer certified with MD5": Story(
        certified(Certifying(hash="md5")), Check.SIGNER_PATH, NO_PATH
    ),
    "an intermediate certified with SHA-1": Story(
        through(Certifying(hash="sha1")), Check.SIGNER_PATH, NO_PATH
    ),
    "a signer certified with a cube root": Story(forged_certificate, Check.SIGNER_PATH, NO_PATH),
    "another algorithm inside the certificate than outside": Story(
        certified(Certifying(inner=sha2_rsa(512))), Check.SIGNER_PATH, NO_PATH
    ),
    "another algorithm outside the certificate than inside": Story(
        certified(Certifying(outer=sha2_rsa(512))), Check.SIGNER_PATH, NO_PATH
    ),
    "a bit of the CA's signature flipped": Story(
        certified(Certifying(value=lambda value: value[:-1] + bytes([value[-1] ^ 1]))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a signer of version 1": Story(
        changed(lambda parts: parts[1:7]), Check.SIGNER_KEY_USAGE, "no key usage"
    ),
    "a signer of version 1 with extensions": Story(
        changed(lambda parts: parts[1:]), Check.SIGNER_PATH, NO_PATH
    ),
    "a signer of version 3 without extensions": Story(
        changed(lambda parts: parts[:7]), Check.SIGNER_KEY_USAGE, "no key usage"
    ),
    "a signer of version 2": Story(
        changed(replacing(0, der.context(0, der.integer(1)))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a signer of version 4": Story(
        changed(replacing(0, der.context(0, der.integer(3)))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "serial number 0": Story(numbered(der.integer(0)), Check.CMS_SIGNER_CERTIFICATE, "serial 0"),
    "a negative serial number": Story(
        numbered(der.integer(-18)), Check.CMS_SIGNER_CERTIFICATE, "serial -18"
    ),
    "a serial number of 26 bytes": Story(
        numbered(der.integer(1 << 200)), Check.SIGNER_PATH, NO_PATH
    ),
    "a serial number with a zero before it": Story(
        numbered(der.tlv(0x02, b"\0\x12")), Check.CMS_DER, "not strict DER"
    ),
    "a thirteenth month": Story(
        changed(validity(utc(b"251301000000Z"), utc(b"310101000000Z"))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a validity with an offset": Story(
        changed(validity(utc(b"250101000000+0000"), utc(b"310101000000Z"))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a validity without seconds": Story(
        changed(validity(utc(b"2501010000Z"), utc(b"310101000000Z"))),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a validity that ends before it begins": Story(
        changed(validity(utc(b"310101000000Z"), utc(b"250101000000Z"))),
        Check.SIGNER_VALIDITY,
        "ended on 2025-01-01",
    ),
    "a validity as GeneralizedTime before 2050": Story(
        changed(validity(der.generalized_time(SIGNER_START), der.generalized_time(SIGNER_END))),
        Check.SIGNER_PATH,
        NO_PATH,
    ),
    "a certificate with something behind its signature": Story(
        lambda: signed_by(lab_signer(), der.sequence(der.content(lab_signer().der), der.null())),
        Check.CMS_SIGNER_CERTIFICATE,
        "0 of 1",
    ),
    "a public key with something behind it": Story(
        changed(lambda parts: [*parts[:6], longer_key(parts[6]), *parts[7:]]),
        Check.CMS_SIGNATURE_ALGORITHM,
        "a public key that cannot be read",
    ),
    "the root's name in another case": Story(
        lambda: renamed(b"LAB ROOT CA", 0x0C), Check.SIGNER_PATH, "CN=LAB ROOT CA"
    ),
    "the root's name in another string type": Story(
        lambda: renamed(b"Lab Root CA", 0x13), Check.SIGNER_PATH, NO_PATH
    ),
    "no subject at all": Story(
        changed(replacing(5, der.sequence())), Check.SIGNER_IDENTITY, "no mail address"
    ),
}


def longer_key(info: bytes) -> bytes:
    algorithm, bits = der.elements(der.content(info))
    return der.sequence(algorithm, der.tlv(0x03, der.content(bits) + b"\0"))


def renamed(common_name: bytes, tag: int) -> LabPublication:
    """A signer whose certificate writes the name of its issuer in another way."""
    issuer = lab_root().certificate.subject.public_bytes()
    other = issuer.replace(b"\x0c\x0bLab Root CA", der.tlv(tag, common_name))
    assert other != issuer
    certificate = certify_again(lab_signer(), Certifying(change=replacing(3, other)))
    sid = der.sequence(other, der.integer(lab_signer().certificate.serial_number))
    return publish(Signing(sid=sid, certificates=(certificate,)))


STORIES = {**PATHS, **NAMES, **EXTENSIONS, **CERTIFICATES}


@told(STORIES)
def test_an_edge_of_x509_is_refused(story: Story, refuse: Callable[[Story], None]) -> None:
    refuse(story)


def named_twice(parts: Fields) -> Fields:
    """A subject whose first name is there twice, side by side."""
    first, *others = der.elements(der.content(parts[5]))
    twice = der.tlv(0x31, der.content(first) * 2)
    return [*parts[:5], der.sequence(twice, *others), *parts[6:]]


def of_no_string(parts: Fields) -> Fields:
    """A subject whose common name is a tag that no string has."""
    name = parts[5].replace(b"\x0c\x0bLab Root CA", b"\xa3\x0bLab Root CA")
    assert name != parts[5]
    return [*parts[:5], name, *parts[6:]]


# RFC 5280 6.1.1 leaves to the user what a root must say; it must say that it is a CA.
NO_ROOTS = {
    "a pinned root of version 1": Story(
        pinned(Certifying(change=lambda parts: parts[1:7])),
        Check.CHOICE_CA,
        "is not a CA certificate",
        exit_code=2,
    ),
    "a pinned root with a name twice in one place": Story(
        pinned(Certifying(change=named_twice)), Check.CHOICE_CA, "cannot be used", exit_code=2
    ),
    "a pinned root with a name that is no string": Story(
        pinned(Certifying(change=of_no_string)), Check.CHOICE_CA, "cannot be used", exit_code=2
    ),
    "a pinned root of version 67": Story(
        pinned(Certifying(change=replacing(0, der.context(0, der.integer(66))))),
        Check.CHOICE_CA,
        "cannot be used",
        exit_code=2,
    ),
    "a pinned root with an extension twice": Story(
        pinned(Certifying(change=lambda parts: [*parts[:7], extensions(parts, twice=True)])),
        Check.CHOICE_CA,
        "cannot be used",
        exit_code=2,
    ),
    "a pinned root with an extension that cannot be read": Story(
        pinned(
            Certifying(change=lambda parts: [*parts[:7], der.context(3, der.sequence(der.null()))])
        ),
        Check.CHOICE_CA,
        "cannot be used",
        exit_code=2,
    ),
}


@told(NO_ROOTS)
def test_what_is_no_root_cannot_be_pinned(story: Story, teller: Teller, tmp_path: Path) -> None:
    outcome = teller.verify(story.publish().write(tmp_path))
    assert (outcome.exit_code, outcome.out) == (story.exit_code, "")
    first, *others = outcome.err.splitlines()
    assert first.startswith("root-anchors: error: ")
    assert story.says in first
    assert story.check.id in others[-1]


def hidden_by_an_ended_copy() -> LabPublication:
    """Two pinned roots of one name and key: one has ended."""
    ended = certify(replace(ROOT, serial=9, end=AT - SECOND))
    return replace(publish(), roots=(ended.pem, lab_root().pem))


GOOD: dict[str, Publish] = {
    "a root as ICANN's second": rooted(
        replace(
            ROOT,
            common_name="Lab Root CA v2",
            key="rsa-4096",
            end=datetime.max.replace(microsecond=0, tzinfo=AT.tzinfo),
        )
    ),
    "a root that signed itself with SHA-512": pinned(Certifying(hash="sha512")),
    "a root that signed itself with SHA-1": pinned(Certifying(hash="sha1")),
    "a root with serial number 0": pinned(Certifying(change=replacing(1, der.integer(0)))),
    "a root whose own signature is wrong": pinned(Certifying(value=lambda value: value[::-1])),
    "a root on P-384": rooted(replace(ROOT, key="p-384")),
    "a root for mail": rooted(replace(ROOT, purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))),
    "a root that must have no CA below, and has none": rooted(replace(ROOT, path_length=0)),
    "an ended root beside a good one of the same key": hidden_by_an_ended_copy,
    "a cross-certificate to the pinned root": crossed(CROSS),
    "a cross-certificate, and the root it is of": crossed(CROSS, roots=(ROOT,)),
    "a cross-certificate, and both roots": crossed(CROSS, roots=(OTHER_ROOT, ROOT)),
    "an ended cross-certificate before a good one": crossed(
        replace(CROSS, serial=54, end=AT - SECOND), CROSS
    ),
    "a cross-certificate beside the root's own": lambda: replace(
        signed_by(
            lab_signer(),
            lab_signer().der,
            lab_root().der,
            certify(CROSS, certify(OTHER_ROOT)).der,
        ),
        roots=(certify(OTHER_ROOT).pem,),
    ),
    "an intermediate that is pinned itself": lambda: replace(
        signed_by(lab_signer(issuer=certify(INTERMEDIATE, lab_root()))),
        roots=(certify(INTERMEDIATE, lab_root()).pem,),
    ),
    "three CAs with just enough path length": under(
        replace(INTERMEDIATE, path_length=2),
        replace(INTERMEDIATE, common_name="Lab CA 2", path_length=1),
        replace(INTERMEDIATE, common_name="Lab CA 3", path_length=0),
    ),
    "an intermediate in its last second": under(replace(INTERMEDIATE, end=AT)),
    "an intermediate in its first second": under(replace(INTERMEDIATE, start=AT)),
    "a root in its last second": rooted(replace(ROOT, end=AT)),
    "a CA whose constraints are of what the signer has none": under(
        constrained(permitted=(x509.DNSName("lab.example"),))
    ),
    "a CA that may certify the domain, and does not say critical": under(
        constrained(permitted=(x509.RFC822Name("iana.org"),), critical=False)
    ),
    "a host that no CA excluded": under(
        constrained(excluded=(x509.DNSName("lab.example"),)),
        signer=named(x509.DNSName("other.example")),
    ),
    "authorityInfoAccess": under(signer=with_more(Profile(), OCSP, critical=False)),
    "a key identifier that is somebody else's": under(
        signer=with_more(Profile(), OTHER_KEY, critical=False)
    ),
    "a key identifier of the root that no certificate below has": rooted(
        with_more(ROOT, KEY_IDENTIFIER, critical=False)
    ),
    "an extension of Netscape's": under(
        signer=with_more(
            Profile(),
            x509.UnrecognizedExtension(OID_NETSCAPE, der.tlv(0x03, b"\4\x10")),
            critical=False,
        )
    ),
    "proxy information that is not critical": under(
        signer=with_more(
            Profile(),
            x509.UnrecognizedExtension(
                OID_PROXY, der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.21.1")))
            ),
            critical=False,
        )
    ),
    "an unknown extension that is not critical": under(
        signer=with_more(
            Profile(), x509.UnrecognizedExtension(OID_UNKNOWN, b"\5\0"), critical=False
        )
    ),
    "another certificate with the same serial": lambda: signed_by(
        lab_signer(), lab_signer().der, certify(Profile(), certify(OTHER_ROOT)).der
    ),
    "extensions in another order": changed(
        lambda parts: [
            *parts[:7],
            der.context(
                3,
                der.sequence(*reversed(der.elements(der.content(der.content(parts[7]))))),
            ),
        ]
    ),
    "a certificate that never ends": changed(
        validity(utc(b"250101000000Z"), der.tlv(0x18, b"99991231235959Z"))
    ),
}


@pytest.mark.parametrize("publish_it", GOOD.values(), ids=GOOD.keys())
def test_an_edge_of_x509_that_is_right_verifies(
    publish_it: Publish, teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(publish_it().write(tmp_path / "source"))
    assert (outcome.exit_code, outcome.err) == (0, "")
