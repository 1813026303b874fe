"""Stories of output directories: not ours, older, newer, or impossible to write."""

from __future__ import annotations

import json
import os
import resource
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from anchors.core.checks import Check
from anchors.publication.root_cas import PinnedRoots
from tests.pipeline.stories import Shelf, Teller, inputs, snapshot
from tests.simulator.authority import Profile, lab_root, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import CURRENT, Document
from tests.simulator.publication import LabPublication, publish
from tests.simulator.times import AT, SIGNED, SIGNER_START

DAY = timedelta(days=1)


def signed(when: datetime, document: Document | None = None) -> LabPublication:
    return publish(Signing(signing_time=when), document)


def build(teller: Teller, place: Path, output: Path) -> tuple[int, str]:
    source = signed(SIGNED + DAY).write(place.parent / "source")
    outcome = teller.build(source, output)
    assert outcome.out == ""
    return outcome.exit_code, outcome.err


def with_notes(anchors: Path) -> None:
    (anchors / "notes.txt").write_text("mine", encoding="ascii")


def with_a_folder(anchors: Path) -> None:
    (anchors / "backup").mkdir()


def with_a_foreign_answer(anchors: Path) -> None:
    (anchors / "dns").mkdir(exist_ok=True)
    (anchors / "dns" / "my.bin").write_bytes(b"mine")


def with_a_nested_folder(anchors: Path) -> None:
    (anchors / "dns" / "mine").mkdir(parents=True)


def without_manifest(anchors: Path) -> None:
    (anchors / "manifest.json").unlink()


def with_manifest(content: bytes) -> Callable[[Path], None]:
    def change(anchors: Path) -> None:
        (anchors / "manifest.json").write_bytes(content)

    return change


def naming_above(anchors: Path) -> None:
    (anchors.parent / "x").write_text("not yours", encoding="ascii")
    manifest = json.loads((anchors / "manifest.json").read_bytes())
    manifest["files"][0]["name"] = "../x"
    (anchors / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")


def a_file(anchors: Path) -> None:
    shutil.rmtree(anchors)
    anchors.write_text("mine", encoding="ascii")


def a_link(anchors: Path) -> None:
    anchors.rename(anchors.parent / "elsewhere")
    anchors.symlink_to("elsewhere")


def a_link_to_nowhere(anchors: Path) -> None:
    shutil.rmtree(anchors)
    anchors.symlink_to("nowhere")


def a_fifo(anchors: Path) -> None:
    shutil.rmtree(anchors)
    os.mkfifo(anchors)


FOREIGN: dict[str, tuple[Callable[[Path], None], str]] = {
    "files without a manifest": (without_manifest, "other files, but no manifest.json"),
    "a manifest of somebody else": (with_manifest(b'{"name": "app"}'), "manifest.json: KeyError"),
    "a manifest of another schema": (with_manifest(b'{"schema": "x"}'), "manifest.json: schema"),
    "a manifest that is no JSON": (with_manifest(b"mine"), "manifest.json: JSONDecodeError"),
    "a manifest that names ../x": (naming_above, "manifest.json: the name '../x'"),
    "a file of the user's": (with_notes, "files that root-anchors did not write: notes.txt"),
    "a folder of the user's": (with_a_folder, "files that root-anchors did not write: backup"),
    "an answer of the user's": (
        with_a_foreign_answer,
        "files that root-anchors did not write: dns/my.bin",
    ),
    "a folder among the answers": (
        with_a_nested_folder,
        "files that root-anchors did not write: dns/mine",
    ),
    "a file": (a_file, "a symbolic link or a file"),
    "a link to a directory of ours": (a_link, "a symbolic link or a file"),
    "a link to nowhere": (a_link_to_nowhere, "a symbolic link or a file"),
    "a FIFO": (a_fifo, "a symbolic link or a file"),
}


@pytest.mark.parametrize(("change", "says"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_directory_that_is_not_ours_is_left_alone(
    change: Callable[[Path], None], says: str, teller: Teller, shelf: Shelf
) -> None:
    change(shelf.anchors)
    before = snapshot(shelf.place)
    exit_code, err = build(teller, shelf.place, shelf.anchors)
    assert exit_code == 2
    assert Check.OUTPUT_DIRECTORY.id in err
    assert says in err
    assert snapshot(shelf.place) == before


@pytest.mark.parametrize("output", ["", ".", "..", "/"])
def test_a_directory_without_a_name_of_its_own_is_left_alone(
    output: str, teller: Teller, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf.anchors)
    source = signed(SIGNED + DAY).write(shelf.place.parent / "source")
    outcome = teller.run("build", *inputs(source), "-o", output)
    assert outcome.exit_code == 2
    assert Check.OUTPUT_DIRECTORY.id in outcome.err
    shelf.assert_untouched()


def test_a_manifest_that_never_ends_is_not_waited_for(teller: Teller, shelf: Shelf) -> None:
    (shelf.anchors / "manifest.json").unlink()
    os.mkfifo(shelf.anchors / "manifest.json")
    before = snapshot(shelf.place)
    exit_code, err = build(teller, shelf.place, shelf.anchors)
    assert exit_code == 2
    assert Check.OUTPUT_DIRECTORY.id in err
    assert "manifest.json" in err
    assert snapshot(shelf.place) == before


def test_a_place_below_a_file_cannot_be_written(teller: Teller, shelf: Shelf) -> None:
    exit_code, err = build(teller, shelf.place, shelf.anchors / "root.ds" / "anchors")
    assert exit_code == 3
    assert Check.OUTPUT_WRITE.id in err
    shelf.assert_untouched()


def test_a_full_disk_leaves_yesterdays_files(teller: Teller, shelf: Shelf) -> None:
    source = signed(SIGNED + DAY).write(shelf.place.parent / "source")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        outcome = teller.build(source, shelf.anchors)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert outcome.exit_code == 3
    assert Check.OUTPUT_WRITE.id in outcome.err
    assert "the old files are untouched" in " ".join(outcome.err.split())
    shelf.assert_untouched()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_files_may_be_read_by_all_and_written_by_the_owner(
    umask: int, teller: Teller, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / "source")
    before = os.umask(umask)
    try:
        assert teller.build(source, tmp_path / "anchors").exit_code == 0
    finally:
        os.umask(before)
    anchors = tmp_path / "anchors"
    assert {stat.S_IMODE(path.stat().st_mode) for path in anchors.iterdir()} == {0o644}
    assert stat.S_IMODE(anchors.stat().st_mode) == 0o755


def test_an_empty_directory_is_filled_and_keeps_its_mode(teller: Teller, tmp_path: Path) -> None:
    anchors = tmp_path / "place" / "anchors"
    anchors.mkdir(parents=True, mode=0o750)
    source = publish().write(tmp_path / "source")
    assert teller.build(source, anchors).exit_code == 0
    assert (anchors / "root.ds").is_file()
    assert stat.S_IMODE(anchors.stat().st_mode) == 0o750
    assert [path.name for path in anchors.parent.iterdir()] == ["anchors"]


def test_missing_folders_above_are_made(teller: Teller, tmp_path: Path) -> None:
    source = publish().write(tmp_path / "source")
    assert teller.build(source, tmp_path / "a" / "b" / "anchors").exit_code == 0
    assert (tmp_path / "a" / "b" / "anchors" / "root.ds").is_file()


def test_a_directory_of_ours_is_replaced_whole(teller: Teller, shelf: Shelf) -> None:
    (shelf.anchors / "root.ds").write_text("tampered", encoding="ascii")
    exit_code, _ = build(teller, shelf.place, shelf.anchors)
    assert exit_code == 0
    assert "tampered" not in (shelf.anchors / "root.ds").read_text(encoding="ascii")
    assert [path.name for path in shelf.place.iterdir()] == ["anchors"]


def test_the_same_inputs_make_the_same_bytes(teller: Teller, shelf: Shelf, tmp_path: Path) -> None:
    source = publish().write(tmp_path / "source")
    assert teller.build(source, shelf.anchors).exit_code == 0
    shelf.assert_untouched()


def test_a_bare_directory_holds_anchor_files_only_and_is_not_replaced(
    teller: Teller, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / "source")
    place = tmp_path / "place"
    assert teller.build(source, place / "anchors", "--bare").exit_code == 0
    names = {path.name for path in (place / "anchors").iterdir()}
    assert "root.ds" in names
    assert not names & {"manifest.json", "root-anchors.p7s", "dns"}
    before = snapshot(place)
    again = teller.build(source, place / "anchors", "--bare")
    assert again.exit_code == 2
    assert Check.OUTPUT_DIRECTORY.id in again.err
    assert snapshot(place) == before


def test_a_file_on_standard_output_is_that_of_the_directory(
    teller: Teller, yesterday: Path, tmp_path: Path
) -> None:
    source = publish().write(tmp_path / "source")
    outcome = teller.run("build", *inputs(source), "-o", "-", "--format", "ds")
    assert outcome.exit_code == 0
    assert outcome.out == (yesterday / "root.ds").read_text(encoding="ascii")


# Going back in time: yesterday's publication on the shelf was signed at SIGNED.

OTHER = Document(entries=CURRENT)
GOING_BACK: dict[str, tuple[Callable[[], LabPublication], str]] = {
    "an older signature": (lambda: signed(SIGNED - DAY), "older than the one in the directory"),
    "a signature one second older": (
        lambda: signed(SIGNED - timedelta(seconds=1)),
        "older than the one in the directory",
    ),
    "an older signature of another document": (
        lambda: signed(SIGNED - DAY, OTHER),
        "older than the one in the directory",
    ),
    "another document of the same time": (lambda: signed(SIGNED, OTHER), "but differs"),
}


@pytest.mark.parametrize(("publish_it", "says"), GOING_BACK.values(), ids=GOING_BACK.keys())
def test_going_back_is_refused(
    publish_it: Callable[[], LabPublication],
    says: str,
    teller: Teller,
    shelf: Shelf,
    tmp_path: Path,
) -> None:
    source = publish_it().write(tmp_path / "source")
    outcome = teller.build(source, shelf.anchors)
    assert outcome.exit_code == 1
    assert Check.ROLLBACK_DIRECTORY.id in outcome.err
    assert says in " ".join(outcome.err.split())
    assert "--allow-rollback" in outcome.err
    # Nothing was written, so nothing may be called written.
    assert not [line for line in outcome.err.splitlines() if line.endswith("emitted")]
    shelf.assert_untouched()


@pytest.mark.parametrize(("publish_it", "says"), GOING_BACK.values(), ids=GOING_BACK.keys())
def test_going_back_may_be_allowed(
    publish_it: Callable[[], LabPublication],
    says: str,
    teller: Teller,
    shelf: Shelf,
    tmp_path: Path,
) -> None:
    published = publish_it()
    source = published.write(tmp_path / "source")
    outcome = teller.build(source, shelf.anchors, "--allow-rollback", "-v")
    assert outcome.exit_code == 0
    assert says in " ".join(outcome.err.split())
    assert Check.ROLLBACK_DIRECTORY.id in outcome.err
    assert (shelf.anchors / "root-anchors.p7s").read_bytes() == published.signature


GOING_ON: dict[str, Callable[[], LabPublication]] = {
    "the same publication": publish,
    "the same document signed again at the same time": lambda: publish(Signing(pss=True)),
    "the same document signed later": lambda: signed(SIGNED + DAY),
    "another document signed later": lambda: signed(SIGNED + timedelta(seconds=1), OTHER),
    "a document that retires a key": lambda: signed(
        SIGNED + DAY,
        Document(entries=(replace(CURRENT[0], valid_until="2026-09-01T00:00:00Z"), CURRENT[1])),
    ),
}


@pytest.mark.parametrize("publish_it", GOING_ON.values(), ids=GOING_ON.keys())
def test_going_on_is_no_rollback(
    publish_it: Callable[[], LabPublication], teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    published = publish_it()
    outcome = teller.build(published.write(tmp_path / "source"), shelf.anchors)
    assert outcome.exit_code == 0
    assert "rollback." not in outcome.err
    assert (shelf.anchors / "root-anchors.p7s").read_bytes() == published.signature


def test_a_signer_that_has_ended_since_still_counts(
    teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    brief = lab_signer(Profile(serial=99, key_owner="brief", end=SIGNED + timedelta(days=30)))
    later = publish(Signing(signer=brief, signing_time=SIGNED + DAY)).write(tmp_path / "later")
    assert teller.build(later, shelf.anchors, at=SIGNED + 2 * DAY).exit_code == 0
    before = snapshot(shelf.place)
    outcome = teller.build(publish().write(tmp_path / "older"), shelf.anchors)
    assert outcome.exit_code == 1
    assert Check.ROLLBACK_DIRECTORY.id in outcome.err
    assert snapshot(shelf.place) == before


def tampered(anchors: Path) -> None:
    document = anchors / "root-anchors.xml"
    document.write_bytes(document.read_bytes() + b"\n")


def removed(anchors: Path) -> None:
    (anchors / "root-anchors.p7s").unlink()


@pytest.mark.parametrize("harm", [tampered, removed])
def test_a_publication_in_the_directory_that_does_not_verify_needs_a_person(
    harm: Callable[[Path], None], teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    """Whoever spoils the directory's publication must not switch the comparison off."""
    harm(shelf.anchors)
    before = snapshot(shelf.place)
    older = signed(SIGNED - DAY).write(tmp_path / "older")
    refused = teller.build(older, shelf.anchors)
    assert refused.exit_code == 1
    assert Check.ROLLBACK_UNREADABLE.id in refused.err
    assert "cannot be compared" in " ".join(refused.err.split())
    assert snapshot(shelf.place) == before

    allowed = teller.build(older, shelf.anchors, "--allow-rollback", "-v")
    assert allowed.exit_code == 0
    assert Check.ROLLBACK_UNREADABLE.id in allowed.err
    assert snapshot(shelf.place) != before


def test_a_publication_from_the_future_in_the_directory_blocks_until_allowed(
    teller: Teller, shelf: Shelf, tmp_path: Path
) -> None:
    """Built with a clock far ahead; once the clock is right, going back is a person's choice."""
    ahead = signed(SIGNER_START + timedelta(days=2000))
    source = ahead.write(tmp_path / "ahead")
    at = SIGNER_START + timedelta(days=2001)
    assert teller.build(source, shelf.anchors, at=at).exit_code == 0
    today = publish().write(tmp_path / "today")
    assert teller.build(today, shelf.anchors).exit_code == 1
    assert teller.build(today, shelf.anchors, "--allow-rollback").exit_code == 0


# What this release knows of IANA's keys, with the lab's root in the place of the built-in ones.


@pytest.fixture
def lab_root_is_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = PinnedRoots((lab_root().certificate,), built_in=True)
    monkeypatch.setattr("anchors.pipeline.verify.built_in_roots", lambda: pinned)


def alarms(teller: Teller, published: LabPublication, place: Path, at: datetime = AT) -> set[str]:
    """The alarms of a publication that verifies all the same."""
    source = published.write(place)
    (source / "ca.pem").unlink()
    outcome = teller.verify(source, at=at)
    assert (outcome.exit_code, outcome.report["publication"]["root"]["built_in"]) == (0, True)
    found = outcome.findings("alarm")
    assert outcome.report["attention"] is bool(found)
    return set(found)


@pytest.mark.usefixtures("lab_root_is_built_in")
def test_a_known_key_gone_without_an_end_is_an_alarm(teller: Teller, tmp_path: Path) -> None:
    gone = Document(entries=CURRENT[1:])
    assert alarms(teller, publish(document=gone), tmp_path) == {Check.ROLLBACK_MISSING_KEY.id}


@pytest.mark.usefixtures("lab_root_is_built_in")
def test_a_known_key_that_is_retired_is_no_alarm(teller: Teller, tmp_path: Path) -> None:
    retired = replace(CURRENT[0], valid_until="2026-09-01T00:00:00Z")
    published = publish(document=Document(entries=(retired, CURRENT[1])))
    assert alarms(teller, published, tmp_path) == set()


@pytest.mark.usefixtures("lab_root_is_built_in")
def test_the_key_of_2010_may_be_gone(teller: Teller, tmp_path: Path) -> None:
    assert alarms(teller, publish(document=Document(entries=CURRENT)), tmp_path) == set()


@pytest.mark.usefixtures("lab_root_is_built_in")
def test_a_publication_older_than_the_release_is_an_alarm(teller: Teller, tmp_path: Path) -> None:
    old = signed(datetime(2025, 3, 25, 20, 25, 1, tzinfo=UTC))
    assert alarms(teller, old, tmp_path / "old") == {Check.ROLLBACK_SNAPSHOT.id}
    same = signed(datetime(2025, 3, 25, 20, 25, 2, tzinfo=UTC))
    assert alarms(teller, same, tmp_path / "same") == set()


@pytest.mark.usefixtures("lab_root_is_built_in")
def test_before_the_release_older_is_right(teller: Teller, tmp_path: Path) -> None:
    old = signed(SIGNER_START + DAY)
    assert alarms(teller, old, tmp_path, at=datetime(2025, 3, 1, tzinfo=UTC)) == set()


def test_another_ca_has_a_history_of_its_own(teller: Teller, tmp_path: Path) -> None:
    source = publish(document=Document(entries=CURRENT[1:])).write(tmp_path)
    outcome = teller.verify(source, "--strict")
    assert (outcome.exit_code, outcome.findings("alarm")) == (0, {})
