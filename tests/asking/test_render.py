"""Every report of what was asked: the worst first, harmless, and the same for the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from anchors.asking.result import Asked
from anchors.asking.verdict import Summary
from anchors.report.asking import renderer
from anchors.report.asking.text import render, summary_line
from tests.asking.samples import SAMPLES, row
from tests.asking.sayings import UNTOLD
from tests.asking.test_tables import given
from tests.unit.report.exposed import exposed

EVERYTHING = SAMPLES["everything"]
CHOSEN = UNTOLD._replace(is_chosen=True)


def test_the_text_tells_the_verdict_then_a_table_then_what_to_do() -> None:
    text = render(EVERYTHING)
    assert text.startswith("NOT READY: 5 resolvers (2 not ready, 1 cannot tell, ")
    assert "\n\nResolver " in text
    table = [line for line in text.splitlines() if line.startswith(("192", "tls", "2001"))]
    assert [line.split()[0] for line in table] == [
        *("tls://192.0.2.4", "192.0.2.5", "2001:db8::1#5353", "192.0.2.3", "192.0.2.1"),
    ]
    assert "cannot use it" in table[0]
    assert "do: check its clock; give the resolver IANA's current trust anchors" in text


def test_resolvers_of_which_the_same_is_told_share_a_section() -> None:
    text = render(EVERYTHING)
    assert "NOT READY  tls://192.0.2.4, 192.0.2.5\n" in text
    assert text.count("- KSK-2024 (38696), which signs now: cannot use it") == 1


def test_a_warning_about_one_that_is_ready_is_told() -> None:
    """With --strict it leads to another exit code."""
    undated = [one._replace(days=()) for one in (row(given()), row(given(), witness=CHOSEN))]
    assert "READY  " not in render(replace(SAMPLES["ready"], resolvers=undated[:1]))
    sample = replace(SAMPLES["ready"], resolvers=undated)
    assert sample.exit_code(strict=True) == 4
    words = " ".join(render(sample).split())
    assert "READY 192.0.2.1 validates" in words
    assert f"warning: {CHOSEN.title} does not report its anchors" in words
    assert CHOSEN.failure in " ".join(render(sample, verbose=True).split())


def test_many_are_named_up_to_a_number() -> None:
    row = EVERYTHING.resolvers[3]
    many = [row._replace(address=f"192.0.2.{n}") for n in range(200)]
    text = render(replace(EVERYTHING, resolvers=many))
    assert "192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3 and 196 more" in text


def test_what_becomes_of_it_stands_beside_the_answer() -> None:
    text = render(SAMPLES["late"])
    assert "2026-10-11, KSK-2024 (38696) is planned to sign the root's keys: every" in text


def test_no_line_is_wider_than_a_terminal_but_the_table() -> None:
    text = render(EVERYTHING, verbose=True)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(line.split()[0] in {"Resolver", *addresses()} for line in wide)


def test_what_the_program_says_is_told() -> None:
    sample = SAMPLES["told by the program"]
    first, second, third = (
        row["control"] for row in json.loads(renderer("json")(sample))["resolvers"]
    )
    assert first["program"] == "PowerDNS Recursor"
    assert [one["key_tag"] for one in first["anchors"]] == [20326, 38696, 38696]
    assert [one["digest"] is None for one in first["anchors"]] == [False, False, True]
    assert (second["by"], second["anchors"][1]) == (
        "rndc secroots",
        {"key_tag": 38696, "digest": None},
    )
    assert (third["by"], third["anchors"]) == (None, [])
    for text in (
        render(sample, verbose=True),
        renderer("markdown")(sample),
        renderer("html")(sample),
    ):
        words = " ".join(text.split())
        assert "BIND reports 20326, 38696 (rndc secroots)" in words
        assert "BIND does not report its anchors" in render(sample, verbose=True)


def addresses() -> set[str]:
    return {row.address for row in EVERYTHING.resolvers}


def test_an_unverified_publication_is_told_instead() -> None:
    text = render(SAMPLES["unverified"])
    assert text.startswith("CANNOT TELL: no resolver was asked, because the publication")
    assert SAMPLES["unverified"].exit_code(strict=False) == 3


@pytest.mark.parametrize(
    ("name", "code", "strict"),
    [
        *(("ready", 0, 0), ("not affected", 0, 4), ("not ready", 1, 1)),
        *(("silent", 3, 3), ("everything", 1, 1), ("late", 1, 1)),
    ],
)
def test_the_exit_code(name: str, code: int, strict: int) -> None:
    sample = SAMPLES[name]
    assert (sample.exit_code(strict=False), sample.exit_code(strict=True)) == (code, strict)


def test_json_has_the_words_of_the_schema() -> None:
    content = json.loads(renderer("json")(EVERYTHING))
    first = content["resolvers"][0]
    assert (content["schema"], content["summary"]) == ("root-anchors/ask/1", "not ready")
    assert (first["address"], first["validates"], first["summary"]) == ("192.0.2.1", "yes", "ready")
    assert [(key["key_tag"], key["trust"]) for key in first["keys"]] == [
        (20326, "trusts-by-tag"),
        (38696, "trusts-by-use"),
    ]


def test_the_metrics_have_a_series_for_each_resolver() -> None:
    told = exposed(renderer("metrics")(EVERYTHING))
    ready = {s.labels["resolver"]: s.value for s in told if s.name == "root_anchors_resolver_ready"}
    assert ready == {address: int(address == "192.0.2.1") for address in addresses()}
    summaries = [
        one.labels["answer"]
        for one in told
        if one.name == "root_anchors_resolver_answer" and one.value
    ]
    assert sorted(summaries) == sorted(row.summary.value for row in EVERYTHING.resolvers)


def hostile() -> Asked:
    """What comes from outside in a verdict: an address never, its reason by no text of theirs."""
    row = EVERYTHING.resolvers[3]
    evil = "<script>|`\x1b[31m\n@everyone"
    return replace(EVERYTHING, resolvers=[row._replace(why=evil)])


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_the_pages_have_every_resolver_and_no_mark_up_of_others(name: str) -> None:
    page = renderer(name)(EVERYTHING)
    assert all(address in page for address in addresses())
    assert "cannot use it" in page
    told = renderer(name)(hostile())
    assert "<script>" not in told
    assert "\x1b" not in told
    assert render(hostile()).count("\x1b") == 0


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_can_be_made_of_everything(name: str) -> None:
    for kind in ("json", "markdown", "html", "metrics"):
        assert renderer(kind)(SAMPLES[name]) == renderer(kind)(SAMPLES[name])
    assert summary_line(SAMPLES[name]).startswith(SAMPLES[name].summary.upper())


def test_the_summary_is_the_worst() -> None:
    assert EVERYTHING.summary is Summary.NOT_READY
    better = replace(EVERYTHING, resolvers=EVERYTHING.resolvers[:3])
    assert better.summary is Summary.CANNOT_TELL
