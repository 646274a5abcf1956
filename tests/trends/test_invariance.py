"""Another calendar, another unit and another order of entry never change what the statistics say."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends import censored, changepoint, correlation, gls, hinge, local_level, rank

DAYS = rank.DAYS_PER_MONTH
# Visits: days since the first, all different, with densities in whole hairs per cm2.
courses = st.dictionaries(st.integers(0, 900), st.integers(80, 260), min_size=4, max_size=14).map(
    lambda visits: sorted(visits.items())
)
shifts = st.integers(-3000, 3000)
factors = st.sampled_from([0.01, 0.738, 6.4516, 100.0])
seeds = st.integers(0, 99)


def changed(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Times in months and values of the same course on another calendar, in another unit, in another order."""
    moved = [((day + shift) / DAYS, value * factor) for day, value in course]
    random.Random(seed).shuffle(moved)
    times, values = np.array(moved).T
    return times, values


def plain(course: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([day / DAYS for day, _ in course]), np.array([float(value) for _, value in course])


@given(courses, shifts, factors, seeds)
def test_trend(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    one, other = rank.guarded_trend(t, np.log(y)), rank.guarded_trend(t2, np.log(y2))
    assert (one.survives, one.n) == (other.survives, other.n)
    for name in ("slope", "low", "high", "p", "plain_p", "inflation", "span_months"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6, abs=1e-9), name


@given(courses, shifts, factors, seeds)
def test_rank_correlations(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    assert rank.mann_kendall(y, t) == rank.mann_kendall(y2, t2)
    assert rank.kendall(t, y) == rank.kendall(t2, y2)
    one, other = rank.spearman(t, y), rank.spearman(t2, y2)
    assert (one.coefficient, one.p) == pytest.approx((other.coefficient, other.p))


@given(courses, shifts, factors, seeds)
def test_hinge(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    taus = t[0] + np.arange(0.5, 8, 0.5)
    if t[-1] <= taus[0]:
        return
    one = hinge.fit_hinge(t, y, taus, 8.0)
    other = hinge.fit_hinge(t2, y2, taus + shift / DAYS, 8.0 * factor)
    assert other.tau - shift / DAYS == pytest.approx(one.tau)
    assert other.b / factor == pytest.approx(one.b, rel=1e-6, abs=1e-6)
    assert (other.before, other.after) == (one.before, one.after)
    p, p2 = hinge.hinge_test(t, y, taus, 8.0), hinge.hinge_test(t2, y2, taus + shift / DAYS, 8.0 * factor)
    assert p == pytest.approx(p2, abs=2 / hinge.DRAWS)


@given(courses, shifts, factors, seeds)
def test_smooth_line(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    one = local_level.smooth(t, np.log(y), 0.004, 0.001)
    other = local_level.smooth(t2, np.log(y2), 0.004, 0.001)
    by_time = np.argsort(t2)
    assert np.array(other.mean)[by_time] - np.log(factor) == pytest.approx(np.array(one.mean))
    assert np.array(other.sd)[by_time] == pytest.approx(np.array(one.sd))


@settings(max_examples=40)
@given(courses, shifts, factors, seeds)
def test_line_with_ar1_errors(course: list[tuple[int, int]], shift: int, factor: float, seed: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    if np.ptp(y) == 0:
        return
    # At the same phi: the likelihood can be flat, so that its maximum is not one place.
    gaps = np.diff(t)
    design = np.column_stack([np.ones(len(t)), t - t.mean()])
    order = np.argsort(t2)
    moved = np.column_stack([np.ones(len(t)), t2[order] - t2.mean()])
    one = gls._whitened(design, y, gaps, 0.4, True)
    other = gls._whitened(moved, y2[order], np.diff(t2[order]), 0.4, True)
    assert other[1] / factor == pytest.approx(one[1], rel=1e-5, abs=1e-6)


@given(courses, shifts, factors, seeds, st.integers(90, 200))
def test_censored(course: list[tuple[int, int]], shift: int, factor: float, seed: int, limit: int) -> None:
    (t, y), (t2, y2) = plain(course), changed(course, shift, factor, seed)
    below = [(None, float(limit)) if value < limit else (value, value) for value in y]
    below2 = [(None, limit * factor) if value < limit * factor else (value, value) for value in y2]
    assert censored.censored_kendall(below, t) == censored.censored_kendall(below2, t2)
    one, other = censored.censored_slope(t, below), censored.censored_slope(t2, below2)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other / factor == pytest.approx(one, rel=1e-6, abs=1e-6)


@given(st.lists(st.integers(1, 60), min_size=15, max_size=30), factors)
def test_change_of_level(values: list[int], factor: float) -> None:
    scaled = [value * factor for value in values]
    assert changepoint.pettitt(values) == changepoint.pettitt(scaled)
    if len(set(values)) > 3:
        one, other = changepoint.breakpoint(values), changepoint.breakpoint(scaled)
        assert other.rss[1] / factor**2 == pytest.approx(one.rss[1], rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(60, 900)), max_size=14), courses, shifts, factors, seeds)
def test_pairs_of_blood_and_density(
    labs: list[tuple[int, int]], course: list[tuple[int, int]], shift: int, factor: float, seed: int
) -> None:
    start = dt.date(2015, 1, 1)

    def dated(rows: list[tuple[int, int]], moved: int, unit: float) -> list[tuple[dt.date, float]]:
        return [(start + dt.timedelta(day + moved), value * unit) for day, value in rows]

    one = correlation.pairs_at_lag(dated(labs, 0, 1), dated(course, 0, 1))
    shuffled = random.Random(seed).sample(labs, len(labs))
    other = correlation.pairs_at_lag(dated(shuffled, shift, factor), dated(course[::-1], shift, 1))
    assert [(pair.lab * factor, pair.density) for pair in one] == [(pair.lab, pair.density) for pair in other]
    found, again = correlation.lab_density_correlation(one), correlation.lab_density_correlation(other[::-1])
    for name in ("n", "rho", "p", "low", "high", "n_effective", "guarded_p"):
        value, second = getattr(found, name), getattr(again, name)
        assert (value is None) == (second is None)
        assert value is None or value == pytest.approx(second, rel=1e-6), name
