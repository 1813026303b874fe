"""What a running PowerDNS Recursor says it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from anchors.consumers.asker import CONTROL_SECONDS, Asker
from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import Held
from anchors.consumers.pdns.anchor_file import ds_anchor
from anchors.consumers.query import Endpoint
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors

__all__ = ["ASKER", "held_by_control", "parse_get_tas"]

_GET_TAS = "rec_control get-tas"
_TA = re.compile(r"^\s+(\d+ \d+ \d+ [0-9a-f]+)\s*$", re.IGNORECASE | re.ASCII)


def parse_get_tas(output: str) -> FoundAnchors:
    """The root's part of what ``rec_control get-tas`` prints: a name, its DS records below.

    Raises:
        ConsumerFailed: there is no such list, or no DS in it.
    """
    lines = output.splitlines()
    if not any("Trust Anchors" in line for line in lines):
        raise ConsumerFailed(f"{_GET_TAS}: {last_words(output)}")
    owner = None
    anchors: list[FoundAnchor] = []
    for line in lines:
        if match := _TA.match(line):
            if owner == ".":
                anchors.append(_ds(match[1]))
        else:
            owner = line.strip()
    return FoundAnchors(tuple(anchors))


def _ds(rdata: str) -> FoundAnchor:
    try:
        return ds_anchor(rdata, _GET_TAS)
    except MalformedAnchors as error:
        raise ConsumerFailed(f"{_GET_TAS}: {error}") from error


def held_by_control(bench: Bench, place: Path | None) -> Held:
    """Each DS in full, for a DNSKEY too; ``place`` is the directory of the control socket.

    Raises:
        ConsumerFailed: it cannot be asked.
    """
    socket = () if place is None else (f"--socket-dir={place}",)
    ran = bench.run("rec_control", *socket, "get-tas", seconds=CONTROL_SECONDS)
    return Held(parse_get_tas(ran.output), _GET_TAS)


def _tell(bench: Bench, resolver: Endpoint, place: Path | None) -> Held:
    del resolver
    return held_by_control(bench, place)


def _channel(sockets: Sequence[Path], configuration: Path | None) -> Path | None:
    """The directory of ``pdns_recursor.controlsocket``, as versions 4.8 and 5.4 call it."""
    del configuration
    return next((one.parent for one in sockets if one.name.endswith(".controlsocket")), None)


ASKER = Asker(
    processes=("pdns_recursor",),
    witnesses=("trustanchor.server.",),
    tell=_tell,
    options=("--config-dir",),
    channel=_channel,
)
