"""No content costs more than linear time in any reader: twice as much takes about twice as long.

Compared by the time of this process alone, over two lengths: a busy machine changes no ratio much.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from anchors.auditing.detect import is_of_interest
from anchors.consumers.consumer import Reader
from anchors.consumers.registry import CONSUMERS
from anchors.core.found import MalformedAnchors
from tests.unit.consumers.samples import DS1, DS2, KEY1

AT = datetime(2026, 11, 24, tzinfo=UTC)
READERS = [
    (one.name, reader)
    for one in CONSUMERS
    if one.readers is not None
    for reader in one.readers.load()
]
# The names under which each takes most for its own.
NAMES = {
    "asterisk": ["resolver_unbound.conf"],
    "bind": ["named.conf"],
    "blocky": ["config.yml"],
    "dnsjava": ["a.properties"],
    "dnsmasq": ["dnsmasq.conf"],
    "documents": ["root-anchors.xml"],
    "ens": ["ens-oracle.hex"],
    "f5": ["bigip.conf"],
    "getdns": ["stubby.yml"],
    "gnutls": ["libgnutls-dane.so.0"],
    "hashslinger": ["tlsa"],
    "hickory": ["named.toml"],
    "infoblox": ["grid.json"],
    "knot": ["kresd.conf", "knot-resolver/config.yaml"],
    "libreswan": ["ipsec.conf"],
    "libval": ["dnsval.conf"],
    "netdns": ["a.pl"],
    "opendkim": ["opendkim.conf"],
    "pdns": ["recursor.lua", "recursor.yml", "recursor.conf"],
    "prosody": ["prosody.cfg.lua"],
    "resolved": ["a.positive", "systemd/resolved.conf"],
    "routedns": ["config.toml"],
    "sdns": ["sdns.conf"],
    "strongswan": ["strongswan.conf"],
    "unbound": ["unbound.conf"],
    "windows": ["anchors.ps1"],
    "zonefile": ["root.key"],
}
DNSMASQ = f"trust-anchor=.,{DS1.replace(' ', ',')}\n"
UNITS = [
    "addTA{", "addTA(", "(", "{", "[", '"', "'", "trust-anchor:", "trust-anchor: ",
    "trust-anchors:\n",
    "- trust-anchors:\n", "{trustanchors: {", "[trustanchors: 1, ", "trust-anchors: [",
    "a: &a [*a]\n",
    DNSMASQ, "trust-anchor=", "conf-file=#\n", "lua-config-file=a\n", "dnssec:\n",
    "validation: off\n",
    "options { /* ", 'include "', "options {", "view a {", "view a {};", ". IN DS (",
    '. IN DS "\\"',
    ". IN DS \\", ".\tIN ", f". IN DS {DS2}\n", f". 300 DNSKEY {KEY1} ; Valid: ; KeyTag:1\n",
    f". DNSKEY {KEY1} ;;state=2\n", "\n", " ", "\\\n", "\0", "trust_anchors.add([[\n",
    "trust_anchors.add([=", "dofile(", "addTA('.',", "addTA.", "--[[ ", "--[==[", "trust-anchor:'",
    "aaaa-", "[Resolve]\nDNSSEC=no\n", "<TrustAnchor><KeyDigest>", "<TrustAnchor a='", "<!--",
    "@ SOA . . (\n KEYDATA 1 2 3 ", "TrustAnchorFile x\n", "trusted-keys { . ",
    "module-config: x\n",
    "Add-DnsServerTrustAnchor -Name . `", f"Add-DnsServerTrustAnchor -Name {'a' * 40} -\n",
    "dnssec:\n  trustAnchors: [", "[groups]\ndnssec-trust-anchors=1\n", "\nrootkeys = ['",
    "a trust-anchor . ", 'a trust-anchor "', 'validating-resolver trust-anchors { "',
    'validating-resolver trust-anchors { "" }', '{"dnssec_trusted_keys": [', "rootkeys = 1\n",
    "dnssec-anchors = x\n", "dnssec-anchors ", "unbound {\ntrust_anchors=", '[general]\nta_file="',
    "\x7fELF\0/a", "cauldron = (", "#!\ncauldron = ()\n",
    "unbound = { trustfile = 'a' }\n", "unbound = { trusted = {", "unbound trusted",
    "use Net::DNS::Resolver::Unbound;\n add_ta_file", "add_ta_file =>", " -D",
    "dnsjava.dnssec.trust_anchor_file=/a\n", "dnsjava.dnssec.trust_anchor_file",
]  # fmt: skip
# Four times as much: a linear reader takes some four times as long, a square one sixteen times.
SMALL, LARGE = 1 << 14, 1 << 16
MOST = 10
# What is quicker than that, in seconds of this process alone, says nothing.
QUICK = 0.05
TRIES = 4


Clock = Callable[[], float]


def took(read: Callable[[], object], clock: Clock) -> float:
    began = clock()
    with contextlib.suppress(MalformedAnchors):
        read()
    return clock() - began


def is_linear(read: Callable[[bytes], object], unit: str, clock: Clock = time.process_time) -> bool:
    """By the seconds of this process alone: what others do on the machine changes little."""
    small, large = filled(unit, SMALL), filled(unit, LARGE)
    for _ in range(TRIES):
        seconds = took(lambda: read(large), clock)
        if seconds < QUICK or seconds < MOST * took(lambda: read(small), clock):
            return True
    return False


def filled(unit: str, size: int) -> bytes:
    """Whole units alone: half a record may be refused before anything is read."""
    return (unit * (size // len(unit))).encode()


def _read(reader: Reader, name: str, content: bytes) -> object:
    return reader.read(content, name, AT)


@pytest.mark.parametrize("unit", UNITS)
def test_no_reader_takes_the_square_of_a_length(unit: str) -> None:
    slow = [
        f"{consumer} as {name}"
        for consumer, reader in READERS
        for name in NAMES[consumer]
        if not is_linear(partial(_read, reader, name), unit)
    ]
    assert slow == []


@pytest.mark.parametrize("unit", UNITS)
def test_no_content_takes_long_to_be_looked_at(unit: str) -> None:
    assert is_linear(partial(is_of_interest, path="etc/x.conf"), unit)
    assert is_linear(partial(is_of_interest, path="etc/x"), unit)


@pytest.mark.parametrize(("power", "expected"), [(1, True), (2, False)])
def test_a_square_is_seen(power: int, *, expected: bool) -> None:
    """What is asked for here would be found: by a clock that what is read moves on."""
    now = 0.0

    def read(content: bytes) -> None:
        nonlocal now
        now += len(content) ** power

    assert is_linear(read, "(", lambda: now) is expected
