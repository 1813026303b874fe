"""docs/glossary.md and CONTRIBUTING.md name what there is."""

from __future__ import annotations

import re

import pytest

from anchors.consumers.reading import StateOfKey
from tests.docs.markdown import ROOT, code_spans, links, table_rows
from tests.simulator.ksk import KSK_2017, KSK_2024, Ksk

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TERMS = table_rows(GLOSSARY)


@pytest.mark.parametrize("row", TERMS, ids=[row[0] for row in TERMS])
def test_every_term_has_a_meaning_and_a_clause(row: list[str]) -> None:
    _, meaning, clause = row
    assert meaning
    document = ROOT / clause
    assert re.fullmatch(r"RFC \d{4}( [A-Z\d][.\d]*)?", clause) or document.is_file()


def test_no_term_is_there_twice() -> None:
    terms = [part for row in TERMS for part in row[0].split(", ")]
    assert len(terms) == len(set(terms)) > 40


def test_the_numbers_are_those_of_the_keys() -> None:
    meanings = {row[0]: row[1] for row in TERMS}
    revoked = Ksk(KSK_2017.public_key, flags=257 | 0x80)
    assert f"{KSK_2017.tag} becomes {revoked.tag}" in meanings["REVOKE"]
    assert f"`_ta-{KSK_2017.tag:04x}-{KSK_2024.tag:04x}`" in meanings["telemetry"]
    assert [*StateOfKey] == re.findall(
        r"\b(?:Start|AddPend|Valid|Missing|Revoked|Removed)\b",
        meanings["RFC 5011 state"].partition(";")[0],
    )


def test_what_contributing_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    spans = code_spans(CONTRIBUTING)
    targets = [span.removeprefix("make ") for span in spans if span.startswith("make ")]
    assert len(targets) > 8
    assert [t for t in targets if not re.search(rf"^{t}:.*## ", makefile, re.MULTILINE)] == []
    paths = [span for span in spans if "/" in span and "NAME" not in span]
    words = [word for path in paths for word in path.split() if "/" in word]
    named = [word for word in words if not word.startswith(".venv/")] + links(CONTRIBUTING)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
