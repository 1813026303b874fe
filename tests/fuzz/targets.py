"""Every reader of bytes from outside, as a fuzzer calls it: only our own errors may come out."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple

from anchors.auditing.archives import scan_archive
from anchors.auditing.compiled import compiled_in, in_source
from anchors.auditing.image import scan_image
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
from anchors.publication.pinned import built_in_roots, roots_from_file
from anchors.publication.source import Publication
from anchors.rootzone import skr
from anchors.rootzone.rrset import answer_from_text, judge, observe
from tests.lab.keys import ksk, zsk
from tests.lab.skr import encode, quarter

__all__ = ["TARGETS", "Target"]

FIXTURES = Path(__file__).parents[2] / "fixtures"
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
    # Three names, for what goes by its name first.
    return [recognise(data, name, AT) for name in ("a.positive", "a.negative", "root.key")]


def _anchor_files() -> Iterator[bytes]:
    yield from _contents(
        path for one in ("golden/*", "samples/*", "states/*/*") for path in FIXTURES.glob(one)
    )
    yield b"[Resolve]\nDNSSEC=yes\n"
    yield b"appdata_dir: /var/cache/stubby\ndnssec_trust_anchors: /etc/root.key\n"
    yield b"example.\nlocal\n"


def _program(data: bytes) -> object:
    return compiled_in(data), in_source(data)


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[Path]:
    """A file with this content."""
    with tempfile.NamedTemporaryFile(dir=_MEMORY) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def _tar(files: Mapping[str, bytes], mode: Literal["w", "w:gz", "w:xz", "w:bz2"] = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _packed() -> dict[str, bytes]:
    return {"usr/share/dns/root.ds": (FIXTURES / "golden/root.ds").read_bytes()}


def _archive(data: bytes) -> object:
    with _file(data) as path:
        return scan_archive(path, at=AT, progress=lambda _files, _size: None)


def _archives() -> Iterator[bytes]:
    yield _tar(_packed())
    yield _tar(_packed(), "w:gz")
    yield _tar(_packed(), "w:xz")
    yield _tar(_packed(), "w:bz2")


def _image(data: bytes) -> object:
    with _file(data) as path:
        return scan_image(path, at=AT, progress=lambda _files, _size: None)


def _described(content: bytes) -> tuple[str, bytes]:
    """The name of a blob in a layout, and the list of descriptors that has it alone."""
    digest = hashlib.sha256(content).hexdigest()
    return f"blobs/sha256/{digest}", json.dumps([{"digest": f"sha256:{digest}"}]).encode()


def _layout(manifest: bytes, layer: bytes, index: bytes | None = None) -> bytes:
    (blob, _), (name, descriptors) = _described(layer), _described(manifest)
    made = b'{"manifests": %b}' % descriptors
    files = {"oci-layout": b"{}", "index.json": index or made, name: manifest, blob: layer}
    return _tar(files)


def _manifest() -> bytes:
    return b'{"layers": %b}' % _described(_tar(_packed()))[1]


def _images() -> Iterator[bytes]:
    yield _layout(_manifest(), _tar(_packed()))


def _image_manifest(data: bytes) -> object:
    """Its digest is right whatever it says, which a change of the whole image never comes to."""
    return _image(_layout(data, _tar(_packed())))


def _image_index(data: bytes) -> object:
    return _image(_layout(_manifest(), _tar(_packed()), data))


def _indexes() -> Iterator[bytes]:
    yield b'{"manifests": %b}' % _described(_manifest())[1]


def _authorities(data: bytes) -> object:
    with _file(data) as path:
        return roots_from_file(path)


def _bundle() -> Iterator[bytes]:
    pem = resources.files("anchors.publication").joinpath("data/icann-root-cas.pem").read_bytes()
    yield pem
    yield pem.partition(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n"


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
    Target("anchor-files", _anchor_file, _MALFORMED, _anchor_files),
    Target("programs", _program, _NONE, _fixtures("golden/root.ds", "root-ksks.zone")),
    Target("archives", _archive, _NONE, _archives),
    Target("images", _image, _NONE, _images),
    Target("image-manifests", _image_manifest, _NONE, lambda: [_manifest()]),
    Target("image-indexes", _image_index, _NONE, _indexes),
    Target("authorities", _authorities, _OURS, _bundle),
)
