"""Constellations of known hairs: a site's hair roots, and photographs of it that miss some and lie somewhere else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.follicular import clusters
from station.matching.constellation import Constellation
from station.matching.transform import similarity

Floats = NDArray[np.float64]
SIZE_MM = (20.0, 15.0)


@dataclass(frozen=True)
class View:
    """Where a photograph looks: turned about its middle by turn_deg, shifted by (dx, dy) mm, scaled."""

    dx: float = 0.0
    dy: float = 0.0
    turn_deg: float = 0.0
    scale: float = 1.0

    def see(self, points: Floats) -> Floats:
        """Points (n, 2) of the site to mm of the view."""
        middle = np.array(SIZE_MM) / 2
        matrix = similarity(self.turn_deg, self.scale, middle + np.array([self.dx, self.dy]), middle)
        return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def site(seed: int, per_cm2: float = 80.0) -> Floats:
    """Hair roots (n, 2) in mm around the view at rest: units of one to three hairs on a disturbed triangular grid."""
    rng = np.random.default_rng(seed)
    step = 10.7 / np.sqrt(per_cm2)
    rows = np.arange(-8, SIZE_MM[1] + 8, step * np.sqrt(3) / 2)
    units = np.array(
        [(x + step / 2 * (i % 2), y) for i, y in enumerate(rows) for x in np.arange(-8, SIZE_MM[0] + 8, step)]
    )
    units = units + rng.normal(0, 0.22 * step, units.shape)
    count = rng.integers(1, 4, len(units))
    unit = np.repeat(units, count, axis=0)
    offset = np.concatenate([(np.arange(n) - (n - 1) / 2) * 0.15 for n in count])
    return np.asarray(unit + np.column_stack([offset, rng.normal(0, 0.03, len(offset))]))


def photograph(hairs: Floats, view: View, seed: int, *, missed: float = 0.05, error_mm: float = 0.01) -> Constellation:
    """What a photograph of the hairs (n, 2) shows: some are missed, the rest lie `error_mm` off."""
    rng = np.random.default_rng(seed)
    seen = view.see(hairs)
    inside = np.all((seen > 0.2) & (seen < np.array(SIZE_MM) - 0.2), axis=1) & (rng.random(len(seen)) >= missed)
    found = seen[inside] + rng.normal(0, error_mm, (int(inside.sum()), 2))
    unit = clusters(found)
    count = np.bincount(unit)
    units = np.column_stack([np.bincount(unit, found[:, axis]) / count for axis in (0, 1)])
    countable = np.zeros((150, 200), np.bool_)
    countable[2:-2, 2:-2] = True
    return Constellation(
        hairs=found,
        score=np.ones(len(found)),
        direction_rad=np.zeros(len(found)),
        diameter_um=np.full(len(found), 70.0),
        hair_unit=unit,
        units=units,
        unit_hairs=count.astype(np.intp),
        weak=np.zeros((0, 3)),
        threshold=0.5,
        countable=countable,
        pitch_mm=0.1,
        size_mm=SIZE_MM,
    )
