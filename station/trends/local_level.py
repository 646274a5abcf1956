"""The smooth line through a course: a level that wanders, seen with a known error (method M8).

y_t = mu_t + e_t, mu_next = mu_t + n_t; the variance of e is that of a visit (M1), that of n grows with the real gap.
Kalman filter, then Rauch-Tung-Striebel smoother (Durbin J, Koopman SJ, Time Series Analysis by State Space Methods,
2nd ed. 2012, chapter 2). For drawing only: no claim of change rests on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize, minimize_scalar

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Smoothed:
    """mean, sd: of the level at each time, in the order given; var_n: variance of the level's steps a month."""

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    var_n: float


@dataclass(frozen=True, slots=True)
class Filtered:
    """Level and its variance at each time, in the order of time, from what was seen up to then: predicted (n,),
    predicted_var, mean, var; log_likelihood: without its first term where the start is diffuse."""

    predicted: Floats
    predicted_var: Floats
    mean: Floats
    var: Floats
    log_likelihood: float


def smooth(t_months: ArrayLike, log_y: ArrayLike, var_e: float, var_n: float | None = None) -> Smoothed:
    """The smoothed level at each time.

    t_months, log_y: (n,), n >= 1, in any order; var_e: variance of one log_y; var_n: variance of the level's change in
    a month, by maximum likelihood with var_e held fixed where it is None.
    """
    times, values = np.asarray(t_months, dtype=np.float64), np.asarray(log_y, dtype=np.float64)
    order = np.lexsort((values, times))
    gaps, ordered = np.diff(times[order]), values[order]
    step = _likeliest_step(gaps, ordered, var_e) if var_n is None else var_n
    seen = kalman_filter(gaps, ordered, var_e, step)
    mean, var = seen.mean.copy(), seen.var.copy()
    for i in range(len(mean) - 2, -1, -1):
        ahead = seen.predicted_var[i + 1]
        gain = seen.var[i] / ahead if ahead > 0 else 1.0
        mean[i] += gain * (mean[i + 1] - seen.predicted[i + 1])
        var[i] += gain**2 * (var[i + 1] - ahead)
    back = np.argsort(order)
    return Smoothed(tuple(mean[back].tolist()), tuple(np.sqrt(var[back]).tolist()), step)


def kalman_filter(
    gaps: Floats, y: Floats, var_e: float, var_n: float, start: float = 0.0, start_var: float = math.inf
) -> Filtered:
    """gaps: (n - 1,) between the values y (n,) in the order of time; start, start_var: what is known of the first
    level before it is seen (by default nothing: a diffuse start)."""
    predicted, predicted_var, mean, var = (np.empty(len(y)) for _ in range(4))
    level, uncertain, log_likelihood = start, start_var, 0.0
    for i, value in enumerate(y.tolist()):
        predicted[i], predicted_var[i] = level, uncertain
        total = uncertain + var_e
        if math.isinf(total):
            level, uncertain = value, var_e
        elif total > 0:
            surprise = value - level
            log_likelihood -= 0.5 * (math.log(2 * math.pi * total) + surprise**2 / total)
            level += uncertain / total * surprise
            uncertain *= var_e / total
        mean[i], var[i] = level, uncertain
        if i < len(gaps):
            uncertain += var_n * float(gaps[i])
    return Filtered(predicted, predicted_var, mean, var, log_likelihood)


def likeliest_variances(t: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Both variances (var_e, var_n) by maximum likelihood with a diffuse start: for long series only (n >= 15, M8)."""
    times, values = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(times, kind="stable")
    gaps, ordered = np.diff(times[order]), values[order]
    scale = float(ordered.var())

    def cost(logs: Floats) -> float:
        return -kalman_filter(gaps, ordered, scale * math.exp(logs[0]), scale * math.exp(logs[1])).log_likelihood

    found = minimize(cost, [-0.7, -2.3], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000})
    return scale * math.exp(found.x[0]), scale * math.exp(found.x[1])


def _likeliest_step(gaps: Floats, y: Floats, var_e: float) -> float:
    """var_n by maximum likelihood on [0, 100 var_e] a unit of time; 0 where a still level is as likely."""

    def cost(log_ratio: float) -> float:
        return -kalman_filter(gaps, y, var_e, var_e * math.exp(log_ratio)).log_likelihood

    found = minimize_scalar(cost, bounds=(math.log(1e-6), math.log(100)), method="bounded")
    still = -kalman_filter(gaps, y, var_e, 0.0).log_likelihood
    return var_e * math.exp(found.x) if found.fun < still else 0.0
