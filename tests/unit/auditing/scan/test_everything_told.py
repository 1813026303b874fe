"""Nothing with a root key in it is passed over, whatever it is written in and whatever its name."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from anchors.auditing.scan.classify import inspect
from anchors.auditing.scan.embedded import Search, compiled_in
from anchors.consumers.files import Location
from anchors.consumers.reading import CONTENT, Compiled, Place
from anchors.core.match import digests_of
from anchors.core.root_facts import KNOWN_KEYS
from tests.unit.auditing.scan.test_embedded import KEYS

AT = datetime(2026, 11, 24, tzinfo=UTC)
DIGESTS = {key.key_tag: bytes.fromhex(key.digest) for key in KNOWN_KEYS}
OLD, NEW = DIGESTS[20326], DIGESTS[38696]
DS = OLD.hex().upper()
PUBLIC = KEYS[38696].key
MODULUS = PUBLIC[4:]
PEM_WIDTH = 64


def found(content: bytes) -> Compiled:
    compiled = compiled_in(content)
    assert compiled is not None
    return compiled


def place(name: str, text: str) -> Place | None:
    return inspect(Location("PATH", name), text.encode(), at=AT)


# Each with the line that the key stands in.
TEXTS = {
    "etc/default/dnsmasq": (f'\nOPTS="--dnssec --trust-anchor=.,20326,8,2,{DS}"\n', 2),
    "dnsmasq.service": (f"[Service]\nExecStart=dnsmasq \\\n --trust-anchor=.,20326,8,2,{DS}\n", 3),
    "compose.yaml": (f'services:\n  dns:\n    command: ["--trust-anchor=.,20326,8,2,{DS}"]\n', 3),
    "Dockerfile": (f'FROM alpine\nRUN echo ". IN DS 20326 8 2 {DS}" > /etc/root.key\n', 2),
    "configmap.yaml": (f"kind: ConfigMap\ndata:\n  root.key: |\n    . IN DS 20326 8 2 {DS}\n", 4),
    "values.yaml": (f'anchors:\n  - "20326 8 2 {DS}"\n', 2),
    "hiera/common.yaml": (f'unbound::trust_anchors:\n  - ". IN DS 20326 8 2 {DS}"\n', 2),
    "attributes/default.rb": (f"default['a']['b'] = '. IN DS 20326 8 2 {DS}'\n", 1),
    "user-data": (
        f"#cloud-config\nwrite_files:\n  - content: |\n      . IN DS 20326 8 2 {DS}\n",
        4,
    ),
    "main.tf": (f'variable "ds" {{\n  default = "{DS}"\n}}\n', 2),
    "pihole.toml": (f'[dns]\nds = "20326,8,2,{DS}"\n', 2),
    "anchor.go": (f'Digest: "{DS}",\n', 1),
    "Anchors.php": (f"<?php\nconst ROOT = '{DS}';\n", 2),
    "Anchors.cs": (f'const string Root = "{DS}";\n', 1),
    "Anchors.kt": (f'val root = "{DS.lower()}"\n', 1),
    "anchors.ex": (f'@root "{DS}"\n', 1),
    "setup.ps1": (f'$ds = "{DS}"\r\n', 1),
    "flake.nix": (f'{{\n  ds = "{DS}";\n}}\n', 2),
    "app.min.js": (f'!function(){{var a=1,d="{DS}"}}();', 1),
    "README.md": (f"# Anchors\n\n`. IN DS 20326 8 2 {DS}`\n", 3),
    "x.json": (f'{{"digest": "{DS}"}}\n', 1),
    "no-ending-known.q7z": (f"{DS}\n", 1),
}


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_that_holds_a_key_is_a_place_with_its_line(name: str) -> None:
    text, line = TEXTS[name]
    told = place(name, text)
    assert told is not None
    assert told.reading is not None
    assert told.reading.syntax == CONTENT
    assert told.reading.compiled == Compiled((OLD,), (), line)


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_text_without_the_key_is_no_place(name: str) -> None:
    text = TEXTS[name][0].replace(DS, "").replace(DS.lower(), "")
    assert place(name, text) is None


def test_what_a_reader_claims_keeps_its_reading() -> None:
    told = place("root.key", f". IN DS 20326 8 2 {DS}\n")
    assert told is not None
    assert told.reading is not None
    assert told.reading.syntax != CONTENT
    assert told.reading.compiled is None


@pytest.mark.parametrize("name", ["bind.keys.h", "keys.c"])
def test_a_header_that_has_a_configuration_in_it_is_a_source(name: str) -> None:
    def entry(digest: bytes, tag: int) -> str:
        text = digest.hex().upper()
        return f'\t. initial-ds {tag} 8 2 \\"{text[:56]}\\n\\\n\t{text[56:]}\\";\\n\\\n'

    text = (
        '#define TRUST_ANCHORS "\\\ntrust-anchors {\\n\\\n'
        f'{entry(OLD, 20326)}{entry(NEW, 38696)}}};\\n\\\n"\n'
    )
    told = place(name, text)
    assert told is not None
    assert told.reading is not None
    assert told.reading.syntax == CONTENT
    assert told.reading.compiled == Compiled((OLD, NEW), (), 3)


def folded(text: str, width: int, between: str) -> str:
    return between.join(text[at : at + width] for at in range(0, len(text), width))


def pem(der: bytes) -> str:
    body = folded(base64.b64encode(der).decode(), PEM_WIDTH, "\n")
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def spki() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
    )

    key = RSAPublicNumbers(65537, int.from_bytes(MODULUS)).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pkcs1() -> bytes:
    # The bit string of the other one.
    return spki()[24:]


def digests(tag: int = 38696) -> dict[int, bytes]:
    return dict(digests_of(257, 8, KEYS[tag].key))


BASE64 = base64.b64encode(PUBLIC).decode()
SHAPES: dict[str, bytes] = {
    "RFC 3110": PUBLIC,
    "SPKI DER": spki(),
    "SPKI PEM": pem(spki()).encode(),
    "PKCS 1 DER": pkcs1(),
    "PKCS 1 PEM": pem(pkcs1()).encode(),
    "modulus in hex": MODULUS.hex().encode(),
    "modulus as openssl prints it": folded(
        "00:" + ":".join(f"{b:02x}" for b in MODULUS), 45, "\n    "
    ).encode(),
    "modulus in decimal": str(int.from_bytes(MODULUS)).encode(),
    "RFC 3110 in decimal": str(int.from_bytes(PUBLIC)).encode(),
    "modulus as a list": ", ".join(map(hex, MODULUS)).encode(),
    "modulus as a list in decimal": ",\n".join(map(str, MODULUS)).encode(),
    "list in hex": ", ".join(f"0x{b:02X}" for b in NEW).encode(),
    "list in hex without zeros": ", ".join(map(hex, NEW)).encode(),
    "list of words": ("0x" + folded(NEW.hex(), 8, ", 0x")).encode(),
    "list in decimal": ("[" + ", ".join(map(str, NEW)) + "]").encode(),
    "signed list": ", ".join(str(b - 256 if b > 127 else b) for b in NEW).encode(),
    "x escapes": "".join(f"\\x{b:02X}" for b in NEW).encode(),
    "u escapes": "".join(f"\\u{b:04x}" for b in NEW).encode(),
    "Python's repr": repr(NEW).encode(),
    "octal escapes": "".join(f"\\{b:03o}" for b in NEW).encode(),
    "colons": ":".join(f"{b:02x}" for b in NEW).encode(),
    "base64 of the digest": base64.b64encode(NEW),
    "base64 of the RDATA": base64.b64encode(b"\x97\x28\x08\x02" + NEW),
    "SHA-1": digests()[1].hex().upper().encode(),
    "SHA-1 as bytes": digests()[1],
    "SHA-384": digests()[4].hex().encode(),
    "SHA-384 as bytes": digests()[4],
    "base64 of SHA-384": base64.b64encode(digests()[4]),
    "UTF-16": NEW.hex().encode("utf-16-le"),
    "JSON with escaped slashes": BASE64.replace("/", "\\/").encode(),
    "base64url": base64.urlsafe_b64encode(PUBLIC),
    "a difference": ("+" + folded(BASE64, 56, "\n+\t\t")).encode(),
    "added strings": f'"{folded(BASE64, 60, chr(34) + " + " + chr(34))}"'.encode(),
    "C strings": (f'"{folded(BASE64, 60, chr(92) + "n" + chr(34) + chr(10) + chr(34))}"'.encode()),
    "C continuations": folded(BASE64, 56, "\\n\\\n\t\t").encode(),
    "comments": f"// {folded(BASE64, 44, chr(10) + '// ')}".encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("offset", range(0, 24, 5))
def test_a_key_is_found_in_every_shape(shape: str, offset: int) -> None:
    content = b" " * offset + b"= " + SHAPES[shape] + b" ;\n"
    assert found(content) == found(content)._replace(key_digests=(NEW,), damaged=())


@pytest.mark.parametrize("width", range(20, 100))
def test_a_key_is_found_folded_at_any_column(width: int) -> None:
    assert found(folded(BASE64, width, "\n\t\t\t\t").encode()).key_digests == (NEW,)
    assert found(folded(NEW.hex(), width, "\n  ").encode()).key_digests == (NEW,)


@pytest.mark.parametrize("shape", ["list in decimal", "SPKI DER", "SHA-1 as bytes", "x escapes"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_blocks_may_cut_any_shape(shape: str, size: int) -> None:
    content = b"\0" * 5000 + SHAPES[shape] + b"\0" * 100
    search = Search()
    for at in range(0, len(content), size):
        search.feed(content[at : at + size])
    assert search.result() == Compiled((NEW,))


WRONG = f"{NEW.hex()[:-4]}0000"


@pytest.mark.parametrize(
    "content",
    [
        WRONG.encode(),
        bytes.fromhex(WRONG),
        ", ".join(f"{b:02x}" for b in bytes.fromhex(WRONG)).encode(),
        b"\x7fELF\0\0" + bytes.fromhex(WRONG) + b"\0" * 99,
    ],
)
def test_the_last_bytes_wrong_are_damage(content: bytes) -> None:
    compiled = found(content)
    assert compiled.key_digests == ()
    (damaged,) = compiled.damaged
    assert damaged.key_digest == NEW
    assert damaged.fault == ("digit 61 of the digest is '0', but should be '2', and 3 more")


# A list of numbers has other digits than the digest, and some are of another length.
LISTS: dict[str, Callable[[bytes], str]] = {
    "0xE0, 0x06": lambda content: ", ".join(f"0x{b:02X}" for b in content),
    "0xe0, 0x6": lambda content: ", ".join(map(hex, content)),
    "0xe06d4480, 0x": lambda content: f"0x{folded(content.hex(), 8, ', 0x')}",
    "224, 6": lambda content: ", ".join(map(str, content)),
    "224, 006": lambda content: ", ".join(f"{b:03}" for b in content),
    "-32, 6": lambda content: ", ".join(str(b - 256 if b > 127 else b) for b in content),
}


@pytest.mark.parametrize("number", LISTS)
@pytest.mark.parametrize("at", [0, 7, 16, 30, 31])
def test_a_wrong_number_in_a_list_is_damage_told_once(number: str, at: int) -> None:
    write = LISTS[number]
    digest = NEW[:at] + bytes([NEW[at] ^ 0x11]) + NEW[at + 1 :]
    modulus = MODULUS[: 8 * at] + bytes([MODULUS[8 * at] ^ 0x11]) + MODULUS[8 * at + 1 :]
    for content, what in ((digest, "digest"), (modulus, "public key")):
        compiled = found(f"= {{{write(content)}}};".encode())
        assert compiled.key_digests == ()
        (damaged,) = compiled.damaged
        assert damaged.key_digest == NEW
        assert f"the {what} as a list of numbers" in damaged.fault
    assert found(f"= {{{write(NEW)}}};".encode()) == Compiled((NEW,), (), 1)


@pytest.mark.parametrize("write", [bytes, base64.b64encode], ids=["bytes", "base64"])
def test_a_slip_is_damage_wherever_it_lies(write: Callable[[bytes], bytes]) -> None:
    for before in range(24):
        for at in range(32):
            wrong = write(NEW[:at] + bytes([NEW[at] ^ 0x55]) + NEW[at + 1 :])
            (damaged,) = found(b"\xff=" + b"a" * before + b"\xff" + wrong + b"=" * 40).damaged
            assert damaged.key_digest == NEW


def test_a_damaged_copy_has_its_line() -> None:
    (damaged,) = found(f"{NEW.hex()}\n\n{WRONG}\n".encode()).damaged
    assert damaged.line == 3


@pytest.mark.parametrize("at", [3, 20, 40, 58])
def test_a_digit_lost_or_added_is_damage(at: int) -> None:
    text = NEW.hex()
    for wrong in (text[:at] + text[at + 1 :], text[:at] + "7" + text[at:]):
        (damaged,) = found(f'"{wrong}"'.encode()).damaged
        assert damaged.fault.startswith("the digest has 6")


@pytest.mark.parametrize("at", [1, 100, 200, 339])
def test_a_slip_in_a_public_key_is_damage(at: int) -> None:
    wrong = BASE64[:at] + ("A" if BASE64[at] != "A" else "B") + BASE64[at + 1 :]
    compiled = compiled_in(f". IN X {wrong}\n".encode())
    if at == 1:
        # The exponent is not compared.
        assert compiled == Compiled((NEW,), (), 1)
        return
    assert compiled is not None
    assert compiled.key_digests == ()
    assert {one.key_digest for one in compiled.damaged} == {NEW}
    assert re.fullmatch(
        "[0-9] base64 characters? of the public key differs?", compiled.damaged[0].fault
    )


def test_a_part_of_a_digest_is_neither_found_nor_damage() -> None:
    for part in (NEW.hex()[:32], NEW.hex()[32:], NEW.hex()[:48]):
        assert compiled_in(f"0x{part}... and so on, abcdef 0123456789\n".encode() * 3) is None


def test_a_dump_with_addresses_is_no_damage() -> None:
    rows = [NEW[at : at + 16] for at in range(0, 32, 16)]
    dump = "".join(f"{at:08x}  {row.hex(' ')}  |....|\n" for at, row in enumerate(rows))
    assert compiled_in(dump.encode()) is None


def test_random_content_is_nothing() -> None:
    choose = random.Random(1)
    assert compiled_in(choose.randbytes(4 << 20)) is None
    assert compiled_in(choose.randbytes(1 << 20).hex().encode()) is None
    assert compiled_in(base64.b64encode(choose.randbytes(1 << 20))) is None


@pytest.mark.parametrize("piece", [NEW.hex()[:40], NEW.hex()[8:16], BASE64[:50], "\\x41"])
def test_what_is_almost_a_key_many_times_is_searched_in_no_time(piece: str) -> None:
    content = (piece.encode() * (1 << 20))[: 1 << 20]
    compiled = compiled_in(content)
    assert compiled is None or compiled.key_digests == ()
