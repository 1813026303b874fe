"""``root-anchors pinned``."""

from __future__ import annotations

import argparse

from anchors.cli.terminal import put
from anchors.core.escape import printable
from anchors.publication.root_cas import built_in_roots, fingerprint

__all__ = ["run"]


def run(_arguments: argparse.Namespace) -> int:
    """Print the CAs that are built in."""
    for root in built_in_roots().certificates:
        begin, end = root.not_valid_before_utc, root.not_valid_after_utc
        put(
            f"{printable(root.subject.rfc4514_string())}\n"
            f"  SHA-256  {fingerprint(root)}\n"
            f"  valid    {begin:%Y-%m-%d} to {end:%Y-%m-%d}\n"
        )
    return 0
