"""What we say of each odd input is what the programs do with it, but for known differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from anchors.consumers import bind, dnsmasq, getdns, knot, pdns, resolved, unbound, zonefile
from anchors.consumers.consumer import Consumer
from anchors.core.found import FoundAnchor, FoundDs, MalformedAnchors
from anchors.core.records import dnskey, key_tag
from tests.odd_inputs import OddInput, odd_inputs, real_ds
from tests.unit.consumers.odd_differences import DIFFERENCES, Kind
from tests.unit.consumers.trees import AT, load

FILE = "etc/odd/odd"
# Nobody has the key of this anchor, whose tag is 1; a state is of no use without one.
OTHER_ANCHOR = f'trust-anchors {{ . initial-ds 1 8 2 "{"0" * 64}"; }};'


class Said(NamedTuple):
    """What we say: whether the program starts, and the key tags of the root that are in force."""

    starts: bool | None
    tags: frozenset[int] = frozenset()


class Frame(NamedTuple):
    """How a file is used: the consumer, and the least tree that names the file, main file first."""

    consumer: Consumer
    tree: Callable[[bytes], Mapping[str, bytes | str]]


def _unbound(statement: str) -> Frame:
    own = '\nserver:\n    chroot: ""\n    username: ""\n    module-config: "validator iterator"\n'
    conf = statement + own
    return Frame(unbound.CONSUMER, lambda odd: {"etc/unbound/unbound.conf": conf, FILE: odd})


def _named(options: str, statements: str = "") -> Frame:
    conf = f'options {{ directory "/var/cache/bind"; {options} }};\n{statements}\n'
    return Frame(
        bind.CONSUMER,
        lambda odd: {"etc/bind/named.conf": conf, FILE: odd, "var/cache/bind/other": ""},
    )


def _kresd(read_only: str) -> Frame:
    conf = f"trust_anchors.add_file('/{FILE}', {read_only})\n"
    return Frame(knot.CONSUMER, lambda odd: {"etc/knot-resolver/kresd.conf": conf, FILE: odd})


def _recursor(lua: Callable[[bytes], bytes | str]) -> Frame:
    conf = "dnssec=validate\nlua-config-file=/etc/powerdns/recursor.lua\n"
    return Frame(
        pdns.CONSUMER,
        lambda odd: {
            "etc/powerdns/recursor.conf": conf,
            "etc/powerdns/recursor.lua": lua(odd),
            FILE: odd,
        },
    )


def _of_state(odd: bytes) -> Mapping[str, bytes | str]:
    conf = (
        'options { directory "/var/cache/bind"; dnssec-validation auto; '
        'bindkeys-file "/etc/bind/other.keys"; };\n'
    )
    return {
        "etc/bind/named.conf": conf,
        "etc/bind/other.keys": OTHER_ANCHOR,
        "var/cache/bind/managed-keys.bind": odd,
    }


def _stubby(odd: bytes) -> Mapping[str, bytes | str]:
    conf = "listen_addresses: [127.0.0.1]\nupstream_recursive_servers: [{address_data: 9.9.9.9}]\n"
    conf += f'dnssec: GETDNS_EXTENSION_TRUE\ndnssec_trust_anchors: "/{FILE}"\n'
    return {"etc/stubby/stubby.yml": conf, FILE: odd}


def _beside_recursor_yml(odd: bytes) -> Mapping[str, bytes | str]:
    conf = "recursor:\n  include_dir: /etc/odd\ndnssec:\n  validation: validate\n"
    return {"etc/powerdns/recursor.yml": conf, "etc/odd/odd.yml": odd}


def _recursor_conf(odd: bytes) -> Mapping[str, bytes | str]:
    lua = f'clearTA()\naddTA(".", "{real_ds()[1]}")\n'
    return {"etc/powerdns/recursor.conf": odd, "etc/powerdns/recursor.lua": lua}


MANAGED = _unbound(f'server:\n    auto-trust-anchor-file: "/{FILE}"')
READ_FILE = f'clearTA()\nreadTrustAnchorsFromFile("/{FILE}", 0)\n'
FRAMES: Mapping[tuple[str, str], Frame] = {
    ("unbound.conf", "unbound"): _unbound(f'include: "/{FILE}"'),
    ("zone file", "unbound trust-anchor-file"): _unbound(
        f'server:\n    trust-anchor-file: "/{FILE}"'
    ),
    ("zone file", "unbound auto-trust-anchor-file"): MANAGED,
    ("state of Unbound", "unbound auto-trust-anchor-file"): MANAGED,
    ("named.conf", "named"): _named("dnssec-validation yes;", f'include "/{FILE}";'),
    ("bind.keys", "named bindkeys-file"): _named(
        f'dnssec-validation auto; bindkeys-file "/{FILE}";'
    ),
    ("state of BIND", "named managed-keys.bind"): Frame(bind.CONSUMER, _of_state),
    ("zone file", "kresd add_file, read-only"): _kresd("true"),
    ("zone file", "kresd add_file, managed"): _kresd("false"),
    ("state of Knot Resolver", "kresd add_file, managed"): _kresd("false"),
    ("kresd.conf", "kresd"): Frame(
        knot.CONSUMER, lambda odd: {"etc/knot-resolver/kresd.conf": odd}
    ),
    ("config.yaml of Knot Resolver", "kresd by kresctl convert"): Frame(
        knot.CONSUMER, lambda odd: {"etc/knot-resolver/config.yaml": odd}
    ),
    ("zone file", "pdns_recursor readTrustAnchorsFromFile"): _recursor(lambda _: READ_FILE),
    ("recursor.lua", "pdns_recursor"): _recursor(lambda odd: odd),
    ("recursor.conf", "pdns_recursor"): Frame(pdns.CONSUMER, _recursor_conf),
    ("YAML of PowerDNS Recursor", "pdns_recursor"): Frame(pdns.CONSUMER, _beside_recursor_yml),
    ("zone file", "getdns"): Frame(getdns.CONSUMER, _stubby),
    ("dnsmasq.conf", "dnsmasq"): Frame(
        dnsmasq.CONSUMER,
        lambda odd: {"etc/dnsmasq.conf": f"dnssec\nconf-file=/{FILE}\n", FILE: odd},
    ),
    (".positive", "systemd-resolved"): Frame(
        resolved.CONSUMER,
        lambda odd: {
            "etc/systemd/resolved.conf": "[Resolve]\nDNSSEC=yes\n",
            "etc/dnssec-trust-anchors.d/root.positive": odd,
        },
    ),
    # drill has no configuration: a file for it is a loose one.
    ("zone file", "drill -k"): Frame(zonefile.CONSUMER, lambda odd: {"root.key": odd}),
}


def _tags(anchors: list[FoundAnchor]) -> frozenset[int]:
    tags = (
        one.key_tag
        if isinstance(one, FoundDs)
        else key_tag(dnskey(one.flags, one.algorithm, one.public_key))
        for one in anchors
    )
    return frozenset(tags) - {1}


def _said(frame: Frame, odd: bytes) -> Said:
    """What the consumer's loader says of its main file, or its readers where it has no loader."""
    tree = frame.tree(odd)
    main = next(iter(tree))
    if frame.consumer.loader is None:
        return _read(frame.consumer, odd, main)
    loaded = [
        one
        for one in load(frame.consumer, tree)
        if one.configuration is None or one.configuration.path == main
    ]
    if not loaded:
        # Without a resolver, the file is told as unreadable, or as one without anchors.
        return _read(frame.consumer, odd, main)
    (one,) = loaded
    if one.validates is False:
        return Said(one.starts)
    return Said(one.starts, _tags([held.anchor for _, held in one.held if held.effective]))


def _read(consumer: Consumer, odd: bytes, path: str) -> Said:
    assert consumer.readers is not None
    for reader in sorted(consumer.readers.load(), key=lambda one: one.precedence):
        try:
            reading = reader.read(odd, path, AT)
        except MalformedAnchors:
            return Said(starts=None)
        if reading is not None:
            anchors = [held.anchor for held in reading.held if held.effective]
            return Said(None if reading.notes else True, _tags(anchors))
    return Said(starts=True)


def _difference(odd: OddInput, said: Said) -> Kind | None:
    """How it differs from the answer of the program, ``None`` where it does not."""
    # dnsmasq does not start with dnssec and without any anchor, whatever the reason.
    refuses = odd.answer.refuses or (odd.program == "dnsmasq" and odd.answer.ignores)
    tags = frozenset(odd.answer.tags)
    if said.starts is None:
        return Kind.UNDECIDED
    if refuses:
        return None if said.starts is False else Kind.UNSOUND
    if said.starts is False:
        return Kind.STRICTER
    if said.tags == tags:
        return None
    return Kind.STRICTER if said.tags < tags else Kind.UNSOUND


@pytest.mark.parametrize(
    ("syntax", "program"), FRAMES, ids=lambda word: word.replace(" ", "-").replace(",", "")
)
def test_what_we_say_is_what_the_program_does(syntax: str, program: str) -> None:
    frame = FRAMES[syntax, program]
    said: dict[bytes, Said] = {}
    found: dict[tuple[str, str], Kind] = {}
    for odd in odd_inputs(syntax, program):
        if odd.content not in said:
            said[odd.content] = _said(frame, odd.content)
        kind = _difference(odd, said[odd.content])
        if kind is not None:
            found[odd.case, odd.version] = kind
    assert said
    versions = {odd.version for odd in odd_inputs(syntax, program)}
    known = {
        (case, version): one.kind
        for one in DIFFERENCES.get((syntax, program), ())
        for case in one.cases
        for version in one.versions or versions
    }
    # One that is listed and does not differ any more is to be taken out.
    assert found == known


def test_every_table_is_tried_with_every_program() -> None:
    assert {(odd.syntax, odd.program) for odd in odd_inputs()} == set(FRAMES) >= set(DIFFERENCES)


def test_no_difference_is_listed_twice_or_without_a_reason() -> None:
    for differences in DIFFERENCES.values():
        listed = [
            (case, version)
            for one in differences
            for case in one.cases
            for version in one.versions or ("",)
        ]
        assert len(listed) == len(set(listed))
        assert all(one.reason for one in differences)


def test_we_never_call_right_what_the_newest_version_refuses() -> None:
    """But for loose files, which no configuration names."""
    unsound = {
        place
        for place, differences in DIFFERENCES.items()
        for one in differences
        if one.kind is Kind.UNSOUND and (not one.versions or _newest(place) in one.versions)
    }
    assert unsound <= {("zone file", "drill -k")}


def _newest(place: tuple[str, str]) -> str:
    # The tables have the newest version last.
    return [odd.version for odd in odd_inputs(*place)][-1]
