"""PowerDNS Recursor: what it prints, and which version a format is for."""

from __future__ import annotations

import pytest

from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.pdns.asking import parse_get_tas
from anchors.consumers.pdns.running import Recursor4, Recursor5
from anchors.consumers.registry import find_formats
from anchors.core.found import FoundAnchors, FoundDs
from anchors.pipeline.verify import example
from tests.consumers.conftest import needs

DIGEST = "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16"
GET_TAS = f"""\
Configured Trust Anchors:
example.
\t\t1 8 2 {"00" * 32}
.
\t\t38696 8 2 {DIGEST}
"""


def test_of_the_list_of_anchors_the_roots_are_read() -> None:
    (found,) = parse_get_tas(GET_TAS).anchors
    assert found == FoundDs(38696, 8, 2, bytes.fromhex(DIGEST), "rec_control get-tas")


def test_a_list_without_the_root_is_nothing_held() -> None:
    assert parse_get_tas("Configured Trust Anchors:\n").anchors == ()


@pytest.mark.parametrize("output", ["", "Fatal: Unable to connect\n"])
def test_no_list_is_no_answer(output: str) -> None:
    with pytest.raises(ConsumerFailed, match="rec_control get-tas: "):
        parse_get_tas(output)


def test_a_dnskey_comes_back_as_its_digest() -> None:
    needs(Recursor4())
    ds, dnskey = (row.write(example().emission) for row in find_formats(["ds", "dnskey"]))
    with on_bench("ds", "root.ds", ds) as bench:
        if Recursor4().unfit(bench):
            pytest.skip("not version 4")
        of_ds = Recursor4().holds(bench).anchors
    with on_bench("dnskey", "root.key", dnskey) as bench:
        of_dnskey = Recursor4().holds(bench).anchors
    assert isinstance(of_ds, FoundAnchors)
    assert of_ds == of_dnskey
    assert len(of_ds.anchors) == 2


def test_a_damaged_anchor_stops_it() -> None:
    needs(Recursor4())
    (row,) = find_formats(["pdns-recursor-lua"])
    content = row.write(example().emission).replace(b"683D2D", b"G83D2D")
    with on_bench(row.name, row.file_name, content) as bench:
        if Recursor4().unfit(bench):
            pytest.skip("not version 4")
        told = Recursor4().loads(bench)
    assert not told.yes
    assert "addTA" in told.words


def test_each_format_is_for_its_own_version() -> None:
    needs(Recursor4())
    with on_bench("ds", "root.ds", b"") as bench:
        version = Recursor4().version(bench)
        unfit = {driver.major: driver.unfit(bench) for driver in (Recursor4(), Recursor5())}
    major = int(version.partition(".")[0])
    other = {4: 5, 5: 4}[major]
    assert unfit[major] is None
    assert unfit[other] == f"the installed version is {version}, and this is for version {other}"
