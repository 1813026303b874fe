"""The two verdicts on one publication: ours, and that of ``openssl cms -verify``."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.core.checks import Check
from anchors.core.errors import AnchorsError
from anchors.core.policy import VerificationPolicy
from anchors.publication.authenticate import authenticate
from anchors.publication.root_cas import roots_from_file
from anchors.publication.source import Publication
from tests.lab.nameserver import REQUIRE

__all__ = [
    "COMMAND",
    "SECOND",
    "Case",
    "Verdicts",
    "all_verdicts",
    "ask_openssl",
    "openssl",
    "verdicts",
]

PATIENCE = 30
AT_ONCE = 2  # processes of openssl
SECOND = timedelta(seconds=1)
# What docs/verification.md tells a reader to compare with; the names are put in by verdicts().
COMMAND = (
    "cms -verify -binary -inform DER -in root-anchors.p7s -content root-anchors.xml "
    "-CAfile ca.pem -no-CApath -no-CAstore -purpose smimesign -partial_chain -attime TIME"
)


class Case(NamedTuple):
    """A publication, the roots it is held against in PEM, and the time of judgement."""

    name: str
    document: bytes
    signature: bytes
    roots: bytes
    at: datetime


class Verdicts(NamedTuple):
    """What both said.

    Attributes:
        refused_by: the check of ours that refused; ``None`` where the publication verified.
        accepted: whether openssl accepted.
        words: what openssl wrote.
        path: SHA-256 of each certificate of the path that we found.
    """

    refused_by: Check | None
    path: tuple[str, ...]
    accepted: bool
    words: str


@functools.cache
def openssl() -> str:
    """The program; without it these tests are skipped, or fail where they must not be."""
    found = shutil.which("openssl")
    if found is None and os.environ.get(REQUIRE):
        pytest.fail("openssl is not installed")
    if found is None:
        pytest.skip("openssl is not installed (Debian: apt install openssl)")
    return found


def all_verdicts(cases: Sequence[Case], folder: Path) -> list[Verdicts]:
    """Ask both, with the same root, purpose and time; openssl meanwhile, in its own processes."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = []
        for number, case in enumerate(cases):
            place = folder / str(number)
            place.mkdir()
            asked.append(pool.submit(ask_openssl, case, place))
        ours = [_ours(case, folder / "ca.pem") for case in cases]
    return [Verdicts(*mine, *it.result()) for mine, it in zip(ours, asked, strict=True)]


def verdicts(case: Case, folder: Path) -> Verdicts:
    """Ask both about one publication."""
    (told,) = all_verdicts([case], folder)
    return told


def _ours(case: Case, roots: Path) -> tuple[Check | None, tuple[str, ...]]:
    roots.write_bytes(case.roots)
    publication = Publication(case.document, case.signature, case.name)
    policy = VerificationPolicy(at=case.at)
    try:
        authentic = authenticate(publication, roots_from_file(roots), policy)
    except AnchorsError as error:
        return error.check, ()
    return None, authentic.chain


def ask_openssl(case: Case, folder: Path) -> tuple[bool, str]:
    """Whether openssl accepts, and what it wrote."""
    (folder / "ca.pem").write_bytes(case.roots)
    (folder / "root-anchors.p7s").write_bytes(case.signature)
    (folder / "root-anchors.xml").write_bytes(case.document)
    command = COMMAND.replace("TIME", f"{case.at.timestamp():.0f}").split()
    run = subprocess.run(
        [openssl(), *command, "-out", os.devnull],
        cwd=folder,
        env={"OPENSSL_CONF": os.devnull},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    words = run.stderr.decode("utf-8", "replace")
    assert run.returncode >= 0, f"openssl was killed: {words}"
    assert (run.returncode == 0) == ("CMS Verification successful" in words)
    return run.returncode == 0, re.sub(r"^[0-9A-F]+:", "", words, flags=re.MULTILINE)
