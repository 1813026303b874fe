"""dnsmasq: what it prints when it starts."""

from __future__ import annotations

import pytest

from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.dnsmasq.running import Dnsmasq, parse_log
from anchors.consumers.driver import HeldTags
from anchors.consumers.registry import find_formats
from anchors.pipeline.verify import example
from tests.consumers.conftest import needs

LOG = """\
dnsmasq: started, version 2.90 cachesize 150
dnsmasq: DNSSEC validation enabled
dnsmasq: configured with trust anchor for <root> keytag 38696
dnsmasq: configured with trust anchor for example keytag 1
dnsmasq: configured with trust anchor for <root> keytag 20326
"""


def test_of_the_log_the_roots_tags_are_read() -> None:
    assert parse_log(LOG) == HeldTags((38696, 20326))


def test_without_an_anchor_it_does_not_start_and_holds_nothing() -> None:
    needs(Dnsmasq())
    with on_bench("dnsmasq", "trust-anchors.conf", b"# nothing\n") as bench:
        assert Dnsmasq().holds(bench).anchors == HeldTags(())


def test_what_is_no_hexadecimal_is_refused() -> None:
    needs(Dnsmasq())
    (row,) = find_formats(["dnsmasq"])
    content = row.write(example().emission).replace(b"683D2D", b"G83D2D")
    with on_bench(row.name, row.file_name, content) as bench:
        told = Dnsmasq().loads(bench)
    assert not told.yes
    assert "bad HEX in trust anchor" in told.words


def test_a_zone_that_its_log_calls_as_the_root_is_not_taken_for_it() -> None:
    needs(Dnsmasq())
    content = b"trust-anchor=<root>,38696,8,2,%s\n" % (b"AB" * 32)
    with (
        on_bench("dnsmasq", "trust-anchors.conf", content) as bench,
        pytest.raises(ConsumerFailed, match="a zone <root> looks like the root"),
    ):
        Dnsmasq().holds(bench)
