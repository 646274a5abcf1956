"""Results that are known only as an interval: "<150" is neither 150 nor 75 (method M9).

An interval is a pair (low, high); None or an infinity is an open end, and two equal ends are a plain number. Sources:
Helsel DR, Nondetects and Data Analysis, 2005; Akritas MG, Murphy SA, LaValley MP, J Am Stat Assoc 1995;90:170-177;
Tobin J, Econometrica 1958;26:24-36.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import minimize
from scipy.special import log_ndtr

from station.trends.rank import orders

Floats = NDArray[np.float64]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class CensoredKendall:
    """s: pairs that certainly rise minus pairs that certainly fall; p: two-sided permutation p; n: values."""

    s: int
    p: float
    n: int


def censored_kendall(intervals: Sequence[Interval], t: ArrayLike | None = None) -> CensoredKendall:
    """Do the values rise or fall over time? A pair counts +1 or -1 only where its intervals leave no doubt, else 0.

    p is the share of orders with |S| at least as large: of all n! up to n = 9, beyond of seeded ones
    (`station.trends.rank.orders`). t: times (n,), in any order; without them the values are in the order of time.
    """
    low, high = _ends(intervals)
    times: Floats = np.arange(len(low), dtype=np.float64) if t is None else np.asarray(t, dtype=np.float64)
    order = np.lexsort((high, low, times))
    low, high, times = low[order], high[order], times[order]
    n = len(low)
    rises = (low[None, :] > high[:, None]).astype(np.int64)
    certain = rises - rises.T
    early, late = np.triu_indices(n, 1)
    later = np.sign(times[late] - times[early]).astype(np.int64)
    s = int(certain[early, late] @ later)
    tried = orders(n)
    reached = np.zeros(len(tried), dtype=np.int64)
    for i, j, sign in zip(early, late, later, strict=True):
        reached += sign * certain[tried[:, i], tried[:, j]]
    return CensoredKendall(s, float(np.mean(np.abs(reached) >= abs(s))), n)


def censored_slope(t: ArrayLike, intervals: Sequence[Interval]) -> float | None:
    """The slope at which the residual intervals no longer rise or fall (Akritas, Murphy & LaValley 1995).

    S(b) of the intervals (low - b t, high - b t) falls in steps as b grows; the estimate is the middle between where
    it stops being positive and where it becomes negative. For plain numbers it is the Theil-Sen slope. None where the
    intervals leave a side open.
    """
    times = np.asarray(t, dtype=np.float64)
    low, high = _ends(intervals)
    early, late = np.nonzero(times[:, None] < times[None, :])
    gap = times[late] - times[early]
    rises_below = (low[late] - high[early]) / gap
    falls_above = (high[late] - low[early]) / gap
    steps = np.unique(np.concatenate([rises_below, falls_above]))
    steps = steps[np.isfinite(steps)]
    below = (rises_below[None] >= steps[:, None]).sum(axis=1) - (falls_above[None] < steps[:, None]).sum(axis=1)
    above = (rises_below[None] > steps[:, None]).sum(axis=1) - (falls_above[None] <= steps[:, None]).sum(axis=1)
    rising, falling = steps[below > 0], steps[above < 0]
    return float(rising[-1] + falling[0]) / 2 if len(rising) and len(falling) else None


@dataclass(frozen=True, slots=True)
class IntervalFit:
    """coefficients: intercept first; se: their standard errors; scale: standard deviation of the errors (of the
    logarithms for lognormal); log_likelihood: at the maximum."""

    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    scale: float
    log_likelihood: float


def interval_fit(
    intervals: Sequence[Interval],
    covariates: ArrayLike | None = None,
    distribution: Literal["normal", "lognormal"] = "normal",
) -> IntervalFit:
    """A straight-line model of values that are partly known as intervals, by maximum likelihood.

    Each interval gives log[Phi((high - mu)/s) - Phi((low - mu)/s)], each plain number its log density; mu = intercept
    + covariates x coefficients. Tobit is the case of one limit (Tobin 1958; R: survreg). Standard errors come from
    the observed information, by central differences.

    covariates: (n, k), or none. Raises ValueError when no more values are bounded on both sides than there are
    coefficients, or for a lognormal value that is not above 0.
    """
    low, high = _ends(intervals)
    jacobian = 0.0
    if distribution == "lognormal":
        if (high <= 0).any():
            raise ValueError("a lognormal value must be above 0")
        low, high = np.log(np.maximum(low, 0), where=low > 0, out=np.full(len(low), -np.inf)), np.log(high)
        jacobian = float(low[low == high].sum())
    n = len(low)
    columns = [np.ones((n, 1))] if covariates is None else [np.ones((n, 1)), np.asarray(covariates, dtype=np.float64)]
    design = np.hstack(columns)
    if int((np.isfinite(low) & np.isfinite(high)).sum()) <= design.shape[1]:
        raise ValueError("too few values are bounded on both sides")
    # Orthogonal columns of size 1 make the search and the differences well scaled, whatever the units.
    q, r = np.linalg.qr(design)
    q, r = q * math.sqrt(n), r / math.sqrt(n)
    middle = np.where(np.isfinite(low) & np.isfinite(high), (low + high) / 2, np.where(np.isfinite(low), low, high))
    unit = float(np.std(middle)) or 1.0

    def cost(at: Floats) -> float:
        return -_log_likelihood(low / unit, high / unit, q @ at[:-1], math.exp(at[-1]))

    start = np.append(q.T @ middle / n / unit, 0.0)
    best = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 10_000}).x
    back = np.linalg.inv(r) * unit
    covariance = back @ np.linalg.inv(_hessian(cost, best))[:-1, :-1] @ back.T
    exact = int((low == high).sum())
    return IntervalFit(
        tuple((back @ best[:-1]).tolist()),
        tuple(np.sqrt(np.diag(covariance)).tolist()),
        unit * math.exp(best[-1]),
        -cost(best) - exact * math.log(unit) - jacobian,
    )


def _ends(intervals: Sequence[Interval]) -> tuple[Floats, Floats]:
    low = np.array([-math.inf if pair[0] is None else pair[0] for pair in intervals], dtype=np.float64)
    high = np.array([math.inf if pair[1] is None else pair[1] for pair in intervals], dtype=np.float64)
    return low, high


def _log_likelihood(low: Floats, high: Floats, mean: Floats, scale: float) -> float:
    a, b = (low - mean) / scale, (high - mean) / scale
    exact = low == high
    # Where both ends lie above the mean, their mirror images have the same probability and keep their digits.
    mirrored = a > 0
    a, b = np.where(mirrored, -b, a), np.where(mirrored, -a, b)
    upper, lower = log_ndtr(b[~exact]), log_ndtr(a[~exact])
    inside = upper + np.log1p(-np.exp(lower - upper))
    return float(stats.norm.logpdf(a[exact]).sum() - exact.sum() * math.log(scale) + inside.sum())


def _hessian(cost: Callable[[Floats], float], at: Floats, step: float = 1e-4) -> Floats:
    size = len(at)
    found: Floats = np.empty((size, size))
    moves = np.eye(size) * step
    for i in range(size):
        for j in range(size):
            corners = (
                cost(at + moves[i] + moves[j])
                - cost(at + moves[i] - moves[j])
                - cost(at - moves[i] + moves[j])
                + cost(at - moves[i] - moves[j])
            )
            found[i, j] = corners / (4 * step**2)
    return found
