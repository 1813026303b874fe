"""A publication of lab keys, to go with a lab root zone."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from anchors.cli.main import main
from tests.lab.keys import LabKey
from tests.lab.zone import AT
from tests.live.command import Outcome, run
from tests.simulator.document import Document, Entry, entry
from tests.simulator.ksk import Ksk
from tests.simulator.publication import publish

__all__ = ["TIMEOUT", "built", "built_in_process", "key_digest", "published", "verified"]

TIMEOUT = 10.0
# Starting Python and judging what came, on a machine with other work to do.
SLACK = 10


def key_digest(key: LabKey, valid_until: str | None = None) -> Entry:
    """The KeyDigest of a lab key, current unless it ended."""
    ksk = Ksk(key.public_key, key.algorithm, key.flags)
    return entry(ksk, id=f"K{key.tag}", valid_until=valid_until)


def published(directory: Path, *entries: Entry) -> Path:
    """A directory with a signed document of these entries, and the CA's certificate."""
    return publish(document=Document(entries=entries)).write(directory / "publication")


def verified(source: Path, *more: str | Path, timeout: float = TIMEOUT) -> Outcome:
    """``verify`` with a JSON report; a run never takes much longer than its deadline."""
    inputs = _inputs(source, timeout)
    outcome = run("verify", *inputs, *more, "--report-format", "json", cwd=source.parent)
    assert outcome.seconds < timeout + SLACK
    return outcome


def built(source: Path, output: Path, *more: str | Path, timeout: float = TIMEOUT) -> Outcome:
    """``build`` into ``output``."""
    outcome = run("build", *_inputs(source, timeout), *more, "-o", output, cwd=source.parent)
    assert outcome.seconds < timeout + SLACK
    return outcome


def built_in_process(source: Path, output: Path, *more: str | Path) -> int:
    """The exit code of ``build`` into ``output``, without starting Python once more."""
    arguments = ["build", *_inputs(source, TIMEOUT), *more, "-o", output]
    with contextlib.redirect_stderr(io.StringIO()):
        return main([str(argument) for argument in arguments])


def _inputs(source: Path, timeout: float) -> tuple[str | Path, ...]:
    return (
        *("--source", source, "--ca", source / "ca.pem"),
        *("--at", AT, "--timeout", str(timeout)),
    )
