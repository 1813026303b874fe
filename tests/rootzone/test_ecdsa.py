"""The roll to ECDSA, phase by phase, on days that have not come: recorded or signed in advance."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.lab import skr
from tests.lab.keys import LabKey
from tests.lab.phases import BY_WORD, NEW, OLD, PHASES, Phase
from tests.lab.zone import Apex
from tests.rootzone.told import Told, document_of, key_digest, run, tell_apex
from tests.simulator.times import rfc3339

# A day of each phase: days of ours, inside the years that ICANN plans.
DAYS = ("2027-06-01", "2027-10-01", "2028-04-01", "2028-10-01", "2029-10-11", "2030-08-01")
STAGES = [
    (phase, datetime.fromisoformat(day).replace(tzinfo=UTC))
    for phase, day in zip(PHASES, DAYS, strict=True)
]
EACH = pytest.mark.parametrize(("phase", "at"), STAGES, ids=[phase.name for phase in PHASES])
BEGIN = datetime(2029, 4, 1, tzinfo=UTC)


def source_of(tmp_path: Path, at: datetime) -> Path:
    """IANA's document of that time, with both keys and no end."""
    entries = [
        key_digest(OLD, "2024-07-18T00:00:00+00:00"),
        key_digest(NEW, "2027-05-01T00:00:00+00:00"),
    ]
    return document_of(tmp_path, entries, at - timedelta(days=20))


def told_of(tmp_path: Path, apex: Apex, at: datetime) -> Told:
    return tell_apex(source_of(tmp_path, at), apex, at)


def expected(phase: Phase, key: LabKey, word: str) -> tuple[Any, ...]:
    """Tag, state, published, signing and emitted of a key in a phase."""
    if word == "old" and "revoked" in phase.published:
        return key.tag, "revoked", True, False, False
    published = word in phase.published
    # A signature whose key is not there proves nothing.
    return key.tag, "current", published, published and word in phase.signing, True


@EACH
def test_each_key_is_told_apart(phase: Phase, at: datetime, tmp_path: Path) -> None:
    told = told_of(tmp_path, phase.apex(at), at)
    assert told.code == 0
    assert told.keys == [expected(phase, OLD, "old"), expected(phase, NEW, "new")]
    revoked = "revoked" in phase.published
    assert [*told.findings] == (["rootzone.revoked"] if revoked else [])
    assert all(told.prints(words) for words in told.words), told.text


@EACH
@pytest.mark.parametrize("word", ["old", "new"])
def test_the_chain_of_one_algorithm_is_broken(
    phase: Phase, at: datetime, word: str, tmp_path: Path
) -> None:
    """The other chain is then all that there is; a key that is not there is no chain."""
    apex = phase.apex(at)
    tag = OLD.tag if word == "old" else NEW.tag
    rest = [rrsig for rrsig in apex.rrsigs if rrsig.key_tag != tag]
    forged = [rrsig for rrsig in apex.forged().rrsigs if rrsig.key_tag == tag]
    told = told_of(tmp_path, replace(apex, rrsigs=(*rest, *forged)), at)
    other = "new" if word == "old" else "old"
    holds = other in phase.published and other in phase.signing
    assert told.code == (0 if holds else 1)
    assert [signing for _, _, _, signing, _ in told.keys] == [
        holds and other == "old",
        holds and other == "new",
    ]
    broken = holds and word in phase.published and word in phase.signing
    assert ("rootzone.chain" in told.findings) is broken
    if broken:
        severity, message, _ = told.findings["rootzone.chain"]
        assert (severity, f"the signature by key {tag} over" in message) == ("alarm", True)


def test_the_chain_of_the_old_key_alone_ends_with_its_revocation(tmp_path: Path) -> None:
    phase, at = STAGES[4]
    alone = Phase("revoked alone", phase.published, ("revoked",))
    assert told_of(tmp_path, alone.apex(at), at).code == 1


def quarter(before: Phase, after: Phase) -> bytes:
    """A response whose fifth slot takes the step from one phase to the next."""
    plan = [
        (phase.keys, [BY_WORD[word] for word in phase.signing])
        for phase, slots in ((before, 4), (after, 5))
        for _ in range(slots)
    ]
    return skr.encode(skr.quarter(plan, BEGIN))


@pytest.mark.parametrize(
    ("before", "after"),
    [*pairwise(PHASES)],
    ids=[f"back to: {phase.name}" for phase in PHASES[:-1]],
)
def test_a_step_is_backed_out_by_a_response_signed_in_advance(
    before: Phase, after: Phase, tmp_path: Path
) -> None:
    """After the step, the root zone serves the keys from before it again."""
    at = BEGIN + 7 * skr.SLOT
    source, served = source_of(tmp_path, at), before.apex(at)
    response = tmp_path / "skr.xml"
    severities = []
    for quarterly in (quarter(before, after), quarter(before, before)):
        response.write_bytes(quarterly)
        told = tell_apex(source, served, at, "--skr", str(response))
        assert told.code == 0
        assert not {"skr.signature", "skr.unknown-sep"} & {*told.findings}
        severities.append(told.findings["skr.agreement"][0])
        (planned,) = told.report["calendar"][-1:]
        signing = {key["key_tag"] for key in planned["keys"] if key["signs"]}
        phase = after if len(severities) == 1 else before
        assert signing == {BY_WORD[w].tag for w in phase.signing if w in phase.published}
    assert severities == ["alarm", "notice"]


HELD = {"old": [OLD], "new": [NEW], "both": [OLD, NEW]}
# What an audit says of a file that holds the old key, the new one, or both, in each phase.
AUDITED = {
    "in the document alone": ("attention", "attention", "right"),
    "published": ("attention", "attention", "right"),
    "signatures before keys": ("attention", "attention", "right"),
    # The chain of the new key is enough; that of the old one will end.
    "both sign": ("attention", "right", "right"),
    "the old key revoked": ("attention", "right", "attention"),
    "the new key alone": ("attention", "right", "right"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An anchor file for each choice of keys."""
    place = tmp_path_factory.mktemp("files")
    at = STAGES[-1][1]
    for name, keys in HELD.items():
        entries = [key_digest(key, "2027-05-01T00:00:00+00:00") for key in keys]
        folder = tmp_path_factory.mktemp("source")
        source = document_of(folder, entries, at - timedelta(days=20))
        inputs = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "none"]
        output = folder / "out"
        told = ["build", *inputs, "--at", rfc3339(at), "--format", "ds", "-o", str(output)]
        assert run(told)[0] == 0
        shutil.copy(output / "root.ds", place / f"{name}.ds")
    return place


@EACH
def test_an_audit_goes_by_the_chain_that_is_left(
    phase: Phase, at: datetime, files: Path, tmp_path: Path
) -> None:
    source, rrset = source_of(tmp_path, at), tmp_path / "root.rrset"
    rrset.write_text(phase.apex(at).text(), encoding="ascii")
    inputs = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", str(rrset)]
    told = ["audit", str(files), *inputs, "--at", rfc3339(at), "--report-format", "json"]
    code, report = run(told)
    places = {Path(place["path"]).stem: place for place in json.loads(report)["places"]}
    assert (code, tuple(places[name]["outcome"] for name in HELD)) == (0, AUDITED[phase.name])
    if phase.name == "both sign":
        once = f"every look-up will fail once the root is signed by key {NEW.tag} alone"
        assert once in places["old"]["summary"]
