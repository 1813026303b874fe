"""The publications that are judged: a number makes each, and makes the same one in every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.differential.tree import grow, spoil
from tests.differential.verdicts import SECOND, Case
from tests.pipeline import (
    test_edges_cms,
    test_edges_x509,
    test_stories_forms,
    test_stories_signature,
)
from tests.simulator import der
from tests.simulator.authority import (
    INTERMEDIATE,
    ROOT,
    Identity,
    Profile,
    certify,
)
from tests.simulator.cms import (
    Signing,
    adding,
    algorithm,
    algorithm_protection,
    pss_algorithm,
    sign,
    signing_certificate,
    subject_key_identifier,
)
from tests.simulator.document import Document
from tests.simulator.forgery import Certifying, Fields, certify_again, pem
from tests.simulator.publication import LabPublication
from tests.simulator.times import AT, CA_END, CA_START, SIGNED, SIGNER_END, SIGNER_START

__all__ = ["FAMILIES", "Family", "story"]

FIXTURES = Path(__file__).parents[2] / "fixtures" / "publications"
ROOTS = Path(__file__).parents[2] / "anchors" / "publication" / "data" / "icann-root-cas.pem"
REAL = ("2024-10-22", "2025-03-25")
REAL_AT = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENT = Document().encode()

EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
SERVER = ExtendedKeyUsageOID.SERVER_AUTH

# The same names and keys in every run, so that a number is the same publication.
LAB_ROOT = replace(ROOT, key="fixed-0")
LAB_CA = replace(INTERMEDIATE, key="fixed-1")
LAB_SIGNER = Profile(key="fixed-2")

_T = TypeVar("_T")


class Family(NamedTuple):
    """Cases of one kind: ``make`` takes a number below ``size``."""

    name: str
    size: int
    make: Callable[[int, Random], Case]

    def case(self, number: int) -> Case:
        """The case of this number; the name and the number are the seed."""
        name = f"{self.name} {number}"
        return self.make(number, Random(name))._replace(name=name)


@cache
def _real(number: int) -> Case:
    folder = FIXTURES / REAL[number % len(REAL)]
    document, signature = (
        (folder / name).read_bytes() for name in ("root-anchors.xml", "root-anchors.p7s")
    )
    return Case(folder.name, document, signature, ROOTS.read_bytes(), REAL_AT)


@cache
def _signer() -> Identity:
    return certify(LAB_SIGNER, certify(LAB_CA, certify(LAB_ROOT)))


def _case(signing: Signing, root: bytes | None = None, at: datetime = AT) -> Case:
    roots = root or signing.signer.path[0].pem
    return Case("", DOCUMENT, sign(DOCUMENT, signing), roots, at)


@cache
def _lab() -> Case:
    return _case(Signing(signer=_signer()))


def _flipped(data: bytes, random: Random) -> bytes:
    spoiled = bytearray(data)
    spoiled[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(spoiled)


def _flips(case: Case, random: Random) -> Case:
    """A bit of the signature; now and then one of the document."""
    if random.random() < 1 / 8:
        return case._replace(document=_flipped(case.document, random))
    return case._replace(signature=_flipped(case.signature, random))


def _spoils(case: Case, random: Random) -> Case:
    """Something of the structure, with every length right."""
    return case._replace(signature=_spoiled(case.signature, random))


def _spoiled(element: bytes, random: Random) -> bytes:
    tree = grow(element)
    for _ in range(random.choice((1, 1, 1, 2))):
        spoil(tree, random)
    return tree.encode()


def _attributes_signed_again(_number: int, random: Random) -> Case:
    """Spoilt attributes under a right signature."""

    def change(attributes: list[bytes]) -> list[bytes]:
        return der.elements(der.content(_spoiled(der.set_of(attributes), random)))

    def change_if_elements(attributes: list[bytes]) -> list[bytes]:
        try:
            return change(attributes)
        except ValueError:
            return attributes[1:]

    # In the order in which the change leaves them every other time.
    ordered = random.random() < 1 / 2
    return _case(
        Signing(signer=_signer(), attributes=change_if_elements, sorted_attributes=ordered)
    )


def _spoiled_fields(random: Random) -> Callable[[Fields], Fields]:
    def change(fields: Fields) -> Fields:
        try:
            return der.elements(der.content(_spoiled(der.sequence(*fields), random)))
        except ValueError:
            return fields[:-1]

    return change


def _signer_certified_again(_number: int, random: Random) -> Case:
    signer = _signer()
    certificate = certify_again(signer, Certifying(change=_spoiled_fields(random)))
    named = der.elements(der.content(der.elements(der.content(certificate))[0]))
    sid = der.sequence(named[3], named[1]) if len(named) > 6 else None
    root, authority, _ = signer.path
    return _case(
        Signing(signer=signer, sid=sid, certificates=(root.der, authority.der, certificate))
    )


def _authority_certified_again(_number: int, random: Random) -> Case:
    root, authority, signer = _signer().path
    again = certify_again(authority, Certifying(change=_spoiled_fields(random)))
    return _case(Signing(signer=signer, certificates=(root.der, again, signer.der)))


def _root_certified_again(_number: int, random: Random) -> Case:
    root, authority, signer = _signer().path
    again = certify_again(root, Certifying(change=_spoiled_fields(random)))
    signing = Signing(signer=signer, certificates=(authority.der, signer.der))
    return _case(signing, root=pem(again))


MOMENTS = tuple(
    end + shift
    for end in (CA_START, SIGNER_START, SIGNED, AT, SIGNER_END, CA_END)
    for shift in (-SECOND, 0 * SECOND, SECOND)
)


def _times(_number: int, random: Random) -> Case:
    """Validities and signing times that begin and end around the time of judgement."""

    def validity(profile: Profile) -> Profile:
        if random.random() < 1 / 2:
            return profile
        first, last = sorted(random.sample(MOMENTS, 2))
        return replace(profile, start=first, end=last)

    at = random.choice(MOMENTS)
    issuer = certify(validity(LAB_ROOT))
    if random.random() < 1 / 2:
        issuer = certify(validity(LAB_CA), issuer)
    signer = certify(validity(LAB_SIGNER), issuer)
    signing_time = random.choice((SIGNED, at, *MOMENTS))
    return _case(Signing(signer=signer, signing_time=signing_time), at=at)


def _real_times(number: int, random: Random) -> Case:
    return _real(number)._replace(at=REAL_AT + timedelta(days=random.randrange(-1200, 4200)))


def _rarely(random: Random, usual: _T, *others: _T) -> _T:
    return random.choice(others) if random.random() < 1 / 15 else usual


def _often(random: Random, usual: _T, *others: _T) -> _T:
    return random.choice(others) if random.random() < 1 / 3 else usual


def _chains(_number: int, random: Random) -> Case:
    """One to five certificates, each with something unusual now and then."""
    count = random.randrange(4)
    issuer = certify(_authority(LAB_ROOT, random))
    for number in range(count):
        profile = replace(LAB_CA, common_name=f"Lab CA {number}", key=f"fixed-{number + 3}"[:7])
        if number == 3:
            profile = replace(profile, key="fixed-1")
        issuer = certify(_authority(profile, random), issuer)
    signer = certify(_signers(random), issuer)
    signing = Signing(signer=signer)
    path = [identity.der for identity in signer.path]
    kept = tuple(der_ for der_ in path if _rarely(random, True, False) or der_ == signer.der)
    return _case(replace(signing, certificates=kept))


def _authority(profile: Profile, random: Random) -> Profile:
    usage = frozenset({"key_cert_sign", "crl_sign"})
    ca = _rarely(random, True, False, None)
    return replace(
        profile,
        ca=ca,
        path_length=_rarely(random, None, 0, 1, 2) if ca else None,
        key_usage=_rarely(random, usage, None, frozenset({"crl_sign"})),
        key_usage_critical=_rarely(random, True, False),
        purposes=_rarely(random, (), (EMAIL,), (SERVER,), (EMAIL, SERVER)),
        permitted_mail=_rarely(random, (), ("iana.org",), ("icann.org",), (".org",)),
        excluded_mail=_rarely(random, (), ("iana.org",), ("icann.org",), ("dnssec@iana.org",)),
        unknown_critical=_rarely(random, False, False, True),
        more=_rarely(random, (), *((extension,) for extension in _EXTENSIONS)),
    )


def _signers(random: Random) -> Profile:
    usage = frozenset({"digital_signature", "key_encipherment"})
    return replace(
        LAB_SIGNER,
        emails=_rarely(random, LAB_SIGNER.emails, (), ("somebody@iana.org",)),
        alt_emails=_rarely(random, (), ("dnssec@iana.org",), ("dnssec@icann.org",)),
        ca=_rarely(random, False, True, None),
        key_usage=_rarely(
            random, usage, None, frozenset({"content_commitment"}), frozenset({"crl_sign"})
        ),
        key_usage_critical=_rarely(random, True, False),
        purposes=_rarely(random, (EMAIL,), (), (SERVER,), (EMAIL, SERVER)),
        unknown_critical=_rarely(random, False, False, True),
        more=_rarely(random, (), *((extension,) for extension in _EXTENSIONS)),
    )


def _located(kind: type[x509.CRLDistributionPoints | x509.FreshestCRL]) -> x509.ExtensionType:
    name = x509.UniformResourceIdentifier("http://lab.example/crl")
    return kind([x509.DistributionPoint([name], None, None, None)])


_OCSP = x509.AccessDescription(
    x509.oid.AuthorityInformationAccessOID.OCSP,
    x509.UniformResourceIdentifier("http://lab.example/ocsp"),
)
_POLICY = x509.ObjectIdentifier("1.3.6.1.4.1.55555.3")
_EXTENSIONS = tuple(
    (extension, critical)
    for critical in (True, False)
    for extension in (
        x509.AuthorityInformationAccess([_OCSP]),
        x509.CertificatePolicies([x509.PolicyInformation(_POLICY, None)]),
        x509.InhibitAnyPolicy(0),
        x509.IssuerAlternativeName([x509.DNSName("lab.example")]),
        x509.NameConstraints([x509.DirectoryName(x509.Name([]))], None),
        x509.NameConstraints([x509.DNSName("lab.example")], None),
        x509.NameConstraints(None, [x509.RFC822Name("iana.org")]),
        x509.OCSPNoCheck(),
        x509.PolicyConstraints(0, 0),
        x509.SubjectKeyIdentifier(b"somebody's"),
        _located(x509.CRLDistributionPoints),
        _located(x509.FreshestCRL),
    )
)

_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_STATED: tuple[bytes | None, ...] = (
    None,
    *(algorithm(name) for name in ("rsa", "md5-rsa", "sha1-rsa", "sha256-rsa", "sha512-rsa")),
    *(algorithm(name) for name in ("ecdsa-sha1", "ecdsa-sha256", "ecdsa-sha512", "ed25519")),
    *(pss_algorithm("sha256", "sha256", salt) for salt in (0, 20, 32, 222)),
    pss_algorithm("sha256", "sha1", 32),
    pss_algorithm("sha512", "sha512", 64),
)


def _algorithms(_number: int, random: Random) -> Case:
    """Digests, keys and padding that fit together now and then."""
    key = _often(random, "fixed-2", "p-256", "p-384", "p-224", "rsa-1024", "rsa-2048-e3")
    usual = ("sha256", "sha512", "sha1", "sha384")
    digest = random.choice(usual if key.startswith("p-") else (*usual, *_DIGESTS))
    small = key == "rsa-1024"
    signer = certify(replace(LAB_SIGNER, key=key), certify(LAB_ROOT))
    return _case(
        Signing(
            signer=signer,
            digest=digest,
            declared_digests=_often(random, None, ("sha1",), ("sha256",), ("sha1", digest)),
            info_digest=_often(random, None, *_DIGESTS),
            pss=not small and random.random() < 1 / 4,
            pss_mask=_often(random, None, "sha1", "sha512"),
            signature_algorithm=_often(random, None, *_STATED),
        )
    )


def _forms(_number: int, random: Random) -> Case:
    """Forms of signatures that may come, side by side; now and then a joint does not fit."""
    first = _form(random, "fixed-2")
    if random.random() < 1 / 3:
        other = _form(random, random.choice(("fixed-3", "p-256", "p-384")), serial=20)
        first = replace(first, second=other)
    if random.random() < 1 / 4:
        first = replace(first, version=random.choice((1, 3)))
    return _case(first)


def _form(random: Random, key: str, serial: int = 18) -> Signing:
    digest = random.choice(("sha256", "sha384", "sha512"))
    profile = replace(LAB_SIGNER, key=key, serial=serial)
    how = Signing(
        signer=certify(profile, certify(LAB_CA, certify(LAB_ROOT))),
        digest=digest,
        pss=key.startswith("fixed") and random.random() < 1 / 2,
        salt=_often(random, None, 20, {"sha256": 222, "sha384": 206, "sha512": 190}[digest]),
        by_key=random.random() < 1 / 2,
        info_version=_rarely(random, None, 1, 3),
        sid=_rarely(random, None, subject_key_identifier(certify(LAB_ROOT))),
        signature=_rarely(random, _same, lambda value: _flipped(value, random)),
    )
    binding = []
    if random.random() < 1 / 3:
        binding.append(algorithm_protection(how, digest=_rarely(random, None, algorithm("sha1"))))
    if random.random() < 1 / 3:
        named = _rarely(random, how.signer, certify(LAB_CA, certify(LAB_ROOT)))
        binding.append(signing_certificate(named.der, hash_=digest))
    return replace(how, attributes=adding(*binding))


def _same(value: bytes) -> bytes:
    return value


@cache
def _stories() -> tuple[tuple[str, Callable[[], LabPublication], datetime], ...]:
    """What the command line is told in tests/pipeline, put to openssl as well."""
    hostile = (
        test_stories_signature.STORIES,
        test_stories_signature.SIGNERS,
        test_edges_cms.STORIES,
        test_edges_x509.STORIES,
        test_edges_x509.NO_ROOTS,
        test_stories_forms.STORIES,
    )
    others = (
        test_stories_signature.GOOD,
        test_edges_cms.GOOD,
        test_edges_x509.GOOD,
        test_stories_forms.GOOD,
    )
    return (
        *((name, told.publish, told.at) for stories in hostile for name, told in stories.items()),
        *((name, told.publish, AT) for name, told in test_stories_forms.SAID.items()),
        *((name, publish, AT) for stories in others for name, publish in stories.items()),
    )


def _told(number: int, _random: Random) -> Case:
    name, publish, at = _stories()[number]
    made = publish()
    return Case(name, made.document, made.signature, b"".join(made.roots), at)


def story(name: str) -> Case:
    """The publication of the one story of this name."""
    (number,) = [number for number, told in enumerate(_stories()) if told[0] == name]
    return _told(number, Random())


FAMILIES = (
    Family("flips of IANA's", 150, lambda number, random: _flips(_real(number), random)),
    Family("spoilt structures of IANA's", 150, lambda n, random: _spoils(_real(n), random)),
    Family("IANA's at other times", 60, _real_times),
    Family("flips of the lab's", 120, lambda _, random: _flips(_lab(), random)),
    Family("spoilt structures of the lab's", 150, lambda _, random: _spoils(_lab(), random)),
    Family("attributes signed again", 150, _attributes_signed_again),
    Family("signers certified again", 150, _signer_certified_again),
    Family("authorities certified again", 100, _authority_certified_again),
    Family("roots certified again", 60, _root_certified_again),
    Family("times", 120, _times),
    Family("chains", 180, _chains),
    Family("algorithms", 120, _algorithms),
    Family("forms that may come", 180, _forms),
    Family("stories", len(_stories()), _told),
)
