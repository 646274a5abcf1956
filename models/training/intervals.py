"""Calibrate the 90 % intervals by kind of photograph, and say what share of others they cover."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.judge import Judged
from models.training.views import WORKING_PX_PER_MM
from station.density.interval import calibrate_interval, density_interval
from station.density.model import DensityModel, IntervalGroup, IntervalModel

COVERS = (("clipped", 0.14), ("short", 0.30), ("long", 1.0))
"""How much of the skin the hair covers: it is what can be seen of a hair style in a photograph."""
LEAST_PX_PER_MM = (0.85 * WORKING_PX_PER_MM, 0.0)
"""From here on a photograph shows all that the network uses; below, it is enlarged and fine hairs are lost."""


LEAST_PAIRS = 40
"""Fewer photographs calibrate nothing."""


def groups_of(judged: Judged, level: float) -> tuple[IntervalGroup, ...]:
    """An interval for each hair cover and scale, calibrated on what was not refused.

    Where too few photographs are of one cover, all of that scale calibrate its interval.
    """
    groups = []
    for least in LEAST_PX_PER_MM:
        for index, (hair, most) in enumerate(COVERS):
            above = COVERS[index - 1][1] if index else -1.0
            fine = judged.px_per_mm >= LEAST_PX_PER_MM[0]
            scale = ~judged.refused & (fine == (least > 0))
            rows = scale & (judged.coverage > above) & (judged.coverage <= most)
            part = judged.take(rows if rows.sum() >= LEAST_PAIRS else scale)
            models = {what: _fitted(part, what, level) for what in ("fu", "hairs")}
            groups.append(IntervalGroup(hair, most, round(least, 2), models["fu"], models["hairs"]))
    return tuple(groups)


def _fitted(judged: Judged, what: str, level: float) -> IntervalModel:
    """An interval that covers the truth at `level` in each kind of photograph, not only on average.

    Bias and shape come from all together; the width, from the kind that needs most.
    """
    found, truth = judged.counts(what)
    fitted = calibrate_interval(found, truth, judged.doubt, level=level)
    needed = []
    for kind in np.unique(judged.kind):
        rows = judged.kind == kind
        if rows.sum() < LEAST_PAIRS // 2:
            continue
        error = np.abs(np.log((found[rows] + 0.5) / (truth[rows] + 0.5)) - fitted.bias)
        variance = fitted.a**2 + fitted.b**2 / np.maximum(found[rows], 1) + (fitted.c * judged.doubt[rows]) ** 2
        scores = np.sort(error / np.sqrt(variance))
        needed.append(float(scores[min(int(np.ceil((len(scores) + 1) * level)), len(scores)) - 1]))
    factor = max(1.0, *needed)
    return IntervalModel(fitted.bias, fitted.a * factor, fitted.b * factor, fitted.c * factor)


def inside(judged: Judged, what: str, model: DensityModel) -> NDArray[np.bool_]:
    """(n,) whether the interval given for the count found holds the true one; refused photographs count as covered."""
    covered = np.ones(len(judged), bool)
    found, truth = judged.counts(what)
    for index in np.flatnonzero(~judged.refused):
        group = model.interval_group(float(judged.coverage[index]), float(judged.px_per_mm[index]))
        bounds = density_interval(
            int(found[index]),
            1.0,
            group.fu if what == "fu" else group.hairs,
            level=model.level,
            doubt=float(judged.doubt[index]),
        )
        covered[index] = bounds.low <= truth[index] <= bounds.high
    return covered


def coverage_table(judged: Judged, model: DensityModel) -> dict[str, dict[str, float]]:
    """Per cent of the photographs of each kind that were measured whose truth the interval holds."""
    measured = judged.take(~judged.refused)
    table = {}
    for kind in np.unique(measured.kind):
        part = measured.take(measured.kind == kind)
        table[str(kind)] = {
            "views": len(part),
            **{what: round(100 * float(inside(part, what, model).mean()), 1) for what in ("fu", "hairs")},
        }
    return table


def error_table(judged: Judged, by: NDArray[Any], least: int = 8) -> dict[str, dict[str, Any]]:
    """Error and bias of the count by the names in `by` (n,), and the share refused.

    The error is the mean absolute error per photograph in per cent, over those with at least `least` true points.
    """
    table: dict[str, dict[str, Any]] = {}
    for name in _ordered(by):
        part = judged.take(by == name)
        row: dict[str, Any] = {"views": len(part), "refused_percent": round(100 * float(part.refused.mean()), 1)}
        measured = part.take(~part.refused)
        for what in ("fu", "hairs"):
            found, truth = measured.counts(what)
            many = truth >= least
            errors = np.abs(found[many] / truth[many] - 1) if many.any() else np.zeros(1)
            row[what] = {
                "error_percent": round(100 * float(errors.mean()), 2),
                "bias_percent": round(100 * float(found.sum() / max(1.0, truth.sum()) - 1), 2),
            }
        table[str(name)] = row
    return table


def interval_entries(groups: Iterable[IntervalGroup]) -> list[dict[str, Any]]:
    """The groups as density.json has them."""

    def entry(one: IntervalModel) -> dict[str, float]:
        return {"bias": round(one.bias, 5), "a": round(one.a, 5), "b": round(one.b, 5), "c": round(one.c, 5)}

    return [
        {
            "hair": group.hair,
            "max_coverage": group.max_coverage,
            "min_px_per_mm": group.min_px_per_mm,
            "fu": entry(group.fu),
            "hairs": entry(group.hairs),
        }
        for group in groups
    ]


def _ordered(names: NDArray[Any]) -> list[Any]:
    return [name for name in sorted(set(names.tolist())) if name != ""]
