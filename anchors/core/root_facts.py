"""The facts about the root in one table: its keys, ICANN's plan, its CAs, and the root servers.

A new key, a new CA or a moved server is a row here and nothing else.  The facts name keys in
reports, search programs for them, and notice when a publication goes back in time; no key and no
CA is trusted because of a date here.

Sources: https://data.iana.org/root-anchors/root-anchors.xml, signed 2025-03-25;
https://data.iana.org/root-anchors/icannbundle.pem as of 2026-05-28; ICANN, "Root KSK rollover",
https://www.icann.org/resources/pages/ksk-rollover, as of 2026-11;
https://www.iana.org/domains/root/servers.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "ALGORITHM_ROLL",
    "IANA_SIGNER",
    "KNOWN_KEYS",
    "RECORDED_UNTIL",
    "ROOT_CAS",
    "ROOT_SERVER_ADDRESSES",
    "SNAPSHOT_SIGNING_TIME",
    "AlgorithmRoll",
    "Fact",
    "KnownKey",
    "Period",
    "Planned",
    "RootCa",
    "Source",
    "Step",
    "name_of",
    "planned_for",
]

# Whose mail address the signer's certificate has.
IANA_SIGNER = "dnssec@iana.org"
# When the publication was signed that this release carries.
SNAPSHOT_SIGNING_TIME = datetime(2025, 3, 25, 20, 25, 2, tzinfo=UTC)
# The answers of the root zone that this release carries: history is complete up to them.
RECORDED_UNTIL = datetime(2026, 10, 4, tzinfo=UTC)


class Step(enum.Enum):
    """A step in the life of a key, as the root zone shows it; the value is what a table says."""

    PUBLISHED = "in the root zone"
    SIGNING = "signs"
    RETIRED = "no longer signs"
    REVOKED = "revoked"
    REMOVED = "gone from the root zone"


class Fact(NamedTuple):
    """A key took a step on a day; ``source`` is who says that it did."""

    step: Step
    day: datetime
    source: str


class Planned(NamedTuple):
    """The days that ICANN planned for a key: dates to expect, never facts observed.

    What the root zone shows wins over every date here.
    """

    published: datetime | None = None
    signing: datetime | None = None
    revoked: datetime | None = None


class KnownKey(NamedTuple):
    """A root KSK.

    Attributes:
        name: as ICANN calls it.
        key_tag: the tag of the key without REVOKE.
        algorithm: its DNSSEC algorithm number.
        digest: its SHA-256 DS digest, in upper-case hex.
        valid_from: when IANA's document lets it begin.
        valid_until: when IANA's document ends it.
        begins: the first 48 bytes of the public key (RFC 4034 2.1.4) in base64.
        history: the steps that the root zone showed, in their order.
        planned: what ICANN has planned for it, or had.
        other_digests: DS digests of other types in hex, where the document has no public key.
    """

    name: str
    key_tag: int
    algorithm: int
    digest: str
    valid_from: datetime
    valid_until: datetime | None
    begins: str
    history: tuple[Fact, ...] = ()
    planned: Planned | None = None
    other_digests: tuple[tuple[int, str], ...] = ()


_FIRST = "https://www.root-dnssec.org/"
_ROLLOVER = "https://www.icann.org/resources/pages/ksk-rollover"
_REVOKING = (
    "https://www.icann.org/en/blogs/details/"
    "icann-is-revoking-the-old-key-signing-key-this-week-7-1-2019-en"
)
# Both from after the day that they tell of.
_REVOKED = "https://lists.dns-oarc.net/pipermail/dns-operations/2019-January/018279.html"
_ALGORITHM_ROLL = (
    "https://www.icann.org/en/public-comment/proceeding/"
    "proposed-root-ksk-algorithm-rollover-03-02-2026"
)
_SAC133 = (
    "https://lists.icann.org/hyperkitty/list/alac@icann.org/message/"
    "L3G46JSHHELAW5AWJV46WUVWCMYMGQQE/"
)
_REMOVED = "https://mm.icann.org/pipermail/ksk-rollover/2019-April/000822.html"

KNOWN_KEYS: tuple[KnownKey, ...] = (
    KnownKey(
        "KSK-2010",
        19036,
        8,
        "49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5",
        valid_from=datetime(2010, 7, 15, tzinfo=UTC),
        valid_until=datetime(2019, 1, 11, tzinfo=UTC),
        begins="AwEAAagAIKlVZrpC6Ia7gEzahOR+9W29euxhJhVVLOyQbSEW0O8gcCjFFVQUTf6v",
        history=(
            Fact(Step.PUBLISHED, datetime(2010, 7, 15, tzinfo=UTC), _FIRST),
            Fact(Step.SIGNING, datetime(2010, 7, 15, tzinfo=UTC), _FIRST),
            Fact(Step.REVOKED, datetime(2019, 1, 11, tzinfo=UTC), _REVOKED),
            Fact(Step.REMOVED, datetime(2019, 3, 22, tzinfo=UTC), _REMOVED),
        ),
        other_digests=(
            (1, "B256BD09DC8DD59F0E0F0D8541B8328DD986DF6E"),
            (
                4,
                "F52AC67A55659153641967305EAD97A388B642495CC991F1"  # noqa: ISC004 - one number
                "AEA6B93327D0E159EB1E5C8813F14C3C5569DE4D681697E3",
            ),
        ),
    ),
    KnownKey(
        "KSK-2017",
        20326,
        8,
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        valid_from=datetime(2017, 2, 2, tzinfo=UTC),
        valid_until=None,
        begins="AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq",
        history=(
            Fact(Step.PUBLISHED, datetime(2017, 7, 11, tzinfo=UTC), _ROLLOVER),
            Fact(Step.SIGNING, datetime(2018, 10, 11, tzinfo=UTC), _REVOKING),
        ),
        planned=Planned(revoked=datetime(2027, 1, 11, tzinfo=UTC)),
    ),
    KnownKey(
        "KSK-2024",
        38696,
        8,
        "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
        valid_from=datetime(2024, 7, 18, tzinfo=UTC),
        valid_until=None,
        begins="AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyG",
        history=(Fact(Step.PUBLISHED, datetime(2025, 1, 11, tzinfo=UTC), _ROLLOVER),),
        planned=Planned(
            published=datetime(2025, 1, 11, tzinfo=UTC),
            signing=datetime(2026, 10, 11, tzinfo=UTC),
        ),
    ),
)


class Period(NamedTuple):
    """A quarter or a year as ICANN names it, with its first and its last day."""

    name: str
    first: datetime
    last: datetime


class Source(NamedTuple):
    """Who says something: the title of a page, and its address."""

    title: str
    url: str


class AlgorithmRoll(NamedTuple):
    """ICANN's plan to sign the root with another algorithm: no day is told, and no key is made.

    Attributes:
        algorithm: the DNSSEC algorithm number of the key to come.
        begins: the first phase, in which that key is made.
        retires: when the key of the algorithm before is retired.
        ends: the last phase.
        proposed: the day of the proposal, which ICANN then decided to go on with.
        sources: who says so.
    """

    algorithm: int
    begins: Period
    retires: Period
    ends: Period
    proposed: datetime
    sources: tuple[Source, ...]


# Phases AA to HH.  ICANN's page tells the years, the SSAC's comment on the plan (SAC133) the
# quarters of the first phase and of the last.
ALGORITHM_ROLL = AlgorithmRoll(
    algorithm=13,
    begins=Period("2027 Q2", datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 6, 30, tzinfo=UTC)),
    retires=Period("2029", datetime(2029, 1, 1, tzinfo=UTC), datetime(2029, 12, 31, tzinfo=UTC)),
    ends=Period("2030 Q3", datetime(2030, 7, 1, tzinfo=UTC), datetime(2030, 9, 30, tzinfo=UTC)),
    proposed=datetime(2026, 2, 3, tzinfo=UTC),
    sources=(
        Source("ICANN, public comment 'Proposed Root KSK Algorithm Rollover'", _ALGORITHM_ROLL),
        Source("SSAC, SAC133, as told to the ALAC", _SAC133),
    ),
)


class RootCa(NamedTuple):
    """A CA of ICANN that may end a signer's path, in the order of :file:`icann-root-cas.pem`.

    Attributes:
        name: its common name.
        sha256: the fingerprint of its certificate (over the DER), in lower-case hex.
        ends: when its certificate ends.
        expected: the year from which IANA means to sign under it, ``None`` where it does now.
    """

    name: str
    sha256: str
    ends: datetime
    expected: int | None = None


ROOT_CAS = (
    RootCa(
        "ICANN Root CA",
        "aee89906d7cc60c5e151f3bb923abf8a1b28dc855d5e2127cb524ead4aad603d",
        ends=datetime(2029, 12, 18, tzinfo=UTC),
    ),
    RootCa(
        "ICANN Root CA v2",
        "d8eee1b74208b8163e1c2b990f82dd9f752236ba130c92939e7728ea464ebfc3",
        ends=datetime(2045, 3, 20, tzinfo=UTC),
        expected=2028,
    ),
)

# By the letter of the server: its IPv4 and its IPv6 address.
ROOT_SERVER_ADDRESSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "a": ("198.41.0.4", "2001:503:ba3e::2:30"),
        "b": ("170.247.170.2", "2801:1b8:10::b"),
        "c": ("192.33.4.12", "2001:500:2::c"),
        "d": ("199.7.91.13", "2001:500:2d::d"),
        "e": ("192.203.230.10", "2001:500:a8::e"),
        "f": ("192.5.5.241", "2001:500:2f::f"),
        "g": ("192.112.36.4", "2001:500:12::d0d"),
        "h": ("198.97.190.53", "2001:500:1::53"),
        "i": ("192.36.148.17", "2001:7fe::53"),
        "j": ("192.58.128.30", "2001:503:c27::2:30"),
        "k": ("193.0.14.129", "2001:7fd::1"),
        "l": ("199.7.83.42", "2001:500:9f::42"),
        "m": ("202.12.27.33", "2001:dc3::35"),
    }
)


def name_of(digest: bytes | None) -> str | None:
    """The name of the root KSK with this SHA-256 DS digest, where it has one."""
    known = _known(digest)
    return known.name if known else None


def planned_for(digest: bytes | None) -> Planned | None:
    """The plan for the key with this SHA-256 DS digest, where there is one."""
    known = _known(digest)
    return known.planned if known else None


def _known(digest: bytes | None) -> KnownKey | None:
    text = digest.hex().upper() if digest else None
    return next((key for key in KNOWN_KEYS if key.digest == text), None)
