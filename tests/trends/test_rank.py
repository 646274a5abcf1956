"""Trends by rank, with their guard, at the edges and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from station.trends import rank
from station.trends.multiplicity import holm


def test_three_laboratory_values_can_never_be_a_trend() -> None:
    assert rank.mann_kendall([1, 2, 3]).p == pytest.approx(1 / 3)
    assert rank.mann_kendall([1, 2]).p == 1
    assert rank.mann_kendall([1]).p == 1


def test_equal_values_say_nothing() -> None:
    found = rank.mann_kendall([5] * 8)
    assert (found.s, found.z, found.p, found.tau_b, found.exact) == (0, 0.0, 1.0, 0.0, False)
    assert rank.spearman([1, 2, 3, 4], [7, 7, 7, 7]).p == 1
    assert rank.kendall([1, 2, 3, 4], [7, 7, 7, 7]).coefficient == 0


def test_ties_in_values_and_times_give_the_variance_of_all_orders() -> None:
    t, y = np.array([0, 0, 1, 2, 3, 3]), np.array([1.0, 2, 2, 2, 3, 5])
    reached = [rank.mann_kendall(y[order], t).s for order in rank.orders(6)]
    assert rank.mann_kendall(y, t).var_s == pytest.approx(np.var(reached))


def test_slope_and_interval_are_scipys_without_a_guard() -> None:
    rng = np.random.default_rng(4)
    t, y = np.sort(rng.uniform(0, 12, 11)), rng.normal(size=11)
    expected = stats.theilslopes(y, t, 0.95)
    found = rank.sen_slope(t, y)
    assert (found.slope, found.low, found.high) == pytest.approx(expected[:1] + expected[2:])
    wider = rank.sen_slope(t, y, inflation=3.0)
    assert wider.low < found.low < found.slope == wider.slope < found.high < wider.high


def test_a_slope_needs_two_times() -> None:
    with pytest.raises(ValueError, match="two different times"):
        rank.sen_slope([3, 3], [1, 2])


def test_six_visits_never_survive_the_guard_and_seven_can() -> None:
    six = rank.guarded_trend(range(6), np.log(np.arange(100, 106)))
    assert six.plain_p < 0.05 < six.p
    assert not six.survives
    seven = rank.guarded_trend(range(7), np.log(np.arange(100, 107)))
    assert seven.survives
    assert seven.lag1 is None
    assert seven.inflation == pytest.approx(1.3 / 0.7)
    assert not rank.guarded_trend(np.arange(7) / 2, np.log(np.arange(100, 107))).survives  # three months only


def test_slope_is_the_change_of_the_logarithm_in_a_month() -> None:
    t = np.arange(0, 13, dtype=float)
    assert rank.guarded_trend(t, np.log(180) + 0.01 * t).slope == pytest.approx(0.01)


def test_neighbouring_errors_that_go_on_widen_the_error() -> None:
    t = np.arange(16, dtype=float)
    waves = rank.guarded_trend(t, 0.02 * t + 0.05 * np.sin(t / 2))
    assert waves.lag1 is not None
    assert waves.lag1 > 0.2
    assert waves.inflation == pytest.approx((1 + waves.lag1) / (1 - waves.lag1))
    zigzag = rank.guarded_trend(t, 0.02 * t + 0.05 * (-1) ** t)
    assert zigzag.inflation == 1
    assert rank.lag1_correlation([2, 2, 2]) == 0


@pytest.mark.parametrize(("visits", "plain_most"), [(7, 0.05), (10, 0.065), (13, 0.065)])
def test_false_alarms_of_a_trend_are_nominal(visits: int, plain_most: float) -> None:
    rng = np.random.default_rng(visits)
    found = [rank.guarded_trend(range(visits), rng.normal(0, 0.05, visits)) for _ in range(600)]
    assert np.mean([trend.plain_p <= 0.05 for trend in found]) <= plain_most
    assert all(trend.plain_p <= 0.05 for trend in found if trend.survives)


def test_many_pairs_take_seeded_permutations_that_agree_with_t() -> None:
    rng = np.random.default_rng(11)
    x = rng.normal(size=20)
    y = x + rng.normal(size=20) * 2
    found = rank.spearman(x, y)
    assert found == rank.spearman(x, y)
    assert found.p == pytest.approx(stats.spearmanr(x, y).pvalue, abs=0.01)


def test_a_perfect_order_has_no_interval() -> None:
    found = rank.spearman(range(6), range(6))
    assert (found.coefficient, found.low, found.high) == (1.0, None, None)
    assert found.p == pytest.approx(2 / 720)


def test_holm_keeps_order_and_never_shrinks() -> None:
    # By hand: 0.01 x 4, 0.02 x 3, then 0.03 x 2, and 0.5 x 1.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx((0.06, 0.04, 0.5, 0.06))
    assert holm([0.02, 0.015]) == pytest.approx((0.03, 0.03))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()
