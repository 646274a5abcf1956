"""Results that are known only as an interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from station.trends import censored, rank


def numbers(values: list[float]) -> list[censored.Interval]:
    return [(value, value) for value in values]


def test_plain_numbers_give_the_plain_statistics() -> None:
    values = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.6]
    found = censored.censored_kendall(numbers(values))
    expected = rank.mann_kendall(values)
    assert (found.s, found.p) == (expected.s, pytest.approx(expected.p))
    t = [0.0, 1.0, 3.5, 4.0, 6.0, 9.0, 11.0]
    assert censored.censored_slope(t, numbers(values)) == pytest.approx(rank.sen_slope(t, values).slope)


def test_a_limit_and_a_number_under_it_are_no_pair() -> None:
    assert censored.censored_kendall([(None, 150), (120, 120)]).s == 0
    assert censored.censored_kendall([(None, 150), (150, 150)]).s == 0
    assert censored.censored_kendall([(None, 150), (151, 151)]).s == 1


def test_only_limits_have_no_slope() -> None:
    assert censored.censored_slope([0, 1, 2], [(None, 150)] * 3) is None


def test_many_values_take_seeded_orders() -> None:
    values = numbers([float(value) for value in range(12)])
    found = censored.censored_kendall(values)
    assert found == censored.censored_kendall(values)
    assert found.s == 66
    assert found.p < 0.001


def test_lognormal_numbers_give_the_mean_and_sd_of_their_logs() -> None:
    values = [120.0, 180.0, 240.0, 310.0, 150.0]
    found = censored.interval_fit(numbers(values), distribution="lognormal")
    logs = np.log(values)
    assert found.coefficients[0] == pytest.approx(logs.mean(), abs=1e-6)
    assert found.scale == pytest.approx(logs.std(), rel=1e-5)
    assert found.se[0] == pytest.approx(logs.std() / math.sqrt(5), rel=1e-4)
    expected = stats.lognorm.logpdf(values, logs.std(), scale=math.exp(logs.mean())).sum()
    assert found.log_likelihood == pytest.approx(expected, rel=1e-8)


def test_the_unit_changes_the_coefficients_and_nothing_else() -> None:
    values: list[censored.Interval] = [(None, 150), (190, 190), (260, 260), (300, 350), (2000, None), (480, 480)]
    factor = 0.738
    scaled = [tuple(end if end is None else end * factor for end in pair) for pair in values]
    one = censored.interval_fit(values, np.arange(6.0)[:, None])
    other = censored.interval_fit([(pair[0], pair[1]) for pair in scaled], np.arange(6.0)[:, None])
    assert np.array(other.coefficients) / factor == pytest.approx(np.array(one.coefficients), rel=1e-4)
    assert np.array(other.se) / factor == pytest.approx(np.array(one.se), rel=1e-3)


def test_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        censored.interval_fit([(None, 150), (None, 150), (190, 190)], [[0], [1], [2]])
    with pytest.raises(ValueError, match="above 0"):
        censored.interval_fit([(None, 0), (1, 1), (2, 2)], distribution="lognormal")
