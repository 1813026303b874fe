"""The plain facts that the stages hand on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused
from anchors.core.findings import Finding, Severity
from anchors.core.keys import (
    Anchor,
    AnchorSet,
    KeyDigest,
    KeyState,
    TrustAnchors,
    UnusableKeyDigest,
    Window,
)

BEGIN = datetime(2024, 7, 18, tzinfo=UTC)
END = datetime(2034, 7, 18, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
FINDING = Finding(Check.KEY_TAG, Severity.WARNING, "wrong tag")


def key(tag: int = 1, **fields: Any) -> KeyDigest:  # noqa: ANN401 - any field
    values: dict[str, Any] = {
        "id": "K",
        "key_tag": tag,
        "algorithm": 8,
        "digest_type": 2,
        "digest": bytes(32),
        "window": Window(BEGIN, None),
        **fields,
    }
    return KeyDigest(**values)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (BEGIN - INSTANT, KeyState.FUTURE),
        (BEGIN, KeyState.CURRENT),
        (END - INSTANT, KeyState.CURRENT),
        (END, KeyState.EXPIRED),
        (END + INSTANT, KeyState.EXPIRED),
        (datetime(1, 1, 1, tzinfo=UTC), KeyState.FUTURE),
        (datetime(9999, 12, 31, tzinfo=UTC), KeyState.EXPIRED),
    ],
)
def test_a_window_begins_with_its_first_instant_and_ends_before_its_last(
    at: datetime, state: KeyState
) -> None:
    assert Window(BEGIN, END).state_at(at) is state


def test_a_window_without_end_never_ends() -> None:
    assert Window(BEGIN, None).state_at(datetime.max.replace(tzinfo=UTC)) is KeyState.CURRENT


def test_a_window_of_no_length_is_never_current() -> None:
    states = {Window(BEGIN, BEGIN).state_at(BEGIN + step * INSTANT) for step in (-1, 0, 1)}
    assert states == {KeyState.FUTURE, KeyState.EXPIRED}


def test_a_window_is_about_instants_and_not_about_their_zone() -> None:
    east = datetime.fromisoformat("2024-07-18T05:00:00+05:00")
    assert Window(BEGIN, END).state_at(east) is KeyState.CURRENT
    assert Window(BEGIN, END).state_at(east - INSTANT) is KeyState.FUTURE


def test_a_finding_of_an_error_has_all_it_says() -> None:
    error = DocumentRefused(Check.DOCUMENT_ZONE, "not the root", got="com.", want=".", remedy="no")
    assert Finding.from_error(error) == Finding(
        Check.DOCUMENT_ZONE, Severity.FAILURE, "not the root", "com.", ".", "no"
    )


def test_severities_stand_mildest_first() -> None:
    assert [*Severity] == ["notice", "warning", "alarm", "failure"]


def test_facts_do_not_change() -> None:
    for fact in (key(), Window(BEGIN, END), FINDING, AnchorSet(())):
        with pytest.raises(AttributeError):
            fact.id = "other"  # type: ignore[union-attr,misc]


def test_usable_leaves_the_unusable_out() -> None:
    unusable = UnusableKeyDigest("K", 2, 8, 2, bytes(32), None, FINDING)
    document = TrustAnchors("id", "source", (key(1), unusable, key(3)))
    assert document.usable == (key(1), key(3))


class TestAnchorSet:
    def test_the_oldest_comes_first(self) -> None:
        old = key(9, window=Window(BEGIN - INSTANT, None))
        anchors = [Anchor(k, KeyState.CURRENT) for k in (key(2), key(1), old)]
        assert [a.key.key_tag for a in AnchorSet.of(anchors).anchors] == [9, 1, 2]

    def test_of_two_of_a_key_the_one_with_the_public_key_stays(self) -> None:
        bare = Anchor(key(1, window=Window(BEGIN - INSTANT, None)), KeyState.CURRENT)
        full = Anchor(key(1, public_key=b"key", flags=257), KeyState.CURRENT)
        for pair in ([bare, full], [full, bare]):
            assert AnchorSet.of(pair).anchors == (full,)

    @pytest.mark.parametrize(
        "other", [{"key_tag": 2}, {"algorithm": 13}, {"digest_type": 4}, {"digest": b"\1" * 32}]
    )
    def test_keys_that_differ_anywhere_in_their_ds_are_two(self, other: dict[str, Any]) -> None:
        pair = [Anchor(k, KeyState.CURRENT) for k in (key(), key()._replace(**other))]
        assert len(AnchorSet.of(pair).anchors) == 2

    def test_nothing_makes_nothing(self) -> None:
        assert AnchorSet.of(()) == AnchorSet(())

    @settings(deadline=None, derandomize=True)
    @given(st.data())
    def test_order_and_repetition_do_not_matter(self, data: st.DataObject) -> None:
        keys = st.builds(
            key,
            tag=st.integers(0, 2),
            algorithm=st.sampled_from([8, 13]),
            digest=st.sampled_from([bytes(32), b"\1" * 32]),
            window=st.sampled_from([Window(BEGIN, None), Window(END, None)]),
            public_key=st.sampled_from([None, b"key"]),
        )
        anchors = data.draw(st.lists(st.builds(Anchor, keys, st.just(KeyState.CURRENT))))
        shuffled = data.draw(st.permutations(anchors))
        made = AnchorSet.of(anchors)
        assert AnchorSet.of([*shuffled, *anchors]) == made == AnchorSet.of(made.anchors)
        sort_keys = [anchor.key.sort_key for anchor in made.anchors]
        assert sort_keys == sorted(set(sort_keys))

    def test_twins_with_different_ends_come_out_the_same_in_either_order(self) -> None:
        twins = [
            Anchor(key(1, public_key=b"key", window=Window(BEGIN, end)), KeyState.CURRENT)
            for end in (None, END)
        ]
        assert AnchorSet.of(twins) == AnchorSet.of(twins[::-1])
