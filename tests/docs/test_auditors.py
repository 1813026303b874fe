"""docs/auditors.md: its commands are run on packages, an image, a tree and the tars of a fleet."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from anchors.auditing.result import Outcome
from tests.docs.machine import Done, examples, furnish, new_place, run
from tests.docs.markdown import ROOT, code_spans, table_rows
from tests.unit.auditing.scan.test_packages import deb, layout, tar

DOCUMENT = (ROOT / "docs" / "auditors.md").read_text(encoding="utf-8")
COMMANDS = [example.command for example in examples(DOCUMENT)]
AUDITS = [command for command in COMMANDS if " audit " in command]
BASIS = "root-anchors audit --source basis --dns recorded --at 2026-11-24T00:00:00Z "


def prepared(place: Path, without: str | None = None) -> Path:
    """What the commands name, by hand; ``without`` the key with this tag."""
    new_place(place)
    furnish(place, without=without)
    (place / "machine" / "var" / "tmp").mkdir()
    shutil.copytree(place / "machine", place / "rootfs")
    name = "usr/share/dns/root.ds"
    packed = tar([(name, (place / "machine" / name).read_bytes())])
    (place / "packages").mkdir()
    deb(place / "packages" / "dns-root-data.deb", packed)
    (place / "hosts").mkdir()
    (place / "hosts" / "one.tar").write_bytes(packed)
    layout(place, packed)
    return place


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every command, in the document's order."""
    place = prepared(tmp_path_factory.mktemp("auditors"))
    return {command: run(command, place) for command in COMMANDS}


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """The same where KSK-2024 is missing everywhere."""
    place = prepared(tmp_path_factory.mktemp("late"), without="38696")
    return {command: run(command, place) for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(command: str, done: dict[str, Done]) -> None:
    assert done[command].code == 0, done[command].told


@pytest.mark.parametrize("command", AUDITS)
def test_every_audit_finds_what_is_missing(command: str, late: dict[str, Done]) -> None:
    assert late[command].code == 1, late[command].told


def test_every_audit_names_the_basis_and_the_time(done: dict[str, Done]) -> None:
    assert [command for command in AUDITS if not command.startswith(BASIS)] == []
    live = [command for command, one in done.items() if one.added]
    assert live == ["root-anchors build -o basis"]


def test_there_are_audits_of_every_kind() -> None:
    named = {command.split()[-1] for command in AUDITS}
    assert named == {"packages/*.deb", "image", "rootfs", "/", "hosts/*.tar"}


def test_every_outcome_is_explained() -> None:
    firsts = [span for row in table_rows(DOCUMENT) for span in code_spans(row[0])]
    assert firsts == [*Outcome]


def test_the_checks_that_are_named_exist() -> None:
    documented = set(code_spans((ROOT / "docs" / "audit.md").read_text(encoding="utf-8")))
    named = {span for span in code_spans(DOCUMENT) if re.match(r"audit\.(?!md)", span)}
    assert len(named) > 2
    assert named <= documented
