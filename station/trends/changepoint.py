"""Did the level step, and when? (method M10). For long series only; a known date has a test of its own.

Sources: Pettitt AN, Appl Stat 1979;28:126-135; Bai J, Estimation of a change point in multiple regression models, Rev
Econ Stat 1997;79:551-563; Zeileis A et al., J Stat Softw 2002;7(2) (R: strucchange).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]

LEAST_N = 15
"""With fewer values only a step at a known date can be tested (M10)."""

LEAST_SHARE = 0.15
"""Smallest share of the values between two breaks (strucchange's default)."""


@dataclass(frozen=True, slots=True)
class Pettitt:
    """k: values before the change; largest: the statistic K; p: two-sided, approximate."""

    k: int
    largest: int
    p: float


def pettitt(x: ArrayLike) -> Pettitt:
    """K = max over k of |sum_(i<=k) sum_(j>k) sgn(x_i - x_j)|, p ~ 2 exp(-6 K^2 / (n^3 + n^2)) (Pettitt 1979; M10).

    x: (n,) in the order of time. Raises ValueError for n < 15.
    """
    values = _long_enough(x)
    n = len(values)
    signs = np.sign(values[:, None] - values[None, :]).astype(np.int64)
    # Every value against all others, summed up to k: pairs on the same side of k cancel.
    sums = np.abs(np.cumsum(signs.sum(axis=1)))[:-1]
    k = int(np.argmax(sums))
    largest = int(sums[k])
    return Pettitt(k + 1, largest, min(1.0, 2 * math.exp(-6 * largest**2 / (n**3 + n**2))))


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """The best single step of the mean. k: values before it; low, high: 95 % interval of k, None where it has none;
    rss: residual sums of squares with 0, 1 and 2 steps; bic: of the three; steps: how many the BIC prefers."""

    k: int
    low: int | None
    high: int | None
    rss: tuple[float, float, float]
    bic: tuple[float, float, float]
    steps: int


def breakpoint(x: ArrayLike) -> Breakpoint:
    """Least squares over all places of one step (and of two, for comparison), each level at least 15 % of the values.

    BIC = n (ln(RSS/n) + 1 + ln 2 pi) + (2 m + 2) ln n for m steps. The interval is Bai's (1997), with a variance of its
    own before and after (strucchange's confint). x: (n,) in the order of time. Raises ValueError for n < 15.
    """
    values = _long_enough(x)
    n, least = len(values), max(2, int(LEAST_SHARE * len(values)))
    squares = _squares(values)
    none = float(squares[0, n])
    ends = np.arange(least, n - least + 1)
    one = squares[0, ends] + squares[ends, n]
    k = int(ends[np.argmin(one)])
    first, second = ends[:, None], ends[None, :]
    both = np.where(second - first >= least, squares[0, first] + squares[first, second] + squares[second, n], np.inf)
    rss = (none, float(one.min()), float(both.min()))
    bic = tuple(_bic(n, each, steps) for steps, each in enumerate(rss))
    low, high = _bai_interval(values, k)
    return Breakpoint(k, low, high, rss, (bic[0], bic[1], bic[2]), int(np.argmin(bic)))


def _long_enough(x: ArrayLike) -> Floats:
    values: Floats = np.asarray(x, dtype=np.float64)
    if len(values) < LEAST_N:
        raise ValueError(f"a change at an unknown date needs {LEAST_N} values")
    return values


def _squares(values: Floats) -> Floats:
    """Sum of squares about their mean of the values i to j - 1, for all i < j: (n + 1, n + 1), infinite elsewhere."""
    centred = values - values.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    count = np.arange(len(values) + 1)
    size = (count[None, :] - count[:, None]).astype(np.float64)
    between = sums[None, :] - sums[:, None]
    found = np.full(size.shape, np.inf)
    np.divide(between**2, size, where=size > 0, out=found)
    return np.where(size > 0, np.maximum(squares[None, :] - squares[:, None] - found, 0.0), np.inf)


def _bic(n: int, rss: float, steps: int) -> float:
    fit = math.log(rss / n) if rss > 0 else -math.inf
    return n * (fit + 1 + math.log(2 * math.pi)) + (2 * steps + 2) * math.log(n)


def _bai_interval(values: Floats, k: int) -> tuple[int | None, int | None]:
    before, after = values[:k], values[k:]
    step = float(after.mean() - before.mean())
    variances = float(before.var()), float(after.var())
    if step == 0 or min(variances) == 0:
        return None, None
    ratio = variances[1] / variances[0]
    if not 0.025 < _argmax_cdf(0.0, ratio) < 0.975:
        return None, None
    scale = variances[0] / step**2
    earlier = brentq(lambda v: _argmax_cdf(v, ratio) - 0.025, -_reach(-1, ratio), 0.0)
    later = brentq(lambda v: _argmax_cdf(v, ratio) - 0.975, 0.0, _reach(1, ratio))
    return max(1, k - math.ceil(later * scale)), min(len(values) - 1, k - math.floor(earlier * scale))


def _reach(side: int, ratio: float) -> float:
    far = 10.0
    while 0.025 < _argmax_cdf(side * far, ratio) < 0.975:
        far *= 2
    return far


def _argmax_cdf(v: float, ratio: float) -> float:
    """Distribution of where a two-sided Brownian motion with drift -|v|/2 has its maximum (Bai 1997, appendix B; one
    regressor with the same moments before and after). ratio: variance of the errors after over before."""
    x = abs(v)
    if v < 0:
        f = 1 / ratio
        return float(
            -math.sqrt(x / (2 * math.pi)) * math.exp(-x / 8)
            - ratio * (ratio + 2) / (ratio + 1) * math.exp(f * (1 + f) * x / 2 + norm.logcdf(-(0.5 + f) * math.sqrt(x)))
            + (x / 2 - 2 + (ratio + 2) ** 2 / (ratio + 1)) * norm.cdf(-math.sqrt(x) / 2)
        )
    f = 1 / ratio
    root = math.sqrt(f * x)
    return float(
        1
        + root * math.exp(-f * x / 8) / math.sqrt(2 * math.pi)
        + (2 * ratio + 1)
        / (ratio * (ratio + 1))
        * math.exp((ratio + 1) * x / 2 + norm.logcdf(-(ratio + 0.5) / math.sqrt(ratio) * math.sqrt(x)))
        - ((2 * ratio + 1) ** 2 / ((ratio + 1) * ratio) - 2 + f * x / 2) * norm.cdf(-root / 2)
    )
