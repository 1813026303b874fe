"""unbound.conf and its fragments."""

from __future__ import annotations

import pytest

from anchors.auditing.place import Hold, Role, Syntax
from anchors.auditing.readers import unbound
from anchors.formats.found import MalformedAnchors
from tests.unit.auditing.samples import DS1, DS2, KEY1, anchors, files


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'server:\n    trust-anchor: ". DS {DS1}"\n\ttrust-anchor: ". IN DS {DS2}" # x\n',
         [(20326, 2), (38696, 3)]),
        (f"trust-anchor: '. 3600 IN DNSKEY {KEY1}'\r\n", [(20326, 1)]),
        (f'server: verbosity: 1 trust-anchor:". DS {DS1}" # two in a line\n', [(20326, 1)]),
        (f'server:\n# trust-anchor: ". DS {DS1}"\ntrust-anchor: ". DS {DS2}"', [(38696, 3)]),
        (f'server:\n  interface: ::1\n  interface: fe80::1@53\n  trust-anchor: ". DS {DS2}"\n',
         [(38696, 4)]),
        (f'trust-anchor: "example. DS {DS1}"\ntrust-anchor: ". DS {DS2}"\n', [(38696, 2)]),
    ],
)  # fmt: skip
def test_anchors_with_their_lines(text: str, expected: list[tuple[int, int]]) -> None:
    assert unbound.looks_like(text.encode())
    reading = unbound.read(text.encode())
    assert reading.syntax is Syntax.UNBOUND
    assert anchors(reading) == [(*anchor, Hold.STATIC) for anchor in expected]
    assert {held.anchor.statement for held in reading.held} == {"trust-anchor"}


def test_files_that_are_named() -> None:
    text = b"""include-toplevel: "/etc/unbound/unbound.conf.d/*.conf"
server:
    chroot: ""
    # trust-anchor-file: "/commented"
    auto-trust-anchor-file: "/var/lib/unbound/root.key"
    trust-anchor-file: /etc/trusted-key.key
    trusted-keys-file: '/etc/unbound/keys.d/*.key'
    trust-anchor-file: ""
    include: /etc/unbound/more.conf
forward-zone:
    name: "."
    forward-addr: 9.9.9.9@853#dns.quad9.net
"""
    assert unbound.looks_like(text)
    assert files(unbound.read(text)) == [
        ("/etc/unbound/unbound.conf.d/*.conf", Role.INCLUDE, 1),
        ("/var/lib/unbound/root.key", Role.MANAGED, 5),
        ("/etc/trusted-key.key", Role.STATIC, 6),
        ("/etc/unbound/keys.d/*.key", Role.TRUSTED_KEYS, 7),
        ("/etc/unbound/more.conf", Role.INCLUDE, 9),
    ]


@pytest.mark.parametrize(
    ("rows", "paths"),
    [
        (["include: a", "directory: /d", "include: b", "trust-anchor-file: c"],
         ["a", "/d/b", "/d/c"]),
        (["trust-anchor-file: c", "directory: /d"], ["/d/c"]),
        # What is opened after the change of root lies inside; an include is read before.
        (["chroot: /jail", "include: /etc/a", "trust-anchor-file: /etc/k"],
         ["/etc/a", "/jail/etc/k"]),
        (["chroot: /jail/", "trust-anchor-file: /jail/k", "trust-anchor-file: /jailer/k"],
         ["/jail/k", "/jail/jailer/k"]),
        (['chroot: ""', "trust-anchor-file: /k"], ["/k"]),
        (["chroot: /jail", "directory: /jail/etc", "trust-anchor-file: k"], ["/jail/etc/k"]),
        (["chroot: /jail", "directory: /etc", "trust-anchor-file: k"], ["/jail/etc/k"]),
    ],
)  # fmt: skip
def test_where_a_file_lies(rows: list[str], paths: list[str]) -> None:
    text = "server:\n" + "".join(f"  {row}\n" for row in rows)
    assert [path for path, _, _ in files(unbound.read(text.encode()))] == paths


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("server:\n include: x\nforward-zone:\n name: .\n", True),
        ("server:\n log-only-syslog: yes\ninclude: /etc/nsd/nsd.conf.d/*.conf\n", False),
        ("include: other.yml\nstages:\n  - build\n", False),
        ("server:\n verbosity: 1\n", False),
        ("", False),
        ('# trust-anchor: ". DS 1 8 2 00"\n', False),
        (f'Add this line:\ntrust-anchor: ". DS {DS1}"\n', False),
        (f'NAME\n.TP\n.B trust-anchor: ". DS {DS1}"\n', False),
        (f"dnssec:\n  trust-anchors:\n    - |-\n      . IN DS {DS1}\n", False),
        ('server:\n  trust-anchor: "\n', False),
    ],
)
def test_what_is_ours(text: str, ours: bool) -> None:
    assert unbound.looks_like(text.encode()) is ours


@pytest.mark.parametrize(
    "value", [". DS 20326 8 2 xyz", ". DS", "nonsense", f". DS ( {DS1}", ". DNSKEY 257 3 8 A"]
)
def test_an_anchor_that_cannot_be_read(value: str) -> None:
    content = f'server:\n\ttrust-anchor: "{value}"'.encode()
    assert unbound.looks_like(content)
    with pytest.raises(MalformedAnchors, match="line 2"):
        unbound.read(content)


@pytest.mark.parametrize("value", ["", "\n", " # x"])
def test_an_option_without_value_names_nothing(value: str) -> None:
    reading = unbound.read(f"trust-anchor:{value}\nauto-trust-anchor-file:{value}".encode())
    assert (reading.held, reading.references) == ((), ())
