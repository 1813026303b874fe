from __future__ import annotations

from pathlib import Path

import pytest

import anchors
from anchors.auditing.result import JudgedPlace
from anchors.consumers.files import Location
from anchors.consumers.reading import Compiled, Note
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.report.audit import renderer
from tests.unit.auditing.audits import (
    HOSTILE,
    KSK_2010,
    KSK_2017,
    KSK_2024,
    audit,
    everything,
    hostile,
    hostile_resolver,
    program,
    right,
    right_resolver,
    static,
    unreadable,
    unverified,
)
from tests.unit.report.audit.test_markdown import MARK_UP, without_code

GOLDEN = Path(__file__).parents[4] / "fixtures" / "issue.md"
render = renderer("issue")


def test_an_issue_for_each_directory_and_package() -> None:
    golden = GOLDEN.read_text(encoding="utf-8")
    assert render(everything()) == golden.replace("0.1.0", anchors.__version__)


def test_what_is_right_or_not_of_the_anchors_is_nothing_to_report() -> None:
    said = audit(right(), static(), unreadable(), resolvers=(right_resolver(),))
    assert render(said) == "Nothing to report: no stale anchor of the root was found.\n"


def test_without_a_verified_publication_there_is_no_issue() -> None:
    assert render(unverified()) == renderer("markdown")(unverified())


def containing(path: str, *keys: str) -> JudgedPlace:
    """A program or source with the digests of some keys."""
    row = program()
    digests = {one.name[:8]: one.digest(2) or b"" for one in (KSK_2010, KSK_2017, KSK_2024)}
    compiled = Compiled(tuple(digests[key] for key in keys))
    assert row.found.reading is not None
    reading = row.found.reading._replace(compiled=compiled)
    place = row.found._replace(location=Location("x.deb", path, inside=True), reading=reading)
    return row._replace(found=place)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"roots/20326": ["KSK-2017"], "roots/38696": ["KSK-2024"]}, []),
        ({"roots/20326": ["KSK-2017"], "other/38696": ["KSK-2024"]}, ["roots/20326"]),
        ({"roots/old": ["KSK-2010"], "roots/20326": ["KSK-2017"]}, ["roots/20326", "roots/old"]),
        # One that has more than one key is no file for a key.
        ({"bin/a": ["KSK-2010", "KSK-2017"], "bin/b": ["KSK-2017", "KSK-2024"]}, ["bin/a"]),
    ],
)
def test_a_file_for_each_key_counts_with_the_others_of_its_folder(
    files: dict[str, list[str]], told: list[str]
) -> None:
    rows = [containing(path, *keys) for path, keys in files.items()]
    rows = [row._replace(notes=()) if "KSK-2024" in files[path_of(row)] else row for row in rows]
    text = render(audit(*rows))
    heads = [line for line in text.splitlines() if line.startswith("## `")]
    assert sorted(heads) == sorted(f"## `{path}`" for path in told)


def path_of(row: JudgedPlace) -> str:
    return row.found.location.path


def test_an_old_root_of_the_signature_is_told_with_what_to_pin() -> None:
    pins = Finding(Check.AUDIT_PINNED_ROOT, Severity.WARNING, "it pins ICANN Root CA alone")
    row = containing("bin/a")._replace(notes=(Note(pins),), summary=pins.message)
    text = render(audit(row))
    assert text.startswith("# `x.deb`: stale trust anchors of the DNS root in `a`\n")
    assert "1. `root-anchors pinned`\n2. pin every root CA that it shows\n" in text
    assert "lacks" not in text
    assert text.count(pins.message[2:]) == 1


def test_the_path_of_a_package_here_is_nothing_to_its_maintainer() -> None:
    row = program()
    place = row.found._replace(location=Location("/home/me/x.deb", "bin/tool", inside=True))
    text = render(audit(row._replace(found=place)))
    assert "/home/me" not in text
    assert "- `root-anchors audit --offline --at 2026-11-24T00:00:00Z x.deb`\n" in text


def test_nothing_from_outside_is_mark_up() -> None:
    said = audit(hostile(), resolvers=(hostile_resolver(),), paths=(HOSTILE,))
    text = render(said)
    assert "found" in text
    for line in text.splitlines():
        assert line.isprintable()
        rest = without_code(line)
        assert "<" not in rest
        assert not MARK_UP.search(rest)
