"""One of 26 servers lies, or somebody on the way does: the others decide, and a person is told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset
import pytest
from dns.dnssectypes import Algorithm

from tests.lab import liar, zone
from tests.lab.keys import zsk
from tests.lab.liar import Says, lying
from tests.lab.nameserver import Endpoint
from tests.lab.relay import Front, Packets, Path, Tcp, relaying
from tests.networks.fleet import COUNT, SLACK, fleet, seen, told
from tests.networks.lab import APEX, KSK, OTHER, SPARE, TWO_DAYS_OLD

HONEST = liar.answers(APEX)
WHERE = 11
PATIENCE = 1.5
LARGEST = 0xFFFF


def padded(apex: zone.Apex) -> Says:
    """The true answer, and text behind it until 64 kB are full."""

    def says(query: dns.message.QueryMessage) -> Sequence[bytes]:
        response = dns.message.make_response(query)
        response.answer.extend(apex.rrsets)
        # The owner, the root, is one octet, and ten more come before the strings.
        room = LARGEST - len(response.to_wire(max_size=LARGEST)) - 11
        strings = [b"x" * 255] * (room // 256)
        strings += [b"x" * (room % 256 - 1)] if room % 256 else []
        text = dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
        response.additional.append(dns.rrset.from_rdata(dns.name.root, 60, text))
        return [response.to_wire(max_size=LARGEST)]

    return says


def flood(query: dns.message.QueryMessage) -> Sequence[bytes]:
    """64 kB of DNSKEYs, with the true RRSIG."""
    response = dns.message.make_response(query)
    key = APEX.dnskeys[0]
    keys = [key.replace(key=number.to_bytes(2) + key.key[2:]) for number in range(828)]
    response.answer.append(dns.rrset.from_rdata_list(dns.name.root, 172800, keys))
    rrsigs = APEX.rrsig_rrset
    assert rrsigs is not None
    response.answer.append(rrsigs)
    return [response.to_wire(max_size=LARGEST)]


def with_ad(says: Says) -> Says:
    """A resolver that calls whatever it says authentic."""

    def lies(query: dns.message.QueryMessage) -> Sequence[bytes]:
        messages = [dns.message.from_wire(wire) for wire in says(query)]
        for message in messages:
            message.flags |= dns.flags.AD | dns.flags.RA
        return [message.to_wire(max_size=LARGEST) for message in messages]

    return lies


@dataclass(frozen=True, kw_only=True)
class Lie:
    """What one server says, and what becomes of it.

    Attributes:
        udp, tcp: what it says.
        on_the_way: what becomes of its TCP.
        row: outcome, transport, tries.
        finding: check and severity; ``None`` where it does no harm.
        late: the run waits for it until its patience ends.
    """

    udp: Says
    tcp: Says | None = None
    on_the_way: Tcp = Tcp.OPEN
    row: tuple[str, str, int]
    finding: tuple[str, str] | None
    late: bool = False


SERVER, SILENT = ("rootzone.server", "alarm"), ("rootzone.silent", "warning")
NO_MORE_THAN_UDP = liar.truncated()

LIES = {
    "stripped": Lie(udp=liar.answers(APEX.stripped()), row=("unsigned", "udp", 1), finding=SERVER),
    "stripped, with AD": Lie(
        udp=with_ad(liar.answers(APEX.stripped())), row=("unsigned", "udp", 1), finding=SERVER
    ),
    "unsigned by any KSK": Lie(
        udp=liar.answers(
            zone.signed(
                [KSK, SPARE, zsk("zsk", Algorithm.ECDSAP256SHA256)],
                by=[zsk("zsk", Algorithm.ECDSAP256SHA256)],
            )
        ),
        row=("untrusted", "udp", 1),
        finding=SERVER,
    ),
    "forged": Lie(udp=liar.answers(APEX.forged()), row=("untrusted", "udp", 1), finding=SERVER),
    "other key": Lie(udp=liar.answers(OTHER), row=("untrusted", "udp", 1), finding=SERVER),
    "other key, with AD": Lie(
        udp=with_ad(liar.answers(OTHER)), row=("untrusted", "udp", 1), finding=SERVER
    ),
    "NXDOMAIN": Lie(udp=liar.rcode(dns.rcode.NXDOMAIN), row=("nxdomain", "udp", 1), finding=SERVER),
    "nothing in it": Lie(
        udp=liar.rcode(dns.rcode.NOERROR), row=("no-dnskey", "udp", 1), finding=SERVER
    ),
    "REFUSED": Lie(udp=liar.rcode(dns.rcode.REFUSED), row=("refused", "udp", 1), finding=SILENT),
    "wrong ID": Lie(
        udp=liar.wrong_id(HONEST), row=("timeout", "udp", 2), finding=SILENT, late=True
    ),
    "garbage": Lie(udp=liar.garbage, row=("timeout", "udp", 2), finding=SILENT, late=True),
    "garbage over TCP": Lie(
        udp=NO_MORE_THAN_UDP,
        tcp=liar.garbage,
        row=("malformed", "tcp", 1),
        finding=SILENT,
    ),
    "wrong ID over TCP": Lie(
        udp=NO_MORE_THAN_UDP,
        tcp=liar.wrong_id(liar.answers(OTHER)),
        row=("malformed", "tcp", 1),
        finding=SILENT,
    ),
    "64 kB of keys over TCP": Lie(
        udp=NO_MORE_THAN_UDP, tcp=flood, row=("malformed", "tcp", 1), finding=SILENT
    ),
    "the truth in 64 kB over TCP": Lie(
        udp=NO_MORE_THAN_UDP, tcp=padded(APEX), row=("verified", "tcp", 1), finding=None
    ),
    "a byte a second": Lie(
        udp=NO_MORE_THAN_UDP,
        tcp=HONEST,
        on_the_way=Tcp.DRIPPING,
        row=("timeout", "tcp", 1),
        finding=SILENT,
        late=True,
    ),
}


@contextlib.contextmanager
def one_lies(lie: Lie, servers: list[Endpoint]) -> Iterator[list[Front]]:
    """The fleet, with the liar in the place of one."""
    with lying(lie.udp, lie.tcp) as server:
        paths = fleet(servers)
        tcp = Tcp.REFUSED if lie.tcp is None else lie.on_the_way
        paths[WHERE] = replace(paths[WHERE], behind=server.endpoint, tcp=tcp)
        with relaying(paths) as fronts:
            yield fronts


@pytest.mark.parametrize("story", LIES)
def test_one_of_26_lies(story: str, servers: list[Endpoint], source: FilePath) -> None:
    lie = LIES[story]
    with one_lies(lie, servers) as fronts:
        run = seen(source, fronts)
    assert (run.code, run.report["verdict"]) == (0, "verified")
    assert run.rows[WHERE] == lie.row
    assert [row for index, row in enumerate(run.rows) if index != WHERE] == [
        ("verified", "udp", 1)
    ] * (COUNT - 1)
    found = [(one["check"], one["severity"]) for one in run.report["findings"]]
    attention = [one for one in found if one[1] in {"warning", "alarm"}]
    assert attention == ([] if lie.finding is None else [lie.finding])
    if lie.finding is not None:
        assert str(fronts[WHERE]) in run.attention[lie.finding[0]]
    # Nothing that the liar said is said of a key.
    assert [(row["published"], row["signing"]) for row in run.report["anchors"]] == [
        (True, True),
        (True, False),
    ]
    assert run.servers[WHERE]["signed_by"] == ([KSK.tag] if lie.finding is None else [])
    assert run.seconds < (PATIENCE if lie.late else 0.5) + SLACK


def test_64_kb_are_64_kb() -> None:
    query = dns.message.make_query(".", dns.rdatatype.DNSKEY)
    assert [len(wire) for wire in padded(APEX)(query)] == [LARGEST]
    assert len(flood(query)[0]) > LARGEST - 2000


@pytest.mark.parametrize("story", ["stripped", "other key"])
def test_a_lie_is_no_agreement(story: str, servers: list[Endpoint], source: FilePath) -> None:
    with one_lies(LIES[story], servers) as fronts:
        text = told(source, fronts, "-v")
    assert "26 of 26 answered, NOT all with the same signed RRset" in text
    # Side by side with the others, in the table.
    (row,) = [line for line in text.splitlines() if str(fronts[WHERE]) in line and " udp " in line]
    assert LIES[story].row[0] in row
    assert "*" not in row


def test_a_refusal_does_not_break_the_agreement(servers: list[Endpoint], source: FilePath) -> None:
    with one_lies(LIES["REFUSED"], servers) as fronts:
        text = told(source, fronts)
    assert "25 of 26 answered, all the same RRset" in text


def test_two_rrsets_both_validly_signed_are_shown_side_by_side(
    servers: list[Endpoint], source: FilePath
) -> None:
    lie = Lie(udp=liar.answers(TWO_DAYS_OLD), row=("verified", "udp", 1), finding=None)
    with one_lies(lie, servers) as fronts:
        run, text = seen(source, fronts), told(source, fronts)
    assert (run.code, run.rows) == (0, [("verified", "udp", 1)] * COUNT)
    (check, found), *more = run.attention.items()
    assert (check, more) == ("rootzone.agreement", [])
    message, _, got = found.partition(" | ")
    assert message == "the servers give 2 different DNSKEY RRsets, each validly signed"
    most, few = got.split("; ")
    tags = [" ".join(map(str, sorted(row["key_tags"]))) for row in run.servers]
    assert tags[WHERE] != tags[0]
    assert most.startswith(f"{tags[0]} from ")
    assert few == f"{tags[WHERE]} from {fronts[WHERE]}"
    assert "26 of 26 answered, NOT all with the same signed RRset" in text


def test_everybody_lies(source: FilePath) -> None:
    """A network that answers for all of them, with a root of its own."""
    with (
        lying(with_ad(liar.answers(OTHER))) as server,
        relaying(fleet([server.endpoint])) as fronts,
    ):
        run, text = seen(source, fronts), told(source, fronts)
    assert (run.code, run.report["verdict"]) == (1, "not-trusted")
    assert run.rows == [("untrusted", "udp", 1)] * COUNT
    assert "26 untrusted" in run.findings("failure")["rootzone.signature"]
    assert [row["emitted"] for row in run.report["anchors"]] == [False, False]
    assert "NOT all with the same signed RRset" in text
    assert run.seconds < 0.5 + SLACK


# Packets from off the path


def with_other_id(query: bytes) -> Sequence[bytes]:
    """Guesses at the ID: all but right."""
    wire = _answer_to(query)
    message_id = int.from_bytes(query[:2])
    return [(message_id ^ guess).to_bytes(2) + wire[2:] for guess in (1, 0x8000)]


def with_right_id(query: bytes) -> Sequence[bytes]:
    return [_answer_to(query)]


def with_other_question(query: bytes) -> Sequence[bytes]:
    parsed = dns.message.from_wire(query)
    assert isinstance(parsed, dns.message.QueryMessage)
    return liar.other_question(OTHER)(parsed)


def garbage(query: bytes) -> Sequence[bytes]:
    parsed = dns.message.from_wire(query)
    assert isinstance(parsed, dns.message.QueryMessage)
    return [*liar.garbage(parsed), *liar.noise(parsed), b"", query]


def _answer_to(query: bytes) -> bytes:
    parsed = dns.message.from_wire(query)
    assert isinstance(parsed, dns.message.QueryMessage)
    return liar.answers(OTHER)(parsed)[0]


def spoofed(
    servers: list[Endpoint], *, own: Packets | None = None, elsewhere: Packets | None = None
) -> list[Path]:
    """Spoofed packets are there long before the true answer, on every way."""
    return [
        replace(path, delay=0.1, spoof=own, spoof_elsewhere=elsewhere) for path in fleet(servers)
    ]


@pytest.mark.parametrize(
    ("own", "elsewhere"),
    [(with_other_id, None), (with_other_question, None), (garbage, None), (None, with_right_id)],
    ids=["wrong ID", "another question", "garbage", "from another port, with the right ID"],
)
def test_spoofed_packets_never_count(
    own: Packets | None, elsewhere: Packets | None, servers: list[Endpoint], source: FilePath
) -> None:
    with relaying(spoofed(servers, own=own, elsewhere=elsewhere)) as fronts:
        run = seen(source, fronts)
        assert all(front.spoofed >= 1 for front in fronts)
        # Not even a second question was put for them.
        assert [front.over_udp for front in fronts] == [1] * COUNT
    assert (run.code, run.attention) == (0, {})
    assert run.rows == [("verified", "udp", 1)] * COUNT
    assert {tuple(row["signed_by"]) for row in run.servers} == {(KSK.tag,)}
    assert run.seconds < 0.5 + SLACK


def test_a_packet_spoofed_in_every_detail_is_still_not_signed(
    servers: list[Endpoint], source: FilePath
) -> None:
    """On the path, ID and port are known: then the signature is what stands."""
    paths = fleet(servers)
    paths[WHERE] = replace(paths[WHERE], delay=0.1, spoof=with_right_id)
    with relaying(paths) as fronts:
        run = seen(source, fronts)
    assert run.rows[WHERE] == ("untrusted", "udp", 1)
    assert [*run.attention] == ["rootzone.server"]
    assert run.code == 0


def test_refusals_do_not_shorten_the_wait_for_an_answer(
    servers: list[Endpoint], source: FilePath
) -> None:
    """What counts as having answered enough is what can be used."""
    with (
        lying(liar.rcode(dns.rcode.REFUSED)) as server,
        relaying(
            [
                Path(behind=server.endpoint),
                Path(behind=server.endpoint),
                Path(behind=servers[0], delay=1.9),
            ]
        ) as fronts,
    ):
        run = seen(source, fronts)
    assert (run.code, run.report["verdict"]) == (0, "verified")
    assert [row[0] for row in run.rows] == ["refused", "refused", "verified"]
