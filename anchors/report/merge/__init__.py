"""Merged reports for people and programs: renderers of one Merged object."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from anchors.auditing.merge import Merged

__all__ = ["renderer"]


def renderer(name: str) -> Callable[[Merged], str]:
    """The renderer ``json``, ``markdown`` or ``html``; loaded only if asked for."""
    if name == "json":
        render: Callable[[Merged], str] = import_module("anchors.report.merge.json").render
        return render
    from anchors.report.merge.document import document  # noqa: PLC0415 - as it says

    as_form = import_module(f"anchors.report.{name}").render
    return lambda merged: str(as_form(document(merged, most=None)))
