"""The history that the picture tells, held against the root zone's own recorded answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import dns.rdatatype
import dns.zonefile
import pytest
from dns.dnssec import key_id
from dns.name import root

from anchors.publication.known import KNOWN_KEYS
from anchors.rootzone.plan import PLAN
from anchors.timeline.facts import HISTORY, RECORDED_UNTIL, Fact, Step
from tests.unit.auditing.basis import basis
from tests.unit.stages import FIXTURES

REVOKED_TAGS = {"KSK-2010": 19164}
TAGS = {key.name: key.key_tag for key in KNOWN_KEYS}


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


def told(history: tuple[Fact, ...], day: datetime) -> Recording:
    """What the facts say of a day."""
    ksks, signer = set[int](), 0
    for fact in sorted(history, key=lambda fact: fact.day):
        if fact.day > day:
            break
        tag, revoked = TAGS[fact.key], REVOKED_TAGS.get(fact.key, 0)
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


@pytest.mark.parametrize("fact", HISTORY, ids=lambda fact: f"{fact.key}-{fact.step.name.lower()}")
def test_without_any_one_fact_some_recording_contradicts(fact: Fact) -> None:
    rest = tuple(one for one in HISTORY if one != fact)
    assert [one.day for one in recordings() if told(rest, one.day) != one] != []


def test_a_step_comes_once_and_in_its_order() -> None:
    order = list(Step)
    for name in TAGS:
        steps = [fact.step for fact in sorted(HISTORY, key=lambda f: f.day) if fact.key == name]
        assert steps == sorted(set(steps), key=order.index)
        assert steps[0] is Step.PUBLISHED


def test_every_fact_is_of_a_known_key_and_has_a_source() -> None:
    assert {fact.key for fact in HISTORY} == set(TAGS)
    assert all(fact.source.startswith("https://") for fact in HISTORY)
    assert all(fact.day < RECORDED_UNTIL for fact in HISTORY)


def test_what_is_recorded_in_this_release_reaches_as_far_as_said() -> None:
    assert basis().observed_at == RECORDED_UNTIL


def test_the_plan_and_the_facts_agree_where_both_tell() -> None:
    names = {key.digest: key.name for key in KNOWN_KEYS}
    days = {(fact.key, fact.step): fact.day for fact in HISTORY}
    both = {
        (names[planned.digest], step): (day, days[names[planned.digest], step])
        for planned in PLAN
        for step, day in (
            (Step.PUBLISHED, planned.published),
            (Step.SIGNING, planned.signing),
            (Step.REVOKED, planned.revoked),
        )
        if day is not None and (names[planned.digest], step) in days
    }
    assert set(both) == {("KSK-2024", Step.PUBLISHED)}
    assert all(planned == happened for planned, happened in both.values())
