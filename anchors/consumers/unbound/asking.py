"""What a running Unbound says it holds: lines of its configuration in full, files by their tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from anchors.consumers.asker import CONTROL_SECONDS, Asker
from anchors.consumers.bench import Bench, ConsumerFailed, last_words
from anchors.consumers.driver import Held, HeldTags
from anchors.consumers.query import Endpoint, Question, ask
from anchors.consumers.zonefile.content import content_of
from anchors.core.found import FoundAnchors, MalformedAnchors

__all__ = ["ASKER", "held_by_witness", "parse_trust_anchor"]

_WITNESS = "trustanchor.unbound."
# A name that is no more than escapes begins with a backslash: Unbound 1.17.1, 1.26.2.
_OF_ROOT = re.compile(r'^"\.((?: [0-9]{1,5})+)"$', re.ASCII)
# They tell the name of a file, and not what was read from it.  Unbound 1.17.1, 1.26.2
_FILES = ("auto-trust-anchor-file", "trust-anchor-file", "trusted-keys-file")


def held_by_witness(resolver: Endpoint) -> Held:
    """The tags that it tells over DNS.

    Raises:
        ConsumerFailed: it tells none (``hide-trustanchor``).
    """
    reply = ask(resolver, Question(_WITNESS, "TXT", "CH"))
    if reply is None or reply.rcode != "NOERROR":
        raise ConsumerFailed(f"it does not answer CH TXT {_WITNESS.removesuffix('.')}")
    of_root = [match[1] for text in reply.answer if (match := _OF_ROOT.match(text))]
    tags = tuple(int(tag) for text in of_root for tag in text.split())
    return Held(HeldTags(tags), "CH TXT trustanchor.unbound")


def parse_trust_anchor(output: str) -> FoundAnchors:
    """The root's part of what ``unbound-control get_option trust-anchor`` prints.

    Raises:
        ConsumerFailed: it is no list of records.
    """
    try:
        return content_of(output.encode())
    except MalformedAnchors as error:
        raise ConsumerFailed(f"get_option trust-anchor: {error}") from error


def _tell(bench: Bench, resolver: Endpoint, place: Path | None) -> Held:
    """Anchors out of files are held by their tags alone, for the files may have changed since."""
    lines = _option(bench, place, "trust-anchor")
    if any(_option(bench, place, name).strip() for name in _FILES):
        return held_by_witness(resolver)
    return Held(parse_trust_anchor(lines), "unbound-control get_option trust-anchor")


def _option(bench: Bench, place: Path | None, name: str) -> str:
    configuration = () if place is None else ("-c", place)
    ran = bench.run("unbound-control", *configuration, "get_option", name, seconds=CONTROL_SECONDS)
    if ran.code != 0:
        raise ConsumerFailed(last_words(ran.output))
    return ran.output


def _channel(sockets: Sequence[Path], configuration: Path | None) -> Path | None:
    """Its control program reads the same configuration."""
    del sockets
    return configuration


ASKER = Asker(
    processes=("unbound",),
    witnesses=(_WITNESS,),
    tell=_tell,
    options=("-c",),
    channel=_channel,
)
