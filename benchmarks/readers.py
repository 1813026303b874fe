"""The slowest content of 1 MiB for every reader, of all that the tests of cost know."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from anchors.consumers.consumer import Reader
from tests.unit.auditing.test_cost import AT, NAMES, READERS, UNITS, filled, took

__all__ = ["Slowest", "slowest"]

MIB = 1 << 20
# So much of each content tells which one is slow.
_SAMPLE = 1 << 12
# Linear: twice as much takes some twice as long.
_MAX_SECONDS, _MAX_GROWTH = 1.0, 3.0
# What is quicker grows as the clock ticks.
_QUICK = 0.02


class Slowest(NamedTuple):
    """The slowest content of a reader.

    Attributes:
        what: the consumer, the name of the file, and what the content repeats.
        seconds: of a processor, for 1 MiB.
        ratio: to reading a file of that size.
        growth: the seconds for 2 MiB to those.
    """

    what: str
    seconds: float
    ratio: float
    growth: float

    @property
    def is_kept(self) -> bool:
        """Whether it is under a second and linear."""
        is_linear = self.growth <= _MAX_GROWTH or self.seconds < _QUICK
        return self.seconds <= _MAX_SECONDS and is_linear


def slowest() -> Iterator[Slowest]:
    """For every reader in turn."""
    plain = _plain()
    for consumer, reader in READERS:
        tried = ((name, unit) for name in NAMES[consumer] for unit in UNITS)
        name, unit = max(tried, key=lambda one: _seconds(reader, one[0], one[1], _SAMPLE))
        once, twice = (_seconds(reader, name, unit, size) for size in (MIB, 2 * MIB))
        what = f"{consumer} as {name}: {unit[:30]!r}"
        yield Slowest(what, once, once / plain, twice / once)


def _seconds(reader: Reader, name: str, unit: str, size: int) -> float:
    # Once: what was read before may be kept.
    return took(partial(reader.read, filled(unit, size), name, AT), time.process_time)


def _plain() -> float:
    """The seconds of a processor to read 1 MiB of a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(filled("x", MIB))
        file.flush()
        path = Path(file.name)
        began = time.process_time()
        for _ in range(100):
            path.read_bytes()
        return (time.process_time() - began) / 100
