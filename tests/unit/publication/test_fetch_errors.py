"""Why a fetch failed, in words for people."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError

from anchors.publication.fetch_errors import why_it_failed


def wrapped(reason: Exception) -> requests.exceptions.ConnectionError:
    """As requests raises it: its own error around urllib3's around the cause."""
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


def unresolved() -> Exception:
    cause = socket.gaierror(-3, "Temporary failure in name resolution")
    error = NameResolutionError("data.iana.org", None, cause)  # type: ignore[arg-type]
    error.__cause__ = cause
    return wrapped(error)


def refused() -> Exception:
    error = requests.exceptions.ConnectionError("Connection aborted")
    error.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    return error


def untrusted() -> Exception:
    cause = ssl.SSLCertVerificationError("[SSL: CERTIFICATE_VERIFY_FAILED]")
    cause.verify_message = "certificate has expired"
    return requests.exceptions.SSLError(MaxRetryError(None, "/", cause))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (unresolved(), "the name of the server cannot be resolved"),
        (refused(), "Connection refused"),
        (untrusted(), "the TLS certificate was refused: certificate has expired"),
        (requests.exceptions.ConnectTimeout("x"), "the server did not answer in time"),
        (requests.exceptions.ReadTimeout("x"), "the server did not answer in time"),
        (ValueError("a word"), "a word"),
    ],
)
def test_the_innermost_cause_is_told(error: Exception, words: str) -> None:
    assert why_it_failed(error) == words


def test_a_circle_of_causes_ends() -> None:
    error = ValueError("a circle")
    error.__context__ = error
    assert why_it_failed(error) == "a circle"
