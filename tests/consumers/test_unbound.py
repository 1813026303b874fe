"""Unbound: what it lets pass, and what it makes of it."""

from __future__ import annotations

import re

import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.driver import Driver, Held, HeldTags, RecordedRrset, Told
from anchors.consumers.unbound.reading import READERS
from anchors.consumers.unbound.running import CheckConf, Unbound, UnboundHost
from anchors.proving.recording import embedded_recording
from tests.consumers.conftest import needs, rendered
from tests.unit.consumers.trees import AT

FORMATS = ["unbound", "unbound-anchor-file", "ds", "dnskey"]


def loads(driver: Driver, name: str, content: bytes) -> Told:
    needs(driver)
    with on_bench(name, "anchors", content) as bench:
        return driver.loads(bench)


def holds(driver: Driver, name: str, content: bytes) -> Held | None:
    needs(driver)
    with on_bench(name, "anchors", content) as bench:
        return driver.holds(bench)


def validates(name: str, content: bytes, recorded: RecordedRrset) -> Told:
    needs(UnboundHost())
    with on_bench(name, "anchors", content) as bench:
        return UnboundHost().validates(bench, recorded)


def test_what_the_checker_prints_is_what_was_written() -> None:
    held = holds(CheckConf(), "unbound", rendered("unbound"))
    assert held is not None
    assert not isinstance(held.anchors, HeldTags)
    readings = [reader.read(rendered("unbound"), "unbound.conf", AT) for reader in READERS]
    (reading,) = [one for one in readings if one is not None]
    want = [one.anchor[:4] for one in reading.held]
    assert sorted(anchor[:4] for anchor in held.anchors.anchors) == sorted(want)


def test_a_file_without_anchors_loads_and_holds_nothing() -> None:
    assert loads(Unbound(), "ds", b"").yes
    assert holds(Unbound(), "ds", b"") == (HeldTags(()), "CH TXT trustanchor.unbound")


def test_a_key_with_a_foreign_character_loads_as_another_key() -> None:
    damaged = rendered("dnskey").replace(b"AwEAAa96jeuk", b"AwEAAa96!euk")
    assert damaged != rendered("dnskey")
    assert loads(Unbound(), "dnskey", damaged).yes
    held = holds(Unbound(), "dnskey", damaged)
    assert held is not None
    assert isinstance(held.anchors, HeldTags)
    assert 20326 in held.anchors.tags
    assert 38696 not in held.anchors.tags


@pytest.mark.parametrize("driver", [Unbound(), UnboundHost()], ids=lambda driver: driver.name)
@pytest.mark.parametrize("name", ["unbound", "ds"])
def test_a_digest_that_lost_a_digit_is_refused(driver: Driver, name: str) -> None:
    told = loads(driver, name, re.sub(rb"FB2B16", rb"FB2B1", rendered(name)))
    assert not told.yes
    assert "error" in told.words


def test_a_line_that_is_skipped_is_no_success() -> None:
    """unbound-checkconf ends with 0 here."""
    damaged = rendered("ds").replace(b"683D2D", b"G83D2D")
    told = loads(Unbound(), "unbound-anchor-file", damaged)
    assert not told.yes
    assert "error" in told.words


@pytest.mark.parametrize("name", FORMATS)
def test_the_recorded_rrset_is_bogus_without_its_signer(name: str) -> None:
    recorded = embedded_recording().rrset
    assert validates(name, rendered(name), recorded).yes
    only_2024 = b"".join(
        line
        for line in rendered(name).splitlines(keepends=True)
        if b"20326 8 2 " not in line and b"AwEAAaz/" not in line
    )
    told = validates(name, only_2024, recorded)
    assert not told.yes
    assert "missing for trust anchor ." in told.words


def test_the_recorded_rrset_is_bogus_at_another_time() -> None:
    recorded = embedded_recording().rrset
    later = recorded._replace(observed_at=recorded.observed_at.replace(year=2027))
    assert not validates("unbound", rendered("unbound"), later).yes
