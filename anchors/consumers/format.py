"""What the registry knows of each format."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

from anchors.consumers.facet import Facet
from anchors.core.emission import Emission
from anchors.core.found import FoundAnchors

__all__ = ["Form", "Format"]


class Form(enum.StrEnum):
    """How a format states a key."""

    DS = "DS"
    DNSKEY = "DNSKEY"
    EITHER = "DNSKEY or DS"


class Format(NamedTuple):
    """One row of the registry.

    Attributes:
        name: what ``--format`` takes.
        file_name: the file in the output directory.
        media_type: as in RFC 6838.
        consumer: who reads it, and in which versions.
        form: how it states a key; ``DNSKEY`` alone cannot carry one that is published by digest.
        install: where it goes and what makes the consumer read it.
        write: the file of these keys.
        read: what such a file holds, by the grammar that its consumer is audited with.
        alias: a shorter name that ``--format`` takes as well.
        unproven: where the grammar was read, when no consumer could be run to prove it.
    """

    name: str
    file_name: str
    media_type: str
    consumer: str
    form: Form
    install: str
    write: Callable[[Emission], bytes]
    read: Facet[Callable[[bytes], FoundAnchors]]
    alias: str | None = None
    unproven: str | None = None
