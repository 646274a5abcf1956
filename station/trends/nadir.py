"""Why a gain over the lowest value is never evidence (domain reference 1.9, A7).

The lowest of several visits is low by chance as well as in truth, so that the next visit is higher even if nothing
changed.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from station.trends.error import log_sd


def expected_minimum(n: int) -> float:
    """Expected smallest of n independent standard normal values: integral of x n phi(x) (1 - Phi(x))^(n - 1).

    n >= 1 (David HA, Order Statistics, 1981, chapter 3).
    """

    def density(x: float) -> float:
        return x * n * math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * float(ndtr(-x)) ** (n - 1)

    return float(quad(density, -np.inf, np.inf)[0])


def nadir_bias(cv: float, n: int) -> float:
    """The gain over the lowest of n visits that one more visit shows when nothing changed, as a share.

    exp(-s E[min of n]) - 1 with s the standard deviation of logs for cv: the median person's, for a new visit at its
    true level. About 0.07 for a CV of 5 % and 7 visits.
    """
    return math.expm1(-log_sd(cv) * expected_minimum(n))
