"""A fourth KSK and a third root CA are two rows and a certificate: everything takes and names them.

The key is of another algorithm, as ICANN plans its next one; the CA has signed the publication.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dns.dnssectypes import Algorithm

from anchors.auditing.scan import embedded, shapes
from anchors.cli.main import main
from anchors.core import root_facts
from anchors.core.root_facts import KNOWN_KEYS, ROOT_CAS, KnownKey, Planned, RootCa
from anchors.publication import root_cas
from tests.lab.keys import ksk, zsk
from tests.lab.tables import modules_with
from tests.lab.zone import signed
from tests.simulator.authority import lab_root
from tests.simulator.document import CURRENT, EXPIRED, Document
from tests.simulator.publication import publish
from tests.simulator.times import AT, CA_END, rfc3339
from tests.unit.stages import FIXTURES, entry_of

DATA = FIXTURES.parent / "anchors" / "publication"
PEM = "data/icann-root-cas.pem"

KEY = ksk("2027", Algorithm.ECDSAP256SHA256)
FOURTH = KnownKey(
    "KSK-2027",
    KEY.tag,
    KEY.algorithm,
    KEY.digest.hex().upper(),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=None,
    begins=base64.b64encode(KEY.public_key[:48]).decode(),
    planned=Planned(
        published=datetime(2026, 2, 11, tzinfo=UTC), signing=datetime(2029, 1, 11, tzinfo=UTC)
    ),
)
THIRD = RootCa(
    "ICANN Root CA v3",
    root_cas.fingerprint(lab_root().certificate),
    ends=datetime(CA_END.year, CA_END.month, CA_END.day, tzinfo=UTC),
    expected=2026,
)
NAME = f"{FOURTH.name} ({FOURTH.key_tag})"

Capture = pytest.CaptureFixture[str]


def forget() -> None:
    """What was made of the tables, and is kept for the next call."""
    root_cas.built_in_roots.cache_clear()
    embedded._patterns.cache_clear()


@pytest.fixture(autouse=True)
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tables have a row more each, and the package has the certificate of the new CA."""
    package = tmp_path_factory.mktemp("package")
    (package / PEM).parent.mkdir()
    (package / PEM).write_bytes((DATA / PEM).read_bytes() + lab_root().pem)
    with pytest.MonkeyPatch.context() as patch:
        for table, row in (("KNOWN_KEYS", FOURTH), ("ROOT_CAS", THIRD)):
            was = getattr(root_facts, table)
            for module in modules_with(table):
                patch.setattr(module, table, (*was, row))
        for module in (root_cas, shapes):
            patch.setattr(module, "resources", SimpleNamespace(files=lambda _package: package))
        forget()
        yield
    forget()


@pytest.fixture
def publication(tmp_path: Path) -> list[str]:
    """The options that name a publication under the new CA, and a root zone with the new key."""
    document = Document(entries=(EXPIRED, *CURRENT, entry_of(KEY, id="Knew")))
    source = publish(document=document).write(tmp_path / "source")
    # The CA is a built-in one.
    (source / "ca.pem").unlink()
    apex = signed([KEY, zsk("zsk", Algorithm.ECDSAP256SHA256)], [KEY])
    rrset = tmp_path / "root.rrset"
    rrset.write_text(apex.text(), encoding="ascii")
    return ["--source", str(source), "--dns", str(rrset), "--at", rfc3339(AT)]


def test_verify_names_the_key_and_the_ca(publication: list[str], capsys: Capture) -> None:
    assert main(["verify", *publication, "--report-format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["publication"]["root"]["built_in"] is True
    assert report["publication"]["root"]["sha256"] == THIRD.sha256
    (row,) = [row for row in report["anchors"] if row["key_tag"] == KEY.tag]
    assert (row["algorithm"], row["published"], row["signing"]) == (13, True, True)
    assert main(["verify", "-v", *publication]) == 0
    assert f"{NAME}: in IANA's document since" in " ".join(capsys.readouterr().out.split())


def test_a_key_that_is_gone_from_the_document_is_missed(tmp_path: Path, capsys: Capture) -> None:
    source = publish(document=Document(entries=(EXPIRED, *CURRENT))).write(tmp_path / "source")
    (source / "ca.pem").unlink()
    main(["verify", "--source", str(source), "--dns", "none", "--at", rfc3339(AT)])
    told = " ".join(capsys.readouterr().out.split())
    assert f"{NAME} has left the document without an end date" in told


@pytest.mark.parametrize("picture", ["text", "svg", "html"])
def test_a_timeline_has_the_key_and_the_ca(
    picture: str, publication: list[str], tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / f"timeline.{picture}"
    options = [] if picture == "text" else [f"--{picture}", str(file)]
    assert main(["timeline", *publication, *options]) == 0
    text = capsys.readouterr().out if picture == "text" else file.read_text(encoding="utf-8")
    for known in (*KNOWN_KEYS, FOURTH):
        assert known.name in text
    for ca in (*ROOT_CAS, THIRD):
        assert ca.name in text


def test_the_pinned_roots_are_three(capsys: Capture) -> None:
    assert main(["pinned"]) == 0
    out = capsys.readouterr().out
    assert [out.count(ca.sha256) for ca in (*ROOT_CAS, THIRD)] == [1, 1, 1]


FORMS = {
    "the digest": KEY.digest,
    "the digest as text": FOURTH.digest.encode(),
    "the public key": base64.b64encode(KEY.public_key),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_the_key_in_each_form(form: str) -> None:
    found = embedded.compiled_in(b"\0" * 999 + FORMS[form] + b"\0" * 999)
    assert found is not None
    assert (found.key_digests, found.roots) == ((KEY.digest,), ())


@pytest.mark.parametrize("content", [lab_root().der, lab_root().pem], ids=["DER", "PEM"])
def test_the_search_finds_the_ca(content: bytes) -> None:
    found = embedded.compiled_in(b"\0" * 999 + content + b"\0" * 999)
    assert found is not None
    assert (found.key_digests, found.roots) == ((), (THIRD.sha256,))


def program(*parts: bytes) -> bytes:
    """A program as a linker writes one, with these bytes in it."""
    return b"\x7fELF\x02\x01\x01" + b"\0" * 999 + b"\0".join(parts) + b"\0" * 999


def audited(file: Path, options: list[str], capsys: Capture) -> dict[str, Any]:
    main(["audit", str(file), *options, "--report-format", "json"])
    report = json.loads(capsys.readouterr().out)
    (place,) = report["places"]
    assert isinstance(place, dict)
    return place


def test_an_audit_names_what_a_program_has(
    publication: list[str], tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "program"
    digests = [bytes.fromhex(known.digest) for known in (*KNOWN_KEYS[1:], FOURTH)]
    file.write_bytes(program(*digests, lab_root().der))
    place = audited(file, publication, capsys)
    assert place["outcome"] == "right"
    assert place["summary"] == (
        "contains the digests of KSK-2017, KSK-2024 and KSK-2027 "
        "and the certificate of ICANN Root CA v3 only"
    )


def test_an_audit_names_what_a_program_lacks(
    publication: list[str], tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "program"
    first = (DATA / PEM).read_bytes()
    file.write_bytes(program(*(bytes.fromhex(k.digest) for k in KNOWN_KEYS[1:]), first))
    place = audited(file, publication, capsys)
    assert place["outcome"] == "attention"
    findings = {one["check"]: one for one in place["findings"]}
    assert NAME in findings["audit.compiled"]["message"]
    lacking = findings["audit.pinned-root"]
    assert "signatures under ICANN Root CA v3 are expected in 2026" in lacking["message"]
    assert lacking["want"] == "ICANN Root CA, ICANN Root CA v2 and ICANN Root CA v3"
    assert lacking["remedy"] == "use a release that pins all of them"


@pytest.mark.parametrize("form", ["text", "markdown", "html", "sarif", "issue"])
def test_every_report_of_an_audit_names_the_key(
    form: str, publication: list[str], tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "program"
    file.write_bytes(program(*(bytes.fromhex(k.digest) for k in KNOWN_KEYS[1:])))
    options = [] if form == "text" else ["--report-format", form]
    assert main(["audit", str(file), *publication, *options]) == 0
    assert f"it lacks the digest of {NAME}" in " ".join(capsys.readouterr().out.split())
