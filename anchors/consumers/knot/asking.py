"""What a running kresd says it holds, on its control socket; versions 5 and 6 have the same."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from anchors.consumers.asker import CONTROL_SECONDS, Asker
from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import Held
from anchors.consumers.query import Endpoint
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import FoundAnchors, MalformedAnchors

__all__ = ["ASKER", "SUMMARY", "anchors_of_summary", "parse_reply"]

SUMMARY = "trust_anchors.summary()"
# Where the services of both versions run; a socket for each process.
_SOCKETS = Path("/run/knot-resolver/control")
_MAX_SOCKETS = 64
_MAX_REPLY = 1 << 16
_PROMPT = "> "
# "20326 8 2 E06D.. ; Valid: ; KeyTag:20326": only these two are used (RFC 5011 4.2).
_STATE = re.compile(r" ; *([A-Za-z]+):")
_TRUSTED = {"Valid", "Missing"}


def anchors_of_summary(text: str) -> FoundAnchors:
    """The root's anchors in what ``trust_anchors.summary()`` returns, those in force.

    Raises:
        ConsumerFailed: it is no list of records.
    """
    lines = text.splitlines(keepends=True)
    used = [line for line in lines if not (m := _STATE.search(line)) or m[1] in _TRUSTED]
    try:
        return content_of("".join(used).encode())
    except MalformedAnchors as error:
        raise ConsumerFailed(f"{SUMMARY}: {error}") from error


def parse_reply(reply: str) -> FoundAnchors:
    """The same in a reply on the control socket, between two prompts.

    Raises:
        ConsumerFailed: there is no such list in it.
    """
    text = reply.removeprefix(_PROMPT).removesuffix(_PROMPT).strip()
    # Kresd 5.6.0, 6.5.0: a string stands in quotes, and an error does not.
    if not (len(text) > 1 and text[0] == text[-1] == "'"):
        raise ConsumerFailed(f"{SUMMARY}: {last_words(text)}")
    return anchors_of_summary(text[1:-1])


def _tell(bench: Bench, resolver: Endpoint, place: Path | None) -> Held:
    """Every process has a socket of its own, and all have to agree."""
    del bench, resolver
    held = {parse_reply(_said(one)) for one in ([place] if place else _usual_sockets())}
    if not held:
        raise ConsumerFailed(f"there is no control socket in {_SOCKETS}")
    if len(held) > 1:
        raise ConsumerFailed(f"{SUMMARY}: its processes have different anchors")
    return Held(held.pop(), SUMMARY)


def _usual_sockets() -> list[Path]:
    try:
        found = sorted(path for path in _SOCKETS.iterdir() if path.is_socket())
    except OSError as error:
        raise ConsumerFailed(f"its control sockets cannot be found: {error}") from error
    return found[:_MAX_SOCKETS]


def _said(path: Path) -> str:
    """The reply, with both prompts."""
    until = time.monotonic() + CONTROL_SECONDS
    reply = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.settimeout(CONTROL_SECONDS)
            stream.connect(str(path))
            stream.sendall(f"{SUMMARY}\n".encode())
            while not reply.endswith(f"\n{_PROMPT}".encode()):
                stream.settimeout(max(until - time.monotonic(), 0.001))
                chunk = stream.recv(_MAX_REPLY)
                if not chunk or len(reply) > _MAX_REPLY:
                    break
                reply += chunk
    except OSError as error:
        raise ConsumerFailed(f"its control socket {path}: {error}") from error
    return reply.decode(errors="replace")


def _channel(sockets: Sequence[Path], configuration: Path | None) -> Path | None:
    """The one in ``control``, below the directory that it runs in."""
    del configuration
    return next((one for one in sockets if one.parent.name == "control"), None)


# The manager of version 6 writes a configuration for each process (6.5.0).
ASKER = Asker(
    processes=("kresd",),
    tell=_tell,
    options=("-c", "--config"),
    channel=_channel,
    manager="knot_resolver.manager",
)
