"""The proof in words: who showed what of which key, and what it does not say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anchors.consumers.registry import find_formats
from anchors.pipeline.report import Report, Verdict
from anchors.pipeline.verify import example
from anchors.proving.proof import Aspect, Outcome, Proof, Statement
from anchors.report.proof import render, verdict_line

(BIND,) = find_formats(["bind"])
(HICKORY,) = find_formats(["hickory"])
KSK_2017, KSK_2024 = KEYS = tuple(anchor.key for anchor in example().anchors.anchors)
REPORT = Report(
    verdict=Verdict.VERIFIED,
    at=datetime(2026, 10, 4, tzinfo=UTC),
    source="embedded",
    dns_mode="recorded",
    observed_at=None,
    authenticated=None,
    keys=example().keys,
    servers=(),
    findings=(),
)
FILE = tuple(
    Statement(Aspect.FILE, Outcome.SHOWN, "root-anchors", "DS in full", key) for key in KEYS
)
LOADS = Statement(Aspect.LOADS, Outcome.SHOWN, "named 9.18.49", "it starts with the file")


def holds(outcome: Outcome, words: str = "as told") -> tuple[Statement, ...]:
    return tuple(Statement(Aspect.HOLDS, outcome, "named 9.18.49", words, key) for key in KEYS)


def made(*statements: Statement, as_rendered: bool = True) -> Proof:
    return Proof(BIND, KEYS, (*FILE, *statements), (), as_rendered)


def test_a_proof_says_how_much_is_proven() -> None:
    in_full = made(LOADS, *holds(Outcome.SHOWN))
    by_tag = made(LOADS, *holds(Outcome.TAG_SHOWN))
    assert verdict_line(in_full) == (
        "PROVEN: it loads, it reports the verified keys, and nothing contradicts it"
    )
    assert verdict_line(by_tag) == (
        "PROVEN: it loads, it reports the tags of the verified keys, and nothing contradicts it"
    )


def test_an_undecided_proof_says_what_is_lacking() -> None:
    assert verdict_line(made(LOADS)) == (
        "UNDECIDED: not shown: holds of KSK-2017 (20326), holds of KSK-2024 (38696)"
    )


def test_a_contradiction_names_the_key_once_and_who_says_so() -> None:
    bad = FILE[1]._replace(outcome=Outcome.CONTRADICTED, words="the key is missing")
    again = holds(Outcome.CONTRADICTED)[1]
    refused = LOADS._replace(outcome=Outcome.CONTRADICTED, words="bad digest")
    assert verdict_line(made(bad, again, refused)) == (
        "CONTRADICTED: KSK-2024 (38696): the key is missing [root-anchors: file]; bad digest "
        "[named 9.18.49: loads]"
    )


def test_everything_is_told_by_consumer_and_by_key() -> None:
    assert render(made(LOADS, *holds(Outcome.TAG_SHOWN)), REPORT) == (
        "PROVEN: it loads, it reports the tags of the verified keys, and nothing contradicts "
        "it\n  against what is VERIFIED: KSK-2017 (20326), KSK-2024 (38696) at "
        "2026-10-04T00:00:00Z\n\nroot-anchors\n  file       shown         KSK-2017 (20326): DS "
        "in full\n  file       shown         KSK-2024 (38696): DS in full\n\nnamed 9.18.49\n  "
        "loads      shown         it starts with the file\n  holds      tag shown     KSK-2017 "
        "(20326): as told\n  holds      tag shown     KSK-2024 (38696): as "
        "told\n\n                  file          loads         holds         validates     "
        "conforms\nKSK-2017 (20326)  shown         shown         tag shown     not shown     not "
        "shown\nKSK-2024 (38696)  shown         shown         tag shown     not shown     not "
        "shown\n\nA program that shows key tags only may have a wrong digest.\nThis file is byte "
        "for byte the file that root-anchors writes for the verified keys."
    )


def test_what_conforms_is_said_not_to_be_this_file() -> None:
    conforms = Statement(Aspect.CONFORMS, Outcome.SHOWN, "named 9.18.49", "lab key 1 alone")
    text = render(made(LOADS, conforms, as_rendered=False), REPORT)
    assert "with a bind-initial-ds file that root-anchors wrote with lab keys." in text
    assert text.endswith(
        "This file is not byte for byte the file that root-anchors writes for the verified keys."
    )
    assert "key tags only" not in text


def test_a_missing_consumer_is_named_with_its_package() -> None:
    proof = made()._replace(missing=(("named", "bind9"),))
    text = render(proof, REPORT)
    assert "not tried: named is not installed (Debian: bind9)" in text


def test_a_format_that_nobody_can_run_says_where_its_grammar_was_read() -> None:
    assert HICKORY.unproven
    text = render(made()._replace(row=HICKORY), REPORT)
    want = "not tried: no program that reads hickory can be run; the syntax comes from "
    assert want + HICKORY.unproven in text


@pytest.mark.parametrize("field", ["by", "words"])
def test_what_programs_say_reaches_no_terminal_as_it_is(field: str) -> None:
    statement = LOADS._replace(**{field: "named\x1b]0;owned\x07"})  # type: ignore[arg-type]
    text = render(made(statement), REPORT)
    assert "owned" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_the_first_line_is_bounded() -> None:
    many = [
        Statement(Aspect.FILE, Outcome.CONTRADICTED, "root-anchors", f"{n} {'x' * 70_000}")
        for n in range(5000)
    ]
    line = verdict_line(made(*many))
    assert len(line) < 1000
    assert line.endswith("; and 4,996 more, see below")
    unjudged = Statement(Aspect.FILE, Outcome.NOT_SHOWN, "root-anchors", "y" * 70_000)
    assert len(verdict_line(made(unjudged))) < 300
