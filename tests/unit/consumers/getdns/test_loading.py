"""What Stubby does with its files; each tree was tried on 1.6.0 and 1.7.3."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Status
from anchors.consumers.getdns import CONSUMER
from tests.unit.consumers.trees import DS17, DS24, Owned, load, messages

_CONF = """\
upstream_recursive_servers:
  - address_data: 9.9.9.9
dnssec: GETDNS_EXTENSION_TRUE
dnssec_trust_anchors: "/etc/root.key"
"""
_ANCHORS = f". IN DS {DS17}\n. IN DS {DS24}\n"
_ROOTS_ALONE = Status(0o100600, 0, 0)


def test_what_can_be_read_is_held() -> None:
    (one,) = load(CONSUMER, {"etc/stubby.yml": _CONF, "etc/root.key": _ANCHORS})
    assert (one.starts, one.validates, len(one.held)) == (True, True, 2)


@pytest.mark.parametrize(
    "anchors",
    [
        f" {_ANCHORS}",
        f"  autotrust trust anchor file\n{_ANCHORS}",
        f'. IN DS {DS17[:20]} "x"\n{_ANCHORS}',
    ],
    ids=["a blank before the first owner", "a remark without its mark", "a digest in quotes"],
)
def test_nothing_counts_after_a_line_that_cannot_be_read(anchors: str) -> None:
    (one,) = load(CONSUMER, {"etc/stubby.yml": _CONF, "etc/root.key": anchors})
    assert not one.held
    assert "up to this line" in messages(one)[0]


def test_files_that_root_alone_may_read_leave_the_start_open() -> None:
    secret = Owned(_ANCHORS.encode(), _ROOTS_ALONE)
    (one,) = load(CONSUMER, {"etc/stubby.yml": _CONF, "etc/root.key": secret})
    assert one.starts is None
    conf = Owned(_CONF.encode(), _ROOTS_ALONE)
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is None


def test_a_setting_that_one_version_does_not_know_leaves_the_start_open() -> None:
    conf = f"{_CONF}trust_anchors_url: x\n"
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is None


def test_without_a_file_of_anchors_it_is_told_that_nobody_knows_which_one_is_read() -> None:
    conf = _CONF.replace('dnssec_trust_anchors: "/etc/root.key"\n', "")
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf})
    assert "it names no anchor file" in messages(one)[0]


def test_one_that_asks_an_address_of_its_own_is_left_open() -> None:
    """1.7.3 does not start where the machine has no such address, and asks itself where it has."""
    conf = f"listen_addresses:\n  - 9.9.9.9@53\n{_CONF}"
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is None
    assert "asks an address that it listens on" in messages(one)[0]
