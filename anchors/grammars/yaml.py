"""Reading the YAML that some consumers are configured with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.found import MalformedAnchors

if TYPE_CHECKING:
    import yaml

__all__ = [
    "MAX_BRACKETS",
    "MAX_YAML",
    "TOO_LARGE",
    "Override",
    "Scalar",
    "is_too_large",
    "load_yaml",
]

# As much in short lines takes PyYAML some ten seconds; real configurations are a tenth of it.
MAX_YAML = 1 << 18
# It takes longer the deeper they are nested.
MAX_BRACKETS = 1000
TOO_LARGE = f"YAML of more than {MAX_YAML} bytes or {MAX_BRACKETS} brackets is not read"


class Override(list[object]):
    """A list with the tag ``!override``, which some programs know."""


class Scalar(str):
    """A string of a YAML document that knows its ``line``, which counts from 1.

    ``is_plain``: it stands there without quotes, and is no block.
    """

    __slots__ = ("is_plain", "line")

    is_plain: bool
    line: int


def is_too_large(data: bytes) -> bool:
    """Whether a document is longer than ``MAX_YAML``, or has more than ``MAX_BRACKETS``."""
    return len(data) > MAX_YAML or sum(map(data.count, (b"{", b"["))) > MAX_BRACKETS


class _TwiceError(ValueError):
    """A key stands twice in a mapping."""


def load_yaml(data: bytes, *, is_typed: bool = True) -> object:
    """The content of a YAML document, with plain types only; its strings know their lines.

    Args:
        data: the document.
        is_typed: a plain ``1`` is a number, as YAML has it; else it is a string as all others.

    Raises:
        MalformedAnchors: not YAML, or a key stands twice in a mapping; or YAML that is not read
            here: larger than ``MAX_YAML``, of more than ``MAX_BRACKETS``, or with an alias.
        UsageError: PyYAML, the optional extra ``yaml``, is not installed.
    """
    if is_too_large(data):
        raise MalformedAnchors(TOO_LARGE)
    try:
        import yaml  # noqa: PLC0415 - an optional extra, for reading YAML only
    except ImportError as error:
        raise UsageError(
            Check.USAGE,
            "PyYAML is needed to read YAML files",
            got=str(error),
            want="the optional extra yaml",
            remedy="install root-anchors[yaml], or Debian's python3-yaml",
        ) from error

    try:
        content: object = yaml.load(data, _loader(is_typed=is_typed))  # noqa: S506 - a SafeLoader
    except MalformedAnchors:
        raise
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise MalformedAnchors(_no_yaml(error)) from error
    return content


def _no_yaml(error: Exception) -> str:
    """Why it is no YAML, in the words of YAML's grammar, which all its parsers have."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is not None and problem:
        return f"not YAML: line {mark.line + 1}: {problem}"
    if isinstance(error, _TwiceError):
        return f"not YAML: {error}"
    return "not YAML: a value or a character is not allowed"


def _loader(*, is_typed: bool) -> type[yaml.SafeLoader]:
    """The loader of PyYAML that is used here; a function, for PyYAML may not be installed."""
    import yaml  # noqa: PLC0415 - an optional extra, for reading YAML only

    class Loader(yaml.SafeLoader):
        """Strings with their lines, no aliases, and no key twice."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            # Aliases, which nobody needs for anchors, can make a short file very long.
            if self.check_event(yaml.AliasEvent):
                message = "not read: it has an alias"
                raise MalformedAnchors(message)
            return super().compose_node(parent, index)

        def construct_mapping(
            self,
            node: yaml.MappingNode,
            deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's own
        ) -> dict[object, object]:
            mapping = super().construct_mapping(node, deep=deep)
            if len(mapping) < len(node.value):
                message = f"line {node.start_mark.line + 1}: a mapping has the same key twice"
                raise _TwiceError(message)
            return mapping

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            # No program that is known here takes merge keys.
            if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
                raise MalformedAnchors("not read: it has a merge key")

    def override(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> Override:
        return Override(loader.construct_sequence(node, deep=True))

    if not is_typed:
        Loader.yaml_implicit_resolvers = {}
    Loader.add_constructor("tag:yaml.org,2002:str", _scalar)
    Loader.add_constructor("!override", override)
    return Loader


def _scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Scalar:
    text = loader.construct_scalar(node)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise MalformedAnchors("not read: a lone surrogate")
    scalar = Scalar(text)
    scalar.is_plain = not node.style
    scalar.line = node.start_mark.line + 1
    # The text of a block begins below its mark.
    scalar.line += node.style in {"|", ">"}
    return scalar
