"""The algorithms that a signature may be made with, and the check of its value (RFC 5652 5.6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ObjectIdentifier

from anchors.core.checks import Check
from anchors.core.errors import SignatureRefused
from anchors.publication.cms_asn1 import PssParameters, SignatureAlgorithm, SignerInfo
from anchors.publication.der import refuse, shown

__all__ = ["digest_algorithm", "is_known", "sha2", "verify"]

_MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
_RSA_PSS = ObjectIdentifier("1.2.840.113549.1.1.10")
_ED25519 = ObjectIdentifier("1.3.101.112")
# The salt where PSS parameters name none (RFC 4055 3.1).
_DEFAULT_SALT = 20

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = MappingProxyType(
    {
        "1.3.14.3.2.26": hashes.SHA1(),  # noqa: S303 - named so that it can be refused by name
        "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
        "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
        "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
    }
)
# rsaEncryption leaves the hash to digestAlgorithm; the others name it again.
_RSA_PKCS1V15: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.2.840.113549.1.1.1": "",
        "1.2.840.113549.1.1.5": "sha1",
        "1.2.840.113549.1.1.11": "sha256",
        "1.2.840.113549.1.1.12": "sha384",
        "1.2.840.113549.1.1.13": "sha512",
    }
)
_ECDSA: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.2.840.10045.4.3.2": "sha256",
        "1.2.840.10045.4.3.3": "sha384",
        "1.2.840.10045.4.3.4": "sha512",
    }
)
# Known, and never accepted: no SignerInfo with one of these is passed over as of the future.
_WEAK: Final = frozenset(
    {
        "2.16.840.1.101.3.4.2.4",  # SHA-224
        "2.16.840.1.101.3.4.3.1",  # DSA with SHA-224
        "2.16.840.1.101.3.4.3.2",  # DSA with SHA-256
        "2.16.840.1.101.3.4.3.3",  # DSA with SHA-384
        "2.16.840.1.101.3.4.3.4",  # DSA with SHA-512
    }
)
# Whole arcs to which nothing of the future is added; what is not accepted of them is weak, or no
# signature algorithm at all.
_OLD_ARCS: Final = (
    "1.2.840.113549.1.1.",  # PKCS #1
    "1.2.840.113549.2.",  # MD2, MD4, MD5
    "1.2.840.10040.4.",  # DSA (X9.57)
    "1.2.840.10045.",  # ECDSA (X9.62)
    "1.3.14.3.2.",  # SHA-1 and older (OIW)
    "1.3.36.3.",  # RIPEMD (TeleTrusT)
)
_KNOWN: Final = frozenset({*_HASHES, *_RSA_PKCS1V15, *_ECDSA, *_WEAK, _ED25519.dotted_string})


def is_known(oid: ObjectIdentifier) -> bool:
    """Whether a digest or signature algorithm can be judged here, be it for good or for bad."""
    return oid.dotted_string in _KNOWN or oid.dotted_string.startswith(_OLD_ARCS)


def sha2(oid: ObjectIdentifier) -> hashes.HashAlgorithm | None:
    """SHA-256, SHA-384 or SHA-512 by its object identifier; ``None`` for every other."""
    found = _HASHES.get(oid.dotted_string)
    return None if isinstance(found, hashes.SHA1) else found


def digest_algorithm(
    info: SignerInfo, announced: Collection[str], used: Collection[str]
) -> hashes.HashAlgorithm:
    """The one hash that the signature of ``info`` is made with (RFC 5652 5.1 and 5.3).

    Args:
        info: a SignerInfo.
        announced: the object identifiers of SignedData's digestAlgorithms.
        used: those of the digest algorithms of all its SignerInfos.

    Raises:
        SignatureRefused: it is not SHA-2 or SHA-1, or not the same everywhere.
    """
    oid = info.digest_algorithm.oid.dotted_string
    if oid not in _HASHES or sorted(announced) != sorted(set(used)):
        raise refuse(
            Check.CMS_DIGEST_ALGORITHM,
            "the digest algorithm is not SHA-2, or differs between the parts of the signature",
            got=f"{oid} in the SignerInfo, {', '.join(announced) or 'none'} in digestAlgorithms",
            want="the same one of SHA-256, SHA-384 and SHA-512 in both",
        )
    return _HASHES[oid]


def verify(
    signer: x509.Certificate,
    info: SignerInfo,
    hash_algorithm: hashes.HashAlgorithm,
    signed_bytes: bytes,
) -> None:
    """Check that the key of ``signer`` made the signature of ``info`` over ``signed_bytes``.

    Raises:
        SignatureRefused: the algorithm is not accepted, or the signature does not hold.
    """
    check = _verifier(signer, info.signature_algorithm, hash_algorithm)
    try:
        check(info.signature, signed_bytes)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise refuse(
            Check.CMS_SIGNATURE,
            "the signature over the signed attributes is invalid",
            got=str(error) or "an invalid signature",
            want="a signature made with the embedded certificate's key",
        ) from error


def _verifier(
    signer: x509.Certificate,
    algorithm: SignatureAlgorithm,
    hash_algorithm: hashes.HashAlgorithm,
) -> Callable[[bytes, bytes], None]:
    try:
        key = signer.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad_algorithm(algorithm, f"a public key that cannot be read ({error})") from error
    oid = algorithm.oid.dotted_string
    parameters = algorithm.parameters
    if isinstance(key, rsa.RSAPublicKey) and not isinstance(parameters, PssParameters):
        if _RSA_PKCS1V15.get(oid) in {"", hash_algorithm.name}:
            return lambda s, data: key.verify(s, data, padding.PKCS1v15(), hash_algorithm)
    elif isinstance(key, rsa.RSAPublicKey) and isinstance(parameters, PssParameters):
        pss = _pss(key, algorithm, parameters, hash_algorithm)
        return lambda s, data: key.verify(s, data, pss, hash_algorithm)
    elif (
        isinstance(key, ec.EllipticCurvePublicKey)
        and _ECDSA.get(oid) == hash_algorithm.name
        and parameters is None
    ):
        return lambda s, data: key.verify(s, data, ec.ECDSA(hash_algorithm))
    elif (
        isinstance(key, ed25519.Ed25519PublicKey)
        and algorithm.oid == _ED25519
        and parameters is None
        # RFC 8419 3.1: with signed attributes, the digest is SHA-512.
        and isinstance(hash_algorithm, hashes.SHA512)
    ):
        return key.verify
    raise _bad_algorithm(algorithm, f"{type(key).__name__} with {hash_algorithm.name}")


def _pss(
    key: rsa.RSAPublicKey,
    algorithm: SignatureAlgorithm,
    parameters: PssParameters,
    hash_algorithm: hashes.HashAlgorithm,
) -> padding.PSS:
    """RSASSA-PSS with the one hash everywhere (RFC 4056 3), and a salt of one of three lengths."""
    if algorithm.oid != _RSA_PSS or not _same_hash(parameters, hash_algorithm):
        raise _bad_algorithm(algorithm, "RSASSA-PSS with other hashes, mask or trailer")
    salt_length = parameters.salt_length
    # RFC 8017 9.1.1: what the encoded message has room for.
    longest = max(_DEFAULT_SALT, (key.key_size + 6) // 8 - hash_algorithm.digest_size - 2)
    # What standards recommend, what they have as a default, and what openssl 3.0 makes.
    if salt_length not in {hash_algorithm.digest_size, _DEFAULT_SALT, longest}:
        raise _bad_algorithm(algorithm, f"RSASSA-PSS with a salt of {shown(salt_length)} bytes")
    return padding.PSS(padding.MGF1(hash_algorithm), salt_length)


def _same_hash(parameters: PssParameters, hash_algorithm: hashes.HashAlgorithm) -> bool:
    """Whether parameters name the one hash, for the mask too, and the one trailer there is."""
    mask = parameters.mask_gen
    named = (parameters.hash, mask and mask.parameters)
    same = all(n is not None and _HASHES.get(n.oid.dotted_string) is hash_algorithm for n in named)
    return same and mask is not None and mask.oid == _MGF1 and parameters.trailer_field == 1


def _bad_algorithm(algorithm: SignatureAlgorithm, got: str) -> SignatureRefused:
    return refuse(
        Check.CMS_SIGNATURE_ALGORITHM,
        "the signature algorithm is not accepted, or does not match the digest algorithm",
        got=f"{algorithm.oid.dotted_string}: {got}",
        want="RSA (PKCS #1 v1.5 or PSS) or ECDSA with the digest algorithm's hash, or Ed25519 "
        "with SHA-512",
    )
