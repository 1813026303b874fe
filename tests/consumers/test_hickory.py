"""Hickory's library, in a small program that is built by hand: its crates fill a disk.

Debian sid has them: librust-hickory-resolver-dev and librust-tokio-dev.  Name them as the source of
crates in .cargo/config.toml, run ``cargo build --offline`` in tests/consumers/hickory, and give the
program as ROOT_ANCHORS_HICKORY.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab, LabKey
from tests.unit.consumers.hickory.test_hickory import FILES, KEY

PROGRAM = os.environ.get("ROOT_ANCHORS_HICKORY", "")
FAILED = "DNS error: DNSSEC validation failed"
RIGHT = ["Secure", FAILED, "DNS error: no records found for Query { name: Name"]
WRONG = [FAILED] * 3

pytestmark = pytest.mark.skipif(not PROGRAM, reason="ROOT_ANCHORS_HICKORY names no program")


def said(root: Endpoint, files: Iterable[Path]) -> list[list[str]]:
    """For each file two rows: by ``with_trust_anchor``, and by the option of the same name."""
    command = [PROGRAM, root.address, str(root.port), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [line.split("|") for line in done.stdout.splitlines()]


def test_each_file(lab: Lab, roots: Mapping[LabKey, Endpoint], tmp_path: Path) -> None:
    signer, other = lab.keys
    key = lab.anchor_file("hickory", [signer]).decode().strip().removeprefix(". IN DNSKEY ")
    texts = {name: text.replace(KEY, key) for name, (text, _) in FILES.items() if name != "both"}
    texts["in two pieces"] = f". IN DNSKEY {key[:40]} {key[40:]}\n"
    texts["no SEP"] = f". IN DNSKEY 256{key[3:]}\n"
    texts["brackets"] = f". IN DNSKEY 257 3 8 ({key.split()[-1]}\n )\n"
    texts["both"] = lab.anchor_file("hickory").decode()
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
    rows = said(roots[signer], (tmp_path / name for name in texts))
    for name, (held, *judged) in zip(texts, rows[::2], strict=True):
        expected = FILES[name][1]
        assert held == ("refused" if expected is None else str(expected)), name
        if expected is not None:
            assert judged == (RIGHT if expected else WRONG), name
    # The trap: the option switches validation on, with the keys that are built in.
    assert {tuple(row) for row in rows[1::2]} == {("option", *WRONG)}
    (tmp_path / "other").write_bytes(lab.anchor_file("hickory", [other]))
    assert said(roots[signer], [tmp_path / "other"])[0] == ["1", *WRONG]
