"""What is to be verified, and with what: the request, and whether it makes sense."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import Server

__all__ = ["Request", "senseless", "sensible"]

_SKR = "skr:"
_MAX_SERVERS = 100
_MAX_TIMEOUT = 3600.0
# The library that finds the path counts in one byte.
_MAX_INTERMEDIATES = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify, and how.

    Attributes:
        policy: how to judge; its ``at`` is the time of judgement.
        source: ``live``, ``embedded``, a directory, or a base URL.
        dns: ``live``, ``recorded``, ``none``, a file with an RRset as zone-file text, or ``skr:``
            and a file with a signed key response.
        skr: a signed key response to hold the answers against.
        servers: whom to ask instead of the root servers, 100 at most; for ``dns="live"``.
        ca_file: PEM roots instead of the built-in ones.
        at_given: the time was the user's choice, not the clock's.
        timeout: the deadline for fetching and asking, in seconds; 3600 at most.
    """

    policy: VerificationPolicy
    source: str = "live"
    dns: str = "live"
    skr: Path | None = None
    servers: tuple[Server, ...] = ()
    ca_file: Path | None = None
    at_given: bool = False
    timeout: float = 30.0

    @property
    def skr_file(self) -> Path | None:
        """The signed key response, by either option."""
        named = self.dns.removeprefix(_SKR)
        return self.skr if named == self.dns else Path(named)

    @property
    def options(self) -> tuple[str, ...]:
        """What the command line needs to verify the same again, but for the time."""
        if (self.source, self.dns) == ("embedded", "recorded"):
            words = ["--offline"]
        else:
            words = [] if self.source == "live" else ["--source", self.source]
            words += [] if self.dns == "live" else ["--dns", self.dns]
        words += [] if self.ca_file is None else ["--ca", str(self.ca_file)]
        return tuple(words)

    @property
    def dns_mode(self) -> str:
        """``live``, ``recorded``, ``none``, ``skr``, or ``file``."""
        if self.dns.startswith(_SKR):
            return "skr"
        return self.dns if self.dns in {"live", "recorded", "none"} else "file"


def sensible(request: Request) -> Request:
    """The request with its time in UTC, where it makes sense: asked before anything is fetched.

    Raises:
        UsageError: it contradicts itself, or is out of range.
    """
    mode, servers = request.dns_mode, len(request.servers)
    if "" in {request.source, request.dns} or request.dns == _SKR:
        raise senseless(
            "--source, --dns and --skr need a value that is not empty", got="''", want="a name"
        )
    if servers > _MAX_SERVERS:
        raise senseless(
            "too many servers", got=f"{servers} --server", want=f"at most {_MAX_SERVERS} servers"
        )
    if servers and mode != "live":
        raise senseless(
            "--server works with --dns live only",
            got=f"--server with --dns {request.dns}",
            want="--dns live",
        )
    if request.skr is not None and mode in {"skr", "none"}:
        raise senseless(
            "--skr compares DNS answers with a signed key response",
            got=f"--skr with --dns {request.dns}",
            want="one signed key response, and --dns live, recorded or FILE",
        )
    if not (math.isfinite(request.timeout) and 0 < request.timeout <= _MAX_TIMEOUT):
        raise senseless(
            "the timeout is out of range",
            got=str(request.timeout),
            want=f"more than 0 and at most {_MAX_TIMEOUT:g} seconds",
        )
    if not 0 <= request.policy.max_intermediates <= _MAX_INTERMEDIATES:
        raise UsageError(
            Check.USAGE,
            "the number of intermediate CAs is out of range",
            got=str(request.policy.max_intermediates),
            want=f"0 to {_MAX_INTERMEDIATES}",
            remedy="correct VerificationPolicy's max_intermediates",
        )
    return replace(request, policy=replace(request.policy, at=_in_utc(request.policy.at)))


def _in_utc(at: datetime) -> datetime:
    got = at.isoformat()
    if at.utcoffset() is None:
        raise UsageError(
            Check.USAGE,
            "the time of judgement has no time zone",
            got=got,
            want="a datetime with a tzinfo",
            remedy="give the time a tzinfo: VerificationPolicy(at=datetime.now(UTC))",
        )
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        message = "the time of judgement is outside the years 1 to 9999"
        raise senseless(message, got=got, want="a time within these years, in UTC") from error


def senseless(message: str, *, got: str, want: str) -> UsageError:
    """What was asked for cannot be done."""
    return UsageError(
        Check.USAGE, message, got=got, want=want, remedy="see root-anchors COMMAND --help"
    )
