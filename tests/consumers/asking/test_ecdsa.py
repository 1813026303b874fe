"""What asking says of real resolvers while the root rolls from RSA to ECDSA."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from anchors.consumers.bench import find_program
from anchors.consumers.query import Endpoint
from anchors.proving.lab import Lab
from tests.consumers.asking.resolvers import PROGRAMS
from tests.consumers.asking.root import rolling
from tests.consumers.asking.test_stories import (
    BY_TAG,
    BY_USE,
    FAILS,
    NOT,
    NOTHING,
    SENTINEL,
    Told,
    beside,
    need,
)
from tests.consumers.conftest import FOLDERS
from tests.lab.phases import PHASES


@pytest.fixture(scope="module")
def told(lab_to_come: Lab, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A publication of an RSA key and of the ECDSA key."""
    place = tmp_path_factory.mktemp("asked")
    keys = (lab_to_come.keys[0], lab_to_come.keys[-1])
    return Told(lab_to_come, replace(lab_to_come.publish(keys, place), dns="none"))


@pytest.fixture(scope="module")
def roots(lab_to_come: Lab) -> Iterator[Mapping[str, Endpoint]]:
    """A root in each phase that is not one of a single algorithm."""
    with contextlib.ExitStack() as stack:
        yield {
            phase.name: stack.enter_context(rolling(lab_to_come, phase)).endpoint
            for phase in PHASES[1:-1]
        }


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each program: the installed one, or else the one that is unpacked."""
    name: str = request.param
    if find_program(PROGRAMS[name].needs) is None:
        folders = ":".join(map(str, FOLDERS))
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{folders}")
    need(name)
    return name


def test_what_every_program_does_while_the_algorithm_rolls(
    program: str, told: Told, roots: Mapping[str, Endpoint]
) -> None:
    tells = program in SENTINEL
    tag, no = (BY_TAG, NOT) if tells else (NOTHING, NOTHING)
    # named forgets a key that revokes itself.
    revoked = NOT if program == "named" else tag
    for phase, anchors, expected in (
        ("published", told.both, ("yes", BY_USE, tag)),
        ("signatures before keys", told.both, ("yes", BY_USE, tag)),
        # A signature whose key is not there proves nothing.
        ("signatures before keys", (told.new,), (FAILS, FAILS, NOTHING)),
        # Each chain holds by itself, so neither is proven by use.
        ("both sign", (told.old,), ("yes", tag, no)),
        ("both sign", (told.new,), ("yes", no, tag)),
        ("the old key revoked", told.both, ("yes", revoked, BY_USE)),
    ):
        with beside(program, roots[phase], anchors) as here:
            said = told.words(here)
        if (program, phase) == ("resolved", "both sign") and BY_USE in said:
            # It may hand over no signature but the one that it has used, which proves that key.
            used = {told.old: ("yes", BY_USE, NOTHING), told.new: ("yes", NOTHING, BY_USE)}
            assert said == used[anchors[0]]
        else:
            assert (phase, anchors, said) == (phase, anchors, expected)
