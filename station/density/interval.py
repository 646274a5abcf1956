"""The 90 % interval of a density: split conformal prediction on the logarithm of the count.

On photographs that the model never saw, the error of a count n is r = log((predicted + 1/2) / (true + 1/2)). Its
spread falls with the count and grows with the doubt d, the share of points whose score lies near the threshold
(`station.density.detect`), so its half width is taken as h = sqrt(a^2 + b^2 / n + (c d)^2) around its centre `bias`.
a, b and c are scaled together until the stated share of the held-out photographs lies inside: split conformal
prediction with a normalised score |r - bias| / h, for each kind of photograph by itself (hair cover and scale).

Sources: Papadopoulos H et al., Inductive confidence machines for regression, ECML 2002; Lei J et al.,
Distribution-free predictive inference for regression, J Am Stat Assoc 2018;113:1094-1111, section 5.2 (locally
weighted). The interval covers the number of follicular units or hairs that a careful reader finds in the counted area;
it says nothing about skin that was not photographed.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.stats import chi2

from station.density.model import IntervalModel
from station.values import Interval

MIN_PAIRS = 20


def density_interval(
    count: int,
    area_cm2: float,
    model: IntervalModel,
    *,
    level: float,
    px_per_mm_rel_sd: float = 0.0,
    doubt: float = 0.0,
) -> Interval:
    """Interval of the density per cm2 for `count` points on `area_cm2` (> 0).

    An uncertain scale adds in quadrature: area goes with its square, so its part of the half width is
    2 z px_per_mm_rel_sd, with z = 1.645 at 90 %. For a count of 0 the upper limit is the exact Poisson bound
    chi2(1 - (1 - level) / 2; 2) / 2 (Garwood F, Biometrika 1936;28:437-442), 3.0 at 90 %.
    """
    scale = 2 * NormalDist().inv_cdf((1 + level) / 2) * px_per_mm_rel_sd
    if count == 0:
        return Interval(0.0, float(chi2.ppf((1 + level) / 2, 2)) / 2 * math.exp(scale) / area_cm2, level)
    half = math.sqrt(systematic(model, doubt) ** 2 + model.b**2 / count + scale**2)
    centre = math.log(count + 0.5) - model.bias
    low, high = math.exp(centre - half) - 0.5, math.exp(centre + half) - 0.5
    return Interval(max(low, 0.0) / area_cm2, high / area_cm2, level)


def systematic(model: IntervalModel, doubt: float) -> float:
    """The part of the half width that more area would not lessen, in log units."""
    return math.hypot(model.a, model.c * doubt)


def calibrate_interval(
    pred: ArrayLike, true: ArrayLike, doubt: ArrayLike = 0.0, *, level: float = 0.90
) -> IntervalModel:
    """Fit bias, a, b and c from predicted and true counts and the doubt of held-out photographs, (N,) each.

    bias is the median error; the shape of h comes from the likelihood of a normal error with that spread; then all are
    scaled by the conformal quantile, the ceil((N + 1) level)-th smallest score. Raises ValueError for fewer
    than 20 pairs, unequal lengths or negative counts.
    """
    found, truth = np.asarray(pred, np.float64), np.asarray(true, np.float64)
    if found.shape != truth.shape or found.ndim != 1 or len(found) < MIN_PAIRS:
        raise ValueError(f"at least {MIN_PAIRS} pairs of counts are needed, as two lists of equal length")
    if found.min() < 0 or truth.min() < 0:
        raise ValueError("counts must not be negative")
    unsure = np.broadcast_to(np.asarray(doubt, np.float64), found.shape)
    error = np.log((found + 0.5) / (truth + 0.5))
    bias = float(np.median(error))
    deviation = np.abs(error - bias)
    terms = np.stack([np.ones_like(found), 1 / np.maximum(found, 1), unsure**2])

    def negative_log_likelihood(log_abc: NDArray[np.float64]) -> float:
        variance = np.exp(2 * log_abc) @ terms
        return float((np.log(variance) + deviation**2 / variance).sum() / 2)

    spread = max(float(deviation.std()), 1e-3)
    start = np.log([spread, spread * math.sqrt(float(np.median(np.maximum(found, 1)))), spread])
    bounds = [(-9, 1), (-9, 3), (-9, 3) if unsure.any() else (-9, -9)]
    fit = minimize(negative_log_likelihood, np.minimum(start, [1, 3, bounds[2][1]]), method="L-BFGS-B", bounds=bounds)
    a, b, c = np.exp(fit.x)
    score = np.sort(deviation / np.sqrt(np.exp(2 * fit.x) @ terms))
    rank = min(math.ceil((len(score) + 1) * level), len(score))
    factor = float(score[rank - 1])
    return IntervalModel(bias, float(a) * factor, float(b) * factor, float(c) * factor)
