"""DS and DNSKEY rdata as zone-file text: what anchor files and reports show."""

from __future__ import annotations

import base64

__all__ = ["dnskey_text", "ds_text"]

_PROTOCOL = 3


def ds_text(tag: int, algorithm: int, digest_type: int, digest: bytes) -> str:
    """The DS rdata (RFC 4034 5.3), the digest in one run of upper-case hex."""
    return f"{tag} {algorithm} {digest_type} {digest.hex().upper()}"


def dnskey_text(flags: int, algorithm: int, public_key: bytes) -> str:
    """The DNSKEY rdata (RFC 4034 2.2), the key in one run of base64."""
    return f"{flags} {_PROTOCOL} {algorithm} {base64.b64encode(public_key).decode()}"
