"""What a printed result stands for: an interval with open or closed ends, in any unit of its analyte.

`<150` is [0, 150): never 150 and never 75 (domain reference 2.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from station.entries import LabEntry
from station.labs.units import convert

ROUNDING = 1e-14
"""Relative: what a conversion there and back may add to a double. A typed 199.9999999 stays below 200."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From low to high, 0 and infinity where the text names no end; an end is open where it is itself left out."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def above(self, edge: float, *, inclusive: bool) -> bool:
        """Whether all of it lies above an edge; inclusive: a value on the edge counts as above."""
        return self.low > edge or (self.low == edge and (inclusive or self.low_open))

    def below(self, edge: float, *, inclusive: bool) -> bool:
        """Whether all of it lies below an edge; inclusive: a value on the edge counts as below."""
        return self.high < edge or (self.high == edge and (inclusive or self.high_open))

    def snapped(self, edge: float) -> Interval:
        """With ends that differ from an edge by no more than the rounding of a conversion put on it."""
        low, high = (edge if math.isclose(end, edge, rel_tol=ROUNDING) else end for end in (self.low, self.high))
        return Interval(low, high, self.low_open, self.high_open)


def interval(entry: LabEntry, unit: str) -> Interval | None:
    """The interval of a result in a unit (UCUM); None where no number could be read."""
    if entry.low is None and entry.high is None:
        return None
    low = 0.0 if entry.low is None else in_unit(entry, entry.low, unit)
    high = math.inf if entry.high is None else in_unit(entry, entry.high, unit)
    return Interval(low, high, entry.comparator == ">", entry.comparator == "<")


def in_unit(entry: LabEntry, value: float, unit: str) -> float:
    """A value in the unit of a result, in another one: untouched by rounding where they are the same."""
    return value if unit == entry.unit else convert(entry.analyte, value, entry.unit, unit)
