"""docs/audit.md says of every audit check and limit what the code does; its commands are run."""

from __future__ import annotations

import ast
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import pytest

import anchors
from anchors.auditing import baseline, detect, workers
from anchors.auditing.judge import programs, verdict
from anchors.auditing.result import Outcome, Standing
from anchors.auditing.scan import (
    blocklist,
    budget,
    classify,
    embedded,
    folder,
    libarchive,
    nested,
    oci_image,
    oci_layout,
    root_files,
    walk,
)
from anchors.cli.parser import make_parser
from anchors.consumers.opendkim import loading as opendkim
from anchors.consumers.reading import CONTENT, Hold, Role, StateOfKey
from anchors.consumers.resolved import reading as resolved
from anchors.consumers.unbound import configuration as unbound
from anchors.core.checks import Check
from anchors.core.findings import Severity
from anchors.grammars import yaml
from tests.docs.markdown import ROOT, code_blocks, code_spans, table_rows
from tests.unit.known_syntaxes import every_syntax

DOCUMENT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
PACKAGE = Path(str(anchors.__file__)).parent
# What an audit does not come by: writing, running, and the document, which has a page of its own.
NO_AUDIT = {"bench", "running", "writing", "xml"}
ROOMS = (PACKAGE / "auditing", PACKAGE / "consumers", PACKAGE / "joining")
CHECKS = [check for check in Check if check.id.startswith("audit.")]
AT = "2026-11-24T00:00:00Z"


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
    if re.fullmatch(r"`audit\.[a-z0-9-]+`", cells[0])
]


def test_every_check_is_there_as_the_catalogue_has_it() -> None:
    assert [row[:3] for row in ROWS] == [
        (one.id, one.title, one.value[2] or "ours") for one in CHECKS
    ]


def test_every_check_has_a_reason_of_its_own() -> None:
    reasons = {row.why for row in ROWS}
    assert len(reasons) == len(CHECKS)
    assert all(reason.endswith(".") for reason in reasons)


def severities(node: ast.AST, enumeration: str) -> set[str]:
    return {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id == enumeration
    }


def made() -> dict[str, set[str]]:
    """The severities of each check, as the calls and rows in the code that name it have them."""
    found: dict[str, set[str]] = {check.id: set() for check in CHECKS}
    for path in (path for room in ROOMS for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_finding = isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"
            if is_finding or isinstance(node, ast.Tuple):
                names = severities(node, "Check")
                for name in names if len(names) == 1 else ():
                    words = severities(node, "Severity")
                    found[Check[name].id] |= {word.lower() for word in words}
    return found


def test_what_a_check_leads_to_is_what_the_code_does() -> None:
    words = "|".join(Severity)
    told = {row.id: set(re.findall(rf"\b(?:{words})\b", row.leads_to)) for row in ROWS}
    assert told == made()


def test_what_a_severity_leads_to_is_what_the_code_does() -> None:
    for row in ROWS:
        undecided = any(check.id == row.id for check in verdict._UNDECIDED)
        assert ("failure, exit 1" in row.leads_to) == ("failure" in row.leads_to), row.id
        assert ("warning, exit 3" in row.leads_to) == undecided, row.id


def syntaxes() -> set[str]:
    """What every consumer calls its syntaxes, and the one that is nobody's."""
    return {one.id for one in every_syntax()} | {CONTENT.id}


@pytest.mark.parametrize(
    "words", [Hold, Role, StateOfKey, Standing, Outcome], ids=lambda words: words.__name__
)
def test_every_word_is_explained(words: type[StrEnum]) -> None:
    assert set(code_spans(DOCUMENT)) >= {word.value for word in words}


def test_the_tables_of_words_are_whole() -> None:
    firsts = [row[0] for row in table_rows(DOCUMENT)]
    assert [word for word in firsts if word.strip("`") in {*Outcome}] == [f"`{o}`" for o in Outcome]
    held = [word.strip("`") for word in firsts if word.strip("`") in {*Hold}]
    # A state of the JSON has a row too.
    assert held[: len(Hold)] == [*Hold]
    told = [span for first in firsts for span in code_spans(first) if span in syntaxes()]
    assert sorted(told) == sorted(syntaxes())


def test_the_exit_codes_are_those_of_the_help() -> None:
    (commands,) = [action for action in make_parser()._actions if action.choices]
    assert isinstance(commands.choices, dict)
    told = re.findall(r"(?:^| {2,})(\d+) [a-z]", commands.choices["audit"].epilog, re.MULTILINE)
    explained = [row[0] for row in table_rows(DOCUMENT) if row[0].isdigit()]
    assert explained == ["0", "1", "2", "3", "4", "130"]
    assert {*told} <= {*explained}
    assert {"0", "1", "2", "3"} <= {*told}


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("files in a directory tree", f"{walk.MAX_FILES:,}"),
        ("directories in each other", f"{folder.MAX_DEPTH}"),
        ("files that are parsed", f"{classify.MAX_TEXT >> 20} MiB;"),
        ("files that are searched", f"{folder.MAX_PROGRAM >> 30} GiB"),
        ("anchors in a file", f"{detect._MAX_ANCHORS}"),
        ("lines of the root in a .positive file", f"{resolved._MAX_LINES}"),
        ("what a parser says of a file", f"{classify._MAX_WORDS} characters"),
        ("files that a file names", f"{detect._MAX_REFERENCES}"),
        (
            "files that a configuration includes",
            f"{unbound._MAX_FILES}, {unbound._MAX_DEPTH} deep; {opendkim._MAX_DEPTH} deep",
        ),
        ("names in a directory that a pattern is held against", f"{root_files.MAX_LISTED:,}"),
        (
            "entries of a directory that ends its worker, each looked at by itself",
            f"{walk._MAX_ENTRIES:,}",
        ),
        ("links in one path", f"{root_files._MAX_LINKS}"),
        (
            "a large text that a configuration names, searched for words that matter",
            f"{folder.MAX_BLOCKLIST >> 20} MiB",
        ),
        (
            "its lines, and the forms of lines of which it reads the first",
            f"{blocklist._MAX_LINE:,} bytes, {blocklist._MAX_FORMS}",
        ),
        ("archives inside an archive", f"{nested.MAX_NESTED} deep"),
        (
            "copies with a slip that are looked at closely, in a file",
            f"{embedded._MAX_CLOSE}, of which {programs._MAX_DAMAGED} are told",
        ),
        ("a baseline", f"{baseline._MAX_SIZE >> 20} MiB, {baseline._MAX_ROWS} findings"),
        ("YAML", f"{yaml.MAX_YAML:,} bytes, {yaml.MAX_BRACKETS} opening"),
        ("members of an archive or image", f"{budget.MAX_MEMBERS:,}"),
        ("anchors in a PATH", f"{budget.MAX_ANCHORS:,}"),
        (
            "names, configurations and anchors of a PATH that are kept",
            f"{budget.MAX_KEPT >> 20} MiB",
        ),
        (
            "seconds of the processor for a PATH",
            f"{workers._SECONDS}, one more for each MiB and for each {1 / workers._PER_FILE:.0f}",
        ),
        (
            "seconds of the processor for a file",
            (
                f"{workers._STALLS_AFTER}; the worker that does not heed it is ended after "
                f"{workers._KILLED_AFTER}"
            ),
        ),
        ("memory of a worker", f"{workers._MEMORY >> 30} GiB"),
        ("places in a PATH", f"{budget.MAX_PLACES:,}"),
        ("the name of a member", f"{libarchive._MAX_NAME:,}"),
        (
            "an archive or image, unpacked",
            (
                f"{budget.MAX_UNPACKED >> 30} GiB, and from {budget._HARMLESS >> 20} MiB on "
                f"{budget._MAX_RATIO}"
            ),
        ),
        (
            "images in an image layout, layers in an image",
            f"{oci_image._MAX_IMAGES}, {oci_image._MAX_LAYERS}",
        ),
        (
            "an index or manifest of an image layout",
            f"{oci_layout._MAX_JSON >> 20} MiB, indexes nested {oci_image._MAX_NESTED} deep",
        ),
        (
            "files of an image layout in a tar archive",
            f"the first {oci_layout._MAX_BLOBS:,}, with {oci_layout._MAX_HEADERS >> 20} MiB",
        ),
        (
            "a layer behind the end of its archive",
            f"{oci_image._MAX_PIECES * oci_image._PIECE >> 20} MiB",
        ),
    ],
)
def test_the_limits_are_those_of_the_code(what: str, limit: str) -> None:
    (told,) = [cells[1] for cells in table_rows(DOCUMENT) if cells[0] == what]
    assert re.match(rf"{re.escape(limit)}(?![\d,])|{re.escape(limit)}(?=,? \D)", told)


def test_the_bound_of_included_files_is_the_same_for_every_program() -> None:
    found = {
        number
        for path in (PACKAGE / "consumers").rglob("*.py")
        for number in re.findall(
            r"^_MAX_FILES(?:, \w+)? = (\d+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        # The files of one directory, and not what includes each other.
        if path.stem != "anchor_file"
    }
    assert found == {"1000"}


def test_every_limit_of_the_engine_is_told() -> None:
    """Who adds a limit to the audit itself adds a row."""
    names = {
        f"{path.stem}.{name}"
        for path in (PACKAGE / "auditing").rglob("*.py")
        for line in re.findall(r"^_?MAX_.*=", path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in re.findall(r"_?MAX_\w+", line)
    }
    tested = Path(__file__).read_text(encoding="utf-8")
    # How long a word is that is looked for, and the like, bounds nothing that anybody has.
    inner = {
        "words._MAX_WORD",
        "near._MAX_SHIFT",
        "archive._MAX_WORDS",
        # With more, the command names all files.
        "unopened._MAX_ENDINGS",
    }
    # docs/identify.md tells of these.
    inner |= {"pieces.MAX_FOUND", "pieces._MAX_NO_DIGITS"}
    # And docs/fleet.md of these.
    inner |= {"merge.MAX_HOSTS", "merge.MAX_REPORT"}
    assert {n for n in names - inner if not re.search(rf"\b{re.escape(n)}\b", tested)} == set()
    assert inner < names


def examples() -> Iterator[tuple[str, str | None]]:
    """Every command, and what it is shown to print."""
    for block in code_blocks(DOCUMENT):
        if block.language == "sh":
            for line in block.text.splitlines():
                yield line.partition("  #")[0].strip(), None
        elif block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield command, output


EXAMPLES = list(examples())


class Done(NamedTuple):
    """What came of one command."""

    code: int
    output: str


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every command, run in the document's order in one folder."""
    place = tmp_path_factory.mktemp("audit")
    script = place / "bin" / "root-anchors"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m anchors "$@" $ADDED\n')
    script.chmod(stat.S_IRWXU)
    return {command: run(command, place) for command, _ in EXAMPLES}


def run(command: str, place: Path) -> Done:
    environment = {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "ADDED": "" if "--at" in shlex.split(command) else f"--at {AT}",
    }
    process = subprocess.run(
        ["bash", "-euc", command],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Done(process.returncode, process.stdout)


@pytest.mark.parametrize("command", [c for c, _ in EXAMPLES])
def test_every_command_works_and_prints_what_is_shown(
    command: str, session: dict[str, Done]
) -> None:
    done, shown = session[command], dict(EXAMPLES)[command]
    fails = shown is not None and shown.startswith("FAILS")
    assert done.code == (1 if fails else 0), done.output
    if shown is not None:
        assert done.output == shown


def test_the_baseline_that_is_shown_can_be_used(tmp_path: Path) -> None:
    (block,) = (block for block in code_blocks(DOCUMENT) if block.language == "toml")
    path = tmp_path / "baseline.toml"
    path.write_text(block.text, encoding="utf-8")
    (row,) = baseline.read_baseline(path)
    assert row.check == "audit.static"


def test_the_commands_are_of_every_kind() -> None:
    commands = [command for command, _ in EXAMPLES]
    assert len(commands) == 8
    assert all("--offline" in c for c in commands if c.startswith("root-anchors"))
    assert sum("audit" in shlex.split(c) for c in commands) == 5
