"""What systemd-resolved does with its files; each tree was tried on 252 and 262."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Status
from anchors.consumers.resolved import CONSUMER
from tests.unit.consumers.samples import KEY2
from tests.unit.consumers.trees import DS17, DS24, KEY_TAGS, Owned, load, messages, tags

_POSITIVE = f". IN DS {DS24}\n"
_ANCHORS = {"etc/dnssec-trust-anchors.d/root.positive": _POSITIVE}
_CONF = "etc/systemd/resolved.conf"
_PART = "etc/systemd/resolved.conf.d/a.conf"
_HIDDEN = "usr/lib/systemd/resolved.conf.d/a.conf"
_ROOTS_ALONE = Status(0o100640, 0, 0)


@pytest.mark.parametrize(
    ("main", "part", "validates"),
    [
        ("yes", "no", False),
        ("yes", "no ; a remark", True),
        ("yes", "perhaps", True),
        ("no", "Allow-Downgrade", False),
        ("no", "allow-downgrade", True),
        ("no", "YES", True),
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
    assert any("it depends on the build" in words for words in messages(one))


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


@pytest.mark.parametrize(
    ("again", "starts"),
    [
        (f"example. IN DS {DS17}\n", None),
        (f"EXAMPLE IN DS {DS17}\n", None),
        (f" example IN DNSKEY {KEY2}\n", True),
        (f"example. IN DS {DS24}\n", True),
        (f"example. IN DS {DS17} ; dropped\n", True),
        (f"# example. IN DS {DS17}\n", True),
    ],
)
def test_an_anchor_of_another_zone_that_stands_there_twice_leaves_the_start_open(
    again: str, starts: bool | None
) -> None:
    text = f"{_POSITIVE}example. IN DS {DS17}\n"
    tree = {_LINK: text, "run/dnssec-trust-anchors.d/other.positive": again}
    (one,) = load(CONSUMER, {_CONF: "[Resolve]\nDNSSEC=yes\n", **tree})
    assert one.starts is starts
    assert any("of another zone" in words for words in messages(one)) is (starts is None)


@pytest.mark.parametrize(
    ("word", "is_root"),
    [
        *(('""', True), ("'.'", True), ("\\.", True), ('"\\."', True), ('"".""', True)),
        *(('"', False), ('".', False), (".\\", False), ('"\'"', False), ('"" ""', False)),
    ],
)
def test_a_name_in_quotation_marks_is_the_roots_where_they_are_closed(
    word: str, *, is_root: bool
) -> None:
    tree = {_CONF: "[Resolve]\nDNSSEC=yes\n", **_ANCHORS}
    (one,) = load(CONSUMER, {**tree, "etc/dnssec-trust-anchors.d/a.negative": f"{word}\n"})
    assert one.validates is not is_root
    (one,) = load(CONSUMER, {**tree, _LINK: _POSITIVE.replace(".", word, 1)})
    assert (tags(one) == [KEY_TAGS[1]]) is is_root


def test_an_anchor_in_a_file_that_is_hidden_by_another_one_stands_there_once() -> None:
    hidden = {"usr/lib/dnssec-trust-anchors.d/root.positive": _POSITIVE}
    (one,) = load(CONSUMER, {_CONF: "[Resolve]\nDNSSEC=yes\n", **_ANCHORS, **hidden})
    assert one.starts is True


_ON = "[Resolve]\nDNSSEC=yes\n"
_OFF = "[Resolve]\nDNSSEC=no\n"
_LINK = "etc/dnssec-trust-anchors.d/root.positive"
_LIB = "usr/lib/dnssec-trust-anchors.d/root.positive"


def test_a_link_out_of_the_folders_hides_a_file_of_its_name() -> None:
    tree = {_LINK: "-> /srv/keys", "srv/keys": f". IN DS {DS17}\n", _LIB: _POSITIVE}
    (one,) = load(CONSUMER, {_CONF: _ON, **tree})
    assert tags(one) == [KEY_TAGS[0]]
    assert any("/etc/dnssec-trust-anchors.d/root.positive" in words for words in messages(one))


@pytest.mark.parametrize("target", ["/dev/null", "/nowhere", "/srv"])
def test_a_link_to_no_file_hides_a_file_of_its_name(target: str) -> None:
    tree = {_LINK: f"-> {target}", _LIB: _POSITIVE, "srv/other": ""}
    (one,) = load(CONSUMER, {_CONF: _ON, **tree})
    assert tags(one) == []
    assert one.built_in is not None


def test_two_names_of_one_file_are_the_same_anchor_twice() -> None:
    (one,) = load(
        CONSUMER, {_CONF: _ON, **_ANCHORS, "run/dnssec-trust-anchors.d/a.positive": "-> /" + _LINK}
    )
    assert one.starts is None


def test_a_second_name_in_a_later_folder_is_hidden_and_harmless() -> None:
    (one,) = load(CONSUMER, {_CONF: _ON, **_ANCHORS, _LIB: f"-> /{_LINK}"})
    assert one.starts is True
    assert tags(one) == [KEY_TAGS[1]]


@pytest.mark.parametrize(
    ("tree", "validates"),
    [
        ({_PART: "-> /srv/off", "srv/off": _OFF}, False),
        ({_PART: "", _HIDDEN: _OFF}, True),
        ({_PART: "[Resolve]\nCache=no\n", _HIDDEN: _OFF}, True),
        ({"etc/systemd/resolved.conf.d/.a.conf": _OFF}, True),
        ({"run/systemd/resolved.conf.d/z.conf": _ON, _HIDDEN: _OFF}, True),
        ({_PART: "-> /dev/null", _HIDDEN: _OFF}, None),
        ({_PART: Owned(_ON.encode(), _ROOTS_ALONE)}, None),
        ({"etc/dnssec-trust-anchors.d/a.negative": "-> /srv/n", "srv/n": ".\n"}, False),
        (
            {
                "etc/dnssec-trust-anchors.d/a.negative": "",
                "usr/lib/dnssec-trust-anchors.d/a.negative": ".\n",
            },
            True,
        ),
    ],
)
def test_names_of_drop_ins_hide_as_those_of_anchors_do(
    tree: dict[str, str | bytes | Owned], *, validates: bool | None
) -> None:
    (one,) = load(CONSUMER, {_CONF: _ON, **_ANCHORS, **tree})
    assert one.validates is validates


@pytest.mark.parametrize(
    ("tree", "validates"),
    [
        ({"usr/lib/systemd/resolved.conf": _ON}, None),
        ({"usr/lib/systemd/resolved.conf": _OFF, _CONF: _ON}, True),
        ({"usr/lib/systemd/resolved.conf": _OFF, _PART: _ON}, True),
        ({_CONF: "-> /nowhere", _PART: _ON}, None),
        ({_CONF: "-> /srv/conf", "srv/conf": _ON}, True),
    ],
)
def test_versions_differ_in_what_they_read_for_resolved_conf(
    tree: dict[str, str], *, validates: bool | None
) -> None:
    (one,) = load(CONSUMER, {**_ANCHORS, **tree})
    assert one.validates is validates


def test_what_its_user_may_not_list_is_not_read() -> None:
    folder = Owned(None, Status(0o40700, 0, 0))
    tree: dict[str, str | bytes | Owned] = {"etc/systemd/resolved.conf.d": folder, _PART: _OFF}
    (one,) = load(CONSUMER, {_CONF: _ON, **_ANCHORS, **tree})
    assert one.validates is True


def test_a_checkout_of_the_folder_alone_is_one() -> None:
    (one,) = load(CONSUMER, {"files/dnssec-trust-anchors.d/root.positive": _POSITIVE})
    assert tags(one) == [KEY_TAGS[1]]
