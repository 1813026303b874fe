"""The timeline for a terminal: narrow, harmless, and the same without Unicode or colour."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from anchors.pipeline.report import Report
from anchors.report.timeline.text import render
from tests.unit.auditing.basis import basis
from tests.unit.report.timeline.reports import day, hostile, lab_report, refused, seen_as

REPORTS = {
    "now": basis(),
    "before the roll": basis(day("2026-10-05")),
    "no answers": basis(dns="none"),
    "long ago": replace(basis(), at=day("1999-01-01")),
    "far off": replace(basis(), at=day("9999-12-31")),
    "lab": lab_report(),
    "hostile": hostile(),
    "refused": refused(),
    "revoked": seen_as("2027-02-01", k2017={"revoked_tags": (20454,)}, k2024={"signing": True}),
}
CHARTS = """\
                 2010  2012  2014  2016  2018  2020  2022  2024  2026  2028 2030
                 ╵     ╵     ╵     ╵     ╵     ╵     ╵     ╵     ╵ │   ╵     ╵
KSK-2010 (19036)                                                   │
  document        ━━━━━━━━━━━━━━━━━━━━━━━━━━                       │
  root zone       █████████████████████████─X                      │
KSK-2017 (20326)                                                   │
  document                            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━│┄┄┄┄┄┄┄┄┄┄┄▸
  root zone                            ────████████████████████████│x
KSK-2024 (38696)                                                   │
  document                                                  ━━━━━━━│┄┄┄┄┄┄┄┄┄┄┄▸
  root zone                                                   ─────│░░░░░░░░░░░▸
Roll to ECDSA                                                      │~~~~~~~~~~~
Signer                                                  ━━━━━━━━━━━│━━━━━━━
ICANN Root CA    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━│━━━━━━━━━
ICANN Root CA v2                                              ━━━━━│━━━━━━━━━━━▸
to act on                                                          123  4  567
                                                             at 2026-10-05

next 18 months   2026-10    2027-01   2027-04   2027-07    2027-10    2028-01
                 │          ╵         ╵         ╵          ╵          ╵
KSK-2017 (20326) │
  document       │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▸
  root zone      │┄┄┄┄┄┄┄┄┄┄x
KSK-2024 (38696) │
  document       │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▸
  root zone      │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░▸
Roll to ECDSA    │                   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~▸
to act on        │1         2              3
                 at 2026-10-05
"""


def test_the_charts_are_as_they_were_looked_at() -> None:
    assert "\n\n".join(render(basis(day("2026-10-05"))).split("\n\n")[1:3]) + "\n" == CHARTS


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
def test_every_line_fits(report: Report, unicode: bool) -> None:
    lines = render(report, unicode=unicode).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_without_unicode_it_is_ascii(report: Report) -> None:
    drawn = render(report, unicode=False)
    # A name from outside may hold what is printable.
    assert drawn.isascii()


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_colour_adds_nothing_but_colour(report: Report) -> None:
    plain, painted = render(report), render(report, colour=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", painted) == plain
    assert painted != plain
    assert painted.count("\x1b[0m") * 2 == painted.count("\x1b")


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_it_is_drawn_with_few_characters_that_fonts_have(report: Report) -> None:
    assert {glyph for glyph in render(report) if not glyph.isascii()} <= set("━┄─█░▸│╵")


def test_the_ascii_chart_draws_what_the_unicode_chart_draws() -> None:
    table = str.maketrans({"━": "=", "┄": ".", "─": "-", "█": "#", "░": ":", "▸": ">"})
    drawn = render(basis()).translate(table).replace("│", "|").replace("╵", "'")
    assert drawn == render(basis(), unicode=False)


def test_nothing_planned_is_drawn_as_observed() -> None:
    for block in render(basis(day("2026-10-05"))).split("\n\n")[1:3]:
        chart = block.splitlines()
        at = chart[1].index("│")
        assert not re.search("[█─X]", "".join(line[at + 1 :] for line in chart))
        assert not re.search("[░x~]", "".join(line[17:at] for line in chart if line[17:]))


def test_what_is_next_is_numbered_as_it_is_marked() -> None:
    blocks = render(basis()).split("\n\n")
    marks = next(line for line in blocks[1].splitlines() if line.startswith("to act on"))
    assert re.findall(r"\d", marks) == ["1", "2", "3", "4", "5", "6"]
    near = next(line for line in blocks[2].splitlines() if line.startswith("to act on"))
    assert re.findall(r"\d", near) == ["1", "2"]
    (coming,) = [block for block in blocks if block.startswith("Next dates")]
    assert re.findall(r"^ (\d)  (\S+(?: Q\d)?)", coming, re.MULTILINE) == [
        ("1", "2027-01-11"),
        ("2", "2027 Q2"),
        ("3", "2028"),
        ("4", "2029"),
        ("5", "2029-03-13"),
        ("6", "2029-12-18"),
    ]
    assert re.search(r"in [\d,]+ days?", coming) is None


def test_what_lies_beyond_the_axis_is_marked_at_its_end() -> None:
    assert re.search(r"^to act on .*12$", render(lab_report()), re.MULTILINE)


def test_a_refusal_is_told_before_anything_else() -> None:
    assert render(refused()).splitlines()[1].startswith("NOT TRUSTED: ")
    assert render(basis()).splitlines()[1].startswith("VERIFIED: ")


def test_when_nothing_is_next_it_says_so() -> None:
    assert "this release knows of none" in render(REPORTS["far off"])


def test_words_tell_observed_and_planned_apart() -> None:
    lines = render(seen_as("2026-11-24")).splitlines()
    assert "    2018-10-11  KSK-2017 (20326)  signs, observed" in lines
    assert ("    2026-10-11  KSK-2024 (38696)  signs, planned, not observed") in lines
    assert "    2027-01-11  KSK-2017 (20326)  revoked, planned" in lines
