"""Do blood values and density go together? An association only, and only with enough pairs (method M7, REQ-31).

Two courses that both rise correlate whatever they are, and the best of several lags is found by chance as well
(domain reference 5.2): so one lag is set in advance, the detrended correlation stands beside the plain one, and a scan
over lags carries a p that knows of the scan. Below 5 pairs there is no coefficient, below 8 no p (1.9, A10).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from station.trends.rank import DAYS_PER_MONTH, lag1_correlation, sen_slope, spearman

Floats = NDArray[np.float64]

PRESET_LAG_MONTHS = 3.0
NEIGHBOUR_DAYS = 45
COEFFICIENT_PAIRS = 5
P_PAIRS = 8

Dated = tuple[dt.date, float]


@dataclass(frozen=True, slots=True)
class Pair:
    """A laboratory result and the density a set time after its draw."""

    drawn: dt.date
    lab: float
    density: float


@dataclass(frozen=True, slots=True)
class LabCorrelation:
    """Spearman's rho of the pairs, None below 5; its 95 % interval, None below 5 or for a perfect order; p: by
    permutation, None below 8.

    detrended_rho, detrended_p: of what is left of both after their Sen lines; n_effective: pairs that are worth as
    much as independent ones; guarded_p: by t with that many (1 for 3 or fewer). All None below 8.
    """

    n: int
    rho: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    detrended_rho: float | None = None
    detrended_p: float | None = None
    n_effective: float | None = None
    guarded_p: float | None = None


def pairs_at_lag(
    labs: Sequence[Dated], densities: Sequence[Dated], lag_months: float = PRESET_LAG_MONTHS
) -> tuple[Pair, ...]:
    """Each result with the density `lag_months` after its draw, by the date of the draw.

    The density is interpolated between the last visit before that day and the first after it, both within 45 days of
    it (M7); a result without such visits has no pair. labs: plain numbers in one unit (a result that is an interval has
    no rank); densities: one a day. Both in any order.
    """
    visits = sorted(densities)
    days = np.array([visit.toordinal() for visit, _ in visits], dtype=np.float64)
    values = np.array([value for _, value in visits], dtype=np.float64)
    found = []
    for drawn, lab in sorted(labs):
        day = drawn.toordinal() + lag_months * DAYS_PER_MONTH
        earlier, later = days[days <= day], days[days >= day]
        if len(earlier) and len(later) and max(day - earlier[-1], later[0] - day) <= NEIGHBOUR_DAYS:
            found.append(Pair(drawn, lab, float(np.interp(day, days, values))))
    return tuple(found)


def lab_density_correlation(pairs: Sequence[Pair]) -> LabCorrelation:
    """The correlation that so many pairs allow (M7, A10). pairs: in any order."""
    n = len(pairs)
    if n < COEFFICIENT_PAIRS:
        return LabCorrelation(n)
    ordered = sorted(pairs, key=lambda pair: (pair.drawn, pair.lab, pair.density))
    months = np.array([pair.drawn.toordinal() for pair in ordered]) / DAYS_PER_MONTH
    lab = np.array([pair.lab for pair in ordered])
    density = np.array([pair.density for pair in ordered])
    plain = spearman(lab, density)
    if n < P_PAIRS or len(np.unique(months)) < 2:
        return LabCorrelation(n, plain.coefficient, plain.low, plain.high)
    rest = spearman(_detrended(months, lab), _detrended(months, density))
    worth = effective_n(n, lag1_correlation(lab), lag1_correlation(density))
    return LabCorrelation(
        n,
        plain.coefficient,
        plain.low,
        plain.high,
        plain.p,
        rest.coefficient,
        rest.p,
        worth,
        _p_by_t(plain.coefficient, worth),
    )


def effective_n(n: int, r1: float, r2: float) -> float:
    """How many independent pairs n pairs of two series with lag-1 correlations r1 and r2 are worth, at most n.

    n (1 - r1 r2)/(1 + r1 r2) (Bretherton CS et al., J Clim 1999;12:1990-2009; Pyper BJ, Peterman RM, Can J Fish Aquat
    Sci 1998;55:2127-2140; M4).
    """
    return min(float(n), n * (1 - r1 * r2) / (1 + r1 * r2))


def _detrended(months: Floats, values: Floats) -> Floats:
    rest = values - sen_slope(months, values).slope * (months - months[0])
    # Points that lie on the line are equal: without this, rounding errors of the line would get ranks.
    rounded: Floats = np.round(rest / (float(np.abs(values).max()) or 1.0), 9)
    return rounded


def _p_by_t(rho: float, n: float) -> float:
    """Two-sided, never below the least p that so many independent pairs can have: 2 / n! (domain reference 5.1)."""
    if n <= 3:
        return 1.0
    least = 2 / math.factorial(math.floor(n))
    if abs(rho) >= 1:
        return least
    return max(least, float(2 * stats.t.sf(abs(rho) * math.sqrt((n - 2) / (1 - rho**2)), n - 2)))


@dataclass(frozen=True, slots=True)
class LagScan:
    """The lag with the strongest correlation among those with 8 pairs or more. corrected_p: knows that lags were
    tried; tried: the lags, in months."""

    lag_months: float
    rho: float
    corrected_p: float
    tried: tuple[float, ...]


def scan_lags(labs: Sequence[Dated], densities: Sequence[Dated], lags_months: ArrayLike) -> LagScan | None:
    """The strongest of several lags, with a max-statistic permutation p; None when no lag has 8 pairs.

    The results are shifted around the circle of their dates, which keeps how each follows the one before it; p is the
    share of all n shifts (the one seen among them) whose strongest |rho| over the same lags is as large. So p is never
    below 1/n: fewer than 20 results cannot be significant at 5 % once lags are scanned.
    """
    ordered = sorted(labs)
    dates, values = [drawn for drawn, _ in ordered], [value for _, value in ordered]
    lags = np.asarray(lags_months, dtype=np.float64).tolist()
    usable = tuple(lag for lag in lags if len(pairs_at_lag(ordered, densities, lag)) >= P_PAIRS)
    if not usable:
        return None

    def strongest(shift: int) -> tuple[float, float]:
        shifted = list(zip(dates, values[shift:] + values[:shift], strict=True))
        found = []
        for lag in usable:
            pairs = pairs_at_lag(shifted, densities, lag)
            rho = stats.spearmanr([pair.lab for pair in pairs], [pair.density for pair in pairs]).statistic
            found.append((0.0 if math.isnan(rho) else float(rho), lag))
        return max(found, key=lambda each: abs(each[0]))

    rho, lag = strongest(0)
    as_large = sum(abs(strongest(shift)[0]) >= abs(rho) - 1e-12 for shift in range(len(values)))
    return LagScan(lag, rho, as_large / len(values), usable)
