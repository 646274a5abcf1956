"""What matching knows of a photograph: where hairs and follicular units stand, and where one would be counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from station.values import BoolMask, DensityMap, Evidence, FollicularUnit, HairRoot

Points = NDArray[np.float64]
Floats = NDArray[np.float64]

NO_HAIR_SCORE = 1.0
"""Stands in for the threshold of measurements that kept no evidence; it is compared with no score then."""


class Measured(Protocol):
    """A measurement, fresh or from the record, as far as it is needed here."""

    @property
    def hairs(self) -> tuple[HairRoot, ...]: ...
    @property
    def units(self) -> tuple[FollicularUnit, ...]: ...
    @property
    def map(self) -> DensityMap: ...
    @property
    def evidence(self) -> Evidence | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Constellation:
    """The counted hairs and units of one photograph, in mm from its top left corner.

    hairs: (N, 2); score: (N,); direction_rad: (N,) azimuth of the shaft, NaN where unknown; diameter_um: (N,), NaN
    where unknown; hair_unit: (N,) row of its unit, -1 where that lies outside; units: (M, 2); unit_hairs: (M,);
    weak: (K, 3) x, y and score of points below the threshold; countable: (rows, columns) bool, cells of pitch_mm in
    which a hair would have been counted; size_mm: width and height of the view.
    """

    hairs: Points
    score: Floats
    direction_rad: Floats
    diameter_um: Floats
    hair_unit: NDArray[np.intp]
    units: Points
    unit_hairs: NDArray[np.intp]
    weak: Floats
    threshold: float
    countable: BoolMask
    pitch_mm: float
    size_mm: tuple[float, float]

    @property
    def countable_cm2(self) -> float:
        """Area in which hairs would have been counted."""
        return float(np.count_nonzero(self.countable)) * self.pitch_mm**2 / 100

    def could_show(self, points: Points) -> BoolMask:
        """(N,) True for points (N, 2) in mm at which a hair would have been counted."""
        return cells_at(self.countable, points, self.pitch_mm)


def cells_at(grid: BoolMask, points: Points, pitch_mm: float) -> BoolMask:
    """(N,) values of a grid's cells at points (N, 2) in mm; False outside the grid."""
    rows, columns = grid.shape
    cell = np.floor(points / pitch_mm).astype(np.intp)
    inside = (cell[:, 0] >= 0) & (cell[:, 1] >= 0) & (cell[:, 0] < columns) & (cell[:, 1] < rows)
    found = np.zeros(len(points), np.bool_)
    found[inside] = grid[cell[inside, 1], cell[inside, 0]]
    return found


def constellation(measured: Measured, size_mm: tuple[float, float]) -> Constellation:
    """The constellation of a measurement of a view of size_mm (width, height).

    A measurement that kept no evidence has no weak points, and its countable area is that of its density map.
    """
    hairs = measured.hairs
    evidence = measured.evidence
    if evidence is None:
        countable = np.asarray(np.isfinite(measured.map.hairs_per_cm2))
        evidence = Evidence(np.zeros((0, 3), np.float32), NO_HAIR_SCORE, countable, measured.map.pitch_mm)
    return Constellation(
        hairs=np.array([(hair.x_mm, hair.y_mm) for hair in hairs], float).reshape(-1, 2),
        score=np.array([hair.score for hair in hairs], float),
        direction_rad=_known([hair.direction_rad for hair in hairs]),
        diameter_um=_known([hair.diameter_um for hair in hairs]),
        hair_unit=np.array([hair.unit for hair in hairs], np.intp),
        units=np.array([(unit.x_mm, unit.y_mm) for unit in measured.units], float).reshape(-1, 2),
        unit_hairs=np.array([unit.hairs for unit in measured.units], np.intp),
        weak=evidence.weak.astype(float).reshape(-1, 3),
        threshold=evidence.threshold,
        countable=evidence.countable,
        pitch_mm=evidence.pitch_mm,
        size_mm=size_mm,
    )


def _known(values: list[float | None]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], float)
