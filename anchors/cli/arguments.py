"""Arguments -> the pipeline's request; the clock is read here and nowhere else."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime

from anchors.core.policy import SHA1_RETIRED, VerificationPolicy
from anchors.core.servers import parse_server
from anchors.core.times import parse_time
from anchors.pipeline.request import Request, senseless

__all__ = ["make_request", "time_of", "verifying_policy"]

_EPOCH = re.compile(r"@-?[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def time_of(text: str | None) -> datetime:
    """The time that ``--at`` names, a date alone being its first moment in UTC; ``None``: now.

    Raises:
        UsageError: it cannot be read.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[1:]), UTC)
        return parse_time(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except (ValueError, OverflowError, OSError) as error:
        raise senseless(
            "the time given with --at cannot be read",
            got=f"{text}: {error}",
            want="RFC 3339 with a zone (2026-10-11T00:00:00Z), a date, or @EPOCH in seconds",
        ) from error


def make_request(arguments: argparse.Namespace, policy: VerificationPolicy) -> Request:
    """What the pipeline shall do, as far as the commands share it.

    Raises:
        UsageError: an argument cannot be read; what makes no sense the pipeline refuses.
    """
    source, dns = arguments.source, arguments.dns
    if arguments.offline:
        if source is not None or dns is not None:
            raise senseless(
                "--offline means --source embedded --dns recorded",
                got="--offline together with --source or --dns",
                want="--offline, or --source and --dns",
            )
        source, dns = "embedded", "recorded"
    return Request(
        policy=policy,
        source="live" if source is None else source,
        dns="live" if dns is None else dns,
        servers=tuple(map(parse_server, arguments.server)),
        skr=arguments.skr,
        ca_file=arguments.ca,
        at_given=arguments.at is not None,
        timeout=arguments.timeout,
    )


def verifying_policy(arguments: argparse.Namespace) -> VerificationPolicy:
    """How to judge where nothing is written."""
    return VerificationPolicy(
        at=time_of(arguments.at),
        signer=arguments.signer,
        # A clock that is wrong must not bring SHA-1 back: only the user's own --at does.
        sha1_before=None if arguments.at is None else SHA1_RETIRED,
    )
