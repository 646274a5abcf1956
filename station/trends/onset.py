"""When did density begin to rise? The phase model (domain reference 5.3, M5).

log density = a + b max(0, t - tau) with tau = t_norm + L: B12 became normal at t_norm, somewhere between the last draw
that was not above the threshold and the first that was, and density follows after L = 1 to 7 months, fixed in advance
from the brief (a rise in months 3 to 6, B12 normal in month 1 to 2).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.trends.endpoint import WINDOW, Point, log_hairs, months_between
from station.trends.error import Z95
from station.trends.hinge import fit_hinge
from station.trends.rank import DAYS_PER_MONTH

Crossing = tuple[dt.date | None, dt.date]
"""Draws of B12: the last that was not above the threshold, if any, and the first that was."""

LEAST_VISITS = 8
LEAST_EACH_SIDE = 3
LAGS_MONTHS = (1, 7)
STEP_MONTHS = 0.5
COURSE_MONTHS = 12
"""The brief's course ends at a level in month 6 to 12: one line after tau describes no later visit."""


@dataclass(frozen=True, slots=True)
class Onset:
    """begins: the likeliest start of the rise, with earliest and latest by its 95 % interval; gain_percent with
    gain_low_percent to gain_high_percent: from then to the last visit of the course; mdc_percent: least detectable
    rise between means of three visits, as the model demands that many on either side; rises: b > 0 with its interval
    and the gain beyond that."""

    begins: dt.date
    earliest: dt.date
    latest: dt.date
    gain_percent: float
    gain_low_percent: float
    gain_high_percent: float
    mdc_percent: float
    rises: bool


def normal_since(crossing: Crossing | None, dose: dt.date | None) -> tuple[dt.date, dt.date] | None:
    """The days between which B12 became normal: after a draw at which it was not, and not before the first dose (A9).

    None where no draw was below, or where it was normal before the dose.
    """
    last_below, first_above = crossing or (None, None)
    if last_below is None or first_above is None:
        return None
    if dose is None:
        return last_below, first_above
    return (max(last_below, dose), first_above) if dose < first_above else None


def onset_visits(days: Sequence[dt.date], normal: tuple[dt.date, dt.date] | None) -> tuple[int, tuple[float, ...]]:
    """How many of the visits (in order) belong to the course, and the grid of tau, in months since the first visit,
    that they can be fitted to: at least three visits on either side. An empty grid: no model."""
    if normal is None or not days:
        return 0, ()
    times = np.array([months_between(days[0], day) for day in days if months_between(normal[0], day) <= COURSE_MONTHS])
    if len(times) < LEAST_VISITS:
        return len(times), ()
    first, last = (months_between(days[0], day) + lag for day, lag in zip(normal, LAGS_MONTHS, strict=True))
    grid = np.arange(first, last + STEP_MONTHS / 2, STEP_MONTHS)
    before = (times[None, :] <= grid[:, None]).sum(axis=1)
    usable = (before >= LEAST_EACH_SIDE) & (len(times) - before >= LEAST_EACH_SIDE)
    return len(times), tuple(grid[usable].tolist())


def onset(points: Sequence[Point], normal: tuple[dt.date, dt.date] | None) -> Onset | None:
    """The phase model of the visits since the baseline; None with too few of them on either side of every tau."""
    count, grid = onset_visits([point.date for point in points], normal)
    if not grid:
        return None
    course = points[:count]
    start = course[0].date
    times = [months_between(start, point.date) for point in course]
    sd = math.sqrt(math.fsum(point.sd_hairs**2 for point in course) / count)
    hinge = fit_hinge(times, log_hairs(course), grid, sd)
    # With a known error the intervals are there.
    low, high = hinge.b_low or 0.0, hinge.b_high or 0.0
    grown = times[-1] - hinge.tau
    limit = math.expm1(Z95 * sd * math.sqrt(2 / WINDOW))
    gain = math.expm1(hinge.gain)
    return Onset(
        _day(start, hinge.tau),
        _day(start, hinge.tau if hinge.tau_low is None else hinge.tau_low),
        _day(start, hinge.tau if hinge.tau_high is None else hinge.tau_high),
        100 * gain,
        100 * math.expm1(low * grown),
        100 * math.expm1(high * grown),
        100 * limit,
        low > 0 and gain > limit,
    )


def _day(start: dt.date, months: float) -> dt.date:
    return start + dt.timedelta(days=round(months * DAYS_PER_MONTH))
