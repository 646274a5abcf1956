"""When a rise began."""

from __future__ import annotations

import numpy as np
import pytest

from station.trends import hinge

T = np.arange(13.0)
TAUS = np.arange(2, 9.1, 0.5)


def test_a_clean_hinge_is_found_with_its_gain() -> None:
    found = hinge.fit_hinge(T, 5 + 0.02 * np.maximum(0, T - 4.5), TAUS, sd=0.02)
    assert found.tau == 4.5
    assert found.b == pytest.approx(0.02)
    assert found.gain == pytest.approx(0.15)
    assert (found.before, found.after) == (5, 8)
    assert found.b_low is not None
    assert found.b_high is not None
    assert 0 < found.b_low < found.b < found.b_high
    assert len(found.profile) == len(TAUS)


def test_without_a_known_error_there_is_no_interval() -> None:
    found = hinge.fit_hinge(T, T, TAUS)
    assert found.b_low is found.b_high is found.tau_low is found.tau_high is None


def test_false_alarms_are_nominal_and_the_interval_agrees_with_the_test() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(1000):
        y = rng.normal(5, 0.05, 13)
        p = hinge.hinge_test(T, y, TAUS, 0.05)
        found = hinge.fit_hinge(T, y, TAUS, 0.05)
        assert found.b_low is not None
        assert found.b_high is not None
        excluded = found.b_low > 0 or found.b_high < 0
        assert excluded == (p <= 0.05) or abs(p - 0.05) < 2e-4
        alarms += p <= 0.05
    assert alarms / 1000 == pytest.approx(0.05, abs=0.018)


def test_the_interval_holds_the_slope() -> None:
    rng = np.random.default_rng(5)
    truth = 5 + 0.03 * np.maximum(0, T - 4)
    held = 0
    for _ in range(300):
        found = hinge.fit_hinge(T, truth + rng.normal(0, 0.05, 13), TAUS, 0.05)
        assert found.b_low is not None
        assert found.b_high is not None
        held += found.b_low <= 0.03 <= found.b_high
    assert held / 300 >= 0.95


def test_a_tau_after_the_last_point_is_left_out() -> None:
    assert [tau for tau, _, _ in hinge.fit_hinge(T, T, [5.0, 12.0, 40.0]).profile] == [5.0]
    with pytest.raises(ValueError, match="no tau"):
        hinge.fit_hinge(T, T, [12.0])
