"""What two visits to one site say about its hairs: which are the same, and by how much their number changed."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from station.matching.register import Registration
from station.values import Interval

VERSION = "1"
"""Of the method: a comparison made by another version is made anew."""


class HairState(enum.StrEnum):
    """Of a hair or a follicular unit between two visits."""

    KEPT = "kept"
    LOST = "lost"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class MatchedHair:
    """One hair, in mm on the plane of the baseline's first photograph.

    unit: row of its unit in the comparison; confidence: probability of the state; diameters: means over the photographs
    of each visit, None where not resolved.
    """

    x_mm: float
    y_mm: float
    unit: int
    state: HairState
    confidence: float
    diameter_before_um: float | None
    diameter_after_um: float | None


@dataclass(frozen=True, slots=True)
class MatchedUnit:
    """One follicular unit: the mean place of its hairs, and how many stood there at each visit."""

    x_mm: float
    y_mm: float
    hairs_before: int
    hairs_after: int

    @property
    def state(self) -> HairState:
        """Lost and new are units of which no hair is left, or none was there."""
        if not self.hairs_after:
            return HairState.LOST
        return HairState.KEPT if self.hairs_before else HairState.NEW


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a density inside the overlap. before_per_cm2: counted at the first visit; percent: of it; interval:
    of percent, at 95 %; sd_log: standard error of the logarithm of the ratio."""

    before_per_cm2: float
    percent: float
    interval: Interval
    sd_log: float

    @property
    def per_cm2(self) -> float:
        """The change as a density."""
        return self.before_per_cm2 * self.percent / 100


@dataclass(frozen=True, slots=True)
class CalibreChange:
    """Mean change of diameter over the kept hairs that were resolved at both visits; interval: 95 %."""

    mean_um: float
    interval: Interval
    hairs: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two visits to a site. before, after: for each photograph, how it lies on the baseline's first (which lies on
    itself); those that were not accepted say nothing. hairs: those seen well enough to be named; doubtful: points that
    were not; hair, fu, calibre: None where nothing can be compared, and reason then says why (a key of the texts)."""

    before: tuple[Registration, ...]
    after: tuple[Registration, ...]
    hairs: tuple[MatchedHair, ...] = ()
    units: tuple[MatchedUnit, ...] = ()
    doubtful: int = 0
    overlap: float = 0.0
    overlap_cm2: float = 0.0
    hair: Changed | None = None
    fu: Changed | None = None
    calibre: CalibreChange | None = None
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """The two visits show the same place, and enough of it."""
        return self.hair is not None

    @property
    def residual_mm(self) -> float:
        """Root mean square distance of matched hairs, the largest of the later photographs."""
        return max((each.residual_mm for each in self.after if each.accepted), default=float("nan"))

    def count(self, state: HairState) -> int:
        """Hairs of a state."""
        return sum(hair.state is state for hair in self.hairs)


def rejected(before: Sequence[Registration], after: Sequence[Registration], reason: str) -> Comparison:
    """A comparison that says nothing, and why."""
    return Comparison(tuple(before), tuple(after), reason=reason)
