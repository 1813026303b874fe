"""Key signing keys: the real ones of the root and lab ones, with tag and DS computed here."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

__all__ = ["KSK_2017", "KSK_2024", "Ksk", "lab_ksk"]


@dataclass(frozen=True, slots=True)
class Ksk:
    """The fields of a DNSKEY of the root zone (RFC 4034 2)."""

    public_key: bytes
    algorithm: int = 8
    flags: int = 257

    @property
    def rdata(self) -> bytes:
        """The DNSKEY RDATA in wire form."""
        return self.flags.to_bytes(2) + bytes([3, self.algorithm]) + self.public_key

    @property
    def tag(self) -> int:
        """The key tag (RFC 4034 B)."""
        padded = self.rdata + b"\0" * (len(self.rdata) % 2)
        total = sum(int.from_bytes(padded[i : i + 2]) for i in range(0, len(padded), 2))
        return (total + (total >> 16)) & 0xFFFF

    def digest(self, name: str = "sha256") -> str:
        """The digest of its DS (RFC 4034 5.1.4); the owner is the root, one zero byte."""
        return hashlib.new(name, b"\0" + self.rdata).hexdigest().upper()

    @property
    def base64(self) -> str:
        """The public key as the document writes it."""
        return base64.b64encode(self.public_key).decode()


@cache
def lab_ksk(owner: str, algorithm: int = 8, flags: int = 257, bits: int = 2048) -> Ksk:
    """A key of nobody, made once per process."""
    del owner  # only tells cached keys apart
    return Ksk(_generate(algorithm, bits), algorithm, flags)


def _generate(algorithm: int, bits: int) -> bytes:
    if algorithm == 15:
        key = ed25519.Ed25519PrivateKey.generate().public_key()
        return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    if algorithm in {13, 14}:
        point = ec.generate_private_key(ec.SECP256R1() if algorithm == 13 else ec.SECP384R1())
        return point.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )[1:]
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return b"\x03\x01\x00\x01" + numbers.n.to_bytes(bits // 8)


KSK_2017 = Ksk(
    base64.b64decode(
        "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5e"
        "mLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF"
        "0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1"
        "uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwN"
        "R1AkUTV74bU="
    )
)
KSK_2024 = Ksk(
    base64.b64decode(
        "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU"
        "5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+s"
        "iFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxl"
        "FzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUe"
        "ayffKC73PYc="
    )
)
