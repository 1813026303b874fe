"""Whose key it is: the signer's own values, the path, and who may certify which address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.core.policy import VerificationPolicy
from anchors.publication.chain import find_path, mail_addresses, require_signer_values
from anchors.publication.cms import open_signature
from anchors.publication.root_cas import PinnedRoots, built_in_roots
from anchors.publication.source import open_source
from tests.simulator.authority import (
    INTERMEDIATE,
    ROOT,
    Identity,
    Profile,
    certify,
    lab_root,
    lab_signer,
)
from tests.simulator.times import AT, CA_END, SIGNER_END, SIGNER_START
from tests.unit.stages import policy, roots

SECOND = timedelta(seconds=1)
SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
ANY_PURPOSE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


def values_refused(profile: Profile, **knobs: object) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        require_signer_values(lab_signer(profile).certificate, policy(**knobs))
    return caught.value


def with_names(*names: x509.GeneralName, emails: Sequence[str] = ()) -> x509.Certificate:
    """A signer's certificate with these alternative names, which the simulator cannot write."""
    base = lab_signer(Profile(emails=tuple(emails))).certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(base.subject)
        .issuer_name(base.issuer)
        .public_key(base.public_key())
        .serial_number(18)
        .not_valid_before(SIGNER_START)
        .not_valid_after(SIGNER_END)
        .add_extension(x509.SubjectAlternativeName(names), critical=not emails)
    )
    for extension in base.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(lab_root().key, hashes.SHA256())


def smtp_utf8(address: str) -> x509.OtherName:
    text = address.encode()
    return x509.OtherName(SMTP_UTF8_MAILBOX, bytes([0x0C, len(text)]) + text)


class TestSignerValues:
    @pytest.mark.parametrize(
        "profile",
        [
            Profile(),
            Profile(ca=None),
            Profile(key_usage=frozenset({"digital_signature"})),
            Profile(key_usage=frozenset({"digital_signature", "content_commitment"})),
            Profile(purposes=(SERVER_AUTH, EMAIL)),
            Profile(emails=(), alt_emails=("dnssec@iana.org",)),
            Profile(alt_emails=("dnssec@iana.org", "dnssec@iana.org")),
            Profile(key="p-256"),
            Profile(key="p-384"),
            Profile(key="rsa-4096"),
            Profile(key="ed25519"),
        ],
    )
    def test_right_ones(self, profile: Profile) -> None:
        require_signer_values(lab_signer(profile).certificate, policy())

    def test_ianas_own(self) -> None:
        publication = open_source("embedded").publication(until=0)
        require_signer_values(open_signature(publication.signature).signed[0].signer, policy())

    @pytest.mark.parametrize(
        ("profile", "check", "got"),
        [
            (Profile(key_usage=None), Check.SIGNER_KEY_USAGE, "no key usage"),
            (
                Profile(key_usage_critical=False),
                Check.SIGNER_KEY_USAGE,
                "not critical, with digitalSignature",
            ),
            (
                Profile(key_usage=frozenset({"key_encipherment"})),
                Check.SIGNER_KEY_USAGE,
                "critical, without digitalSignature",
            ),
            (Profile(purposes=()), Check.SIGNER_EXTENDED_KEY_USAGE, "none"),
            (
                Profile(purposes=(SERVER_AUTH, CODE_SIGNING)),
                Check.SIGNER_EXTENDED_KEY_USAGE,
                "1.3.6.1.5.5.7.3.1, 1.3.6.1.5.5.7.3.3",
            ),
            (Profile(purposes=(ANY_PURPOSE,)), Check.SIGNER_EXTENDED_KEY_USAGE, "2.5.29.37.0"),
            (Profile(key="rsa-1024"), Check.SIGNER_KEY_STRENGTH, "RSA with 1024 bits"),
            (Profile(key="p-224"), Check.SIGNER_KEY_STRENGTH, "ECDSA on secp224r1"),
            (Profile(key="secp256k1"), Check.SIGNER_KEY_STRENGTH, "ECDSA on secp256k1"),
            (Profile(key="dsa"), Check.SIGNER_KEY_STRENGTH, "DSAPublicKey"),
        ],
        ids=lambda value: value.id if isinstance(value, Check) else "",
    )
    def test_wrong_ones(self, profile: Profile, check: Check, got: str) -> None:
        error = values_refused(profile)
        assert (error.check, error.got) == (check, got)
        assert "do not use" in error.remedy

    def test_a_ca(self) -> None:
        error = values_refused(Profile(ca=True))
        assert error.check is Check.SIGNER_BASIC_CONSTRAINTS
        assert (error.got, error.want) == ("CA:TRUE", "CA:FALSE")

    def test_the_policy_says_how_long_a_key_must_be(self) -> None:
        assert values_refused(Profile(), min_rsa_bits=2049).check is Check.SIGNER_KEY_STRENGTH
        require_signer_values(
            lab_signer(Profile(key="rsa-1024")).certificate, policy(min_rsa_bits=1024)
        )

    @pytest.mark.parametrize(
        ("at", "says"),
        [
            (SIGNER_START - SECOND, "is not valid before 2025-01-01"),
            (SIGNER_END + SECOND, "ended on 2031-01-01"),
            (SIGNER_END + timedelta(microseconds=1), "ended on 2031-01-01"),
        ],
    )
    def test_outside_its_validity(self, at: datetime, says: str) -> None:
        error = values_refused(Profile(), at=at)
        assert error.check is Check.SIGNER_VALIDITY
        assert says in error.message
        assert "--at" in error.remedy

    @pytest.mark.parametrize("at", [SIGNER_START, AT, SIGNER_END])
    def test_both_ends_belong_to_it(self, at: datetime) -> None:
        require_signer_values(lab_signer().certificate, policy(at=at))


class TestIdentity:
    @pytest.mark.parametrize(
        ("emails", "alt_emails", "got"),
        [
            ((), (), "no mail address"),
            (("somebody@iana.org",), (), "somebody@iana.org"),
            (("dnssec@iana.org", "somebody@iana.org"), (), "dnssec@iana.org, somebody@iana.org"),
            (("dnssec@iana.org",), ("x@iana.org",), "dnssec@iana.org, x@iana.org"),
            (("x@iana.org",), ("dnssec@iana.org",), "x@iana.org, dnssec@iana.org"),
            ((), ("dnssec@iana.org", "x@iana.org"), "dnssec@iana.org, x@iana.org"),
            (("DNSSEC@iana.org",), (), "DNSSEC@iana.org"),
            (("dnssec@IANA.ORG.",), (), "dnssec@IANA.ORG."),
            (("dnssec@\u0130ana.org",), (), "dnssec@\u0130ana.org"),
            ((), ("Dnssec@iana.org",), "Dnssec@iana.org"),
            (("dnssec@iana.org\0.example",), (), "dnssec@iana.org\0.example"),
            (("dnssec@iana.org\0",), (), "dnssec@iana.org\0"),
            ((), ("dnssec@iana.org\0.example",), "dnssec@iana.org\0.example"),
            (("dnssec@iana.org ",), (), "dnssec@iana.org "),
            ((" dnssec@iana.org",), (), " dnssec@iana.org"),
            (("dnssec@iana.org\n",), (), "dnssec@iana.org\n"),
            (("<dnssec@iana.org>",), (), "<dnssec@iana.org>"),
            (("mailto:dnssec@iana.org",), (), "mailto:dnssec@iana.org"),
            (("dnssec@iana.org.",), (), "dnssec@iana.org."),
            (("dnssec@iana.org,x@iana.org",), (), "dnssec@iana.org,x@iana.org"),
            (("dnssec@i\u0430na.org",), (), "dnssec@i\u0430na.org"),
        ],
    )
    def test_somebody_else(
        self, emails: tuple[str, ...], alt_emails: tuple[str, ...], got: str
    ) -> None:
        error = values_refused(Profile(emails=emails, alt_emails=alt_emails))
        assert (error.check, error.got) == (Check.SIGNER_IDENTITY, got)
        assert error.want == "dnssec@iana.org"

    @pytest.mark.parametrize("address", ["dnssec@IANA.ORG", "dnssec@Iana.org"])
    def test_the_case_of_the_host_says_nothing(self, address: str) -> None:
        for profile in (Profile(emails=(address,)), Profile(emails=(), alt_emails=(address,))):
            require_signer_values(lab_signer(profile).certificate, policy())

    @pytest.mark.parametrize(
        ("address", "signer"),
        [
            ("ROOT", "root"),
            ("a@k.example", "a@\u212a.example"),
            ("a@\u212a.example", "a@k.example"),
        ],
    )
    def test_other_letters_are_others(self, address: str, signer: str) -> None:
        assert values_refused(Profile(emails=(address,)), signer=signer).got == address

    def test_an_international_mailbox_is_an_address_too(self) -> None:
        for certificate in (
            with_names(smtp_utf8("dnssec@iana.org")),
            with_names(smtp_utf8("x@iana.org"), emails=["dnssec@iana.org"]),
            with_names(x509.RFC822Name("dnssec@iana.org"), smtp_utf8("x@iana.org")),
        ):
            with pytest.raises(SignatureRefused) as refusal:
                require_signer_values(certificate, policy())
            assert refusal.value.check is Check.SIGNER_IDENTITY
            assert "SmtpUTF8Mailbox 0c" in (refusal.value.got or "")

    def test_names_that_are_no_addresses_do_not_matter(self) -> None:
        certificate = with_names(
            x509.DNSName("iana.org"),
            x509.UniformResourceIdentifier("mailto:x@iana.org"),
            x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x0c\x01x"),
            emails=["dnssec@iana.org"],
        )
        require_signer_values(certificate, policy())
        assert mail_addresses(certificate) == (["dnssec@iana.org"], [])

    def test_the_addresses_by_their_place(self) -> None:
        profile = Profile(emails=("a@x", "b@x"), alt_emails=("c@x", "d@x"))
        assert mail_addresses(lab_signer(profile).certificate) == (["a@x", "b@x"], ["c@x", "d@x"])
        assert mail_addresses(lab_root().certificate) == ([], [])

    def test_the_policy_says_who(self) -> None:
        signer = lab_signer(Profile(emails=("me@example.com",))).certificate
        require_signer_values(signer, policy(signer="me@example.com"))
        assert values_refused(Profile(), signer="me@example.com").want == "me@example.com"

    def test_no_expectation_is_met_by_no_address(self) -> None:
        assert values_refused(Profile(emails=()), signer="").check is Check.SIGNER_IDENTITY


def path_of(
    *profiles: Profile, signer: Profile | None = None, **knobs: object
) -> list[x509.Certificate]:
    """The path found for a signer below CAs of these profiles, the root's first."""
    root, *intermediates = profiles
    issuer = certify(root)
    others: list[x509.Certificate] = []
    for profile in intermediates:
        issuer = certify(profile, issuer)
        others.append(issuer.certificate)
    leaf = lab_signer(signer or Profile(), issuer)
    pinned = PinnedRoots((certify(root).certificate,), built_in=False)
    return find_path(leaf.certificate, others, pinned, policy(**knobs))


def path_refused(
    *profiles: Profile, signer: Profile | None = None, **knobs: object
) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        path_of(*profiles, signer=signer, **knobs)
    return caught.value


def chained(count: int) -> list[Profile]:
    return [replace(INTERMEDIATE, common_name=f"Lab CA {n}") for n in range(count)]


class TestPath:
    def test_straight_to_the_root(self) -> None:
        assert path_of(ROOT) == [lab_signer().certificate, lab_root().certificate]

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_through_intermediates(self, count: int) -> None:
        path = path_of(ROOT, *chained(count))
        assert len(path) == count + 2
        assert path[-1] == lab_root().certificate

    def test_one_intermediate_too_many(self) -> None:
        assert path_refused(ROOT, *chained(5)).check is Check.SIGNER_PATH
        assert len(path_of(ROOT, *chained(5), max_intermediates=5)) == 7

    @pytest.mark.parametrize(
        "changes",
        [
            {"purposes": (EMAIL,)},
            {"purposes": (SERVER_AUTH, EMAIL)},
            {"path_length": 0},
            {"key": "p-256"},
            {"key": "rsa-4096"},
            {"permitted_mail": ("iana.org",)},
            {"start": AT, "end": AT},
        ],
        ids=str,
    )
    def test_an_unusual_ca_that_is_right(self, changes: dict[str, object]) -> None:
        assert len(path_of(ROOT, replace(INTERMEDIATE, **changes))) == 3  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "changes",
        [
            {"purposes": (SERVER_AUTH,)},
            {"purposes": (CODE_SIGNING, SERVER_AUTH)},
            {"purposes": (ANY_PURPOSE,)},
            {"end": AT - SECOND},
            {"start": AT + SECOND},
            {"ca": None},
            {"ca": False},
            {"key_usage": frozenset({"crl_sign"})},
            {"key_usage": frozenset({"digital_signature"})},
            {"key_usage": None},
            {"unknown_critical": True},
            {"key": "rsa-1024"},
        ],
        ids=str,
    )
    def test_a_ca_that_is_wrong(self, changes: dict[str, object]) -> None:
        error = path_refused(ROOT, replace(INTERMEDIATE, **changes))  # type: ignore[arg-type]
        assert error.check is Check.SIGNER_PATH
        assert "CN=Lab Email CA" in (error.got or "")
        assert "CN=Lab Root CA" in (error.want or "")

    def test_a_ca_that_is_for_something_else_is_told(self) -> None:
        error = path_refused(ROOT, replace(INTERMEDIATE, purposes=(CODE_SIGNING,)))
        said = r"\ba CA on the path may not issue mail certificates\b"
        assert re.search(said, error.got or "")

    def test_which_roots_there_are_is_told(self) -> None:
        with pytest.raises(SignatureRefused) as refusal:
            find_path(lab_signer().certificate, [], built_in_roots(), policy())
        assert refusal.value.want == (
            "C=US,CN=ICANN Root CA,OU=ICANN Certification Authority,O=ICANN"
            " or CN=ICANN Root CA v2,OU=ICANN Certification Authority,O=ICANN,C=US"
        )
        assert refusal.value.remedy.endswith(" lists the roots and their ends")

    def test_a_ca_that_allows_no_further_ca(self) -> None:
        first, second = chained(2)
        error = path_refused(ROOT, replace(first, path_length=0), second)
        assert error.check is Check.SIGNER_PATH
        assert len(path_of(ROOT, replace(first, path_length=1), second)) == 4

    def test_a_root_that_allows_no_ca(self) -> None:
        assert path_refused(replace(ROOT, path_length=0), INTERMEDIATE).check is Check.SIGNER_PATH
        assert len(path_of(replace(ROOT, path_length=0))) == 2

    def test_a_leaf_is_no_ca(self) -> None:
        leaf = Profile(common_name="Somebody")
        assert path_refused(ROOT, leaf).check is Check.SIGNER_PATH

    def test_an_unknown_critical_extension_of_the_signer(self) -> None:
        assert path_refused(ROOT, signer=Profile(unknown_critical=True)).check is Check.SIGNER_PATH

    def test_a_root_after_its_end(self) -> None:
        long_lived = Profile(end=CA_END + timedelta(days=100))
        assert path_refused(ROOT, signer=long_lived, at=CA_END + SECOND).check is Check.SIGNER_PATH
        assert len(path_of(ROOT, signer=long_lived, at=CA_END)) == 2

    def test_a_root_before_its_beginning(self) -> None:
        late = replace(ROOT, start=AT + SECOND, serial=2)
        assert path_refused(late).check is Check.SIGNER_PATH

    @pytest.mark.parametrize("key", ["rsa-4096", "p-384"])
    def test_a_root_like_icanns_second(self, key: str) -> None:
        assert len(path_of(replace(ROOT, common_name="Lab Root CA v2", key=key))) == 2

    def test_a_root_signed_with_sha_512(self) -> None:
        root = signed_by_itself(
            certify(replace(ROOT, common_name="Lab Root CA v2", key="rsa-4096"))
        )
        signer = reissued(lab_signer().certificate, root)
        pinned = PinnedRoots((root.certificate,), built_in=False)
        assert find_path(signer, (), pinned, policy()) == [signer, root.certificate]

    def test_the_intermediate_is_missing(self) -> None:
        leaf = lab_signer(Profile(), certify(INTERMEDIATE, lab_root()))
        with pytest.raises(SignatureRefused) as refusal:
            find_path(leaf.certificate, (), roots(), policy())
        assert refusal.value.check is Check.SIGNER_PATH

    def test_what_came_with_the_signature_is_never_trust(self) -> None:
        other = certify(replace(ROOT, common_name="Stranger"))
        leaf = lab_signer(Profile(), other)
        with pytest.raises(SignatureRefused) as refusal:
            find_path(leaf.certificate, [other.certificate], roots(), policy())
        assert refusal.value.check is Check.SIGNER_PATH

    def test_a_root_of_the_same_name_with_another_key(self) -> None:
        namesake = certify(replace(ROOT, key_owner="namesake"))
        with pytest.raises(SignatureRefused):
            find_path(lab_signer(Profile(), namesake).certificate, (), roots(), policy())

    def test_a_signer_that_signs_itself(self) -> None:
        with pytest.raises(SignatureRefused):
            find_path(certify(Profile()).certificate, (), roots(), policy())

    def test_a_root_that_is_also_in_the_signature(self) -> None:
        path = find_path(lab_signer().certificate, [lab_root().certificate] * 5, roots(), policy())
        assert len(path) == 2

    def test_one_of_several_roots(self) -> None:
        pinned = PinnedRoots(
            (*built_in_roots().certificates, lab_root().certificate), built_in=False
        )
        path = find_path(lab_signer().certificate, (), pinned, policy())
        assert path[-1] == lab_root().certificate

    def test_the_lab_is_nothing_to_icanns_roots(self) -> None:
        with pytest.raises(SignatureRefused) as refusal:
            find_path(lab_signer().certificate, (), built_in_roots(), policy())
        assert "ICANN Root CA v2" in (refusal.value.want or "")


def signed_by_itself(identity: Identity) -> Identity:
    """The same root again, signed with SHA-512."""
    return Identity(_signed(identity.certificate, identity), identity.key, None)


def reissued(certificate: x509.Certificate, issuer: Identity) -> x509.Certificate:
    return _signed(certificate, issuer)


def _signed(certificate: x509.Certificate, issuer: Identity) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(certificate.serial_number)
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
    )
    key = issuer.key.public_key()
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.AuthorityKeyIdentifier):
            value = x509.AuthorityKeyIdentifier.from_issuer_public_key(key)
        builder = builder.add_extension(value, extension.critical)
    return builder.sign(issuer.key, hashes.SHA512())


BY_SUBJECT = Profile()
BY_NAME = Profile(emails=(), alt_emails=("dnssec@iana.org",))
BY_BOTH = Profile(alt_emails=("dnssec@iana.org",))


class TestNameConstraints:
    @pytest.mark.parametrize("signer", [BY_SUBJECT, BY_NAME, BY_BOTH])
    @pytest.mark.parametrize(
        "changes",
        [
            {"permitted_mail": ("iana.org",)},
            {"permitted_mail": ("IANA.org",)},
            {"permitted_mail": ("dnssec@iana.org",)},
            {"permitted_mail": ("dnssec@IANA.ORG",)},
            {"permitted_mail": (".org",)},
            {"permitted_mail": ("icann.org", "iana.org")},
            {"excluded_mail": ("icann.org",)},
            {"excluded_mail": (".iana.org",)},
            {"excluded_mail": ("DNSSEC@iana.org",)},
            {"excluded_mail": ("other@iana.org",)},
            {"permitted_mail": ("iana.org",), "excluded_mail": ("other@iana.org",)},
        ],
        ids=str,
    )
    def test_an_address_that_is_permitted(
        self, changes: dict[str, object], signer: Profile
    ) -> None:
        ca = replace(INTERMEDIATE, **changes)  # type: ignore[arg-type]
        assert len(path_of(ROOT, ca, signer=signer)) == 3

    @pytest.mark.parametrize("signer", [BY_SUBJECT, BY_NAME, BY_BOTH])
    @pytest.mark.parametrize(
        "changes",
        [
            {"permitted_mail": ("icann.org",)},
            {"permitted_mail": (".iana.org",)},
            {"permitted_mail": ("org",)},
            {"permitted_mail": ("ana.org",)},
            {"permitted_mail": ("DNSSEC@iana.org",)},
            {"permitted_mail": ("other@iana.org",)},
            {"permitted_mail": ("iana.org.example",)},
            {"excluded_mail": ("iana.org",)},
            {"excluded_mail": ("IANA.ORG",)},
            {"excluded_mail": (".org",)},
            {"excluded_mail": ("dnssec@iana.org",)},
            {"permitted_mail": ("iana.org",), "excluded_mail": ("dnssec@iana.org",)},
        ],
        ids=str,
    )
    def test_an_address_that_is_not(self, changes: dict[str, object], signer: Profile) -> None:
        ca = replace(INTERMEDIATE, **changes)  # type: ignore[arg-type]
        error = path_refused(ROOT, ca, signer=signer)
        assert error.check in {Check.SIGNER_NAME_CONSTRAINTS, Check.SIGNER_PATH}
        if signer is BY_SUBJECT:
            assert error.check is Check.SIGNER_NAME_CONSTRAINTS
            assert (error.got or "").startswith("dnssec@iana.org under CN=Lab Email CA")

    @pytest.mark.parametrize(
        ("changes", "want"),
        [
            ({"permitted_mail": ("icann.org", "x.org")}, "['icann.org', 'x.org'], excluded none"),
            ({"excluded_mail": ("iana.org",)}, "any, excluded ['iana.org']"),
        ],
    )
    def test_what_a_ca_may_certify_is_told(self, changes: dict[str, Any], want: str) -> None:
        error = path_refused(ROOT, replace(INTERMEDIATE, **changes))
        assert error.want == f"permitted {want}"

    def test_a_host_below_the_domain(self) -> None:
        signer = Profile(emails=("dnssec@mail.iana.org",))
        below, host = (
            replace(INTERMEDIATE, permitted_mail=(name,)) for name in (".iana.org", "iana.org")
        )
        assert len(path_of(ROOT, below, signer=signer)) == 3
        error = path_refused(ROOT, host, signer=signer)
        assert error.check is Check.SIGNER_NAME_CONSTRAINTS

    def test_an_at_sign_in_quotes_is_of_the_mailbox(self) -> None:
        signer = Profile(emails=('"a@b"@iana.org',))
        for permitted in ('"a@b"@iana.org', "iana.org", ".org"):
            ca = replace(INTERMEDIATE, permitted_mail=(permitted,))
            assert len(path_of(ROOT, ca, signer=signer)) == 3

    def test_every_ca_of_the_path_counts(self) -> None:
        first, second = chained(2)
        first = replace(first, excluded_mail=("iana.org",))
        assert path_refused(ROOT, first, second).check is Check.SIGNER_NAME_CONSTRAINTS

    def test_the_root_counts_as_well(self) -> None:
        root = replace(ROOT, serial=3, permitted_mail=("icann.org",))
        assert path_refused(root).check in {Check.SIGNER_NAME_CONSTRAINTS, Check.SIGNER_PATH}

    def test_each_address_counts(self) -> None:
        ca = replace(INTERMEDIATE, permitted_mail=("iana.org",))
        signer = Profile(emails=("dnssec@iana.org", "dnssec@icann.org"))
        error = path_refused(ROOT, ca, signer=signer)
        assert error.check is Check.SIGNER_NAME_CONSTRAINTS
        assert (error.got or "").startswith("dnssec@icann.org ")

    def test_a_signer_without_address_has_nothing_to_obey(self) -> None:
        ca = replace(INTERMEDIATE, permitted_mail=("icann.org",))
        assert len(path_of(ROOT, ca, signer=Profile(emails=()))) == 3


def test_the_subject_is_compared_as_it_is() -> None:
    """No attribute but emailAddress is a mail address."""
    signer = lab_signer(Profile(common_name="dnssec@iana.org", emails=())).certificate
    assert signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "dnssec@iana.org"
    with pytest.raises(SignatureRefused) as refusal:
        require_signer_values(signer, VerificationPolicy(at=AT))
    assert refusal.value.got == "no mail address"
