from __future__ import annotations

import pytest

from anchors.auditing.follow import resolve
from anchors.auditing.place import Location

TREE = Location("/srv/image", "etc/bind/named.conf")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/var/lib/unbound/root.key", ("var/lib/unbound/root.key",)),
        ("/srv/image/etc/x", ("etc/x", "srv/image/etc/x")),
        ("bind.keys", ("etc/bind/bind.keys", "bind.keys")),
        ("../unbound/a.conf", ("etc/unbound/a.conf",)),
        ("../../../../etc/shadow", ()),
        ("/../../etc/x/./y", ()),
        ("/etc/./x//y", ("etc/x/y",)),
        ("conf.d/*.conf", ("etc/bind/conf.d/*.conf", "conf.d/*.conf")),
        ("", ()),
        ("/", ()),
        ("a\0b", ()),
    ],
)
def test_a_name_is_looked_for_below_the_root_alone(path: str, found: tuple[str, ...]) -> None:
    assert resolve(TREE, path) == found


def test_in_an_archive_its_own_path_means_nothing() -> None:
    member = Location("/srv/a.deb", "etc/unbound.conf", inside=True)
    assert resolve(member, "/srv/a.deb/etc/x") == ("srv/a.deb/etc/x",)
