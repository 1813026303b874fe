"""Key tags, digests and zone-file text, held against the root's own keys and other arithmetic."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import NamedTuple

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from dns.dnssecalgs.eddsa import PublicED448
from dns.dnssectypes import Algorithm
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core import records
from anchors.core.rdata_text import dnskey_text, ds_text
from anchors.core.records import DNSKEY, DS
from tests.lab.keys import ksk
from tests.simulator.ksk import Ksk, lab_ksk
from tests.unit.stages import FIXTURES

KSKS = (FIXTURES / "root-ksks.zone").read_text(encoding="ascii")
_ENTRY = re.compile(
    r"^; (?P<name>[^,]+), .*?key tag (?P<tag>\d+), DS SHA-256 (?P<ds>[0-9A-F]{64})\n"
    r"\.\t172800\tIN\tDNSKEY\t(?P<flags>\d+) 3 8 (?P<key>\S+)$",
    re.MULTILINE,
)
# Tag of each key, and of the same key with REVOKE.
TAGS = {"KSK-2010": (19036, 19164), "KSK-2017": (20326, 20454), "KSK-2024": (38696, 38824)}


class Real(NamedTuple):
    """A key of the root, with what ``fixtures/root-ksks.zone`` says of it."""

    name: str
    flags: int
    tag: int
    ds: str
    key: str

    @property
    def dnskey(self) -> DNSKEY:
        return records.dnskey(self.flags, 8, base64.b64decode(self.key))


REAL = [
    Real(m["name"], int(m["flags"]), int(m["tag"]), m["ds"], m["key"])
    for m in _ENTRY.finditer(KSKS)
]
IDS = [f"{real.name} {real.flags}" for real in REAL]


def test_the_real_keys_are_all_there() -> None:
    found = {(real.name[:8], real.flags): real.tag for real in REAL}
    assert found == {
        (name, flags): tag
        for name, tags in TAGS.items()
        for flags, tag in zip((257, 385), tags, strict=True)
    }


@pytest.mark.parametrize("real", REAL, ids=IDS)
class TestRealKeys:
    def test_tag_and_ds(self, real: Real) -> None:
        assert records.key_tag(real.dnskey) == real.tag
        assert records.ds_digest(real.dnskey, 2).hex().upper() == real.ds

    def test_the_ds_with_sha_384(self, real: Real) -> None:
        ksk_ = Ksk(real.dnskey.key, 8, real.flags)
        assert records.ds_digest(real.dnskey, 4).hex().upper() == ksk_.digest("sha384")

    def test_text(self, real: Real) -> None:
        assert dnskey_text(real.flags, 8, real.dnskey.key) == f"{real.flags} 3 8 {real.key}"

    def test_without_revoke_it_is_the_key_it_was(self, real: Real) -> None:
        assert records.key_tag(records.without_revoke(real.dnskey)) == TAGS[real.name[:8]][0]

    def test_it_is_sound(self, real: Real) -> None:
        assert records.public_key_fault(real.dnskey) is None


def test_only_revoke_is_taken_away() -> None:
    for flags in (0, 1, 256, 257, 385, 0xFFFF):
        assert records.without_revoke(records.dnskey(flags, 8, b"key")).flags == flags & ~0x0080


def test_digests_are_as_long_as_they_say() -> None:
    key = records.dnskey(257, 8, b"key")
    lengths = {kind: len(records.ds_digest(key, kind)) for kind in records.DIGEST_LENGTHS}
    assert lengths == records.DIGEST_LENGTHS == {2: 32, 4: 48}


def test_retired_algorithms_and_sha_1_are_not_on_the_lists() -> None:
    assert set(records.ALGORITHMS) == {8, 10, 13, 14, 15, 16}
    assert set(records.DIGEST_LENGTHS) == {2, 4}
    with pytest.raises(KeyError):
        records.ds_digest(records.dnskey(257, 8, b"key"), 3)


def test_sha_1_is_computed_to_recognise_it() -> None:
    key, other = records.dnskey(257, 8, b"key"), Ksk(b"key", 8, 257)
    sha1 = hashlib.sha1(b"\0" + other.rdata, usedforsecurity=False).digest()
    assert records.ds_digest(key, 1) == sha1


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 0xFFFF), st.sampled_from([*records.ALGORITHMS]), st.binary(max_size=70))
def test_tag_digest_and_text_of_any_key(flags: int, algorithm: int, public_key: bytes) -> None:
    key, other = records.dnskey(flags, algorithm, public_key), Ksk(public_key, algorithm, flags)
    assert records.key_tag(key) == other.tag
    assert records.ds_digest(key, 2) == hashlib.sha256(b"\0" + other.rdata).digest()
    assert records.ds_digest(key, 4) == hashlib.sha384(b"\0" + other.rdata).digest()


class TestPublicKeyFault:
    @pytest.mark.parametrize(
        "algorithm", [Algorithm.RSASHA256, Algorithm.ECDSAP256SHA256, Algorithm.ED25519]
    )
    def test_a_sound_key(self, algorithm: Algorithm) -> None:
        assert records.public_key_fault(ksk("sound", algorithm).dnskey) is None

    def test_a_sound_p_384_key(self) -> None:
        assert (
            records.public_key_fault(records.dnskey(257, 14, lab_ksk("a", 14).public_key)) is None
        )

    def test_rsa_with_the_exponent_in_its_long_form(self) -> None:
        modulus = lab_ksk("sound").public_key[4:]
        key = records.dnskey(257, 8, b"\0\0\3\1\0\1" + modulus)
        assert records.public_key_fault(key) is None

    @pytest.mark.parametrize("algorithm", records.ALGORITHMS)
    @pytest.mark.parametrize(
        "public_key",
        [b"", b"\0", b"\0\0", b"\0\1", b"\0\xff\xff", b"\1", b"\1\3", b"\xff", b"\3\1\0\1"],
    )
    def test_a_stump(self, algorithm: int, public_key: bytes) -> None:
        assert records.public_key_fault(records.dnskey(257, algorithm, public_key))

    @pytest.mark.parametrize(
        ("algorithm", "public_key"),
        [
            (13, bytes(64)),
            (13, b"\xff" * 64),
            (13, bytes(63)),
            (13, bytes(65)),
            (14, bytes(96)),
            (15, bytes(31)),
            (15, bytes(33)),
            (16, bytes(56)),
            (8, b"\1\1" + b"\xff" * 256),
            (8, b"\1\2" + b"\xff" * 256),
            (8, b"\1\0" + b"\xff" * 256),
            (8, b"\xff" + b"\xff" * 256),
        ],
    )
    def test_what_is_no_key(self, algorithm: int, public_key: bytes) -> None:
        assert records.public_key_fault(records.dnskey(257, algorithm, public_key))

    def test_what_openssl_lacks_here_is_a_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        key = records.dnskey(257, 16, bytes(57))

        def lacking(_key: object) -> None:
            raise UnsupportedAlgorithm("ed448 is not supported by this version of OpenSSL")

        monkeypatch.setattr(PublicED448, "from_dnskey", lacking)
        fault = records.public_key_fault(key)
        assert fault is not None
        assert "ed448 is not supported" in fault

    @settings(deadline=None, derandomize=True)
    @given(st.sampled_from([*records.ALGORITHMS]), st.binary(max_size=300))
    def test_no_key_is_too_odd(self, algorithm: int, public_key: bytes) -> None:
        fault = records.public_key_fault(records.dnskey(257, algorithm, public_key))
        assert fault is None or fault


class TestText:
    def test_ds(self) -> None:
        text = ds_text(20326, 8, 2, bytes.fromhex("e0" * 32))
        assert text == "20326 8 2 " + "E0" * 32

    @settings(deadline=None, derandomize=True)
    @given(
        st.integers(0, 0xFFFF),
        st.sampled_from([*records.ALGORITHMS]),
        st.sampled_from([2, 4]),
        st.binary(min_size=48, max_size=48),
    )
    def test_ds_reads_back(self, tag: int, algorithm: int, kind: int, digest: bytes) -> None:
        digest = digest[: records.DIGEST_LENGTHS[kind]]
        text = ds_text(tag, algorithm, kind, digest)
        (found,) = records.root_records(f". IN DS {text}\n")
        assert isinstance(found, DS)
        assert (found.key_tag, found.algorithm, found.digest_type) == (tag, algorithm, kind)
        assert found.digest == digest

    @settings(deadline=None, derandomize=True)
    @given(st.integers(0, 0xFFFF), st.sampled_from([*records.ALGORITHMS]), st.binary(min_size=1))
    def test_dnskey_reads_back(self, flags: int, algorithm: int, public_key: bytes) -> None:
        text = dnskey_text(flags, algorithm, public_key)
        assert records.root_records(f". IN DNSKEY {text}\n") == [
            records.dnskey(flags, algorithm, public_key)
        ]


RDATA = "20326 8 2 " + "E0" * 32


class TestRootRecords:
    @pytest.mark.parametrize(
        "text",
        [
            f". IN DS {RDATA}",
            f". DS {RDATA}\n",
            f". 172800 IN DS {RDATA}\n",
            f". IN 172800 DS {RDATA}\n",
            f".\tIN\tDS\t{RDATA.lower()} ; a comment\r\n",
            f"; a comment\n\n. IN DS {RDATA}\n",
            f". IN DS 20326 8 2 ( {'E0' * 16}\n {'E0' * 16} )\n",
            f". IN DS 20326 8 2 {'E0' * 16} {'E0' * 16}\n",
            f". IN DS 20326 RSASHA256 2 {'E0' * 32}\n",
            f". IN TYPE43 \\# 36 4F66 08 02 {'E0' * 32}\n",
        ],
    )
    def test_every_way_to_write_one(self, text: str) -> None:
        (found,) = records.root_records(text)
        assert ds_text(20326, 8, 2, b"\xe0" * 32) == RDATA
        assert (found.rdtype, found.to_text().upper()) == (DS_TYPE, RDATA)

    def test_all_of_the_real_ones(self) -> None:
        found = [r for r in records.root_records(KSKS) if isinstance(r, DNSKEY)]
        assert [records.key_tag(key) for key in found] == [real.tag for real in REAL]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n; nothing\n",
            f"example. IN DS {RDATA}\n",
            ". IN NS a.root-servers.net.\n",
            ". IN TXT DS\n",
            f". IN CDS {RDATA}\n",
        ],
    )
    def test_what_is_not_the_roots(self, text: str) -> None:
        assert records.root_records(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "<html>",
            ". IN DS",
            ". IN DS 20326 8 2",
            ". IN DS 20326 8 2 E0",
            ". IN DS 20326 8 2 XYZ",
            f". IN DS 65536 8 2 {'E0' * 32}",
            f". IN DS 20326 256 2 {'E0' * 32}",
            f". IN DS -1 8 2 {'E0' * 32}",
            f". IN DS 20326 8 4 {'E0' * 32}",
            ". IN DNSKEY 257 3 8 AwEAA",
            ". IN NOSUCHTYPE x",
            f". XX DS {RDATA}",
            f'. IN DS 20326 8 2 "{"E0" * 32}',
            f". IN DS 20326 8 2 ( {'E0' * 32}",
            "$INCLUDE /etc/passwd\n",
            "$GENERATE 1-1000000 $ IN A 127.0.0.1\n",
            "\0",
        ],
    )
    def test_what_is_no_zone_file(self, text: str) -> None:
        with pytest.raises(ValueError, match="not zone-file text"):
            records.root_records(text)

    @settings(deadline=None, derandomize=True)
    @given(st.text(st.sampled_from('\n \t().;"\\$@0123456789ABEDINSKYé\0'), max_size=60))
    def test_no_text_is_too_odd(self, text: str) -> None:
        try:
            found = records.root_records(text)
        except ValueError:
            return
        assert all(isinstance(record, DS | DNSKEY) for record in found)


DS_TYPE = 43
