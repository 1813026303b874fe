"""The manifest that makes an output directory a source: written by us, read as hostile input.

``docs/report.md`` describes the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from anchors.core.checks import Check
from anchors.core.errors import ManifestRefused
from anchors.core.servers import ServerAnswer, plain_address
from anchors.core.times import format_time, parse_time

__all__ = ["DNS_FOLDER", "MANIFEST_NAME", "AnswerEntry", "Manifest", "with_manifest"]

MANIFEST_NAME = "manifest.json"
DNS_FOLDER = "dns"
SCHEMA = "root-anchors/manifest/1"

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TRANSPORTS = frozenset({"udp", "tcp", "tls", "file", "skr"})
_FAILURES = frozenset({"timeout", "unreachable", "malformed"})
_MAX_ANSWERS = 256
_MAX_FILES = 100
_MAX_PORT = 0xFFFF
_MAX_TRIES = 100
_MAX_RTT_MS = 3_600_000


class AnswerEntry(NamedTuple):
    """One server's answer; ``file`` (in ``dns/``) is ``None`` where there was none."""

    address: str
    port: int
    transport: str
    file: str | None
    sha256: str | None
    failure: str | None
    rtt_ms: float | None
    tries: int


class Manifest(NamedTuple):
    """The files of a directory with their SHA-256, and the DNS answers that lie in ``dns/``."""

    files: Mapping[str, str]
    observed_at: datetime | None
    answers: tuple[AnswerEntry, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Every file of the directory, relative to it, the manifest included."""
        recorded = {f"{DNS_FOLDER}/{answer.file}" for answer in self.answers if answer.file}
        return frozenset({MANIFEST_NAME, *self.files, *recorded})

    def dumps(self) -> bytes:
        """The manifest as UTF-8 JSON, the same for the same content."""
        dns = self.observed_at and {
            "observed_at": format_time(self.observed_at),
            "answers": [
                {
                    "address": answer.address,
                    "port": answer.port,
                    "transport": answer.transport,
                    "file": answer.file,
                    "sha256": answer.sha256,
                    "failure": answer.failure,
                    "rtt_ms": answer.rtt_ms,
                    "tries": answer.tries,
                }
                for answer in self.answers
            ],
        }
        files = [{"name": name, "sha256": digest} for name, digest in sorted(self.files.items())]
        content = {"schema": SCHEMA, "files": files, "dns": dns}
        return json.dumps(content, indent=2).encode() + b"\n"

    @classmethod
    def loads(cls, data: bytes) -> Manifest:
        """Read a manifest, refusing whatever we would not write.

        Raises:
            ManifestRefused: not a manifest of ours, or one that names other than plain files.
        """
        try:
            content = json.loads(data)
            if content["schema"] != SCHEMA:
                raise _refuse(f"schema {content['schema']!r:.60}", SCHEMA)
            files = _list(content["files"], _MAX_FILES)
            names = {_plain_name(f["name"]): _digest(f["sha256"]) for f in files}
            if len(names) != len(files):
                raise _refuse("a name listed twice", "each name once")
            dns = content["dns"]
            if dns is None:
                return cls(names, None, ())
            answers = tuple(map(_answer, _list(dns["answers"], _MAX_ANSWERS)))
            return cls(names, parse_time(dns["observed_at"]), answers)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _refuse(
                f"{type(error).__name__}: {error}", "a manifest that 'root-anchors build' wrote"
            ) from error


def _refuse(got: str, want: str) -> ManifestRefused:
    return ManifestRefused(
        Check.SOURCE_MANIFEST,
        f"{MANIFEST_NAME} does not have the form that root-anchors writes",
        got=got,
        want=want,
        remedy="use a directory that 'root-anchors build' wrote, or --dns live",
    )


def _list(value: Any, most: int) -> list[Any]:  # noqa: ANN401 - anything may stand in JSON
    if not isinstance(value, list) or len(value) > most:
        raise _refuse(f"{value!r:.60}", f"a list of at most {most}")
    return value


def _plain_name(name: Any) -> str:  # noqa: ANN401 - anything may stand in JSON
    if not isinstance(name, str) or not _PLAIN_NAME.fullmatch(name):
        raise _refuse(f"the name {name!r:.60}", "a plain file name")
    return name


def _digest(value: Any) -> str:  # noqa: ANN401 - anything may stand in JSON
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise _refuse(f"the digest {value!r:.80}", "SHA-256 in lower-case hex")
    return value


def _one_of(value: Any, known: frozenset[str]) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str) or value not in known:
        raise _refuse(f"{value!r:.60}", "one of " + ", ".join(sorted(known)))
    return value


def _number(value: Any, most: int) -> int:  # noqa: ANN401 - as above
    if type(value) is not int or not 0 <= value <= most:
        raise _refuse(f"{value!r:.60}", f"0 to {most}")
    return value


def _address(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str):
        raise _refuse(f"the address {value!r:.60}", "an IP address, or file")
    return value if value == "file" else plain_address(value)


def _answer(entry: Mapping[str, Any]) -> AnswerEntry:
    file, failure, rtt_ms = (entry[key] for key in ("file", "failure", "rtt_ms"))
    if rtt_ms is not None and (type(rtt_ms) not in {int, float} or not 0 <= rtt_ms <= _MAX_RTT_MS):
        raise _refuse(f"rtt_ms {rtt_ms!r:.60}", "milliseconds or null")
    if (file is None) is (failure is None):
        raise _refuse(f"file {file!r:.60}, failure {failure!r:.60}", "exactly one of the two")
    return AnswerEntry(
        address=_address(entry["address"]),
        port=_number(entry["port"], _MAX_PORT),
        transport=_one_of(entry["transport"], _TRANSPORTS),
        file=None if file is None else _plain_name(file),
        sha256=None if file is None else _digest(entry["sha256"]),
        failure=None if failure is None else _one_of(failure, _FAILURES),
        rtt_ms=rtt_ms,
        tries=_number(entry["tries"], _MAX_TRIES),
    )


def with_manifest(files: Mapping[str, bytes], answers: Sequence[ServerAnswer]) -> dict[str, bytes]:
    """``files`` and the answers' wire messages, with the manifest that lists them all."""
    wires = {
        f"{index:02}.bin": answer.wire
        for index, answer in enumerate(answers)
        if answer.wire is not None
    }
    manifest = Manifest(
        files={name: sha256(content).hexdigest() for name, content in files.items()},
        observed_at=answers[0].observed_at if answers else None,
        answers=tuple(_entry(f"{index:02}.bin", answer) for index, answer in enumerate(answers)),
    )
    recorded = {f"{DNS_FOLDER}/{name}": wire for name, wire in wires.items()}
    return {**files, **recorded, MANIFEST_NAME: manifest.dumps()}


def _entry(file: str, answer: ServerAnswer) -> AnswerEntry:
    return AnswerEntry(
        address=answer.address,
        port=answer.port,
        transport=answer.transport,
        file=None if answer.wire is None else file,
        sha256=None if answer.wire is None else sha256(answer.wire).hexdigest(),
        failure=answer.failure,
        rtt_ms=answer.rtt_ms,
        tries=answer.tries,
    )
