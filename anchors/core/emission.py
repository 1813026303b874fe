"""What may be written into anchor files: keys and where they come from."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from anchors.core.keys import Anchor

__all__ = ["Emission", "Provenance"]


class Provenance(NamedTuple):
    """Where the keys come from, for the comment at the head of a file.

    Attributes:
        source: what the document calls its source.
        document_sha256: of the document, in lower-case hex.
        signing_time: when its signature was made.
        signer: the e-mail address of who signed it.
        cross_checked: whether the root zone was asked and confirmed the document.
        observed_at: when; of several answers the oldest, which is worth no more than its day.
    """

    source: str
    document_sha256: str
    signing_time: datetime
    signer: str
    cross_checked: bool
    observed_at: datetime | None = None


class Emission(NamedTuple):
    """What writers write; only :mod:`anchors.pipeline.crosscheck` makes one.

    Attributes:
        anchors: the keys, in their fixed order.
        provenance: where they come from.
        document: IANA's document, the exact bytes that were signed.
    """

    anchors: tuple[Anchor, ...]
    provenance: Provenance
    document: bytes
