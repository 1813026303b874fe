"""Runs inside a network of its own, in which the root servers' addresses are ours.

``python -m tests.networks.inside STORY`` puts a name server behind them and prints the two
reports of ``verify`` with the default servers, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path as FilePath

from anchors.core.servers import ROOT_SERVERS
from tests.lab import zone
from tests.lab.nameserver import serve
from tests.lab.relay import Path, relaying
from tests.networks.fleet import far_and_near, seen, told

__all__ = ["STORIES", "main"]

PUBLICATION = FilePath(__file__).parents[2] / "fixtures" / "publications" / "2025-03-25"
# Which addresses are there at all, and which of those answer.
STORIES = {
    "all": (True, frozenset[str]()),
    "no IPv6": (False, frozenset[str]()),
    "b and m are dead": (True, frozenset({"170.247.170.2", "2801:1b8:10::b", "202.12.27.33"})),
}


def main(story: str) -> None:
    """Bring the network up, and look at the root from it."""
    with_ipv6, dead = STORIES[story]
    _ip("link", "set", "lo", "up")
    if not with_ipv6:
        _ip("-6", "addr", "flush", "dev", "lo")
    here = [one.address for one in ROOT_SERVERS if with_ipv6 or ":" not in one.address]
    for address in here:
        _ip("addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
    with serve(zone.recorded()) as endpoint:
        paths = far_and_near(
            [
                Path(behind=None if address in dead else endpoint, host=address, port=53)
                for address in here
            ]
        )
        with relaying(paths):
            run, text = seen(PUBLICATION, []), told(PUBLICATION, [])
            long = told(PUBLICATION, [], "-v")
    print(json.dumps({**run.__dict__, "text": text, "long": long}))  # noqa: T201 - read by the test


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
