"""opendkim.conf, and what OpenDKIM does with it; tried on OpenDKIM 2.11.0."""

from __future__ import annotations

import pytest

from anchors.consumers.loading import Loaded
from anchors.consumers.opendkim import CONF, CONSUMER
from anchors.consumers.opendkim.reading import READERS
from anchors.consumers.reading import Reading, Role
from anchors.core.checks import Check
from tests.unit.consumers.trees import AT, DS17, DS24, load, tags

ANCHORS = f". IN DS {DS17}\n. IN DS {DS24}\n"
DEBIAN = """\
# This is a basic configuration for signing and verifying.
Syslog\t\t\tyes
#Nameservers\t\t127.0.0.1
TrustAnchorFile\t\t/usr/share/dns/root.key
"""


def read(text: str) -> Reading | None:
    (reader,) = READERS
    return reader.read(text.encode(), "etc/opendkim.conf", AT)


def the(conf: str, **files: str) -> Loaded:
    tree = {"etc/opendkim.conf": conf, **{f"etc/{name}": text for name, text in files.items()}}
    return next(one for one in load(CONSUMER, tree))


def checks(loaded: Loaded) -> list[tuple[str, Check, int | None]]:
    return [(location.path, note.finding.check, note.line) for location, note in loaded.notes]


def test_debian_s_configuration_names_its_anchors() -> None:
    (loaded,) = load(CONSUMER, {"etc/opendkim.conf": DEBIAN, "usr/share/dns/root.key": ANCHORS})
    assert (loaded.starts, loaded.validates, loaded.follows) == (True, True, False)
    assert tags(loaded) == [20326, 38696]
    assert [used.role for used in loaded.used] == [Role.CONFIGURATION, Role.STATIC]
    assert loaded.notes == ()


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("TrustAnchorFile /a", ["/a"]),
        ("  trustanchorfile\t/a#b\r\n", ["/a"]),
        ("TrustAnchorFile /a b # c\n", ["/a b"]),
        ('TrustAnchorFile "/a"\n', ['"/a"']),
        ("Include /i\nTrustAnchorFile /a\n", ["/i", "/a"]),
        ("#TrustAnchorFile /a\n", None),
        ("TrustAnchorFile: /a\n", None),
        ("TrustAnchorFile=/a\n", None),
        ("TrustAnchorFile\u00a0/a\n", None),
        ("\ufeffTrustAnchorFile /a\n", None),
        ("Include /i\n", None),
        ("", None),
    ],
)
def test_what_is_read(text: str, files: list[str] | None) -> None:
    reading = read(text)
    if files is None:
        assert reading is None
    else:
        assert reading is not None
        assert reading.syntax is CONF
        assert [reference.path for reference in reading.references] == files


def test_the_last_file_counts() -> None:
    loaded = the("TrustAnchorFile /etc/a\nTrustAnchorFile /etc/b\n", a="#", b=ANCHORS)
    assert tags(loaded) == [20326, 38696]
    assert loaded.starts is True


@pytest.mark.parametrize(
    ("content", "starts", "validates"),
    [
        (ANCHORS, True, True),
        ("", True, False),
        (f"\ufeff. IN DS {DS17}\n", True, False),
        ("# no zone text\n", False, None),
        ('trust-anchors { . initial-ds 1 8 2 "00"; };\n', False, None),
        (f". IN 3600 DS {DS17}\n", False, None),
    ],
)
def test_what_becomes_of_the_file(content: str, *, starts: bool, validates: bool | None) -> None:
    loaded = the("Mode v\nTrustAnchorFile /etc/a\n", a=content)
    assert (loaded.starts, loaded.validates) == (starts, validates)
    refusal = [("etc/opendkim.conf", Check.AUDIT_REFUSED, 2)]
    assert checks(loaded) == ([] if starts else refusal)


@pytest.mark.parametrize(
    ("conf", "starts"),
    [
        ("TrustAnchorFile /etc/none\n", False),
        ("TrustAnchorFile /srv/none\n", None),
        ("TrustAnchorFile none\n", None),
        ("TrustAnchorFile\n", False),
        ("TrustAnchorFile /etc/a\nInclude /etc/none\n", False),
        ("TrustAnchorFile /etc/a\nResolverConfiguration /etc/unbound.conf\n", None),
    ],
)
def test_a_file_that_is_not_there(conf: str, *, starts: bool | None) -> None:
    loaded = the(conf, a=ANCHORS)
    assert loaded.starts is starts
    assert len(loaded.notes) == 1


def test_an_included_file_is_a_part_of_the_configuration() -> None:
    loaded = the("TrustAnchorFile /x\nInclude /etc/i\n", i="TrustAnchorFile /etc/a\n", a=ANCHORS)
    assert [used.role for used in loaded.used] == [Role.CONFIGURATION, Role.INCLUDE, Role.STATIC]
    assert tags(loaded) == [20326, 38696]


def test_files_that_include_each_other_are_refused() -> None:
    loaded = the("TrustAnchorFile /etc/a\nInclude /etc/opendkim.conf\n", a=ANCHORS)
    assert loaded.starts is False
