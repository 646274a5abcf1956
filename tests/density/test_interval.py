"""The 90 % interval covers nine times in ten, also for counts it was not calibrated on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from station.density.interval import calibrate_interval, density_interval
from station.density.model import IntervalModel

MODEL = IntervalModel(bias=0.02, a=0.06, b=0.8)


def simulated(rng: np.random.Generator, frames: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Predicted and true counts: misses, false finds and an error of each whole photograph."""
    true = rng.poisson(rng.gamma(6, 6, frames))
    per_frame = np.exp(rng.normal(0.02, 0.06, frames))
    found = rng.binomial(true, 0.95) + rng.poisson(0.05 * true * per_frame + 0.2)
    return np.round(found * per_frame).astype(np.int64), true


def covered(pred: NDArray[np.int64], true: NDArray[np.int64], model: IntervalModel) -> NDArray[np.bool_]:
    intervals = [density_interval(int(n), 1.0, model, level=0.9) for n in pred]
    return np.array([one.low - 1e-9 <= n <= one.high + 1e-9 for one, n in zip(intervals, true, strict=True)])


def test_coverage_on_new_photographs() -> None:
    rng = np.random.default_rng(5)
    shares = []
    for _ in range(12):
        model = calibrate_interval(*simulated(rng, 400))
        shares.append(covered(*simulated(rng, 3000), model).mean())
    assert 0.88 <= np.mean(shares) <= 0.92
    assert min(shares) > 0.85


def test_coverage_does_not_hang_on_the_count() -> None:
    rng = np.random.default_rng(6)
    model = calibrate_interval(*simulated(rng, 2000))
    pred, true = simulated(rng, 20000)
    inside = covered(pred, true, model)
    for low, high in ((10, 25), (25, 45), (45, 200)):
        assert inside[(pred >= low) & (pred < high)].mean() == pytest.approx(0.9, abs=0.04)


def test_few_pairs_err_on_the_wide_side() -> None:
    rng = np.random.default_rng(7)
    shares = [covered(*simulated(rng, 500), calibrate_interval(*simulated(rng, 25))).mean() for _ in range(30)]
    assert np.mean(shares) > 0.87


def test_bias_shifts_the_interval() -> None:
    true = np.tile(np.arange(30, 90), 5)
    model = calibrate_interval(np.round(true * 1.2), true)
    assert model.bias == pytest.approx(math.log(1.2), abs=0.01)
    interval = density_interval(60, 1.0, model, level=0.9)
    assert interval.low < 50 < interval.high < 60


@pytest.mark.parametrize(
    ("pred", "true"),
    [([1] * 19, [1] * 19), ([1] * 30, [1] * 29), ([-1] + [5] * 30, [5] * 31), ([[1, 2]] * 30, [[1, 2]] * 30)],
)
def test_pairs_that_cannot_be_used_are_refused(pred: list[int], true: list[int]) -> None:
    with pytest.raises(ValueError, match=r"pairs of counts|negative"):
        calibrate_interval(pred, true)


def test_no_unit_found_has_the_exact_poisson_bound() -> None:
    interval = density_interval(0, 0.5, MODEL, level=0.9)
    assert interval.low == 0
    assert interval.high * 0.5 == pytest.approx(-math.log(0.05), rel=1e-9)  # P(0 | mu) = 5 %


@given(
    count=st.integers(1, 5000),
    area=st.floats(0.01, 10),
    rel_sd=st.floats(0, 0.05),
    a=st.floats(0, 0.5),
    b=st.floats(0.01, 2),
)
def test_interval_is_ordered_and_grows_with_the_error_of_the_scale(
    count: int, area: float, rel_sd: float, a: float, b: float
) -> None:
    model = IntervalModel(0.0, a, b)
    plain = density_interval(count, area, model, level=0.9)
    wide = density_interval(count, area, model, level=0.9, px_per_mm_rel_sd=rel_sd)
    assert 0 <= wide.low <= plain.low <= count / area <= plain.high <= wide.high
    assert plain.level == 0.9


def test_scale_adds_in_quadrature() -> None:
    interval = density_interval(100, 1.0, IntervalModel(0, 0.03, 0), level=0.9, px_per_mm_rel_sd=0.01)
    half = math.hypot(0.03, 2 * 1.6448536 * 0.01)
    assert interval.high == pytest.approx(100.5 * math.exp(half) - 0.5)
    assert interval.low == pytest.approx(100.5 * math.exp(-half) - 0.5)
