"""Renderers of every result; they know no clock, path or terminal."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anchors.pipeline.report import Report

__all__ = ["renderer"]


def renderer(name: str) -> Callable[[Report], str]:
    """The renderer ``json``, ``markdown`` or ``html``; each is loaded only if asked for."""
    render: Callable[..., str] = import_module(f"anchors.report.{name}").render
    if name == "json":
        return render
    from anchors.report.verification import document  # noqa: PLC0415 - as above

    return lambda report: render(document(report))
