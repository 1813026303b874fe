"""Chains that do not hold beside one that does: one good signature must not hide a bad one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.keys import KeyDigest, label
from anchors.core.records import key_tag
from anchors.pipeline.crosscheck import CrossCheck, ServerEvidence
from anchors.rootzone.rrset import observe

__all__ = ["chain_findings"]


def chain_findings(checked: CrossCheck) -> Iterator[Finding]:
    """An alarm for each key of the document that is there with a signature that does not hold."""
    broken = defaultdict[tuple[int, int], list[str]](list)
    for server in checked.servers:
        if server.outcome == "verified":
            for name in _broken(server):
                broken[name].append(server.answer.server)
    for row in checked.keys:
        key = row.key
        if isinstance(key, KeyDigest) and row.published:
            servers = broken.get((key.key_tag, key.algorithm))
            if servers:
                yield _alarm(label(key), servers)


def _broken(server: ServerEvidence) -> Iterator[tuple[int, int]]:
    """Tag and algorithm of each key whose signature is in the answer, and does not hold."""
    seen = observe(server.answer)
    # Where two keys have one tag, nobody knows whose the signature is.
    keys = Counter((key_tag(key), int(key.algorithm)) for key in seen.keys)
    for name in sorted({(s.key_tag, int(s.algorithm)) for s in seen.signatures}):
        if keys[name] == 1 and name[0] not in server.signed_by:
            yield name


def _alarm(name: str, servers: list[str]) -> Finding:
    return Finding(
        Check.ROOTZONE_CHAIN,
        Severity.ALARM,
        f"the signature of {name} over the root's keys does not hold, though another one does",
        got=f"an RRSIG that {name} does not validate ({', '.join(servers)})",
        want="a valid RRSIG, or none",
        remedy="look at the clock; compare with another network: what trusts this key alone fails",
    )
