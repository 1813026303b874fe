"""The facts about the root's keys are those of the embedded publication."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anchors.core.keys import UnusableKeyDigest
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS, SNAPSHOT_SIGNING_TIME, name_of
from anchors.publication.authenticate import authenticate
from anchors.publication.document import read
from anchors.publication.root_cas import built_in_roots
from anchors.publication.source import open_source

SNAPSHOT = authenticate(
    open_source("embedded").publication(until=0),
    built_in_roots(),
    VerificationPolicy(at=datetime(2026, 10, 4, tzinfo=UTC)),
)


def test_the_signing_time_is_the_snapshots() -> None:
    assert SNAPSHOT.signing_time == SNAPSHOT_SIGNING_TIME


def test_the_keys_are_the_snapshots() -> None:
    document = read(SNAPSHOT)
    for known, key in zip(KNOWN_KEYS, document.keys, strict=True):
        assert not isinstance(key, UnusableKeyDigest)
        assert (known.key_tag, bytes.fromhex(known.digest)) == (key.key_tag, key.digest)
        assert (known.valid_from, known.valid_until) == key.window
        assert key.digest_type == 2


def test_the_digests_are_written_as_they_are_compared() -> None:
    assert all(key.digest == bytes.fromhex(key.digest).hex().upper() for key in KNOWN_KEYS)


@pytest.mark.parametrize("known", KNOWN_KEYS, ids=lambda known: known.name)
def test_a_name_by_digest(known: object) -> None:
    (key,) = [key for key in KNOWN_KEYS if key is known]
    digest = bytes.fromhex(key.digest)
    assert name_of(digest) == key.name
    assert name_of(digest[:-1]) is None
    assert name_of(digest + b"\0") is None


@pytest.mark.parametrize("digest", [None, b"", bytes(32)])
def test_no_name(digest: bytes | None) -> None:
    assert name_of(digest) is None
