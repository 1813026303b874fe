from __future__ import annotations

import re

import pytest

from anchors.auditing.render.text import render, verdict_line
from tests.unit.auditing.audits import (
    FOREIGN,
    HOSTILE,
    MISSING,
    PENDING,
    STATIC,
    SUMMARY,
    UNREADABLE,
    audit,
    everything,
    fails,
    hostile,
    right,
    state,
    static,
    unreadable,
    unverified,
)


def block(text: str, path: str) -> list[str]:
    """The lines about the place with this path."""
    (found,) = [part for part in text.split("\n\n") if path in part.partition("\n")[0]]
    return found.splitlines()


def test_the_verdict_comes_first_and_counts() -> None:
    first = verdict_line(everything())
    block = render(everything()).split("\n\n")[0].splitlines()
    assert len(block) == 2
    assert " ".join(line.strip() for line in block) == first
    assert max(map(len, block)) <= 80
    assert first.startswith("FAILS: 6 places (1 fails, 1 undecided, 2 need attention, 2 right)")
    assert first.endswith("IANA's publication of 2025-03-25 at 2026-11-24T00:00:00Z")


def test_the_worst_comes_first_and_what_is_right_last() -> None:
    text = render(everything())
    order = ["image/etc/root.key", "secret.key", "unbound.conf", "bind.keys", "1,234 files"]
    found = [text.index(words) for words in order]
    assert found == sorted(found)
    assert text.endswith("1,234 files looked at, 5,000,000 bytes, 1 could not be read\n")


def test_a_place_that_fails_says_what_happens_and_what_to_do() -> None:
    assert block(render(audit(fails())), "etc/root.key") == [
        "FAILS  image/etc/root.key  (zone file)",
        f"  {SUMMARY}",
        "  - line 3: KSK-2017 (20326), file, current",
        f"  failure: {MISSING.message}",
        f"  alarm: line 3, 5: {FOREIGN.message}",
        "  do: root-anchors build --format ds -o new",
        f"  do: {FOREIGN.remedy}",
    ]


def test_what_the_summary_says_is_not_said_again() -> None:
    text = render(audit(static()))
    assert text.count(STATIC.message) == text.count(f"do: {STATIC.remedy}") == 1


def test_where_nothing_else_shows_what_is_there_the_finding_does() -> None:
    assert f"    got: {UNREADABLE.got}" in render(audit(unreadable())).splitlines()


def test_verbose_tells_every_place_all_that_was_found() -> None:
    terse, verbose = render(everything()), render(everything(), verbose=True)
    for words in ("AddPend since 2026-10-11 until 2026-11-10", f"got: {MISSING.got}"):
        assert words in verbose
        assert words not in terse
    assert "check: audit.foreign (RFC 9718 2.2)" in verbose
    assert "check:" not in terse
    assert f"notice: line 9: {PENDING.message}" in verbose
    assert "notice" in render(audit(state()))


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
    text = render(audit(hostile(), right(HOSTILE), unreadable(HOSTILE)), verbose=verbose)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "# h" not in {line.strip() for line in text.splitlines()}
    assert text.encode()


@pytest.mark.parametrize("verbose", [True, False])
def test_lines_fit_a_terminal_and_paths_are_never_broken(*, verbose: bool) -> None:
    path = f"{'very long/' * 20}with-hyphens and spaces.key"
    rows = (fails(path), right(path), unreadable(path), static())
    lines = render(audit(*rows), verbose=verbose).splitlines()
    assert sum(f"image/{path}" in line for line in lines) == 3
    assert [line for line in lines[1:] if len(line) > 80 and path not in line] == []


def test_a_path_within_words_is_not_broken_either() -> None:
    command = f"cp root.ds {'/very/long' * 20}/root.key"
    text = render(audit(fails()._replace(remedy=command)))
    assert command.rpartition(" ")[2] in {
        word for line in text.splitlines() for word in line.split()
    }


def test_a_notice_of_a_place_that_fails_is_for_verbose_alone() -> None:
    row = fails()
    row = row._replace(notes=(*row.notes, *state().notes))
    assert PENDING.message not in render(audit(row))
    assert PENDING.message in render(audit(row), verbose=True)


def test_what_is_right_takes_one_line_where_it_fits() -> None:
    lines = render(audit(right("a"), right(f"{'a' * 80}"))).splitlines()
    assert "RIGHT  image/a: holds KSK-2017 (20326) and KSK-2024 (38696)" in lines
    long = lines.index(f"RIGHT  image/{'a' * 80}")
    assert lines[long + 1] == "  holds KSK-2017 (20326) and KSK-2024 (38696)"


def test_many_places() -> None:
    rows = [fails(f"{number:04}") for number in range(2000)]
    text = render(audit(*rows), verbose=True)
    assert text.startswith("FAILS: 2000 places (2000 fail)")
    assert sum(line.startswith("FAILS  image/") for line in text.splitlines()) == 2000


def test_one_place_is_no_plural() -> None:
    assert verdict_line(audit(right())).startswith("RIGHT: 1 place (1 right), held")


@pytest.mark.parametrize("verbose", [True, False])
def test_without_a_verified_publication_it_says_why(*, verbose: bool) -> None:
    text = render(unverified(), verbose=verbose)
    assert text.startswith("UNDECIDED: nothing was audited")
    assert "NOT TRUSTED: the signature does not hold" in text
    assert "cms.signature" in text


def test_it_is_the_same_each_time() -> None:
    assert render(everything()) == render(everything())


def test_places_of_which_the_same_is_told_are_counted() -> None:
    rows = [fails(f"{number:04}/root.key") for number in range(1244)]
    text = render(audit(unreadable(), *rows, right()))
    assert text.count("FAILS  image/") == 10
    assert "FAILS  1,234 more places of which the same is told\n  holds KSK-2017" in text
    assert "UNDECIDED  image/etc/secret.key" in text
    assert "RIGHT  image/etc/bind/bind.keys" in text
    assert text.index("1,234 more places") < text.index("bind.keys")
    everyone = render(audit(*rows), verbose=True)
    assert everyone.count("FAILS  image/") == 1244
    assert "more place" not in everyone


def test_places_that_are_right_are_counted_too() -> None:
    text = render(audit(*(right(f"{number}/bind.keys") for number in range(11))))
    assert text.count("RIGHT  image/") == 10
    assert "RIGHT  1 more place of which the same is told" in text
    assert "more" not in render(audit(*(right(f"{number}/bind.keys") for number in range(10))))


def test_what_differs_is_shown_however_often_it_comes() -> None:
    rows = [fails(f"{n}/root.key")._replace(summary=f"{SUMMARY} {n}") for n in range(30)]
    assert render(audit(*rows)).count("FAILS  image/") == 30
