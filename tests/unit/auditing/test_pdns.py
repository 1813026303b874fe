"""PowerDNS Recursor: Lua, YAML, and the recursor.conf of version 4."""

from __future__ import annotations

import pytest

from anchors.auditing.place import Hold, Role, Syntax
from anchors.auditing.readers import pdns
from anchors.formats.found import MalformedAnchors
from tests.unit.auditing.samples import DS1, DS2, anchors, checks, files

TWO = f"""dnssec:
  trustanchors:
    - name: .
      dsrecords:
        - '{DS1}'
        - {DS2}
"""
OTHERS_TOO = f"""dnssec:
  trustanchors:
  - name: example
    dsrecords: ['{DS1}']
  - name: .
    dsrecords: ['{DS2}']
"""
STATIC, IGNORED = Hold.STATIC, Hold.IGNORED


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (f'clearTA(".")\naddTA(".", "{DS1}")\naddTA(\'.\', \'{DS2}\')\n',
         [(20326, 2, STATIC), (38696, 3, STATIC)], []),
        (f'addDS(".", "{DS1}")\n', [(20326, 1, STATIC)], []),
        (f'-- addTA(".", "{DS1}")\naddTA(".", "{DS2}")\n', [(38696, 2, STATIC)], []),
        (f'addTA("example", "{DS1}")\naddTA(".", "{DS2}")\n', [(38696, 2, STATIC)], []),
        (f'addTA(".", "{DS1}")\nclearTA()\naddTA(".", "{DS2}")\n',
         [(20326, 1, IGNORED), (38696, 3, STATIC)], [1]),
        (f'addTA(".", "{DS1}")\nclearTA(".")\nclearTA()\n', [(20326, 1, IGNORED)], [1]),
        (f'addTA(".", "{DS1}")\nclearTA("example")\n', [(20326, 1, STATIC)], []),
        (f'readTrustAnchorsFromFile("F")\naddTA(".", "{DS1}")\n', [(20326, 2, IGNORED)], [2]),
    ],
)  # fmt: skip
def test_calls_of_lua(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    assert pdns.looks_like(text.encode())
    reading = pdns.read(text.encode())
    assert reading.syntax is Syntax.PDNS_LUA
    assert anchors(reading) == expected
    assert checks(reading) == [("audit.ignored", line) for line in ignored]


def test_files_of_lua() -> None:
    text = b'-- x\nreadTrustAnchorsFromFile("/usr/share/dns/root.key", 24)\ndofile("more.lua")\n'
    assert pdns.looks_like(text)
    assert files(pdns.read(text)) == [
        ("/usr/share/dns/root.key", Role.STATIC, 2),
        ("more.lua", Role.INCLUDE, 3),
    ]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('-- Load the keys.\ndofile("/usr/share/pdns-recursor/lua-config/rootkeys.lua")\n', True),
        ('dofile("a.lua")\ndofile("b.lua")\n', True),
        ('dofile("a.lua")\nrpzFile("b")\n', False),
        ('clearTA(".")\n', False),
        ("", False),
        (f'In Lua this is addTA(".", "{DS1}")\n', False),
        (f'import unittest\n\ndef test(self):\n    addTA(".", "{DS1}")\n', False),
        ("config-dir=/etc/powerdns\nlua-config-file=/etc/powerdns/recursor.lua\n", True),
        ("#lua-config-file=/etc/powerdns/recursor.lua\n", False),
        ("include-dir=/etc/powerdns/pdns.d\n", False),
        ("Set this:\nlua-config-file=/etc/powerdns/recursor.lua\n", False),
        ("dnssec:\n  trustanchorfile: F\n", True),
        ("dnssec:\n  # trustanchorfile: F\n", False),
    ],
)
def test_what_is_ours(text: str, ours: bool) -> None:
    assert pdns.looks_like(text.encode()) is ours


def test_settings_of_version_4() -> None:
    text = b"# x\nconfig-dir=/etc/powerdns\nlua-config-file=/etc/powerdns/recursor.lua # y\n\n"
    text += b"security-poll-suffix=\ninclude-dir=/etc/powerdns/recursor.d/\nforward-zones+=.=::1\n"
    assert pdns.looks_like(text)
    assert files(pdns.read(text)) == [
        ("/etc/powerdns/recursor.lua", Role.INCLUDE, 3),
        ("/etc/powerdns/recursor.d/*.conf", Role.INCLUDE, 6),
    ]


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (TWO, [(20326, 5, STATIC), (38696, 6, STATIC)], []),
        (OTHERS_TOO, [(38696, 6, STATIC)], []),
        (f"dnssec:\n  trustanchorfile: F\n  trustanchors:\n  - name: .\n    dsrecords: ['{DS1}']\n",
         [(20326, 5, IGNORED)], [5]),
        ("dnssec:\n  trustanchors: [1, {name: .}, {name: ., dsrecords: x}]\n", [], []),
    ],
)  # fmt: skip
def test_entries_of_yaml(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    assert pdns.looks_like(text.encode())
    reading = pdns.read(text.encode())
    assert reading.syntax is Syntax.PDNS_YAML
    assert anchors(reading) == expected
    assert checks(reading) == [("audit.ignored", line) for line in ignored]


def test_files_of_yaml() -> None:
    text = b"""dnssec:
  # validation: process # default
  trustanchorfile: /usr/share/dns/root.key
recursor:
  include_dir: /etc/powerdns/recursor.d
  security_poll_suffix: ''
  lua_config_file: /etc/powerdns/recursor.lua
"""
    assert pdns.looks_like(text)
    assert files(pdns.read(text)) == [
        ("/usr/share/dns/root.key", Role.STATIC, 3),
        ("/etc/powerdns/recursor.lua", Role.INCLUDE, 7),
        ("/etc/powerdns/recursor.d/*.yml", Role.INCLUDE, 5),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'addTA(".", "20326 8 2 xyz")\n',
        'addTA(".", "")\n',
        "dnssec:\n  trustanchors:\n  - name: .\n    dsrecords: [20326 8]\n",
        "dnssec:\n  trustanchors: [\n",
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    assert pdns.looks_like(text.encode())
    with pytest.raises(MalformedAnchors):
        pdns.read(text.encode())


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (f'addTA(".", {{"{DS1}", "{DS2}"}})', 1),
        (f'addTA{{".", "{DS1}"}}', 1),
        (f'\nclearTA({{"."}})\naddTA(".", "{DS1}")', 2),
    ],
)
def test_a_table_where_a_string_should_be_is_refused(call: str, line: int) -> None:
    """PowerDNS Recursor 4.8 ends with: Unable to convert parameter from table."""
    assert pdns.looks_like(call.encode())
    reading = pdns.read(call.encode())
    assert checks(reading) == [("audit.refused", line)]
