"""The comparison itself: ``make differential`` runs it on as many trees as there is time for."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from random import Random

import pytest

from anchors.auditing.result import Outcome
from tests.differential.resolvers import compare
from tests.differential.resolvers.compare import published
from tests.differential.resolvers.settings import SETTINGS, Setting
from tests.differential.resolvers.shapes import shapes_of
from tests.differential.resolvers.states import state_text
from tests.differential.resolvers.texts import VARIATIONS, grown, is_kept, zone_text
from tests.differential.resolvers.trees import made, without_line
from tests.resolvers.audited import Said
from tests.resolvers.differs import difference
from tests.resolvers.network import Network
from tests.resolvers.programs import PROGRAMS

_VERSIONS = {"pdns_recursor": "5.4.9", "kresctl": "6.5.0", "named": "9.20.30"}
_RIGHT = Said(
    Outcome.RIGHT, starts=True, validates=True, holds=frozenset("AB"), built_in=False, words=""
)


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_a_tree_can_be_made_again_by_its_number(program: str) -> None:
    version = _VERSIONS.get(program, "1")

    trees = [made(program, version, number, 7) for number in range(30)]

    assert trees == [made(program, version, number, 7) for number in range(30)]
    assert trees != [made(program, version, number, 8) for number in range(30)]


def test_most_trees_are_no_situation_of_the_tables() -> None:
    trees = [made("unbound", "1.17.1", number, 7) for number in range(100)]

    assert len({str(tree) for tree in trees}) > 90


def test_every_variation_changes_a_text_and_spares_who_is_asked() -> None:
    text = "server:\n    module-config: \"validator\"\n    Trust: 'x'; y { yes\n"
    text += f"  {'AwEAAa+/' * 9}\n"

    for vary in VARIATIONS:
        assert any(vary(text, Random(seed)) != text for seed in range(50)), vary
    assert is_kept("server=9.9.9.9")
    assert not is_kept("dnssec: GETDNS_EXTENSION_TRUE")


@pytest.mark.parametrize("program", ["unbound", "named", "kresd", "kresctl", "dnsmasq"])
def test_states_come_in_many_shapes(program: str) -> None:
    assert len({state_text(program, Random(seed)) for seed in range(100)}) > 50


def test_a_long_text_is_still_of_its_program() -> None:
    assert grown("server:\n").count("local-zone") == grown("no-resolv\n").count("address=") > 10_000


def test_zone_texts_come_in_many_shapes() -> None:
    assert len({zone_text(Random(seed)) for seed in range(100)}) > 80


def test_a_smaller_tree_lacks_a_line_or_a_file() -> None:
    tree = made("unbound", "1.17.1", 3, 7)

    assert all(
        sum(map(len, one.files.values())) < sum(map(len, tree.files.values()))
        or len(one.files) < len(tree.files)
        for one in without_line(tree)
    )


@pytest.mark.parametrize(
    "seen",
    [
        "does not start",
        "holds A, validates",
        "holds A B, does not validate",
        "holds A B, refuses every name",
        "holds A B, validates on request",
    ],
)
def test_a_promise_that_is_not_kept_is_told(seen: str) -> None:
    assert difference(_RIGHT, seen, "B") == f"promises: {seen}"
    assert difference(_RIGHT, "holds A B, validates", "B") is None


def test_a_promise_to_those_who_ask_is_kept_where_they_are_answered() -> None:
    seen = "holds A B, validates on request"
    some = _RIGHT._replace(outcome=Outcome.ATTENTION, for_some=True)

    assert difference(some, seen, "B") is None
    assert difference(some._replace(for_some=False), seen, "B") == f"promises: {seen}"


def test_a_difference_is_told_before_the_time_of_its_tree_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]

    def slow(*_: object) -> compare._Difference:
        clock[0] += 30
        return compare._Difference("promises: does not start", "")

    monkeypatch.setattr(compare, "version_in", lambda *_: "1.17.1")
    monkeypatch.setattr(compare, "_said", lambda *_: _RIGHT)
    monkeypatch.setattr(compare, "_difference", slow)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    task = compare.Task("unbound", Path("/"), 3, 7)

    assert "does not start" in compare.compared(task, Network(0)).words
    assert clock[0] < compare._SECONDS / 2


def test_a_fault_that_is_none_is_told() -> None:
    fails = _RIGHT._replace(outcome=Outcome.FAILS, starts=False, words="because")

    assert difference(fails, "holds A B, validates", "B") == "fails (because): holds A B, validates"
    assert difference(fails, "does not start", "B") is None
    assert difference(fails._replace(starts=None), "holds A B, validates", "B") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to the users of a tree")
def test_the_keys_are_published_and_b_signs_the_root() -> None:
    keys = published()

    assert [key.name for key in keys.current] == ["A", "B"]
    assert [signer.key.name for signer in keys.now] == ["B"]


def test_a_setting_stands_where_it_belongs() -> None:
    setting = Setting("options {", "recursion no;", "};")

    assert setting.added_to("options { a; };\n") == "options {\nrecursion no;\n a; };\n"
    assert setting.added_to("zone x;\n") == "zone x;\noptions {\nrecursion no;\n};\n"
    assert Setting("", "dnssec").added_to("x\n") == "x\ndnssec\n"


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_settings_of_the_manual_are_drawn(program: str) -> None:
    version = _VERSIONS.get(program, "1")
    texts = [
        (path, content.decode("utf-8", "surrogateescape"))
        for number in range(200)
        for path, content in made(program, version, number, 7).files.items()
    ]

    drawn = {
        setting
        for path, text in texts
        for setting in SETTINGS.get(path, ())
        if setting.body in text and len(setting.body) > 10
    }
    assert len(drawn) > 5


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_every_form_is_drawn_in_many_ways_with_nothing_left_to_chance(program: str) -> None:
    shapes = shapes_of(program, _VERSIONS.get(program, "1"))

    assert shapes
    for shape in shapes:
        trees = [shape.drawn(Random(seed)) for seed in range(20)]
        texts = {
            text for tree in trees for path in tree.files for text in (path, str(tree.files[path]))
        }
        assert len({str(tree) for tree in trees}) > 2, shape.name
        assert not any(re.search("[⟦⟧]|@(?:text|made|[ABC]):|%home%|%key%", one) for one in texts)
