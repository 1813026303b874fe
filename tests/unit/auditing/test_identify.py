"""Which root key a key or digest is, however it is written, and where a copy has a slip."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.auditing.identify import Identified, Identity, identify, identities
from anchors.auditing.pieces import Notation, Piece, alone, bytes_of, pieces
from anchors.auditing.result import Standing
from anchors.core import records
from anchors.core.keys import KeyState
from anchors.core.match import revoked_digests, revoked_tag
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.request import Request
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.unit.auditing.basis import basis, keys
from tests.unit.consumers.samples import DS1, DS2, KEY1, KEY2

GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden"
DIGEST = KSK_2017.digest()
SHA384 = KSK_2017.digest("sha384")
SHA1 = records.ds_digest(records.dnskey(257, 8, KSK_2017.public_key), 1).hex()
MODULUS = KSK_2017.public_key[4:]
URLSAFE = base64.urlsafe_b64encode(KSK_2017.public_key).decode()
FIRST, SECOND, THIRD = "KSK-2010 (19036)", "KSK-2017 (20326)", "KSK-2024 (38696)"
FOREIGN = "AB" * 32
LISTED = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(DIGEST))


def found(text: str) -> list[Identity]:
    return [*identities(text.encode(), keys())]


def one(text: str) -> Identity:
    (identity,) = found(text)
    return identity


WRITTEN = {
    "DS": DS1,
    "a record": f". IN DS {DS1}",
    "a record with a TTL": f". 172800 IN DS {DS1}",
    "a record folded": f". IN DS {DS1[:30]} (\n {DS1[30:]} )",
    "DNSKEY": KEY1,
    "a DNSKEY record": f". IN DNSKEY {KEY1}",
    "a digest": DIGEST,
    "in lower case": DIGEST.lower(),
    "with 0x": f"0x{DIGEST}",
    "with colons": ":".join(DIGEST[at : at + 2] for at in range(0, 64, 2)),
    "with blanks": " ".join(DIGEST[at : at + 8] for at in range(0, 64, 8)),
    "on two lines": f"{DIGEST[:32]}\n  {DIGEST[32:]}\n",
    "in quotes": f'"{DIGEST}"',
    "SHA-384": SHA384,
    "SHA-1": SHA1,
    "a digest in base64": base64.b64encode(bytes.fromhex(DIGEST)).decode(),
    "base64": KSK_2017.base64,
    "base64 folded": "\n".join(KSK_2017.base64[at : at + 64] for at in range(0, 400, 64)),
    "base64url": URLSAFE,
    "base64url without padding": URLSAFE.rstrip("="),
    "the key in hex": KSK_2017.public_key.hex(),
    "the modulus in decimal": str(int.from_bytes(MODULUS)),
    "the key as one number in decimal": str(int.from_bytes(KSK_2017.public_key)),
    "the modulus in hex": MODULUS.hex(),
    "the modulus in base64": base64.b64encode(MODULUS).decode(),
    "XML": f"<Digest>{DIGEST}</Digest>",
    "a line of JSON": f'      "digest": "{DIGEST}",',
    "a line of a statement": f'  . initial-ds 20326 8 2 "{DIGEST}";',
    "a line of an option": f"trust-anchor=.,{DS1.replace(' ', ',')}",
    "a call": f"addTA('.', \"{DS1}\")",
    "an item": f'    - "{DS1}"',
    "an item of a list of records": f"trust-anchors: ['. IN DS {DS1}']",
    "in a sentence": f"The digest {DIGEST.lower()} is the root's.",
    "a list of numbers": LISTED,
    "from a search": f"/etc/x/y.conf:12:    {DS1}",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_however_it_is_written(text: str) -> None:
    identity = one(text)
    assert (identity.name, identity.standing) == (SECOND, Standing.CURRENT)
    assert identity.fault is None


def _lines() -> list[tuple[str, str]]:
    """Every line of every anchor file that has a whole digest or key in it."""
    whole = (DIGEST, KSK_2024.digest(), KSK_2017.base64, KSK_2024.base64)
    return [
        (path.name, line)
        for path in sorted(GOLDEN.iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(text in line for text in whole)
    ]


@pytest.mark.parametrize(("file", "line"), _lines())
def test_a_line_of_any_anchor_file(file: str, line: str) -> None:
    identity = one(line)
    assert identity.standing is Standing.CURRENT, file
    assert identity.name == (THIRD if "38696" in line or KSK_2024.base64 in line else identity.name)


def test_the_lines_are_of_every_format() -> None:
    names = {name for name, _ in _lines()}
    assert names >= {path.name for path in GOLDEN.iterdir()} - {"manifest.json", "ens-oracle.hex"}


def test_records_in_wire_form_stand_on_one_line() -> None:
    identities = found((GOLDEN / "ens-oracle.hex").read_text(encoding="ascii"))
    told = [(one.name, one.standing, one.line) for one in identities]
    assert told == [(SECOND, Standing.CURRENT, 1), (THIRD, Standing.CURRENT, 1)]


STANDINGS = [
    (KNOWN_KEYS[0].digest, FIRST, Standing.RETIRED),
    (f"19036 8 2 {KNOWN_KEYS[0].digest}", FIRST, Standing.RETIRED),
    (f"385 3 8 {KSK_2017.base64}", SECOND, Standing.REVOKED),
    (dict(revoked_digests(keys().keys[1]))[2].hex(), SECOND, Standing.REVOKED),
    (f"20326 8 2 {FOREIGN}", "key 20326", Standing.FOREIGN),
    (FOREIGN, "this SHA-256 digest", Standing.FOREIGN),
    (base64.b64encode(b"\x03\x01\x00\x01" + b"A" * 256).decode(), "this public key", "foreign"),
    ("1234 8 3 " + FOREIGN, "key 1234", Standing.FOREIGN),
    ("20326 8 3 " + FOREIGN, "key 20326", None),
    ("20326", f"perhaps {SECOND}", None),
    ("20454", f"perhaps {SECOND}", None),
    ("AB" * 16, "unknown", None),
]


@pytest.mark.parametrize(("text", "name", "standing"), STANDINGS)
def test_what_it_is_worth(text: str, name: str, standing: Standing | None) -> None:
    identity = one(text)
    assert (identity.name, identity.standing) == (name, standing)


def test_the_tag_of_a_revoked_key_is_that_of_its_publication() -> None:
    assert revoked_tag(keys().keys[1]) == 20454
    assert revoked_tag(keys().keys[0]) is None


def test_before_its_time_in_the_document_a_key_is_not_current() -> None:
    late = [key._replace(state=KeyState.FUTURE) for key in keys().keys]
    (identity,) = identities(DS2.encode(), keys()._replace(keys=tuple(late)))
    assert (identity.name, identity.standing) == (THIRD, Standing.NOT_YET)


@pytest.mark.parametrize("text", ["", " ", "\n", "hello", ".", "8", "70000", "99999999", "\0", "é"])
def test_what_is_no_key(text: str) -> None:
    assert found(text) == []


DAMAGED = {
    "another tag": (f"20327 8 2 {DIGEST}", "the key tag is 20327"),
    "another algorithm": (f"20326 13 2 {DIGEST}", "the algorithm is 13"),
    "another type": (f"20326 8 4 {DIGEST}", "the digest is of type 2, not 4"),
    "other flags": (f"256 3 8 {KSK_2017.base64}", "the flags are 256"),
}


@pytest.mark.parametrize(("text", "words"), DAMAGED.values(), ids=DAMAGED)
def test_a_number_that_is_wrong(text: str, words: str) -> None:
    identity = one(text)
    assert (identity.name, identity.standing) == (SECOND, Standing.DAMAGED)
    assert words in str(identity.fault)
    assert identity.got is identity.want is None


@given(st.integers(0, 63), st.sampled_from("0123456789ABCDEF"), st.booleans())
@settings(deadline=None, derandomize=True)
def test_any_wrong_digit_is_shown(at: int, digit: str, with_numbers: bool) -> None:
    digest = DIGEST[:at] + digit + DIGEST[at + 1 :]
    identity = one(f"20326 8 2 {digest}" if with_numbers else digest.lower())
    assert identity.name == SECOND
    if digest == DIGEST:
        assert identity.standing is Standing.CURRENT
        return
    assert identity.standing is Standing.DAMAGED
    assert f"digit {at + 1} of the " in str(identity.fault)
    assert (identity.got, identity.want) == (digest, DIGEST)


@given(st.integers(0, 63), st.booleans())
@settings(deadline=None, derandomize=True)
def test_a_digit_that_is_lost(at: int, with_numbers: bool) -> None:
    digest = DIGEST[:at] + DIGEST[at + 1 :]
    identity = one(f"20326 8 2 {digest}" if with_numbers else digest)
    assert (identity.name, identity.standing) == (SECOND, Standing.DAMAGED)
    assert "63 digits" in str(identity.fault)


def test_a_letter_for_a_digit() -> None:
    identity = one(DIGEST.replace("0", "O", 1))
    assert identity.standing is Standing.DAMAGED
    assert "'O'" in str(identity.fault)


@given(st.integers(4, 300), st.sampled_from("ABCxyz019+/"))
@settings(deadline=None, derandomize=True)
def test_any_wrong_character_of_a_key(at: int, character: str) -> None:
    text = KSK_2024.base64
    changed = text[:at] + character + text[at + 1 :]
    identity = one(f"257 3 8 {changed}")
    assert identity.name == THIRD
    assert identity.standing is (Standing.CURRENT if changed == text else Standing.DAMAGED)


@pytest.mark.parametrize("number", [MODULUS, KSK_2017.public_key])
def test_a_wrong_decimal_digit(number: bytes) -> None:
    text = str(int.from_bytes(number))
    identity = one(text[:100] + str(9 - int(text[100])) + text[101:])
    assert identity.standing is Standing.DAMAGED
    assert "decimal digit 101" in str(identity.fault)


def test_each_of_several_with_its_line() -> None:
    text = f"; root\n. IN DS {DS1}\n. IN DS {DS2[:-1]}0\n. IN DNSKEY {KEY2}\n"
    assert [(i.line, i.name, i.standing) for i in found(text)] == [
        (2, SECOND, Standing.CURRENT),
        (3, THIRD, Standing.DAMAGED),
        (4, THIRD, Standing.CURRENT),
    ]
    mixed = f"see {DIGEST}\nand {FOREIGN}, not {KNOWN_KEYS[0].digest}"
    # Beside what is known, a digest of something else is no finding.
    assert [(i.line, i.name) for i in found(mixed)] == [(1, SECOND), (2, FIRST)]


def test_a_current_key_that_two_lines_state() -> None:
    assert [i.name for i in found(f"{DS1}\n{DS2}\n")] == [SECOND, THIRD]


def verdict(*standings: Standing | None, basis_verdict: bool = True) -> bool | None:
    told = [Identity("digest", standing, "key") for standing in standings]
    report = basis() if basis_verdict else unverified()
    return Identified(basis=report, found=told).is_current


def unverified() -> Report:
    request = Request(policy=VerificationPolicy(at=basis().at), source="/nowhere", dns="none")
    report = identify(request, DS1.encode()).basis
    assert report.verdict is Verdict.UNDECIDED
    return report


def test_the_worst_decides() -> None:
    assert verdict(Standing.CURRENT) is True
    assert verdict(Standing.CURRENT, Standing.CURRENT) is True
    assert verdict() is None
    assert verdict(None) is None
    assert verdict(Standing.CURRENT, None) is None
    assert verdict(Standing.CURRENT, Standing.DAMAGED) is False
    assert verdict(None, Standing.FOREIGN) is False
    assert verdict(Standing.NOT_YET) is False


def test_without_a_verified_publication_nothing_is_told() -> None:
    assert verdict(Standing.CURRENT, basis_verdict=False) is None


def test_pieces() -> None:
    assert alone("") is None
    assert alone("hello world") is None
    assert alone("e0:6d" * 16) == Piece(Notation.HEX, "E06D" * 16)
    assert bytes_of(Piece(Notation.HEX, "ABC")) is None
    assert bytes_of(Piece(Notation.BASE64, "A")) is None
    assert bytes_of(Piece(Notation.DECIMAL, "9" * 5000)) is None
    assert [piece.line for piece in pieces(f"a\nb {DIGEST}\n\n{DIGEST}")] == [2, 4]


@pytest.mark.parametrize(
    "unit",
    [
        *("1 ", "20326 8 2 ", "257 3 8 ", "AB ", "AB", "A", "9", "A:", "257 3 8 AAAA", "AA:g"),
        *(f"{DS1}\n", f"{DIGEST}\n", "20326 8 2 AAAAAAAA AAG ", "0x", '"', "\\", "( ", ". IN DS "),
    ],
)
def test_a_large_text_takes_no_time(unit: str) -> None:
    """All of it takes a second; what grows with the square of the size, hours."""
    began = time.process_time()
    found(unit * ((1 << 20) // len(unit)))
    assert time.process_time() - began < 20


@given(st.text("0123456789ABCDEFabcdefxOl+/=-_ \n\t\"'().:,;{}", max_size=200))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_no_text_is_too_odd(text: str) -> None:
    for identity in found(text):
        assert identity.name
