"""Anchors as zone-file text, which many consumers read (RFC 1035 5, RFC 4034 2.2 and 5.3).

What all of them accept: ``. IN DS`` with the class and without a TTL, the digest in one run.
"""

from __future__ import annotations

from collections.abc import Iterator

from anchors.consumers.header import header, join_lines
from anchors.core.emission import Emission
from anchors.core.keys import Anchor
from anchors.core.rdata_text import dnskey_text, ds_text

__all__ = [
    "dnskey_lines",
    "dnskey_rdata",
    "ds_lines",
    "ds_rdata",
    "render_dnskey",
    "render_ds",
]


def ds_rdata(anchor: Anchor) -> str:
    """The DS of an anchor: tag, algorithm, digest type, digest."""
    key = anchor.key
    return ds_text(key.key_tag, key.algorithm, key.digest_type, key.digest)


def dnskey_rdata(anchor: Anchor) -> str | None:
    """The DNSKEY of an anchor, or ``None`` where only its digest is published."""
    key = anchor.key
    if key.public_key is None or key.flags is None:
        return None
    return dnskey_text(key.flags, key.algorithm, key.public_key)


def ds_lines(emission: Emission) -> Iterator[str]:
    """One DS record a line for each anchor."""
    return (f". IN DS {ds_rdata(anchor)}" for anchor in emission.anchors)


def dnskey_lines(emission: Emission) -> Iterator[str]:
    """One DNSKEY record a line for each anchor whose public key is published, once a key."""
    keys = dict.fromkeys(dnskey_rdata(anchor) for anchor in emission.anchors)
    return (f". IN DNSKEY {key}" for key in keys if key is not None)


def render_ds(emission: Emission) -> bytes:
    """DS records below a comment; each comment has a line of its own."""
    return join_lines([*header(emission, ";"), *ds_lines(emission)])


def render_dnskey(emission: Emission) -> bytes:
    """DNSKEY records below a comment."""
    return join_lines([*header(emission, ";"), *dnskey_lines(emission)])
