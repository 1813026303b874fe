"""The packages in build/packages, and the real command that audits them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from tests.frozen import COMMAND

__all__ = [
    "AT",
    "ROOT",
    "SUITES",
    "NotAudited",
    "Package",
    "audit",
    "issues",
    "keys_of",
    "packages_of",
]

ROOT = Path(__file__).parents[2]
SUITES = ("bullseye", "bookworm", "trixie", "sid")

# The time of judgement, of the document too; who makes it anew changes this first.
AT = "2026-11-28T00:00:00Z"

_FOLDER = "build/packages"
_SECONDS = 120
# What stands between two issues.
_NEXT = "\n----\n\n"
# All right, something fails, or something is undecided; anything else is no audit.
_AUDITED = {0, 1, 3}


class NotAudited(Exception):
    """The command did not come to an end as it should; the words are the command's."""


class Package(NamedTuple):
    """A package of a suite, as the path of its file tells it."""

    suite: str
    name: str
    version: str

    @classmethod
    def of(cls, path: str) -> Package:
        """The package whose file lies at ``SUITE/NAME_VERSION_ARCHITECTURE.deb``."""
        suite, file_name = path.split("/")[-2:]
        name, version, _ = file_name.split("_")
        return cls(suite, name, unquote(version))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def packages_of(suite: str) -> list[str]:
    """The files of a suite below ``ROOT``, in their order."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / _FOLDER / suite).glob("*.deb"))]


def audit(paths: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    """What ``root-anchors audit`` says of these packages, in one run.

    Raises:
        NotAudited: it did not come to a decision.
    """
    return json.loads(_audit("json", paths))


def issues(paths: Sequence[str]) -> dict[Package, str]:
    """The text of an issue for each of these packages that has stale anchors.

    Raises:
        NotAudited: it did not come to a decision.
    """
    texts = _audit("issue", paths).split(_NEXT)
    titled = {text.partition("\n")[0]: text for text in texts}
    return {
        Package.of(path): titled[title]
        for path in paths
        for title in titled
        if title.startswith(f"# `{path.rpartition('/')[2]}`: ")
    }


def _audit(form: str, paths: Sequence[str]) -> str:
    command = ["audit", "--offline", "--at", AT, "--report-format", form, *paths]
    process = subprocess.run(
        [*COMMAND, *command],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_SECONDS,
    )
    if process.returncode not in _AUDITED or not process.stdout:
        raise NotAudited(process.stderr)
    return process.stdout


def keys_of(said: Mapping[str, Any], place: Mapping[str, Any]) -> list[str]:
    """The root KSKs that a place of an audit holds or contains, each once, by the audit's names.

    One that is not a current key as it should be has its standing with it.
    """
    names = {key["digest"]: key["name"] for key in said["basis"]["keys"]}
    compiled = place["compiled"]
    if compiled is not None:
        return [names.get(digest, "an unknown key") for digest in compiled["key_digests"]]
    held = [(anchor["name"], anchor["standing"]) for anchor in place["anchors"]]
    return [
        name if standing == "current" else f"{name}, {standing}"
        for name, standing in dict.fromkeys(held)
    ]
