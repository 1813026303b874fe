"""What the results of all rooms have for those who call them from Python."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TypeVar

__all__ = ["as_json", "renamed"]

T = TypeVar("T")


def as_json(renderer: str, result: object) -> str:
    """A result as its report for programs; what renders is of a later room, and loaded by name."""
    return str(import_module(renderer).render(result))


def renamed(value: T, old: str, new: str) -> T:
    """The value of an attribute by the name that it had; that goes with the next minor version.

    Args:
        value: the value.
        old: the name that it had, behind that of its class.
        new: the name that it has.
    """
    warnings.warn(f"{old} is now {new}", DeprecationWarning, stacklevel=3)
    return value
