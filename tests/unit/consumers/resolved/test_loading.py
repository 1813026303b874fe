"""What systemd-resolved does with its files; each tree was tried on 252 and 262."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Status
from anchors.consumers.resolved import CONSUMER
from tests.unit.consumers.samples import KEY2
from tests.unit.consumers.trees import DS24, Owned, load, messages

_POSITIVE = f". IN DS {DS24}\n"
_ANCHORS = {"etc/dnssec-trust-anchors.d/root.positive": _POSITIVE}
_CONF = "etc/systemd/resolved.conf"
_PART = "etc/systemd/resolved.conf.d/a.conf"
_ROOTS_ALONE = Status(0o100640, 0, 0)


@pytest.mark.parametrize(
    ("main", "part", "validates"),
    [
        ("yes", "no", False),
        ("yes", "no ; a remark", True),
        ("yes", "perhaps", True),
        ("no", "yes", True),
    ],
)
def test_a_value_that_is_none_is_passed_over(main: str, part: str, *, validates: bool) -> None:
    tree = {_CONF: f"[Resolve]\nDNSSEC={main}\n", _PART: f"[Resolve]\nDNSSEC={part}\n"}
    (one,) = load(CONSUMER, {**_ANCHORS, **tree})
    assert one.validates is validates


def test_nothing_that_it_knows_is_told() -> None:
    (one,) = load(CONSUMER, {**_ANCHORS, _CONF: "[Resolve]\nDNSSEC=maybe\n"})
    assert one.validates is None
    assert any("how it was built" in words for words in messages(one))


def test_what_root_alone_may_read_is_not_read() -> None:
    conf = Owned(b"[Resolve]\nDNSSEC=yes\n", _ROOTS_ALONE)
    (one,) = load(CONSUMER, {**_ANCHORS, _CONF: conf})
    assert one.validates is None


def test_anchors_that_root_alone_may_read_are_not_read() -> None:
    positive = Owned(_POSITIVE.encode(), _ROOTS_ALONE)
    tree: dict[str, bytes | str | Owned] = {
        _CONF: "[Resolve]\nDNSSEC=yes\n",
        "etc/dnssec-trust-anchors.d/root.positive": positive,
    }
    (one,) = load(CONSUMER, tree)
    assert one.built_in is not None


def test_a_hidden_file_is_not_read() -> None:
    tree = {
        _CONF: "[Resolve]\nDNSSEC=yes\n",
        "etc/dnssec-trust-anchors.d/.root.positive": _POSITIVE,
    }
    (one,) = load(CONSUMER, tree)
    assert one.built_in is not None


@pytest.mark.parametrize(
    "tree",
    [
        {"etc/dnssec-trust-anchors.d/root.positive": _POSITIVE * 2},
        {**_ANCHORS, "run/dnssec-trust-anchors.d/other.positive": _POSITIVE},
    ],
    ids=["in one file", "in two"],
)
def test_an_anchor_that_stands_there_twice_ends_252_and_perhaps_newer_ones(
    tree: dict[str, str],
) -> None:
    (one,) = load(CONSUMER, {_CONF: "[Resolve]\nDNSSEC=yes\n", **tree})
    assert one.starts is None
    keys = {path: f". IN DNSKEY {KEY2}\n" * text.count("\n") for path, text in tree.items()}
    (one,) = load(CONSUMER, {_CONF: "[Resolve]\nDNSSEC=yes\n", **keys})
    assert one.starts is False


def test_an_anchor_in_a_file_that_is_hidden_by_another_one_stands_there_once() -> None:
    hidden = {"usr/lib/dnssec-trust-anchors.d/root.positive": _POSITIVE}
    (one,) = load(CONSUMER, {_CONF: "[Resolve]\nDNSSEC=yes\n", **_ANCHORS, **hidden})
    assert one.starts is True
