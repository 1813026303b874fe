"""The tree of errors is the one that its docstring draws."""

from __future__ import annotations

import re

import pytest

from anchors.core import errors
from anchors.core.checks import Check
from anchors.core.errors import AnchorsError, NotTrusted, Undecided, UsageError

_LINE = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>[A-Z]\w+)(?: +exit (?P<code>\d))?", re.MULTILINE)
_STEP = 4
KINDS = [getattr(errors, name) for name in errors.__all__]


def drawn() -> list[tuple[str, str, int]]:
    """Every line of the drawing below the first: name, parent, exit code."""
    _, _, drawing = (errors.__doc__ or "").partition("::\n\n")
    path: list[tuple[str, int]] = []
    found = []
    for match in _LINE.finditer(drawing):
        depth = len(match["indent"]) // _STEP - 1
        del path[depth:]
        code = int(match["code"]) if match["code"] else path[-1][1] if path else 3
        if path:
            found.append((match["name"], path[-1][0], code))
        path.append((match["name"], code if match["code"] or depth else 3))
    return found


def test_the_drawing_is_the_tree() -> None:
    tree = {(kind.__name__, kind.__base__.__name__, kind.exit_code) for kind in KINDS}
    assert set(drawn()) | {("AnchorsError", "Exception", 3)} == tree
    assert len(drawn()) == len(KINDS) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_got_wanted_and_what_to_do(kind: type[AnchorsError]) -> None:
    error = kind(Check.CMS_DER, "it is broken", got="a", want="b", remedy="mend it")
    assert str(error) == error.message == "it is broken"
    assert (error.check, error.got, error.want, error.remedy) == (
        Check.CMS_DER,
        "a",
        "b",
        "mend it",
    )


def test_got_and_want_may_be_missing_and_the_remedy_must_not() -> None:
    error = AnchorsError(Check.USAGE, "no", remedy="yes")
    assert (error.got, error.want) == (None, None)
    with pytest.raises(TypeError, match="remedy"):
        AnchorsError(Check.USAGE, "no")  # type: ignore[call-arg]


def test_each_error_has_one_verdict() -> None:
    verdicts = (UsageError, NotTrusted, Undecided)
    for kind in KINDS[1:]:
        assert sum(issubclass(kind, verdict) for verdict in verdicts) == 1
    assert [verdict.exit_code for verdict in verdicts] == [2, 1, 3]


def test_what_was_got_is_shown_up_to_a_length() -> None:
    error = UsageError(Check.USAGE, "no", got="x" * 5000, remedy="-")
    assert error.got == "x" * 1000 + "..."
    assert UsageError(Check.USAGE, "no", got="x" * 1000, remedy="-").got == "x" * 1000
