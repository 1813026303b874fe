"""What the lab publishes: document, signature, and the CA to trust for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.simulator.authority import lab_root
from tests.simulator.cms import Signing, sign
from tests.simulator.document import Document

__all__ = ["LabPublication", "publish"]


@dataclass(frozen=True, slots=True)
class LabPublication:
    """The bytes as they are served."""

    document: bytes
    signature: bytes
    roots: tuple[bytes, ...] = field(default_factory=lambda: (lab_root().pem,))

    def write(self, directory: Path) -> Path:
        """Write the two files and ``ca.pem``."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "root-anchors.xml").write_bytes(self.document)
        (directory / "root-anchors.p7s").write_bytes(self.signature)
        (directory / "ca.pem").write_bytes(b"".join(self.roots))
        return directory


def publish(
    signing: Signing | None = None, document: Document | bytes | None = None
) -> LabPublication:
    """Sign a document; both are good ones unless told otherwise."""
    content = document if isinstance(document, bytes) else (document or Document()).encode()
    return LabPublication(content, sign(content, signing or Signing()))
