"""OpenSSL without its algorithms, told as what it is.

``OPENSSL_CONF``, or the system's ``openssl.cnf``, may ask for a provider that is not there
(config(5ossl)).  Hashes, signatures or TLS are then missing, and each library that needs them
fails in a way of its own, some while they are loaded.  So OpenSSL itself is asked.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Mapping
from types import MappingProxyType

from anchors.core.checks import Check
from anchors.core.errors import NoAlgorithms

__all__ = ["missing_algorithms"]


def missing_algorithms() -> NoAlgorithms | None:
    """What OpenSSL lacks here; ``None`` where it has all that a verification needs."""
    faults = [f"{name}: {fault}" for name, use in _USES.items() if (fault := _fault(use))]
    if not faults:
        return None
    return NoAlgorithms(
        Check.OPENSSL_ALGORITHMS,
        "OpenSSL does not provide the algorithms that a verification needs",
        got="; ".join(faults),
        want="SHA-256 and TLS, which OpenSSL provides unless its configuration disables them",
        remedy="unset OPENSSL_CONF, or correct the file that it names; if it is not set, correct "
        "the system's openssl.cnf",
    )


def _hash_by_python() -> None:
    hashlib.sha256(b"").digest()


def _hash_by_cryptography() -> None:
    # It may bring an OpenSSL of its own.
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - fails while it is loaded

    hashes.Hash(hashes.SHA256()).finalize()


def _open_tls() -> None:
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


_USES: Mapping[str, Callable[[], None]] = MappingProxyType(
    {
        "SHA-256 in Python": _hash_by_python,
        "SHA-256 in cryptography": _hash_by_cryptography,
        "TLS in Python": _open_tls,
    }
)


def _fault(use: Callable[[], None]) -> str | None:
    try:
        use()
    except ssl.SSLError as error:
        return _sentence(error)
    except (ImportError, MemoryError, OSError):
        # Not installed, or no room to load it: no matter of OpenSSL's.
        return None
    except Exception as error:  # noqa: BLE001 - each library has errors of its own for it
        return _sentence(error)
    return None


def _sentence(error: Exception) -> str:
    return str(error).partition(". ")[0] or type(error).__name__
