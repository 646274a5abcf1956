"""When did a rise begin? A level up to a moment, then a straight line (method M5).

y(t) = a + b max(0, t - tau) on log densities, tau on a grid that is fixed in advance (piecewise regression: Muggeo VMR,
Stat Med 2003;22:3055-3071). The error of a visit is known from repeats (M1), so nothing about it is estimated here.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DRAWS = 19_999
_SEED = 20_260_223


@dataclass(frozen=True, slots=True)
class Hinge:
    """The best hinge. tau: where the line begins; a: level before; b: slope after; rss: residual sum of squares;
    b_low, b_high, tau_low, tau_high: 95 % intervals (None without a known error); before, after: points up to tau and
    beyond it; gain: b times the time from tau to the last point; profile: (tau, b, rss) of every tau that was tried."""

    tau: float
    a: float
    b: float
    rss: float
    b_low: float | None
    b_high: float | None
    tau_low: float | None
    tau_high: float | None
    before: int
    after: int
    gain: float
    profile: tuple[tuple[float, float, float], ...]


def fit_hinge(t: ArrayLike, y: ArrayLike, taus: ArrayLike, sd: float | None = None) -> Hinge:
    """The hinge with the least squares over the grid of taus, with profile intervals where sd is known.

    RSS(tau, b) = RSS(tau) + Sxx(tau) (b - b(tau))^2. The interval holds every b (and every tau) that lies within
    c sd^2 of the least RSS for some tau (and some b); c is the 95 % quantile of the largest T^2 of `hinge_test` without
    a change, by parametric bootstrap: the interval of b leaves out 0 exactly where that test is significant at 5 %.

    t, y: (n,) in any order; taus: (k,) in the unit of t; sd: of one y. Raises ValueError when no tau has a point
    behind it.
    """
    times, values = _ordered(t, y)
    grid, lever, sxx = _levers(times, np.asarray(taus, dtype=np.float64))
    slopes = lever @ values / sxx
    centred = values - values.mean()
    rss = np.maximum(float(centred @ centred) - slopes**2 * sxx, 0.0)
    # Taus between the same two points can fit equally well: the first of them, whatever the rounding.
    best = int(np.argmax(rss <= rss.min() + 1e-9 * float(centred @ centred)))
    tau, b = float(grid[best]), float(slopes[best])
    a = float(values.mean() - b * np.maximum(0.0, times - tau).mean())
    b_low = b_high = tau_low = tau_high = None
    if sd is not None:
        room = _null(*_key(times, grid))[math.ceil(0.95 * (DRAWS + 1)) - 1] ** 2 * sd**2 - (rss - rss[best])
        within = room >= 0
        reach = np.sqrt(room[within] / sxx[within])
        b_low, b_high = float((slopes[within] - reach).min()), float((slopes[within] + reach).max())
        tau_low, tau_high = float(grid[within].min()), float(grid[within].max())
    before = int((times <= tau).sum())
    profile = tuple(zip(grid.tolist(), slopes.tolist(), rss.tolist(), strict=True))
    gain = b * float(times[-1] - tau)
    return Hinge(
        tau, a, b, float(rss[best]), b_low, b_high, tau_low, tau_high, before, len(times) - before, gain, profile
    )


def hinge_test(t: ArrayLike, y: ArrayLike, taus: ArrayLike, sd: float) -> float:
    """Two-sided p for "b = 0 for every tau", when sd of one y is known.

    The statistic is the largest |T(tau)| over the grid, T = b(tau) sqrt(Sxx(tau)) / sd; its distribution without a
    change is a parametric bootstrap of `DRAWS` seeded draws, so that looking at many taus costs what it should. The
    draws depend on the times and the grid alone and are kept for those used last: a thousand people with the same
    dates cost one simulation. p = (1 + draws as large) / (1 + draws).
    """
    times, values = _ordered(t, y)
    grid, lever, sxx = _levers(times, np.asarray(taus, dtype=np.float64))
    largest = float(np.abs(lever @ values / np.sqrt(sxx)).max()) / sd
    null = _null(*_key(times, grid))
    return (1 + DRAWS - int(np.searchsorted(null, largest * (1 - 1e-9)))) / (1 + DRAWS)


def _ordered(t: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    times, values = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.lexsort((values, times))
    return times[order], values[order]


def _levers(times: Floats, taus: Floats) -> tuple[Floats, Floats, Floats]:
    """For each usable tau: max(0, t - tau) about its mean (k, n), and its sum of squares (k,)."""
    lever = np.maximum(0.0, times[None, :] - taus[:, None])
    lever -= lever.mean(axis=1, keepdims=True)
    sxx = (lever**2).sum(axis=1)
    usable = sxx > 1e-12
    if not usable.any():
        raise ValueError("no tau has a point before it and one behind it")
    return taus[usable], lever[usable], sxx[usable]


def _key(times: Floats, grid: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Times and grid from the first time on, rounded so that the same gaps at another date are the same key."""
    return tuple(np.round(times - times[0], 6).tolist()), tuple(np.round(grid - times[0], 6).tolist())


@functools.lru_cache(maxsize=64)
def _null(times: tuple[float, ...], grid: tuple[float, ...]) -> Floats:
    """Sorted draws (DRAWS,) of the largest |T| over the grid for independent standard normal errors."""
    _, lever, sxx = _levers(np.array(times), np.array(grid))
    errors = np.random.default_rng(_SEED).standard_normal((DRAWS, len(times)))
    return np.sort(np.abs(errors @ (lever / np.sqrt(sxx)[:, None]).T).max(axis=1))
