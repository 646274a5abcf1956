"""Blood values and density: what so many pairs allow (M7, A10)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from station.trends import correlation
from station.trends.correlation import Pair

START = dt.date(2024, 1, 1)


def day(number: float) -> dt.date:
    return START + dt.timedelta(round(number))


def pairs(lab: list[float], density: list[float]) -> list[Pair]:
    return [Pair(day(60 * i), a, b) for i, (a, b) in enumerate(zip(lab, density, strict=True))]


@pytest.mark.req("REQ-31")
def test_below_five_pairs_there_is_no_coefficient_and_below_eight_no_p() -> None:
    rising = [float(value) for value in range(12)]
    four = correlation.lab_density_correlation(pairs(rising[:4], rising[:4]))
    assert four == correlation.LabCorrelation(4)
    seven = correlation.lab_density_correlation(pairs(rising[:7], rising[:7]))
    assert seven.rho == 1
    assert seven.p is seven.detrended_rho is seven.guarded_p is None
    eight = correlation.lab_density_correlation(pairs(rising[:8], rising[:8]))
    assert eight.p == pytest.approx(2 / 40320)


@pytest.mark.req("REQ-31")
def test_two_rising_courses_are_not_evidence() -> None:
    # Both rise on their own: the plain correlation is strong, nothing is left without the trends, and few pairs are
    # worth as much as independent ones.
    rng = np.random.default_rng(12)
    t = np.arange(12.0)
    found = correlation.lab_density_correlation(
        pairs(list(200 + 20 * t + rng.normal(0, 5, 12)), list(150 + 3 * t + rng.normal(0, 1, 12)))
    )
    assert found.rho is not None
    assert found.rho > 0.9
    assert found.p is not None
    assert found.p < 0.01
    assert found.detrended_p is not None
    assert found.detrended_p > 0.05
    assert found.n_effective is not None
    assert found.n_effective < 8
    assert found.guarded_p is not None
    assert found.guarded_p > found.p


def test_results_are_paired_with_the_density_three_months_later() -> None:
    labs = [(day(0), 180.0), (day(400), 500.0)]
    # 91.3 days after day 0, between the visits of day 81 and day 101.
    found = correlation.pairs_at_lag(labs, [(day(81), 100.0), (day(101), 120.0)])
    assert [pair.drawn for pair in found] == [day(0)]
    assert found[0].density == pytest.approx(100 + 10.3125)


@pytest.mark.parametrize("visits", [[81], [101], [40, 101], [81, 140], []])
def test_no_density_is_made_up_outside_45_days_or_beyond_the_last_visit(visits: list[int]) -> None:
    assert correlation.pairs_at_lag([(day(0), 180.0)], [(day(visit), 100.0) for visit in visits]) == ()


def test_results_that_do_not_vary_do_not_correlate() -> None:
    found = correlation.lab_density_correlation(pairs([300.0] * 9, [float(value) for value in range(9)]))
    assert (found.rho, found.p) == (0, 1)


def test_results_of_one_day_have_no_detrended_version() -> None:
    found = correlation.lab_density_correlation([Pair(START, float(i), float(-i)) for i in range(9)])
    assert found.rho == -1
    assert found.p is None


def test_a_scan_over_lags_pays_for_it() -> None:
    rng = np.random.default_rng(9)
    visits = [(day(30 * i), float(value)) for i, value in enumerate(rng.normal(150, 10, 40))]
    labs = [(day(40 * i), float(value)) for i, value in enumerate(rng.normal(300, 40, 24))]
    found = correlation.scan_lags(labs, visits, range(7))
    assert found is not None
    assert found.corrected_p >= 1 / 24
    one = correlation.lab_density_correlation(correlation.pairs_at_lag(labs, visits, found.lag_months))
    assert found.rho == pytest.approx(one.rho)
    assert correlation.scan_lags(labs[:7], visits, range(7)) is None


def test_false_alarms_of_a_scan_are_nominal() -> None:
    rng = np.random.default_rng(21)
    alarms = 0
    for _ in range(60):
        visits = [(day(30 * i), float(value)) for i, value in enumerate(rng.normal(150, 10, 30))]
        labs = [(day(35 * i), float(value)) for i, value in enumerate(rng.normal(300, 40, 21))]
        found = correlation.scan_lags(labs, visits, [0.0, 2.0, 4.0])
        alarms += found is not None and found.corrected_p <= 0.05
    assert alarms <= 8


def test_effective_pairs_are_never_more_than_the_pairs() -> None:
    assert correlation.effective_n(10, 0.5, -0.5) == 10
