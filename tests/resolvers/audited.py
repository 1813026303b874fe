"""What the audit says of the resolver that is started with a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from anchors.auditing.judge.audit import judge
from anchors.auditing.judge.verdict import in_the_way
from anchors.auditing.result import JudgedResolver, Outcome, Standing
from anchors.auditing.scan.look import Look
from anchors.auditing.scan.tree import scan
from anchors.consumers.pdns.findings import FOR_SOME
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.keys import KeyState
from anchors.core.match import digests_of
from anchors.pipeline.root_keys import RootKey, Signer, VerifiedKeys
from tests.resolvers.keys import key
from tests.resolvers.tree import Tree

__all__ = ["Said", "lab_keys", "said_of"]

# By program: the consumer, and the configurations that it looks for, the first one it finds.
_STARTED_WITH: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "unbound": ("unbound", ("etc/unbound/unbound.conf",)),
    "named": ("bind", ("etc/bind/named.conf",)),
    "kresd": ("knot", ("etc/knot-resolver/kresd.conf",)),
    "kresctl": ("knot", ("etc/knot-resolver/config.yaml",)),
    "pdns_recursor": ("pdns", ("etc/powerdns/recursor.yml", "etc/powerdns/recursor.conf")),
    "dnsmasq": ("dnsmasq", ("etc/dnsmasq.conf",)),
    "systemd-resolved": ("resolved", ()),
    "stubby": ("getdns", ("etc/stubby/stubby.yml",)),
}


class Said(NamedTuple):
    """What the audit says of one resolver.

    Attributes:
        outcome: what becomes of it.
        starts: whether it starts; ``None``: undecided.
        validates: whether it validates with the anchors that it holds; ``None``: undecided.
        holds: the lab's keys among the anchors in force, by their letters.
        built_in: it has the keys that are built into it, which the audit has not seen.
        words: why.
        for_some: it validates for the clients alone that ask for it.
        unmet: what nobody can tell of it from its files, "" for nothing.
    """

    outcome: Outcome
    starts: bool | None
    validates: bool | None
    holds: frozenset[str]
    built_in: bool
    words: str
    for_some: bool = False
    unmet: str = ""


def lab_keys(at: datetime) -> VerifiedKeys:
    """The lab's keys as if they had been verified: both are published, B has succeeded A."""
    keys = tuple(_root_key(letter) for letter in "AB")
    return VerifiedKeys(at, keys, (Signer(keys[1], None, planned=False),), ())


def _root_key(letter: str) -> RootKey:
    one = key(letter)
    digests = tuple(digests_of(one.flags, one.algorithm, one.public_key))
    signs = letter == "B"
    state = KeyState.CURRENT
    return RootKey(letter, one.tag, one.algorithm, state, digests, one.public_key, signing=signs)


def said_of(program: str, tree: Tree, root: Path, keys: VerifiedKeys) -> Said | None:
    """What the audit says of the program, given the tree below ``root``; ``None``: nothing."""
    tree.write(root)
    (scanned,) = scan([root], Look(keys.at), progress=lambda _files, _size: None)
    (host,) = judge([scanned], keys).hosts
    one = _started(program, tree, host.resolvers)
    return None if one is None else _said(one)


def _started(
    program: str, tree: Tree, resolvers: tuple[JudgedResolver, ...]
) -> JudgedResolver | None:
    """The resolver that the program's own start would be; none where the audit tells of none."""
    consumer, paths = _STARTED_WITH[program]
    own = [one for one in resolvers if one.loaded.consumer == consumer]
    for path in paths:
        for one in own:
            configuration = one.loaded.configuration
            if configuration is not None and f"/{configuration.path}" == tree.real(f"/{path}"):
                return one
    return own[0] if own and not paths else None


def _said(one: JudgedResolver) -> Said:
    held = {
        judged.name
        for _, judged in one.anchors
        if judged.held.effective and judged.standing is Standing.CURRENT
    }
    loaded = one.loaded
    return Said(
        one.outcome,
        loaded.starts,
        loaded.validates,
        frozenset(held),
        loaded.built_in is not None,
        one.summary,
        any(note.finding.message == FOR_SOME.message for _, note in one.notes),
        next(_unmet(one), ""),
    )


def _unmet(one: JudgedResolver) -> Iterator[str]:
    """The findings that leave it undecided, the gravest first."""
    told = [note for _, note in one.loaded.notes]
    doubts = (note for note in told if note.finding.check is Check.AUDIT_VALIDATION)
    for note in (*in_the_way(told), *doubts):
        if note.finding.severity is not Severity.NOTICE:
            yield f"{note.finding.message} [{note.finding.got or ''}]"
