"""What a running named says it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from anchors.consumers.asker import CONTROL_SECONDS, Asker
from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.bind.channel import rndc_arguments
from anchors.consumers.driver import Held, HeldTags
from anchors.consumers.query import Endpoint

__all__ = ["ASKER", "parse_secroots"]

# BIND 9.18.49, 9.20.30
_VIEW = re.compile(r"^ Start view ", re.MULTILINE)
_SECURE_ROOT = re.compile(r"^\./\w+/([0-9]{1,5}) ;", re.MULTILINE | re.ASCII)


def parse_secroots(output: str) -> tuple[int, ...]:
    """The tags of the root's anchors in what ``rndc secroots -`` prints, in their order.

    Raises:
        ConsumerFailed: it is no such list, or its views have different anchors.
    """
    _, *views = _VIEW.split(output)
    found = {tuple(map(int, _SECURE_ROOT.findall(view))) for view in views}
    if not found:
        raise ConsumerFailed(f"rndc secroots: {last_words(output)}")
    if len(found) > 1:
        raise ConsumerFailed("rndc secroots: its views have different anchors of the root")
    return found.pop()


def _tell(bench: Bench, resolver: Endpoint, place: Path | None) -> Held:
    del resolver
    reach = () if place is None else rndc_arguments(bench, place)
    ran = bench.run("rndc", *reach, "secroots", "-", seconds=CONTROL_SECONDS)
    if ran.code != 0:
        raise ConsumerFailed(last_words(ran.output))
    return Held(HeldTags(parse_secroots(ran.output)), "rndc secroots")


def _channel(sockets: Sequence[Path], configuration: Path | None) -> Path | None:
    """Its own configuration opens the channel, and has the key."""
    del sockets
    return configuration


ASKER = Asker(processes=("named",), tell=_tell, options=("-c",), channel=_channel)
