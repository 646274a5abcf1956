"""From heat maps to points: hair roots and follicular units in mm."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.density.model import DensityModel, Head
from station.density.tiles import HeatMaps
from station.follicular import clusters

UNIT_REACH_MM = 0.13
"""How far from a root its unit's centre may lie: half the width of most units of two or three hairs."""

WEAK_SHARE = 0.3
"""Share of the threshold down to which a peak is kept as weak evidence of a hair, for matching a hair that is just
missed in one photograph is known there when another one shows where to look."""

DOUBT_BAND = (0.7, 1.4)
"""Scores between these multiples of the threshold could as well have fallen on its other side."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Points of one heat map. xy: (N, 2) mm; score: (N,) height of the peak, highest first."""

    xy: Points
    score: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Everything found in a view, countable or not.

    hairs: (N, 2) mm; hair_score: (N,); hair_unit: (N,) index of each hair's unit; units: (M, 2) mm, the mean
    position of a unit's roots; unit_score: (M,), its best hair's; unit_hairs: (M,) hairs per unit, at least 1;
    doubtful: (K, 2) mm, the roots and the rejected points whose score lies near the threshold; weak: what was rejected.
    """

    hairs: Points
    hair_score: NDArray[np.float64]
    hair_unit: NDArray[np.intp]
    units: Points
    unit_score: NDArray[np.float64]
    unit_hairs: NDArray[np.intp]
    doubtful: Points
    weak: Peaks


def detect(heat: HeatMaps, model: DensityModel) -> Detections:
    """Hair roots and follicular units of a view."""
    threshold = model.hair.threshold
    found = agreed_roots(heat, replace(model.hair, threshold=WEAK_SHARE * threshold))
    sure = found.score >= threshold
    doubtful = (found.score >= DOUBT_BAND[0] * threshold) & (found.score < DOUBT_BAND[1] * threshold)
    return replace(
        units_from_clusters(Peaks(found.xy[sure], found.score[sure])),
        doubtful=found.xy[doubtful],
        weak=Peaks(found.xy[~sure], found.score[~sure]),
    )


def peaks(
    heat: NDArray[np.float32],
    head: Head,
    x_cell_mm: float,
    y_cell_mm: float,
    weight: NDArray[np.float32] | None = None,
) -> Peaks:
    """Local maxima of at least `head.threshold`, refined below the cell, none nearer than `head.nms_radius_mm`.

    A flat top of several cells is one point: points are never nearer than one cell. weight: a map as large as `heat`;
    then the score of a maximum is the geometric mean of both maps.
    """
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    scores = heat if weight is None else np.sqrt(np.maximum(heat * weight, 0))
    rows, columns = np.nonzero((scores >= head.threshold) & (heat == highest))
    score = scores[rows, columns].astype(np.float64)
    dx, dy = _offsets(heat, rows, columns)
    xy = np.column_stack([(columns + 0.5 + dx) * x_cell_mm, (rows + 0.5 + dy) * y_cell_mm])
    kept = _suppressed(xy, score, max(head.nms_radius_mm, x_cell_mm, y_cell_mm))
    return Peaks(xy[kept], score[kept])


def agreed_roots(heat: HeatMaps, head: Head) -> Peaks:
    """Hair roots where both maps agree: the root's height, and the highest follicular unit within 0.13 mm.

    A tip or a fold that looks like a root to one map seldom does to both.
    """
    radius = 2 * round(UNIT_REACH_MM / max(heat.x_cell_mm, heat.y_cell_mm)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (radius, radius))
    unit = np.asarray(cv2.dilate(heat.fu, disc), np.float32)
    return peaks(heat.hair, head, heat.x_cell_mm, heat.y_cell_mm, unit)


def units_from_clusters(roots: Peaks) -> Detections:
    """Follicular units as single-linkage clusters of the hair roots; nothing is doubtful or weak."""
    _, unit, count = np.unique(clusters(roots.xy), return_inverse=True, return_counts=True)
    sums = np.column_stack([np.bincount(unit, roots.xy[:, axis], len(count)) for axis in (0, 1)])
    best = np.zeros(len(count))
    np.maximum.at(best, unit, roots.score)
    return Detections(
        hairs=roots.xy,
        hair_score=roots.score,
        hair_unit=unit.astype(np.intp),
        units=sums / count[:, np.newaxis],
        unit_score=best,
        unit_hairs=count.astype(np.intp),
        doubtful=np.zeros((0, 2)),
        weak=Peaks(np.zeros((0, 2)), np.zeros(0)),
    )


def _offsets(
    heat: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance in cells from a peak's cell centre to its top: the logarithm of a Gaussian is a parabola."""
    log = np.log(np.maximum(np.pad(heat, 1, mode="edge"), 1e-3)).astype(np.float64)
    centre = log[rows + 1, columns + 1]

    def top(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
        bend = 2 * centre - before - after
        shift = (after - before) / (2 * np.maximum(bend, 1e-9))
        return np.where(bend > 1e-9, np.clip(shift, -0.5, 0.5), 0.0)

    dx = top(log[rows + 1, columns], log[rows + 1, columns + 2])
    dy = top(log[rows, columns + 1], log[rows + 2, columns + 1])
    return dx, dy


def _suppressed(xy: Points, score: NDArray[np.float64], radius: float) -> NDArray[np.intp]:
    """Indices of the points to keep, highest first: each drops the lower ones nearer than `radius`."""
    order: NDArray[np.intp] = np.lexsort((xy[:, 0], xy[:, 1], -score))
    if not len(order):
        return order
    near = cKDTree(xy[order]).query_pairs(radius, output_type="ndarray")
    below: list[list[int]] = [[] for _ in order]
    for first, second in near:
        below[min(first, second)].append(max(first, second))
    dropped = np.zeros(len(order), bool)
    for rank, lower in enumerate(below):
        if not dropped[rank]:
            dropped[lower] = True
    kept: NDArray[np.intp] = order[~dropped]
    return kept
