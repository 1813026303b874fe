"""The real DNSKEY RRset in this release, which is validated at the time of its observation."""

from __future__ import annotations

from typing import NamedTuple

from anchors.consumers.driver import RecordedRrset
from anchors.core.records import DNSKEY_TTL
from anchors.publication.source import open_source
from anchors.rootzone.rrset import observe

__all__ = ["Recording", "embedded_recording"]


class Recording(NamedTuple):
    """A real RRset, and the tags of the keys that sign it."""

    rrset: RecordedRrset
    signers: frozenset[int]


def embedded_recording() -> Recording:
    """The RRset of the embedded snapshot."""
    answer = open_source("embedded").recording()[0]
    observation = observe(answer)
    keys = (f". {DNSKEY_TTL} IN DNSKEY {key.to_text()}\n" for key in observation.keys)
    signatures = (
        f". {DNSKEY_TTL} IN RRSIG {rrsig.to_text()}\n" for rrsig in observation.signatures
    )
    return Recording(
        RecordedRrset("".join((*keys, *signatures)), answer.observed_at),
        frozenset(rrsig.key_tag for rrsig in observation.signatures),
    )
