"""A document whose signature holds, and everything that keeps it from being one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import OutOfStep, SignatureRefused
from anchors.core.findings import Severity
from anchors.core.policy import SHA1_RETIRED
from anchors.core.root_facts import ROOT_CAS
from anchors.publication.authenticate import authenticate, authenticate_as_of_signing
from anchors.publication.root_cas import built_in_roots, fingerprint
from anchors.publication.source import Publication, open_source
from tests.simulator.authority import INTERMEDIATE, Profile, certify, lab_root, lab_signer
from tests.simulator.cms import (
    ID_MESSAGE_DIGEST,
    Signing,
    adding,
    algorithm_protection,
    message_digest,
    signing_certificate,
    without,
)
from tests.simulator.document import Document
from tests.simulator.times import AT, CA_END, SIGNED, SIGNER_END, SIGNER_START
from tests.unit.stages import FIXTURES, authentic, policy, publication, roots

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def iana(name: str) -> Publication:
    folder = FIXTURES / "publications" / name
    return Publication(
        (folder / "root-anchors.xml").read_bytes(),
        (folder / "root-anchors.p7s").read_bytes(),
        name,
    )


def refused(
    document: Document | bytes | None = None, signing: Signing | None = None, **knobs: object
) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        authentic(document, signing, **knobs)
    return caught.value


class TestProduct:
    def test_what_is_known_of_the_labs(self) -> None:
        made = publication()
        product = authenticate(made, roots(), policy())
        assert (product.document, product.signature, product.origin) == made
        assert (product.signing_time, product.checked_at) == (SIGNED, AT)
        assert product.findings == ()
        assert product.document_sha256 == sha256(made.document).hexdigest()
        assert product.signature_sha256 == sha256(made.signature).hexdigest()
        certificates = (lab_signer().certificate, lab_root().certificate)
        assert product.chain == tuple(c.fingerprint(hashes.SHA256()).hex() for c in certificates)

    def test_the_signer(self) -> None:
        signer = authentic().signer
        assert (signer.email, signer.serial) == ("dnssec@iana.org", 18)
        assert (signer.not_before, signer.not_after) == (SIGNER_START, SIGNER_END)
        assert signer.sha256 == authentic().chain[0]
        assert "emailAddress=dnssec@iana.org" in signer.subject
        assert "CN=DNSSEC Trust Anchor Verification" in signer.subject

    def test_the_root(self) -> None:
        root = authentic().root
        assert (root.sha256, root.not_after) == (authentic().chain[-1], CA_END)
        assert (root.subject, root.built_in) == ("CN=Lab Root CA,O=Lab", False)

    def test_an_address_of_the_alternative_name(self) -> None:
        signer = lab_signer(Profile(emails=(), alt_emails=("dnssec@iana.org",)))
        assert authentic(signing=Signing(signer=signer)).signer.email == "dnssec@iana.org"

    def test_a_path_through_an_intermediate(self) -> None:
        signer = lab_signer(Profile(), certify(INTERMEDIATE, lab_root()))
        product = authentic(signing=Signing(signer=signer))
        assert len(product.chain) == 3
        assert product.root == authentic().root

    def test_anything_may_be_signed(self) -> None:
        for document in (b"", b"\0", b"<", b"x" * 100_000):
            assert authentic(document).document == document

    @pytest.mark.parametrize(("name", "serial"), [("2024-10-22", 12), ("2025-03-25", 18)])
    def test_ianas(self, name: str, serial: int) -> None:
        at = datetime.fromisoformat("2026-07-01T00:00:00Z")
        product = authenticate(iana(name), built_in_roots(), policy(at=at))
        assert (product.signer.serial, product.signer.email) == (serial, "dnssec@iana.org")
        assert product.root.built_in
        assert product.root.sha256 == ROOT_CAS[0].sha256
        assert f"{product.signing_time:%Y-%m-%d}" == name

    def test_the_embedded_snapshot(self) -> None:
        publication = open_source("embedded").publication(until=0)
        product = authenticate(publication, built_in_roots(), policy())
        assert (product.origin, product.findings) == ("the embedded snapshot", ())


class TestOutOfStep:
    @pytest.mark.parametrize("harm", [lambda d: d + b"\n", lambda d: d[:-1], lambda _d: b""])
    def test_a_genuine_signature_of_another_document(self, harm: object) -> None:
        good = publication()
        assert callable(harm)
        with pytest.raises(OutOfStep) as refusal:
            authenticate(good._replace(document=harm(good.document)), roots(), policy())
        error = refusal.value
        assert error.check is Check.CMS_MESSAGE_DIGEST
        harmed = harm(good.document)
        assert error.got == f"a document with SHA-256 {sha256(harmed).hexdigest()}"
        assert error.want == f"sha256 {sha256(good.document).hexdigest()}"
        assert "signed 2026-02-01" in error.message

    def test_swapped_signatures_of_iana_are_of_one_document(self) -> None:
        """Both publications carry the same document: either signature is right for it."""
        at = datetime.fromisoformat("2026-07-01T00:00:00Z")
        one, other = iana("2024-10-22"), iana("2025-03-25")
        assert one.document == other.document
        mixed = one._replace(signature=other.signature)
        assert authenticate(mixed, built_in_roots(), policy(at=at)).signer.serial == 18
        wrong = mixed._replace(document=publication(Document(id="x")).document)
        with pytest.raises(OutOfStep):
            authenticate(wrong, built_in_roots(), policy(at=at))

    def test_an_empty_digest_is_of_no_document(self) -> None:
        signing = Signing(
            attributes=lambda a: [*without(ID_MESSAGE_DIGEST, a), message_digest(b"")]
        )
        assert isinstance(refused(signing=signing), OutOfStep)

    @pytest.mark.parametrize(
        ("signing", "check"),
        [
            (Signing(signature=lambda v: v[:-1] + bytes([v[-1] ^ 1])), Check.CMS_SIGNATURE),
            (Signing(signer=lab_signer(Profile(emails=("x@y",)))), Check.SIGNER_IDENTITY),
            (Signing(signer=certify(Profile())), Check.SIGNER_PATH),
            (Signing(signing_time=AT + DAY), Check.SIGNER_SIGNING_TIME),
            (Signing(digest="sha1"), Check.CMS_DIGEST_ALGORITHM),
        ],
    )
    def test_a_forgery_is_never_called_out_of_step(self, signing: Signing, check: Check) -> None:
        made = publication(signing=signing)
        with pytest.raises(SignatureRefused) as refusal:
            authenticate(made._replace(document=b"other"), roots(), policy())
        assert not isinstance(refusal.value, OutOfStep)
        assert refusal.value.check is check


class TestSigningTime:
    @pytest.mark.parametrize(
        ("signed", "at"),
        [
            (SIGNER_START, AT),
            (AT, AT),
            (AT + timedelta(minutes=5), AT),
            (SIGNER_END, SIGNER_END),
            (SIGNER_END, SIGNER_END - timedelta(minutes=5)),
        ],
    )
    def test_inside(self, signed: datetime, at: datetime) -> None:
        assert authentic(signing=Signing(signing_time=signed), at=at).signing_time == signed

    @pytest.mark.parametrize(
        ("signed", "at"),
        [
            (SIGNER_START - SECOND, AT),
            (AT + timedelta(minutes=5, seconds=1), AT),
            (SIGNER_END + SECOND, SIGNER_END),
            (datetime.fromisoformat("1950-01-01T00:00:00Z"), AT),
        ],
    )
    def test_outside(self, signed: datetime, at: datetime) -> None:
        error = refused(signing=Signing(signing_time=signed), at=at)
        assert error.check is Check.SIGNER_SIGNING_TIME
        assert error.got == f"{signed:%Y-%m-%dT%H:%M:%SZ}"
        assert error.want == (f"2025-01-01T00:00:00Z to {min(at, SIGNER_END):%Y-%m-%dT%H:%M:%SZ}")

    def test_the_skew_is_the_policys(self) -> None:
        ahead = Signing(signing_time=AT + SECOND)
        assert refused(signing=ahead, clock_skew=timedelta(0)).check is Check.SIGNER_SIGNING_TIME
        authentic(signing=ahead, clock_skew=SECOND)


class TestSha1:
    SIGNING = Signing(digest="sha1")

    def test_never_by_default(self) -> None:
        error = refused(signing=self.SIGNING)
        assert (error.check, error.got) == (Check.CMS_DIGEST_ALGORITHM, "sha1")

    @pytest.mark.parametrize("at", [AT, AT + DAY])
    def test_not_from_its_end_on(self, at: datetime) -> None:
        error = refused(signing=self.SIGNING, at=at, sha1_before=AT)
        assert error.check is Check.CMS_DIGEST_ALGORITHM

    def test_before_its_end_it_is_history(self) -> None:
        (finding,) = authentic(signing=self.SIGNING, sha1_before=AT + SECOND).findings
        assert (finding.check, finding.severity) == (Check.CMS_SHA1_HISTORY, Severity.WARNING)
        assert finding.got == "sha1"

    def test_the_labs_time_is_after_its_end(self) -> None:
        error = refused(signing=self.SIGNING, sha1_before=SHA1_RETIRED)
        assert error.check is Check.CMS_DIGEST_ALGORITHM


class TestEndsSoon:
    @pytest.mark.parametrize(
        ("left", "days"),
        [(90 * DAY, "90 days left"), (DAY, "1 day left"), (SECOND, "less than a day left")],
    )
    def test_a_warning(self, left: timedelta, days: str) -> None:
        (finding,) = authentic(at=SIGNER_END - left).findings
        assert (finding.check, finding.severity) == (Check.SIGNER_ENDS_SOON, Severity.WARNING)
        assert (finding.got, "2031-01-01" in finding.message) == (days, True)
        assert finding.want == "more than 90 days left"

    def test_not_so_soon(self) -> None:
        assert authentic(at=SIGNER_END - 90 * DAY - SECOND).findings == ()

    def test_both_warnings(self) -> None:
        product = authentic(
            signing=Signing(digest="sha1"), at=SIGNER_END, sha1_before=SIGNER_END + DAY
        )
        assert [finding.check for finding in product.findings] == [
            Check.CMS_SHA1_HISTORY,
            Check.SIGNER_ENDS_SOON,
        ]


class TestAsOfSigning:
    def test_the_time_of_judgement_is_the_signing_time(self) -> None:
        long_after = policy(at=SIGNER_END + 1000 * DAY)
        product = authenticate_as_of_signing(publication(), roots(), long_after)
        assert product.checked_at == product.signing_time == SIGNED

    def test_it_need_not_have_come_yet(self) -> None:
        before = policy(at=SIGNER_START - 1000 * DAY)
        assert authenticate_as_of_signing(publication(), roots(), before).checked_at == SIGNED

    @pytest.mark.parametrize(
        "signing", [Signing(digest="sha1"), Signing(signing_time=SIGNER_END + SECOND)]
    )
    def test_everything_else_is_as_strict(self, signing: Signing) -> None:
        with pytest.raises(SignatureRefused):
            authenticate_as_of_signing(publication(signing=signing), roots(), policy())


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.data())
def test_no_altered_publication_is_anybody_elses(data: st.DataObject) -> None:
    good = publication()
    part = data.draw(st.sampled_from(["document", "signature"]))
    content = bytearray(good.document if part == "document" else good.signature)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = (
        good._replace(document=bytes(content))
        if part == "document"
        else good._replace(signature=bytes(content))
    )
    try:
        product = authenticate(changed, roots(), policy())
    except SignatureRefused:
        return
    # Only the unused root inside the signature carries nothing.
    assert part == "signature"
    assert product == authenticate(good, roots(), policy())._replace(signature=changed.signature)


OTHER_SIGNER = lab_signer(Profile(common_name="New signer", key="p-256", serial=20))
OF_THE_SIGNER = adding(algorithm_protection(Signing()), signing_certificate(lab_signer().der))
FORMS = {
    "by key identifier": Signing(by_key=True),
    "bound by attributes": Signing(attributes=OF_THE_SIGNER),
    "the longest salt": Signing(pss=True, salt=222),
    "two": Signing(second=Signing(signer=OTHER_SIGNER, by_key=True)),
}


@pytest.mark.parametrize("signing", FORMS.values(), ids=FORMS.keys())
@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.data())
def test_no_altered_form_is_anybody_elses(signing: Signing, data: st.DataObject) -> None:
    good = publication(signing=signing)
    content = bytearray(good.signature)
    for _ in range(data.draw(st.integers(1, 2))):
        # An ECDSA signature is not as long every time.
        place = data.draw(st.integers(0, 1 << 16)) % len(content)
        content[place] ^= data.draw(st.integers(1, 255))
    try:
        product = authenticate(good._replace(signature=bytes(content)), roots(), policy())
    except SignatureRefused:
        return
    # A signature that nobody can judge any more leaves the other one, and says so.
    signers = {fingerprint(one.certificate) for one in (lab_signer(), OTHER_SIGNER)}
    assert product.signer.sha256 in signers
    assert product.root == authenticate(good, roots(), policy()).root
    assert (product.document, product.signing_time) == (good.document, SIGNED)


def mixed(first: Signing, other: Signing) -> Signing:
    """The SignerInfo of the one with the certificates of the other."""
    return replace(first, certificates=tuple(one.der for one in other.signer.path))


def test_parts_of_two_genuine_signatures_make_none() -> None:
    old, new = Signing(), Signing(signer=OTHER_SIGNER, by_key=True)
    for signing in (mixed(old, new), mixed(new, old)):
        assert refused(signing=signing).check is Check.CMS_SIGNER_CERTIFICATE
    for by_key in (False, True):
        swapped = replace(new, by_key=by_key, signature=lambda _: genuine_value(Signing()))
        assert refused(signing=swapped).check is Check.CMS_SIGNATURE


def genuine_value(how: Signing) -> bytes:
    """The signature value of another genuine signature of the same document."""
    found: list[bytes] = []

    def keep(value: bytes) -> bytes:
        found.append(value)
        return value

    publication(signing=replace(how, signature=keep))
    return found[0]


class TestTwo:
    def test_the_time_of_signing_is_that_of_the_last(self) -> None:
        early = Signing(signing_time=SIGNED - DAY)
        signing = replace(early, second=Signing(signer=OTHER_SIGNER))
        product = authenticate_as_of_signing(publication(signing=signing), roots(), policy())
        assert product.checked_at == product.signing_time == SIGNED

    @pytest.mark.parametrize("other", [Signing(digest="sha512"), Signing(pss=True)])
    def test_one_key_may_sign_twice(self, other: Signing) -> None:
        """While one digest or padding takes the place of another, in the same second."""
        (finding,) = authentic(signing=Signing(second=other)).findings
        assert (finding.check, finding.severity) == (Check.CMS_ONE_SIGNER, Severity.NOTICE)

    @pytest.mark.parametrize("document", [b"other", b""])
    def test_both_of_another_document_are_out_of_step(self, document: bytes) -> None:
        made = publication(signing=Signing(second=Signing(signer=OTHER_SIGNER)))
        with pytest.raises(OutOfStep):
            authenticate(made._replace(document=document), roots(), policy())

    def test_sha1_beside_sha256_is_history_or_nothing(self) -> None:
        signing = Signing(second=Signing(digest="sha1", signer=lab_signer(Profile(serial=21))))
        assert refused(signing=signing).check is Check.CMS_DIGEST_ALGORITHM
        found = authentic(signing=signing, sha1_before=AT + SECOND).findings
        assert [one.check for one in found] == [Check.CMS_SHA1_HISTORY, Check.CMS_ONE_SIGNER]


def test_a_policy_for_another_signer() -> None:
    signer = lab_signer(Profile(emails=("me@example.com",)))
    signing = replace(Signing(), signer=signer)
    assert authentic(signing=signing, signer="me@example.com").signer.email == "me@example.com"
    assert refused(signer="me@example.com").check is Check.SIGNER_IDENTITY
