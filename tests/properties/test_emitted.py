"""Which keys come out, and what each format says of them."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.consumers.format import Form, Format
from anchors.consumers.registry import REGISTRY
from anchors.core.found import FoundDnskey
from anchors.core.keys import KeyDigest
from anchors.pipeline.build import Built
from anchors.pipeline.report import Verdict
from tests.properties.cases import (
    ASKED,
    CASES,
    ENDED,
    STRANGERS,
    Case,
    Ds,
    Listed,
    a_place,
    build_from,
    found_ds,
    run,
    write,
)
from tests.simulator.times import AT

# The document itself, whole; and the digest of the document, which is another for other bytes.
WHOLE = "root-anchors.xml"
DOCUMENT_DIGEST = re.compile(rb"[0-9a-f]{64}")

many = settings(deadline=None, derandomize=True, max_examples=50)


def emitted(built: Built) -> set[Ds]:
    """The anchors that the report says are emitted."""
    return {
        Ds(*(key.key_tag, key.algorithm, key.digest_type, key.digest))
        for row in built.report.keys
        if row.usable and isinstance(key := row.entry, KeyDigest)
    }


def allowed(case: Case, *, future: bool = False) -> set[Ds]:
    """What the document lets be emitted at this time, told from what was drawn."""
    return {
        one.ds for one in case.listed if one.valid(future=future) and one.key not in case.revoked
    }


def without_document_digest(built: Built) -> dict[str, bytes]:
    """The files but the document itself, and without its digest."""
    return {
        name: DOCUMENT_DIGEST.sub(b"", content)
        for name, content in built.files.items()
        if name != WHOLE
    }


@many
@given(CASES, st.booleans())
def test_exactly_the_keys_inside_their_dates_and_not_revoked(case: Case, future: bool) -> None:
    """With ``include_future`` those as well whose time has not come, and never one that ended."""
    built = run(case, future=future)
    assert emitted(built) in (set(), allowed(case, future=future))
    assert bool(emitted(built)) == bool(built.files) == (built.report.verdict is Verdict.VERIFIED)
    if case.shown is None:
        # Nothing but the document decides: a current key is there, or it is refused.
        assert bool(emitted(built)) == bool(allowed(case))


@many
@given(ASKED)
def test_no_revoked_key_is_emitted_in_any_format(case: Case) -> None:
    built = run(case)
    for one in case.listed:
        if one.key not in case.revoked:
            continue
        assert one.ds not in emitted(built)
        for row in REGISTRY:
            if row.file_name in built.files and row.file_name != WHOLE:
                found = found_ds(row.read.load()(built.files[row.file_name]).anchors)
                assert found.isdisjoint({one.ds, one.dnskey}), row.name


@many
@given(CASES, STRANGERS, st.integers(0, 5))
def test_an_unrelated_key_removes_none(case: Case, stranger: Listed, place: int) -> None:
    """Whatever it is: current, ended, or not to be used at all."""
    before = run(case)
    more = replace(case, listed=(*case.listed[:place], stranger, *case.listed[place:]))
    after = run(more)
    assert emitted(before) <= emitted(after) <= emitted(before) | {stranger.ds}
    if before.report.verdict is Verdict.VERIFIED:
        assert after.report.verdict is Verdict.VERIFIED
        assert {*before.files} <= {*after.files}


@many
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_key_digests_changes_nothing(case: Case, random: Random) -> None:
    shuffled = replace(case, listed=tuple(random.sample(case.listed, len(case.listed))))
    one, other = run(case), run(shuffled)
    assert one.report.verdict is other.report.verdict
    assert one.report.attention == other.report.attention
    assert without_document_digest(one) == without_document_digest(other)


@many
@given(CASES, st.booleans())
def test_each_format_states_the_emitted_keys_and_no_other(case: Case, future: bool) -> None:
    built = run(case, future=future)
    for row in REGISTRY:
        if row.file_name in built.files:
            assert_states(row, built, case)


def assert_states(row: Format, built: Built, case: Case) -> None:
    """``parse(render(x))`` is ``x``, as far as the format can say it."""
    content = built.files[row.file_name]
    if row.file_name == WHOLE:
        assert content == case.document().encode()
        return
    anchors = row.read.load()(content).anchors
    found = found_ds(anchors)
    assert len(anchors) == len(found), f"{row.name} states an anchor twice"
    by_digest = emitted(built)
    with_key = {one.ds: one.dnskey for one in case.listed if one.usable and not one.bare}
    by_key = {with_key[ds] for ds in by_digest if ds in with_key}
    if row.form is Form.DS or row.name == "json":
        assert found == by_digest, row.name
    elif row.form is Form.DNSKEY:
        assert found == by_key, row.name
    else:
        # Each key once, in one of the two ways.
        assert {one for one in found if isinstance(one, Ds)} <= by_digest, row.name
        assert {one for one in found if isinstance(one, FoundDnskey)} <= by_key, row.name
        stated = {ds for ds in by_digest if ds in found or with_key.get(ds) in found}
        assert stated == by_digest, row.name


@many
@given(ENDED, st.booleans())
def test_past_the_last_day_nothing_is_emitted_and_nothing_written(case: Case, future: bool) -> None:
    last = max(AT + one.end for one in case.listed if one.end is not None)
    case = replace(case, at=max(AT, last))
    with a_place() as place:
        source, output = write(case, place / "source"), place / "output"
        output.mkdir()
        built = build_from(source, case, output, future=future)
        assert [*output.iterdir()] == []
    assert (emitted(built), built.files) == (set(), {})
    assert built.report.verdict is Verdict.NOT_TRUSTED
