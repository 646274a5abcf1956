"""The smooth line of the chart."""

from __future__ import annotations

import numpy as np
import pytest

from station.trends import local_level


def test_a_level_that_stays_is_the_mean() -> None:
    y = np.array([5.0, 5.2, 4.9, 5.1])
    found = local_level.smooth([0, 1, 4, 5], y, 0.01, 0.0)
    assert found.mean == pytest.approx([y.mean()] * 4)
    assert found.sd == pytest.approx([0.1 / 2] * 4)


def test_one_visit_is_itself() -> None:
    found = local_level.smooth([3], [5.0], 0.01)
    assert found.mean == (5.0,)
    assert found.sd == pytest.approx((0.1,))


def test_a_long_gap_lets_the_level_move_further() -> None:
    near = local_level.smooth([0, 1], [5.0, 5.3], 0.01, 0.005)
    far = local_level.smooth([0, 10], [5.0, 5.3], 0.01, 0.005)
    assert far.mean[1] - far.mean[0] > near.mean[1] - near.mean[0]


def test_two_visits_by_hand() -> None:
    # The difference of two levels, prior variance q, seen with 2e: half of what is left goes to each side.
    e, q = 0.01, 0.02
    found = local_level.smooth([0, 1], [5.0, 5.3], e, q)
    left = 0.3 * (2 * e) / (2 * e + q) / 2
    assert found.mean == pytest.approx((5.0 + left, 5.3 - left))


def test_how_much_it_wanders_is_found_from_a_long_course() -> None:
    rng = np.random.default_rng(8)
    level = np.cumsum(rng.normal(0, 0.03, 300))
    assert local_level.smooth(range(300), level + rng.normal(0, 0.03, 300), 0.0009).var_n == pytest.approx(
        0.0009, rel=0.3
    )
    assert local_level.smooth(range(300), rng.normal(0, 0.03, 300), 0.0009).var_n < 1e-5
