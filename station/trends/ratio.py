"""The ratio of two densities with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from station.trends.error import Z95


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its 95 % interval."""

    ratio: float
    low: float
    high: float


def ratio_interval(top: float, ref: float, cv_top: float, cv_ref: float) -> Ratio:
    """The ratio top / ref of two densities that were measured apart, with CVs cv_top and cv_ref.

    On logs: L = ln(top / ref), SE = sqrt(CV_top^2 + CV_ref^2), 95 % interval exp(L +- 1.96 SE) (domain reference
    4.3, static contrast). Raises ValueError for a density of 0, which has no logarithm.
    """
    if min(top, ref) <= 0:
        raise ValueError("a ratio needs two densities above 0")
    reach = math.exp(Z95 * math.hypot(cv_top, cv_ref))
    return Ratio(top / ref, top / ref / reach, top / ref * reach)
