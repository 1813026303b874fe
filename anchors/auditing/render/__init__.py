"""The audit for people and programs: renderers of one Audit object."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from anchors.auditing.result import Audit

__all__ = ["renderer"]


def renderer(name: str) -> Callable[[Audit], str]:
    """The renderer ``json``, ``markdown``, ``html`` or ``sarif``; loaded only if asked for."""
    render: Callable[[Audit], str] = import_module(f"anchors.auditing.render.{name}").render
    return render
