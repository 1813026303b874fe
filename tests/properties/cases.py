"""A document and what the servers answer, drawn by hypothesis, and one run of ``build`` on them.

What is expected is told from what was drawn, not from what the product read of it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dns.dnssectypes import Algorithm
from hypothesis import strategies as st

from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import ServerAnswer
from anchors.pipeline.build import Built, Target, build
from anchors.pipeline.request import Request
from anchors.publication.manifest import with_manifest
from anchors.rootzone.rrset import answer_from_text
from tests.lab.keys import LabKey, ksk, zsk
from tests.lab.zone import Apex, signed
from tests.simulator.document import Document, Entry, entry
from tests.simulator.ksk import Ksk
from tests.simulator.publication import publish
from tests.simulator.times import AT, rfc3339

__all__ = [
    "ASKED",
    "CASES",
    "ENDED",
    "LIARS",
    "STRANGERS",
    "WITHOUT_REVOCATION",
    "Case",
    "Ds",
    "Listed",
    "Shown",
    "a_place",
    "build_from",
    "found_ds",
    "run",
    "write",
]

_ALGORITHMS = (Algorithm.RSASHA256, Algorithm.ECDSAP256SHA256, Algorithm.ED25519)
# A key that the zone of some server may show, and one that no zone ever shows.
_OWN = [("own one", a) for a in _ALGORITHMS] + [("own two", a) for a in _ALGORITHMS[1:]]
_STRANGE = [("strange", a) for a in _ALGORITHMS]
_DAY, _SECOND, _AGES = timedelta(days=1), timedelta(seconds=1), timedelta(days=3000)
# Around the time of judgement, and exactly at it.
_OFFSETS = [-_AGES, -_DAY, -_SECOND, timedelta(0), _SECOND, _DAY, _AGES]


class Ds(NamedTuple):
    """What tells one anchor from another, however its format states it."""

    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes


@cache
def _key(name: str, algorithm: Algorithm) -> LabKey:
    return ksk(f"properties {name}", algorithm)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One KeyDigest; with a ``fault`` it is one that must not be used.

    ``begin`` and ``end`` are distances from the time of judgement.
    """

    key: tuple[str, Algorithm]
    begin: timedelta
    end: timedelta | None
    hash_name: str = "sha256"
    bare: bool = False
    fault: str | None = None

    @property
    def ksk(self) -> Ksk:
        """The key as the simulator has it."""
        key = _key(*self.key)
        return Ksk(key.public_key, key.algorithm)

    @property
    def ds(self) -> Ds:
        """The DS that is right for it."""
        digest = bytes.fromhex(self.ksk.digest(self.hash_name))
        kind = {"sha1": 1, "sha256": 2, "sha384": 4}[self.hash_name]
        return Ds(self.ksk.tag, self.ksk.algorithm, kind, digest)

    @property
    def dnskey(self) -> FoundDnskey:
        """Its DNSKEY as formats state it."""
        return FoundDnskey(257, self.ksk.algorithm, self.ksk.public_key)

    @property
    def usable(self) -> bool:
        """Whether it may serve inside its window at all."""
        return self.fault is None and (self.end is None or self.begin <= self.end)

    def valid(self, *, future: bool = False) -> bool:
        """RFC 9718 2.2: from ``validFrom`` on, and before ``validUntil``."""
        begun = future or self.begin <= timedelta(0)
        return self.usable and begun and (self.end is None or timedelta(0) < self.end)

    def element(self, at: datetime, number: int) -> Entry:
        """The element as the document has it."""
        made = entry(
            self.ksk,
            id=f"K{number}",
            valid_from=rfc3339(at + self.begin),
            valid_until=None if self.end is None else rfc3339(at + self.end),
            hash_name=self.hash_name,
        )
        made = made.by_digest_only() if self.bare else made
        return replace(made, **_FAULTS[self.fault]) if self.fault else made


_FAULTS: dict[str, dict[str, str]] = {
    "retired algorithm": {"algorithm": "5"},
    "unknown algorithm": {"algorithm": "200"},
    "unknown digest": {"digest_type": "3"},
    "short digest": {"digest": "00FF"},
    "no number": {"key_tag": "many"},
    "no date": {"valid_from": "yesterday"},
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one server shows: its DNSKEY RRset and who signs it; silence for no keys."""

    keys: tuple[tuple[str, Algorithm], ...]
    signers: frozenset[tuple[str, Algorithm]] = frozenset()
    revoked: frozenset[tuple[str, Algorithm]] = frozenset()
    forged: bool = False

    @property
    def revokes(self) -> frozenset[tuple[str, Algorithm]]:
        """The keys that are truly revoked here: REVOKE, and a valid signature of its own."""
        return frozenset() if self.forged else self.revoked & self.signers

    def answer(self, number: int) -> ServerAnswer:
        """The answer as it came."""
        address = f"192.0.2.{number + 1}"
        if not self.keys:
            return ServerAnswer(address, 53, "udp", AT, None, "timeout")
        made = answer_from_text(_apex(self).text(), AT)
        return made._replace(address=address, port=53, transport="udp")


@cache
def _apex(shown: Shown) -> Apex:
    keys = {
        name: _key(*name).revoked() if name in shown.revoked else _key(*name) for name in shown.keys
    }
    apex = signed(
        [*keys.values(), zsk("properties", Algorithm.ED25519)],
        by=[key for name, key in keys.items() if name in shown.signers],
        inception=AT - _DAY,
        expiration=AT + _DAY,
    )
    return apex.forged() if shown.forged else apex


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything that one run is given; ``shown`` is ``None`` where DNS is not asked."""

    listed: tuple[Listed, ...]
    shown: tuple[Shown, ...] | None = None
    at: datetime = AT

    @property
    def revoked(self) -> frozenset[tuple[str, Algorithm]]:
        """The keys that any server shows revoked."""
        return frozenset[tuple[str, Algorithm]]().union(*(one.revokes for one in self.shown or ()))

    def document(self) -> Document:
        """The document; its dates lie around the lab's time, whatever ``at`` is."""
        return Document(entries=[one.element(AT, number) for number, one in enumerate(self.listed)])


_SOUND = st.builds(
    Listed,
    key=st.sampled_from(_OWN),
    begin=st.sampled_from(_OFFSETS),
    end=st.none() | st.sampled_from(_OFFSETS),
    hash_name=st.sampled_from(["sha256", "sha384"]),
    bare=st.booleans(),
)
_CURRENT = _SOUND.map(lambda one: replace(one, begin=-_DAY, end=None))
_FAULTY = st.builds(
    lambda one, fault: replace(one, fault=fault), _SOUND, st.sampled_from([*_FAULTS])
) | _SOUND.map(lambda one: replace(one, hash_name="sha1", fault="unknown digest", bare=True))
_ENDING = st.builds(lambda one, end: replace(one, end=end), _SOUND, st.sampled_from(_OFFSETS))
_ANY = _CURRENT | _SOUND | _FAULTY
# What has nothing to do with the rest: a key that nobody else lists and no server shows.
STRANGERS = st.builds(lambda one, key: replace(one, key=key), _ANY, st.sampled_from(_STRANGE))
# Most documents have a current key, so that most runs end well.
_LISTS = st.builds(
    lambda current, others: (*current, *others),
    st.lists(_CURRENT, min_size=1, max_size=3),
    st.lists(_SOUND | _FAULTY, min_size=1, max_size=3),
) | st.lists(_ANY, min_size=1, max_size=3).map(tuple)


@st.composite
def _shown(draw: st.DrawFn, own: Sequence[tuple[str, Algorithm]], *, revoking: bool) -> Shown:
    """Two of three show the keys of the document, signed by all; the others anything."""
    honest = draw(st.integers(0, 2)) > 0
    keys = own if honest else draw(st.lists(st.sampled_from(_OWN), unique=True, max_size=3))
    subsets = st.frozensets(st.sampled_from(keys)) if keys else st.just(frozenset())
    return Shown(
        keys=tuple(keys),
        signers=frozenset(keys) if honest else draw(subsets),
        revoked=draw(subsets) if revoking and draw(st.booleans()) else frozenset(),
        forged=not honest and draw(st.booleans()),
    )


@st.composite
def _cases(
    draw: st.DrawFn,
    lists: st.SearchStrategy[tuple[Listed, ...]] = _LISTS,
    *,
    always_asked: bool = False,
    revoking: bool = True,
) -> Case:
    listed = draw(lists)
    # Hypothesis draws the first of several most often.
    if not (always_asked or draw(st.sampled_from([True, True, False]))):
        return Case(listed=listed)
    own = [*dict.fromkeys(one.key for one in listed)]
    number = draw(st.sampled_from([2, 3, 1]))
    shown = tuple(draw(_shown(own, revoking=revoking)) for _ in range(number))
    return Case(listed=listed, shown=shown)


CASES = _cases()
ASKED = _cases(always_asked=True)
WITHOUT_REVOCATION = _cases(always_asked=True, revoking=False)
# Servers that show and revoke what they like, and can sign none of it.
LIARS = st.builds(
    Shown,
    keys=st.lists(st.sampled_from(_OWN), unique=True, min_size=1, max_size=5).map(tuple),
    signers=st.just(frozenset(_OWN)) | st.just(frozenset()),
    revoked=st.just(frozenset(_OWN)) | st.frozensets(st.sampled_from(_OWN)),
    forged=st.just(True),
)
# Documents in which every key has an end.
ENDED = _cases(st.lists(_ENDING, min_size=1, max_size=4).map(tuple))


@contextlib.contextmanager
def a_place() -> Iterator[Path]:
    """A folder for one example; in memory, where there is such a file system."""
    memory = "/dev/shm"  # noqa: S108 - a folder of ours in it, with a name of its own
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        yield Path(place)


def write(case: Case, place: Path) -> Path:
    """The publication, its CA, and the recorded answers, as a source."""
    made = publish(document=case.document())
    files = {"root-anchors.xml": made.document, "root-anchors.p7s": made.signature}
    answers = [one.answer(number) for number, one in enumerate(case.shown or ())]
    for name, content in {**with_manifest(files, answers), "ca.pem": made.roots[0]}.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


def build_from(
    source: Path, case: Case, output: Path | None = None, *, future: bool = False
) -> Built:
    """One run of ``build``; without ``output`` its files are only handed back."""
    policy = VerificationPolicy(at=case.at, include_future=future)
    request = Request(
        policy=policy,
        source=str(source),
        dns="none" if case.shown is None else "recorded",
        ca_file=source / "ca.pem",
    )
    return build(request, Target(directory=output))


def run(case: Case, *, future: bool = False) -> Built:
    """The same, of a case that lies nowhere yet."""
    with a_place() as place:
        return build_from(write(case, place), case, future=future)


def found_ds(anchors: Sequence[FoundAnchor]) -> set[Ds | FoundDnskey]:
    """What a file was found to state, without the consumer's words for it."""
    return {
        Ds(*anchor[:4]) if isinstance(anchor, FoundDs) else anchor._replace(statement=None)
        for anchor in anchors
    }
