"""Resolvers that answer as a story says, over loopback; and what asking makes of them."""

from __future__ import annotations

import atexit
import contextlib
import functools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from anchors.asking.questions import Choice
from anchors.asking.result import Asked
from anchors.asking.run import ask
from anchors.asking.verdict import ResolverVerdict
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import Server
from anchors.pipeline.request import Request
from tests.lab.keys import ksk, zsk
from tests.lab.liar import Says, lying
from tests.lab.zone import Apex, signed
from tests.live.lab_root import key_digest, published
from tests.simulator.times import AT

__all__ = [
    "BOTH_SIGN",
    "CHOICE",
    "NEW",
    "NEW_SIGNS",
    "OLD",
    "OLD_SIGNS",
    "Resolver",
    "asked",
    "request_for_lab",
    "told",
]

OLD, NEW, ZSK = ksk("asked old"), ksk("asked new"), zsk("asked zsk")
OLD_SIGNS = signed([OLD, NEW, ZSK], by=[OLD])
NEW_SIGNS = signed([OLD, NEW, ZSK], by=[NEW])
BOTH_SIGN = signed([OLD, NEW, ZSK], by=[OLD, NEW])
CHOICE = Choice(zone="plain.", good="www.good.", bogus="www.bogus.")


@dataclass
class Resolver:
    """A resolver that validates well, but for what a story changes.

    Attributes:
        apex: the root's keys as they are served.
        held: the root's keys as it holds them, where it has older ones.
        trusted: the keys it trusts, by tag.
        usable: whether it has a right anchor for a key that signs.
        sentinel: whether it has the sentinel.
        validates: whether it validates anything.
        marks: whether it sets AD in the n-th reply of one type to names of one parent, where it
            may set AD: a query that is sent again is the same one.
        refuses_forged: whether what does not validate is SERVFAIL.
        cached: the names that it answers from its cache, marked, whatever its anchors are.
        honours_cd: whether CD switches validation off.
        do_passes: whether what is asked with DO passes unvalidated.
        needs_flag: whether it validates only what is asked with AD or DO.
        local_root: whether it answers for the root itself, from a copy.
        exempt: the zones that it does not validate.
        rewrites: whether it makes addresses out of names that do not exist.
        keeps_verdicts: whether the sentinel's verdict is kept with the name.
        recursive: the RA flag of its good answers.
        told: the tags that it tells over CH TXT.
    """

    apex: Apex = NEW_SIGNS
    held: Apex | None = None
    trusted: frozenset[int] = frozenset({OLD.tag, NEW.tag})
    usable: bool = True
    sentinel: bool = True
    validates: bool = True
    marks: Callable[[int], bool] = lambda _number: True
    refuses_forged: bool = True
    cached: tuple[str, ...] = ()
    honours_cd: bool = True
    do_passes: bool = False
    needs_flag: bool = False
    local_root: bool = False
    exempt: tuple[str, ...] = ()
    rewrites: bool = False
    keeps_verdicts: bool = False
    recursive: bool = True
    told: tuple[int, ...] = ()
    _asked: defaultdict[object, list[int]] = field(default_factory=lambda: defaultdict(list))
    _kept: dict[str, bool] = field(default_factory=dict)

    def __call__(self, query: dns.message.QueryMessage) -> Sequence[bytes]:
        """The reply, as :class:`tests.lab.liar.Says` has it."""
        response = dns.message.make_response(query, recursion_available=self.recursive)
        (question,) = query.question
        name = question.name.to_text().lower()
        if question.rdclass != dns.rdataclass.IN:
            self._tell(response, name)
        elif self._is_local(name):
            self._answer(response, name, question.rdtype, self.held or self.apex)
            response.flags |= dns.flags.AA
        elif not self._is_validated(query, name):
            self._answer(response, name, question.rdtype, self.apex)
        else:
            self._validated(response, name, question.rdtype)
        return [response.to_wire(max_size=0xFFFF)]

    def _is_local(self, name: str) -> bool:
        return self.local_root and name == "."

    def _is_validated(self, query: dns.message.Message, name: str) -> bool:
        do = bool(query.ednsflags & dns.flags.DO)
        if not self.validates or any(name.endswith(zone) for zone in self.exempt):
            return False
        if self.honours_cd and query.flags & dns.flags.CD:
            return False
        if do and self.do_passes:
            return False
        return bool(do or query.flags & dns.flags.AD) or not self.needs_flag

    def _validated(
        self, response: dns.message.Message, name: str, rdtype: dns.rdatatype.RdataType
    ) -> None:
        forged = name.endswith("bogus.")
        good = (self.usable or name in self.cached) and not forged
        if good and self._altered(name):
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        if not good and self.refuses_forged:
            response.set_rcode(dns.rcode.SERVFAIL)
            response.flags &= ~dns.flags.RA
            return
        self._answer(response, name, rdtype, self.held or self.apex)
        rewritten = self.rewrites and name.endswith(".plain.")
        if good and not rewritten and self.marks(self._number(response.id, name, rdtype)):
            response.flags |= dns.flags.AD

    def _number(self, query_id: int, name: str, rdtype: dns.rdatatype.RdataType) -> int:
        """How many other queries of this type there were for names of this parent before."""
        queries = self._asked[name.partition(".")[2], rdtype]
        if query_id not in queries:
            queries.append(query_id)
        return queries.index(query_id)

    def _altered(self, name: str) -> bool:
        """RFC 8509 2.2."""
        label = name.partition(".")[0]
        if not (self.sentinel and label.startswith("root-key-sentinel-")):
            return False
        tag = int(label[-5:])
        altered = (tag in self.trusted) is ("-not-ta-" in label)
        return self._kept.setdefault(name, altered) if self.keeps_verdicts else altered

    def _answer(
        self,
        response: dns.message.Message,
        name: str,
        rdtype: dns.rdatatype.RdataType,
        apex: Apex,
    ) -> None:
        if rdtype == dns.rdatatype.DNSKEY:
            response.answer.extend(apex.rrsets)
        elif rdtype == dns.rdatatype.SOA:
            soa = "a.rootfake. hostmaster.rootfake. 1 1800 900 604800 300"
            response.answer.append(dns.rrset.from_text(name, 300, "IN", "SOA", soa))
        elif name.endswith(".plain.") and not self.rewrites:
            response.set_rcode(dns.rcode.NXDOMAIN)
        else:
            response.answer.append(dns.rrset.from_text(name, 300, "IN", "A", "192.0.2.80"))

    def _tell(self, response: dns.message.Message, name: str) -> None:
        if not self.told or name != "trustanchor.unbound.":
            response.set_rcode(dns.rcode.REFUSED)
            return
        text = f'". {" ".join(map(str, self.told))}"'
        response.answer.append(dns.rrset.from_text(name, 0, "CH", "TXT", text))


@functools.cache
def request_for_lab() -> Request:
    """The request to verify a publication of the two lab keys, which is there until the end."""
    place = _STACK.enter_context(tempfile.TemporaryDirectory(prefix="asked-"))
    source = published(Path(place), key_digest(OLD), key_digest(NEW))
    return Request(
        policy=VerificationPolicy(at=AT),
        source=str(source),
        dns="none",
        ca_file=source / "ca.pem",
        at_given=True,
    )


_STACK = contextlib.ExitStack()
atexit.register(_STACK.close)


def asked(*servers: Server, choice: Choice = CHOICE, timeout: float = 30.0) -> Asked:
    """All that asking them comes to."""
    return ask(replace(request_for_lab(), timeout=timeout), servers, choice)


def told(udp: Says, tcp: Says | None = None, *, choice: Choice = CHOICE) -> ResolverVerdict:
    """The verdict on a resolver that says this."""
    with lying(udp, tcp) as liar:
        (verdict,) = asked(Server(liar.endpoint.host, liar.endpoint.port), choice=choice).resolvers
    return verdict
