"""Why a fetch failed, in words for people: the libraries wrap one error in another."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import requests

from anchors.core.escape import without_password

__all__ = ["why_it_failed"]

# No chain of a library is longer; a chain may be a circle.
_MOST = 20


def why_it_failed(error: Exception) -> str:
    """The innermost cause in one line, without the password of a proxy."""
    causes = list(_causes(error))
    by_proxy = any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes)
    return f"{'proxy: ' if by_proxy else ''}{_words(causes)}"


def _words(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the TLS certificate was refused: {cause.verify_message}"
        if isinstance(cause, socket.gaierror):
            return "the name of the server cannot be resolved"
    for cause in reversed(causes):
        if isinstance(cause, TimeoutError | requests.exceptions.Timeout):
            return "the server did not answer in time"
        # urllib3's own errors have no number, and a cause of the system has.
        if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno:
            return os.strerror(cause.errno)
    return without_password(str(causes[-1]))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the innermost last."""
    cause: object = error
    for _ in range(_MOST):
        if not isinstance(cause, BaseException):
            return
        yield cause
        inner = getattr(cause, "reason", None)
        first = cause.args[0] if cause.args else None
        cause = next(
            (
                one
                for one in (inner, first, cause.__cause__, cause.__context__)
                if isinstance(one, BaseException)
            ),
            None,
        )
