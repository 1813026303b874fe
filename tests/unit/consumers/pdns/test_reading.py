"""PowerDNS Recursor: Lua, YAML, and the recursor.conf of version 4."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anchors.consumers.pdns import LUA, SETTINGS, YAML, reading
from anchors.consumers.pdns.writing import render_lua, render_yaml
from anchors.consumers.reading import Hold, Reading, Role, Syntax
from anchors.core.emission import Emission
from anchors.core.found import MalformedAnchors
from anchors.pipeline.verify import example
from tests.unit.consumers.samples import DS1, DS2, anchors, checks, files, one
from tests.unit.consumers.trees import AT

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


def read(text: str | bytes, path: str = "etc/x") -> Reading | None:
    return reading.read(text.encode() if isinstance(text, str) else text, path, AT)


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (f'clearTA(".")\naddTA(".", "{DS1}")\naddTA(\'.\', \'{DS2}\')\n',
         [(20326, 2, STATIC), (38696, 3, STATIC)], []),
        (f'addDS(".", "{DS1}")\n', [(20326, 1, STATIC)], []),
        (f'clearTA("") addTA("", "{DS1}") addTA ("\\46", [[{DS2}]])\n',
         [(20326, 1, STATIC), (38696, 1, STATIC)], []),
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
    found = one(read(text), LUA)
    assert anchors(found) == expected
    assert checks(found) == [("audit.ignored", line) for line in ignored]


def test_files_of_lua() -> None:
    text = b'-- x\nreadTrustAnchorsFromFile("/usr/share/dns/root.key", 24)\ndofile("more.lua")\n'
    assert files(one(read(text), LUA)) == [
        ("/usr/share/dns/root.key", Role.STATIC, 2),
        ("more.lua", Role.INCLUDE, 3),
    ]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('-- Load the keys.\ndofile("/usr/share/pdns-recursor/lua-config/rootkeys.lua")\n', True),
        ('dofile("a.lua")\ndofile("b.lua")\n', True),
        ('dofile("a.lua")\nrpzFile("b")\n', False),
        ('clearTA(".")\n', True),
        ("", False),
        (f'In Lua this is addTA(".", "{DS1}")\n', False),
        (f'import unittest\n\ndef test(self):\n    addTA(".", "{DS1}")\n', False),
        ("config-dir=/etc/powerdns\nlua-config-file=/etc/powerdns/recursor.lua\n", True),
        ("#lua-config-file=/etc/powerdns/recursor.lua\n", False),
        ("include-dir=/etc/powerdns/pdns.d\n", False),
        ("Set this:\nlua-config-file=/etc/powerdns/recursor.lua\n", False),
        ("dnssec:\n  trustanchorfile: F\n", True),
        ("dnssec:\n  # trustanchorfile: F\n", False),
        ("x = addTA", True),
        ("dnssec=validate\n", True),
    ],
)
def test_what_is_ours(text: str, ours: bool) -> None:
    assert (read(text) is not None) is ours


def test_a_configuration_by_its_name_that_says_nothing_of_anchors() -> None:
    for path, text in (
        ("etc/powerdns/recursor.conf", "quiet=yes\n"),
        ("etc/powerdns/recursor.yml", "recursor:\n  threads: 2\n"),
    ):
        assert read(text, path) is not None
        assert read(text, "etc/other") is None


def test_settings_of_version_4() -> None:
    text = b"# x\nconfig-dir=/etc/powerdns\nlua-config-file=/etc/powerdns/recursor.lua # y\n\n"
    text += b"security-poll-suffix=\ninclude-dir=/etc/powerdns/recursor.d/\nforward-zones+=.=::1\n"
    assert files(one(read(text), SETTINGS)) == [
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
        ("dnssec:\n  trustanchors: [{name: .}]\n", [], []),
        (f"dnssec:\n  trustanchors:\n  - dsrecords: ['{DS1}']\n", [(20326, 3, STATIC)], []),
    ],
)  # fmt: skip
def test_entries_of_yaml(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    found = one(read(text), YAML)
    assert anchors(found) == expected
    assert checks(found) == [("audit.ignored", line) for line in ignored]


def test_files_of_yaml() -> None:
    text = b"""dnssec:
  # validation: process # default
  trustanchorfile: /usr/share/dns/root.key
recursor:
  include_dir: /etc/powerdns/recursor.d
  security_poll_suffix: ''
  lua_config_file: /etc/powerdns/recursor.lua
"""
    assert files(one(read(text), YAML)) == [
        ("/usr/share/dns/root.key", Role.STATIC, 3),
        ("/etc/powerdns/recursor.lua", Role.INCLUDE, 7),
        ("/etc/powerdns/recursor.d/*.yml", Role.INCLUDE, 5),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('addTA(".", "20326 8 2 xyz")\n', 1),
        ('\naddTA(".", "")\n', 2),
        ("dnssec:\n  trustanchors:\n  - name: .\n    dsrecords: [20326 8]\n", 4),
        ("dnssec:\n  trustanchors: [{name: ., dsrecords: x}]\n", 2),
        ("dnssec:\n  trustanchors: [1]\n", 2),
    ],
)
def test_anchors_that_the_program_refuses(text: str, line: int) -> None:
    found = read(text)
    assert found is not None
    assert checks(found) == [("audit.refused", line)]


def test_yaml_that_is_none_cannot_be_read() -> None:
    with pytest.raises(MalformedAnchors):
        read("dnssec:\n  trustanchors: [\n")


@pytest.mark.parametrize(
    "text",
    [
        f'addTA(".", "{DS1[:9]}" .. x)\n',
        f'local a = addTA\na(".", "{DS1}")\n',
        f'pcall(addTA, ".", "{DS1}")\n',
        f'if x then addTA(".", "{DS1}") end\n',
        f'{{% if x %}}addTA(".", "{DS1}"){{% endif %}}\n',
        "dnssec:\n  trustanchorfile: {{ file }}\n",
    ],
)
def test_what_cannot_be_told_is_told_as_such(text: str) -> None:
    found = read(text)
    assert found is not None
    assert found.held == ()
    assert [check for check, _ in checks(found)] == ["audit.malformed"]


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
    assert checks(one(read(call), LUA)) == [("audit.refused", line)]


@pytest.mark.parametrize(("render", "syntax"), [(render_lua, LUA), (render_yaml, YAML)])
def test_what_is_written_is_read_back_with_nothing_left_over(
    render: Callable[[Emission], bytes], syntax: Syntax
) -> None:
    found = one(read(render(example().emission)), syntax)
    assert [tag for tag, _, _ in anchors(found)] == [20326, 38696]
    assert (found.notes, found.references, found.settings) == ((), (), ())
