"""Why a gain over the lowest value is never evidence."""

from __future__ import annotations

import numpy as np
import pytest

from station.trends.nadir import expected_minimum, nadir_bias


def test_one_value_is_its_own_minimum() -> None:
    assert expected_minimum(1) == pytest.approx(0, abs=1e-9)


def test_unchanged_visits_gain_over_their_lowest_as_much_as_said() -> None:
    rng = np.random.default_rng(3)
    visits = rng.normal(0, 0.05, (20_000, 8))
    gains = visits[:, 7] - visits[:, :7].min(axis=1)
    assert np.exp(gains.mean()) - 1 == pytest.approx(nadir_bias(0.05, 7), abs=0.002)
