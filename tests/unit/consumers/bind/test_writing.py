"""BIND's statements, as we write them."""

from __future__ import annotations

import pytest

from anchors.consumers.bind import writing as bind
from anchors.consumers.registry import find_formats
from anchors.pipeline.verify import example
from tests.simulator.ksk import KSK_2017, KSK_2024

DS_DIGEST, KEY = KSK_2017.digest(), KSK_2017.base64
DS = f'20326 8 2 "{DS_DIGEST}"'
DNSKEY = f'257 3 8 "{KEY}"'


def statements(keyword: str) -> list[str]:
    """The lines of a file that are no comments."""
    lines = bind.render(example().emission, keyword).decode().splitlines()
    return [line for line in lines if not line.startswith("//")]


@pytest.mark.parametrize("keyword", ["initial-ds", "static-ds"])
def test_ds(keyword: str) -> None:
    assert statements(keyword) == [
        "trust-anchors {",
        f"\t. {keyword} {DS};",
        f'\t. {keyword} 38696 8 2 "{KSK_2024.digest()}";',
        "};",
    ]


@pytest.mark.parametrize("keyword", ["initial-key", "static-key"])
def test_dnskey(keyword: str) -> None:
    assert statements(keyword) == [
        "trust-anchors {",
        f"\t. {keyword} {DNSKEY};",
        f'\t. {keyword} 257 3 8 "{KSK_2024.base64}";',
        "};",
    ]


def test_the_head_says_where_it_comes_from() -> None:
    head = [line for line in bind.render(example().emission, "initial-ds").decode().splitlines()
            if line.startswith("//")]  # fmt: skip
    assert "SHA-256 3ccaab38830025ee" in head[2]
    assert head[3] == "//   signed 2025-03-25T20:25:02Z by dnssec@iana.org"
    assert head[4] == "//   cross-checked against the DNSKEYs of the root zone on 2026-10-04"
    assert head[5:] == ["// KSK-2017 (20326)", "// KSK-2024 (38696)"]


def test_four_rows_and_a_short_name() -> None:
    assert [row.file_name for row in find_formats(["bind"])] == ["bind.keys"]
    assert {row.name for row in bind.FORMATS} == {
        *("bind-initial-ds", "bind-static-ds", "bind-initial-key", "bind-static-key"),
    }
