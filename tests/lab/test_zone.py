"""The lab root is made of real keys and real signatures."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import dns.dnssec
import dns.name
import dns.zone
import dns.zonefile
import pytest
from dns.dnssectypes import Algorithm
from dns.exception import ValidationFailure

from tests.lab import zone
from tests.lab.keys import REVOKE, ksk, zsk

INSIDE = datetime(2026, 10, 4, 12, tzinfo=UTC)
AFTER = datetime(2026, 10, 23, tzinfo=UTC)


def valid(apex: zone.Apex, at: datetime = INSIDE, signature: int = 0) -> bool:
    """Whether dnspython accepts this RRSIG of the apex."""
    try:
        dns.dnssec.validate_rrsig(
            apex.dnskeys,
            apex.rrsigs[signature],
            {dns.name.root: apex.dnskeys},
            now=at.timestamp(),
        )
    except ValidationFailure:
        return False
    return True


@pytest.mark.parametrize(
    "algorithm", [Algorithm.RSASHA256, Algorithm.ECDSAP256SHA256, Algorithm.ED25519]
)
def test_every_algorithm_signs_what_dnspython_validates(algorithm: Algorithm) -> None:
    key = ksk("one", algorithm)
    apex = zone.signed([key, zsk()], by=[key])
    assert valid(apex)
    assert not valid(apex.forged())
    assert not valid(apex, AFTER)


def test_a_key_is_made_once_and_differs_from_every_other() -> None:
    assert ksk("one") == ksk("one")
    assert len({ksk("one").public_key, ksk("two").public_key, zsk("one").public_key}) == 3


def test_revoke_changes_the_flags_and_the_tag_but_not_the_key() -> None:
    key = ksk("one")
    revoked = key.revoked()
    assert (key.flags, revoked.flags) == (257, 257 | REVOKE)
    assert revoked.tag != key.tag
    assert revoked.public_key == key.public_key
    assert revoked.digest != key.digest


def test_each_signature_may_have_its_own_times() -> None:
    old, new = ksk("old"), ksk("new")
    apex = zone.signed([old, new], by=[new]).and_signed_by(old, expiration=INSIDE)
    assert [rrsig.key_tag for rrsig in apex.rrsigs] == [new.tag, old.tag]
    assert valid(apex, AFTER.replace(day=20))
    assert not valid(apex, AFTER.replace(day=20), signature=1)


def test_a_stranger_can_sign() -> None:
    published, stranger = ksk("one"), ksk("stranger")
    apex = zone.signed([published, zsk()], by=[stranger])
    assert apex.rrsigs[0].key_tag == stranger.tag
    assert not valid(apex)


@pytest.mark.parametrize("signatures", [0, 1, 2])
def test_the_text_reads_back(signatures: int) -> None:
    keys = [ksk("one"), ksk("two").revoked(), zsk()]
    apex = zone.signed(keys, by=keys[:signatures])
    text = apex.text()
    read = dns.zonefile.read_rrsets(text, rdclass=None, origin=dns.name.root, relativize=False)
    assert read == apex.rrsets
    assert len(apex.rrsigs) == signatures


def test_the_zone_text_is_a_whole_zone() -> None:
    loaded = dns.zone.from_text(zone.recorded().zone_text(), dns.name.root, relativize=False)
    assert loaded.find_rrset(".", "SOA")
    assert loaded.find_rrset(".", "NS")
    assert loaded.find_rdataset(".", "DNSKEY") == zone.recorded().dnskeys.to_rdataset()


def test_every_recording_is_validly_signed_on_the_day_after_its_inception() -> None:
    paths = sorted(zone.FIXTURES.glob("*.rrset"))
    assert zone.RECORDED in paths
    for path in paths:
        apex = zone.recorded(path)
        assert valid(apex, datetime.fromtimestamp(apex.rrsigs[0].inception + 86400, UTC)), path


def test_every_recording_is_the_one_the_readme_tells_of() -> None:
    readme = (zone.FIXTURES / "README.md").read_text(encoding="ascii")
    for path in zone.FIXTURES.glob("*.rrset"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert f"{digest}  {path.name}\n" in readme
