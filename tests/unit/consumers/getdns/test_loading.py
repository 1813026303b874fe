"""What Stubby does with its files; each tree was tried on 1.6.0 and 1.7.3."""

from __future__ import annotations

import pytest

from anchors.consumers.files import Status
from anchors.consumers.getdns import CONSUMER
from anchors.core.checks import Check
from anchors.core.findings import Severity
from tests.unit.consumers.trees import DS17, DS24, Owned, load, messages

_CONF = """\
listen_addresses:
  - 127.0.0.1
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


@pytest.mark.parametrize("status", [Status(0o100640, 0, 903), Status(0o100644, 0, 0, True, False)])
def test_a_file_of_anchors_that_not_everybody_may_read_leaves_the_start_open(
    status: Status,
) -> None:
    some = Owned(_ANCHORS.encode(), status)
    (one,) = load(CONSUMER, {"etc/stubby.yml": _CONF, "etc/root.key": some})
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
    conf = _CONF.replace("127.0.0.1", "9.9.9.9@53")
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is None
    assert "asks an address that it listens on" in messages(one)[0]


_LISTENS = "listen_addresses:\n  - 127.0.0.1\n"
_UDP, _TCP = "  - GETDNS_TRANSPORT_UDP\n", "  - GETDNS_TRANSPORT_TCP\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", f"dns_transport_list:\n{_UDP}{_TCP}{_UDP}"),
        ("", "dns_transport_list: []\n"),
        ("", "dns_transport_list:\n  - UDP\n"),
        ("", "idle_timeout: never\n"),
        ("", "appdata_dir:\n"),
        ("", 'appdata_dir: ""\n'),
        ("", "resolution_type: STUB\n"),
        ("GETDNS_EXTENSION_TRUE", "true"),
        ("GETDNS_EXTENSION_TRUE", "1"),
        ("GETDNS_EXTENSION_TRUE", "1_000"),
        ("GETDNS_EXTENSION_TRUE", "GETDNS_EXTENSION_TRUEx"),
        (_LISTENS, ""),
        ("127.0.0.1", "localhost"),
    ],
)
def test_a_value_of_another_type_ends_it(old: str, new: str) -> None:
    conf = _CONF.replace(old, new) if old else _CONF + new
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is False
    assert "Stubby does not start" in messages(one)[0]


def test_one_that_does_not_validate_anyway_loses_nothing_if_it_does_not_start() -> None:
    conf = _CONF.replace(_LISTENS, "").replace("GETDNS_EXTENSION_TRUE", "GETDNS_EXTENSION_FALSE")
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    refusal = one.used[0].notes[0].finding
    assert (one.starts, one.validates) == (False, False)
    assert (refusal.check, refusal.severity) == (Check.AUDIT_REFUSED, Severity.WARNING)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GETDNS_EXTENSION_TRUE", '"GETDNS_EXTENSION_TRUE"'),
        ("GETDNS_EXTENSION_TRUE", "GETDNS_EXTENSION_TRUE // a remark"),
        ("GETDNS_EXTENSION_TRUE", "GETDNS_EXTENSION_TRUE\n  - 127.0.0.1"),
        ("dnssec:", "dns_transport_list:\n  - 127.0.0.1\n  - GETDNS_TRANSPORT_UDP\ndnssec:"),
        (
            "dnssec:",
            "dns_transport_list:\n  - GETDNS_TRANSPORT_UDP\n  - address_data: 9.9.9.9\ndnssec:",
        ),
        ('"/etc/root.key"', "/etc/root.key"),
        ("9.9.9.9", "'9.9.9.9'"),
        ("upstream_recursive_servers:\n  - address_data: 9.9.9.9\n", ""),
    ],
)
def test_what_is_refused_at_times_leaves_the_start_open(old: str, new: str) -> None:
    conf = _CONF.replace(old, new)
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert one.starts is None


@pytest.mark.parametrize(
    "setting",
    [
        "dnssec: 1000",
        "dnssec: +01000",
        "dnssec_return_validation_chain: GETDNS_EXTENSION_TRUE",
        "dnssec_return_full_validation_chain: GETDNS_EXTENSION_TRUE",
    ],
)
def test_validation_is_switched_on_in_more_than_one_way(setting: str) -> None:
    conf = _CONF.replace("dnssec: GETDNS_EXTENSION_TRUE", setting)
    (one,) = load(CONSUMER, {"etc/stubby.yml": conf, "etc/root.key": _ANCHORS})
    assert (one.starts, one.validates) == (True, True)
