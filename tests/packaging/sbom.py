"""Make the bill of materials of what runs, dist/root-anchors.cdx.json: `make sbom`.

cyclonedx-py knows two halves: an environment tells licences and who needs whom, a lock file tells
hashes.  They are put together here, by package URL, and validated against CycloneDX 1.6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from anchors import __version__
from tests.packaging.building import ROOT, source_date_epoch

__all__ = ["Incomplete", "main", "merge"]

_BOM = ROOT / "dist" / "root-anchors.cdx.json"
_LOCK = ROOT / ".ci" / "locks" / "run.txt"
_SPEC = "1.6"
_SECONDS = 120
# What may not show.
_WAYS = (
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    {"TZ": "XXX-14", "LC_ALL": "POSIX", "PYTHONHASHSEED": "4242"},
)


class Incomplete(Exception):
    """The bill of materials would lack something, or is not a valid one."""


def merge(
    environment: Mapping[str, Any], requirements: Mapping[str, Any], *, version: str
) -> dict[str, Any]:
    """Put both halves together: what our package needs, and what they need, with hashes.

    Args:
        environment: the bill of an environment in which the lock alone is installed.
        requirements: the bill of the lock.
        version: that of our package.

    Raises:
        Incomplete: something that is needed is not in the lock, or has no licence or hash.
    """
    root = environment["metadata"]["component"]
    needs = {row["ref"]: row.get("dependsOn", []) for row in environment["dependencies"]}
    reached = _reached(root["bom-ref"], needs)
    pinned = {part["purl"]: part for part in requirements["components"]}
    components = [
        _with_hashes(part, pinned.get(part["purl"], {}))
        for part in environment["components"]
        if part["bom-ref"] in reached
    ]
    return {
        **environment,
        "metadata": {
            **environment["metadata"],
            "component": {**root, "version": version, "purl": f"pkg:pypi/{root['name']}@{version}"},
        },
        "components": components,
        "dependencies": [row for row in environment["dependencies"] if row["ref"] in reached],
    }


def _reached(root: str, needs: Mapping[str, list[str]]) -> set[str]:
    """What is needed, directly or not, and the root itself."""
    reached: set[str] = set()
    waiting = [root]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs[ref]
    return reached


def _with_hashes(component: Mapping[str, Any], pinned: Mapping[str, Any]) -> dict[str, Any]:
    files = [row for row in pinned.get("externalReferences", []) if row.get("hashes")]
    if not files:
        raise Incomplete(f"{component['purl']} has no hash in the lock")
    if not component.get("licenses"):
        raise Incomplete(f"{component['purl']} does not tell its licence")
    return {
        **component,
        "externalReferences": [*component.get("externalReferences", []), *files],
    }


def _validate(text: str) -> None:
    # Only here: the tests of this module need no cyclonedx.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    error = JsonStrictValidator(SchemaVersion.from_version(_SPEC)).validate_str(text)
    if error is not None:
        raise Incomplete(f"not valid CycloneDX {_SPEC}: {error}")


def _made(python: str, variables: Mapping[str, str]) -> str:
    """The bill of materials of the environment of ``python``, as JSON."""
    environment = _half(["environment", python], variables)
    requirements = _half(["requirements", str(_LOCK)], variables)
    merged = merge(environment, requirements, version=__version__)
    return json.dumps(merged, indent=2, sort_keys=True) + "\n"


def _half(command: list[str], variables: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    done = subprocess.run(
        [
            *(sys.executable, "-s", "-P", "-m", "cyclonedx_py", *command),
            *("--output-reproducible", "--no-validate", "--spec-version", _SPEC),
            *("--pyproject", str(ROOT / "pyproject.toml")),
        ],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise Incomplete(done.stderr)
    return json.loads(done.stdout)


def main() -> int:
    """Make it twice, in different surroundings, and leave it where it belongs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="that of an environment with the lock alone")
    python = parser.parse_args().python
    epoch = {"SOURCE_DATE_EPOCH": str(source_date_epoch(ROOT))}
    try:
        text, again = (_made(python, {**way, **epoch}) for way in _WAYS)
        if text != again:
            raise Incomplete("made twice, it is not the same")
        _validate(text)
    except Incomplete as incomplete:
        sys.stderr.write(f"NO BILL OF MATERIALS: {incomplete}\n")
        return 1
    _BOM.parent.mkdir(exist_ok=True)
    _BOM.write_text(text, encoding="utf-8")
    parts = len(json.loads(text)["components"])
    sys.stdout.write(f"dist/{_BOM.name}: {parts} packages, valid CycloneDX {_SPEC}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
