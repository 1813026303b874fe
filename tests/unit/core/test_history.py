"""The history that the picture tells, held against the root zone's own recorded answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import dns.rdatatype
import dns.zonefile
import pytest
from dns.dnssec import key_id
from dns.name import root

from anchors.core.root_facts import KNOWN_KEYS, RECORDED_UNTIL, Fact, Step
from tests.unit.auditing.basis import basis
from tests.unit.stages import FIXTURES

REVOKED_TAGS = {"KSK-2010": 19164}
TAGS = {key.name: key.key_tag for key in KNOWN_KEYS}
# Every fact, with the name of the key that it is of.
HISTORY = tuple((key.name, fact) for key in KNOWN_KEYS for fact in key.history)


class Recording(NamedTuple):
    """What the root zone had on a day."""

    day: datetime
    ksks: frozenset[int]
    signer: int


def recordings() -> list[Recording]:
    paths = sorted((FIXTURES / "rrsets").glob("*.rrset"))
    assert len(paths) > 30
    found = []
    for path in paths:
        rrsets = dns.zonefile.read_rrsets(path.read_text(), rdclass=None, origin=root)
        by_type = {rrset.rdtype: rrset for rrset in rrsets}
        ksks = {key_id(key) for key in by_type[dns.rdatatype.DNSKEY] if key.flags & 1}
        (signature,) = by_type[dns.rdatatype.RRSIG]
        day = datetime.fromtimestamp(signature.inception, UTC)
        found.append(Recording(day, frozenset(ksks), signature.key_tag))
    return found


def told(history: tuple[tuple[str, Fact], ...], day: datetime) -> Recording:
    """What the facts say of a day."""
    ksks, signer = set[int](), 0
    for name, fact in sorted(history, key=lambda one: one[1].day):
        if fact.day > day:
            break
        tag, revoked = TAGS[name], REVOKED_TAGS.get(name, 0)
        if fact.step is Step.PUBLISHED:
            ksks.add(tag)
        elif fact.step is Step.SIGNING:
            signer = tag
        elif fact.step is Step.REVOKED:
            ksks = (ksks - {tag}) | {revoked}
        else:
            ksks -= {revoked}
    return Recording(day, frozenset(ksks), signer)


@pytest.mark.parametrize("recording", recordings(), ids=lambda one: f"{one.day:%Y-%m-%d}")
def test_every_recording_is_as_the_facts_tell(recording: Recording) -> None:
    assert told(HISTORY, recording.day) == recording


@pytest.mark.parametrize(
    "left_out", HISTORY, ids=lambda one: f"{one[0]}-{one[1].step.name.lower()}"
)
def test_without_any_one_fact_some_recording_contradicts(left_out: tuple[str, Fact]) -> None:
    rest = tuple(one for one in HISTORY if one != left_out)
    assert [one.day for one in recordings() if told(rest, one.day) != one] != []


def test_a_step_comes_once_and_in_its_order() -> None:
    order = list(Step)
    for key in KNOWN_KEYS:
        steps = [fact.step for fact in sorted(key.history, key=lambda fact: fact.day)]
        assert steps == sorted(set(steps), key=order.index)
        assert steps[0] is Step.PUBLISHED


def test_every_known_key_has_facts_and_every_fact_a_source() -> None:
    assert {name for name, _ in HISTORY} == set(TAGS)
    assert all(fact.source.startswith("https://") for _, fact in HISTORY)
    assert all(fact.day < RECORDED_UNTIL for _, fact in HISTORY)


def test_what_is_recorded_in_this_release_reaches_as_far_as_said() -> None:
    assert basis().observed_at == RECORDED_UNTIL


def test_the_plan_and_the_facts_agree_where_both_tell() -> None:
    days = {(name, fact.step): fact.day for name, fact in HISTORY}
    both = {
        (key.name, step): (day, days[key.name, step])
        for key in KNOWN_KEYS
        if key.planned is not None
        for step, day in (
            (Step.PUBLISHED, key.planned.published),
            (Step.SIGNING, key.planned.signing),
            (Step.REVOKED, key.planned.revoked),
        )
        if day is not None and (key.name, step) in days
    }
    assert set(both) == {("KSK-2024", Step.PUBLISHED)}
    assert all(planned == happened for planned, happened in both.values())
