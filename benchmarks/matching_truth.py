"""What a comparison of two visits should have found: the truth of simulated re-captures (`matching_views.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.matching_views import View
from station.matching.constellation import Constellation
from station.matching.transform import Transform

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MARGIN_MM = 0.2
"""Along a view's edge, where the station counts nothing."""


@dataclass(frozen=True, slots=True)
class TrueChange:
    """Hairs in the ground that both visits saw.

    before, after: visible ones, each hair as the share of the visit's frames in view in which it could be seen;
    stood, stands: of all hairs that were visible in any frame, those that are there at each visit.
    """

    before: float
    after: float
    stood: int
    stands: int

    @property
    def percent(self) -> float:
        """The realised change of the visible hairs."""
        return 100 * (self.after / self.before - 1)

    @property
    def standing_percent(self) -> float:
        """The change by hairs that came or went, whether or not each could be seen in every frame."""
        return 100 * (self.stands / self.stood - 1)


def inside(view: View) -> Flags:
    """(n,) hairs whose root, there or not, lies where this view can count."""
    return np.asarray(
        np.all((view.where >= MARGIN_MM) & (view.where <= np.array(view.shown.size_mm) - MARGIN_MM), axis=1)
    )


def true_change(baseline: Sequence[View], later: Sequence[View]) -> TrueChange:
    """The change between two visits to a site."""
    shares, covered = zip(*(_visible_share(visit) for visit in (baseline, later)), strict=True)
    both = covered[0] & covered[1]
    visible = both & ((shares[0] > 0) | (shares[1] > 0))
    return TrueChange(
        before=float(shares[0][both].sum()),
        after=float(shares[1][both].sum()),
        stood=int((visible & baseline[0].standing).sum()),
        stands=int((visible & later[0].standing).sum()),
    )


def _visible_share(frames: Sequence[View]) -> tuple[Floats, Flags]:
    """Per hair: share of the frames in view that show it, and whether any frame has its place in view."""
    views = np.array([inside(frame) for frame in frames])
    seen = np.array([frame.seen for frame in frames]) & views
    return seen.sum(axis=0) / np.maximum(views.sum(axis=0), 1), views.any(axis=0)


def counted_change(baseline: Sequence[Constellation], later: Sequence[Constellation]) -> float:
    """Change in per cent of the mean density of the frames: two independent counts."""
    densities = [np.mean([len(view.hairs) / view.countable_cm2 for view in visit]) for visit in (baseline, later)]
    return float(100 * (densities[1] / densities[0] - 1))


def transform_error(transform: Transform, later: View, baseline: View) -> float:
    """Rms error in mm of a registration, over the places of all hairs in both views; NaN where they share none."""
    both = inside(later) & inside(baseline)
    if not both.any():
        return float("nan")
    off = transform.apply(later.where[both]) - baseline.where[both]
    return float(np.sqrt(np.mean(np.sum(off**2, axis=1))))


def true_overlap(later: View, baseline: View) -> float:
    """Share of the baseline's hair places that the later view shows."""
    here = inside(baseline)
    return float((here & inside(later)).sum() / here.sum())


def assigned(a: Floats, b: Floats, reach_mm: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of points a (n, 2) and b (m, 2) that belong together: as many pairs within reach as there can be, and of
    those the nearest."""
    none = np.zeros(0, np.intp)
    if not len(a) or not len(b):
        return none, none
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    cost = np.where(distance <= reach_mm, distance, 1000 * reach_mm)
    mine, theirs = linear_sum_assignment(cost)
    near = distance[mine, theirs] <= reach_mm
    return mine[near], theirs[near]
