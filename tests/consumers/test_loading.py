"""What resolvers do with the files they are given: the programs, held to ``fixtures/loading``.

Each program starts on each small tree, in a root file system and a network of its own.  Where all
versions did the same they take turns, for the sake of time; ``tests.resolvers.survey`` tries all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.consumers.conftest import REQUIRE
from tests.resolvers.network import Network, quiet, world
from tests.resolvers.observe import observe
from tests.resolvers.places import bases, version_in
from tests.resolvers.programs import PROGRAMS
from tests.resolvers.rules import Rule, answer, expected, rules_of

# In no release of Debian yet.
_NEWEST_ONLY = ("kresctl",)


def _places() -> Iterator[ParameterSet]:
    """Each program in each place that has it; one that no place has is still told of."""
    for program in PROGRAMS:
        found = list(bases(program))
        for base in found:
            where = "installed" if base == Path("/") else base.parent.name
            yield pytest.param(program, base, id=f"{where}-{program}")
        if not found:
            yield pytest.param(program, None, id=f"missing-{program}")


@pytest.fixture(scope="module")
def network_of() -> Iterator[Callable[[str], Network]]:
    """A network for each way to sign the root, and a quiet one; made when first wanted."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a program a root file system of its own")
    with contextlib.ExitStack() as stack:

        @cache
        def network(root: str) -> Network:
            return stack.enter_context(world(root) if root else quiet())

        yield network


@pytest.mark.parametrize(("program", "base"), list(_places()))
def test_a_program_does_with_every_tree_what_the_table_says(
    program: str, base: Path | None, network_of: Callable[[str], Network]
) -> None:
    if base is None:
        message = f"not installed: {program}"
        if os.environ.get(REQUIRE) == "1" and program not in _NEWEST_ONLY:
            pytest.fail(f"{message}, and {REQUIRE}=1", pytrace=False)
        pytest.skip(message)
    version = version_in(base, program)
    places = list(bases(program))
    rules = [
        rule
        for number, rule in enumerate(rules_of(program))
        if rule.fits(version) and (not _is_for_any(rule) or places[number % len(places)] == base)
    ]

    told = [_difference(program, base, version, rule, network_of) for rule in rules]
    wrong = [one for one in told if one is not None]

    assert not wrong, f"{program} {version}:\n" + "\n".join(wrong)


def test_a_program_that_does_something_else_is_told(network_of: Callable[[str], Network]) -> None:
    base = next(bases("unbound"), None)
    if base is None:
        pytest.skip("not installed: unbound")
    version = version_in(base, "unbound")
    rule = next(rule for rule in rules_of("unbound") if rule.name == "no anchor at all")

    told = _difference(
        "unbound",
        base,
        version,
        dataclasses.replace(rule, seen={"1": "holds A, validates"}),
        network_of,
    )

    assert told is not None
    assert "got  holds nothing, does not validate" in told


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_each_situation_has_a_name_of_its_own_and_an_answer(program: str) -> None:
    rules = list(rules_of(program))

    assert len({rule.name for rule in rules}) == len(rules)
    assert [rule.name for rule in rules if not rule.seen] == []


def _is_for_any(rule: Rule) -> bool:
    """Whether one version may stand for all: they did the same."""
    return len(set(rule.seen.values())) == 1 and (rule.since, rule.before) == ("0", "9999")


def _difference(
    program: str, base: Path, version: str, rule: Rule, network_of: Callable[[str], Network]
) -> str | None:
    """What the program did otherwise; what it did once may be the load of this machine."""
    want = expected(rule, version)
    if want is None:
        return None
    seen = None
    for _ in range(2):
        seen = observe(
            PROGRAMS[program],
            rule.tree,
            base,
            network_of(rule.root),
            arguments=rule.arguments,
            asks=bool(rule.root),
        )
        if answer(seen, rule.root) == want:
            return None
    got = answer(seen, rule.root) if seen else ""
    return f"  {rule.name}\n    want {want}\n    got  {got}: {seen.words if seen else ''}"
