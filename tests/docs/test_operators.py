"""docs/operators.md: its commands are run on a machine that is ready, and on one that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anchors.cli.parser import make_parser
from anchors.core import records
from anchors.core.policy import VerificationPolicy
from anchors.core.root_facts import KNOWN_KEYS
from anchors.pipeline.request import Request
from anchors.pipeline.verify import verify
from anchors.publication.root_cas import built_in_roots
from tests.consumers.asking.resolvers import PROGRAMS
from tests.docs.machine import (
    PLACES,
    Done,
    added_to,
    examples,
    furnish,
    install,
    new_place,
    run,
)
from tests.docs.markdown import ROOT, code_spans, table_rows
from tests.simulator.ksk import KSK_2017
from tests.simulator.times import AT

DOCUMENT = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
EXAMPLES = dict(examples(DOCUMENT))
ASKS = [c for c in EXAMPLES if c.startswith("root-anchors ask")]
AUDITS = [c for c in EXAMPLES if c.startswith("root-anchors audit --offline /")]
RESOLVERS = [row for row in table_rows(DOCUMENT) if len(row) == 4]
BUILDS = [c for c in EXAMPLES if c.startswith("root-anchors build --offline ")]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine that holds both keys everywhere."""
    place = new_place(tmp_path_factory.mktemp("ready"))
    furnish(place)
    return place


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same machine, without KSK-2024."""
    place = new_place(tmp_path_factory.mktemp("late"))
    furnish(place, without="38696")
    return place


def outcomes(done: Done) -> list[str]:
    """The outcomes in the tables of the report: of each resolver, and of each file beside."""
    words = "RIGHT|ATTENTION|FAILS|WILL FAIL|UNDECIDED"
    return re.findall(rf"^.*\S  +({words})(?:  |$)", done.told, re.MULTILINE)


@pytest.mark.parametrize("command", AUDITS)
def test_a_machine_that_is_ready(command: str, ready: Path) -> None:
    done = run(command, ready)
    assert done.code == 0, done.told
    # Attention: nobody but root may write the state, where the tests run as root.
    assert outcomes(done)
    assert {*outcomes(done)} <= {"RIGHT", "ATTENTION"}
    assert "38696" in done.told


@pytest.mark.parametrize("command", AUDITS)
def test_a_machine_that_is_not_ready(command: str, late: Path) -> None:
    done = run(command, late)
    told = outcomes(done)
    # A file that no resolver below the PATH loads fails nobody that is known.
    assert done.code == (1 if {"FAILS", "WILL FAIL"} & {*told} else 0), done.told
    assert "KSK-2024 (38696) is missing" in done.told
    assert told
    assert "RIGHT" not in told


@pytest.mark.parametrize("command", BUILDS)
def test_what_puts_it_right_can_be_made(command: str, ready: Path) -> None:
    done = run(command, ready)
    assert done.code == 0, done.told
    files = {file for row in RESOLVERS for file in re.findall(r"`new/([^`]+)`", row[2])}
    assert len(files) > len(RESOLVERS)
    for file in files:
        assert (ready / "new" / file).read_bytes() == (ready / "anchors" / file).read_bytes()


@pytest.mark.parametrize("command", BUILDS)
def test_nothing_is_there_to_be_put_in_place_where_it_was_not_made(
    command: str, tmp_path: Path
) -> None:
    assert not re.search(r"[>|&]", command)
    install(tmp_path)
    done = run(command, tmp_path, at="2035-01-01T00:00:00Z")
    assert done.code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.parametrize("command", EXAMPLES)
def test_a_resolver_that_answers_nothing_keeps_nobody_from_it(command: str) -> None:
    assert "--offline" not in added_to(command)


def test_the_first_command_asks_the_resolvers_of_this_machine() -> None:
    """What it says is told by tests/consumers/asking."""
    assert next(iter(EXAMPLES)) == ASKS[0] == "root-anchors ask"
    for command in ASKS:
        make_parser().parse_args(command.split()[1:])


def test_every_command_is_run_by_one_of_these() -> None:
    assert [*EXAMPLES] == [*ASKS, *AUDITS, *BUILDS]
    assert (len(ASKS), len(AUDITS), len(BUILDS)) == (2, 1, 1)


def test_it_is_one_page_with_every_resolver() -> None:
    assert len(DOCUMENT.splitlines()) < 70
    assert len(RESOLVERS) == len(PROGRAMS)


def test_the_places_of_the_table_are_looked_at() -> None:
    told = {span for row in RESOLVERS for span in code_spans(row[1])}
    names = {f"/{path}" for paths in PLACES.values() for path in paths}
    assert told - {"/var/cache/bind", "/etc/dnssec-trust-anchors.d/*.positive"} <= names


def test_the_days_are_those_of_the_plan_and_of_the_certificates() -> None:
    told = {row[0]: row[1] for row in table_rows(DOCUMENT) if re.match(r"20\d\d-", row[0])}
    report = verify(Request(policy=VerificationPolicy(at=AT), source="embedded", dns="none"))
    assert report.authenticated is not None
    signer = report.authenticated.signer.not_after
    first = min(root.not_valid_after_utc for root in built_in_roots().certificates)
    plans = [key.planned for key in KNOWN_KEYS if key.planned is not None]
    planned = [day for plan in plans for day in (plan.signing, plan.revoked) if day is not None]
    assert [*told] == [f"{day:%Y-%m-%d}" for day in sorted([*planned, signer, first])]


def test_the_tag_of_the_revoked_key() -> None:
    revoked = records.dnskey(257 | 0x80, 8, KSK_2017.public_key)
    assert f"as tag {records.key_tag(revoked)}" in DOCUMENT
