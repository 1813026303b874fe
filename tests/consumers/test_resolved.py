"""systemd-resolved: what its log says, and what it takes without a warning or with one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from anchors.consumers.bench import ConsumerFailed, on_bench
from anchors.consumers.driver import WWW, Security
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import find_formats
from anchors.consumers.resolved.running import Resolved, parse_log
from anchors.core.found import FoundAnchors, FoundDs
from anchors.pipeline.verify import example
from anchors.proving.lab import Lab, LabKey
from tests.consumers.conftest import FOLDERS, has_all, needs
from tests.consumers.test_conformance import tags_of

DIGEST = "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16"
LOG = f"""\
SELinux enabled state cached to: disabled
Positive Trust Anchors:
. IN DS 38696 8 2 {DIGEST}
Negative trust anchors: home.arpa 10.in-addr.arpa
"""


def test_of_the_log_the_positive_anchors_are_read() -> None:
    assert parse_log(LOG).anchors == (FoundDs(38696, 8, 2, bytes.fromhex(DIGEST)),)


def test_a_log_without_a_list_is_no_answer() -> None:
    with pytest.raises(ConsumerFailed, match="no list of trust anchors in its log"):
        parse_log("Failed to start\n")


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Resolved:
    """As it is installed, or else unpacked; only root can run it."""
    driver = Resolved()
    folder = next((folder for folder in FOLDERS if has_all(folder, driver)), None)
    if driver.missing() and folder:
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    needs(driver)
    if os.geteuid() != 0:
        pytest.skip("only root can start systemd-resolved beside the machine's own")
    return driver


def test_a_comment_behind_a_record_is_warned_of_and_the_built_in_anchors_stay(
    resolved: Resolved,
) -> None:
    (row,) = find_formats(["ds"])
    content = row.write(example().emission).replace(b"\n", b" ; comment\n")
    with on_bench("systemd-resolved", "root.positive", content) as bench:
        told = resolved.loads(bench)
    assert not told.yes
    assert "root.positive:2" in told.words
    with on_bench("systemd-resolved", "root.positive", content) as bench:
        held = resolved.holds(bench).anchors
    assert isinstance(held, FoundAnchors)
    assert {20326} <= set(tags_of(held.anchors))


def test_a_dnskey_is_taken_and_validates_nothing(
    resolved: Resolved, lab: Lab, roots: Mapping[LabKey, Endpoint]
) -> None:
    key = lab.keys[0]
    lines = lab.anchor_file("dnskey", [key]).decode().splitlines()
    content = "".join(f"{line.partition(' ;')[0]}\n" for line in lines).encode()
    with on_bench("systemd-resolved", "root.positive", content) as bench:
        assert resolved.loads(bench).yes
    with on_bench("systemd-resolved", "root.positive", content) as bench:
        assert resolved.resolves(bench, roots[key], [WWW]) == {WWW: Security.BOGUS}


def test_the_machines_own_files_stay_as_they_are(resolved: Resolved) -> None:
    watched = [Path("/run/systemd/resolve"), Path("/run/dnssec-trust-anchors.d")]
    resolv_conf = Path("/etc/resolv.conf")
    before = [path.exists() for path in watched], resolv_conf.exists() and resolv_conf.read_bytes()
    (row,) = find_formats(["systemd-resolved"])
    with on_bench(row.name, row.file_name, row.write(example().emission)) as bench:
        assert resolved.loads(bench).yes
        assert (bench.directory / "run/systemd/resolve/resolv.conf").exists()
    after = [path.exists() for path in watched], resolv_conf.exists() and resolv_conf.read_bytes()
    assert before == after
