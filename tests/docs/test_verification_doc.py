"""docs/verification.md says of every check what the catalogue says, and what the code does.

Those of the audit are in docs/audit.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import anchors
from anchors.core import errors
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.core.policy import SHA1_RETIRED, VerificationPolicy
from anchors.core.records import ALGORITHMS
from anchors.core.servers import ROOT_SERVERS
from anchors.grammars import xml
from anchors.pipeline import request, verify
from anchors.publication import cms, http, manifest, source
from anchors.publication.forms import ACCEPTED_FORMS, REFUSED_FORMS
from anchors.rootzone import rrset, skr
from tests.docs.markdown import ROOT, code_spans, table_rows
from tests.pipeline import test_edges_cms
from tests.pipeline.test_stories_forms import GOOD, SAID, STORIES, STORIES_OF_FORMS
from tests.simulator.times import AT

DOCUMENT = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
PACKAGE = Path(str(anchors.__file__)).parent
CHECKS = [check for check in Check if not check.id.startswith(("ask.", "audit."))]
EXITS = {1: "failure, exit 1", 2: "usage error, exit 2", 3: "failure, exit 3"}
LEADS_TO = re.compile("|".join([*EXITS.values(), "notice", "warning", "alarm"]))


class Row(NamedTuple):
    """What the document says of one check."""

    id: str
    title: str
    clause: str
    leads_to: str
    why: str


ROWS = [
    Row(cells[0].strip("`"), *cells[1:])
    for cells in table_rows(DOCUMENT)
    if re.fullmatch(r"`(usage|[a-z]+\.[a-z0-9-]+)`", cells[0])
]


def test_every_check_is_there_once() -> None:
    assert sorted(row.id for row in ROWS) == sorted(check.id for check in CHECKS)


def test_titles_and_clauses_are_those_of_the_catalogue() -> None:
    assert {row[:3] for row in ROWS} == {
        (check.id, check.title, check.value[2] or "ours") for check in CHECKS
    }


def test_every_check_has_a_reason_of_its_own() -> None:
    reasons = [row.why for row in ROWS]
    assert all(reason.endswith(".") for reason in reasons)
    assert len(set(reasons)) == len(reasons)


def test_what_a_check_leads_to_is_what_the_code_does() -> None:
    told = {row.id: set(LEADS_TO.findall(row.leads_to)) for row in ROWS}
    leads_to = made()
    assert told == {check.id: leads_to[check.id] for check in CHECKS}


def made() -> dict[str, set[str]]:
    """What each check leads to, as the calls in the package that name it have it."""
    found: dict[str, set[str]] = {check.id: set() for check in Check}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, outcome in outcomes(tree):
            found[Check[name].id] |= {*outcome.split("/")}
    return found


def outcomes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names of checks, and what the call leads to that has them as arguments."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    makers = {
        # anchors.publication.der
        "refuse": "SignatureRefused",
        # What only composes an error says so by its annotation.
        **{f.name: f.returns.id for f in functions if isinstance(f.returns, ast.Name)},
        "_only_value": "SignatureRefused",
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            outcome = outcome_of(node, makers)
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            for argument in arguments if outcome else []:
                if not isinstance(argument, ast.Call):
                    yield from ((name, outcome) for name in members(argument, "Check"))
    for function in functions:
        if function.name == "_choices":
            yield from ((name, "notice") for name in members(function, "Check"))


def outcome_of(call: ast.Call, makers: dict[str, str]) -> str:
    """What the call makes: an error, a finding of this or that severity, or neither (empty)."""
    if not isinstance(call.func, ast.Name):
        return ""
    name = makers.get(call.func.id, call.func.id)
    if name == "Finding":
        return "/".join(severity.lower() for severity in members(call, "Severity"))
    if name == "_Unusable":
        return "warning"  # of one key; the others stand
    error = getattr(errors, name, None)
    if isinstance(error, type) and issubclass(error, errors.AnchorsError):
        return EXITS[error.exit_code]
    return ""


def members(node: ast.AST, enumeration: str) -> list[str]:
    return [
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id == enumeration
    ]


def test_the_severities_are_explained() -> None:
    assert [row[0] for row in table_rows(DOCUMENT) if row[0] in {*Severity}] == [*Severity]


def test_the_exit_codes_are_explained() -> None:
    codes = [row[0] for row in table_rows(DOCUMENT) if row[0].isdigit()]
    assert codes == ["0", "1", "2", "3", "4", "130"]


def test_the_steps_are_those_of_the_pipeline() -> None:
    told = re.findall(r"^## (\d)\. (.+)$", DOCUMENT, re.MULTILINE)
    steps = re.findall(r"(\d)\. (.+?)(?= {2}|$)", str(verify.__doc__), re.MULTILINE)
    assert told == sorted(steps)
    assert len(told) == 7


POLICY = VerificationPolicy(at=AT)


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("each of the two files", f"{source._LIMIT >> 20} MiB"),
        ("redirects", f"{http._MAX_REDIRECTS}, within"),
        ("fetching and asking", f"{request.Request(policy=POLICY).timeout:g} seconds"),
        ("fetching and asking", f"at most {request._MAX_TIMEOUT:g}"),
        ("all DNS queries together", f"{verify._DNS_SECONDS:g} seconds"),
        ("certificates in a signature", f"{cms._MAX_CERTIFICATES}"),
        ("signatures in a signature file", f"{cms._MAX_SIGNERS}"),
        ("CAs between signer and root", f"{POLICY.max_intermediates}"),
        ("RSA keys of signers", f"{POLICY.min_rsa_bits} bits"),
        ("signing time after the time of judgement", f"{POLICY.clock_skew.seconds // 60} minutes"),
        ("SHA-1 signatures", f"before {SHA1_RETIRED:%Y-%m-%d}"),
        ("keys, and signatures, in an answer", f"{rrset._MAX_RECORDS}"),
        ("answers in a recording", f"{manifest._MAX_ANSWERS}"),
        ("servers to ask (`--server`)", f"{request._MAX_SERVERS}"),
        ("a file with an RRset (`--dns FILE`)", f"{verify._MAX_DNS_FILE >> 10} KiB"),
        (
            "elements, and attributes of one, in a document",
            f"{xml._MAX_ELEMENTS:,}, {xml._MAX_ATTRIBUTES}",
        ),
        ("RRSIGs that are tried per key", f"{rrset._MAX_SIGNATURES}"),
        ("a signed key response", f"{skr.MAX_SIZE >> 20} MiB, {skr._MAX_BUNDLES} bundles"),
    ],
)
def test_the_limits_are_those_of_the_code(what: str, limit: str) -> None:
    (told,) = [cells[1] for cells in table_rows(DOCUMENT) if cells[0] == what]
    assert re.search(rf"(?<![\d,]){re.escape(limit)}(?![\d,]*\d)", told)


def test_the_forms_of_the_next_signature_are_those_that_verify_names() -> None:
    told = [row[:2] for row in table_rows(DOCUMENT) if row[1:2] in (["accepted"], ["refused"])]
    assert told == [
        *([form, "accepted"] for form in ACCEPTED_FORMS),
        *([form, "refused"] for form in REFUSED_FORMS),
    ]
    assert set(STORIES_OF_FORMS) == {*ACCEPTED_FORMS, *REFUSED_FORMS}
    for form in ACCEPTED_FORMS:
        assert set(STORIES_OF_FORMS[form]) <= {*GOOD, *SAID}
    for form in REFUSED_FORMS:
        assert set(STORIES_OF_FORMS[form]) <= {*STORIES, *test_edges_cms.STORIES}


def test_other_numbers_are_those_of_the_code() -> None:
    assert f"{len(ROOT_SERVERS)} addresses" in DOCUMENT
    (algorithms,) = [row.why for row in ROWS if row.id == Check.KEY_ALGORITHM.id]
    assert [int(number) for number in re.findall(r"\d+", algorithms)] == [*ALGORITHMS]


SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
THREATS = [row for row in table_rows(SECURITY) if len(row) == 5]


@pytest.mark.parametrize("threat", THREATS, ids=[row[1] for row in THREATS])
def test_every_check_against_a_threat_is_told_by_a_test_that_is_named(threat: list[str]) -> None:
    files = [ROOT / span for span in code_spans(threat[3])]
    told = "\n".join(path.read_text(encoding="utf-8") for path in files)
    checks = code_spans(threat[2])
    assert checks or "escaped" in threat[2]
    for check in Check:
        if check.id in checks:
            assert check.id in told or re.search(rf"\bCheck\.{check.name}\b", told)
            checks.remove(check.id)
    assert not checks


def test_the_threats_that_matter_are_there() -> None:
    told = " ".join(row[0] for row in THREATS)
    for who in ("network", "CDN", "Another mailbox", "local user", "source directory", "thief"):
        assert who in told
