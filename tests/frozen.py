"""The package with the snapshot of these tests in it, whichever one the release carries.

``make snapshot`` renews what the package carries; what the tests say of an offline run is said of
``fixtures/snapshot``, and stays.  As a program it is ``root-anchors`` with that snapshot.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["CARRIED_AT", "COMMAND", "SNAPSHOT", "freeze"]

ROOT = Path(__file__).parents[1]
SNAPSHOT = ROOT / "fixtures" / "snapshot"
# When an offline run of the package as it is may be judged: the time of this page's example.
_PAGE = (ROOT / "docs" / "building.md").read_text(encoding="utf-8")
(CARRIED_AT,) = re.findall(r"build --offline --at (\S+)", _PAGE)
# Not ``-m``, so that it works in any folder; ``-P``, so that no folder here hides a library.
COMMAND = (sys.executable, "-P", __file__)
_SIGNED = datetime(2025, 3, 25, 20, 25, 2, tzinfo=UTC)
# What the document of the snapshot says of the end of each key.
_ENDS = {"KSK-2010": datetime(2019, 1, 11, tzinfo=UTC)}


def freeze() -> None:
    """Put the snapshot in place, before any module has taken a fact into a name of its own."""
    from anchors.core import root_facts  # noqa: PLC0415

    root_facts.SNAPSHOT_SIGNING_TIME = _SIGNED
    root_facts.KNOWN_KEYS = tuple(
        known._replace(valid_until=_ENDS.get(known.name)) for known in root_facts.KNOWN_KEYS
    )
    from anchors.publication import source  # noqa: PLC0415

    source.embedded_snapshot = lambda: SNAPSHOT


if __name__ == "__main__":
    freeze()
    from anchors.cli.main import run

    run()
