from __future__ import annotations

import base64
from pathlib import Path

import pytest

from anchors.auditing.scan.embedded import Search, compiled_in
from anchors.core import records
from anchors.core.root_facts import KNOWN_KEYS, ROOT_CAS

FIXTURES = Path(__file__).parents[4] / "fixtures"
PEM = FIXTURES.parent / "anchors" / "publication" / "data" / "icann-root-cas.pem"
NOISE = bytes(range(256)) * 300
FIRST, SECOND = (ca.sha256 for ca in ROOT_CAS)


def ksks() -> dict[int, records.DNSKEY]:
    """The three keys from their own file."""
    found = records.root_records((FIXTURES / "root-ksks.zone").read_text(encoding="utf-8"))
    keys = [key for key in found if isinstance(key, records.DNSKEY) and key.flags == 257]
    return {records.key_tag(key): key for key in keys}


KEYS = ksks()
DIGESTS = {key.key_tag: bytes.fromhex(key.digest) for key in KNOWN_KEYS}


def forms(tag: int) -> dict[str, bytes]:
    digest, key = DIGESTS[tag], KEYS[tag].key
    upper = digest.hex().upper()
    text = base64.b64encode(key).decode()
    return {
        "upper": upper.encode(),
        "lower": digest.hex().encode(),
        "bytes": digest,
        "base64": text.encode(),
        "broken hex": f"{upper[:48]}\n\t{upper[48:]}".encode(),
        "broken base64": " ".join(text[i : i + 56] for i in range(0, len(text), 56)).encode(),
        "C strings": f'"{upper[:48]}"\n  "{upper[48:]}"'.encode(),
    }


@pytest.mark.parametrize("tag", DIGESTS)
@pytest.mark.parametrize("form", forms(20326))
def test_each_form_of_each_key_is_found(tag: int, form: str) -> None:
    compiled = compiled_in(NOISE + forms(tag)[form] + NOISE)
    assert compiled is not None
    assert compiled.key_digests == (DIGESTS[tag],)
    assert compiled.roots == ()


@pytest.mark.parametrize("template", ["0x{:02x}, ", "0x{:02X},", "0x{:02x},\n"])
def test_a_list_of_bytes_in_a_source_is_found(template: str) -> None:
    source = "static const uint8_t ds[] = {" + "".join(map(template.format, DIGESTS[38696])) + "};"
    compiled = compiled_in(source.encode())
    assert compiled is not None
    assert compiled.key_digests == (DIGESTS[38696],)


def test_a_slip_in_any_digit_is_no_find_and_is_damage() -> None:
    text = DIGESTS[20326].hex()
    for at in range(64):
        wrong = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        for content in (wrong.encode(), bytes.fromhex(wrong)):
            compiled = compiled_in(NOISE + content + NOISE)
            assert compiled is not None
            assert compiled.key_digests == ()
            (damaged,) = compiled.damaged
            assert damaged.key_digest == DIGESTS[20326]
            assert damaged.fault.startswith(f"digit {at + 1} of the digest is ")


def certificates() -> list[tuple[str, bytes]]:
    blocks = PEM.read_text(encoding="utf-8").split("-----BEGIN CERTIFICATE-----")[1:]
    bodies = [block.partition("-----END")[0] for block in blocks]
    return [(body, base64.b64decode(body)) for body in bodies]


@pytest.mark.parametrize(("number", "root"), [(0, FIRST), (1, SECOND)])
def test_each_root_is_found_as_text_and_as_bytes(number: int, root: str) -> None:
    text, der = certificates()[number]
    quoted = "\n".join(f'"{line}\\n"' for line in text.split())
    for content in (text.encode(), der, quoted.encode()):
        compiled = compiled_in(NOISE + content + NOISE)
        assert compiled is not None
        assert (compiled.key_digests, compiled.roots) == ((), (root,))


def test_all_is_told_in_the_order_of_keys_and_roots() -> None:
    content = PEM.read_bytes() + b"".join(DIGESTS[tag] for tag in (38696, 19036, 20326))
    compiled = compiled_in(content)
    assert compiled is not None
    assert compiled.key_digests == tuple(DIGESTS.values())
    assert compiled.roots == (FIRST, SECOND)


@pytest.mark.parametrize("size", [1, 7, 31, 63, 64, 65, 255, 256, 257, 4096])
def test_blocks_may_cut_a_find_anywhere(size: int) -> None:
    content = NOISE[:500] + forms(38696)["broken hex"] + NOISE[:300] + DIGESTS[20326]
    search = Search()
    for at in range(0, len(content), size):
        search.feed(content[at : at + size])
    compiled = search.result()
    assert compiled is not None
    assert compiled.key_digests == (DIGESTS[20326], DIGESTS[38696])


def test_what_begins_like_a_digest_a_million_times_is_searched_in_no_time() -> None:
    assert compiled_in(DIGESTS[20326].hex()[:40].encode() * 25_000) is None


def test_nothing_is_nothing() -> None:
    assert compiled_in(b"") is None
    assert compiled_in(NOISE) is None
