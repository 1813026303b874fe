"""The audit for people and programs: renderers of one Audit object."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from anchors.auditing.result import Audit

__all__ = ["renderer"]

# The forms for people, and whether they tell everything: a page folds it.
_FOR_PEOPLE = {"markdown": False, "html": True}


def renderer(name: str) -> Callable[[Audit], str]:
    """The renderer ``json``, ``markdown``, ``html`` or ``sarif``; loaded only if asked for."""
    if name not in _FOR_PEOPLE:
        render: Callable[[Audit], str] = import_module(f"anchors.report.audit.{name}").render
        return render
    from anchors.report.audit.document import Extent, document  # noqa: PLC0415 - as it says

    as_form = import_module(f"anchors.report.{name}").render
    extent = Extent(everything=_FOR_PEOPLE[name], is_folded=_FOR_PEOPLE[name])
    return lambda audit: str(as_form(document(audit, extent)))
