"""Replies -> facts: the results common to all rounds, and the keys that sign the root's keys."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.asking.answers import Kind, Reply
from anchors.asking.control import Witness
from anchors.asking.observe import Observed
from anchors.asking.questions import Role, Subject
from anchors.core.keys import TrustAnchors, label
from anchors.core.records import Flag, key_tag
from anchors.core.servers import Server, ServerAnswer
from anchors.rootzone.rrset import Evidence, Observation, judge, observe

__all__ = ["Facts", "Marks", "Seen", "facts", "handed_over", "seen_in"]


class Marks(enum.Enum):
    """Whether replies carry AD."""

    ALL = enum.auto()
    SOME = enum.auto()
    NONE = enum.auto()


class Seen(NamedTuple):
    """The replies to one question in all rounds.

    Attributes:
        kind: the result of every round; ``None`` if the replies differ.
        marks: whether they have AD.
        recursive: whether they have RA.
        ede: the codes of extended errors.
    """

    kind: Kind | None
    marks: Marks = Marks.NONE
    recursive: bool = True
    ede: frozenset[int] = frozenset()

    @property
    def answered(self) -> bool:
        """Whether the name was answered for, with records or with their denial."""
        return self.kind in {Kind.OK, Kind.NX}

    @property
    def fails(self) -> bool:
        """Whether it was refused as what does not validate is."""
        return self.kind is Kind.FAIL

    @property
    def mixed(self) -> bool:
        """Whether the replies differ."""
        return self.kind is None


class Facts(NamedTuple):
    """The facts about one resolver.

    Attributes:
        seen: the replies, by question.
        served: the names of the keys that sign the root's keys in its replies with CD, each
            signature verified by us; ``None`` if rounds differ, or an unknown key signs too.
        held: the same for its replies without CD, which it validates.
        unused_tag: a key tag that no key has.
        told: the key tags of the anchors that it reports over DNS.
        marks_anything: whether it sets AD in replies that it cannot have validated.
        witness: the report of its control program, if there is one.
    """

    seen: Mapping[Subject, Seen]
    served: frozenset[str] | None
    held: frozenset[str] | None
    unused_tag: int
    told: frozenset[int] = frozenset()
    marks_anything: bool = False
    witness: Witness | None = None

    def of(self, role: Role, tag: int | None = None, *, exists: bool = False) -> Seen:
        """The replies to one question; what was not asked was not answered."""
        return self.seen.get(Subject(role, tag, exists), Seen(Kind.NONE))


def handed_over(observed: Observed, role: Role, at: datetime) -> list[Observation]:
    """The root's DNSKEY RRsets among the replies to ``. DNSKEY``.

    Args:
        observed: what the resolver did.
        role: with CD or without.
        at: the time of judgement.
    """
    replies = observed.replies.get(Subject(role), ())
    wires = dict.fromkeys(reply.wire for reply in replies if reply.wire is not None)
    return [observe(_answer(observed.server, wire, at)) for wire in wires]


def _answer(server: Server, wire: bytes, at: datetime) -> ServerAnswer:
    transport = "tls" if server.tls else "udp"
    return ServerAnswer(server.address, server.port, transport, at, wire)


def facts(
    observed: Observed, document: TrustAnchors, at: datetime, witness: Witness | None = None
) -> Facts:
    """Combine the replies into facts.

    Args:
        observed: what the resolver did.
        document: the verified keys.
        at: the time at which signatures are judged.
        witness: the report of the program behind the address.
    """
    told = observed.replies.get(Subject(Role.WITNESS), ())
    return Facts(
        seen={subject: seen_in(replies) for subject, replies in observed.replies.items()},
        served=_signers(judge(handed_over(observed, Role.DNSKEY_CD, at), document)),
        held=_signers(judge(handed_over(observed, Role.DNSKEY, at), document)),
        unused_tag=observed.unused_tag,
        told=frozenset(tag for reply in told for tag in reply.tags),
        marks_anything=any(reply.marked for reply in told),
        witness=witness,
    )


def seen_in(replies: Sequence[Reply]) -> Seen:
    """The replies to one question together; lost replies do not count."""
    came = [reply for reply in replies if reply.kind is not Kind.NONE]
    if not came or len(came) * 2 < len(replies):
        return Seen(Kind.NONE)
    kinds = {reply.kind for reply in came}
    marked = {reply.marked for reply in came}
    return Seen(
        kind=kinds.pop() if len(kinds) == 1 else None,
        marks=Marks.SOME if len(marked) > 1 else Marks.ALL if marked.pop() else Marks.NONE,
        recursive=all(reply.recursive for reply in came),
        ede=frozenset(code for reply in came for code in reply.ede),
    )


def _signers(evidence: Iterable[Evidence]) -> frozenset[str] | None:
    """Who signs in every answer; a revoked key's signature does not count (RFC 5011 2.1)."""
    found = {
        None if _stranger_signs(one) else frozenset(map(label, one.signing)) for one in evidence
    }
    return found.pop() if len(found) == 1 else None


def _stranger_signs(evidence: Evidence) -> bool:
    """Whether a key-signing key that IANA does not publish signs too: it may be what is trusted.

    A signature whose key is not there validates nothing.
    """
    claimed = {(s.key_tag, s.algorithm) for s in evidence.observation.signatures}
    return any(
        (key_tag(key), key.algorithm) in claimed
        for key in evidence.observation.keys
        if key.flags & Flag.SEP
        and not key.flags & Flag.REVOKE
        and key_tag(key) in evidence.unknown_sep_tags
    )
