"""How rndc reaches a named: what it is called with, by a file that names the control channel.

Tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from anchors.consumers.bench import Bench, ConsumerFailed
from anchors.grammars.named_conf import Block, Statement, Word, parse_named_conf

__all__ = ["rndc_arguments"]

_MAX_FILE = 1 << 22
_MOST_INCLUDED = 64
_PORT = "953"
_ANY = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - of all of these one
# What alone the options of rndc.conf have.
_OF_RNDC = frozenset({
    *("default-key", "default-port", "default-server", "default-source-address"),
    "default-source-address-v6",
})  # fmt: skip
_PLAIN = re.compile(r"[\w.+/=-]+", re.ASCII)
_RNDC_CONF = """\
key "{name}" {{ algorithm {algorithm}; secret "{secret}"; }};
options {{ default-server {server}; default-port {port}; default-key "{name}"; }};
"""


def rndc_arguments(bench: Bench, place: Path) -> Sequence[str | Path]:
    """What rndc is called with.

    Args:
        bench: where a configuration of rndc is written, if there is none.
        place: a configuration of rndc, a file with its key, or the configuration of named.

    Raises:
        ConsumerFailed: the file cannot be read, or named does not listen to rndc.
    """
    found = [*_statements(place, [])]
    controls = [one for one in found if one.name == "controls"]
    if controls:
        return _by_controls(bench, controls, found)
    options = [inner.name for one in found if one.name == "options" for inner in _inside(one)]
    if options and _OF_RNDC.issuperset(options):
        return ("-c", place)
    # Otherwise it listens where rndc looks by itself.
    return ("-k", place) if {one.name for one in found} == {"key"} else ()


def _by_controls(
    bench: Bench, controls: Sequence[Statement], found: Sequence[Statement]
) -> Sequence[str | Path]:
    channel = next((x for one in controls for x in _inside(one) if x.name == "inet"), None)
    words = [] if channel is None else [word.text for word in channel.words]
    if channel is None or len(words) < 2:  # noqa: PLR2004 - inet and an address
        raise ConsumerFailed("its configuration opens no channel for rndc")
    server = _ANY.get(words[1], words[1])
    port = dict(zip(words[2::2], words[3::2], strict=False)).get("port", _PORT)
    port = _PORT if port == "*" else port
    name = _key_of(channel)
    if name is None:
        return ("-s", _address(server), "-p", port)
    key = next((x for x in found if x.name == "key" and x.words[-1].text == name), None)
    values = {} if key is None else {x.name: x.words[-1].text for x in _inside(key)}
    if not {"algorithm", "secret"} <= values.keys():
        raise ConsumerFailed("its configuration does not tell the key of its channel for rndc")
    told = values["algorithm"], values["secret"], name, port
    if not all(map(_PLAIN.fullmatch, told)):
        raise ConsumerFailed("the key of its channel for rndc cannot be read")
    text = _RNDC_CONF.format(
        algorithm=told[0], secret=told[1], name=name, port=port, server=_address(server)
    )
    return ("-c", bench.write("rndc.conf", text))


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ConsumerFailed("its channel for rndc has no address") from error


def _key_of(channel: Statement) -> str | None:
    """The first key in ``keys { .. }``; ``None`` where that is the one rndc has by itself."""
    items = channel.items
    for before, block in itertools.pairwise(items):
        if isinstance(before, Word) and before.keyword == "keys" and isinstance(block, Block):
            return next((one.words[0].text for one in block.statements if one.words), None)
    return None


def _inside(statement: Statement) -> Sequence[Statement]:
    return statement.block.statements if statement.block is not None else ()


def _statements(path: Path, seen: list[Path]) -> Iterator[Statement]:
    """Those outside of all blocks, with the includes: relative to the file that includes.

    Raises:
        ConsumerFailed: the first file cannot be read.
    """
    seen.append(path)
    try:
        # Nobody waits for a pipe.
        content = _begin_of(path) if path.is_file() else None
    except (OSError, ValueError):
        content = None
    if content is None and len(seen) == 1:
        raise ConsumerFailed(f"its configuration cannot be read: {path}")
    for statement in parse_named_conf(content or b"").statements:
        if statement.name == "include" and len(statement.words) > 1:
            inner = path.parent / statement.words[1].text
            if inner not in seen and len(seen) < _MOST_INCLUDED:
                yield from _statements(inner, seen)
        elif statement.words:
            yield statement


def _begin_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MAX_FILE)
