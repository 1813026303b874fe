"""What Debian's unit of Unbound does with the state before it starts Unbound."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.resolvers.machine import machine
from tests.resolvers.network import quiet
from tests.resolvers.tree import USERS, Tree

HELPER = "/usr/libexec/unbound-helper"
# The helper asks unbound-checkconf for the chroot, and ends where there is no configuration.
CONF = "/etc/unbound/unbound.conf"
STATE, PACKAGED, SETTINGS = (
    "/var/lib/unbound/root.key",
    "/usr/share/dns/root.key",
    "/etc/default/unbound",
)
OLD, NEW = 1_700_000_000, 1_790_000_000  # seconds since 1970

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a root file system"),
    pytest.mark.skipif(not Path(HELPER).exists(), reason=f"not installed: {HELPER}"),
]


class Found(NamedTuple):
    """The state after the helper ran, None where there is none, and the user whom it belongs to."""

    content: bytes | None
    owner: int | None


def helped(tree: Tree, *, of_state: int = OLD, of_package: int = NEW) -> Found:
    """What there is after ``unbound-helper root_trust_anchor_update``; times in seconds."""
    with quiet() as network, machine(tree, Path("/"), network) as host:
        for name, changed in ((STATE, of_state), (PACKAGED, of_package)):
            if name in tree.files:
                os.utime(host.files / name[1:], (changed, changed))
        with host.running((HELPER, "root_trust_anchor_update")) as running:
            running.wait(20)
        state = host.files / STATE[1:]
        if not state.exists():
            return Found(None, None)
        assert not state.is_symlink()
        return Found(state.read_bytes(), state.stat().st_uid)


def files(**more: bytes) -> dict[str, bytes]:
    named = {"state": STATE, "settings": SETTINGS}
    return {
        CONF: b"server:\n",
        PACKAGED: b"; packaged\n",
        **{named[name]: text for name, text in more.items()},
    }


COPIED = Found(b"; packaged\n", USERS["unbound"])


def test_it_copies_the_packaged_keys_where_there_is_no_state() -> None:
    assert helped(Tree(files())) == COPIED


def test_it_copies_them_over_a_link_that_leads_nowhere() -> None:
    assert helped(Tree(files(), links={STATE: "/nowhere"})) == COPIED


def test_it_copies_them_over_an_older_state_whoever_owns_that() -> None:
    assert helped(Tree(files(state=b"; own\n"))) == COPIED


def test_it_cannot_copy_where_the_folder_is_not_of_unbound() -> None:
    tree = Tree(files(), owners={"/var/lib/unbound": "root"})
    assert helped(tree) == Found(None, None)


@pytest.mark.parametrize("content", [b"; own\n", b""], ids=["whole", "empty"])
@pytest.mark.parametrize("of_state", [NEW, NEW + 1], ids=["of the same time", "newer"])
def test_it_keeps_a_state_that_is_not_older_whatever_is_in_it(
    content: bytes, of_state: int
) -> None:
    assert helped(Tree(files(state=content)), of_state=of_state) == Found(content, USERS["root"])


def test_it_does_nothing_where_it_is_switched_off() -> None:
    tree = Tree(files(settings=b"ROOT_TRUST_ANCHOR_UPDATE=no\n"))
    assert helped(tree) == Found(None, None)
