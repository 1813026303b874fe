"""What every consumer makes of what is written for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pytest

from anchors.consumers.driver import BOGUS, NAMES, NX, WWW, Driver, HeldTags, Security
from anchors.consumers.format import Form
from anchors.consumers.query import Endpoint
from anchors.consumers.registry import drivers
from anchors.core.found import FoundAnchor, FoundDs
from anchors.core.records import dnskey, key_tag
from anchors.pipeline.verify import example
from anchors.proving.lab import Lab, LabKey
from anchors.proving.recording import embedded_recording
from tests.consumers.conftest import Case, cases

RIGHT = {WWW: Security.SECURE, BOGUS: Security.BOGUS, NX: Security.SECURE_NX}
WRONG = dict.fromkeys(NAMES, Security.BOGUS)

# What cannot be asked of whom, by the method: ``None`` is all that is right then.
MUTE = {
    "resolves": {"ldns-verify-zone", "named-checkconf", "unbound-checkconf"},
    "validates": {one.name for one in drivers()} - {"ldns-verify-zone", "unbound-host"},
    "holds": {
        *("delv", "dnsviz", "drill", "lua-unbound", "Net::DNS::Resolver::Unbound"),
        *("opendkim-testkey", "unbound-host"),
    },
}
every_consumer = pytest.mark.parametrize("case", [*cases()], indirect=True)


T = TypeVar("T")


def unless_mute(case: Case, method: str, answer: T) -> T | None:
    """The answer that is expected, from whom there is one."""
    return None if case.driver.name in MUTE[method] else answer


def resolved(case: Case, content: bytes, root: Endpoint) -> Mapping[str, Security] | None:
    with case.bench(content) as bench:
        return case.driver.resolves(bench, root, NAMES)


def validated(case: Case, content: bytes, lab: Lab, signer: LabKey) -> bool | None:
    with case.bench(content) as bench:
        told = case.driver.validates(bench, lab.recorded(signer))
    return None if told is None else told.yes


@every_consumer
def test_each_anchor_validates_alone(
    case: Case, lab_to_come: Lab, roots_to_come: Mapping[LabKey, Endpoint]
) -> None:
    content = lab_to_come.anchor_file(case.row.name)
    for key, root in roots_to_come.items():
        assert resolved(case, content, root) == unless_mute(case, "resolves", RIGHT)
        assert validated(case, content, lab_to_come, key) == unless_mute(case, "validates", True)


@every_consumer
def test_the_wrong_anchor_validates_nothing(
    case: Case, lab_to_come: Lab, roots_to_come: Mapping[LabKey, Endpoint]
) -> None:
    old, *_, new = lab_to_come.keys
    for key, other in ((old, new), (new, old)):
        content = lab_to_come.anchor_file(case.row.name, [other])
        judged = resolved(case, content, roots_to_come[key])
        assert judged == unless_mute(case, "resolves", WRONG)
        assert validated(case, content, lab_to_come, key) == unless_mute(case, "validates", False)


@every_consumer
def test_it_takes_the_file_and_holds_what_is_in_it(case: Case) -> None:
    content = case.row.write(example().emission)
    with case.bench(content) as bench:
        told = case.driver.loads(bench)
    assert told.yes, told.words
    with case.bench(content) as bench:
        held = case.driver.holds(bench)
    if held is None:
        # stubby tells the tags of DS records alone.
        told_of = ("stubby", Form.DNSKEY)
        assert case.driver.name in MUTE["holds"] or (case.driver.name, case.row.form) == told_of
        return
    assert case.driver.name not in MUTE["holds"]
    if isinstance(held.anchors, HeldTags):
        assert sorted(held.anchors.tags) == [20326, 38696]
    else:
        assert tags_of(held.anchors.anchors) == [20326, 38696]


def tags_of(anchors: Sequence[FoundAnchor]) -> list[int]:
    tags = []
    for anchor in anchors:
        if isinstance(anchor, FoundDs):
            tags.append(anchor.key_tag)
        else:
            tags.append(key_tag(dnskey(anchor.flags, anchor.algorithm, anchor.public_key)))
    return sorted(tags)


@every_consumer
def test_the_real_rrset_validates_at_its_time(case: Case) -> None:
    recording = embedded_recording()
    assert recording.signers >= {20326}
    with case.bench(case.row.write(example().emission)) as bench:
        told = case.driver.validates(bench, recording.rrset)
    assert (told and told.yes) == unless_mute(case, "validates", True), told


def test_it_is_known_who_cannot_be_asked() -> None:
    """Who of all drivers has no method of its own for it."""
    for method, names in MUTE.items():
        inherited = getattr(Driver, method)
        assert names == {one.name for one in drivers() if getattr(type(one), method) is inherited}
    assert MUTE["resolves"] & MUTE["validates"] == {"named-checkconf", "unbound-checkconf"}
