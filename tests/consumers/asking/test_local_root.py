"""A named with a copy of the root zone (RFC 8806): it answers for the root, unvalidated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.name
import dns.zone
import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.query import Endpoint, Question
from anchors.core.checks import Check
from anchors.proving.lab import LabKey
from tests.consumers.asking.resolvers import running
from tests.consumers.asking.test_stories import (
    BY_TAG,
    CHOICE,
    NOT,
    Told,
    need,
    need_of_version,
    told,
    version,
    words,
)

__all__ = ["told", "version"]

ROOT = """\
$ORIGIN .
$TTL 300
. IN SOA a.rootfake. hostmaster.rootfake. 1 1800 900 604800 300
. IN NS a.rootfake.
a.rootfake. IN A 127.0.0.1
sub. IN NS a.rootfake.
sub. IN DS {ds}
"""
SUB = """\
$ORIGIN sub.
$TTL 300
@ IN SOA a.rootfake. hostmaster.rootfake. 1 1800 900 604800 300
@ IN NS a.rootfake.
www IN A 192.0.2.80
bogus IN A 192.0.2.66
"""
NSD = """\
server:
    ip-address: {here.address}@{here.port}
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
    provide-xfr: 127.0.0.1 NOKEY
zone:
    name: "sub."
    zonefile: "sub.zone"
"""
# Without a port for servers that it finds by itself, named is told where the zone below is.
COPY = """\
}};
zone "." {{
    type secondary;
    file "{directory}/root.copy";
    primaries {{ {up.address} port {up.port}; }};
    notify no;
}};
zone "sub" {{
    type forward;
    forward only;
    forwarders {{ {up.address} port {up.port}; }};
"""


def signed(text: str, origin: str, published: list[LabKey], signing: list[LabKey]) -> str:
    zone = dns.zone.from_text(text, origin=dns.name.from_text(origin), relativize=False)
    now = datetime.now(UTC)
    with zone.writer() as transaction:
        for key in published:
            transaction.add(dns.name.from_text(origin), 300, key.dnskey)
        dns.dnssec.sign_zone(
            zone,
            transaction,
            keys=[(key.private, key.dnskey) for key in signing],
            inception=now - timedelta(days=2),
            expiration=now + timedelta(days=30),
            add_dnskey=False,
        )
    return zone.to_text(relativize=False).replace("192.0.2.66", "192.0.2.67")


@pytest.fixture(scope="module")
def root(told: Told) -> Iterator[Endpoint]:
    """The root, signed by the new key, and a signed zone below it."""
    need("named")
    old, new = told.lab.keys
    own = told.lab.zone_keys[8]
    ds = dns.dnssec.make_ds("sub.", own.dnskey, "SHA256").to_text()
    with on_bench("", "unused", b"") as bench:
        bench.write("root.zone", signed(ROOT.format(ds=ds), ".", [old, new, own], [new, own]))
        bench.write("sub.zone", signed(SUB, "sub.", [own], [own]))

        def configure(here: Endpoint) -> list[str]:
            text = NSD.format(here=here, directory=bench.directory)
            return ["-d", "-c", str(bench.write("nsd.conf", text))]

        with bench.serving("nsd", configure, ready=Question(".", "SOA")) as (here, _):
            yield here


@pytest.mark.parametrize("held", ["on", "n"])
def test_names_below_a_zone_tell_the_tags_and_the_root_proves_nothing(
    held: str,
    version: Path | None,
    root: Endpoint,
    told: Told,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    need_of_version("named", version)
    place = tmp_path_factory.mktemp("copy")
    more = COPY.format(up=root, directory=place)
    choice = CHOICE._replace(zone="sub.", good="www.sub.", bogus="bogus.sub.")
    anchors = [{"o": told.old, "n": told.new}[letter] for letter in held]
    with running("named", root, anchors, more) as here:
        verdict = told.ask(here, choice)
    assert words(verdict) == ("yes", BY_TAG if held == "on" else NOT, BY_TAG)
    assert verdict.summary.value == "cannot tell"
    messages = [one.message for one in verdict.findings if one.check is Check.ASK_CONTROL]
    assert any("as from a local copy of the root zone" in one for one in messages)
