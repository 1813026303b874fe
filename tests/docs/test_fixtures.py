"""The snapshots: that of the tests is what fixtures/build.py makes, and the package's is clean."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import anchors
from anchors.core.findings import Severity
from anchors.core.policy import VerificationPolicy
from anchors.pipeline.directory import write_directory
from anchors.pipeline.verify import example
from anchors.publication.authenticate import authenticate_as_of_signing
from anchors.publication.document import read
from anchors.publication.root_cas import built_in_roots
from anchors.publication.source import open_source
from anchors.rootzone.rrset import observe
from tests.docs.markdown import ROOT, links, table_rows
from tests.frozen import SNAPSHOT
from tests.simulator.times import AT

FIXTURES = ROOT / "fixtures"
DOCUMENT = (FIXTURES / "README.md").read_text(encoding="utf-8")
PACKAGE = Path(str(anchors.__file__)).parent
CARRIED = PACKAGE / "publication" / "data" / "snapshot"


def script(name: str) -> Any:  # noqa: ANN401 - a module
    """A script of ``fixtures`` as a module."""
    spec = importlib.util.spec_from_file_location(f"fixtures_{name}", FIXTURES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_snapshot_is_what_the_script_makes(tmp_path: Path) -> None:
    write_directory(tmp_path / "made", script("build").snapshot_files())
    held, made = open_source(str(SNAPSHOT)), open_source(str(tmp_path / "made"))
    assert held.publication(until=0.0)[:2] == made.publication(until=0.0)[:2]
    # By content: the order of records in a message carries nothing.
    (old,), (new,) = held.recording(), made.recording()
    assert old._replace(wire=None) == new._replace(wire=None)
    assert observe(old).content == observe(new).content
    assert len(observe(old).keys) == 4
    assert {path.name for path in SNAPSHOT.rglob("*")} == {
        path.name for path in (tmp_path / "made").rglob("*")
    }


def test_the_release_knows_its_own_snapshot() -> None:
    """What ``make snapshot`` would write of it is there already."""
    authenticated = authenticate_as_of_signing(
        open_source(str(CARRIED)).publication(until=0.0),
        built_in_roots(),
        VerificationPolicy(at=AT),
    )
    facts = (PACKAGE / "core" / "root_facts.py").read_text(encoding="utf-8")
    assert script("renew").facts_with(facts, authenticated, read(authenticated)) == facts


def test_what_the_package_carries_is_clean() -> None:
    checked = example(str(CARRIED))
    assert checked.refusal is None
    assert [f.message for f in checked.findings if f.severity is not Severity.NOTICE] == []
    (server,) = checked.servers
    assert server.outcome == "verified"


def test_the_snapshot_is_the_one_the_document_tells_of() -> None:
    (answer,) = open_source("embedded").recording()
    assert f"{answer.observed_at:%Y-%m-%dT%H:%M:%SZ}" in DOCUMENT
    assert f"({answer.address})" in DOCUMENT
    assert f"transport is `{answer.transport}`" in DOCUMENT


def test_the_sums_are_those_of_the_publications_and_samples() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in table_rows(DOCUMENT)}
    held = {
        str(path.relative_to(FIXTURES / "publications")): path
        for path in (FIXTURES / "publications").rglob("root-anchors.*")
    }
    held |= {path.name: path for path in (FIXTURES / "samples").iterdir()}
    assert len(told) > 20
    assert told == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in held.items()
    }


def test_the_sums_are_those_of_the_states() -> None:
    folder = FIXTURES / "states"
    rows = table_rows((folder / "README.md").read_text(encoding="utf-8"))
    held = {str(path.relative_to(folder)) for path in folder.glob("*/*")}
    assert {row[0].strip("`") for row in rows} == held
    for name, told in rows:
        content = (folder / name.strip("`")).read_bytes()
        assert hashlib.sha256(content).hexdigest() == told.strip("`")


def test_everything_that_lies_here_is_told_of() -> None:
    names = {path.name for path in FIXTURES.iterdir()} - {"README.md", "__pycache__"}
    assert names <= {name.rstrip("/") for name in re.findall(r"^## (\S+)$", DOCUMENT, re.MULTILINE)}
    assert all((FIXTURES / link).is_file() for link in links(DOCUMENT))
