"""The roots that are trusted: ICANN's two, each the pinned one, or those of a file."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.findings import Severity
from anchors.core.root_facts import ROOT_CAS, RootCa
from anchors.publication import root_cas
from anchors.publication.root_cas import built_in_roots, fingerprint, roots_from_file
from tests.simulator.authority import INTERMEDIATE, ROOT, Profile, certify, lab_root, lab_signer

BUNDLE = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem")


class TestBuiltIn:
    def test_the_pinned_ones(self) -> None:
        found = built_in_roots()
        assert found.built_in
        assert [fingerprint(root) for root in found.certificates] == [ca.sha256 for ca in ROOT_CAS]
        assert [f"{root.not_valid_after_utc:%Y-%m-%d}" for root in found.certificates] == [
            "2029-12-18",
            "2045-03-20",
        ]
        for ca, root in zip(ROOT_CAS, found.certificates, strict=True):
            assert f"CN={ca.name}," in root.subject.rfc4514_string()
            assert ca.ends == root.not_valid_after_utc.replace(hour=0, minute=0, second=0)
            assert root.subject == root.issuer
            root.verify_directly_issued_by(root)

    def test_the_fingerprints_that_icann_publishes(self) -> None:
        first, second = (ca.sha256 for ca in ROOT_CAS)
        assert (first[:8], first[-8:]) == ("aee89906", "4aad603d")
        assert (second[:8], second[-8:]) == ("d8eee1b7", "464ebfc3")

    def test_the_bundle_is_ianas(self) -> None:
        digest = sha256(BUNDLE.read_bytes()).hexdigest()
        assert (digest[:8], digest[-6:]) == ("18ce7215", "4f9e24")

    def test_they_are_read_once(self) -> None:
        assert built_in_roots() is built_in_roots()

    def test_nobody_adds_to_them(self) -> None:
        assert isinstance(ROOT_CAS, tuple)
        with pytest.raises(AttributeError):
            ROOT_CAS[0].sha256 = "00"  # type: ignore[misc]

    @pytest.mark.parametrize(
        "roots",
        [
            (),
            ROOT_CAS[:1],
            ROOT_CAS[::-1],
            (ROOT_CAS[0], ROOT_CAS[1]._replace(sha256="0" * 64)),
            (*ROOT_CAS, ROOT_CAS[1]._replace(name="more", sha256="0" * 64)),
        ],
        ids=["none", "one", "swapped", "another", "one more"],
    )
    def test_a_package_that_is_damaged(
        self, roots: tuple[RootCa, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(root_cas, "ROOT_CAS", roots)
        with pytest.raises(UsageError, match="damaged"):
            built_in_roots.__wrapped__()


def test_a_fingerprint_is_over_the_der() -> None:
    root = lab_root()
    assert fingerprint(root.certificate) == sha256(root.der).hexdigest()


UNREADABLE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


class TestFile:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "ca.pem"

    def test_one_root(self, file: Path) -> None:
        file.write_bytes(lab_root().pem)
        assert roots_from_file(file) == ((lab_root().certificate,), False, ())

    def test_several_with_words_between(self, file: Path) -> None:
        other = certify(INTERMEDIATE, lab_root())
        file.write_bytes(b"Lab Root CA\n" + lab_root().pem + b"\n# another\n" + other.pem)
        assert len(roots_from_file(file).certificates) == 2

    @pytest.mark.parametrize(
        "before", [b"#", b"# ", b"  ", b"former: ", b"<!-- ", lab_root().pem.rstrip() + b" # "]
    )
    def test_one_whose_line_begins_with_something_else_is_none(
        self, before: bytes, file: Path
    ) -> None:
        """Somebody commented it out, or only speaks of it."""
        other = certify(replace(ROOT, common_name="Former Root CA"))
        for good in (lab_root().pem, lab_root().pem.replace(b"\n-----END", b"-----END")):
            file.write_bytes(good + before + other.pem + b"words\n")
            found = roots_from_file(file)
            assert {*found.certificates} == {lab_root().certificate}
            assert found.findings == ()

    @pytest.mark.parametrize(
        "pem", [b"\xef\xbb\xbf" + lab_root().pem, lab_root().pem.replace(b"\n", b"\r\n")]
    )
    def test_as_windows_writes_a_file(self, pem: bytes, file: Path) -> None:
        file.write_bytes(pem)
        assert roots_from_file(file).certificates == (lab_root().certificate,)

    def test_ianas_bundle_is_not_built_in_when_it_is_named(self, file: Path) -> None:
        file.write_bytes(BUNDLE.read_bytes())
        named = roots_from_file(file)
        assert named.certificates == built_in_roots().certificates
        assert not named.built_in

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b"words",
            b"\xff\xfe",
            lab_root().der,
            lab_root().pem[:-30],
            lab_root().pem.replace(b"MII", b"!!!"),
            lab_root().pem.replace(b"CERTIFICATE", b"X509 CRL"),
            b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            UNREADABLE * 2,
        ],
        ids=range(11),
    )
    def test_a_file_that_holds_no_roots(self, content: bytes, file: Path) -> None:
        file.write_bytes(content)
        with pytest.raises(UsageError) as refusal:
            roots_from_file(file)
        assert refusal.value.check is Check.CHOICE_CA
        assert str(file) in (refusal.value.got or "")

    @pytest.mark.parametrize(
        "pem",
        [
            UNREADABLE + lab_root().pem,
            lab_root().pem + UNREADABLE,
            lab_root().pem + lab_root().pem[:-30],
            b"words\r\n" + UNREADABLE + b"words\n" + lab_root().pem + b"words",
            lab_root().pem + UNREADABLE.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
        ],
        ids=range(5),
    )
    def test_one_that_cannot_be_read_is_left_out_and_told(self, pem: bytes, file: Path) -> None:
        file.write_bytes(pem)
        found = roots_from_file(file)
        assert found.certificates == (lab_root().certificate,)
        (finding,) = found.findings
        assert (finding.check, finding.severity) == (Check.CHOICE_CA, Severity.NOTICE)
        assert finding.message == f"1 unreadable certificates of {file} were left out"
        assert finding.got

    def test_what_is_no_certificate_is_not_counted(self, file: Path) -> None:
        key = lab_root().pem.replace(b"CERTIFICATE", b"PUBLIC KEY")
        file.write_bytes(key + lab_root().pem)
        assert roots_from_file(file).findings == ()

    def test_what_the_library_says_is_told(self, file: Path) -> None:
        file.write_bytes(b"words")
        with pytest.raises(UsageError) as refusal:
            roots_from_file(file)
        assert "PEM" in (refusal.value.got or "").removeprefix(f"{file}: ")

    @pytest.mark.parametrize("ca", [False, None])
    def test_a_signer_does_not_vouch_for_itself(self, ca: bool | None, file: Path) -> None:
        file.write_bytes(lab_root().pem + lab_signer(Profile(ca=ca)).pem)
        with pytest.raises(UsageError, match="not a CA certificate") as refusal:
            roots_from_file(file)
        assert refusal.value.check is Check.CHOICE_CA
        assert "CN=DNSSEC Trust Anchor Verification" in (refusal.value.got or "")

    @pytest.mark.parametrize("name", ["absent", "."])
    def test_what_is_no_file(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as refusal:
            roots_from_file(tmp_path / name)
        assert refusal.value.check is Check.CHOICE_CA

    def test_a_root_is_never_left_out_for_the_size_of_the_file(self, file: Path) -> None:
        other = certify(INTERMEDIATE, lab_root())
        filler = (b"#" * 1023 + b"\n") * 1024
        file.write_bytes(lab_root().pem + filler + other.pem)
        try:
            found = roots_from_file(file).certificates
        except UsageError:
            return
        assert len(found) == 2

    def test_der_is_not_pem(self, file: Path) -> None:
        file.write_bytes(lab_root().certificate.public_bytes(Encoding.DER))
        with pytest.raises(UsageError):
            roots_from_file(file)
