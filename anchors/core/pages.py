"""What a check means, out of the pages of the documentation that come with the package."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from anchors.core.checks import Check

__all__ = ["Meaning", "find_page", "look_up", "page_names"]

_PAGES = files("anchors") / "docs"
# Which page has the row of a check, by how its id begins; the others are steps of a verification.
_PAGE_OF = {"audit": "audit", "ask": "ask"}


class Meaning(NamedTuple):
    """What the documentation says of a check."""

    leads_to: str
    why: str
    page: str
    section: str


def page_names() -> list[str]:
    """The pages, by the names that :func:`find_page` takes."""
    return sorted(one.name.removesuffix(".md") for one in _PAGES.iterdir() if _is_page(one))


def find_page(name: str) -> Traversable | None:
    """The page of that name; ``None`` where there is none."""
    return _PAGES / f"{name}.md" if name in page_names() else None


def look_up(check: Check) -> Meaning:
    """The row of a check in the table that is about it.

    Raises:
        LookupError: the pages do not have it.
    """
    name = _PAGE_OF.get(check.id.partition(".")[0], "verification")
    section = ""
    for line in (_PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith(f"| `{check.id}` |"):
            leads_to, why = (_plain(cell) for cell in line.strip("| ").split(" | ")[3:])
            return Meaning(leads_to, why, name, section)
    raise LookupError(check.id)


def _is_page(one: Traversable) -> bool:
    return one.name.endswith(".md")


def _plain(cell: str) -> str:
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", cell.replace("`", ""))
