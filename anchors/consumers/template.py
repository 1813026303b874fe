"""Templates of configurations (Jinja, ERB, EPP, Go): what they are, and what is always in them."""

from __future__ import annotations

import re

__all__ = ["is_template", "text_without_tags"]

# A name or a Go field in double braces: nested tables of Lua have a string or a number there.
_EXPRESSION = rb"<%=[^\n]*?%>|\{\{[-~ \t]*[A-Za-z_.$@][^{}\n]*\}\}"
_STATEMENT = re.compile(
    rb"\{%[^\n]*?%\}|<%(?!=)[^\n]*?%>"
    rb"|\{\{-?[ \t]*(?:if|range|with|else|end|define|block|template|include)\b[^{}\n]*\}\}"
)
_MARK = re.compile(rb"\{%|<%|" + _EXPRESSION)
# The value of an option, behind its name.
_VALUE = re.compile(rb"(?m)^([ \t]*[a-z][a-z0-9-]*:[^\n]*?)(?:" + _EXPRESSION + rb")")
_FILLED = rb"\1filled-in"
_MAX_ON_A_LINE = 8


def is_template(content: bytes) -> bool:
    """Whether a configuration is one only after somebody has filled it in."""
    return _MARK.search(content) is not None


def text_without_tags(content: bytes, doubtful: re.Pattern[bytes]) -> bytes | None:
    """The lines that a template of ``name: value`` options always makes, with their numbers.

    Args:
        content: the template.
        doubtful: what must not depend on what is filled in.

    Returns:
        The lines, a word in place of each value that is filled in; ``None`` where anything doubtful
        stands between statements of the template, or is filled in.
    """
    tags = [*_STATEMENT.finditer(content)]
    kept = content
    if tags:
        first, last = tags[0].start(), tags[-1].end()
        between = content[first:last]
        if doubtful.search(between) or re.search(rb"include|extends|import|template", between):
            return None
        kept = content[:first] + b"\n" * between.count(b"\n") + content[last:]
    for _ in range(_MAX_ON_A_LINE):
        for found in _VALUE.finditer(kept):
            if doubtful.search(found[0]):
                return None
        kept = _VALUE.sub(_FILLED, kept)
    return None if is_template(kept) else kept
