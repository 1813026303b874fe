"""Compose the document of RFC 9718; every value is text, so that it may be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk

__all__ = ["CURRENT", "EXPIRED", "Document", "Entry", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One KeyDigest; ``None`` leaves the element or attribute out."""

    id: str | None = "Klab"
    valid_from: str | None = "2024-07-18T00:00:00+00:00"
    valid_until: str | None = None
    key_tag: str | None
    algorithm: str | None = "8"
    digest_type: str | None = "2"
    digest: str | None
    public_key: str | None = None
    flags: str | None = None
    more: str | None = None  # put last inside the element, as it is
    more_attributes: str | None = None

    def by_digest_only(self) -> Entry:
        """The same without the public key and its flags."""
        return replace(self, public_key=None, flags=None)

    def encode(self) -> str:
        """The element."""
        attributes = _attributes(
            {"id": self.id, "validFrom": self.valid_from, "validUntil": self.valid_until}
        )
        values = {
            "KeyTag": self.key_tag,
            "Algorithm": self.algorithm,
            "DigestType": self.digest_type,
            "Digest": self.digest,
            "PublicKey": self.public_key,
            "Flags": self.flags,
        }
        lines = [f"<{tag}>{text}</{tag}>" for tag, text in values.items() if text is not None]
        body = "".join(f"        {line}\n" for line in [*lines, self.more] if line)
        attributes += self.more_attributes or ""
        return f"    <KeyDigest{attributes}>\n{body}    </KeyDigest>\n"


def entry(
    key: Ksk,
    *,
    id: str = "Klab",  # noqa: A002 - the attribute's name
    valid_from: str = "2024-07-18T00:00:00+00:00",
    valid_until: str | None = None,
    hash_name: str = "sha256",
) -> Entry:
    """The KeyDigest that is right for the key."""
    return Entry(
        id=id,
        valid_from=valid_from,
        valid_until=valid_until,
        key_tag=str(key.tag),
        algorithm=str(key.algorithm),
        digest_type={"sha1": "1", "sha256": "2", "sha384": "4"}[hash_name],
        digest=key.digest(hash_name),
        public_key=key.base64,
        flags=str(key.flags),
    )


EXPIRED = Entry(
    id="Kjqmt7v",
    valid_from="2010-07-15T00:00:00+00:00",
    valid_until="2019-01-11T00:00:00+00:00",
    key_tag="19036",
    digest="49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5",
)
CURRENT = (
    entry(KSK_2017, id="Klajeyz", valid_from="2017-02-02T00:00:00+00:00"),
    entry(KSK_2024, id="Kmyv6jo", valid_from="2024-07-18T00:00:00+00:00"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A TrustAnchor document; the defaults say what IANA's says."""

    entries: Sequence[Entry] = (EXPIRED, *CURRENT)
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n'
    root: str = "TrustAnchor"
    id: str | None = "0C05FDD6-422C-4910-8ED6-430ED15E11C2"
    source: str | None = "http://data.iana.org/root-anchors/root-anchors.xml"
    more_attributes: str = ""
    zone: str | None = "."
    more: str = ""  # put after the zone, as it is
    encoding: str = "utf-8"

    def encode(self) -> bytes:
        """The exact bytes that are signed and published."""
        attributes = _attributes({"id": self.id, "source": self.source}) + self.more_attributes
        zone = "" if self.zone is None else f"    <Zone>{self.zone}</Zone>\n"
        keys = "".join(item.encode() for item in self.entries)
        body = f"<{self.root}{attributes}>\n{zone}{self.more}{keys}</{self.root.split()[0]}>\n"
        return (self.prolog + body).encode(self.encoding)


def _attributes(values: dict[str, str | None]) -> str:
    return "".join(f' {name}="{text}"' for name, text in values.items() if text is not None)
