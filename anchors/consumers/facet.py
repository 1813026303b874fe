"""Something of a consumer that is loaded when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Facet"]

T = TypeVar("T")


class Facet(NamedTuple, Generic[T]):
    """Something of a consumer that is loaded when it is first used.

    Attributes:
        module: where it is defined, such as ``anchors.consumers.unbound.reading``.
        name: what it is called there.
    """

    module: str
    name: str

    def load(self) -> T:
        """The thing itself."""
        loaded: T = getattr(import_module(self.module), self.name)
        return loaded
