"""What PowerDNS Recursor's Lua and YAML hold, for a proof."""

from __future__ import annotations

from collections.abc import Sequence

from anchors.consumers.pdns.anchor_file import ds_anchor
from anchors.consumers.pdns.documents import of_document
from anchors.consumers.pdns.steps import Add, Clear, Step, lua_steps
from anchors.core.found import FoundAnchor, FoundAnchors
from anchors.grammars.lua import parse_lua
from anchors.grammars.yaml import load_yaml

__all__ = ["lua_content", "yaml_content"]

_CALLS = frozenset({"addTA", "clearTA"})
_KEYS = frozenset({"dnssec", "trustanchors", "name", "dsrecords"})


def lua_content(data: bytes) -> FoundAnchors:
    """The anchors that are there when all of it was done, and all other calls.

    Raises:
        MalformedAnchors: not Lua, or the recursor does not start with it.
    """
    others = [call.name for call in parse_lua(data).calls if call.name not in _CALLS]
    return _content(lua_steps(data), others)


def yaml_content(data: bytes) -> FoundAnchors:
    """The root's entries of ``dnssec: trustanchors``, and all other keys.

    Raises:
        MalformedAnchors: not YAML, or the recursor does not start with it.
        UsageError: PyYAML is not installed.
    """
    document = load_yaml(data)
    steps = [step for _, step in of_document(document).steps]
    return _content(steps, [key for key in _keys_of(document) if key not in _KEYS])


def _keys_of(value: object) -> list[str]:
    """Every key of nested mappings and lists."""
    if isinstance(value, list):
        return [key for item in value for key in _keys_of(item)]
    if not isinstance(value, dict):
        return []
    inner = [key for item in value.values() for key in _keys_of(item)]
    return [*map(str, value), *inner]


def _content(steps: Sequence[Step], others: Sequence[str]) -> FoundAnchors:
    anchors: list[FoundAnchor] = []
    besides = list(others)
    for step in steps:
        if isinstance(step, Add):
            anchors.append(ds_anchor(step.rdata, step.statement))
        elif isinstance(step, Clear):
            anchors.clear()
        else:
            besides.append(getattr(step, "statement", type(step).__name__))
    return FoundAnchors(tuple(anchors), tuple(dict.fromkeys(besides)))
