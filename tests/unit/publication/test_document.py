"""The document's meaning: tolerant of growth, strict in what is known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.checks import Check
from anchors.core.errors import DocumentRefused
from anchors.core.findings import Severity
from anchors.core.keys import KeyDigest, TrustAnchors, UnusableKeyDigest, Window
from tests.simulator.document import CURRENT, EXPIRED, Document, Entry, entry
from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk, lab_ksk
from tests.unit.stages import FIXTURES, meaning

REAL = FIXTURES / "publications" / "2025-03-25" / "root-anchors.xml"
GOOD = CURRENT[0]
KSK_2017_TEXT = KSK_2017.base64


def only(document: Entry | Document | bytes) -> KeyDigest:
    """The one key of the document, which must be usable."""
    (key,) = read_one(document).keys
    assert isinstance(key, KeyDigest), key
    return key


def unusable(document: Entry | Document | bytes) -> UnusableKeyDigest:
    """The one key of the document, which must not be."""
    (key,) = read_one(document).keys
    assert isinstance(key, UnusableKeyDigest), key
    return key


def read_one(document: Entry | Document | bytes) -> TrustAnchors:
    return meaning(Document(entries=[document]) if isinstance(document, Entry) else document)


def refused(document: Document | bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        meaning(document)
    assert caught.value.got
    assert caught.value.want
    return caught.value


def harmed(old: str, new: str) -> bytes:
    """The document of one good key, with one text replaced."""
    good = Document(entries=[GOOD]).encode().decode()
    assert good.count(old) == 1, old
    return good.replace(old, new).encode()


class TestReal:
    def test_it_reads(self) -> None:
        document = meaning(REAL.read_bytes())
        assert document.id == "0C05FDD6-422C-4910-8ED6-430ED15E11C2"
        assert document.source == "http://data.iana.org/root-anchors/root-anchors.xml"
        assert document.findings == ()
        assert [key.key_tag for key in document.usable] == [19036, 20326, 38696]
        assert document.keys == document.usable

    def test_a_key_is_what_the_document_says(self) -> None:
        assert meaning(REAL.read_bytes()).keys[1] == KeyDigest(
            id="Klajeyz",
            key_tag=20326,
            algorithm=8,
            digest_type=2,
            digest=bytes.fromhex(KSK_2017.digest()),
            window=Window(datetime(2017, 2, 2, tzinfo=UTC), None),
            public_key=KSK_2017.public_key,
            flags=257,
        )

    def test_a_key_by_its_digest_alone(self) -> None:
        key = meaning(REAL.read_bytes()).keys[0]
        assert isinstance(key, KeyDigest)
        assert (key.public_key, key.flags) == (None, None)
        assert key.window == Window(
            datetime(2010, 7, 15, tzinfo=UTC), datetime(2019, 1, 11, tzinfo=UTC)
        )


class TestWellFormed:
    @pytest.mark.parametrize(
        "data",
        [b"", b"<html>", b"<html><body>404</body>", b"\0", b"\x1f\x8b", b"TrustAnchor", b"{}"],
    )
    def test_what_is_not_xml(self, data: bytes) -> None:
        assert refused(data).check is Check.DOCUMENT_WELL_FORMED

    @pytest.mark.parametrize(
        "prolog",
        [
            "<!DOCTYPE TrustAnchor>",
            "<!DOCTYPE TrustAnchor []>",
            "<!DOCTYPE TrustAnchor SYSTEM 'http://127.0.0.1:9/x.dtd'>",
            "<!DOCTYPE TrustAnchor [<!ENTITY tag '20326'>]>",
            "<!DOCTYPE TrustAnchor [<!ATTLIST TrustAnchor id CDATA 'x'>]>",
        ],
    )
    def test_a_doctype(self, prolog: str) -> None:
        assert refused(Document(prolog=prolog)).check is Check.DOCUMENT_DOCTYPE

    def test_an_entity_in_a_number(self) -> None:
        declared = Document(
            entries=[replace(GOOD, key_tag="&tag;")],
            prolog="<!DOCTYPE TrustAnchor [<!ENTITY tag '20326'>]>",
        )
        assert refused(declared).check is Check.DOCUMENT_DOCTYPE
        assert refused(harmed("20326", "&tag;")).check is Check.DOCUMENT_WELL_FORMED

    def test_deep_nesting(self) -> None:
        deep = "<a>" * 5000 + "</a>" * 5000
        assert refused(Document(more=deep)).check is Check.DOCUMENT_WELL_FORMED
        shallow = "<a>" * 200 + "</a>" * 200
        assert len(meaning(Document(more=shallow)).usable) == 3


class TestFrame:
    @pytest.mark.parametrize(
        "document",
        [
            b"<html/>",
            b"<trustanchor/>",
            b"<TrustAnchors/>",
            b"<TrustAnchor/>",
            b"<TrustAnchor id='a' source='b'/>",
            b"<TrustAnchor id='a' source='b'><Zone>.</Zone></TrustAnchor>",
            Document(root='TrustAnchor xmlns="urn:x"'),
            Document(entries=[]),
            Document(id=None),
            Document(source=None),
            Document(zone=None),
            Document(more="<Zone>.</Zone>"),
            Document(more="text"),
            Document(more="<!-- a -->text<!-- b -->"),
            Document(more="<![CDATA[text]]>"),
            Document(more="<Unknown/>text"),
            Document(more="&#x200b;"),
            Document(zone="<b>.</b>"),
            Document(zone=None, more=GOOD.encode() + "<Zone>.</Zone>", entries=[]),
            harmed("</KeyDigest>", "</KeyDigest>text"),
        ],
        ids=range(20),
    )
    def test_the_schema_above_the_keys(self, document: Document | bytes) -> None:
        assert refused(document).check is Check.DOCUMENT_SCHEMA

    @pytest.mark.parametrize(
        "zone", ["com.", "", "..", "root", " .", ". ", "\n.\n", "\u3002", "&#xff0e;", "%2e"]
    )
    def test_another_zone(self, zone: str) -> None:
        error = refused(Document(zone=zone))
        assert (error.check, error.want) == (Check.DOCUMENT_ZONE, "'.'")

    @pytest.mark.parametrize("zone", [".", "<!-- -->.<?x?>", "&#46;", "<![CDATA[.]]>"])
    def test_the_root_zone_however_written(self, zone: str) -> None:
        assert len(meaning(Document(zone=zone)).usable) == 3

    def test_empty_names_are_names(self) -> None:
        document = meaning(Document(id="", source=""))
        assert (document.id, document.source) == ("", "")

    def test_text_behind_a_malformed_key_does_not_hide(self) -> None:
        bad = replace(GOOD, key_tag="x").encode()
        document = Document(more=bad + "text", entries=[GOOD])
        assert refused(document).check is Check.DOCUMENT_SCHEMA

    def test_another_zone_beside_malformed_keys_alone(self) -> None:
        document = Document(zone="com.", entries=[replace(GOOD, key_tag="x")])
        assert refused(document).check is Check.DOCUMENT_ZONE

    @pytest.mark.parametrize("missing", ["id", "zone", "source"])
    def test_a_broken_frame_around_malformed_keys_alone(self, missing: str) -> None:
        frame: dict[str, Any] = {missing: None}
        document = Document(entries=[replace(GOOD, key_tag="x")], **frame)
        assert refused(document).check in {Check.DOCUMENT_SCHEMA, Check.DOCUMENT_ZONE}

    def test_what_is_missing_around_malformed_keys_alone_is_told(self) -> None:
        document = Document(id=None, source=None, entries=[replace(GOOD, key_tag="x")])
        assert refused(document).got == "no attribute id, source"

    @pytest.mark.parametrize(
        ("zone", "more", "got"),
        [(None, "", "no Zone"), (".", "<Zone>com.</Zone>", "'.', 'com.'"), ("", "", "''")],
    )
    def test_the_zones_beside_malformed_keys_alone_are_told(
        self, zone: str | None, more: str, got: str
    ) -> None:
        error = refused(Document(zone=zone, more=more, entries=[replace(GOOD, key_tag="x")]))
        assert (error.check, error.got) == (Check.DOCUMENT_ZONE, got)

    def test_malformed_keys_alone_leave_the_document(self) -> None:
        document = meaning(Document(entries=[replace(GOOD, key_tag="x")] * 2))
        assert document.usable == ()
        assert len(document.keys) == 2


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "UTF-8"),
            ("utf-16", "UTF-16"),
            ("utf-16-le", "UTF-16LE"),
            ("ascii", "US-ASCII"),
            ("latin-1", "ISO-8859-1"),
        ],
    )
    def test_any_that_xml_allows(self, encoding: str, declared: str) -> None:
        prolog = f'<?xml version="1.0" encoding="{declared}"?>\n'
        assert len(meaning(Document(prolog=prolog, encoding=encoding)).usable) == 3

    def test_no_declaration_is_utf_8(self) -> None:
        assert meaning(Document(prolog="", source="Z\u00fcrich")).source == "Z\u00fcrich"

    def test_what_is_declared_and_is_not(self) -> None:
        document = Document(source="Z\u00fcrich", encoding="latin-1")
        assert refused(document).check is Check.DOCUMENT_WELL_FORMED


class TestGrowth:
    @pytest.mark.parametrize(
        ("document", "what"),
        [
            (Document(more_attributes=' version="2"'), "attribute version of TrustAnchor"),
            (Document(more_attributes=' xml:lang="en"'), "namespace}lang of TrustAnchor"),
            (Document(more_attributes=' xml:space="preserve"'), "namespace}space of TrustAnchor"),
            (Document(more="<Serial>1</Serial>"), "element Serial in TrustAnchor"),
            (Document(more='<x:Zone xmlns:x="urn:x">com.</x:Zone>'), "{urn:x}Zone in TrustAnchor"),
            (Document(more="<Note>a<b>c</b>d</Note>"), "element Note in TrustAnchor"),
            (
                Document(entries=[replace(GOOD, more_attributes=' state="x"')]),
                "attribute state of KeyDigest",
            ),
            (
                Document(entries=[replace(GOOD, more="<Rollover>soon</Rollover>")]),
                "element Rollover in KeyDigest",
            ),
            (
                Document(entries=[replace(GOOD, more='<KeyTag xmlns="urn:x">1</KeyTag>')]),
                "{urn:x}KeyTag in KeyDigest",
            ),
        ],
    )
    def test_what_is_unknown_is_left_out_and_told(self, document: Document, what: str) -> None:
        read = meaning(document)
        (finding,) = read.findings
        assert (finding.check, finding.severity) == (Check.DOCUMENT_UNKNOWN, Severity.WARNING)
        assert what in finding.message
        assert (
            read.usable
            == meaning(
                replace(
                    document,
                    more="",
                    more_attributes="",
                    entries=[replace(e, more=None, more_attributes=None) for e in document.entries],
                )
            ).usable
        )

    def test_the_same_thing_twice_is_told_once(self) -> None:
        grown = [replace(e, more="<New/><New/>") for e in CURRENT]
        (finding,) = meaning(Document(entries=grown)).findings
        assert finding.got == "4 times"
        grown = [replace(e, more_attributes=' new="1"') for e in CURRENT]
        (finding,) = meaning(Document(entries=grown)).findings
        assert finding.got == "2 times"

    def test_unknown_elements_anywhere_between(self) -> None:
        key = GOOD.encode().replace("<Algorithm>", "<New>1</New><Algorithm>")
        read = meaning(Document(more=f"<New/>{key}<New/>", entries=[]))
        assert [k.key_tag for k in read.usable] == [20326]

    def test_an_unknown_element_does_not_hide_text(self) -> None:
        for more in ("text<New/>", "<New/>text", "<New/>\n<New/>text"):
            assert unusable(replace(GOOD, more=more)).finding.check is Check.KEY_SCHEMA

    @pytest.mark.parametrize(
        ("old", "new", "stands"),
        [
            ("\n    <Zone>", "<New/><Zone>", True),
            ("\n    <Zone>", "text<New/><Zone>", False),
            ("\n    <Zone>", "<New/>text<Zone>", False),
            ("</Zone>\n", "</Zone><New/>", True),
            ("</Zone>\n", "</Zone>text<New/>", False),
        ],
    )
    def test_whatever_stands_around_it(self, old: str, new: str, *, stands: bool) -> None:
        if stands:
            assert len(read_one(harmed(old, new)).usable) == 1
        else:
            assert refused(harmed(old, new)).check is Check.DOCUMENT_SCHEMA

    def test_a_key_inside_an_unknown_element_is_no_key(self) -> None:
        read = meaning(Document(more=f"<Old>{CURRENT[1].encode()}</Old>", entries=[GOOD]))
        assert [key.key_tag for key in read.keys] == [20326]

    def test_comments_and_instructions_are_not_unknown(self) -> None:
        read = meaning(Document(more="<!-- a --><?b c?>", entries=[replace(GOOD, more="<?x?>")]))
        assert (len(read.usable), read.findings) == (1, ())

    def test_names_from_outside_are_shown_as_they_are(self) -> None:
        long = "N" * 200
        (finding,) = meaning(Document(more=f"<{long}/>")).findings
        assert long in finding.message


class TestValues:
    @pytest.mark.parametrize(
        ("field", "text"),
        [
            ("key_tag", " 20326 "),
            ("key_tag", "\n\t20326\r\n"),
            ("key_tag", "0020326"),
            ("key_tag", "+20326"),
            ("key_tag", "203<!-- not -->26"),
            ("key_tag", "<!-- -->203<?x?>26<!-- -->"),
            ("key_tag", "<![CDATA[203]]>26"),
            ("key_tag", "&#50;0326"),
            ("algorithm", "08"),
            ("digest_type", " 2"),
            ("digest", KSK_2017.digest().lower()),
            ("digest", f"\n  {KSK_2017.digest()}\n"),
            ("digest", f"{KSK_2017.digest()[:32]}<!-- -->{KSK_2017.digest()[32:]}"),
            ("public_key", f"\n{KSK_2017_TEXT[:64]}\n {KSK_2017_TEXT[64:]}\n"),
            ("public_key", f"{KSK_2017_TEXT[:64]}<!-- -->{KSK_2017_TEXT[64:]}"),
            ("flags", " 257 "),
            ("valid_from", " 2017-02-02T00:00:00Z "),
            ("valid_from", "2017-02-02T00:00:00.000Z"),
            ("valid_from", "2017-02-02T05:00:00+05:00"),
            ("valid_from", "2017-02-01T19:00:00-05:00"),
        ],
    )
    def test_the_same_value_otherwise_written(self, field: str, text: str) -> None:
        assert only(replace(GOOD, **{field: text})) == only(GOOD)

    @pytest.mark.parametrize("field", ["key_tag", "flags"])
    def test_more_zeros_than_python_converts(self, field: str) -> None:
        long = "0" * 5000 + str(getattr(GOOD, field))
        finding = unusable(replace(GOOD, **{field: long})).finding
        assert (finding.check, finding.want) == (Check.KEY_SCHEMA, "numbers, hex, base64")
        assert f"value has {len(long)} digits" in (finding.got or "")

    def test_the_name_may_be_anything(self) -> None:
        assert only(replace(GOOD, id="")).id == ""
        assert only(replace(GOOD, id="&lt;&#x9;Z\u00fcrich")).id == "<\tZ\u00fcrich"

    @pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
    @pytest.mark.parametrize("algorithm", [8, 10, 13, 14, 15])
    def test_every_algorithm_and_digest_type(self, algorithm: int, hash_name: str) -> None:
        ksk = lab_ksk("any", 8 if algorithm == 10 else algorithm)
        right = entry(Ksk(ksk.public_key, algorithm), hash_name=hash_name)
        key = only(right)
        assert (key.algorithm, key.digest.hex().upper()) == (algorithm, right.digest)
        bare = only(right.by_digest_only())
        assert bare == key._replace(public_key=None, flags=None)

    @pytest.mark.parametrize("tag", ["0", "65535"])
    def test_any_tag_where_there_is_no_key_to_hold_it_against(self, tag: str) -> None:
        assert only(replace(GOOD.by_digest_only(), key_tag=tag)).key_tag == int(tag)

    @pytest.mark.parametrize("flags", ["257", "33025", "259"])
    def test_flags_without_a_meaning_yet(self, flags: str) -> None:
        ksk = replace(KSK_2017, flags=int(flags))
        assert only(entry(ksk)).flags == int(flags)

    def test_a_window_of_no_length(self) -> None:
        key = only(replace(GOOD, valid_until=GOOD.valid_from))
        assert key.window.valid_from == key.window.valid_until


def changed(**values: str | None) -> Entry:
    return replace(GOOD, **values)


class TestUnusable:
    @pytest.mark.parametrize(
        ("bad", "check"),
        [
            # the schema
            *(
                (changed(**{field: text}), Check.KEY_SCHEMA)
                for field, texts in {
                    "key_tag": ["", " ", "x", "-1", "65536", "20326.0", "2e4", "0x4F66", "20 326",
                                "\u0662\u0660\u0663\u0662\u0666", "\uff12\uff10", "1" * 400],
                    "algorithm": ["", "256", "-8", "RSASHA256", "8 8"],
                    "digest_type": ["", "256", "SHA-256"],
                    "digest": ["A", "G" * 64, "0x00", "E0 6D", "=="],
                    "public_key": ["*", "AwEAAa", "AwEAAQ=", "A===", "AwEA-_"],
                    "flags": ["", "65536", "-257", "SEP"],
                    "valid_from": ["", "2017-02-02", "2017-02-30T00:00:00Z", "now",
                                   "2017-02-02 00:00:00Z", "2017-02-02T00:00:00+25:00"],
                    "valid_until": ["", "2019-13-01T00:00:00Z", "never"],
                }.items()
                for text in texts
            ),
            *(
                (changed(**{field: None}), Check.KEY_SCHEMA)
                for field in ("id", "valid_from", "key_tag", "algorithm", "digest_type", "digest",
                              "public_key", "flags")
            ),
            *(
                (changed(more=more), Check.KEY_SCHEMA)
                for more in ("text", "<KeyTag>20326</KeyTag>", "<Flags>257</Flags>",
                             f"<Digest>{KSK_2024.digest()}</Digest>", "<![CDATA[text]]>")
            ),
            (changed(key_tag="203<b>26</b>"), Check.KEY_SCHEMA),
            (changed(key_tag='<KeyTag xmlns="urn:x">20326</KeyTag>'), Check.KEY_SCHEMA),
            # dates
            (changed(valid_from="2017-02-02T00:00:00"), Check.KEY_DATES),
            (changed(valid_until="2034-02-02T00:00:00"), Check.KEY_DATES),
            (changed(valid_from="12017-02-02T00:00:00Z"), Check.KEY_DATES),
            (changed(valid_from="-2017-02-02T00:00:00Z"), Check.KEY_DATES),
            (changed(valid_from="2017-02-02T24:00:00Z"), Check.KEY_DATES),
            (changed(valid_from="9999-12-31T23:59:59-14:00"), Check.KEY_DATES),
            (changed(valid_until="2017-02-01T23:59:59Z"), Check.KEY_DATES),
            (changed(valid_until="2017-02-02T00:00:00+00:01"), Check.KEY_DATES),
            # algorithm and digest
            *(
                (changed(algorithm=str(number)), Check.KEY_ALGORITHM)
                for number in (0, 1, 2, 3, 5, 6, 7, 9, 11, 12, 17, 23, 252, 253, 254, 255)
            ),
            *(
                (changed(digest_type=str(number)), Check.KEY_DIGEST_TYPE)
                for number in (0, 1, 3, 5, 6, 255)
            ),
            (changed(digest_type="1", digest="00" * 20), Check.KEY_DIGEST_TYPE),
            (changed(digest=""), Check.KEY_DIGEST_LENGTH),
            (changed(digest="00" * 31), Check.KEY_DIGEST_LENGTH),
            (changed(digest="00" * 33), Check.KEY_DIGEST_LENGTH),
            (changed(digest="00" * 48), Check.KEY_DIGEST_LENGTH),
            (changed(digest_type="4"), Check.KEY_DIGEST_LENGTH),
            # flags
            *(
                (changed(flags=str(flags)), Check.KEY_FLAGS)
                for flags in (0, 1, 128, 129, 256, 384, 385, 65535)
            ),
            # the key itself
            (changed(public_key=""), Check.KEY_PUBLIC_KEY),
            (changed(public_key="AA=="), Check.KEY_PUBLIC_KEY),
            (changed(public_key="AAA="), Check.KEY_PUBLIC_KEY),
            (changed(public_key="AwEAAQ=="), Check.KEY_PUBLIC_KEY),
            (changed(algorithm="13"), Check.KEY_PUBLIC_KEY),
            (changed(algorithm="15"), Check.KEY_PUBLIC_KEY),
            (entry(Ksk(b"\1" * 64, 13)), Check.KEY_PUBLIC_KEY),
            (entry(Ksk(b"\1" * 33, 15)), Check.KEY_PUBLIC_KEY),
            (changed(digest=KSK_2024.digest()), Check.KEY_DIGEST),
            (changed(public_key=KSK_2024.base64), Check.KEY_DIGEST),
            (changed(flags="33025"), Check.KEY_DIGEST),
            (changed(algorithm="10"), Check.KEY_DIGEST),
            (changed(key_tag="20327"), Check.KEY_TAG),
            (changed(key_tag="20454"), Check.KEY_TAG),
        ],
        ids=lambda value: value.id if isinstance(value, Check) else "",
    )  # fmt: skip
    def test_a_bad_key_says_which_check_and_the_others_stand(
        self, bad: Entry, check: Check
    ) -> None:
        read = meaning(Document(entries=[bad, CURRENT[1]]))
        key, other = read.keys
        assert isinstance(key, UnusableKeyDigest)
        assert key.finding.check is check
        assert key.finding.severity is Severity.WARNING
        assert key.finding in read.findings
        _, _, why = key.finding.message.partition(" is unusable: ")
        assert why.startswith(("its ", "it ", "one of its dates ", "the KeyDigest "))
        assert key.finding.got is not None
        assert read.usable == (other,)

    def test_what_can_be_told_of_it_is_told(self) -> None:
        key = unusable(changed(flags="385"))
        assert key[:6] == only(GOOD)[:6]
        assert key.finding.message.startswith("key 20326 is unusable: its flags")

    def test_both_digests_are_shown_as_the_document_writes_them(self) -> None:
        finding = unusable(changed(digest=KSK_2024.digest().lower())).finding
        assert (finding.got, finding.want) == (KSK_2024.digest(), KSK_2017.digest())
        assert re.fullmatch("[0-9A-F]{64}", KSK_2017.digest())

    def test_what_cannot_be_read_is_not_told(self) -> None:
        nothing = Entry(
            id=None, valid_from=None, key_tag=None, algorithm=None, digest_type=None, digest=None
        )
        key = unusable(nothing)
        assert key[:6] == (None, None, None, None, None, None)
        assert key.finding.message.startswith("key ? is unusable")

    @pytest.mark.parametrize("text", ["\u0662\u0660", "-1", "123456", "0x1", "1 2", "\u00b2"])
    def test_a_number_that_is_none_is_not_told(self, text: str) -> None:
        assert unusable(changed(key_tag=text)).key_tag is None

    def test_its_digest_and_dates_may_be_unreadable(self) -> None:
        key = unusable(changed(digest="xyz", valid_from="now"))
        assert (key.key_tag, key.digest, key.window) == (20326, None, None)


class TestDuplicates:
    def test_a_key_listed_twice_is_told(self) -> None:
        read = meaning(Document(entries=[GOOD, replace(GOOD, id="Kother")]))
        (finding,) = read.findings
        assert (finding.check, finding.severity) == (Check.KEY_DUPLICATE, Severity.NOTICE)
        assert finding.message == "key 20326 is listed 2 times and is written once"

    def test_with_and_without_its_public_key(self) -> None:
        read = meaning(Document(entries=[GOOD.by_digest_only(), GOOD]))
        assert [finding.check for finding in read.findings] == [Check.KEY_DUPLICATE]

    def test_two_digest_types_are_two_keys(self) -> None:
        twice = [entry(KSK_2017, hash_name=name) for name in ("sha256", "sha384")]
        assert meaning(Document(entries=twice)).findings == ()

    def test_an_unusable_twin_is_no_twin(self) -> None:
        read = meaning(Document(entries=[GOOD, changed(flags="385")]))
        assert Check.KEY_DUPLICATE not in {finding.check for finding in read.findings}


class TestMany:
    def test_a_thousand_keys(self) -> None:
        """Quickly enough, whatever stands in them."""
        digests = [f"{number:064X}" for number in range(1000)]
        entries = [replace(EXPIRED, digest=digest, id=digest[-4:]) for digest in digests]
        read = meaning(Document(entries=entries))
        assert [key.digest.hex().upper() for key in read.usable] == digests

    def test_a_thousand_bad_ones(self) -> None:
        read = meaning(Document(entries=[changed(key_tag="x")] * 1000 + [GOOD]))
        assert (len(read.keys), len(read.usable)) == (1001, 1)

    def test_order_does_not_matter_to_what_a_key_is(self) -> None:
        one = meaning(Document(entries=[EXPIRED, *CURRENT]))
        other = meaning(Document(entries=[*reversed(CURRENT), EXPIRED]))
        assert set(one.usable) == set(other.usable)


TEXT = Document(entries=[GOOD, CURRENT[1]]).encode().decode()
PIECES = re.findall(r"<[^>]+>|[^<]+", TEXT)


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_no_document_is_too_odd(data: st.DataObject) -> None:
    pieces = [*PIECES]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        twice = st.just(pieces[at] * 2)
        pieces[at] = data.draw(st.just("") | twice | st.sampled_from(PIECES) | st.text(max_size=8))
    try:
        read = meaning("".join(pieces).encode("utf-8", "replace"))
    except DocumentRefused:
        return
    for key in read.usable:
        assert key.digest.hex().upper() in {KSK_2017.digest(), KSK_2024.digest()}
