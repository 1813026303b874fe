"""kresd.conf and Knot Resolver 6's config.yaml."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anchors.consumers.knot import LUA, YAML, reading
from anchors.consumers.knot.writing import render_lua, render_yaml
from anchors.consumers.reading import Hold, Reading, Role, Syntax
from anchors.core.emission import Emission
from anchors.core.found import MalformedAnchors
from anchors.pipeline.verify import example
from tests.unit.consumers.samples import DS1, DS2, KEY1, anchors, checks, files, one
from tests.unit.consumers.trees import AT

COMMENTED = f"""-- trust_anchors.add('. IN DS {DS1}')
--[[
trust_anchors.add('. IN DS {DS1}')
]]
trust_anchors.add('. IN DS {DS2}')
"""
STATIC, IGNORED = Hold.STATIC, Hold.IGNORED


def read(text: str | bytes, path: str = "etc/x") -> Reading | None:
    return reading.read(text.encode() if isinstance(text, str) else text, path, AT)


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (f"net.listen('::1', 53)\ntrust_anchors.add([[\n. IN DS {DS1}\n. IN DS {DS2}\n]])\n",
         [(20326, 3, STATIC), (38696, 4, STATIC)], []),
        (f"trust_anchors.add('. IN DS {DS1}')\n", [(20326, 1, STATIC)], []),
        (f"trust_anchors.add [[. 60 IN DNSKEY {KEY1}]]\n", [(20326, 1, STATIC)], []),
        (COMMENTED, [(38696, 5, STATIC)], []),
        (f"trust_anchors.add('. DS {DS1}')\ntrust_anchors.add('. DS {DS2}')\n",
         [(20326, 1, IGNORED), (38696, 2, STATIC)], [1]),
        (f"trust_anchors.add('. DS {DS1}')\ntrust_anchors.add('example. DS {DS2}')\n",
         [(20326, 1, STATIC)], []),
        (f"trust_anchors.remove('.')\ntrust_anchors.add('. DS {DS1}')\n",
         [(20326, 2, STATIC)], []),
        (f"trust_anchors.add('. DS {DS1}')\ntrust_anchors.remove('.')\n",
         [(20326, 1, IGNORED)], [1]),
    ],
)  # fmt: skip
def test_calls_of_lua(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    found = one(read(text), LUA)
    assert anchors(found) == expected
    assert checks(found) == [("audit.ignored", line) for line in ignored]


def test_files_of_lua() -> None:
    text = b"""modules = { 'hints > iterate', 'stats' }
trust_anchors.add_file('/usr/share/dns/root.key', true)
trust_anchors.add_file("/var/lib/kresd/root.keys")
trust_anchors.add_file('root.keys', false)
trust_anchors.config('old.keys', true)
trust_anchors.add_file(env.ROOT_KEYS, true)
dofile('/etc/knot-resolver/more.lua')
cache.size = 100 * MB
"""
    found = one(read(text), LUA)
    assert files(found) == [
        ("/usr/share/dns/root.key", Role.STATIC, 2),
        ("/var/lib/kresd/root.keys", Role.MANAGED, 3),
        ("root.keys", Role.MANAGED, 4),
        ("/etc/knot-resolver/more.lua", Role.INCLUDE, 7),
    ]
    # config was removed, and nobody can tell what env.ROOT_KEYS is.
    assert checks(found) == [("audit.refused", 5), ("audit.malformed", 6)]


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (f"dnssec:\n  trust-anchors:\n    - |-\n      . IN DS {DS1}\n      . IN DS {DS2}\n",
         [(20326, 4, STATIC), (38696, 5, STATIC)], []),
        (f"# x\ndnssec:\n  trust-anchors:\n    - '. IN DS {DS1}'\n    - \". IN DS {DS2}\"\n",
         [(20326, 4, IGNORED), (38696, 5, STATIC)], [4]),
        (f'{{"dnssec": {{"trust-anchors": [". IN DS {DS1}"]}}}}', [(20326, 1, STATIC)], []),
        ((f"lua:\n  script: |\n    -- x\n    trust_anchors.add [[. DS {DS1}]]\ndnssec:\n"
         "  trust-anchors:\n"), [(20326, 4, STATIC)], []),
        (f"workers: 2\ndnssec: {{trust-anchors: ['. IN DS {DS1}']}}\n", [(20326, 2, STATIC)], []),
        ("dnssec:\n  trust-anchors:\n    # none yet\n", [], []),
    ],
)  # fmt: skip
def test_items_of_yaml(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    found = one(read(text), YAML)
    assert anchors(found) == expected
    assert checks(found) == [("audit.ignored", line) for line in ignored]


def test_files_of_yaml() -> None:
    text = b"""rundir: /run/knot-resolver
dnssec:
  trust-anchors-files:
    - file: /usr/share/dns/root.key
      read-only: true
    - file: /var/lib/knot-resolver/root.keys
    - read-only: true
    - 7
lua:
  script-file: /etc/knot-resolver/more.lua
"""
    found = one(read(text), YAML)
    assert checks(found) == [("audit.refused", 3)] * 2
    assert files(found) == [
        ("/usr/share/dns/root.key", Role.STATIC, 4),
        ("/var/lib/knot-resolver/root.keys", Role.MANAGED, 6),
        ("/etc/knot-resolver/more.lua", Role.INCLUDE, 10),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "net.listen('::1', 53)\n",
        f"-- trust_anchors.add('. DS {DS1}')\n",
        f"To add an anchor, call trust_anchors.add('. DS {DS1}')\n",
        f"```lua\ntrust_anchors.add('. DS {DS1}')\n```\n",
        "function trust_anchors.summary() end\n",
        "dnssec:\n  # trust-anchors:\n  sentinel: true\n",
        f"Knot Resolver takes YAML:\n\n    dnssec:\n      trust-anchors:\n        - '. DS {DS1}'\n",
        "{{ template }}\ndnssec:\n  trust-anchors:\n    - x\n",
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("trust_anchors.add('. IN DS 20326 8 2 xyz')\n", 1),
        ("trust_anchors.add [[\nnonsense here]]\n", 2),
        ("dnssec:\n  trust-anchors:\n    - . IN DS 20326 8 2 xyz\n", 3),
    ],
)
def test_anchors_that_the_program_refuses(text: str, line: int) -> None:
    found = read(text)
    assert found is not None
    assert checks(found) == [("audit.refused", line)]


def test_yaml_that_is_none_cannot_be_read() -> None:
    with pytest.raises(MalformedAnchors):
        read("dnssec:\n  trust-anchors: [\n")


@pytest.mark.parametrize(
    "text",
    [
        f"trust_anchors.add('. DS ' .. '{DS1}')\n",
        f"local x = '. DS {DS1}' trust_anchors.add(x)\n",
        f"trust_anchors['add']('. DS {DS1}')\n",
        f"local ta = trust_anchors.x\nta.add('. DS {DS1}')\n",
        f"if x then trust_anchors.add('. DS {DS1}') end\n",
        f"{{% if x %}}\ntrust_anchors.add('. DS {DS1}')\n{{% endif %}}\n",
        "trust_anchors.add('{{ anchor }}')\n",
        "dnssec:\n  trust-anchors:\n    - '{{ anchor }}'\n",
    ],
)
def test_what_cannot_be_told_is_told_as_such(text: str) -> None:
    found = read(text)
    assert found is not None
    assert found.held == ()
    assert [check for check, _ in checks(found)] == ["audit.malformed"]


def test_a_configuration_by_its_name_that_says_nothing_of_anchors() -> None:
    for path, text in (
        ("etc/knot-resolver/kresd.conf", "net.listen('::1', 53)\n"),
        ("etc/knot-resolver/config.yaml", "workers: 2\n"),
    ):
        assert read(text, path) is not None
        assert read(text, "etc/other") is None


def test_the_programs_own_lua_is_no_configuration() -> None:
    text = "trust_anchors.add_file('/usr/share/dns/root.key', true)\n"
    assert read(text, "usr/lib/x86_64-linux-gnu/knot-resolver/sandbox.lua") is None
    assert read(text, "etc/knot-resolver/more.lua") is not None


@pytest.mark.parametrize(("render", "syntax"), [(render_lua, LUA), (render_yaml, YAML)])
def test_what_is_written_is_read_back_with_nothing_left_over(
    render: Callable[[Emission], bytes], syntax: Syntax
) -> None:
    found = one(read(render(example().emission)), syntax)
    assert [tag for tag, _, _ in anchors(found)] == [20326, 38696]
    assert (found.notes, found.references, found.settings) == ((), (), ())
