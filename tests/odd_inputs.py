"""The tables of odd inputs in fixtures/odd: contents, and what the programs made of each."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.docs.markdown import ROOT

__all__ = [
    "FOLDER",
    "Answer",
    "OddInput",
    "filled",
    "odd_inputs",
    "real_ds",
    "real_keys",
    "tables",
    "told",
]

FOLDER = ROOT / "fixtures" / "odd"
_SAMPLES = ROOT / "fixtures" / "samples"

REFUSES, IGNORES, UNDECIDED = "refuses", "ignores", "undecided"


class Answer(NamedTuple):
    """What a program does with a file: refuse it, or hold these key tags of the root (or none)."""

    tags: tuple[int, ...] = ()
    refuses: bool = False

    @property
    def ignores(self) -> bool:
        """Whether the program goes on and holds nothing of the file."""
        return not self.refuses and not self.tags


class OddInput(NamedTuple):
    """One content, read by one program in one version.

    Attributes:
        syntax: such as ``unbound.conf``; the name of a table.
        program: the program, and the option by which it reads the file if it has several.
        version: the version of the program that gave the answer.
        case: a sentence that names the case.
        content: the bytes of the file.
        answer: what the program does with the file.
        note: more about the case, or empty.
    """

    syntax: str
    program: str
    version: str
    case: str
    content: bytes
    answer: Answer
    note: str


def odd_inputs(syntax: str | None = None, program: str | None = None) -> Iterator[OddInput]:
    """Every case of every table, or of one syntax or program, once for each version."""
    for path in tables():
        table = json.loads(path.read_text(encoding="utf-8"))
        if syntax not in {None, table["syntax"]}:
            continue
        for case in table["cases"]:
            for name, versions in table["programs"].items():
                if program in {None, name}:
                    for version in versions:
                        answer = _answer(case["answers"][name], version)
                        if answer is not None:
                            yield OddInput(
                                table["syntax"],
                                name,
                                version,
                                case["case"],
                                filled(case["content"]),
                                answer,
                                case.get("note", ""),
                            )


def tables() -> list[Path]:
    """The files of the folder, one for each syntax."""
    return sorted(FOLDER.glob("*.json"))


def filled(content: str) -> bytes:
    """The bytes of a content, with the real keys in place of ``{DS17}`` and its like.

    A lone surrogate stands for a byte that is no UTF-8: ``\\udcff`` for FF (PEP 383).
    """
    for name, value in _keys().items():
        content = content.replace("{" + name + "}", value)
    return content.encode("utf-8", "surrogateescape")


def told(answer: Answer | None) -> str | list[int]:
    """An answer as a table has it; ``None``: there is no way to ask the program of it."""
    if answer is None:
        return UNDECIDED
    if answer.refuses:
        return REFUSES
    return [*answer.tags] or IGNORES


def real_keys() -> list[str]:
    """The two real keys in Base64."""
    return [_keys()["KEY17"], _keys()["KEY24"]]


def real_ds() -> list[str]:
    """The rdata of the DS of the two real keys."""
    return [_keys()["DS17"], _keys()["DS24"]]


def _answer(value: object, version: str) -> Answer | None:
    if isinstance(value, dict):
        value = value[version]
    if isinstance(value, list):
        return Answer(tuple(value))
    return {REFUSES: Answer(refuses=True), IGNORES: Answer(), UNDECIDED: None}[str(value)]


@functools.cache
def _keys() -> dict[str, str]:
    """``DS17``, ``DIGEST17``, ``DNSKEY17``, ``KEY17``, and the same of KSK-2024."""
    keys = {}
    for kind, part, file in (("DS", "DIGEST", "root.ds"), ("DNSKEY", "KEY", "root.key")):
        lines = (_SAMPLES / file).read_text(encoding="ascii").splitlines()
        for year, line in zip(("17", "24"), lines, strict=True):
            rdata = line.partition(f" {kind} ")[2].partition(" ;")[0]
            keys[kind + year] = rdata
            keys[part + year] = rdata.split()[-1]
    return keys
