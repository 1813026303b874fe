"""ldns: what its two programs let pass."""

from __future__ import annotations

import pytest

from anchors.consumers.bench import on_bench
from anchors.consumers.driver import Driver, Told
from anchors.consumers.ldns.running import Drill, VerifyZone
from anchors.consumers.registry import find_formats
from anchors.consumers.zonefile.content import content_of
from anchors.pipeline.verify import example
from anchors.proving.recording import embedded_recording
from tests.consumers.conftest import needs

(ROW,) = find_formats(["ldns"])
CONTENT = ROW.write(example().emission)


def loads(driver: Driver, content: bytes) -> Told:
    needs(driver)
    with on_bench("ldns", ROW.file_name, content) as bench:
        return driver.loads(bench)


def test_drill_counts_the_anchors() -> None:
    assert loads(Drill(), CONTENT) == (True, "Number of trusted keys: 2, of 2 in the file")


def test_drill_alone_loses_the_last_anchor_without_the_last_newline() -> None:
    """It says nothing of it, and ends as it does with both."""
    told = loads(Drill(), CONTENT.rstrip(b"\n"))
    assert told == (False, "Number of trusted keys: 1, of 2 in the file")
    assert loads(VerifyZone(), CONTENT.rstrip(b"\n")).yes


def test_drill_refuses_a_file_whose_only_anchor_has_no_newline() -> None:
    told = loads(Drill(), CONTENT.splitlines()[-1])
    assert not told.yes
    assert "Could not parse the key file" in told.words


@pytest.mark.parametrize("driver", [Drill(), VerifyZone()], ids=lambda driver: driver.name)
@pytest.mark.parametrize(
    "content", [b"", b"garbage\n", CONTENT.replace(b"683D2D", b"G83D2D")], ids=range(3)
)
def test_both_refuse_what_is_no_anchor(driver: Driver, content: bytes) -> None:
    assert not loads(driver, content).yes


def test_what_the_library_reads_is_what_was_written() -> None:
    needs(VerifyZone())
    with on_bench("ldns", ROW.file_name, CONTENT) as bench:
        assert VerifyZone().holds(bench) == (content_of(CONTENT), "ldns-read-zone")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"E06D44", b"E06D45"),
        (b". IN DS 20326", b"; . IN DS 20326"),
        (b"DS 20326", b"DS 20327"),
    ],
    ids=["digit", "missing", "tag"],
)
def test_the_recorded_rrset_fails_without_its_signer(old: bytes, new: bytes) -> None:
    needs(VerifyZone())
    recorded = embedded_recording().rrset
    for content, yes in ((CONTENT, True), (CONTENT.replace(old, new), False)):
        with on_bench("ldns", ROW.file_name, content) as bench:
            told = VerifyZone().validates(bench, recorded)
        assert told.yes is yes, told.words
    with on_bench("ldns", ROW.file_name, CONTENT) as bench:
        late = recorded._replace(observed_at=recorded.observed_at.replace(year=2027))
        assert not VerifyZone().validates(bench, late).yes
