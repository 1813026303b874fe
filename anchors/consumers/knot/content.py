"""What Knot Resolver's Lua and YAML hold, for a proof."""

from __future__ import annotations

from collections.abc import Sequence

from anchors.consumers.knot.keyset import read_keyset
from anchors.consumers.knot.steps import Add, Step, lua_steps, yaml_steps
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.grammars.lua import parse_lua
from anchors.grammars.yaml import load_yaml

__all__ = ["lua_content", "yaml_content"]

_ADD = "trust_anchors.add"


def lua_content(data: bytes) -> FoundAnchors:
    """The anchors of the last ``trust_anchors.add``, and all other calls.

    Raises:
        MalformedAnchors: not Lua, or Knot Resolver does not start with it.
    """
    others = [call.name for call in parse_lua(data).calls if call.name != _ADD]
    return _content(lua_steps(data), others)


def yaml_content(data: bytes) -> FoundAnchors:
    """The anchors of the last item of ``dnssec: trust-anchors``, and all other keys.

    Raises:
        MalformedAnchors: not YAML, or Knot Resolver does not start with it.
        UsageError: PyYAML is not installed.
    """
    document = load_yaml(data)
    section = document.get("dnssec") if isinstance(document, dict) else None
    keys = [*(document if isinstance(document, dict) else ())]
    keys += [*(section if isinstance(section, dict) else ())]
    others = [str(key) for key in keys if key not in {"dnssec", "trust-anchors"}]
    return _content(yaml_steps(document), others)


def _content(steps: Sequence[Step], others: Sequence[str]) -> FoundAnchors:
    anchors: tuple[FoundAnchor, ...] = ()
    besides = list(others)
    for step in steps:
        if not isinstance(step, Add):
            besides.append(getattr(step, "statement", type(step).__name__))
            continue
        keyset = read_keyset(step.records.encode("utf-8", "surrogateescape"))
        if keyset.refusal:
            raise MalformedAnchors(f"line {step.line}: {keyset.refusal}")
        own = [key for key in keyset.keys if key.owner == "."]
        besides += [f"keys of {key.owner}" for key in keyset.keys if key.owner != "."]
        if own:
            anchors = tuple(key.anchor._replace(statement=step.statement) for key in own)
    return FoundAnchors(anchors, tuple(dict.fromkeys(besides)))
