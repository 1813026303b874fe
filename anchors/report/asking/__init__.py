"""What asking came to, for people and programs: renderers of one Asked object."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from anchors.asking.result import Asked

__all__ = ["renderer"]


def renderer(name: str) -> Callable[[Asked], str]:
    """The renderer ``json``, ``markdown``, ``html`` or ``metrics``; loaded only if asked for."""
    if name not in {"markdown", "html"}:
        render: Callable[[Asked], str] = import_module(f"anchors.report.asking.{name}").render
        return render
    from anchors.report.asking.document import document  # noqa: PLC0415 - as it says

    as_form = import_module(f"anchors.report.{name}").render
    return lambda asked: str(as_form(document(asked)))
