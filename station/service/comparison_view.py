"""Two visits of a site side by side: registered photographs, the same hairs, and the change between them.

Everything lies on the plane of the baseline's first photograph; pixels are those of its full size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from station.service.as_data import as_data
from station.trends.sentences import Sentence
from station.values import Interval

KEPT, LOST, NEW, CHANGED = "kept", "lost", "new", "changed"
CLASSES = (KEPT, LOST, NEW, CHANGED)
"""What is drawn: hairs that were found again, not found again, new ones, and units whose number of hairs changed."""


@dataclass(frozen=True, slots=True)
class ComparedVisit:
    """One of the two visits. capture_id, width_px, height_px, px_per_mm: of the photograph that is shown."""

    number: int
    date: dt.date
    capture_id: int
    width_px: int
    height_px: int
    px_per_mm: float


@dataclass(frozen=True, slots=True)
class ComparedHair:
    """A hair of one visit or of both. state: `KEPT`, `LOST` or `NEW`; confidence: 0 to 1 that it is in that state."""

    x_px: float
    y_px: float
    x_mm: float
    y_mm: float
    state: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ComparedUnit:
    """A follicular unit with its number of hairs at both visits; 0: it was not there."""

    x_px: float
    y_px: float
    x_mm: float
    y_mm: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class MatchedChange:
    """The change of a density in the overlap, told by the same hairs, with its interval; percent: of `before`."""

    before_per_cm2: float
    change_per_cm2: float
    interval: Interval
    percent: float
    percent_interval: Interval


@dataclass(frozen=True, slots=True)
class ChangeMap:
    """Local change per cm2 on a grid over the baseline's photograph, from its top left corner; None where the two did
    not both see the skin. limit_hairs, limit_fu: end of the colour scales at both sides of 0."""

    pitch_mm: float
    smoothing_mm: float
    hairs: tuple[tuple[float | None, ...], ...]
    fu: tuple[tuple[float | None, ...], ...]
    limit_hairs: float
    limit_fu: float


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A pair of visits of a site. reason: why they cannot be compared; then there are no points, no map and no change.

    overlap, overlap_cm2: share of the first photograph, and area, in which both visits could count hairs; residual_mm:
    how far matched hairs lie apart after registration (root mean square); doubtful: points that were seen too seldom
    to be named; sentences: the change in words."""

    site: str
    name: str
    before: ComparedVisit | None
    after: ComparedVisit | None
    reason: Sentence | None = None
    overlap: float = 0.0
    overlap_cm2: float = 0.0
    residual_mm: float = 0.0
    hairs_change: MatchedChange | None = None
    fu_change: MatchedChange | None = None
    hairs: tuple[ComparedHair, ...] = ()
    units: tuple[ComparedUnit, ...] = ()
    doubtful: int = 0
    map: ChangeMap | None = None
    sentences: tuple[Sentence, ...] = ()

    @property
    def changed_units(self) -> tuple[ComparedUnit, ...]:
        """Units that are there at both visits with another number of hairs."""
        return tuple(unit for unit in self.units if unit.before and unit.after and unit.before != unit.after)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each of `CLASSES`."""
        found = {state: sum(hair.state == state for hair in self.hairs) for state in (KEPT, LOST, NEW)}
        return {**found, CHANGED: len(self.changed_units)}


def payload(view: ComparisonView, *, language: str = "en", interpretation: bool = True) -> dict[str, Any]:
    """The view for JSON, with `accepted` and `counts`."""
    found: dict[str, Any] = as_data(view, language=language, interpretation=interpretation)
    return {**found, "accepted": view.reason is None, "counts": dict(view.counts)}
