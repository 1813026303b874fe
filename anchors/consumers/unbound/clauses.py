"""Options of an unbound.conf with where they stand, and the clauses that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from anchors.consumers.files import Location

__all__ = ["At", "Clause"]


class At(NamedTuple):
    """An option, and the file that it stands in."""

    location: Location
    line: int
    value: str


class Clause(NamedTuple):
    """A clause about a zone, or a view; ``rows``: its options by their names."""

    name: str
    at: At
    rows: list[tuple[str, At]]

    @property
    def options(self) -> Mapping[str, At]:
        """The last of each name."""
        return dict(self.rows)

    @property
    def zone(self) -> str:
        """The name of the zone."""
        return self.options["name"].value if "name" in self.options else ""

    def has(self, name: str, value: str) -> bool:
        """Whether an option has that value."""
        return name in self.options and self.options[name].value == value
