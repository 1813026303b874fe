"""Domain names as people type them."""

from __future__ import annotations

import dns.exception
import dns.name

from anchors.core.checks import Check
from anchors.core.errors import UsageError

__all__ = ["absolute_name"]

# Octets that stay free for the labels that we put in front: RFC 1035 2.3.4 has 255 for all.
_MAX_NAME = 150


def absolute_name(text: str) -> str:
    """A domain name with its last dot, in lower case.

    Raises:
        UsageError: it is none, or too long for a label in front of it.
    """
    try:
        name = dns.name.from_text(text)
        octets = sum(len(label) + 1 for label in name.labels)
        if not text or octets > _MAX_NAME:
            message = f"{octets} octets" if text else "an empty name"
            raise ValueError(message)
    except (dns.exception.DNSException, ValueError, UnicodeError) as error:
        raise UsageError(
            Check.USAGE,
            "the domain name cannot be used",
            got=f"{text:.80}: {error}",
            want=f"a domain name of at most {_MAX_NAME} octets",
            remedy="for example: www.iana.org",
        ) from error
    return name.to_text().lower()
