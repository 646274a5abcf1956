"""Points put into a heat map come back at the right mm; follicular units are single-linkage clusters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist

from station.density.detect import (
    Peaks,
    agreed_roots,
    detect,
    peaks,
    units_from_clusters,
)
from station.density.model import DensityModel, Head
from station.density.tiles import HeatMaps
from station.follicular import clusters
from tests.density.pictures import gaussians, heat_maps

CELL_MM = 2 / 45
HAIR = Head(threshold=0.3, nms_radius_mm=0.05)

coordinates = hnp.arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(0, 3, width=32))


def scattered(seed: int, count: int, apart: float, size_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Random points at least `apart` mm from each other and 0.3 mm from the edge."""
    rng = np.random.default_rng(seed)
    points: list[NDArray[np.float64]] = []
    while len(points) < count:
        point = rng.uniform(0.3, np.array(size_mm) - 0.3)
        if all(np.hypot(*(point - other)) >= apart for other in points):
            points.append(point)
    return np.array(points).reshape(-1, 2)


@given(seed=st.integers(0, 2**31), sigma=st.sampled_from([0.8, 1.2, 2.2]))
def test_points_come_back_at_the_right_mm(seed: int, sigma: float) -> None:
    truth = scattered(seed, 30, apart=7 * sigma * CELL_MM, size_mm=(7.0, 5.0))
    heat = gaussians(truth, (113, 158), CELL_MM, sigma)
    found = peaks(heat, Head(0.3, 0.05), CELL_MM, CELL_MM)
    distance = cdist(truth, found.xy)
    assert len(found.xy) == len(truth)
    assert distance.min(axis=1).max() < 0.002
    assert np.all(np.diff(found.score) <= 0)


def test_cells_need_not_be_square() -> None:
    heat = gaussians(np.array([[1.0, 2.0]]), (100, 100), CELL_MM, 1.2)
    found = peaks(heat, HAIR, CELL_MM, CELL_MM / 2)
    np.testing.assert_allclose(found.xy, [[1.0, 1.0]], atol=1e-3)


def test_point_in_the_corner_is_found() -> None:
    heat = gaussians(np.array([[0.01, 0.01]]), (60, 60), CELL_MM, 1.2)
    found = peaks(heat, HAIR, CELL_MM, CELL_MM)
    assert len(found.xy) == 1
    assert np.hypot(*(found.xy[0] - 0.01)) < CELL_MM


def test_quantised_plateau_is_one_point() -> None:
    heat = np.zeros((40, 40), np.float32)
    heat[10:12, 20:23] = 0.7
    found = peaks(heat, HAIR, CELL_MM, CELL_MM)
    assert len(found.xy) == 1
    np.testing.assert_allclose(found.xy[0], [21.5 * CELL_MM, 11 * CELL_MM], atol=CELL_MM)


def test_two_near_roots_are_two_points() -> None:
    truth = np.array([[1.0, 1.0], [1.0 + 3 * CELL_MM, 1.0]])
    found = peaks(gaussians(truth, (60, 60), CELL_MM, 0.8), HAIR, CELL_MM, CELL_MM)
    assert len(found.xy) == 2


def test_lower_peak_within_the_radius_gives_way() -> None:
    heat = gaussians(np.array([[1.0, 1.0]]), (80, 80), CELL_MM, 0.8)
    heat += 0.5 * gaussians(np.array([[1.2, 1.0]]), (80, 80), CELL_MM, 0.8)
    assert len(peaks(heat, HAIR, CELL_MM, CELL_MM).xy) == 2
    (kept,) = peaks(heat, Head(0.3, 0.3), CELL_MM, CELL_MM).xy
    assert kept == pytest.approx([1.0, 1.0], abs=0.01)


def test_nothing_below_the_threshold() -> None:
    found = peaks(np.full((30, 30), 0.29, np.float32), HAIR, CELL_MM, CELL_MM)
    assert found.xy.shape == (0, 2)
    assert units_from_clusters(found).units.shape == (0, 2)


def test_points_near_the_threshold_are_doubtful_on_either_side_of_it(model: DensityModel) -> None:
    """Roots counted and rejected points alike; a root far above the threshold is not."""
    places = np.array([[1.0, 1.0], [3.0, 1.0], [5.0, 1.0], [1.0, 3.0]])
    threshold = model.hair.threshold
    heights = np.array([2.0, 1.2, 0.8, 0.5]) * threshold
    maps = [
        height * gaussians(place[None], (113, 158), CELL_MM, 1.2) for place, height in zip(places, heights, strict=True)
    ]
    heat = np.sum(maps, axis=0).astype(np.float32)
    found = detect(HeatMaps(fu=heat, hair=heat, x_cell_mm=CELL_MM, y_cell_mm=CELL_MM), model)
    np.testing.assert_allclose(found.hairs, places[:2], atol=0.01)
    np.testing.assert_allclose(found.doubtful, places[1:3], atol=0.01)


@given(points=coordinates, link=st.floats(0.05, 1.0))
def test_clusters_are_single_linkage(points: NDArray[np.float64], link: float) -> None:
    labels = clusters(points, link)
    assert len(labels) == len(points)
    if len(points) < 2:
        return
    expected = fcluster(linkage(points, "single"), link, "distance")
    np.testing.assert_array_equal(labels[:, None] == labels, expected[:, None] == expected)


@given(points=coordinates, seed=st.integers(0, 1000))
def test_units_do_not_depend_on_the_order_of_roots(points: NDArray[np.float64], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(points))
    one = units_from_clusters(Peaks(points, np.ones(len(points))))
    other = units_from_clusters(Peaks(points[order], np.ones(len(points))))
    assert len(one.units) == len(other.units)
    assert one.unit_hairs.sum() == len(points)
    np.testing.assert_allclose(np.sort(one.units, axis=0), np.sort(other.units, axis=0), atol=1e-9)


@given(points=coordinates)
def test_each_unit_is_the_mean_of_its_roots(points: NDArray[np.float64]) -> None:
    found = units_from_clusters(Peaks(points, np.linspace(1, 0.5, len(points))))
    for index, (centre, hairs, score) in enumerate(zip(found.units, found.unit_hairs, found.unit_score, strict=True)):
        own = found.hair_unit == index
        assert own.sum() == hairs > 0
        np.testing.assert_allclose(centre, found.hairs[own].mean(axis=0), atol=1e-9)
        assert score == found.hair_score[own].max()


def test_root_counts_where_both_maps_agree() -> None:
    roots = np.array([[1.0, 1.0], [3.0, 1.0], [5.0, 1.0]])
    units = np.array([[1.1, 1.0], [3.0, 1.4], [6.0, 1.0]])
    hair = gaussians(roots, (60, 158), CELL_MM, 0.8)
    heat = heat_maps(hair, gaussians(units, (60, 158), CELL_MM, 2.2), CELL_MM)
    (found,) = agreed_roots(heat, HAIR).xy
    assert found == pytest.approx([1.0, 1.0], abs=0.002)
    assert agreed_roots(heat, HAIR).score[0] == pytest.approx(1, abs=0.1)
    assert len(peaks(hair, HAIR, CELL_MM, CELL_MM).xy) == 3


def test_a_view_is_read_as_the_card_says(variant: Callable[..., DensityModel]) -> None:
    centres = scattered(3, 12, apart=1.2, size_mm=(7.0, 5.0))
    roots = np.concatenate([centres + np.array([0.08, 0.0]), centres - np.array([0.08, 0.0])])
    heat = heat_maps(gaussians(roots, (113, 158), CELL_MM, 0.8), gaussians(centres, (113, 158), CELL_MM, 2.2), CELL_MM)
    found = detect(heat, variant(hair=HAIR))
    assert len(found.hairs) == 24
    assert len(found.units) == 12
    assert found.unit_hairs.tolist() == [2] * 12
    assert cdist(centres, found.units).min(axis=1).max() < 0.01
