"""A file that replaces another one is right for the program that reads it there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers import untried
from anchors.consumers.consumer import Consumer
from anchors.consumers.reading import Role
from anchors.consumers.registry import CONSUMERS, consumer_named, find_formats
from anchors.core.findings import Severity
from anchors.core.found import FoundDs
from anchors.core.records import dnskey, key_tag
from anchors.pipeline.verify import example
from tests.unit.consumers.trees import Owned, load

FILE = "etc/odd/anchors"
UNBOUND = 'server:\n    chroot: ""\n    username: ""\n    {option}: "/' + FILE + '"\n'
# The configuration, and what it says, by consumer and role.
NAMED_BY: Mapping[tuple[str, Role], tuple[str, str]] = {
    ("unbound", Role.MANAGED): (
        "etc/unbound/unbound.conf",
        UNBOUND.format(option="auto-trust-anchor-file"),
    ),
    ("unbound", Role.STATIC): (
        "etc/unbound/unbound.conf",
        UNBOUND.format(option="trust-anchor-file"),
    ),
    ("bind", Role.SEED): (
        "etc/bind/named.conf",
        f'options {{ directory "/named"; dnssec-validation auto; bindkeys-file "/{FILE}"; }};\n',
    ),
    ("knot", Role.STATIC): (
        "etc/knot-resolver/kresd.conf",
        f"trust_anchors.add_file('/{FILE}', true)\n",
    ),
    ("knot", Role.MANAGED): (
        "etc/knot-resolver/kresd.conf",
        f"trust_anchors.add_file('/{FILE}')\n",
    ),
    ("pdns", Role.STATIC): (
        "etc/powerdns/recursor.yml",
        f"dnssec:\n  validation: validate\n  trustanchorfile: /{FILE}\n",
    ),
    ("getdns", Role.STATIC): (
        "etc/stubby/stubby.yml",
        (
            "listen_addresses: [127.0.0.1]\n"
            "upstream_recursive_servers: [{address_data: 9.9.9.9}]\n"
            f'dnssec: GETDNS_EXTENSION_TRUE\ndnssec_trust_anchors: "/{FILE}"\n'
        ),
    ),
    ("opendkim", Role.STATIC): ("etc/opendkim.conf", f"TrustAnchorFile /{FILE}\n"),
    ("libreswan", Role.STATIC): ("etc/ipsec.conf", f"config setup\n dnssec-rootkey-file=/{FILE}\n"),
    ("strongswan", Role.STATIC): (
        "etc/strongswan.d/charon/unbound.conf",
        f"unbound {{\n  trust_anchors = /{FILE}\n}}\n",
    ),
    ("asterisk", Role.STATIC): (
        "etc/asterisk/resolver_unbound.conf",
        f"[general]\nta_file = /{FILE}\n",
    ),
    ("gnutls", Role.STATIC): ("usr/lib/libgnutls-dane.so.0", f"\x7fELF\0/{FILE}\0"),
    ("hashslinger", Role.STATIC): ("usr/bin/tlsa", f'#!\ncauldron = ( "/{FILE}", )\n'),
    ("prosody", Role.STATIC): (
        "etc/prosody/prosody.cfg.lua",
        f'unbound = {{ trustfile = "/{FILE}" }}\n',
    ),
    ("dnsjava", Role.STATIC): (
        "etc/dns.properties",
        f"dnsjava.dnssec.trust_anchor_file=/{FILE}\n",
    ),
    ("hickory", Role.STATIC): (
        "etc/hickory/named.toml",
        f'[[zones]]\nstores.options.trust_anchor = "/{FILE}"\n',
    ),
    ("netdns", Role.STATIC): (
        "usr/local/bin/check",
        f"use Net::DNS::Resolver::Unbound;\n$r->add_ta_file('/{FILE}');\n",
    ),
}
# Started by whoever needs them, or not known by their service.
NO_SERVICE = {"dnsjava", "gnutls", "hashslinger", "netdns"}
REPLACED = [(one, role) for one in CONSUMERS for role in one.replacements]


@pytest.mark.parametrize(
    ("consumer", "role"), REPLACED, ids=lambda word: getattr(word, "name", word)
)
def test_what_replaces_a_file_is_right_in_its_role(consumer: Consumer, role: Role) -> None:
    (row,) = find_formats([consumer.replacements[role]])
    main, conf = NAMED_BY[consumer.name, role]
    tree: dict[str, bytes | str | Owned] = {main: conf, FILE: row.write(example().emission)}
    (loaded,) = (
        one
        for one in load(consumer, tree)
        if one.configuration is not None and one.configuration.path == main
    )
    # What else they do was not tried.
    in_part = {"dnsjava", "hickory", "netdns"}
    is_certain = consumer not in untried.CONSUMERS and consumer.name not in in_part
    expected = True if is_certain else None
    assert (loaded.starts, loaded.validates) == (expected, expected)
    (used,) = (one for one in loaded.used if one.location.path == FILE)
    assert used.role is role
    tags = [
        held.anchor.key_tag
        if isinstance(held.anchor, FoundDs)
        else key_tag(dnskey(held.anchor.flags, held.anchor.algorithm, held.anchor.public_key))
        for held in used.held
    ]
    assert tags == [20326, 38696]
    assert all(held.effective for held in used.held)
    worst = [note.finding for note in used.notes if note.finding.severity is Severity.FAILURE]
    assert worst == []


def test_each_role_that_is_replaced_has_its_configuration_here() -> None:
    assert {(one.name, role) for one, role in REPLACED} == set(NAMED_BY)


def test_where_files_are_replaced_the_commands_are_told_that_make_them_live() -> None:
    for one, _ in REPLACED:
        assert bool(one.restart) is (one.name not in NO_SERVICE)
    assert consumer_named("bind").restart == ("named-checkconf", "rndc reconfig")
