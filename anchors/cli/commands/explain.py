"""``root-anchors explain``."""

from __future__ import annotations

import argparse
import textwrap

from anchors.cli.terminal import put
from anchors.core.checks import Check
from anchors.core.errors import UsageError
from anchors.core.pages import find_page, look_up, page_names
from anchors.core.words import did_you_mean

__all__ = ["run"]

_WIDTH, _INDENT = 80, 12
_CHECKS = {check.id: check for check in Check}


def run(arguments: argparse.Namespace) -> int:
    """Print what a check means, a page of the documentation, or what there is of both."""
    name = arguments.name
    if name is None:
        width = max(map(len, _CHECKS))
        put("".join(f"{check.id:<{width}}  {check.title}\n" for check in Check))
        put(f"\n{_labelled('pages', ', '.join(page_names()))}")
    elif name in _CHECKS:
        put(_explained(_CHECKS[name]))
    else:
        put(_page(name))
    return 0


def _explained(check: Check) -> str:
    meaning = look_up(check)
    rows = {
        "why": meaning.why,
        "leads to": meaning.leads_to,
        "what to do": "what the report says behind 'do', which knows the case",
        "clause": check.reference if check.value[2] else "none, it is a check of our own",
        "page": f"root-anchors explain {meaning.page}, under {meaning.section!r}",
        "file": str(find_page(meaning.page)),
    }
    return f"{check.id}: {check.title}\n\n" + "".join(
        _labelled(label, text) for label, text in rows.items()
    )


def _labelled(label: str, text: str) -> str:
    return (
        textwrap.fill(
            text,
            width=_WIDTH,
            initial_indent=f"{label:<{_INDENT}}",
            subsequent_indent=" " * _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )


def _page(name: str) -> str:
    page = find_page(name.removesuffix(".md").removeprefix("docs/"))
    if page is None:
        near = did_you_mean(name, [*_CHECKS, *page_names()])
        raise UsageError(
            Check.USAGE,
            "no check and no page has this name",
            got=name,
            want="the id of a check, or the name of a page",
            remedy=f"{near} 'root-anchors explain' lists them".strip(),
        )
    return page.read_text(encoding="utf-8")
