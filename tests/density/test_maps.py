"""The map is a density: unbiased up to the edge, silent where nothing was counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from station.density.maps import density_map
from station.density.tiles import WorkingView


def blank(height: int, width: int, scale: float = 45.0) -> WorkingView:
    return WorkingView(np.zeros((height, width, 3), np.uint8), scale, scale)


def lattice(step_mm: float, width_mm: float, height_mm: float) -> NDArray[np.float64]:
    y, x = np.mgrid[step_mm / 2 : height_mm : step_mm, step_mm / 2 : width_mm : step_mm]
    return np.column_stack([x.ravel(), y.ravel()])


def test_even_density_is_even_up_to_the_edge() -> None:
    points = lattice(0.25, 8.0, 6.0)
    found = density_map(blank(270, 360), np.ones((270, 360), bool), points, points)
    assert found.fu_per_cm2.shape == (24, 32)
    np.testing.assert_allclose(found.fu_per_cm2, 1600, rtol=0.01)


def test_edges_of_the_counted_area_are_not_biased() -> None:
    mask = np.ones((270, 360), bool)
    mask[:, :97] = False
    mask[100:150, 200:260] = False
    points = lattice(0.02, 8.0, 6.0)
    counted = mask[(points[:, 1] * 45).astype(int), (points[:, 0] * 45).astype(int)]
    found = density_map(blank(270, 360), mask, points[counted], points[:0])
    valid = np.isfinite(found.fu_per_cm2)
    np.testing.assert_allclose(found.fu_per_cm2[valid], 250_000, rtol=0.02)
    assert not valid[:, :8].any()
    assert not valid[10:13, 18:22].any()
    assert valid[:, 10:17].all()
    np.testing.assert_array_equal(found.hairs_per_cm2[valid], 0)


def test_one_point_makes_a_gaussian_of_the_stated_width() -> None:
    size = 20 * 45
    found = density_map(blank(size, size), np.ones((size, size), bool), np.array([[10.125, 10.125]]), np.zeros((0, 2)))
    peak = found.fu_per_cm2.max()
    assert peak == pytest.approx(100 / (2 * np.pi * 1.0**2), rel=0.02)
    assert found.fu_per_cm2[40, 44] == pytest.approx(peak * np.exp(-0.5), rel=0.02)
    assert (found.fu_per_cm2 * found.pitch_mm**2 / 100).sum() == pytest.approx(1, rel=0.01)


@given(
    width=st.integers(60, 400),
    height=st.integers(60, 400),
    scale=st.floats(40, 50),
    seed=st.integers(0, 1000),
    count=st.integers(0, 60),
)
def test_map_covers_the_photograph_and_stays_near_the_mean(
    width: int, height: int, scale: float, seed: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 1, (count, 2)) * [width / scale, height / scale]
    found = density_map(blank(height, width, scale), np.ones((height, width), bool), points, points)
    rows, columns = found.fu_per_cm2.shape
    assert 0 <= columns * 0.25 - width / scale < 0.25
    assert 0 <= rows * 0.25 - height / scale < 0.25
    valid = found.fu_per_cm2[np.isfinite(found.fu_per_cm2)]
    assert (valid >= 0).all()
    assert valid.max() <= 100 * count / (0.25**2) + 1e-6
    if not count:
        assert valid.max() == 0


def test_nothing_counted_is_nan_everywhere() -> None:
    found = density_map(blank(90, 90), np.zeros((90, 90), bool), np.zeros((0, 2)), np.zeros((0, 2)))
    assert np.isnan(found.fu_per_cm2).all()
