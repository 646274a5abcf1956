"""How well a model counts rendered views that it has never seen, and the numbers that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from models.training.pool import Pool
from models.training.views import WORKING_PX_PER_MM
from station.density.detect import Detections, detect
from station.density.engine import Engine
from station.density.interval import density_interval
from station.density.model import DensityModel, IntervalModel
from station.density.tiles import HeatMaps, WorkingView, infer

MATCH_MM = {"fu": 0.25, "hairs": 0.11}
"""Distance up to which a point counts as found: that of two human readings of the same pixels."""
MARGIN_MM = 0.2

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


def choose_thresholds(pool: Pool, maps: list[HeatMaps], model: DensityModel) -> DensityModel:
    """The hair threshold with the best sum of F1 of hairs and units, among those that keep the hair bias within 2 %."""
    best: tuple[float, DensityModel] | None = None
    for threshold in np.arange(0.20, 0.81, 0.03):
        trial = replace(model, hair=replace(model.hair, threshold=round(float(threshold), 3)))
        scores = score(pool, maps, trial)
        value = scores["hairs"].f1 + scores["fu"].f1 - 0.02 * max(0.0, abs(scores["hairs"].bias_percent()) - 2)
        if best is None or value > best[0]:
            best = (value, trial)
    if best is None:
        raise ValueError("no threshold was tried")
    return best[1]


def summary(pool: Pool, scores: dict[str, Score]) -> dict[str, Any]:
    """Error, bias and F1 by style of view, for the model card."""
    styles = np.array(pool.style)
    table: dict[str, Any] = {}
    for style in ("all", *sorted(set(pool.style))):
        rows = np.ones(len(pool), bool) if style == "all" else styles == style
        table[style] = {"views": int(rows.sum())}
        for kind, one in scores.items():
            part = Score(one.truth[rows], one.found[rows], one.f1)
            table[style][kind] = {
                "error_percent": round(part.error_percent(), 2),
                "bias_percent": round(part.bias_percent(), 2),
            }
            if style == "all":
                table[style][kind]["f1"] = round(one.f1, 3)
    return table


def halves(pool: Pool) -> tuple[Pool, Pool]:
    """Even and odd views."""
    parts = []
    for first in (0, 1):
        rows = range(first, len(pool), 2)
        parts.append(
            Pool(
                pool.pixels[first::2],
                [pool.hairs[i] for i in rows],
                [pool.tips[i] for i in rows],
                [pool.units[i] for i in rows],
                [pool.style[i] for i in rows],
            )
        )
    return parts[0], parts[1]


def coverage(
    counts: tuple[NDArray[np.float64], NDArray[np.float64]], model: DensityModel, interval: IntervalModel
) -> float:
    """Per cent of views whose true count lies in the interval given for the count found. counts: (found, truth)."""
    inside = []
    for found, truth in zip(*counts, strict=True):
        bounds = density_interval(int(found), 1.0, interval, level=model.level)
        inside.append(bounds.low <= truth <= bounds.high)
    return round(100 * float(np.mean(inside)), 1)


def _points(found: Detections, kind: str) -> Points:
    return found.units if kind == "fu" else found.hairs


def _inside(points: Points | NDArray[np.float32], pool: Pool) -> Points:
    side = pool.pixels.shape[1] / WORKING_PX_PER_MM
    points = np.asarray(points, float).reshape(-1, 2)
    return points[np.all((points >= MARGIN_MM) & (points < side - MARGIN_MM), axis=1)]


def _matches(truth: Points, found: Points, radius: float) -> int:
    if not len(truth) or not len(found):
        return 0
    cost = cdist(truth, found)
    rows, columns = linear_sum_assignment(np.where(cost <= radius, cost, 1e6))
    return int((cost[rows, columns] <= radius).sum())
