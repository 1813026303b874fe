"""Reading the YAML that some consumers are configured with."""

from __future__ import annotations

from collections.abc import Iterator

from anchors.checks import Check
from anchors.errors import UsageError
from anchors.formats.found import MalformedAnchors

__all__ = ["items_at", "load_yaml", "strings_at"]


def load_yaml(data: bytes) -> object:
    """The content of a YAML document, with plain types only.

    Raises:
        MalformedAnchors: not YAML.
        UsageError: PyYAML, the optional extra ``yaml``, is not installed.
    """
    try:
        import yaml  # noqa: PLC0415 - an optional extra, for reading YAML only
    except ImportError as error:
        raise UsageError(
            Check.USAGE,
            "reading YAML needs PyYAML",
            got=str(error),
            want="the optional extra yaml",
            remedy="install root-anchors[yaml], or Debian's python3-yaml",
        ) from error
    try:
        # Aliases, which nobody needs for anchors, can make a short file very long.
        has_alias = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data))
        content: object = None if has_alias else yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        message = f"not YAML: {type(error).__name__}: {error}"
        raise MalformedAnchors(message) from error
    if has_alias:
        message = "it has an alias"
        raise MalformedAnchors(message)
    return content


def items_at(content: object, *path: str) -> list[object]:
    """The list that lies at ``path`` in nested mappings, or an empty one."""
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, list) else []


def strings_at(content: object, *path: str) -> Iterator[str]:
    """The strings of the list at ``path``."""
    return (item for item in items_at(content, *path) if isinstance(item, str))
