"""The argument of the ENS oracle: dnspython reads it back, and nothing else is taken."""

from __future__ import annotations

import dns.message
import dns.name
import dns.rdatatype
import pytest

from anchors.consumers.ens.content import content_of
from anchors.consumers.registry import consumer_named, find_formats
from anchors.core.found import MalformedAnchors
from anchors.pipeline.verify import example
from tests.unit.consumers.trees import AT, DS17, DS24

# A reply with two answers and no question.
HEADER = bytes.fromhex("000080000000000200000000")
(ROW,) = find_formats(["ens-oracle"])


def written() -> bytes:
    return ROW.write(example().emission)


def test_it_is_the_answer_section_of_a_message() -> None:
    wire = bytes.fromhex(written().decode().strip().removeprefix("0x"))
    (rrset,) = dns.message.from_wire(HEADER + wire).answer
    assert (rrset.name, rrset.rdtype, rrset.ttl) == (dns.name.root, dns.rdatatype.DS, 3600)
    assert [one.to_text().upper() for one in rrset] == [DS17, DS24]


def test_it_reads_back() -> None:
    content = content_of(written())
    digests = [getattr(one, "digest", b"").hex().upper() for one in content.anchors]
    assert digests == [DS17.split()[-1], DS24.split()[-1]]
    assert content.besides == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"0x0",
        written()[:-3],
        written().replace(b"0x00", b"0x0161 00".replace(b" ", b"")),
        written().replace(b"002b", b"0030", 1),
        written() + b"0x",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedAnchors):
        content_of(data)


def test_a_file_of_it_is_one_of_anchors_and_no_other_text_is() -> None:
    facet = consumer_named("ens").readers
    assert facet is not None
    (reader,) = facet.load()
    content = written()
    for each in (content, content.upper().replace(b"0X", b"0x")):
        reading = reader.read(each, "argument", AT)
        assert reading is not None
        assert [held.anchor for held in reading.held] == [*content_of(content).anchors]
    assert reader.read(b"const anchors = '" + content, "deploy.js", AT) is None
    with pytest.raises(MalformedAnchors):
        reader.read(content[:-5], "argument", AT)
