"""XML from outside: whole text, no DTD, no entities, bounded."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused
from anchors.grammars.xml import Schema, name_of, parse

SCHEMA = b"""
<grammar xmlns="http://relaxng.org/ns/structure/1.0"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><ref name="list"/></start>
  <define name="list">
    <element name="list"><oneOrMore><ref name="item"/></oneOrMore></element>
  </define>
  <define name="item"><element name="item"><data type="byte"/></element></define>
</grammar>
"""


def refusal(data: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        parse(data)
    return caught.value


class TestParse:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"<a>20326</a>", "20326"),
            (b"<a>203<!-- not -->26</a>", "20326"),
            (b"<a><!-- --><!-- -->20<?x y?>326<!-- --></a>", "20326"),
            (b"<a>203<![CDATA[26]]></a>", "20326"),
            (b"<a>&#x32;0326</a>", "20326"),
            (b"<a>&lt;&amp;</a>", "<&"),
            (b"<a>a\r\nb\rc</a>", "a\nb\nc"),
            (b"\xef\xbb\xbf<a>20326</a>", "20326"),
            ("<?xml version='1.0' encoding='UTF-16'?><a>20326</a>".encode("utf-16"), "20326"),
            ("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>".encode("latin-1"), "\xe9"),
            (b"<?xml version='1.0' standalone='yes'?>\n<!-- a --><a>1</a><!-- b --><?c?>\n", "1"),
        ],
    )
    def test_the_text_is_whole(self, data: bytes, text: str) -> None:
        root = parse(data)
        assert (root.text, len(root)) == (text, 0)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b" ",
            b"\0",
            b"text",
            b"<a>",
            b"<a/><b/>",
            b"<a/>text",
            b"text<a/>",
            b" <?xml version='1.0'?><a/>",
            b"<a><b></a></b>",
            b"<a b='1' b='2'/>",
            b"<a b=1/>",
            b"<a>&nbsp;</a>",
            b"<a>&#0;</a>",
            b"<a>\0</a>",
            b"<a>\xff</a>",
            b"<a>\x1b</a>",
            b"<x:a/>",
            b"<a>]]></a>",
            b"<!-- -- --><a/>",
            b"<?xml version='1.0' encoding='no-such'?><a/>",
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            b"\xff\xfe",
            b"\x1f\x8b\x08\x00",
            b"<a>" * 1000 + b"</a>" * 1000,
        ],
    )
    def test_what_is_not_well_formed(self, data: bytes) -> None:
        error = refusal(data)
        assert error.check is Check.DOCUMENT_WELL_FORMED
        assert error.got

    @pytest.mark.parametrize(
        "data",
        [
            b"<!DOCTYPE a><a/>",
            b"<!DOCTYPE html><html/>",
            b"<!DOCTYPE a []><a/>",
            b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            b"<!DOCTYPE a PUBLIC '-//x' 'http://127.0.0.1:9/x.dtd'><a/>",
            b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
            b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><a/>",
            b"<!DOCTYPE a [<!ELEMENT a ANY><!ATTLIST a b CDATA 'c'>]><a/>",
            b"<!-- first --><!DOCTYPE a><a/>",
        ],
    )
    def test_a_doctype(self, data: bytes) -> None:
        error = refusal(data)
        assert error.check is Check.DOCUMENT_DOCTYPE
        assert error.want == "no DOCTYPE"

    def test_entities_do_not_multiply(self) -> None:
        bomb = b"".join(
            b"<!ENTITY %c '%s'>" % (name, b"&%c;" % (name - 1) * 10 if name > ord("a") else b"ha")
            for name in range(ord("a"), ord("k"))
        )
        assert refusal(b"<!DOCTYPE a [%s]><a>&j;</a>" % bomb).check in {
            Check.DOCUMENT_DOCTYPE,
            Check.DOCUMENT_WELL_FORMED,
        }

    @pytest.mark.parametrize(
        "data",
        [
            b"<a>" + b"<b/>" * 200_000 + b"</a>",
            b"<a %s/>" % b" ".join(b"b%d='1'" % number for number in range(20_000)),
        ],
        ids=["elements", "attributes"],
    )
    def test_a_flood(self, data: bytes) -> None:
        error = refusal(data)
        assert (error.check, error.message) == (
            Check.DOCUMENT_SCHEMA,
            "the document is implausibly large",
        )

    def test_nothing_is_included(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("secret", encoding="ascii")
        include = f"<a xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='{secret}'/></a>"
        (child,) = parse(include.encode())
        assert name_of(child) == "{http://www.w3.org/2001/XInclude}include"
        assert child.text is None

    @settings(deadline=None, derandomize=True)
    @given(st.binary(max_size=40) | st.text(st.sampled_from("<>&;!?-[]ab='/"), max_size=40))
    def test_nothing_is_too_odd(self, data: bytes | str) -> None:
        try:
            root = parse(data if isinstance(data, bytes) else data.encode())
        except DocumentRefused as error:
            assert error.check in {Check.DOCUMENT_WELL_FORMED, Check.DOCUMENT_DOCTYPE}  # noqa: PT017
        else:
            assert name_of(root)


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"<a/>", "a"), (b"<a xmlns='urn:b'/>", "{urn:b}a"), (b"<c:a xmlns:c='urn:b'/>", "{urn:b}a")],
)
def test_a_name_has_its_namespace(data: bytes, name: str) -> None:
    assert name_of(parse(data)) == name


class TestSchema:
    schema = Schema(SCHEMA)

    def test_no_fault(self) -> None:
        assert self.schema.fault(parse(b"<list> <item> 1 </item> <item>2</item> </list>")) is None

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            (b"<other/>", "other"),
            (b"<list/>", "nothing"),
            (b"<list>text<item>1</item></list>", "text"),
            (b"<list><item>128</item></list>", "128"),
            (b"<list a=''><item>1</item></list>", "attribute a"),
            (b"<list xmlns='urn:x'><item>1</item></list>", "namespace"),
        ],
    )
    def test_a_fault_is_told(self, data: bytes, fault: str) -> None:
        assert fault in (self.schema.fault(parse(data)) or "")

    def test_faults_do_not_pile_up(self) -> None:
        for _ in range(3):
            assert "128" in (self.schema.fault(parse(b"<list><item>128</item></list>")) or "")
            assert "999" in (self.schema.fault(parse(b"<list><item>999</item></list>")) or "")
            assert self.schema.fault(parse(b"<list><item>1</item></list>")) is None

    def test_a_part_of_the_grammar(self) -> None:
        item = self.schema.starting_at("item")
        assert item.fault(parse(b"<item>1</item>")) is None
        assert item.fault(parse(b"<list><item>1</item></list>"))
        assert self.schema.fault(parse(b"<item>1</item>"))

    def test_threads_are_told_of_their_own_documents_alone(self) -> None:
        """The validator keeps one log for all: another's fault, or none, could stand in it."""
        told: dict[str, set[str | None]] = {}

        def judge(name: str) -> None:
            document = parse(f"<list>{'<item>1</item>' * 100}<{name}/></list>".encode())
            told[name] = {self.schema.fault(document) for _ in range(300)}

        names = [f"other{number}" for number in range(6)]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            with ThreadPoolExecutor(len(names)) as pool:
                list(pool.map(judge, names))
        finally:
            sys.setswitchinterval(before)
        assert {name: len(faults) for name, faults in told.items()} == dict.fromkeys(names, 1)
        assert all(name in str(faults) for name, faults in told.items())
