"""Registration of a photograph to the baseline of its site: where it lies, how sure that is, and how much they share.

A few placements from the correlation of the constellations (`search`) are each refined by matching nearest neighbours,
first units and an affine map, then hairs and a smooth displacement for stretched skin. What is left decides: of the
hairs that both photographs could show, a true match finds most in the other one, a wrong site or another person's scalp
no more than chance puts there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import expit

from station.matching.constellation import Constellation
from station.matching.search import GUIDED, WIDEST, guesses
from station.matching.transform import Transform, fit_affine, fit_bend, identity

Points = NDArray[np.float64]
Floats = NDArray[np.float64]

UNIT_REACHES_MM = (0.7, 0.5, 0.4, 0.3, 0.3)
"""How near a unit must come to be taken for the same one, step by step: from the search's uncertainty at the far
corners of a view down to a quarter of the distance between units."""
HAIR_REACHES_MM = (0.25, 0.2, 0.15, 0.12, 0.1)
SAME_HAIR_MM = 0.10
"""Within it a hair of the other photograph counts as found again."""
AFFINE_TRUST_MM = 1.0
"""Few units in a small overlap shear the map no further than skin does."""
LEAST_MATCHED = 8
OVERLAP_PITCH_MM = 0.3
FOUND_IF_SAME, FOUND_IF_OTHER = 0.75, 0.25
"""Share of the hairs found again at the same place after months, and elsewhere, where refinement finds up to four times
of what chance alone gives."""
HYPOTHESES = 1e5
"""Placements that are tried, so to speak, at once: turns, scales and shifts that differ by a unit's spot."""
PROBABLE = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How a later view lies on the baseline's.

    transform: mm of the later view to mm of the baseline's view; overlap: share of the baseline's view that the later
    one shows, 0 to 1; overlap_cm2: area in which both could have counted hairs; residual_mm: root mean square distance
    of matched hairs; matched: hairs found in both; found_share: of those that both could show; chance_share: what
    chance alone would give; probability: that it is the same place of the same person; accepted: it is taken for that.
    """

    transform: Transform
    overlap: float
    overlap_cm2: float
    residual_mm: float
    matched: int
    found_share: float
    chance_share: float
    probability: float

    @property
    def accepted(self) -> bool:
        """Sure enough to be the same place."""
        return self.probability >= PROBABLE


def register(later: Constellation, baseline: Constellation, *, prior: Transform | None = None) -> Registration:
    """Lays `later` on `baseline`. prior: about where it lies, within 0.5 mm: saves the search when it holds.

    Never raises: where nothing fits the probability is 0 or small.
    """
    if prior is not None:
        found = _refined(later, baseline, prior.matrix)
        if found.accepted:
            return found
    found = _nothing(later)
    for within, most in ((GUIDED, 1), (WIDEST, 4)):
        for guess in guesses(later, baseline, within, most):
            each = _refined(later, baseline, guess.matrix)
            if each.probability > found.probability:
                found = each
            if found.accepted:
                return found
    return found


def whole(view: Constellation) -> Registration:
    """A view on itself."""
    return Registration(identity(view.size_mm), 1.0, view.countable_cm2, 0.0, len(view.hairs), 1.0, 0.0, 1.0)


def nearest_both_ways(a: Points, b: Points, reach: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of a (N, 2) and b (M, 2) that are each other's nearest, at most `reach` apart."""
    if not len(a) or not len(b):
        none = np.zeros(0, np.intp)
        return none, none
    distance, to_b = cKDTree(b).query(a)
    _, to_a = cKDTree(a).query(b)
    own = np.arange(len(a))
    mutual = (distance <= reach) & (to_a[to_b] == own)
    return own[mutual], np.asarray(to_b[mutual], np.intp)


def overlap(later: Constellation, baseline: Constellation, transform: Transform) -> tuple[float, float]:
    """Share of the baseline's view that the later one shows, and the area in cm2 in which both could have counted."""
    width, height = baseline.size_mm
    columns, rows = (max(1, round(side / OVERLAP_PITCH_MM)) for side in (width, height))
    y, x = np.mgrid[0:rows, 0:columns]
    centres = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * (width / columns, height / rows)
    back = transform.undo(centres)
    inside = np.all((back >= 0) & (back <= later.size_mm), axis=1)
    both = later.could_show(back) & baseline.could_show(centres)
    return float(inside.mean()), float(both.mean()) * width * height / 100


def _nothing(later: Constellation) -> Registration:
    return Registration(identity(later.size_mm), 0.0, 0.0, math.nan, 0, 0.0, 0.0, 0.0)


def _refined(later: Constellation, baseline: Constellation, matrix: Floats) -> Registration:
    start = matrix
    for reach in UNIT_REACHES_MM:
        moved = later.units @ matrix[:, :2].T + matrix[:, 2]
        mine, theirs = nearest_both_ways(moved, baseline.units, reach)
        if len(mine) < LEAST_MATCHED:
            return _nothing(later)
        matrix = fit_affine(later.units[mine], baseline.units[theirs], start, AFFINE_TRUST_MM)
    middle = (later.size_mm[0] / 2, later.size_mm[1] / 2)
    transform = Transform(matrix, middle)
    for reach in HAIR_REACHES_MM:
        mine, theirs = nearest_both_ways(transform.apply(later.hairs), baseline.hairs, reach)
        if len(mine) < LEAST_MATCHED:
            return _nothing(later)
        matrix = fit_affine(later.hairs[mine], baseline.hairs[theirs], start, AFFINE_TRUST_MM)
        rest = baseline.hairs[theirs] - Transform(matrix).apply(later.hairs[mine])
        transform = Transform(matrix, middle, fit_bend(later.hairs[mine], rest, later.size_mm))
    return _judged(later, baseline, transform)


def _judged(later: Constellation, baseline: Constellation, transform: Transform) -> Registration:
    moved = transform.apply(later.hairs)
    shown, area_cm2 = overlap(later, baseline, transform)
    mine = baseline.could_show(moved)
    theirs = later.could_show(transform.undo(baseline.hairs))
    expected = min(int(mine.sum()), int(theirs.sum()))
    a, b = nearest_both_ways(moved[mine], baseline.hairs[theirs], SAME_HAIR_MM)
    matched = len(a)
    if expected < LEAST_MATCHED or area_cm2 <= 0:
        return _nothing(later)
    residual = (
        float(np.sqrt(np.mean(np.sum((moved[mine][a] - baseline.hairs[theirs][b]) ** 2, axis=1)))) if matched else 0
    )
    per_mm2 = max(int(mine.sum()), int(theirs.sum())) / (100 * area_cm2)
    chance = 1 - math.exp(-math.pi * SAME_HAIR_MM**2 * per_mm2)
    share = matched / expected
    return Registration(
        transform,
        shown,
        area_cm2,
        residual,
        matched,
        share,
        chance,
        _probability(matched, expected),
    )


def _probability(matched: int, expected: int) -> float:
    """That it is the same place: Bayes' rule for two binomial laws, the odds being 1 to `HYPOTHESES` before."""
    ratio = matched * math.log(FOUND_IF_SAME / FOUND_IF_OTHER)
    ratio += (expected - matched) * math.log((1 - FOUND_IF_SAME) / (1 - FOUND_IF_OTHER))
    return float(expit(ratio - math.log(HYPOTHESES)))
