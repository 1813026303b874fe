"""Stories of source directories that are broken, hostile, or out of bounds."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from anchors.core.checks import Check
from tests.pipeline.stories import Outcome, Shelf, Teller, inputs
from tests.simulator.document import Document
from tests.simulator.publication import publish
from tests.simulator.times import AT, rfc3339

MEBIBYTE = 1 << 20
DOCUMENT, SIGNATURE, MANIFEST = "root-anchors.xml", "root-anchors.p7s", "manifest.json"

Manifest = dict[str, Any]


class Broken(NamedTuple):
    """What is done to a good source directory, and how it is refused."""

    harm: Callable[[Path], object]
    check: Check
    says: str


def replaced(name: str, put: Callable[[Path], object]) -> Callable[[Path], object]:
    """Put something else in a file's place."""

    def harm(source: Path) -> None:
        (source / name).unlink()
        put(source / name)

    return harm


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


def becomes_a_file(source: Path) -> None:
    shutil.rmtree(source)
    source.write_bytes(b"")


SOURCES = {
    "no directory": Broken(shutil.rmtree, Check.SOURCE_AVAILABLE, "No such file"),
    "a file for a directory": Broken(becomes_a_file, Check.SOURCE_AVAILABLE, "Not a directory"),
    "no document": Broken(
        lambda source: (source / DOCUMENT).unlink(), Check.SOURCE_AVAILABLE, DOCUMENT
    ),
    "no signature": Broken(
        lambda source: (source / SIGNATURE).unlink(), Check.SOURCE_AVAILABLE, SIGNATURE
    ),
    "a directory for a document": Broken(
        replaced(DOCUMENT, Path.mkdir), Check.SOURCE_AVAILABLE, DOCUMENT
    ),
    "a FIFO that nobody writes to": Broken(
        replaced(SIGNATURE, os.mkfifo), Check.SOURCE_AVAILABLE, "not a regular file"
    ),
    "a device": Broken(
        replaced(DOCUMENT, lambda path: path.symlink_to("/dev/null")),
        Check.SOURCE_AVAILABLE,
        "not a regular file",
    ),
    "a link to nowhere": Broken(
        replaced(DOCUMENT, lambda path: path.symlink_to("nowhere")),
        Check.SOURCE_AVAILABLE,
        "No such file",
    ),
    "a link to itself": Broken(
        replaced(SIGNATURE, lambda path: path.symlink_to(path.name)),
        Check.SOURCE_AVAILABLE,
        SIGNATURE,
    ),
    "a document of one byte too many": Broken(
        replaced(DOCUMENT, lambda path: path.write_bytes(b" " * (MEBIBYTE + 1))),
        Check.SOURCE_SIZE,
        f"larger than {MEBIBYTE} bytes",
    ),
    "a signature of one byte too many": Broken(
        replaced(SIGNATURE, lambda path: path.write_bytes(b"\0" * (MEBIBYTE + 1))),
        Check.SOURCE_SIZE,
        f"larger than {MEBIBYTE} bytes",
    ),
    "a sparse file of a tebibyte": Broken(
        replaced(DOCUMENT, sparse),
        Check.SOURCE_SIZE,
        f"larger than {MEBIBYTE} bytes",
    ),
}


@pytest.mark.parametrize("broken", SOURCES.values(), ids=SOURCES.keys())
def test_a_source_that_cannot_be_read_leaves_it_undecided(
    broken: Broken, teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / "source")
    arguments = inputs(source)
    ca = shutil.copy(source / "ca.pem", tmp_path)
    arguments[arguments.index("--ca") + 1] = str(ca)
    broken.harm(source)

    verified = teller.run("verify", *arguments, "--report-format", "json")
    failures = verified.findings("failure")
    assert (verified.exit_code, [*failures]) == (3, [broken.check.id])
    assert broken.says in failures[broken.check.id]
    assert verified.report["verdict"] == "undecided"

    built = teller.run("build", *arguments, "-o", shelf.anchors)
    assert built.exit_code == 3
    assert broken.check.id in built.err
    shelf.assert_untouched()


def test_a_document_of_just_a_mebibyte_reads(teller: Teller, tmp_path: Path) -> None:
    document = Document().encode()
    padded = document + b"\n" * (MEBIBYTE - len(document))
    assert teller.verify(publish(document=padded).write(tmp_path)).exit_code == 0


def test_a_source_may_be_reached_by_links(teller: Teller, tmp_path: Path) -> None:
    source = publish().write(tmp_path / "source")
    (tmp_path / "link").symlink_to(source)
    (source / DOCUMENT).rename(source / "1.xml")
    (source / DOCUMENT).symlink_to("1.xml")
    assert teller.verify(tmp_path / "link").exit_code == 0


def replay(teller: Teller, source: Path, command: list[str]) -> Outcome:
    """Verify a directory of ours with the answers in it."""
    return teller.run(*command, "--source", source, "--dns", "recorded", "--at", rfc3339(AT))


def test_the_output_directory_is_itself_a_source(
    teller: Teller, recorded: Path, tmp_path: Path
) -> None:
    outcome = replay(teller, recorded, ["verify", "--report-format", "json"])
    assert (outcome.exit_code, outcome.report["verdict"]) == (0, "verified")
    assert outcome.report["dns"]["mode"] == "recorded"
    assert [row["signing"] for row in outcome.report["anchors"] if row["key_tag"] == 20326] == [
        True
    ]

    again = tmp_path / "again"
    assert replay(teller, recorded, ["build", "-o", str(again)]).exit_code == 0
    for file in recorded.rglob("*"):
        if file.is_file():
            assert (again / file.relative_to(recorded)).read_bytes() == file.read_bytes()


def naming(name: object) -> Callable[[Manifest], None]:
    """A manifest that names this file among its own."""

    def harm(manifest: Manifest) -> None:
        manifest["files"][0]["name"] = name

    return harm


def answering(**values: object) -> Callable[[Manifest], None]:
    """A manifest whose first answer says this."""

    def harm(manifest: Manifest) -> None:
        manifest["dns"]["answers"][0].update(values)

    return harm


def without(key: str) -> Callable[[Manifest], None]:
    return lambda manifest: manifest.pop(key)


def repeated(manifest: Manifest) -> None:
    manifest["dns"]["answers"] *= 300


def listed_twice(manifest: Manifest) -> None:
    manifest["files"].append(manifest["files"][0])


def digested(value: object) -> Callable[[Manifest], None]:
    """A manifest that gives this as the digest of its first file."""
    return lambda manifest: manifest["files"][0].update(sha256=value)


MANIFESTS: dict[str, Callable[[Manifest], None]] = {
    "a name above the directory": naming("../x"),
    "an absolute name": naming("/etc/passwd"),
    "a name in a folder": naming("dns/00.bin"),
    "the directory itself": naming("."),
    "the directory above": naming(".."),
    "an empty name": naming(""),
    "a name with a NUL": naming("root.ds\0"),
    "a name with a line end": naming("root.ds\n"),
    "a name that looks hidden": naming(".bashrc"),
    "a name of another alphabet": naming("r\u043e\u043et.ds"),
    "a name that is a number": naming(1),
    "a name without end": naming("a" * 5000),
    "a name listed twice": listed_twice,
    "a file without a digest": digested(None),
    "a digest in upper case": digested("A" * 64),
    "an answer that came and did not come": answering(failure="timeout"),
    "an answer that is nowhere": answering(file=None),
    "an answer above the directory": answering(file="../root-anchors.xml"),
    "an answer with an absolute name": answering(file="/etc/passwd"),
    "an answer without its digest": answering(sha256=None),
    "an answer of another digest": answering(sha256="0" * 64),
    "an answer from no address": answering(address="a.root-servers.net"),
    "an answer from port 65536": answering(port=65536),
    "an answer over a sentence": answering(transport="carrier pigeon"),
    "an answer that took minus one second": answering(rtt_ms=-1),
    "more answers than there are servers": repeated,
    "another schema": lambda manifest: manifest.update(schema="root-anchors/manifest/99"),
    "no schema": without("schema"),
    "no files": without("files"),
    "no word about DNS": without("dns"),
    "an observation at no time": lambda manifest: manifest["dns"].update(observed_at="yesterday"),
}


@pytest.mark.parametrize("harm", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_hostile_manifest_is_refused(
    harm: Callable[[Manifest], None], teller: Teller, shelf: Shelf, recorded: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(recorded, source)
    manifest = json.loads((source / MANIFEST).read_bytes())
    harm(manifest)
    (source / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    refused(teller, source, shelf)


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"schema": NaN}', b"1" * 5000],
    ids=["empty", "null", "a list", "a web page", "no UTF-8", "nested", "NaN", "a huge number"],
)
def test_what_is_no_manifest_is_refused(
    content: bytes, teller: Teller, shelf: Shelf, recorded: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(recorded, source)
    (source / MANIFEST).write_bytes(content)
    refused(teller, source, shelf)


def refused(teller: Teller, source: Path, shelf: Shelf) -> None:
    """Replaying this source is refused, and so is building from it."""
    verified = replay(teller, source, ["verify", "--report-format", "json"])
    failures = verified.findings("failure")
    assert (verified.exit_code, [*failures]) == (1, [Check.SOURCE_MANIFEST.id])
    assert MANIFEST in failures[Check.SOURCE_MANIFEST.id]
    built = replay(teller, source, ["build", "-o", str(shelf.anchors)])
    assert built.exit_code == 1
    assert Check.SOURCE_MANIFEST.id in built.err
    shelf.assert_untouched()


def test_nothing_in_a_manifest_is_believed_about_the_publication(
    teller: Teller, recorded: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(recorded, source)
    document = (source / DOCUMENT).read_bytes().replace(b"E06D44", b"E06D45")
    (source / DOCUMENT).write_bytes(document)
    manifest = json.loads((source / MANIFEST).read_bytes())
    for file in manifest["files"]:
        if file["name"] == DOCUMENT:
            file["sha256"] = hashlib.sha256(document).hexdigest()
    (source / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    outcome = replay(teller, source, ["verify", "--report-format", "json"])
    assert outcome.exit_code == 1
    assert [*outcome.findings("failure")] == [Check.CMS_MESSAGE_DIGEST.id]


def test_an_answer_that_is_gone_leaves_it_undecided(
    teller: Teller, shelf: Shelf, recorded: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(recorded, source)
    (source / "dns" / "00.bin").unlink()
    verified = replay(teller, source, ["verify", "--report-format", "json"])
    assert verified.exit_code == 3
    assert "00.bin" in verified.findings("failure")[Check.SOURCE_AVAILABLE.id]
    assert replay(teller, source, ["build", "-o", str(shelf.anchors)]).exit_code == 3
    shelf.assert_untouched()


def test_a_recording_from_after_the_time_of_judgement_decides_nothing(
    teller: Teller, shelf: Shelf, recorded: Path
) -> None:
    arguments = ["--source", str(recorded), "--dns", "recorded", "--at", "2026-10-01T00:00:00Z"]
    verified = teller.run("verify", *arguments, "--report-format", "json")
    assert verified.exit_code == 3
    assert (
        "newer than the time of judgement"
        in verified.findings("failure")[Check.ROOTZONE_RECORDING.id]
    )
    assert teller.run("build", *arguments, "-o", shelf.anchors).exit_code == 3
    shelf.assert_untouched()


def test_a_source_without_a_recording_is_a_usage_error(
    teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / "source")
    arguments = ["--source", str(source), "--ca", str(source / "ca.pem"), "--dns", "recorded"]
    for command in (["verify"], ["build", "-o", str(shelf.anchors)]):
        outcome = teller.run(*command, *arguments, "--at", rfc3339(AT))
        assert (outcome.exit_code, outcome.out) == (2, "")
        assert Check.ROOTZONE_RECORDING.id in outcome.err
        assert "no recorded DNS answers" in outcome.err
    shelf.assert_untouched()


def test_a_build_without_dns_has_no_recording_either(
    teller: Teller, yesterday: Path, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(publish().roots[0])
    outcome = teller.run("verify", "--ca", ca, "--source", yesterday, "--dns", "recorded")
    assert outcome.exit_code == 2
    assert Check.ROOTZONE_RECORDING.id in outcome.err


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "empty"), (b"not a certificate", "text"), (b"-----BEGIN CERTIFICATE-----\n", "half")],
)
def test_a_ca_file_that_holds_no_root_is_a_usage_error(
    content: bytes, why: str, teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / why)
    (source / "ca.pem").write_bytes(content)
    outcome = teller.build(source, shelf.anchors)
    assert outcome.exit_code == 2
    assert Check.CHOICE_CA.id in outcome.err
    shelf.assert_untouched()
