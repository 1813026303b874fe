"""Hickory's configuration, and how it reads the file of anchors that stands there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anchors.consumers.hickory import CONSUMER
from anchors.consumers.hickory.loading import READERS, anchors_of
from anchors.consumers.registry import find_formats
from anchors.core.checks import Check
from anchors.pipeline.verify import example
from tests.unit.consumers.trees import AT, DS17, load

(ROW,) = find_formats(["hickory"])
KEYS = ROW.write(example().emission)
LINE = KEYS.splitlines()[0].decode()
KEY = LINE.removeprefix(". IN DNSKEY ")
FORWARDER = """\
[[zones]]
zone = "."
zone_type = "External"

[zones.stores]
type = "forward"

[zones.stores.options]
trust_anchor = "/etc/hickory/root.key"
"""
# What the library takes of each: how many keys, or None where it refuses the file.
FILES: Mapping[str, tuple[str, int | None]] = {
    "both": (KEYS.decode(), 2),
    "plain": (f". IN DNSKEY {KEY}\n", 1),
    "TTL": (f". 3600 IN DNSKEY {KEY}\n", 1),
    "tabs": (f".\tIN\tDNSKEY\t{KEY}\n", 1),
    "comment": (f"; comment\n. IN DNSKEY {KEY} ; comment\n", 1),
    "blank lines": (f"\n\n. IN DNSKEY {KEY}\n\n", 1),
    "no newline": (f". IN DNSKEY {KEY}", 1),
    "CR LF": (f". IN DNSKEY {KEY}\r\n", 1),
    "in two pieces": (f". IN DNSKEY {KEY[:40]} {KEY[40:]}\n", 1),
    "no SEP": (f". IN DNSKEY 256{KEY[3:]}\n", 1),
    "of another zone": (f"de. IN DNSKEY {KEY}\n", 0),
    "empty": ("", 0),
    "comment alone": ("; comment\n", 0),
    "no class": (f". DNSKEY {KEY}\n", None),
    "TTL behind the class": (f". IN 3600 DNSKEY {KEY}\n", None),
    "directive": (f"$TTL 60\n. IN DNSKEY {KEY}\n", None),
    "at": (f"@ IN DNSKEY {KEY}\n", None),
    "brackets": (f". IN DNSKEY 257 3 8 ({KEY.split()[-1]}\n )\n", None),
    "DS": (f". IN DS {DS17}\n", None),
    "DS before the key": (f". IN DS {DS17}\n. IN DNSKEY {KEY}\n", None),
    "address": (". IN A 192.0.2.1\n", None),
    "another comment": (f"# comment\n. IN DNSKEY {KEY}\n", None),
    "byte order mark": (f"\ufeff. IN DNSKEY {KEY}\n", None),
    "words": ("hello world\n", None),
}


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_read_as_the_library_reads_it(name: str) -> None:
    """As tests/consumers/test_hickory.py has it from the library, or left open."""
    text, held = FILES[name]
    read = anchors_of(text.encode())
    if held is None:
        assert read.refusal or read.doubt
    else:
        assert (len(read.held), read.refusal, read.doubt) == (held, None, None)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (FORWARDER, [("/etc/hickory/root.key", 9)]),
        ('[[zones]]\nstores.options = { validate = true, trust_anchor = "/a" }\n', [("/a", 2)]),
        (
            '[zones.stores]\n[zones.stores.dnssec_policy.ValidateWithStaticKey]\npath = "/a"\n',
            [("/a", 3)],
        ),
        ('trust_anchor = "/a"\n', None),
        ("[options]\ntrust_anchor = 5\n", None),
        ('[options]\ntrust_anchor = "/a\n', None),
        ('# [options]\n# trust_anchor = "/a"\n', None),
    ],
)
def test_which_files_are_named(text: str, files: list[tuple[str, int]] | None) -> None:
    (reader,) = READERS
    reading = reader.read(text.encode(), "named.toml", AT)
    assert (reading and [(one.path, one.line) for one in reading.references]) == files


def test_it_is_never_right_for_the_server_was_not_tried() -> None:
    tree = {"etc/hickory/named.toml": FORWARDER, "etc/hickory/root.key": KEYS.decode()}
    (loaded,) = load(CONSUMER, tree)
    assert (loaded.starts, loaded.validates, len(loaded.held)) == (None, None, 2)


@pytest.mark.parametrize("content", ["", f". IN DS {DS17}\n"])
def test_without_a_key_it_fails(content: str) -> None:
    tree = {"etc/hickory/named.toml": FORWARDER, "etc/hickory/root.key": content}
    (loaded,) = load(CONSUMER, tree)
    assert loaded.starts is False
    assert Check.AUDIT_REFUSED in {note.finding.check for _, note in loaded.notes}
