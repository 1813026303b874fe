"""The exposition format, read back strictly, for the tests of what writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["Exposed", "exposed"]

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z0-9_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?\d+)')
_LABEL = re.compile(r'([a-z0-9_]+)="((?:[^"\\\n]|\\[\\"n])*)"')
_UNESCAPED: Mapping[str, str] = MappingProxyType({"\\\\": "\\", '\\"': '"', "\\n": "\n"})


class Exposed(NamedTuple):
    """One series: ``labels`` with their escapes undone."""

    name: str
    labels: dict[str, str]
    value: int


def exposed(text: str) -> list[Exposed]:
    """Every series, in order; asserts that nothing else is in the text, and nothing twice."""
    found: list[Exposed] = []
    head: list[str] = []
    *lines, last = text.splitlines()
    assert last == "# EOF"
    assert text.endswith("\n")
    for line in lines:
        if line.startswith("# "):
            _, kind, name, told = line.split(" ", 3)
            assert told
            head = [name] if kind == "HELP" else [*head, kind, name, told]
            assert kind == "HELP" or head == [name, "TYPE", name, "gauge"]
            assert kind != "HELP" or name not in {one.name for one in found}
            continue
        match = _SAMPLE.fullmatch(line)
        assert match, line
        assert head == [match[1], "TYPE", match[1], "gauge"]
        labels = {
            name: re.sub(r"\\.", lambda pair: _UNESCAPED[pair[0]], value)
            for name, value in _LABEL.findall(match[2] or "")
        }
        found.append(Exposed(match[1], labels, int(match[3])))
    assert len({(one.name, *sorted(one.labels.items())) for one in found}) == len(found)
    return found
