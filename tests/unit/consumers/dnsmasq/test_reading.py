"""dnsmasq.conf and Debian's and OpenWrt's trust-anchors.conf."""

from __future__ import annotations

import pytest

from anchors.consumers.dnsmasq import ANCHORS_ALONE, CONFIGURATION, CONSUMER
from anchors.consumers.dnsmasq.reading import READERS
from anchors.consumers.reading import Hold, Reading, Role
from anchors.core.checks import Check
from anchors.core.found import FoundDs, MalformedAnchors
from tests.simulator.ksk import KSK_2017
from tests.unit.consumers.samples import DS1, DS2, anchors, files
from tests.unit.consumers.trees import AT, load

C1, C2 = DS1.replace(" ", ","), DS2.replace(" ", ",")
DIGEST = KSK_2017.digest()


def read(text: str, path: str = "etc/dnsmasq.conf") -> Reading | None:
    (reader,) = READERS
    return reader.read(text.encode(), path, AT)


def found(text: str) -> Reading:
    reading = read(text)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# the root\n\ntrust-anchor=.,{C1}\ntrust-anchor=.,{C2}\n", [(20326, 3), (38696, 4)]),
        (f"  trust-anchor = . , {C1} # x\ndnssec\n", [(20326, 1)]),
        (f"trust-anchor=.,IN,{C1}\r\n", [(20326, 1)]),
        (f"trust-anchor=.,20326,8,2,{DIGEST[:30]} {DIGEST[30:]}\n", [(20326, 1)]),
        (f'trust-anchor=".",{C1}\ntrust-anchor=,{C2}\n', [(20326, 1), (38696, 2)]),
        (f"trust-anchor=.,20326,8,2,{DIGEST[:2]}:{DIGEST[2:9]}:{DIGEST[9:]}\n", [(20326, 1)]),
        (f"# trust-anchor=.,{C1}\n#trust-anchor=.,{C1}\ntrust-anchor=.,{C2}", [(38696, 3)]),
        (f"trust-anchor=example,{C1}\ntrust-anchor=.,CH,{C1}", [(20326, 2)]),
    ],
)
def test_anchors_with_their_lines(text: str, expected: list[tuple[int, int]]) -> None:
    reading = found(text)
    assert reading.syntax is (CONFIGURATION if "dnssec" in text else ANCHORS_ALONE)
    assert anchors(reading) == [(*anchor, Hold.STATIC) for anchor in expected]


def test_a_short_digest_which_dnsmasq_takes_is_kept() -> None:
    (held,) = found("trust-anchor=.,20326,8,2,E06D\n").held
    assert held.anchor == FoundDs(20326, 8, 2, b"\xe0\x6d", "trust-anchor")


@pytest.mark.parametrize(
    ("option", "paths"),
    [
        ("conf-file=/usr/share/dnsmasq-base/trust-anchors.conf",
         ["/usr/share/dnsmasq-base/trust-anchors.conf"]),
        ("conf-dir=/etc/dnsmasq.d", ["/etc/dnsmasq.d/*"]),
        ("conf-dir=/etc/dnsmasq.d/,*.conf", ["/etc/dnsmasq.d/*.conf"]),
        ("conf-dir=/d,*.conf,*.cnf", ["/d/*.conf", "/d/*.cnf"]),
        ("conf-dir=/d,.bak,.dpkg-old", ["/d/*"]),
        ("conf-dir=/d,*", ["/d/*"]),
    ],
)  # fmt: skip
def test_files_that_are_included(option: str, paths: list[str]) -> None:
    reading = found(f"bogus-priv\n{option}\n#conf-file=/commented\n")
    assert files(reading) == [(path, Role.INCLUDE, 2) for path in paths]


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"#trust-anchor=.,{C1}\n",
        "conf-dir=\nserver=9.9.9.9\n",
        f"Put this into dnsmasq.conf:\ntrust-anchor=.,{C1}\n",
        f"#!/bin/sh\nif true; then\n  echo trust-anchor=.,{C1}\nfi\n",
        f"<pre>\ntrust-anchor=.,{C1}\n</pre>\n",
        f"config dnsmasq\n\toption dnssec '1'\n\tlist x trust-anchor=.,{C1}\n",
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert read(text, "usr/share/doc/x") is None


@pytest.mark.parametrize(
    "text",
    [
        '{"dnssec": true}\n',
        "dnssec: yes\n",
        f"trust-anchor .,{C1}\n",
        f"Put this into dnsmasq.conf:\ntrust-anchor=.,{C1}\n",
    ],
)
def test_dnsmasq_is_started_with_its_own_file_whatever_is_written_in_it(text: str) -> None:
    assert found(text).syntax is CONFIGURATION
    (resolver,) = load(CONSUMER, {"etc/dnsmasq.conf": text})
    assert resolver.starts is False
    assert Check.AUDIT_REFUSED in {note.finding.check for _, note in resolver.notes}


@pytest.mark.parametrize("value", [".", ".,20326,8,2,xyz", ".,20326,8,2", ".,x", f'".,{C1}"'])
def test_an_anchor_that_cannot_be_read(value: str) -> None:
    with pytest.raises(MalformedAnchors, match="line 2"):
        read(f"dnssec\ntrust-anchor={value}\n")
