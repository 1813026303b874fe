"""BIND: what each of its programs lets pass, and what it prints back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.bind.content import content_of as parse
from anchors.consumers.bind.running import CheckConf, Delv, Named
from anchors.consumers.driver import NAMES, Driver, Held, HeldTags, Told
from anchors.consumers.query import Endpoint
from anchors.core.found import FoundDnskey, FoundDs
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import needs, rendered

DS, KEY = "bind-initial-ds", "bind-initial-key"


def loads(driver: Driver, name: str, content: bytes) -> Told:
    needs(driver)
    with on_bench(name, "anchors.conf", content) as bench:
        return driver.loads(bench)


def holds(driver: Driver, name: str, content: bytes) -> Held:
    needs(driver)
    with on_bench(name, "anchors.conf", content) as bench:
        held = driver.holds(bench)
    assert held is not None
    return held


@pytest.mark.parametrize("name", [DS, KEY, "bind-static-ds", "bind-static-key"])
def test_what_the_checker_prints_is_what_was_written(name: str) -> None:
    held = holds(CheckConf(), name, rendered(name))
    assert held == (parse(rendered(name)), "named-checkconf -p")


def test_a_mixed_file_with_broken_lines_is_read_as_bind_reads_it() -> None:
    ds, key = rendered(DS).decode(), rendered(KEY).decode()
    (first,) = (line for line in key.splitlines() if "AwEAAaz" in line)
    (second,) = (line for line in ds.splitlines() if "683D2D" in line)
    broken = second.replace("683D2D", "683D2D\n\t\t")
    mixed = f"# mixed\ntrust-anchors {{\n{first}\n/* broken */ {broken}\n}};\n".encode()
    told_back = holds(CheckConf(), DS, mixed).anchors
    assert told_back == parse(mixed)
    assert not isinstance(told_back, HeldTags)
    assert [type(anchor) for anchor in told_back.anchors] == [FoundDnskey, FoundDs]


def test_the_legacy_statements_are_read_as_bind_reads_them() -> None:
    text = rendered(KEY).decode()
    for statement, keyword in (("managed-keys", "initial-key "), ("trusted-keys", "")):
        legacy = text.replace("trust-anchors", statement).replace("initial-key ", keyword)
        assert legacy != text
        assert holds(CheckConf(), KEY, legacy.encode()).anchors == parse(legacy.encode())


def test_named_refuses_a_short_digest_that_its_checker_lets_pass() -> None:
    short = rendered(DS).replace(b'FB2B16"', b'FB2B"')
    assert loads(CheckConf(), DS, short).yes
    told = loads(Named(), DS, short)
    assert not told.yes
    assert "unexpected end of input" in told.words
    told = loads(Delv(), DS, short)
    assert not told.yes
    assert "failed to add trusted key" in told.words


@pytest.mark.parametrize("driver", [CheckConf(), Named(), Delv()], ids=lambda d: d.name)
def test_nobody_notices_a_wrong_digit(driver: Driver) -> None:
    assert loads(driver, DS, rendered(DS).replace(b"683D2D", b"683D2E")).yes


@pytest.mark.parametrize("driver", [CheckConf(), Named(), Delv()], ids=lambda d: d.name)
def test_everybody_refuses_what_is_not_hex(driver: Driver) -> None:
    assert not loads(driver, DS, rendered(DS).replace(b"683D2D", b"683D2G")).yes


def test_delv_refuses_a_file_without_anchors() -> None:
    told = loads(Delv(), DS, b"// empty\n")
    assert not told.yes
    assert told.words.endswith("delv: No trusted keys were loaded")


def test_named_tells_the_tags_that_it_holds() -> None:
    wrong_tag = rendered(DS).replace(b"38696", b"38697")
    assert holds(Named(), DS, wrong_tag) == (HeldTags((20326, 38697)), "rndc secroots")


def test_named_and_delv_agree_on_every_name(lab: Lab, roots: Mapping[LabKey, Endpoint]) -> None:
    needs(Named())
    needs(Delv())
    judged = []
    for driver in (Named(), Delv()):
        with on_bench(DS, "bind.keys", lab.anchor_file(DS)) as bench:
            judged.append(driver.resolves(bench, roots[lab.keys[0]], NAMES))
    assert judged[0] == judged[1]
