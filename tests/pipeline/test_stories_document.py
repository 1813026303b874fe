"""Stories of authentic documents that are hostile or broken: signed well, meant ill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.core.checks import Check
from tests.pipeline.stories import Shelf, Story, Teller, inputs, told
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, EXPIRED, Document, Entry, entry
from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk, lab_ksk
from tests.simulator.publication import publish
from tests.simulator.times import SIGNED

BILLION_LAUGHS = (
    '<!DOCTYPE TrustAnchor [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def refused(document: Document | bytes, check: Check, says: str) -> Story:
    return Story(lambda: publish(document=document), check, says)


def listing(*entries: Entry) -> Document:
    """A document of these keys alone."""
    return Document(entries=entries)


XML = {
    "no bytes": refused(b"", Check.DOCUMENT_WELL_FORMED, "not well-formed"),
    "a web page": refused(
        b"<html><head><title>Sign in</title></head><body><br>Wi-Fi</body></html>",
        Check.DOCUMENT_WELL_FORMED,
        "not well-formed",
    ),
    "a well-formed web page": refused(
        b"<html><body><p>Wi-Fi</p></body></html>", Check.DOCUMENT_SCHEMA, "root element html"
    ),
    "truncated": refused(Document().encode()[:-20], Check.DOCUMENT_WELL_FORMED, "not well-formed"),
    "two documents": refused(
        Document().encode() + Document(prolog="").encode(),
        Check.DOCUMENT_WELL_FORMED,
        "not well-formed",
    ),
    "an undefined entity": refused(
        Document(zone="&root;"), Check.DOCUMENT_WELL_FORMED, "not well-formed"
    ),
    "bytes that are not UTF-8": refused(
        Document(id="é", encoding="latin-1").encode(),
        Check.DOCUMENT_WELL_FORMED,
        "not well-formed",
    ),
    "a NUL": refused(Document(zone=".\0"), Check.DOCUMENT_WELL_FORMED, "not well-formed"),
    "a DOCTYPE": refused(
        Document(prolog="<!DOCTYPE TrustAnchor>\n"), Check.DOCUMENT_DOCTYPE, "has a DOCTYPE"
    ),
    "a DOCTYPE of another place": refused(
        Document(prolog='<!DOCTYPE TrustAnchor SYSTEM "file:///etc/passwd">\n'),
        Check.DOCUMENT_DOCTYPE,
        "has a DOCTYPE",
    ),
    "an entity": refused(
        Document(prolog='<!DOCTYPE TrustAnchor [<!ENTITY root ".">]>\n', zone="&root;"),
        Check.DOCUMENT_DOCTYPE,
        "could define entities",
    ),
    "an entity that reads a file": refused(
        Document(
            prolog='<!DOCTYPE TrustAnchor [<!ENTITY f SYSTEM "file:///etc/hostname">]>\n',
            id=None,
            more="<Note>&f;</Note>",
        ),
        Check.DOCUMENT_DOCTYPE,
        "could define entities",
    ),
    "entities without end": refused(
        Document(prolog=BILLION_LAUGHS, zone="&d;"), Check.DOCUMENT_DOCTYPE, "could define entities"
    ),
    "elements nested without end": refused(
        Document(more="<x>" * 5000 + "</x>" * 5000), Check.DOCUMENT_WELL_FORMED, "not well-formed"
    ),
}

FRAME = {
    "another root element": refused(
        Document(root="TrustAnchors"), Check.DOCUMENT_SCHEMA, "root element TrustAnchors"
    ),
    "another namespace": refused(
        Document(root='TrustAnchor xmlns="urn:example"'),
        Check.DOCUMENT_SCHEMA,
        "root element {urn:example}TrustAnchor",
    ),
    "no id": refused(Document(id=None), Check.DOCUMENT_SCHEMA, "does not follow the schema"),
    "no source": refused(Document(source=None), Check.DOCUMENT_SCHEMA, "does not follow"),
    "no zone": refused(Document(zone=None), Check.DOCUMENT_SCHEMA, "does not follow"),
    "no keys": refused(listing(), Check.DOCUMENT_SCHEMA, "does not follow"),
    "text between the elements": refused(
        Document(more="trust me"), Check.DOCUMENT_SCHEMA, "does not follow"
    ),
    "two zones": refused(
        Document(more="<Zone>com.</Zone>"), Check.DOCUMENT_SCHEMA, "does not follow"
    ),
    "the zone com.": refused(Document(zone="com."), Check.DOCUMENT_ZONE, "'com.'"),
    "an empty zone": refused(Document(zone=""), Check.DOCUMENT_ZONE, "not about the root zone"),
    "a zone that a comment hides": refused(
        Document(zone="<!-- root -->com<!-- . -->."), Check.DOCUMENT_ZONE, "'com.'"
    ),
    "a zone cut by a comment": refused(
        Document(zone=".<!-- -->com."), Check.DOCUMENT_ZONE, "'.com.'"
    ),
    "two dots": refused(Document(zone=".."), Check.DOCUMENT_ZONE, "'..'"),
}

DATES = {
    "all expired": refused(
        listing(EXPIRED, entry(KSK_2017, valid_until="2026-01-01T00:00:00Z")),
        Check.KEY_NONE_VALID,
        "expired",
    ),
    "all future": refused(
        listing(entry(KSK_2017, valid_from="2027-01-01T00:00:00Z")), Check.KEY_NONE_VALID, "future"
    ),
    "all unusable": refused(
        listing(replace(CURRENT[0], digest_type="1", digest=KSK_2017.digest("sha1"))),
        Check.KEY_NONE_VALID,
        "unusable",
    ),
    "a key whose last second has passed": refused(
        listing(entry(KSK_2017, valid_until="2026-10-04T12:00:00Z")),
        Check.KEY_NONE_VALID,
        "expired",
    ),
}

STORIES = {**XML, **FRAME, **DATES}


@told(STORIES)
def test_a_hostile_document_is_refused(story: Story, refuse: Callable[[Story], None]) -> None:
    refuse(story)


class Bad(NamedTuple):
    """A KeyDigest that must never come out."""

    entry: Callable[[], Entry]
    check: Check
    why: str


def evil(**changes: str | None) -> Callable[[], Entry]:
    """A right KeyDigest of a key of ours, with some of its text replaced."""
    return lambda: replace(entry(lab_ksk("bad"), id="Kbad"), **changes)


def of_key(hash_name: str = "sha256", **values: int) -> Callable[[], Entry]:
    """A KeyDigest that is right in itself, of a key with these flags or that algorithm."""
    return lambda: entry(lab_ksk("bad", **values), id="Kbad", hash_name=hash_name)


def of_stub(algorithm: int, public_key: bytes) -> Callable[[], Entry]:
    """A KeyDigest that is right in itself, of bytes that are no key."""
    return lambda: entry(Ksk(public_key, algorithm), id="Kbad")


BAD_KEYS = {
    # its algorithm and digest
    "a SHA-1 digest": Bad(of_key("sha1"), Check.KEY_DIGEST_TYPE, "SHA-1"),
    "digest type 0": Bad(evil(digest_type="0"), Check.KEY_DIGEST_TYPE, "unknown"),
    "digest type 3, GOST": Bad(evil(digest_type="3"), Check.KEY_DIGEST_TYPE, "unknown"),
    "digest type 255": Bad(evil(digest_type="255"), Check.KEY_DIGEST_TYPE, "unknown"),
    "algorithm 1, RSAMD5": Bad(of_key(algorithm=1), Check.KEY_ALGORITHM, "unknown or retired"),
    "algorithm 5, RSASHA1": Bad(of_key(algorithm=5), Check.KEY_ALGORITHM, "unknown or retired"),
    "algorithm 7, RSASHA1 with NSEC3": Bad(
        of_key(algorithm=7), Check.KEY_ALGORITHM, "unknown or retired"
    ),
    "algorithm 253, private": Bad(of_key(algorithm=253), Check.KEY_ALGORITHM, "unknown"),
    "a digest of half its length": Bad(
        evil(digest="00" * 16), Check.KEY_DIGEST_LENGTH, "wrong length"
    ),
    "a digest of no bytes": Bad(evil(digest=""), Check.KEY_DIGEST_LENGTH, "wrong length"),
    "a SHA-384 digest under type 2": Bad(
        evil(digest=lab_ksk("bad").digest("sha384")), Check.KEY_DIGEST_LENGTH, "wrong length"
    ),
    # not of its key
    "the digest of another key": Bad(
        evil(digest=KSK_2024.digest()), Check.KEY_DIGEST, "does not match its public key"
    ),
    "the key tag of another key": Bad(
        evil(key_tag="38696"), Check.KEY_TAG, "key tag does not match"
    ),
    "the public key of another key": Bad(
        evil(public_key=KSK_2024.base64), Check.KEY_DIGEST, "does not match its public key"
    ),
    "a public key of no bytes": Bad(of_stub(8, b""), Check.KEY_PUBLIC_KEY, "not valid for its"),
    "an RSA key of an exponent alone": Bad(
        of_stub(8, b"\3\1\0\1"), Check.KEY_PUBLIC_KEY, "not valid for its"
    ),
    "an RSA key whose exponent has no end": Bad(
        of_stub(8, b"\0\xff\xff\1"), Check.KEY_PUBLIC_KEY, "not valid for its"
    ),
    "an RSA key of one byte": Bad(of_stub(8, b"\0"), Check.KEY_PUBLIC_KEY, "not valid for its"),
    "an Ed25519 key cut short": Bad(
        of_stub(15, b"\1" * 31), Check.KEY_PUBLIC_KEY, "not valid for its"
    ),
    "a public key cut short": Bad(
        of_stub(13, b"\1" * 32), Check.KEY_PUBLIC_KEY, "not valid for its"
    ),
    "a point off the curve": Bad(
        of_stub(13, b"\1" * 64), Check.KEY_PUBLIC_KEY, "not valid for its"
    ),
    # flags
    "REVOKE": Bad(of_key(flags=385), Check.KEY_FLAGS, "not those of an active key-signing key"),
    "a zone-signing key": Bad(
        of_key(flags=256), Check.KEY_FLAGS, "not those of an active key-signing key"
    ),
    "SEP without ZONE": Bad(
        of_key(flags=1), Check.KEY_FLAGS, "not those of an active key-signing key"
    ),
    "no flags at all": Bad(
        of_key(flags=0), Check.KEY_FLAGS, "not those of an active key-signing key"
    ),
    # dates
    "validFrom without a zone": Bad(
        evil(valid_from="2024-07-18T00:00:00"), Check.KEY_DATES, "cannot be read"
    ),
    "validUntil without a zone": Bad(
        evil(valid_until="2034-07-18T00:00:00"), Check.KEY_DATES, "cannot be read"
    ),
    "an end before the beginning": Bad(
        evil(valid_until="2024-07-17T23:59:59Z"), Check.KEY_DATES, "ends before it begins"
    ),
    "an end before the beginning by its offset": Bad(
        evil(valid_until="2024-07-18T04:00:00+05:00"), Check.KEY_DATES, "ends before it begins"
    ),
    "a year of five digits": Bad(
        evil(valid_until="12024-07-18T00:00:00Z"), Check.KEY_DATES, "cannot be read"
    ),
    "a day only": Bad(evil(valid_from="2024-07-18"), Check.KEY_SCHEMA, "does not follow"),
    "month 13": Bad(evil(valid_from="2024-13-01T00:00:00Z"), Check.KEY_SCHEMA, "does not follow"),
    "an empty date": Bad(evil(valid_until=""), Check.KEY_SCHEMA, "does not follow"),
    "no validFrom": Bad(evil(valid_from=None), Check.KEY_SCHEMA, "does not follow"),
    # malformed
    "a key tag that is a word": Bad(evil(key_tag="root"), Check.KEY_SCHEMA, "does not follow"),
    "a key tag of 65536": Bad(evil(key_tag="65536"), Check.KEY_SCHEMA, "does not follow"),
    "a negative key tag": Bad(evil(key_tag="-1"), Check.KEY_SCHEMA, "does not follow"),
    "a key tag of Arabic digits": Bad(evil(key_tag="٢٠٣٢٦"), Check.KEY_SCHEMA, "does not follow"),
    "an algorithm of 264": Bad(evil(algorithm="264"), Check.KEY_SCHEMA, "does not follow"),
    "a digest type of 258": Bad(evil(digest_type="258"), Check.KEY_SCHEMA, "does not follow"),
    "flags of 65793": Bad(evil(flags="65793"), Check.KEY_SCHEMA, "does not follow"),
    "a digest of an odd number of digits": Bad(
        evil(digest="A" * 63), Check.KEY_SCHEMA, "does not follow"
    ),
    "a digest that is not hex": Bad(evil(digest="G" * 64), Check.KEY_SCHEMA, "does not follow"),
    "a public key that is not base64": Bad(
        evil(public_key="AwEAAa*="), Check.KEY_SCHEMA, "does not follow"
    ),
    "no digest": Bad(evil(digest=None), Check.KEY_SCHEMA, "does not follow"),
    "no key tag": Bad(evil(key_tag=None), Check.KEY_SCHEMA, "does not follow"),
    "a public key without flags": Bad(evil(flags=None), Check.KEY_SCHEMA, "does not follow"),
    "flags without a public key": Bad(evil(public_key=None), Check.KEY_SCHEMA, "does not follow"),
    "two digests": Bad(
        evil(more=f"<Digest>{KSK_2024.digest()}</Digest>"), Check.KEY_SCHEMA, "does not follow"
    ),
    "two key tags": Bad(evil(more="<KeyTag>38696</KeyTag>"), Check.KEY_SCHEMA, "does not follow"),
    "an element inside a number": Bad(
        evil(key_tag="203<b>26</b>"), Check.KEY_SCHEMA, "does not follow"
    ),
    "text between the elements": Bad(evil(more="trust me"), Check.KEY_SCHEMA, "does not follow"),
}


def emitted_tags(anchors: Path) -> list[int]:
    """The key tags of root.ds."""
    lines = (anchors / "root.ds").read_text(encoding="ascii").splitlines()
    return [int(line.split("DS")[1].split()[0]) for line in lines]


def everything_but_the_document(anchors: Path) -> str:
    """What was written, in upper case."""
    files = [path for path in anchors.iterdir() if path.name != "root-anchors.xml"]
    return "".join(path.read_bytes().decode("latin-1") for path in files).upper()


@pytest.mark.parametrize("bad", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_bad_key_is_never_emitted_and_the_others_stand(
    bad: Bad, teller: Teller, tmp_path: Path
) -> None:
    document = Document(entries=(CURRENT[0], bad.entry(), CURRENT[1]))
    source = publish(document=document).write(tmp_path / "source")

    verified = teller.verify(source)
    assert (verified.exit_code, verified.findings("failure")) == (0, {})
    assert bad.why in verified.findings("warning")[bad.check.id]
    row = verified.key("Kbad")
    assert (row["state"], row["emitted"]) == ("unusable", False)
    assert bad.why in row["why"]
    assert [row["emitted"] for row in verified.report["anchors"]].count(True) == 2

    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [20326, 38696]
    written = everything_but_the_document(tmp_path / "anchors")
    assert KSK_2024.digest() in written
    foreign = {bad.entry().digest, lab_ksk("bad").digest()} - {KSK_2024.digest(), "", None}
    assert not [digest for digest in foreign if digest and digest in written]


def test_a_bad_key_is_attention_under_strict(teller: Teller, tmp_path: Path, shelf: Shelf) -> None:
    document = Document(entries=(*CURRENT, evil(key_tag="1")()))
    later = Signing(signing_time=SIGNED + timedelta(days=1))
    source = publish(later, document).write(tmp_path / "source")
    outcome = teller.verify(source, "--strict")
    assert (outcome.exit_code, outcome.report["attention"]) == (4, True)
    built = teller.build(source, shelf.anchors, "--strict")
    assert built.exit_code == 4
    assert Check.KEY_TAG.id in built.err
    shelf.assert_untouched()


GOOD_KEYS: dict[str, Callable[[], Entry]] = {
    "a SHA-384 digest": of_key("sha384"),
    "algorithm 10, RSASHA512": of_key(algorithm=10),
    "algorithm 13, ECDSA on P-256": of_key(algorithm=13),
    "algorithm 14, ECDSA on P-384": of_key(algorithm=14),
    "algorithm 15, Ed25519": of_key(algorithm=15),
    "a digest in lower case": evil(digest=lab_ksk("bad").digest().lower()),
    "digest only": evil(public_key=None, flags=None),
    "a comment inside the key tag": evil(
        key_tag=f"{str(lab_ksk('bad').tag)[:2]}<!-- 1 -->{str(lab_ksk('bad').tag)[2:]}"
    ),
    "a comment inside the digest": evil(
        digest=f"{lab_ksk('bad').digest()[:8]}<!-- cut -->{lab_ksk('bad').digest()[8:]}"
    ),
    "an instruction inside the key tag": evil(key_tag=f"{lab_ksk('bad').tag}<?skip 1?>"),
    "white space around everything": evil(
        key_tag=f"\n {lab_ksk('bad').tag} ", digest=f" {lab_ksk('bad').digest()}\n", flags=" 257 "
    ),
    "a public key over several lines": evil(
        public_key=f"{lab_ksk('bad').base64[:64]}\n  {lab_ksk('bad').base64[64:]}\n"
    ),
    "CDATA": evil(key_tag=f"<![CDATA[{lab_ksk('bad').tag}]]>"),
    "a fraction of a second": evil(valid_from="2024-07-18T00:00:00.000Z"),
}


@pytest.mark.parametrize("good", GOOD_KEYS.values(), ids=GOOD_KEYS.keys())
def test_an_unusual_key_that_is_right_is_emitted(
    good: Callable[[], Entry], teller: Teller, tmp_path: Path
) -> None:
    source = publish(document=listing(CURRENT[0], good())).write(tmp_path / "source")
    outcome = teller.verify(source)
    assert outcome.exit_code == 0
    row = outcome.key("Kbad")
    assert (row["state"], row["emitted"]) == ("current", True)
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [20326, row["key_tag"]]


AROUND_A_LIMIT = [
    ("2026-10-04T12:00:00+05:00", datetime(2026, 10, 4, 7, tzinfo=UTC)),
    ("2026-10-04T12:00:00-05:00", datetime(2026, 10, 4, 17, tzinfo=UTC)),
    ("2026-10-04T12:00:00Z", datetime(2026, 10, 4, 12, tzinfo=UTC)),
    ("2026-10-05T00:30:00+13:45", datetime(2026, 10, 4, 10, 45, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "limit"), AROUND_A_LIMIT)
def test_validity_begins_at_the_instant_whatever_its_offset(
    text: str, limit: datetime, teller: Teller, tmp_path: Path
) -> None:
    key = entry(KSK_2024, id="Knew", valid_from=text)
    source = publish(document=listing(CURRENT[0], key)).write(tmp_path)
    before = teller.verify(source, at=limit - timedelta(seconds=1)).key("Knew")
    assert (before["state"], before["emitted"]) == ("future", False)
    after = teller.verify(source, at=limit).key("Knew")
    assert (after["state"], after["emitted"]) == ("current", True)


@pytest.mark.parametrize(("text", "limit"), AROUND_A_LIMIT)
def test_validity_ends_at_the_instant_whatever_its_offset(
    text: str, limit: datetime, teller: Teller, tmp_path: Path
) -> None:
    key = entry(KSK_2017, id="Kold", valid_until=text)
    source = publish(document=listing(key, CURRENT[1])).write(tmp_path)
    before = teller.verify(source, at=limit - timedelta(seconds=1)).key("Kold")
    assert (before["state"], before["emitted"]) == ("current", True)
    after = teller.verify(source, at=limit).key("Kold")
    assert (after["state"], after["emitted"]) == ("expired", False)


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-10-04T11:59:59+05:00", "future"), ("2026-10-04T12:00:00+05:00", "current")],
)
def test_the_time_of_judgement_may_have_an_offset_too(
    at: str, state: str, teller: Teller, tmp_path: Path
) -> None:
    key = entry(KSK_2024, id="Knew", valid_from="2026-10-04T07:00:00Z")
    source = publish(document=listing(CURRENT[0], key)).write(tmp_path)
    outcome = teller.run(
        "verify", "--source", source, "--ca", source / "ca.pem", "--dns", "none",
        "--at", at, "--report-format", "json",
    )  # fmt: skip
    assert outcome.key("Knew")["state"] == state


def test_a_future_key_is_emitted_only_when_asked_for(teller: Teller, tmp_path: Path) -> None:
    key = entry(KSK_2024, id="Knew", valid_from="2027-01-01T00:00:00Z")
    source = publish(document=listing(CURRENT[0], key)).write(tmp_path / "source")
    assert teller.build(source, tmp_path / "now").exit_code == 0
    assert emitted_tags(tmp_path / "now") == [20326]
    assert teller.build(source, tmp_path / "soon", "--include-future").exit_code == 0
    assert emitted_tags(tmp_path / "soon") == [20326, 38696]


def test_the_report_marks_a_future_key(teller: Teller, tmp_path: Path) -> None:
    key = entry(KSK_2024, id="Knew", valid_from="2027-01-01T00:00:00Z")
    source = publish(document=listing(CURRENT[0], key)).write(tmp_path / "source")
    built = teller.build(source, tmp_path / "anchors", "--include-future", "-v")
    assert Check.CHOICE_FUTURE.id in built.err
    row = next(line for line in built.err.splitlines() if "KSK-2024 (38696)  " in line)
    assert row.split()[2:] == ["2027-01-01", "-", "future", "not", "checked", "yes"]


def test_asking_for_future_keys_does_not_make_nothing_valid_something(
    teller: Teller, tmp_path: Path, shelf: Shelf
) -> None:
    key = entry(KSK_2024, valid_from="2027-01-01T00:00:00Z")
    source = publish(document=listing(EXPIRED, key)).write(tmp_path / "source")
    built = teller.build(source, shelf.anchors, "--include-future")
    assert built.exit_code == 1
    assert Check.KEY_NONE_VALID.id in built.err
    row = next(line for line in built.err.splitlines() if "KSK-2024 (38696)  " in line)
    assert row.split()[2:] == ["2027-01-01", "-", "future", "not", "checked", "no"]
    shelf.assert_untouched()


def test_nothing_valid_never_says_that_the_root_is_unsigned(teller: Teller, tmp_path: Path) -> None:
    source = publish(document=listing(EXPIRED)).write(tmp_path / "source")
    outcome = teller.run("build", *inputs(source), "-o", "-", "--format", "ds")
    assert (outcome.exit_code, outcome.out) == (1, "")
    words = outcome.err.lower()
    assert Check.KEY_NONE_VALID.id in words
    assert not {"insecure", "unsigned"} & set(words.split())


def test_a_key_listed_twice_comes_out_once(teller: Teller, tmp_path: Path) -> None:
    document = listing(*CURRENT, replace(CURRENT[0], id="Kagain"))
    source = publish(document=document).write(tmp_path / "source")
    outcome = teller.verify(source)
    assert outcome.exit_code == 0
    assert "20326 is listed 2 times" in outcome.findings("notice")[Check.KEY_DUPLICATE.id]
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [20326, 38696]


def test_a_bad_twin_does_not_shadow_the_key(teller: Teller, tmp_path: Path) -> None:
    revoked = replace(CURRENT[0], id="Kbad", flags="385")
    source = publish(document=listing(revoked, *CURRENT)).write(tmp_path / "source")
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [20326, 38696]


def test_an_expired_twin_does_not_lend_its_key_more_time(teller: Teller, tmp_path: Path) -> None:
    ended = replace(CURRENT[0], id="Kended", valid_until="2026-01-01T00:00:00Z")
    source = publish(document=listing(ended, CURRENT[1])).write(tmp_path / "source")
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [38696]


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (Document(more="<Revision>2</Revision>"), "element Revision in TrustAnchor"),
        (Document(more_attributes=' version="2"'), "attribute version of TrustAnchor"),
        (
            Document(entries=(replace(CURRENT[0], more="<Owner>IANA</Owner>"), CURRENT[1])),
            "element Owner in KeyDigest",
        ),
        (
            Document(entries=(replace(CURRENT[0], more_attributes=' use="any"'), CURRENT[1])),
            "attribute use of KeyDigest",
        ),
        (
            Document(more='<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="ca.pem"/>'),
            "element {http://www.w3.org/2001/XInclude}include in TrustAnchor",
        ),
    ],
)
def test_what_is_unknown_is_left_out_with_a_warning(
    document: Document, named: str, teller: Teller, tmp_path: Path
) -> None:
    source = publish(document=document).write(tmp_path)
    outcome = teller.verify(source)
    assert outcome.exit_code == 0
    assert named in outcome.findings("warning")[Check.DOCUMENT_UNKNOWN.id]
    assert [row["key_tag"] for row in outcome.report["anchors"] if row["emitted"]] == [20326, 38696]
    assert teller.verify(source, "--strict").exit_code == 4


RFC_9718_SHAPE = f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustAnchor
    id="E9724F53-1851-4F86-85E5-F1392102940B"
    source="http://data.iana.org/root-anchors/root-anchors.xml">
  <Zone>.</Zone>
  <KeyDigest id="Kjqmt7v"
      validFrom="2010-07-15T00:00:00+00:00"
      validUntil="2019-01-11T00:00:00+00:00"> <!-- no longer valid -->
    <KeyTag>19036</KeyTag>
    <Algorithm>8</Algorithm>
    <DigestType>2</DigestType>
    <Digest>
49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5
    </Digest>
  </KeyDigest>
  <KeyDigest id="Klajeyz"
      validFrom="2017-02-02T00:00:00+00:00">
    <KeyTag>20326</KeyTag>
    <Algorithm>8</Algorithm>
    <DigestType>2</DigestType>
    <Digest>
{KSK_2017.digest()}
    </Digest>
    <PublicKey>
      {KSK_2017.base64[:60]}
      {KSK_2017.base64[60:120]}<!-- the key goes on -->
      {KSK_2017.base64[120:]}
    </PublicKey>
    <Flags>257</Flags>
  </KeyDigest>
  <KeyDigest id="Kmyv6jo"
      validFrom="2024-07-18T00:00:00+00:00">
    <KeyTag>38696</KeyTag>
    <Algorithm>8</Algorithm>
    <DigestType>2</DigestType>
    <Digest>
{KSK_2024.digest()}
    </Digest>
  </KeyDigest>
</TrustAnchor>
"""


def test_a_document_in_the_shape_of_the_rfcs_example_reads(teller: Teller, tmp_path: Path) -> None:
    source = publish(document=RFC_9718_SHAPE.encode()).write(tmp_path / "source")
    outcome = teller.verify(source)
    assert (outcome.exit_code, outcome.findings("warning")) == (0, {})
    assert outcome.key("Kjqmt7v")["state"] == "expired"
    assert teller.build(source, tmp_path / "anchors").exit_code == 0
    assert emitted_tags(tmp_path / "anchors") == [20326, 38696]
    dnskeys = (tmp_path / "anchors" / "root.key").read_text(encoding="ascii")
    assert KSK_2017.base64 in "".join(dnskeys.split())
    assert dnskeys.count("257 3 8") == 1


def test_a_document_in_utf_16_reads(teller: Teller, tmp_path: Path) -> None:
    document = Document(prolog='<?xml version="1.0" encoding="UTF-16"?>\n', encoding="utf-16")
    outcome = teller.verify(publish(document=document).write(tmp_path))
    assert outcome.exit_code == 0


def test_the_order_of_the_keys_does_not_matter(teller: Teller, tmp_path: Path) -> None:
    forwards = publish(document=listing(*CURRENT)).write(tmp_path / "forwards")
    backwards = publish(document=listing(*CURRENT[::-1])).write(tmp_path / "backwards")
    for source in (forwards, backwards):
        assert teller.build(source, tmp_path / f"{source.name}-out").exit_code == 0
    for name in ("root.ds", "root.key"):
        assert (tmp_path / "forwards-out" / name).read_bytes() == (
            tmp_path / "backwards-out" / name
        ).read_bytes()
