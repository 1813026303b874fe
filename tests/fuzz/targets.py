"""Every reader of bytes from outside, as a fuzzer calls it: only our own errors may come out."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from anchors.auditing.archives import scan_archive
from anchors.auditing.compiled import compiled_in
from anchors.auditing.recognise import recognise
from anchors.errors import AnchorsError, UsageError
from anchors.files import read_regular
from anchors.formats import REGISTRY
from anchors.formats.found import MalformedAnchors
from anchors.manifest import Manifest
from anchors.model import ServerAnswer
from anchors.policy import VerificationPolicy
from anchors.publication.authenticate import Authenticated, authenticate
from anchors.publication.document import read
from anchors.publication.pinned import built_in_roots
from anchors.publication.source import Publication
from anchors.rootzone import skr
from anchors.rootzone.rrset import answer_from_text, judge, observe
from tests.lab.keys import ksk, zsk
from tests.lab.skr import encode, quarter

__all__ = ["TARGETS", "Target", "seeds_of"]

FIXTURES = Path(__file__).parents[2] / "fixtures"
# What once came out and must not again, a folder for each target.
REGRESSIONS = Path(__file__).parent / "regressions"
# When the certificates of both publications hold.
AT = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = VerificationPolicy(at=AT)
LARGEST = 1 << 20
# Where a file costs no disk; only for speed.
_MEMORY = next((path for path in ["/dev/shm"] if Path(path).is_dir()), None)  # noqa: S108 - as above


class Target(NamedTuple):
    """A reader: ``call`` returns or raises one of ``errors``; ``seeds`` are what it reads well."""

    name: str
    call: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]

    def run(self, data: bytes) -> bool:
        """Whether the input was read: ``False`` where it was refused as it should be."""
        with contextlib.suppress(*self.errors):
            self.call(data)
            return True
        return False


def seeds_of(target: Target) -> Iterator[bytes]:
    """The files that a target starts from: its fixtures, and what once went wrong."""
    yield from target.seeds()
    yield from _contents((REGRESSIONS / target.name).glob("*"))


def _fixtures(*patterns: str) -> Callable[[], Iterable[bytes]]:
    return lambda: _contents(path for pattern in patterns for path in FIXTURES.glob(pattern))


def _contents(paths: Iterable[Path]) -> Iterator[bytes]:
    return (read_regular(path, LARGEST) for path in sorted(paths) if path.is_file())


def _document() -> bytes:
    return (FIXTURES / "publications/2025-03-25/root-anchors.xml").read_bytes()


def _signature() -> bytes:
    return (FIXTURES / "publications/2025-03-25/root-anchors.p7s").read_bytes()


def _authenticated() -> Authenticated:
    publication = Publication(_document(), _signature(), "fixture")
    return authenticate(publication, built_in_roots(), POLICY)


_AUTHENTIC = _authenticated()
_MEANING = read(_AUTHENTIC)


def _cms(data: bytes) -> object:
    return authenticate(Publication(_document(), data, "fuzz"), built_in_roots(), POLICY)


def _meaning(data: bytes) -> object:
    return read(_AUTHENTIC._replace(document=data))


def _message(data: bytes) -> object:
    answer = ServerAnswer("192.0.2.1", 53, "udp", AT, data)
    return judge([observe(answer)], _MEANING)


def _rrset_text(data: bytes) -> object:
    return judge([observe(answer_from_text(data.decode(errors="replace"), AT))], _MEANING)


def _messages() -> Iterator[bytes]:
    for text in _contents(FIXTURES.glob("rrsets/*.rrset")):
        wire = answer_from_text(text.decode(), AT).wire
        if wire is not None:
            yield wire


def _responses() -> Iterator[bytes]:
    key = ksk("old")
    yield encode(quarter([([key, zsk()], [key])] * 9))


def _every_format(data: bytes) -> object:
    for row in REGISTRY:
        with contextlib.suppress(MalformedAnchors):
            row.parse(data)
    return None


def _anchor_file(data: bytes) -> object:
    # Two names, for what goes by its name first.
    return [recognise(data, name, AT) for name in ("a.positive", "root.key")]


def _archive(data: bytes) -> object:
    with tempfile.NamedTemporaryFile(dir=_MEMORY) as file:
        file.write(data)
        file.flush()
        return scan_archive(Path(file.name), at=AT, progress=lambda _files, _size: None)


def _archives() -> Iterator[bytes]:
    content = (FIXTURES / "golden/root.ds").read_bytes()
    for mode in ("w", "w:gz", "w:xz", "w:bz2"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as archive:
            info = tarfile.TarInfo("usr/share/dns/root.ds")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        yield out.getvalue()


_OURS = (AnchorsError,)
_MALFORMED = (MalformedAnchors, UsageError)
_NONE = ()

TARGETS = (
    Target("cms", _cms, _OURS, _fixtures("publications/*/root-anchors.p7s")),
    Target("document", _meaning, _OURS, _fixtures("publications/*/root-anchors.xml")),
    Target("message", _message, _OURS, _messages),
    Target("rrset-text", _rrset_text, _OURS, _fixtures("rrsets/*.rrset")),
    Target("skr", skr.read, _OURS, _responses),
    Target("manifest", Manifest.loads, _OURS, _fixtures("golden/manifest.json")),
    Target("formats", _every_format, _NONE, _fixtures("golden/*", "samples/*")),
    Target(
        "anchor-files", _anchor_file, _MALFORMED, _fixtures("golden/*", "samples/*", "states/*/*")
    ),
    Target("programs", compiled_in, _NONE, _fixtures("golden/root.ds", "root-ksks.zone")),
    Target("archives", _archive, _NONE, _archives),
)
