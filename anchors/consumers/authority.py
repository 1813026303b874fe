"""A name server that serves the lab's root zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from anchors.consumers.bench import Bench
from anchors.consumers.query import Endpoint

__all__ = ["Authority"]


class Authority(NamedTuple):
    """How a program serves a zone.

    Attributes:
        program: its name.
        package: the Debian package that has it.
        configure: writes the configuration that serves the bench's file as the root zone, and
            returns the arguments that keep the program in the foreground.
    """

    program: str
    package: str
    configure: Callable[[Bench, Endpoint], list[str]]
