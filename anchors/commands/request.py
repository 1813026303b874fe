"""Arguments -> the pipeline's request; the clock is read here and nowhere else."""

from __future__ import annotations

import argparse
import math
import re
from datetime import UTC, datetime

from anchors.checks import Check
from anchors.errors import UsageError
from anchors.pipeline import Request
from anchors.policy import VerificationPolicy
from anchors.rootzone.servers import parse_server
from anchors.times import parse_time

__all__ = ["make_request", "time_of", "usage"]

_MAX_TIMEOUT = 3600.0
_MAX_SERVERS = 100
_EPOCH = re.compile(r"@-?[0-9]+")


def usage(message: str, *, got: str, want: str) -> UsageError:
    """What was asked for cannot be done."""
    return UsageError(
        Check.USAGE, message, got=got, want=want, remedy="see root-anchors COMMAND --help"
    )


def time_of(text: str | None) -> datetime:
    """The time that ``--at`` names; ``None``: now.

    Raises:
        UsageError: it cannot be read.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[1:]), UTC)
        return parse_time(text)
    except (ValueError, OverflowError, OSError) as error:
        raise usage(
            "the time given with --at cannot be read",
            got=f"{text}: {error}",
            want="RFC 3339 with a zone (2026-10-11T00:00:00Z), or @EPOCH in seconds",
        ) from error


def make_request(arguments: argparse.Namespace, policy: VerificationPolicy) -> Request:
    """What the pipeline shall do, as far as the commands share it.

    Raises:
        UsageError: the arguments contradict each other, or one is out of range.
    """
    source, dns = arguments.source, arguments.dns
    if arguments.offline:
        if source is not None or dns is not None:
            raise usage(
                "--offline stands for --source embedded --dns recorded",
                got="--offline beside --source or --dns",
                want="one or the other",
            )
        source, dns = "embedded", "recorded"
    if "" in {source, dns} or dns == "skr:":
        raise usage("an empty --source, --dns or --skr names nothing", got="''", want="a name")
    servers = tuple(parse_server(text) for text in arguments.server)
    if len(servers) > _MAX_SERVERS:
        raise usage(
            "too many servers", got=f"{len(servers)} --server", want=f"at most {_MAX_SERVERS}"
        )
    if arguments.skr is not None and (dns or "live").startswith(("skr:", "none")):
        raise usage(
            "--skr holds answers against a signed key response",
            got=f"--skr with --dns {dns}",
            want="one signed key response, and answers",
        )
    if servers and dns not in {None, "live"}:
        raise usage(
            "--server is for --dns live", got=f"--server with --dns {dns}", want="--dns live"
        )
    if not (math.isfinite(arguments.timeout) and 0 < arguments.timeout <= _MAX_TIMEOUT):
        raise usage(
            "the timeout is out of range",
            got=str(arguments.timeout),
            want=f"more than 0 and at most {_MAX_TIMEOUT:g} seconds",
        )
    return Request(
        policy=policy,
        source="live" if source is None else source,
        dns="live" if dns is None else dns,
        servers=servers,
        skr=arguments.skr,
        ca_file=arguments.ca,
        at_given=arguments.at is not None,
        timeout=arguments.timeout,
    )
