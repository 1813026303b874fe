"""Wherever openssl refuses, we refuse; wherever we refuse more, a named check of ours says why."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest

from anchors.core.checks import Check
from tests.differential.differences import (
    OPENSSL_ACCEPTS,
    OPENSSL_REFUSES,
    Accepted,
    Refused,
)
from tests.differential.families import FAMILIES, Family, story
from tests.differential.verdicts import (
    COMMAND,
    Case,
    Verdicts,
    all_verdicts,
    ask_openssl,
    openssl,
    verdicts,
)
from tests.docs.markdown import ROOT, code_blocks, table_rows

PART = 60  # cases of one test, so that two processes share the work
PARTS = [
    pytest.param(family, start, id=f"{family.name} from {start}")
    for family in FAMILIES
    for start in range(0, family.size, PART)
]
SECTION = (
    (ROOT / "docs" / "verification.md")
    .read_text(encoding="utf-8")
    .partition("\n## Differences from openssl cms -verify\n")[2]
    .partition("\n## ")[0]
)


@pytest.fixture(autouse=True)
def _needs_openssl() -> None:
    openssl()


@pytest.mark.parametrize(("family", "start"), PARTS)
def test_the_verdicts_differ_only_where_they_are_meant_to(
    family: Family, start: int, tmp_path: Path
) -> None:
    cases = [family.case(number) for number in range(start, min(start + PART, family.size))]
    told = list(zip(cases, all_verdicts(cases, tmp_path), strict=True))
    differing = [shown(*it) for it in told if not is_meant(*it, tmp_path)]
    assert not differing, "\n\n".join(differing)
    # A family in which all is accepted, or all refused, would show nothing.
    assert {it.accepted for _, it in told} == {True, False}


def is_meant(case: Case, told: Verdicts, folder: Path) -> bool:
    """Whether both agree, or differ as the list says."""
    if told.refused_by is not None:
        return not told.accepted or any(told.refused_by is row.check for row in OPENSSL_ACCEPTS)
    return told.accepted or any(explains(row, case, told, folder) for row in OPENSSL_REFUSES)


def explains(row: Refused, case: Case, told: Verdicts, folder: Path) -> bool:
    """Whether this, and nothing else, is why openssl refuses."""
    if not row.says(told):
        return False
    cause = row.cause(case, told)
    return cause if isinstance(cause, bool) else ask_openssl(cause, folder)[0]


def shown(case: Case, told: Verdicts) -> str:
    ours = "accept" if told.refused_by is None else f"refuse ({told.refused_by.id})"
    theirs = "accepts" if told.accepted else "refuses"
    return (
        f"{case.name} at {case.at}: we {ours}, openssl {theirs}: {told.words}"
        f"signature {b64encode(case.signature).decode()}\n{case.roots.decode('ascii', 'replace')}"
    )


def test_a_thousand_publications_are_judged() -> None:
    assert sum(family.size for family in FAMILIES) >= 1000
    for family in FAMILIES:
        cases = [family.case(number) for number in range(0, family.size, 6)]
        assert len({case[1:] for case in cases}) > 0.7 * len(cases), family.name


def test_the_same_publications_in_every_run() -> None:
    for family in FAMILIES[:7]:
        assert family.case(3) == family.case(3)


@pytest.mark.parametrize("row", OPENSSL_ACCEPTS, ids=lambda row: row.what)
def test_what_openssl_accepts_and_we_do_not(row: Accepted, tmp_path: Path) -> None:
    told = verdicts(story(row.story), tmp_path)
    assert (told.refused_by, told.accepted) == (row.check, True), told.words


@pytest.mark.parametrize("row", OPENSSL_REFUSES, ids=lambda row: row.what)
def test_what_openssl_refuses_and_we_do_not(row: Refused, tmp_path: Path) -> None:
    case = story(row.story)
    told = verdicts(case, tmp_path)
    if row.mended and told.accepted:
        pytest.skip(f"this openssl has mended it: {row.what}")
    assert (told.refused_by, told.accepted) == (None, False)
    assert explains(row, case, told, tmp_path), told.words


# Here both must always agree: what breaks the cryptography or the signer's time.
NEVER = {Check.CMS_MESSAGE_DIGEST, Check.CMS_SIGNATURE, Check.SIGNER_VALIDITY}


def test_some_checks_never_refuse_what_openssl_accepts() -> None:
    checks = {check for check in Check if check.id.startswith(("cms.", "signer."))}
    told = {Check.CMS_SHA1_HISTORY, Check.CMS_REVOCATION_LISTS, Check.SIGNER_ENDS_SOON}
    assert checks - {row.check for row in OPENSSL_ACCEPTS} - told == NEVER


def test_the_document_lists_the_differences() -> None:
    rows = table_rows(SECTION)
    accepted = [[row.what, f"`{row.check.id}`", row.clause] for row in OPENSSL_ACCEPTS]
    refused = [[row.what, row.clause] for row in OPENSSL_REFUSES]
    assert [row for row in rows if len(row) == 3] == accepted
    assert [row for row in rows if len(row) == 2] == refused


def test_the_document_gives_the_command_that_is_compared_with() -> None:
    (block,) = code_blocks(SECTION)
    assert " ".join(re.sub(r"\\\n", " ", block.text).split()) == f"openssl {COMMAND} -out /dev/null"
