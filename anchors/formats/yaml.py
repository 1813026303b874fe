"""Reading the YAML that some consumers are configured with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from anchors.checks import Check
from anchors.errors import UsageError
from anchors.formats.found import MalformedAnchors

if TYPE_CHECKING:
    import yaml

__all__ = [
    "MAX_BRACKETS",
    "MAX_YAML",
    "TOO_LARGE",
    "Scalar",
    "is_too_large",
    "items_at",
    "load_yaml",
    "strings_at",
]

# As much in short lines takes PyYAML some ten seconds; real configurations are a tenth of it.
MAX_YAML = 1 << 18
# It takes longer the deeper they are nested.
MAX_BRACKETS = 1000
TOO_LARGE = f"YAML of more than {MAX_YAML} bytes or {MAX_BRACKETS} brackets is not read"


class Scalar(str):
    """A string of a YAML document that knows its ``line``, which counts from 1."""

    __slots__ = ("line",)

    line: int


def is_too_large(data: bytes) -> bool:
    """Whether a document is longer than ``MAX_YAML``, or has more than ``MAX_BRACKETS``."""
    return len(data) > MAX_YAML or sum(map(data.count, (b"{", b"["))) > MAX_BRACKETS


def load_yaml(data: bytes) -> object:
    """The content of a YAML document, with plain types only; its strings know their lines.

    Raises:
        MalformedAnchors: not YAML, larger than ``MAX_YAML``, or of more than ``MAX_BRACKETS``.
        UsageError: PyYAML, the optional extra ``yaml``, is not installed.
    """
    if is_too_large(data):
        raise MalformedAnchors(TOO_LARGE)
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

    class Loader(yaml.SafeLoader):
        """Strings with their lines, and no aliases."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            # Aliases, which nobody needs for anchors, can make a short file very long.
            if self.check_event(yaml.AliasEvent):
                message = "it has an alias"
                raise yaml.YAMLError(message)
            return super().compose_node(parent, index)

    Loader.add_constructor("tag:yaml.org,2002:str", _scalar)
    try:
        content: object = yaml.load(data, Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        message = f"not YAML: {type(error).__name__}: {error}"
        raise MalformedAnchors(message) from error
    return content


def _scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Scalar:
    scalar = Scalar(loader.construct_scalar(node))
    scalar.line = node.start_mark.line + 1
    # The text of a block begins below its mark.
    scalar.line += node.style in {"|", ">"}
    return scalar


def items_at(content: object, *path: str) -> list[object]:
    """The list that lies at ``path`` in nested mappings, or an empty one."""
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, list) else []


def strings_at(content: object, *path: str) -> Iterator[str]:
    """The strings of the list at ``path``."""
    return (item for item in items_at(content, *path) if isinstance(item, str))
