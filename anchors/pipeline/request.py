"""What to verify, and how: a request, which is always valid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.policy import VerificationPolicy
from anchors.core.servers import Server, parse_server

__all__ = ["Options", "Request", "as_path", "as_server", "request_of", "senseless"]

_SKR = "skr:"
_MAX_SERVERS = 100
_MAX_TIMEOUT = 3600.0
_OF_POLICY = {"at", "signer", "include_future", "allow_rollback"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify, and how.

    Paths may be given as ``str``, and servers as the command line takes them.

    Attributes:
        policy: the limits and the time of judgement, ``at``.
        source: ``live``, ``embedded``, a directory, or a base URL.
        dns: ``live``, ``recorded``, ``none``, a file with an RRset as zone-file text, or ``skr:``
            and a file with a signed key response.
        skr: a signed key response, with which the answers are compared.
        servers: servers to query instead of the root servers, at most 100; for ``dns="live"``.
        ca_file: a PEM file with roots that replace the built-in ones.
        at_given: whether the user chose the time, instead of the clock.
        timeout: the deadline for fetching and DNS queries, in seconds; at most 3600.

    Raises:
        UsageError: values contradict each other, or are out of range.
    """

    policy: VerificationPolicy
    source: str = "live"
    dns: str = "live"
    skr: Path | None = None
    servers: tuple[Server, ...] = ()
    ca_file: Path | None = None
    at_given: bool = False
    timeout: float = 30.0

    def __post_init__(self) -> None:
        # Of other types than mypy lets through: each is taken, or refused by its name.
        given: Any = self
        servers = [given.servers] if isinstance(given.servers, str) else given.servers
        plain = {
            "source": _as_text(given.source),
            "dns": _as_text(given.dns),
            "servers": tuple(map(as_server, servers)),
            "skr": None if given.skr is None else as_path(given.skr),
            "ca_file": None if given.ca_file is None else as_path(given.ca_file),
        }
        for name, value in plain.items():
            object.__setattr__(self, name, value)
        _require_sensible(self)

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


class Options(TypedDict, total=False):
    """Keyword arguments of ``verify``, ``build``, ``audit``, ``ask`` and ``trust_anchors``.

    The most common attributes of :class:`Request` and of its policy; ``at`` is required.
    """

    at: datetime
    source: str | Path
    dns: str | Path
    skr: str | Path | None
    servers: Sequence[str | Server]
    ca_file: str | Path | None
    timeout: float
    signer: str
    include_future: bool
    allow_rollback: bool


def request_of(request: Request | None, options: Options) -> Request:
    """The request, or a request made from the options.

    Raises:
        UsageError: the options are invalid, or there are both.
    """
    if isinstance(request, Request):
        if options:
            raise senseless(
                "a Request has all options in it",
                got=f"a Request, and {', '.join(options)}",
                want="a Request, or options by name",
            )
        return request
    other: object = request
    given: dict[str, Any] = dict(options)
    unknown = sorted({*given} - {*Options.__annotations__})
    if other is not None or unknown:
        raise senseless(
            "there is no such option",
            got=repr(other) if other is not None else ", ".join(unknown),
            want=f"a Request, or by name: {', '.join(Options.__annotations__)}",
        )
    given.setdefault("at", None)
    policy = VerificationPolicy(**{name: given.pop(name) for name in _OF_POLICY & {*given}})
    return Request(policy=policy, **given)


def as_path(path: object) -> Path:
    """A path from a ``str`` or a path.

    Raises:
        UsageError: it is none.
    """
    text = _as_text(path)
    if not text:
        raise senseless("a path is needed", got=repr(path), want="a str or a Path")
    return Path(text)


def as_server(server: object) -> Server:
    """A name server from a ``str`` or a server.

    Raises:
        UsageError: it is none.
    """
    if isinstance(server, Server):
        return server
    if isinstance(server, str):
        return parse_server(server)
    raise senseless("a server is needed", got=repr(server), want="its address as a str")


def _as_text(path: object) -> str:
    if isinstance(path, str | Path):
        return str(path)
    raise senseless("a path or a name is needed", got=repr(path), want="a str or a Path")


def _require_sensible(request: Request) -> None:
    """Asked before anything is fetched."""
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
    seconds: object = request.timeout
    is_number = isinstance(seconds, int | float)
    if not (is_number and math.isfinite(request.timeout) and 0 < request.timeout <= _MAX_TIMEOUT):
        raise senseless(
            "the timeout is out of range",
            got=str(request.timeout),
            want=f"more than 0 and at most {_MAX_TIMEOUT:g} seconds",
        )


def senseless(message: str, *, got: str, want: str) -> UsageError:
    """The error for a request that cannot be done."""
    return UsageError(
        Check.USAGE, message, got=got, want=want, remedy="see root-anchors COMMAND --help"
    )
