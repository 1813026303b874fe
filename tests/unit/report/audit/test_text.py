from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from anchors.auditing.result import JudgedResolver, Outcome
from anchors.consumers.files import Location
from anchors.report.audit.text import render, verdict_line
from tests.unit.auditing.audits import (
    BUILD,
    EVENT,
    FOREIGN,
    HOSTILE,
    INSTALL,
    MISSING,
    PENDING,
    REFUSED,
    STATIC,
    SUMMARY,
    UNREADABLE,
    audit,
    everything,
    fails,
    hostile,
    hostile_resolver,
    refused,
    resolver,
    right,
    right_resolver,
    state,
    static,
    unreadable,
    unverified,
)


def block(text: str, path: str) -> list[str]:
    """The lines of the details of what lies at this path."""
    parts = re.split(r"\n\n|\n(?=[A-Z]+  )", text)
    (found,) = [part for part in parts if re.match(rf"[A-Z]+  .*{path}", part)]
    return found.splitlines()


def test_the_verdict_comes_first_and_counts() -> None:
    first = verdict_line(everything())
    lines = render(everything()).split("\n\n")[0].splitlines()
    assert " ".join(line.strip() for line in lines) == first
    assert first.startswith(
        "FAILS: 3 resolvers on 2 hosts (2 fail, 1 right) and 5 other files "
        "(1 fails, 1 undecided, 2 need attention, 1 right), compared with"
    )
    assert first.endswith("IANA's publication of 2025-03-25 at 2026-11-24T00:00:00Z")


def test_one_resolver_is_no_plural_and_one_host_is_not_counted() -> None:
    words = verdict_line(audit(resolvers=(right_resolver(),)))
    assert "1 resolver (1 right), compared with" in words
    assert "1 other file (1 right), compared with" in verdict_line(audit(right()))


def test_a_table_of_resolvers_follows_the_verdict_worst_first() -> None:
    table = render(everything()).split("\n\n")[1].splitlines()
    assert table == [
        "host   resolver                          today  next planned day",
        "  why",
        "image  Unbound etc/other.conf            FAILS  2027-01-11",
        f"  {REFUSED.message}",
        "image  Unbound etc/unbound/unbound.conf  FAILS  2027-01-11",
        f"  {SUMMARY}",
        "other  BIND                              RIGHT  2027-01-11: attention",
        "  has KSK-2017 (20326) and KSK-2024 (38696)",
    ]


def test_a_table_that_fits_has_the_reason_in_its_last_column() -> None:
    one = right_resolver()._replace(summary="holds both", days=())
    table = render(audit(resolvers=(one,))).split("\n\n")[1].splitlines()
    assert table == [
        "host   resolver  today  next planned day  why",
        "image  BIND      RIGHT  -                 holds both",
    ]


def test_every_audit_tells_the_planned_days_and_what_they_mean() -> None:
    parts = render(everything()).split("\n\n")
    (days,) = [part for part in parts if part.startswith("Planned days")]
    lines = days.splitlines()
    assert lines[1] == f"  - 2027-01-11: {EVENT}"
    assert lines[2].startswith("    - FAILS: Unbound etc/other.conf on image, Unbound")
    assert lines[-1] == "    - ATTENTION: BIND on other: a person must remove the key"


def test_a_resolver_that_fails_is_told_with_all_that_it_loads_and_one_cure() -> None:
    assert block(render(everything()), "image/etc/unbound/unbound.conf") == [
        "FAILS  Unbound  image/etc/unbound/unbound.conf",
        "  program     starts, validates, follows rollovers of the root's key by itself",
        "              (RFC 5011)",
        "  files       etc/unbound/unbound.conf: configuration",
        "              var/root.key: managed trust anchors",
        "  anchors     var/root.key, line 2: KSK-2017 (20326), initial anchor, current",
        "  planned     2027-01-11: fails",
        f"  failure: {MISSING.message}",
        f"    got: {MISSING.got}",
        f"    want: {MISSING.want}",
        f"  alarm: var/root.key, line 7: {FOREIGN.message}",
        f"    do: {FOREIGN.remedy}",
        "  do:",
        f"    {BUILD.text}",
        f"    {INSTALL.text}",
        "    ask who put it there",
    ]


def test_what_the_summary_says_is_not_said_again() -> None:
    text = render(audit(static(), resolvers=(refused(),)))
    assert text.count(REFUSED.message) == text.count(str(REFUSED.remedy)) == 1
    assert text.count(STATIC.message) == text.count(f"    {STATIC.remedy}") == 1
    assert f"failure: as said above\n    got: {REFUSED.got}" in text


def test_a_command_is_never_broken() -> None:
    long = INSTALL._replace(text=f"install -m 0644 new/root.key '{'very long/' * 20}root.key'")
    text = render(audit(resolvers=(resolver()._replace(steps=(BUILD, long)),)))
    assert f"    {long.text}" in text.splitlines()


def test_files_that_no_resolver_loads_have_a_table_of_their_own() -> None:
    text = render(everything())
    titles = (
        "Anchor files that no resolver loads",
        "Programs and texts with root keys in them",
        "Files that were not read",
    )
    assert [line for line in text.splitlines() if line in titles] == [*titles]
    assert "image/etc/bind/bind.keys  named.conf    RIGHT" in text
    assert text.endswith("1,234 files looked at, 5,000,000 bytes, 1 could not be read.\n")
    # What a resolver loads is told with that.
    assert "var/root.key  Unbound" not in text


def test_a_file_that_fails_says_what_happens_and_what_to_do() -> None:
    assert block(render(audit(fails())), "etc/root.key") == [
        "FAILS  image/etc/root.key  (zone file)",
        "  anchors     line 3: KSK-2017 (20326), current",
        f"  failure: {MISSING.message}",
        f"    got: {MISSING.got}",
        f"    want: {MISSING.want}",
        f"  alarm: line 3, 5: {FOREIGN.message}",
        f"    do: {FOREIGN.remedy}",
        "  do:",
        f"    {BUILD.text}",
        f"    {INSTALL.text}",
    ]


def test_a_file_that_could_not_be_read_says_why() -> None:
    assert f"    got: {UNREADABLE.got}" in render(audit(unreadable())).splitlines()


def test_verbose_tells_everything_that_was_found() -> None:
    terse = render(audit(state(), resolvers=(right_resolver("x"),)))
    verbose = render(audit(state(), resolvers=(right_resolver("x"),)), verbose=True)
    for words in (
        "AddPend since 2026-10-11 until 2026-11-10",
        f"notice: etc/bind/named.conf, line 9: {PENDING.message}",
        "check: audit.pending",
        "RIGHT BIND x/etc/bind/named.conf",
        "built in the keys of named",
    ):
        assert words in " ".join(verbose.split())
        assert words not in " ".join(terse.split())


def test_a_notice_of_what_fails_is_for_verbose_alone() -> None:
    row = fails()
    row = row._replace(notes=(*row.notes, *state().notes))
    assert PENDING.message not in render(audit(row))
    assert PENDING.message in render(audit(row), verbose=True)


@pytest.mark.parametrize("verbose", [True, False])
def test_colours_are_all_that_colour_adds(*, verbose: bool) -> None:
    plain = render(everything(), verbose=verbose)
    painted = render(everything(), colour=True, verbose=verbose)
    assert "\x1b" not in plain
    assert "\x1b[31mFAILS\x1b[0m" in painted
    assert "\x1b[32mRIGHT\x1b[0m" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == plain


@pytest.mark.parametrize("verbose", [True, False])
def test_nothing_from_outside_reaches_the_terminal_as_it_is(*, verbose: bool) -> None:
    rows = (hostile(), right(HOSTILE), unreadable(HOSTILE))
    text = render(audit(*rows, resolvers=(hostile_resolver(),)), verbose=verbose)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "# h" not in {line.strip() for line in text.splitlines()}
    assert text.encode()


@pytest.mark.parametrize("verbose", [True, False])
def test_lines_fit_a_terminal_and_paths_are_never_broken(*, verbose: bool) -> None:
    path = f"{'very long/' * 20}with-hyphens and spaces.key"
    one = resolver(configuration=Location("image", f"{path}/unbound.conf"))
    rows = (fails(path), unreadable(path), static())
    other = one._replace(loaded=one.loaded._replace(configuration=Location(f"h{path}", "c")))
    lines = render(audit(*rows, resolvers=(one, other)), verbose=verbose).splitlines()
    assert sum(f"image/{path}" in line for line in lines) == 3
    assert [line for line in lines[1:] if len(line) > 80 and "very long/" * 20 not in line] == []


def test_a_long_path_in_a_table_loses_its_beginning() -> None:
    one = resolver(configuration=Location(f"/srv/{'a' * 90}/image-7", "unbound.conf"))
    table = render(audit(resolvers=(one,))).split("\n\n")[1].splitlines()
    assert table[2].startswith("...aaa")
    assert "aaa/image-7  Unbound" in table[2]
    assert max(map(len, table)) <= 80


def many(count: int, outcome: Outcome = Outcome.FAILS) -> Sequence[JudgedResolver]:
    where = [Location("image", f"{number:04}/unbound.conf") for number in range(count)]
    return [resolver(outcome, one) for one in where]


def test_resolvers_of_which_the_same_is_told_are_counted() -> None:
    subject = audit(right(), resolvers=(*many(1244), right_resolver()))
    text = render(subject)
    assert text.count("FAILS  Unbound  image/") == 10
    assert "FAILS: 1,234 more with the same result: has KSK-2017" in text
    assert "1,234 more: fails already" in text
    assert "image  BIND" in text
    everyone = render(subject, verbose=True)
    assert everyone.count("FAILS  Unbound  image/") == 1244
    assert "more with the same" not in everyone


def test_files_of_which_the_same_is_told_are_counted() -> None:
    text = render(audit(*(right(f"{number}/bind.keys") for number in range(11))))
    assert text.count("named.conf  RIGHT") == 10
    assert "RIGHT: 1 more with the same result" in text
    assert "more" not in render(audit(*(right(f"{number}/bind.keys") for number in range(10))))


def test_what_differs_is_shown_however_often_it_comes() -> None:
    rows = [one._replace(summary=f"{SUMMARY} {n}") for n, one in enumerate(many(30))]
    assert render(audit(resolvers=tuple(rows))).count("FAILS  Unbound  image/") == 30


@pytest.mark.parametrize("verbose", [True, False])
def test_without_a_verified_publication_it_says_why(*, verbose: bool) -> None:
    text = render(unverified(), verbose=verbose)
    assert text.startswith("UNDECIDED: nothing was audited")
    assert "NOT TRUSTED: the signature does not hold" in text
    assert "cms.signature" in text


def test_it_is_the_same_each_time() -> None:
    assert render(everything()) == render(everything())


def test_no_word_is_of_our_own() -> None:
    """A reader knows files and resolvers; in the findings the judge chooses the words."""
    words = set(re.findall("[a-z]+", render(everything(), verbose=True).lower()))
    assert words.isdisjoint({"place", "places", "held", "hold", "standing", "consumer"})
