"""unbound.conf and its fragments."""

from __future__ import annotations

import pytest

from anchors.consumers.reading import Hold, Reading, Role
from anchors.consumers.unbound import CONF, writing
from anchors.consumers.unbound.reading import READERS
from anchors.pipeline.verify import example
from tests.unit.consumers.samples import DS1, DS2, KEY1, anchors, checks, files, one
from tests.unit.consumers.trees import AT

NAME = "etc/some.conf"


def read(text: str | bytes, path: str = NAME) -> Reading | None:
    content = text.encode() if isinstance(text, str) else text
    readings = (reader.read(content, path, AT) for reader in READERS)
    return next((one for one in readings if one is not None), None)


def ours(text: str | bytes, path: str = NAME) -> Reading:
    return one(read(text, path), CONF)


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
    reading = ours(text)
    assert reading.notes == ()
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
    assert files(ours(text)) == [
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
    assert [path for path, _, _ in files(ours(text))] == paths


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
        ('server:\n  trust-anchor: "\n', True),
    ],
)
def test_what_is_ours(text: str, *, ours: bool) -> None:
    assert (read(text) is not None) is ours


@pytest.mark.parametrize(
    "value", [". DS 20326 8 2 xyz", ". DS", "nonsense", ". A 192.0.2.1", ". IN 3600 DS 1 8 2 00"]
)
def test_an_anchor_that_unbound_refuses_is_told_with_its_line(value: str) -> None:
    reading = ours(f'server:\n\ttrust-anchor: "{value}"')
    assert reading.held == ()
    assert checks(reading) == [("audit.refused", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"server:\n trust-anchor: . IN DS {DS1}\n", 2),
        (f'server:\n verbosity: 1\n\u00a0trust-anchor: ". DS {DS1}"\n', 3),
        (f'server:\n trust-anchor: ". DS {DS1}"\n"\n', 3),
        ("server:\n auto-trust-anchor-file: /k\n trust-anchor:\n", 3),
    ],
)
def test_what_is_left_over_is_told_with_its_line(text: str, line: int) -> None:
    assert ("audit.refused", line) in checks(ours(text))


def test_a_byte_order_mark_is_no_blank() -> None:
    content = b"\xef\xbb\xbfserver:\n auto-trust-anchor-file: /k\n"
    assert checks(ours(content, "etc/unbound/unbound.conf")) == [("audit.refused", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "server:\n{% for a in anchors %}\n  trust-anchor: {{ a }}\n{% endfor %}\n",
        "<% @anchors.each do |a| %>\n  trust-anchor: <%= a %>\n<% end %>\n",
        'server:\n  trust-anchor: "{{ anchor }}"\n',
    ],
)
def test_a_template_is_told_as_one(text: str) -> None:
    assert ("audit.malformed", None) in checks(ours(text, "templates/unbound.conf.j2"))


def test_a_configuration_of_the_usual_name_is_ours_without_any_anchor() -> None:
    assert ours("server:\n verbosity: 1\n", "etc/unbound/unbound.conf").held == ()


def test_what_is_written_is_read_back_and_nothing_is_left_over() -> None:
    reading = ours(writing.render(example().emission))
    assert reading.notes == ()
    wanted = {(anchor.key.key_tag, anchor.key.digest) for anchor in example().emission.anchors}
    assert {(held.anchor[0], held.anchor[3]) for held in reading.held} == wanted


def test_a_value_on_a_later_line_is_read() -> None:
    reading = ours(f'server:\n trust-anchor: # the first\n\n ". DS {DS1}"\n')
    assert [(tag, line) for tag, line, _ in anchors(reading)] == [(20326, 2)]
