"""Changes of the level, and lines whose errors go on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from station.trends import changepoint, gls


def test_short_series_have_no_unknown_changepoint() -> None:
    for ask in (changepoint.pettitt, changepoint.breakpoint):
        with pytest.raises(ValueError, match="15 values"):
            ask(range(14))


def test_a_clear_step_is_found_where_it_is() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(100, 2, 12), rng.normal(112, 2, 10)])
    found = changepoint.breakpoint(x)
    assert (found.k, found.steps) == (12, 1)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 12 <= found.high
    assert changepoint.pettitt(x).k == 12
    assert changepoint.pettitt(x).p < 0.05


def test_noise_alone_has_no_step() -> None:
    found = changepoint.breakpoint(np.random.default_rng(3).normal(0, 1, 30))
    assert found.steps == 0


def test_a_step_without_spread_has_no_interval() -> None:
    found = changepoint.breakpoint([1.0] * 10 + [2.0] * 10)
    assert (found.k, found.low, found.high) == (10, None, None)
    assert changepoint.breakpoint([1.0] * 20).low is None


def test_independent_errors_give_the_ordinary_line() -> None:
    t = np.arange(12.0)
    y = 3 + 0.5 * t + 0.1 * (-1) ** t
    ordinary = stats.linregress(t, y)
    found = gls.gls_line(t, y, reml=True)
    assert found.phi == pytest.approx(0, abs=1e-4)
    assert (found.slope, found.intercept) == pytest.approx((ordinary.slope, ordinary.intercept), abs=1e-4)
    assert found.se == pytest.approx(ordinary.stderr, rel=1e-3)


def test_real_gaps_are_used() -> None:
    rng = np.random.default_rng(6)
    errors = [rng.normal()]
    for _ in range(1999):
        errors.append(0.8 * errors[-1] + rng.normal() * 0.6)
    t = np.arange(2000.0)
    kept = rng.random(2000) < 0.4
    assert gls.gls_line(t[kept], np.array(errors)[kept], reml=True).phi == pytest.approx(0.8, abs=0.05)


def test_a_line_with_ar1_errors_needs_four_times() -> None:
    for times in ([0, 1, 2], [0, 1, 2, 2]):
        with pytest.raises(ValueError, match="four different times"):
            gls.gls_line(times, times, reml=True)
