"""When a blood value has changed by more than it varies anyway (domain reference 2.3).

RCV% = 1.96 x sqrt(2) x sqrt(CVa² + CVi²) (Fraser & Harris 1989). Two laboratories or methods differ by 20 % and more,
so that results are compared only within one.
"""

from __future__ import annotations

import enum
import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from station.entries import LabEntry
from station.labs.interval import interval

Z95 = 1.96
"""As Fraser and Harris print it."""


class LabChange(enum.StrEnum):
    """How the difference between two results compares with what varies within a person."""

    BEYOND = "beyond"
    WITHIN = "within"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class ChangeLimits:
    """Changes of at most so many per cent of the earlier value are within the variation. studies: how many were found,
    of which this is the one with the larger limits."""

    fall_percent: float
    rise_percent: float
    source: str
    studies: int


def rcv_percent(cva: float, cvi: float) -> float:
    """Reference change value in per cent of the variation of the method and within a person, in per cent."""
    return Z95 * math.sqrt(2) * math.hypot(cva, cvi)


def change_limits(analyte: str) -> ChangeLimits | None:
    """The limits of an analyte; None where domain reference 2.3 has none."""
    return _limits().get(analyte)


def segment(entry: LabEntry) -> tuple[str, str]:
    """What results must share to be compared: laboratory and method, as they are written but for case and spaces."""
    laboratory, method = (" ".join(text.split()).casefold() for text in (entry.laboratory, entry.method))
    return laboratory, method


def changed(earlier: LabEntry, later: LabEntry) -> LabChange:
    """Whether a result differs from an earlier one by more than the variation.

    It cannot be told across laboratories or methods, where the laboratory is not named, without limits for the analyte,
    and where the intervals of the results leave both open.
    """
    limits = change_limits(later.analyte)
    if limits is None or earlier.analyte != later.analyte:
        return LabChange.CANNOT_TELL
    laboratory, _method = segment(later)
    before, after = interval(earlier, earlier.unit), interval(later, earlier.unit)
    if not laboratory or segment(earlier) != segment(later) or before is None or after is None or before.high == 0:
        return LabChange.CANNOT_TELL
    least = 100 * (after.low / before.high - 1)
    most = 100 * (after.high / before.low - 1) if before.low else math.inf
    if least > limits.rise_percent or most < -limits.fall_percent:
        return LabChange.BEYOND
    inside = -limits.fall_percent <= least and most <= limits.rise_percent
    return LabChange.WITHIN if inside else LabChange.CANNOT_TELL


@functools.cache
def _limits() -> Mapping[str, ChangeLimits]:
    data = tomllib.loads(resources.files(__package__).joinpath("variation.toml").read_text(encoding="utf-8"))
    found = {
        row["analyte"]: ChangeLimits(**{k: v for k, v in row.items() if k != "analyte"}, studies=1)
        for row in data["printed"]
    }
    for analyte in {row["analyte"] for row in data["studies"]}:
        rows = [row for row in data["studies"] if row["analyte"] == analyte]
        largest = max(rows, key=lambda row: rcv_percent(row["cva"], row["cvi"]))
        rcv = rcv_percent(largest["cva"], largest["cvi"])
        found[analyte] = ChangeLimits(rcv, rcv, largest["source"], len(rows))
    return found
