"""kresd.conf and Knot Resolver 6's config.yaml."""

from __future__ import annotations

import pytest

from anchors.auditing.place import Hold, Role, Syntax
from anchors.auditing.readers import knot
from anchors.formats.found import MalformedAnchors
from tests.unit.auditing.samples import DS1, DS2, KEY1, anchors, checks, files

COMMENTED = f"""-- trust_anchors.add('. IN DS {DS1}')
--[[
trust_anchors.add('. IN DS {DS1}')
]]
trust_anchors.add('. IN DS {DS2}')
"""
STATIC, IGNORED = Hold.STATIC, Hold.IGNORED


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
    assert knot.looks_like(text.encode())
    reading = knot.read(text.encode())
    assert reading.syntax is Syntax.KRESD_LUA
    assert anchors(reading) == expected
    assert checks(reading) == [("audit.ignored", line) for line in ignored]


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
    assert knot.looks_like(text)
    assert files(knot.read(text)) == [
        ("/usr/share/dns/root.key", Role.STATIC, 2),
        ("/var/lib/kresd/root.keys", Role.MANAGED, 3),
        ("root.keys", Role.MANAGED, 4),
        ("old.keys", Role.STATIC, 5),
        ("/etc/knot-resolver/more.lua", Role.INCLUDE, 7),
    ]


@pytest.mark.parametrize(
    ("text", "expected", "ignored"),
    [
        (f"dnssec:\n  trust-anchors:\n    - |-\n      . IN DS {DS1}\n      . IN DS {DS2}\n",
         [(20326, 4, STATIC), (38696, 5, STATIC)], []),
        (f"# x\ndnssec:\n  trust-anchors:\n    - '. IN DS {DS1}'\n    - \". IN DS {DS2}\"\n",
         [(20326, 4, IGNORED), (38696, 5, STATIC)], [4]),
        (f'{{"dnssec": {{"trust-anchors": [". IN DS {DS1}"]}}}}', [(20326, 1, STATIC)], []),
        (f"workers: 2\ndnssec: {{trust-anchors: ['. IN DS {DS1}']}}\n", [(20326, 2, STATIC)], []),
        ("dnssec:\n  trust-anchors:\n    # none yet\n", [], []),
    ],
)  # fmt: skip
def test_items_of_yaml(
    text: str, expected: list[tuple[int, int | None, Hold]], ignored: list[int]
) -> None:
    assert knot.looks_like(text.encode())
    reading = knot.read(text.encode())
    assert reading.syntax is Syntax.KNOT_YAML
    assert anchors(reading) == expected
    assert checks(reading) == [("audit.ignored", line) for line in ignored]


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
    assert knot.looks_like(text)
    assert files(knot.read(text)) == [
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
        f"{{% if x %}}\ntrust_anchors.add('. DS {DS1}')\n{{% endif %}}\n",
        "function trust_anchors.summary() end\n",
        "dnssec:\n  # trust-anchors:\n  sentinel: true\n",
        f"Knot Resolver takes YAML:\n\n    dnssec:\n      trust-anchors:\n        - '. DS {DS1}'\n",
        "{{ template }}\ndnssec:\n  trust-anchors:\n    - x\n",
        "dnssec:\n  negative-trust-anchors: [x]\n",
    ],
)
def test_what_is_none_of_ours(text: str) -> None:
    assert not knot.looks_like(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "trust_anchors.add('. IN DS 20326 8 2 xyz')\n",
        "trust_anchors.add('nonsense here')\n",
        "dnssec:\n  trust-anchors:\n    - . IN DS 20326 8 2 xyz\n",
        "dnssec:\n  trust-anchors: [\n",
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    assert knot.looks_like(text.encode())
    with pytest.raises(MalformedAnchors):
        knot.read(text.encode())
