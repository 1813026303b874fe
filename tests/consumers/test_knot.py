"""Knot Resolver: what it prints, and the traps that the formats are made for."""

from __future__ import annotations

import os

import pytest

from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.knot.running import Kresd, KresdByYaml, parse_summary
from anchors.consumers.registry import find_formats
from anchors.core.found import FoundAnchors, FoundDnskey, FoundDs
from tests.consumers.conftest import FOLDERS, has_all, needs, rendered
from tests.consumers.test_conformance import tags_of

SUMMARY = """\
[system] warning: hard limit for number of file-descriptors is only 20000
-- held:
.                   	3600	DS	29960 8 2 \
B655B64AC0087B3B3E196E577550A0451D6FCA98B3ED7F29633D84E3A78227AD ; Valid: ; KeyTag:29960
.                   	3600	DNSKEY	257 3 8 AwEAAQ== ; Valid: ; KeyTag:1800

-- end of held
"""


@pytest.fixture
def newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 6 as it is installed, or else unpacked."""
    folder = next((folder for folder in FOLDERS if has_all(folder, KresdByYaml())), None)
    if KresdByYaml().missing() and folder:
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    needs(KresdByYaml(), optional=True)


def test_what_summary_prints_is_read_in_full() -> None:
    digest = bytes.fromhex("B655B64AC0087B3B3E196E577550A0451D6FCA98B3ED7F29633D84E3A78227AD")
    assert parse_summary(SUMMARY).anchors == (
        FoundDs(29960, 8, 2, digest),
        FoundDnskey(257, 8, b"\x03\x01\x00\x01"),
    )


def test_an_empty_summary_is_nothing_held() -> None:
    assert parse_summary("\n-- held:\n\n-- end of held\n").anchors == ()


def test_an_error_instead_of_a_summary_is_told_in_its_words() -> None:
    with pytest.raises(ConsumerFailed, match="unexpected symbol"):
        parse_summary("[system] error while loading config: unexpected symbol near '.'\n")


def test_a_damaged_ds_is_dropped_without_a_word_and_missed() -> None:
    needs(Kresd())
    content = rendered("knot-resolver").replace(b"683D2D", b"G83D2D")
    with on_bench("knot-resolver", "root.keys", content) as bench:
        assert Kresd().loads(bench).yes
    assert held_by(Kresd(), "knot-resolver", content) == [20326]


def test_an_empty_file_is_refused() -> None:
    needs(Kresd())
    with on_bench("knot-resolver", "root.keys", b"") as bench:
        told = Kresd().loads(bench)
    assert not told.yes
    assert "failed to read anchors" in told.words


def test_of_several_calls_only_the_last_anchor_is_kept() -> None:
    needs(Kresd())
    lines = rendered("ds").decode().splitlines()
    content = "".join(f"trust_anchors.add('{line}')\n" for line in lines).encode()
    assert held_by(Kresd(), "knot-resolver-lua", content) == [38696]


@pytest.mark.usefixtures("newest")
def test_of_several_items_only_the_last_anchor_is_kept() -> None:
    lines = rendered("ds").decode().splitlines()
    items = "".join(f"    - '{line}'\n" for line in lines)
    content = f"dnssec:\n  trust-anchors:\n{items}".encode()
    assert held_by(KresdByYaml(), "knot-resolver-yaml", content) == [38696]


@pytest.mark.usefixtures("newest")
def test_a_yaml_file_that_cannot_be_converted_is_refused() -> None:
    with on_bench("knot-resolver-yaml", "knot-resolver.yaml", b"dnssec: [") as bench:
        told = KresdByYaml().loads(bench)
    assert not told.yes
    assert told.words.startswith("kresctl convert: ")


def held_by(driver: Kresd | KresdByYaml, name: str, content: bytes) -> list[int]:
    (row,) = find_formats([name])
    with on_bench(name, row.file_name, content) as bench:
        held = driver.holds(bench)
    assert held.by == "trust_anchors.summary()"
    assert isinstance(held.anchors, FoundAnchors)
    return tags_of(held.anchors.anchors)
