"""How well a model counts rendered views that it has never seen, and the numbers that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from models.training.labelled import STORED_FACTOR, LabelledFrame
from models.training.pool import Pool
from models.training.views import WORKING_PX_PER_MM
from station.density.detect import Detections, detect
from station.density.engine import Engine
from station.density.model import DensityModel
from station.density.tiles import HeatMaps, WorkingView, infer, to_working_scale

MATCH_MM = {"fu": 0.25, "hairs": 0.11}
"""Distance up to which a point counts as found: that of two human readings of the same pixels."""
MARGIN_MM = 0.2
FLAT_TOP = 0.005

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of each view (n,), and the points of all views together: found, missed and false give F1."""

    truth: NDArray[np.float64]
    found: NDArray[np.float64]
    f1: float

    def error_percent(self, least: int = 8) -> float:
        """Mean absolute error of the count per view, over views with at least `least` true points."""
        rows = self.truth >= least
        return float(100 * np.mean(np.abs(self.found[rows] / self.truth[rows] - 1)))

    def bias_percent(self) -> float:
        return float(100 * (self.found.sum() / self.truth.sum() - 1))


def heat_maps(engine: Engine, pool: Pool) -> list[HeatMaps]:
    """Heat maps of each view; a view is one tile."""
    model, scale = engine.model, WORKING_PX_PER_MM
    return [infer(WorkingView(pixels, scale, scale), model, engine.run) for pixels in pool.pixels]


def score(pool: Pool, maps: list[HeatMaps], model: DensityModel) -> dict[str, Score]:
    """Scores of follicular units and hairs under the thresholds of `model`, less a margin at the edge."""
    results = {}
    detections = [detect(heat, model) for heat in maps]
    for kind in ("fu", "hairs"):
        truths = [_inside(points / WORKING_PX_PER_MM, pool) for points in (pool.units if kind == "fu" else pool.hairs)]
        founds = [_inside(_points(one, kind), pool) for one in detections]
        hits = sum(_matches(t, f, MATCH_MM[kind]) for t, f in zip(truths, founds, strict=True))
        n_truth, n_found = (np.array([len(p) for p in points], float) for points in (truths, founds))
        results[kind] = Score(n_truth, n_found, float(2 * hits / max(1.0, n_truth.sum() + n_found.sum())))
    return results


def labelled_maps(engine: Engine, frames: Sequence[LabelledFrame]) -> list[HeatMaps]:
    """Heat maps of labelled frames, by the station's own tiles."""
    model = engine.model
    scale = model.working_px_per_mm * STORED_FACTOR
    return [
        infer(to_working_scale(frame.pixels, scale, model.working_px_per_mm), model, engine.run) for frame in frames
    ]


def score_labelled(frames: Sequence[LabelledFrame], maps: list[HeatMaps], model: DensityModel) -> dict[str, Score]:
    """Scores of labelled frames, where their labels are complete."""
    per_mm = model.working_px_per_mm * STORED_FACTOR
    results = {}
    detections = [detect(heat, model) for heat in maps]
    for kind in ("fu", "hairs"):
        counts, hits = [], 0
        for frame, one in zip(frames, detections, strict=True):
            truth = _known(np.asarray(frame.units if kind == "fu" else frame.hairs, float) / per_mm, frame, per_mm)
            found = _known(_points(one, kind), frame, per_mm)
            counts.append((len(truth), len(found)))
            hits += _matches(truth, found, MATCH_MM[kind])
        n_truth, n_found = np.array(counts, float).T
        results[kind] = Score(n_truth, n_found, float(2 * hits / max(1.0, n_truth.sum() + n_found.sum())))
    return results


def choose_thresholds(
    pool: Pool,
    maps: list[HeatMaps],
    model: DensityModel,
    frames: Sequence[LabelledFrame] = (),
    frame_maps: Sequence[HeatMaps] = (),
) -> DensityModel:
    """The hair threshold at the flat top of the points' F1 where the count is least biased.

    F1 of hairs and of units on rendered views, and as much on labelled frames where there are any; of the thresholds
    whose mean F1 lies within `FLAT_TOP` of the best, the one with the least bias of the hair count, on the labelled
    frames if there are any. Bias alone would not do: a low threshold makes up for touching hairs, which no reader
    counts apart, by counting debris.
    """
    trials: list[tuple[float, float, DensityModel]] = []
    for threshold in np.arange(0.20, 0.81, 0.03):
        trial = replace(model, hair=replace(model.hair, threshold=round(float(threshold), 3)))
        sets = [score(pool, maps, trial)]
        if frames:
            sets.append(score_labelled(frames, list(frame_maps), trial))
        f1 = float(np.mean([one.f1 for scores in sets for one in scores.values()]))
        trials.append((f1, abs(sets[-1]["hairs"].bias_percent()), trial))
    best = max(f1 for f1, _, _ in trials)
    return min((trial for trial in trials if trial[0] >= best - FLAT_TOP), key=lambda trial: trial[1])[2]


def _points(found: Detections, kind: str) -> Points:
    return found.units if kind == "fu" else found.hairs


def _inside(points: Points | NDArray[np.float32], pool: Pool) -> Points:
    side = pool.pixels.shape[1] / WORKING_PX_PER_MM
    points = np.asarray(points, float).reshape(-1, 2)
    return points[np.all((points >= MARGIN_MM) & (points < side - MARGIN_MM), axis=1)]


def _known(points: Points, frame: LabelledFrame, per_mm: float) -> Points:
    """The (n, 2) points in mm that lie where the frame's labels are complete."""
    height, width = frame.known.shape
    at = np.floor(points * per_mm).astype(int)
    inside = np.all((at >= 0) & (at < (width, height)), axis=1)
    points, at = points[inside], at[inside]
    return points[frame.known[at[:, 1], at[:, 0]] > 0]


def _matches(truth: Points, found: Points, radius: float) -> int:
    if not len(truth) or not len(found):
        return 0
    cost = cdist(truth, found)
    rows, columns = linear_sum_assignment(np.where(cost <= radius, cost, 1e6))
    return int((cost[rows, columns] <= radius).sum())
