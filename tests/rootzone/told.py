"""How a state is told: a document of its day, an RRset, and what the two reports say of them."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from anchors.cli.main import main
from tests.lab.keys import LabKey
from tests.lab.zone import Apex
from tests.simulator.authority import Profile, lab_signer
from tests.simulator.cms import Signing
from tests.simulator.document import Document, Entry, entry
from tests.simulator.ksk import Ksk
from tests.simulator.publication import publish
from tests.simulator.times import SIGNED, rfc3339

__all__ = ["Told", "document_of", "key_digest", "run", "tell", "tell_apex"]


@dataclass(frozen=True)
class Told:
    """One run of ``verify -v``, in text and as JSON."""

    code: int
    report: dict[str, Any]
    text: str

    @property
    def words(self) -> list[str]:
        """The sentence of each key, in the document's order."""
        return [row["words"] for row in self.report["anchors"]]

    @property
    def keys(self) -> list[tuple[Any, ...]]:
        """Tag, state, published, signing and emitted of each key."""
        names = ("key_tag", "state", "published", "signing", "emitted")
        return [tuple(row[name] for name in names) for row in self.report["anchors"]]

    @property
    def servers(self) -> list[dict[str, Any]]:
        rows = self.report["dns"]["servers"]
        assert isinstance(rows, list)
        return rows

    @property
    def findings(self) -> dict[str, tuple[str, str, str]]:
        """Severity, message and what was got, by check; without the choices of the test itself."""
        return {
            one["check"]: (one["severity"], one["message"], one["got"])
            for one in self.report["findings"]
            if not one["check"].startswith("choice.")
        }

    @property
    def attention(self) -> bool:
        return bool(self.report["attention"])

    def prints(self, sentence: str) -> bool:
        """Whether the text report holds the sentence, wherever its lines break."""
        return " ".join(sentence.split()) in " ".join(self.text.split())


def key_digest(key: LabKey, valid_from: str, valid_until: str | None = None) -> Entry:
    """The KeyDigest of a lab key."""
    ksk = Ksk(key.public_key, key.algorithm, key.flags)
    return entry(ksk, id=f"K{key.tag}", valid_from=valid_from, valid_until=valid_until)


def document_of(directory: Path, entries: Iterable[Entry], signed: datetime = SIGNED) -> Path:
    """A publication of these entries, signed on its day by a signer of that time."""
    signer = Profile(start=signed - timedelta(days=30), end=signed + timedelta(days=730))
    signing = Signing(signer=lab_signer(signer), signing_time=signed)
    document = Document(entries=tuple(entries))
    return publish(signing, document).write(directory / "publication")


def tell(source: Path, rrset: Path, at: datetime, *more: str) -> Told:
    """``verify`` this source against this RRset as of ``at``."""
    ca_file = source / "ca.pem"
    arguments = ["verify", "--source", str(source), "--dns", str(rrset), "--at", rfc3339(at), *more]
    arguments += ["--ca", str(ca_file)] if ca_file.exists() else []
    code, text = run([*arguments, "-v"])
    same_code, report = run([*arguments, "--report-format", "json"])
    assert code == same_code
    return Told(code, json.loads(report), text)


def tell_apex(source: Path, apex: Apex, at: datetime, *more: str) -> Told:
    """The same for an apex that was made here."""
    rrset = source.parent / "root.rrset"
    rrset.write_text(apex.text(), encoding="ascii")
    return tell(source, rrset, at, *more)


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """The exit code of a command, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        code = main([*arguments, "--color", "never"])
    return code, stdout.getvalue()
