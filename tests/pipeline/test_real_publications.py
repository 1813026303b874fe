"""IANA's own publications verify at the right times only, and not with one byte changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.core.policy import VerificationPolicy
from anchors.publication.authenticate import authenticate
from anchors.publication.cms import open_signature
from anchors.publication.root_cas import built_in_roots
from anchors.publication.source import Publication
from tests.pipeline.stories import Shelf, Teller
from tests.simulator import der

LATE_2026 = datetime(2026, 11, 24, tzinfo=UTC)
MID_2026 = datetime(2026, 7, 1, tzinfo=UTC)
POLICY = VerificationPolicy(at=LATE_2026)


def test_the_fixtures_are_what_iana_published(real_publications: Path) -> None:
    digests = {
        str(path.relative_to(real_publications)): sha256(path.read_bytes()).hexdigest()[:16]
        for path in real_publications.glob("*/root-anchors.*")
    }
    assert digests == {
        "2024-10-22/root-anchors.p7s": "2f435469a78cf174",
        "2024-10-22/root-anchors.xml": "3ccaab38830025ee",
        "2025-03-25/root-anchors.p7s": "644e0e22842c6b7a",
        "2025-03-25/root-anchors.xml": "3ccaab38830025ee",
    }


SERIALS = {"2024-10-22": 12, "2025-03-25": 18}


@pytest.mark.parametrize(
    ("signed", "at"),
    [
        ("2024-10-22", MID_2026),
        ("2024-10-22", datetime(2026, 7, 7, 22, 48, 13, tzinfo=UTC)),
        ("2025-03-25", LATE_2026),
        ("2025-03-25", datetime(2029, 3, 13, 21, 49, 35, tzinfo=UTC)),
    ],
)
def test_a_real_publication_verifies_while_its_signer_lasts(
    signed: str, at: datetime, real_publications: Path, teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(real_publications / signed, at=at)
    assert (outcome.exit_code, outcome.report["verdict"]) == (0, "verified")
    publication = outcome.report["publication"]
    assert publication["signer"]["serial"] == SERIALS[signed]
    assert publication["signing_time"].startswith(signed)
    assert publication["root"]["built_in"] is True
    emitted = [row["key_tag"] for row in outcome.report["anchors"] if row["emitted"]]
    assert emitted == [20326, 38696]
    assert teller.build(real_publications / signed, tmp_path / "anchors", at=at).exit_code == 0
    assert (
        sha256((tmp_path / "anchors" / "root.ds").read_bytes()).hexdigest().startswith("2c212250")
    )
    assert (
        sha256((tmp_path / "anchors" / "root.key").read_bytes()).hexdigest().startswith("299cf834")
    )


ENDS = {"2024-10-22": "2026-07-07", "2025-03-25": "2029-03-13"}


@pytest.mark.parametrize(
    ("at", "missed"),
    [
        ("2026-10-11T23:59:59Z", []),
        ("2026-10-12T00:00:00Z", ["2026-10-11"]),
        ("2028-12-01T00:00:00Z", ["2026-10-11", "2027-01-11"]),
    ],
)
def test_answers_from_before_a_planned_day_need_attention(
    at: str, missed: list[str], teller: Teller
) -> None:
    outcome = teller.run("verify", "--offline", "--strict", f"--at={at}", "--report-format", "json")
    assert outcome.exit_code == (4 if missed else 0)
    warnings = outcome.findings("warning")
    assert [*warnings] == ([Check.ROOTZONE_RECORDING_OLD.id] if missed else [])
    for day in missed:
        assert f"planned for {day}" in warnings[Check.ROOTZONE_RECORDING_OLD.id]


@pytest.mark.parametrize(
    ("signed", "at"),
    [
        ("2024-10-22", LATE_2026),
        ("2024-10-22", datetime(2026, 7, 7, 22, 48, 14, tzinfo=UTC)),
        ("2025-03-25", datetime(2029, 3, 13, 21, 49, 36, tzinfo=UTC)),
        ("2025-03-25", datetime(2035, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_real_publication_fails_once_its_signer_has_ended(
    signed: str, at: datetime, real_publications: Path, teller: Teller, shelf: Shelf
) -> None:
    outcome = teller.verify(real_publications / signed, at=at)
    assert outcome.exit_code == 1
    (finding,) = [f for f in outcome.report["findings"] if f["severity"] == "failure"]
    assert finding["check"] == Check.SIGNER_VALIDITY.id
    assert f"ended on {ENDS[signed]}" in finding["message"]
    assert "current publication" in finding["remedy"]
    assert f"give --at a time before {ENDS[signed]}" in finding["remedy"]
    assert teller.build(real_publications / signed, shelf.anchors, at=at).exit_code == 1
    shelf.assert_untouched()


@pytest.mark.parametrize("signed", ["2024-10-22", "2025-03-25"])
def test_a_real_publication_fails_before_it_was_signed(
    signed: str, real_publications: Path, teller: Teller
) -> None:
    outcome = teller.verify(real_publications / signed, at=datetime(2024, 10, 1, tzinfo=UTC))
    assert outcome.exit_code == 1
    assert signed in outcome.findings("failure")[Check.SIGNER_SIGNING_TIME.id]


@pytest.mark.parametrize("signed", ["2024-10-22", "2025-03-25"])
def test_the_signature_of_another_document_fails(
    signed: str, real_publications: Path, teller: Teller, tmp_path: Path
) -> None:
    """Both dates carry the same document, so another one is made: KSK-2010 without its end."""
    original = (real_publications / signed / "root-anchors.xml").read_bytes()
    swapped = original.replace(b' validUntil="2019-01-11T00:00:00+00:00"', b"")
    assert swapped != original
    (tmp_path / "root-anchors.xml").write_bytes(swapped)
    signature = (real_publications / signed / "root-anchors.p7s").read_bytes()
    (tmp_path / "root-anchors.p7s").write_bytes(signature)
    outcome = teller.verify(tmp_path, at=MID_2026)
    assert outcome.exit_code == 1
    message = outcome.findings("failure")[Check.CMS_MESSAGE_DIGEST.id]
    assert f"genuine (signed {signed}), but belongs to another document" in message


def test_an_older_real_publication_is_an_alarm(
    real_publications: Path, teller: Teller, tmp_path: Path
) -> None:
    outcome = teller.verify(real_publications / "2024-10-22", "--strict", at=MID_2026)
    assert (outcome.exit_code, outcome.report["attention"]) == (4, True)
    assert (
        "older than the one that came with" in outcome.findings("alarm")[Check.ROLLBACK_SNAPSHOT.id]
    )
    newer = teller.verify(real_publications / "2025-03-25", "--strict", at=MID_2026)
    assert (newer.exit_code, newer.report["attention"]) == (0, False)
    output = tmp_path / "anchors"
    assert teller.build(real_publications / "2025-03-25", output, at=MID_2026).exit_code == 0
    back = teller.build(real_publications / "2024-10-22", output, at=MID_2026)
    assert back.exit_code == 1
    assert Check.ROLLBACK_DIRECTORY.id in back.err


# One byte at a time, in process.

BITS = [1 << bit for bit in range(8)]


@pytest.fixture(scope="module")
def real(real_publications: Path) -> Publication:
    folder = real_publications / "2025-03-25"
    return Publication(
        (folder / "root-anchors.xml").read_bytes(),
        (folder / "root-anchors.p7s").read_bytes(),
        "a test",
    )


def flipped(original: bytes, positions: range, masks: list[int]) -> Iterator[tuple[int, bytes]]:
    """Every copy of the bytes with one of them changed."""
    for position in positions:
        for mask in masks:
            changed = bytearray(original)
            changed[position] ^= mask
            yield position, bytes(changed)


def verifies(document: bytes, signature: bytes) -> bool:
    try:
        authenticate(Publication(document, signature, "a test"), built_in_roots(), POLICY)
    except SignatureRefused:
        return False
    return True


def test_the_unchanged_bytes_verify(real: Publication) -> None:
    assert verifies(real.document, real.signature)


def test_no_changed_byte_of_the_document_verifies(real: Publication) -> None:
    everywhere = range(len(real.document))
    changes = flipped(real.document, everywhere, [0x01, 0x20])
    assert not [at for at, changed in changes if verifies(changed, real.signature)]


def test_the_document_is_held_to_every_value_of_every_byte(real: Publication) -> None:
    (signed,) = open_signature(real.signature).signed
    assert signed.is_of(real.document)
    changes = flipped(real.document, range(len(real.document)), [*range(1, 256)])
    assert not [at for at, changed in changes if signed.is_of(changed)]


@pytest.mark.parametrize("length", range(0, 1861, 31))
def test_no_part_of_the_document_verifies(length: int, real: Publication) -> None:
    assert length < len(real.document)
    assert not verifies(real.document[:length], real.signature)


def inside_the_unused_root(signature: bytes) -> range:
    """Where the content of the embedded copy of the pinned root lies, without its tag and length.

    The root that counts is the built-in one, so this carries nothing; its header still says that
    there is an element, and where the next one begins.
    """
    certificate = built_in_roots().certificates[0].public_bytes(Encoding.DER)
    assert certificate[:2] == b"\x30\x82"  # a SEQUENCE with its length in the next two bytes
    start = signature.index(certificate)
    return range(start + 4, start + len(certificate))


@pytest.mark.parametrize("part", range(8))
def test_only_the_unused_root_in_the_signature_may_change(part: int, real: Publication) -> None:
    size = len(real.signature)
    positions = range(size * part // 8, size * (part + 1) // 8)
    unused = inside_the_unused_root(real.signature)
    verified = dict.fromkeys(positions, 0)
    for at, changed in flipped(real.signature, positions, BITS):
        verified[at] += verifies(real.document, changed)
    # All eight changes of a byte that carries nothing verify, and none of any other.
    assert verified == {at: 8 if at in unused else 0 for at in positions}


def test_the_signature_algorithm_may_name_its_hash_again(real: Publication) -> None:
    """The one other byte that may change says the same: rsaEncryption, sha256WithRSAEncryption."""
    plain, with_hash = der.oid("1.2.840.113549.1.1.1"), der.oid("1.2.840.113549.1.1.11")
    assert len(plain) == len(with_hash)
    at = real.signature.rindex(plain)
    changed = real.signature[:at] + with_hash + real.signature[at + len(plain) :]
    assert verifies(real.document, changed)
    assert sum(a != b for a, b in zip(changed, real.signature, strict=True)) == 1


@pytest.mark.parametrize("length", range(0, 2523, 29))
def test_no_part_of_the_signature_verifies(length: int, real: Publication) -> None:
    assert length < len(real.signature)
    assert not verifies(real.document, real.signature[:length])
