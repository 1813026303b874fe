"""``make snapshot``: what a live build wrote is carried by the package, or nothing changes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anchors.core.servers import ServerAnswer
from anchors.pipeline.directory import write_directory
from anchors.pipeline.verify import example
from anchors.publication import root_cas
from anchors.publication.manifest import with_manifest
from anchors.publication.source import DOCUMENT_NAME, SIGNATURE_NAME
from anchors.rootzone.rrset import answer_from_text
from tests.docs.markdown import ROOT
from tests.docs.test_fixtures import script
from tests.frozen import SNAPSHOT
from tests.lab.zone import RECORDED
from tests.simulator.authority import lab_root
from tests.simulator.cms import Signing
from tests.simulator.document import EXPIRED, Document, entry
from tests.simulator.ksk import KSK_2017, KSK_2024
from tests.simulator.publication import publish

IANA = ROOT / "fixtures" / "publications" / "2025-03-25"
K_ROOT = "193.0.14.129"
LATER = datetime(2026, 10, 12, 6, tzinfo=UTC)
# As a document that ends KSK-2017 may be signed, under a CA that the copy of the package pins.
SIGNED = datetime(2026, 10, 8, 20, 15, tzinfo=UTC)
ENDING = (
    EXPIRED,
    entry(
        KSK_2017,
        id="Kold",
        valid_from="2017-02-02T00:00:00+00:00",
        valid_until="2027-01-11T00:00:00+00:00",
    ),
    entry(KSK_2024, id="Knew"),
)


def answer(at: datetime = LATER, **changes: Any) -> ServerAnswer:  # noqa: ANN401 - fields
    """The recorded RRset as k.root-servers.net may have sent it."""
    asked = {"address": K_ROOT, "port": 53, "transport": "udp", "tries": 1}
    return answer_from_text(RECORDED.read_text(), at)._replace(**{**asked, **changes})


def live(place: Path, publication: Mapping[str, bytes], *answers: ServerAnswer) -> Path:
    """A directory as ``build`` writes it."""
    write_directory(place, with_manifest({**publication}, answers))
    return place


def of_iana() -> dict[str, bytes]:
    return {name: (IANA / name).read_bytes() for name in (DOCUMENT_NAME, SIGNATURE_NAME)}


def refusal(directory: Path) -> str:
    renew = script("renew")
    with pytest.raises(renew.Refused) as caught:
        renew.checked(directory)
    return str(caught.value)


def test_a_directory_that_is_clean_and_newer_is_taken(tmp_path: Path) -> None:
    silent = answer(address="192.0.2.1", transport="udp")
    renewal = script("renew").checked(live(tmp_path / "live", of_iana(), silent, answer()))
    # The first that a root server gave.
    assert (renewal.answer.address, renewal.answer.observed_at) == (K_ROOT, LATER)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([answer(datetime(2026, 10, 4, tzinfo=UTC))], "are not newer than those"),
        ([answer(address="file", port=0, transport="file")], "no verified answer of a root server"),
        ([answer(address="192.0.2.1")], "no verified answer of a root server"),
        (
            [answer(), answer(wire=None, failure="timeout")],
            "warning: 1 of 2 servers did not give a usable",
        ),
        (
            [answer(wire=None, failure="timeout")],
            "failure: no server answered with a signed DNSKEY",
        ),
    ],
    ids=["not newer", "from a file", "of somebody else", "one is silent", "all are silent"],
)
def test_what_is_not_clean_is_refused(
    answers: list[ServerAnswer], says: str, tmp_path: Path
) -> None:
    assert says in refusal(live(tmp_path / "live", of_iana(), *answers))


def test_a_key_without_a_row_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renew = script("renew")
    monkeypatch.setattr(renew, "KNOWN_KEYS", renew.KNOWN_KEYS[:2])
    with pytest.raises(renew.Refused, match="KSK 38696, from 2024-07-18, has no row"):
        renew.checked(live(tmp_path / "live", of_iana(), answer()))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is renewed; its package pins the CA of the tests, and has their snapshot."""
    place = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "anchors", place / "anchors")
    shutil.rmtree(place / "anchors/publication/data/snapshot")
    shutil.copytree(SNAPSHOT, place / "anchors/publication/data/snapshot")
    for name in ("README.md", "docs/building.md", "docs/timeline.svg", "fixtures/renew.py"):
        (place / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, place / name)
    pem = place / "anchors/publication/data/icann-root-cas.pem"
    pem.write_bytes(lab_root().pem + pem.read_bytes())
    facts = place / "anchors/core/root_facts.py"
    sha256 = root_cas.fingerprint(lab_root().certificate)
    row = f'RootCa("Lab Root CA", "{sha256}", ends=datetime(2045, 1, 1, tzinfo=UTC)),'
    carried = example(str(SNAPSHOT))
    text = script("renew").facts_with(facts.read_text(), carried.authenticated, carried.document)
    text = re.sub(r"(?<=^ROOT_CAS = \(\n)", f"    {row}\n", text, flags=re.MULTILINE)
    facts.write_text(text)
    return place


def run(tree: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", *map(str, arguments)],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_all_that_hangs_on_the_snapshot_follows(tree: Path, tmp_path: Path) -> None:
    made = publish(Signing(signing_time=SIGNED), Document(entries=ENDING)).write(tmp_path / "made")
    files = {name: (made / name).read_bytes() for name in (DOCUMENT_NAME, SIGNATURE_NAME)}
    directory = live(tmp_path / "live", files, answer())
    renewed = run(tree, "fixtures/renew.py", directory)
    assert renewed.returncode == 0, renewed.stderr
    facts = (tree / "anchors/core/root_facts.py").read_text()
    assert "SNAPSHOT_SIGNING_TIME = datetime(2026, 10, 8, 20, 15, tzinfo=UTC)" in facts
    assert facts.count("valid_until=datetime(2027, 1, 11, tzinfo=UTC)") == 1
    page = (tree / "docs/building.md").read_text()
    assert "signed on 2026-10-12" in page
    assert "2026-10-04" not in page
    assert len(re.findall(r"--at 2026-10-13T00:00:00Z", page)) == 3
    assert "as of 2026-10-13](docs/timeline.svg)" in (tree / "README.md").read_text()
    assert "judged at 2026-10-13" in (tree / "docs/timeline.svg").read_text()

    told = run(tree, "-m", "anchors", "verify", "--offline", "--at", "2027-01-12T00:00:00Z")
    assert told.stdout.startswith("VERIFIED: KSK-2024 (38696) at 2027-01-12T00:00:00Z")
    assert "by dnssec@iana.org at 2026-10-08T20:15:00Z" in told.stdout
    assert "rollback" not in told.stdout

    before = {
        path: path.read_bytes()
        for path in tree.rglob("*")
        if path.suffix != ".pyc" and path.is_file()
    }
    again = run(tree, "fixtures/renew.py", directory)
    assert (again.returncode, again.stdout) == (1, "")
    assert "refused, nothing is changed" in again.stderr
    assert all(path.read_bytes() == content for path, content in before.items())
