"""What one answer says: the DNSKEY RRset, and which keys sign it (RFC 4035 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rdtypes.ANY.RRSIG
import dns.rrset
import dns.zonefile
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors.core import records
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.keys import DocumentKey, TrustAnchors
from anchors.core.servers import ServerAnswer

__all__ = ["Evidence", "Observation", "answer_from_text", "judge", "observe"]

# The root has had at most five keys and two signatures.
_MAX_RECORDS = 32
# More signatures with one key tag than any roll needs: the rest is not looked at.
_MAX_SIGNATURES = 8


class Observation(NamedTuple):
    """What a server showed; ``keys`` is empty where it showed no DNSKEY RRset.

    ``failure`` is a word for why there is none: ``timeout``, ``refused``, ``no-dnskey`` ...
    """

    answer: ServerAnswer
    keys: tuple[DNSKEY, ...]
    signatures: tuple[dns.rdtypes.ANY.RRSIG.RRSIG, ...]
    failure: str | None

    @property
    def content(self) -> tuple[frozenset[DNSKEY], frozenset[dns.rdtypes.ANY.RRSIG.RRSIG]]:
        """RRset and signatures without their order: two answers with equal content agree."""
        return frozenset(self.keys), frozenset(self.signatures)

    @property
    def signed(self) -> tuple[str, ...]:
        """Each signature in words: whose it claims to be, and for which time."""
        return tuple(
            f"{s.key_tag} ({_day(s.inception)} to {_day(s.expiration)})" for s in self.signatures
        )


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def observe(answer: ServerAnswer) -> Observation:
    """Take a server's message apart; whatever is wrong with it becomes the ``failure``."""
    if answer.wire is None:
        return Observation(answer, (), (), answer.failure)
    try:
        message = dns.message.from_wire(answer.wire)
        failure = _fault(message)
        if failure is not None:
            return Observation(answer, (), (), failure)
        keys = _rdatas(message, dns.rdatatype.DNSKEY)
        signatures = _rdatas(message, dns.rdatatype.RRSIG)
        # A flood of keys and signatures only costs time (CVE-2023-50387).
        if max(len(keys), len(signatures)) > _MAX_RECORDS:
            return Observation(answer, (), (), "malformed")
    except records.DNS_ERRORS:
        return Observation(answer, (), (), "malformed")
    return Observation(
        answer,
        tuple(key for key in keys if isinstance(key, DNSKEY)),
        tuple(s for s in signatures if isinstance(s, dns.rdtypes.ANY.RRSIG.RRSIG)),
        None if keys else "no-dnskey",
    )


def _fault(message: dns.message.Message) -> str | None:
    asked = [(q.name, q.rdtype, q.rdclass) for q in message.question]
    wanted = (dns.name.root, dns.rdatatype.DNSKEY, dns.rdataclass.IN)
    if not message.flags & dns.flags.QR or asked != [wanted]:
        return "malformed"
    if message.rcode() != dns.rcode.NOERROR:
        return dns.rcode.to_text(message.rcode()).lower()
    if message.flags & dns.flags.TC:
        return "truncated"
    return None


def _rdatas(
    message: dns.message.Message, rdtype: dns.rdatatype.RdataType
) -> Sequence[dns.rdata.Rdata]:
    covers = dns.rdatatype.DNSKEY if rdtype == dns.rdatatype.RRSIG else dns.rdatatype.NONE
    rrset = message.get_rrset(message.answer, dns.name.root, dns.rdataclass.IN, rdtype, covers)
    return list(rrset or ())


def answer_from_text(text: str, observed_at: datetime) -> ServerAnswer:
    """An answer made from an RRset with its RRSIGs as zone-file text (``--dns FILE``).

    Raises:
        UsageError: the text is not such an RRset.
    """
    try:
        rrsets = dns.zonefile.read_rrsets(text, rdclass=None, default_ttl=records.DNSKEY_TTL)
        query = dns.message.make_query(dns.name.root, dns.rdatatype.DNSKEY, id=0)
        message = dns.message.make_response(query)
        message.answer = [
            rrset
            for rrset in rrsets
            if rrset.name == dns.name.root and dns.rdatatype.DNSKEY in (rrset.rdtype, rrset.covers)
        ]
    except records.DNS_ERRORS as error:
        raise _bad_text(f"{type(error).__name__}: {error}") from error
    if not message.answer:
        raise _bad_text("no DNSKEY records of the root")
    most = max(map(len, message.answer))
    if most > _MAX_RECORDS:
        raise _bad_text(f"{most} keys or signatures: more than {_MAX_RECORDS}")
    try:
        # Unshuffled: the same file gives the same bytes.
        wire = message.to_wire(want_shuffle=False)
    except records.DNS_ERRORS as error:
        raise _bad_text("more than the 65535 bytes of a DNS message") from error
    return ServerAnswer("file", 0, "file", observed_at, wire)


def _bad_text(got: str) -> UsageError:
    return UsageError(
        Check.USAGE,
        "the file given with --dns does not contain the root's DNSKEY RRset",
        got=got,
        want="DNSKEY and RRSIG records of the root as zone-file text",
        remedy="make one with: dig +dnssec +noall +answer . DNSKEY > FILE",
    )


class Evidence(NamedTuple):
    """An RRset held against the document, each key tried by itself.

    Attributes:
        observation: the answer this is about.
        published: the keys of the document that are in the RRset, revoked or not.
        signing: those whose signature over the RRset holds, without REVOKE.
        revoked: those with REVOKE whose own signature holds: truly revoked (RFC 5011 2.1).
        revoke_unsigned: those with REVOKE that do not sign.
        revoked_tags: both of the last two, with the tags they have by the REVOKE bit.
        unknown_sep_tags: tags of SEP keys that no KeyDigest of the document stands for.
        sorted_keys: tag and flags of every key of the RRset, and whether it signs, sorted.
    """

    observation: Observation
    published: frozenset[DocumentKey]
    signing: frozenset[DocumentKey]
    revoked: frozenset[DocumentKey]
    revoke_unsigned: frozenset[DocumentKey]
    revoked_tags: frozenset[tuple[DocumentKey, int]]
    unknown_sep_tags: tuple[int, ...]
    sorted_keys: tuple[tuple[int, int, bool], ...]

    @property
    def key_tags(self) -> tuple[int, ...]:
        """The tags of all keys of the RRset, sorted."""
        return tuple(tag for tag, _, _ in self.sorted_keys)

    @property
    def flags(self) -> tuple[int, ...]:
        """The flags of all keys, in the order of their tags."""
        return tuple(flags for _, flags, _ in self.sorted_keys)

    @property
    def signs(self) -> tuple[bool, ...]:
        """Whether each key is of the document and signs, in the order of their tags."""
        return tuple(signs for _, _, signs in self.sorted_keys)


def judge(observations: Iterable[Observation], document: TrustAnchors) -> list[Evidence]:
    """Hold each RRset against the document; answers with the same content are judged once."""
    known: dict[object, Evidence] = {}
    evidence = []
    for observation in observations:
        content = (observation.content, observation.answer.observed_at)
        if content not in known:
            known[content] = _judge(observation, document)
        evidence.append(known[content]._replace(observation=observation))
    return evidence


def _judge(observation: Observation, document: TrustAnchors) -> Evidence:
    published: set[DocumentKey] = set()
    signing: set[DocumentKey] = set()
    revoked: set[DocumentKey] = set()
    revoke_unsigned: set[DocumentKey] = set()
    revoked_tags: set[tuple[DocumentKey, int]] = set()
    unknown: list[int] = []
    signers: set[DNSKEY] = set()
    tags = {dnskey: records.key_tag(dnskey) for dnskey in observation.keys}
    for dnskey in observation.keys:
        if not dnskey.flags & records.Flag.SEP:
            continue
        keys = _keys_of(dnskey, document)
        if not keys:
            unknown.append(tags[dnskey])
        published |= keys
        signs = bool(keys) and _is_signed_by(observation, dnskey)
        if dnskey.flags & records.Flag.REVOKE:
            (revoked if signs else revoke_unsigned).update(keys)
            revoked_tags |= {(key, tags[dnskey]) for key in keys}
        elif signs:
            signing |= keys
            signers.add(dnskey)
    return Evidence(
        observation,
        frozenset(published),
        frozenset(signing),
        frozenset(revoked),
        frozenset(revoke_unsigned),
        frozenset(revoked_tags),
        tuple(sorted(unknown)),
        tuple(sorted((tag, int(key.flags), key in signers) for key, tag in tags.items())),
    )


def _keys_of(dnskey: DNSKEY, document: TrustAnchors) -> set[DocumentKey]:
    """The document's entries for ``dnskey``, revoked or not: by its DS, not by its tag."""
    unrevoked = records.without_revoke(dnskey)
    digests = {kind: records.ds_digest(unrevoked, kind) for kind in records.DIGEST_LENGTHS}
    return {
        key
        for key in document.keys
        if key.algorithm == dnskey.algorithm and (key.digest_type, key.digest) in digests.items()
    }


def _is_signed_by(observation: Observation, dnskey: DNSKEY) -> bool:
    """Whether ``dnskey`` by itself validates the RRset at the time of the answer.

    ``dnskey`` is one of the RRset's own (RFC 4035 5.3.1); it is tried alone, so that one good
    key never hides another.
    """
    tag = records.key_tag(dnskey)
    rrset = dns.rrset.from_rdata_list(dns.name.root, records.DNSKEY_TTL, list(observation.keys))
    keys = {dns.name.root: dns.rdataset.from_rdata_list(records.DNSKEY_TTL, [dnskey])}
    now = observation.answer.observed_at.timestamp()
    mine = [
        s for s in observation.signatures if (s.key_tag, s.algorithm) == (tag, dnskey.algorithm)
    ]
    return any(_validates(rrset, signature, keys, now) for signature in mine[:_MAX_SIGNATURES])


def _validates(
    rrset: dns.rrset.RRset,
    signature: dns.rdtypes.ANY.RRSIG.RRSIG,
    keys: dict[dns.name.Name, dns.rdataset.Rdataset],
    now: float,
) -> bool:
    try:
        dns.dnssec.validate_rrsig(rrset, signature, keys, now=now)  # type: ignore[arg-type]
    except records.DNS_ERRORS:
        return False
    return True
