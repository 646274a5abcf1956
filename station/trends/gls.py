"""A straight line whose errors go on from visit to visit: generalised least squares with AR(1) errors (method M4).

Sources: Box GEP, Jenkins GM, Reinsel GC, Time Series Analysis, 1994; Pinheiro JC, Bates DM, Mixed-Effects Models in S
and S-PLUS, 2000, chapter 5 (R: nlme's gls with corAR1, or corCAR1 for real gaps).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import minimize_scalar

Floats = NDArray[np.float64]

LARGEST_PHI = 0.9999


@dataclass(frozen=True, slots=True)
class GlsLine:
    """y = intercept + slope t. se: of the slope; p: two-sided, by t with n - 2 degrees of freedom; phi: correlation
    of two errors one unit of t apart; innovation_var: variance of what is new in an error after one unit;
    log_likelihood: at its maximum (restricted with reml)."""

    intercept: float
    slope: float
    se: float
    p: float
    phi: float
    innovation_var: float
    log_likelihood: float


def gls_line(t: ArrayLike, y: ArrayLike, *, reml: bool) -> GlsLine:
    """The line by maximum or restricted maximum likelihood, exact, for phi in [0, 1).

    Errors t_1 and t_2 apart by g correlate phi^g. With z_1 = e_1 and z_i = (e_i - phi^g e_(i-1)) / sqrt(1 - phi^2g)
    the z are independent: -2 log L = n log(2 pi s^2) + sum log(1 - phi^2g) + n with s^2 = sum z^2 / n; restricted:
    n - 2 for n, and log |X'V^-1X| more. se takes s^2 over n - 2 for both, as nlme does.

    t, y: (n,), n >= 4, different times in any order. Raises ValueError for fewer or for equal times.
    """
    times, values = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(times)
    times, values = times[order], values[order]
    gaps = np.diff(times)
    if len(times) < 4 or not (gaps > 0).all():
        raise ValueError("a line with AR(1) errors needs four different times")
    middle = float(times.mean())
    design = np.column_stack([np.ones(len(times)), times - middle])

    def cost(phi: float) -> float:
        return -_whitened(design, values, gaps, phi, reml)[0]

    phi = float(minimize_scalar(cost, bounds=(0.0, LARGEST_PHI), method="bounded", options={"xatol": 1e-10}).x)
    log_likelihood, beta, unscaled, squares = _whitened(design, values, gaps, phi, reml)
    n = len(times)
    se = math.sqrt(squares / (n - 2) * float(unscaled[1, 1]))
    slope = float(beta[1])
    p = float(2 * stats.t.sf(abs(slope) / se, n - 2))
    variance = squares / (n - 2 if reml else n)
    return GlsLine(float(beta[0]) - slope * middle, slope, se, p, phi, variance * (1 - phi**2), log_likelihood)


def _whitened(design: Floats, y: Floats, gaps: Floats, phi: float, reml: bool) -> tuple[float, Floats, Floats, float]:
    """Log likelihood at phi, coefficients, (X'V^-1X)^-1 and the residual sum of squares of the independent parts."""
    carried = phi**gaps
    new = np.sqrt(1 - carried**2)
    x = np.vstack([design[:1], (design[1:] - carried[:, None] * design[:-1]) / new[:, None]])
    z = np.concatenate([y[:1], (y[1:] - carried * y[:-1]) / new])
    information = x.T @ x
    unscaled = np.linalg.inv(information)
    beta = unscaled @ (x.T @ z)
    squares = float(((z - x @ beta) ** 2).sum())
    df = len(y) - 2 if reml else len(y)
    cost = df * (math.log(2 * math.pi * squares / df) + 1) + 2 * float(np.log(new).sum())
    if reml:
        cost += math.log(float(np.linalg.det(information)))
    return -cost / 2, beta, unscaled, squares
