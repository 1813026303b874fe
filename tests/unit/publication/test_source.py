"""Where the bytes come from: whatever is there, bounded, and nothing believed."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anchors.core.checks import Check
from anchors.core.errors import ManifestRefused, SourceUnavailable, UsageError
from anchors.core.findings import Severity
from anchors.core.servers import ServerAnswer
from anchors.publication import http
from anchors.publication.manifest import with_manifest
from anchors.publication.source import (
    DOCUMENT_NAME,
    SIGNATURE_NAME,
    DirectorySource,
    HttpSource,
    Publication,
    open_source,
)
from tests.unit.stages import FIXTURES

AT = datetime(2026, 10, 4, 12, tzinfo=UTC)
MEBIBYTE = 1 << 20
ANSWERS = (
    ServerAnswer("192.0.2.1", 53, "udp", AT, b"one", None, 1.5, tries=2),
    ServerAnswer("192.0.2.2", 53, "tcp", AT, None, "timeout"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory that we wrote."""
    files = with_manifest({DOCUMENT_NAME: b"document", SIGNATURE_NAME: b"signature"}, ANSWERS)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def source_of(folder: Path) -> DirectorySource:
    source = open_source(str(folder))
    assert isinstance(source, DirectorySource)
    return source


class TestOpenSource:
    @pytest.mark.parametrize(
        ("spec", "base"),
        [
            ("live", "https://data.iana.org/root-anchors/"),
            ("https://example.com", "https://example.com/"),
            ("https://example.com/a/", "https://example.com/a/"),
            ("https://example.com/a///", "https://example.com/a/"),
            ("http://[::1]:8080/a", "http://[::1]:8080/a/"),
            ("HTTPS://example.com/A", "https://example.com/A/"),
            ("https://example.com/X", "https://example.com/X/"),
        ],
    )
    def test_a_url(self, spec: str, base: str) -> None:
        assert open_source(spec) == HttpSource(base)

    @pytest.mark.parametrize(
        "spec",
        [
            *("ftp://x/", "file:///etc", "javascript://x", "://x", "https://", "https:///x"),
            *("https://example.com/?x", "https://example.com/#x", "https://example.com/?x#x"),
        ],
    )
    def test_a_url_of_another_kind(self, spec: str) -> None:
        with pytest.raises(UsageError) as refusal:
            open_source(spec)
        assert refusal.value.check is Check.USAGE
        assert refusal.value.got == (
            f"{spec}: not an http or https URL of scheme, host and path alone"
        )

    @pytest.mark.parametrize(
        "spec",
        [
            "https://hunter2@example.com/",
            "https://user:hunter2@example.com/",
            "https://user:hun@ter2@example.com/",
            "https://user:hun/ter2@example.com/",
            "https://user:hun ter2@example.com:99999/",
            "https://user:hunter2@[::1/",
            "ftp://user:hunter2@example.com/",
        ],
    )
    def test_a_password_in_a_url_is_not_told(self, spec: str) -> None:
        with pytest.raises(UsageError) as refusal:
            open_source(spec)
        got = refusal.value.got or ""
        assert "://***@" in got
        assert "hun" not in got
        assert "ter2" not in got

    @pytest.mark.parametrize("port", ["0", "65536", "99999", "x", "-1"])
    def test_a_port_that_is_none(self, port: str) -> None:
        with pytest.raises(UsageError):
            open_source(f"https://example.com:{port}/")

    @pytest.mark.parametrize(
        "spec", ["https://[", "https://[x]/", "https://a..b/", f"https://{'a' * 64}.example/"]
    )
    def test_a_host_that_is_none(self, spec: str) -> None:
        with pytest.raises(UsageError) as refusal:
            open_source(spec)
        assert refusal.value.check is Check.USAGE
        assert re.search("IP|label", (refusal.value.got or "").removeprefix(f"{spec}: "))

    @pytest.mark.parametrize("spec", [".", "/", "dir", "./live", "./embedded", "https:", "a:/b"])
    def test_a_directory(self, spec: str) -> None:
        assert open_source(spec) == DirectorySource(Path(spec), spec)

    def test_the_snapshot(self) -> None:
        source = open_source("embedded")
        folder = FIXTURES / "publications" / "2025-03-25"
        assert source.publication(until=0) == Publication(
            (folder / DOCUMENT_NAME).read_bytes(),
            (folder / SIGNATURE_NAME).read_bytes(),
            "the embedded snapshot",
        )
        (answer,) = source.recording()
        assert answer.address == "193.0.14.129"
        assert answer.observed_at == datetime(2026, 10, 4, tzinfo=UTC)
        assert source.findings == ()


class TestHttpSource:
    def test_without_tls_there_is_a_notice(self) -> None:
        (finding,) = HttpSource("http://example.com/").findings
        assert (finding.check, finding.severity) == (Check.SOURCE_HTTP, Severity.NOTICE)
        assert HttpSource("https://example.com/").findings == ()

    @pytest.mark.parametrize("fresh", [False, True])
    def test_both_files_are_fetched(self, fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        def fetch_all(urls: Sequence[str], **bounds: object) -> list[bytes]:
            assert [*urls] == [f"https://x/{DOCUMENT_NAME}", f"https://x/{SIGNATURE_NAME}"]
            assert bounds == {"limit": MEBIBYTE, "until": 7.0, "fresh": fresh}
            return [b"document", b"signature"]

        monkeypatch.setattr(http, "fetch_all", fetch_all)
        source = HttpSource("https://x/")
        found = (
            source.publication(until=7.0, fresh=True) if fresh else source.publication(until=7.0)
        )
        assert found == Publication(b"document", b"signature", "https://x/")

    def test_there_is_no_recording(self) -> None:
        with pytest.raises(UsageError) as refusal:
            HttpSource("https://x/").recording()
        assert (refusal.value.check, refusal.value.got) == (Check.ROOTZONE_RECORDING, "https://x/")


class TestPublication:
    def test_both_files(self, folder: Path) -> None:
        found = source_of(folder).publication(until=time.monotonic())
        assert found == Publication(b"document", b"signature", str(folder))

    @pytest.mark.parametrize("name", [DOCUMENT_NAME, SIGNATURE_NAME])
    @pytest.mark.parametrize("size", [0, MEBIBYTE])
    def test_up_to_the_limit(self, name: str, size: int, folder: Path) -> None:
        (folder / name).write_bytes(b"x" * size)
        found = source_of(folder).publication()
        assert {len(found.document), len(found.signature)} & {size}

    @pytest.mark.parametrize("name", [DOCUMENT_NAME, SIGNATURE_NAME])
    def test_beyond_the_limit(self, name: str, folder: Path) -> None:
        (folder / name).write_bytes(b"x" * (MEBIBYTE + 1))
        with pytest.raises(SourceUnavailable) as refusal:
            source_of(folder).publication()
        assert refusal.value.check is Check.SOURCE_SIZE
        assert name in refusal.value.message

    @pytest.mark.parametrize("name", [DOCUMENT_NAME, SIGNATURE_NAME])
    @pytest.mark.parametrize("kind", ["absent", "folder", "fifo", "loop", "device"])
    def test_what_is_no_file(self, name: str, kind: str, folder: Path) -> None:
        path = folder / name
        path.unlink()
        make: dict[str, Callable[[], object]] = {
            "absent": lambda: None,
            "folder": path.mkdir,
            "fifo": lambda: os.mkfifo(path),
            "loop": lambda: path.symlink_to(name),
            "device": lambda: path.symlink_to("/dev/null"),
        }
        make[kind]()
        with pytest.raises(SourceUnavailable) as refusal:
            source_of(folder).publication()
        assert refusal.value.check is Check.SOURCE_AVAILABLE
        assert str(folder) in (refusal.value.got or "") + (refusal.value.want or "")

    def test_a_directory_that_is_none(self, folder: Path) -> None:
        for path in (folder / "absent", folder / DOCUMENT_NAME):
            with pytest.raises(SourceUnavailable):
                source_of(path).publication()

    def test_from_a_zipped_installation(self, folder: Path) -> None:
        with zipfile.ZipFile(folder / "package.zip", "w") as archive:
            for name in (DOCUMENT_NAME, SIGNATURE_NAME, "manifest.json", "dns/00.bin"):
                archive.write(folder / name, f"snapshot/{name}")
        inside = zipfile.Path(folder / "package.zip", "snapshot/")
        source = DirectorySource(inside, "zipped")
        assert source.publication() == Publication(b"document", b"signature", "zipped")
        assert [answer.wire for answer in source.recording()] == [b"one", None]


class TestRecording:
    def test_the_answers(self, folder: Path) -> None:
        assert source_of(folder).recording() == ANSWERS

    def test_no_manifest(self, folder: Path) -> None:
        (folder / "manifest.json").unlink()
        with pytest.raises(UsageError) as refusal:
            source_of(folder).recording()
        assert (refusal.value.check, refusal.value.got) == (Check.ROOTZONE_RECORDING, str(folder))

    def test_a_manifest_without_answers(self, folder: Path) -> None:
        (folder / "manifest.json").write_bytes(with_manifest({}, ())["manifest.json"])
        with pytest.raises(UsageError) as refusal:
            source_of(folder).recording()
        assert (refusal.value.check, refusal.value.got) == (Check.ROOTZONE_RECORDING, str(folder))

    @pytest.mark.parametrize("content", [b"", b"{}", b"x" * MEBIBYTE])
    def test_a_manifest_that_is_none(self, content: bytes, folder: Path) -> None:
        (folder / "manifest.json").write_bytes(content)
        with pytest.raises(ManifestRefused):
            source_of(folder).recording()

    def test_a_manifest_beyond_the_limit(self, folder: Path) -> None:
        (folder / "manifest.json").write_bytes(b"x" * (MEBIBYTE + 1))
        with pytest.raises(SourceUnavailable):
            source_of(folder).recording()

    def test_another_answer_than_the_manifest_lists(self, folder: Path) -> None:
        (folder / "dns" / "00.bin").write_bytes(b"two")
        with pytest.raises(ManifestRefused) as refusal:
            source_of(folder).recording()
        assert refusal.value.check is Check.SOURCE_MANIFEST
        assert "dns/00.bin does not have the digest" in refusal.value.message

    def test_an_answer_that_is_gone(self, folder: Path) -> None:
        shutil.rmtree(folder / "dns")
        with pytest.raises(SourceUnavailable):
            source_of(folder).recording()

    def test_an_answer_elsewhere_is_not_read(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        manifest["dns"]["answers"][0]["file"] = f"../{DOCUMENT_NAME}"
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")
        with pytest.raises(ManifestRefused, match=r"manifest\.json does not have the form"):
            source_of(folder).recording()

    def test_nothing_is_believed_of_the_publication(self, folder: Path) -> None:
        (folder / DOCUMENT_NAME).write_bytes(b"changed")
        assert source_of(folder).publication().document == b"changed"
        assert source_of(folder).recording() == ANSWERS
