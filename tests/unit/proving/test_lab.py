"""The lab tells the truth: its zones hold what they must, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import dns.dnssec
import dns.exception
import dns.name
import dns.node
import dns.rdataset
import dns.rdatatype
import dns.zone
import pytest
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from anchors.consumers.bench import ConsumerFailed
from anchors.consumers.driver import BOGUS, NX, WWW
from anchors.consumers.format import Format
from anchors.consumers.query import Question, ask
from anchors.consumers.registry import REGISTRY, authorities
from anchors.core.found import FoundDnskey, FoundDs
from anchors.proving import lab as lab_module
from anchors.proving.lab import Lab, LabKey
from tests.lab.nameserver import require
from tests.simulator.times import AT

# The lab's publication is signed by the clock of the library: judged later, it is in the past.
NOW = max(AT, datetime.now(AT.tzinfo))


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(NOW)


def zone_of(lab: Lab, key: LabKey) -> dns.zone.Zone:
    return dns.zone.from_text(lab.zone(key), origin=dns.name.root, relativize=False)


def holds(zone: dns.zone.Zone, name: str, rdtype: str, key: DNSKEY, now: datetime = NOW) -> bool:
    """Whether the RRset's own RRSIG by this key holds."""
    rrset = zone.find_rrset(name, rdtype)
    signatures = zone.find_rdataset(name, "RRSIG", covers=rrset.rdtype)
    keys: dict[dns.name.Name, dns.node.Node | dns.rdataset.Rdataset]
    keys = {dns.name.root: dns.rdataset.from_rdata_list(300, [key])}
    try:
        dns.dnssec.validate(rrset, (rrset.name, signatures), keys, now=now.timestamp())
    except dns.exception.DNSException:
        return False
    return True


def zone_key(zone: dns.zone.Zone) -> DNSKEY:
    (key,) = (k for k in zone.find_rdataset(".", "DNSKEY") if k.flags == 256)
    assert isinstance(key, DNSKEY)
    return key


def test_each_zone_publishes_both_keys_and_is_signed_by_one(lab: Lab) -> None:
    first, second = lab.keys
    for signer, other in ((first, second), (second, first)):
        zone = zone_of(lab, signer)
        assert {signer.dnskey, other.dnskey} < set(zone.find_rdataset(".", "DNSKEY"))
        covers = dns.rdatatype.DNSKEY
        tags = [s.key_tag for s in zone.find_rdataset(".", "RRSIG", covers=covers)]
        assert tags == [signer.tag]
        assert holds(zone, ".", "DNSKEY", signer.dnskey)
        assert not holds(zone, ".", "DNSKEY", other.dnskey)


def test_one_name_is_good_and_one_is_forged(lab: Lab) -> None:
    zone = zone_of(lab, lab.keys[0])
    assert holds(zone, WWW, "A", zone_key(zone))
    assert not holds(zone, BOGUS, "A", zone_key(zone))


def test_the_third_name_is_denied(lab: Lab) -> None:
    zone = zone_of(lab, lab.keys[0])
    assert zone.get_node(NX) is None
    owners = sorted(name for name, _ in zone.iterate_rdatasets("NSEC"))
    before = max(name for name in owners if name < dns.name.from_text(NX))
    assert holds(zone, before.to_text(), "NSEC", zone_key(zone))


def test_everything_is_valid_around_now_and_expires(lab: Lab) -> None:
    zone = zone_of(lab, lab.keys[0])
    assert holds(zone, WWW, "A", zone_key(zone), NOW - timedelta(days=1))
    assert not holds(zone, WWW, "A", zone_key(zone), NOW + timedelta(days=40))


@pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row.name)
def test_the_real_renderers_write_the_lab_keys(lab: Lab, row: Format) -> None:
    found = row.read.load()(lab.anchor_file(row.name)).anchors
    one = row.read.load()(lab.anchor_file(row.name, lab.keys[1:])).anchors
    assert len(found) == 2
    assert set(one) < set(found)
    for anchor in found:
        if isinstance(anchor, FoundDs):
            assert anchor.digest in {key.digest for key in lab.keys}
        else:
            assert isinstance(anchor, FoundDnskey)
            assert anchor.public_key in {bytes(key.dnskey.key) for key in lab.keys}


def test_the_recorded_rrset_is_the_one_of_the_zone(lab: Lab) -> None:
    for key in lab.keys:
        text = lab.recorded(key).text
        zone = zone_of(lab, key)
        assert text.count(" IN DNSKEY ") == len(zone.find_rdataset(".", "DNSKEY")) == 3
        (line,) = (line for line in text.splitlines() if " RRSIG DNSKEY " in line)
        rrsig = zone.find_rdataset(".", "RRSIG", covers=dns.rdatatype.DNSKEY)[0]
        assert isinstance(rrsig, RRSIG)
        assert f" {key.tag} " in line


@pytest.mark.parametrize("software", ["nsd", "named"])
def test_both_name_servers_serve_the_zone(
    lab: Lab, software: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(software)
    (authority,) = (one for one in authorities() if one.program == software)
    monkeypatch.setattr(lab_module, "authorities", lambda: [authority])
    with lab.serving(lab.keys[0]) as root:
        good = ask(root, Question(WWW, want_dnssec=True))
        denied = ask(root, Question(NX, want_dnssec=True))
        apex = ask(root, Question(".", "DNSKEY", want_dnssec=True))
    assert good is not None
    assert good.rcode == "NOERROR"
    assert "192.0.2.80" in good.answer
    assert any(text.startswith("A 8 2 300 ") for text in good.answer)
    assert denied is not None
    assert denied.rcode == "NXDOMAIN"
    assert apex is not None
    assert len(apex.answer) == 4
    assert ask(root, Question(WWW), seconds=0.3) is None


def test_without_a_name_server_the_lab_says_what_it_needs(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "find_program", lambda _name: None)
    with (
        pytest.raises(ConsumerFailed, match=r"needs a name server: .* \(Debian: nsd, bind9\)"),
        lab.serving(lab.keys[0]),
    ):
        pass
