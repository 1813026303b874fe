from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.auditing.markers import may_hold, may_include
from anchors.auditing.recognise import recognise
from tests.unit.auditing.samples import DS2, KEY2

FIXTURES = Path(__file__).parents[3] / "fixtures"
AT = datetime(2026, 11, 24, tzinfo=UTC)


def files() -> list[Path]:
    found = [
        path for name in ("golden", "samples", "states") for path in FIXTURES.glob(f"{name}/**/*")
    ]
    return sorted(path for path in found if path.is_file())


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_that_is_recognised_is_missed(path: Path) -> None:
    content = path.read_bytes()
    if recognise(content, path.name, AT) is not None:
        assert may_hold(content) or may_include(content, path.name)


@pytest.mark.parametrize(
    "text",
    [
        f". IN DS {DS2}\n",
        f".\tIN\tDS\t{DS2}\n",
        f". DS {DS2}\n",
        f". 86400 IN DS {DS2}\n",
        f". in ds {DS2.lower()}\n",
        f". IN DNSKEY {KEY2}\n",
        f". in dnskey {KEY2}\n",
        f"@ IN DS ( {DS2} )\n",
        f"; a comment\n$TTL 0\n. IN DS\t( {DS2} )\n",
    ],
)
def test_every_way_to_write_a_record_is_one(text: str) -> None:
    assert may_hold(text.encode())


@pytest.mark.parametrize(
    "text",
    ["", "nothing here", "the IDS and the ads of words", "DS records are explained in RFC 4034"],
)
def test_prose_is_none(text: str) -> None:
    assert not may_hold(text.encode())


def test_bytes_are_none_but_a_journal_is_one() -> None:
    assert not may_hold(b"\x7fELF\0\0 trust-anchor \0")
    assert may_hold(b";BIND LOG V9.2\n\0\0\0")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("etc/bind/named.conf", True),
        ("etc/bind/named.conf.local", True),
        ("etc/unbound/unbound.conf.d/a.conf", True),
        ("etc/powerdns/recursor.lua", True),
        ("usr/include/stdio.h", False),
        ("usr/share/doc/README", False),
    ],
)
def test_only_a_configuration_may_include(path: str, expected: bool) -> None:
    assert may_include(b'include "other";', path) is expected
