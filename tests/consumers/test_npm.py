"""Resolvers in JavaScript over the lab's root: dnsprovejs, whose anchors are constants, and bns."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab, LabKey
from tests.docs.programs import need

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "build" / "consumers" / "npm" / "node_modules"
# bns needs the root's servers beside its anchors.
HINTS = b". 3600000 IN NS a.rootfake.\na.rootfake. 3600000 IN A 127.0.0.1\n"


def said(script: str, package: str, arguments: Sequence[str]) -> list[str]:
    """The results that the script prints; its log may stand between."""
    need("node", "nodejs")
    if not (MODULES / package).exists():
        pytest.skip(f"not there: {package} (npm)")
    done = subprocess.run(
        ["node", str(HERE / script), str(MODULES), *arguments],
        env={**os.environ, "NODE_BACKEND": "js"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return [line.removeprefix("result: ") for line in lines if line.startswith("result: ")]


def test_dnsprovejs_proves_an_answer_with_the_right_anchor_alone(
    lab: Lab, roots: Mapping[LabKey, Endpoint], tmp_path: Path
) -> None:
    signer, other = lab.keys
    files = []
    for name, keys in {"one": [signer], "both": [signer, other], "other": [other]}.items():
        file = tmp_path / f"{name}.mjs"
        file.write_bytes(lab.anchor_file("source-dnsprovejs", keys))
        files.append(str(file))
    root = roots[signer]
    arguments = [root.address, str(root.port), "www.e2e", *files]
    judged = said("dnsprove.mjs", "@ensdomains/dnsprovejs", arguments)
    assert judged == ["192.0.2.80", "192.0.2.80", "NoValidDsError"]


def test_bns_tells_by_ad_alone(lab: Lab, roots: Mapping[LabKey, Endpoint], tmp_path: Path) -> None:
    """It gives every answer, also what is bogus, and with another anchor."""
    signer, other = lab.keys
    files = []
    for name, content in {
        "ds": lab.anchor_file("ds", [signer]),
        "dnskey": lab.anchor_file("dnskey", [signer]),
        "both": lab.anchor_file("ds"),
        "other": lab.anchor_file("ds", [other]),
        "none": b"",
    }.items():
        (tmp_path / name).write_bytes(HINTS + content)
        files.append(str(tmp_path / name))
    judged = said("bns.cjs", "bns", [str(roots[signer].port), *files])
    right, wrong = "0+AD 0 3", "0 0 3"
    assert judged == [f"1 {right}", f"1 {right}", f"2 {right}", f"1 {wrong}", f"0 {wrong}"]
