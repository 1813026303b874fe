"""The tables of facts that modules of the package have taken into their own names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import anchors

__all__ = ["modules_with"]


def modules_with(name: str) -> Iterator[Any]:
    """Every module of the package that has this table."""
    for found in pkgutil.walk_packages(anchors.__path__, "anchors."):
        if found.name != "anchors.__main__":
            module = importlib.import_module(found.name)
            if hasattr(module, name):
                yield module
