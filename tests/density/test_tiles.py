"""Tiles leave no seam, and no coordinate is off by half a pixel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.density.detect import detect
from station.density.engine import Engine
from station.density.model import DensityModel
from station.density.tiles import WorkingView, infer, mirrored, spans, to_working_scale
from station.errors import ImageError
from station.world import Truth

GEOMETRY = cast(DensityModel, SimpleNamespace(tile=320, context=32, stride=2))
"""The three figures of a model that tiling looks at."""


@given(length=st.integers(1, 3000), offset=st.integers(-300, 300).map(lambda n: 2 * n))
def test_kept_parts_cover_an_axis_once(length: int, offset: int) -> None:
    tiles = spans(length, GEOMETRY, offset)
    assert [tile.low for tile in tiles] == [0, *(tile.high for tile in tiles[:-1])]
    assert tiles[-1].high == length
    for tile in tiles:
        assert tile.start % GEOMETRY.stride == 0
        assert tile.start <= tile.low < tile.high <= tile.start + GEOMETRY.tile
        if len(tiles) > 1:
            assert tile.low - tile.start >= GEOMETRY.context
            assert tile.start + GEOMETRY.tile - tile.high >= GEOMETRY.context


@given(length=st.integers(1, 320))
def test_what_fits_in_one_tile_is_one_tile(length: int) -> None:
    (tile,) = spans(length, GEOMETRY)
    before, after = tile.low - tile.start, tile.start + GEOMETRY.tile - tile.high
    assert abs(before - after) <= 2 * GEOMETRY.stride


@given(length=st.integers(2, 60), start=st.integers(-300, 300), count=st.integers(1, 100))
def test_mirrored_is_the_usual_reflection(length: int, start: int, count: int) -> None:
    expected = [cv2.borderInterpolate(k, length, cv2.BORDER_REFLECT_101) for k in range(start, start + count)]
    assert mirrored(start, count, length).tolist() == expected


def test_single_pixel_axis_is_repeated() -> None:
    assert mirrored(-2, 5, 1).tolist() == [0] * 5


def mean_darkness(tile: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A graph with a known answer: the mean darkness of each cell, in both channels."""
    dark = 1 - tile.astype(np.float32).mean(axis=2) / 255
    cells = dark.reshape(160, 2, 160, 2).mean(axis=(1, 3))
    return np.dstack([cells, cells / 2]).astype(np.float32)


@given(width=st.integers(3, 900), height=st.integers(3, 700), offset=st.sampled_from([0, 2, 100, 254]))
def test_cells_lie_where_their_pixels_are(width: int, height: int, offset: int) -> None:
    rng = np.random.default_rng(width * 1000 + height)
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    heat = infer(WorkingView(pixels, 45.0, 44.9), GEOMETRY, mean_darkness, grid_offset=offset)
    assert heat.fu.shape == heat.hair.shape == (-(-height // 2), -(-width // 2))
    whole = 1 - pixels.astype(np.float32).mean(axis=2) / 255
    inner = whole[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(heat.fu[: height // 2, : width // 2], inner, atol=1e-5)
    np.testing.assert_allclose(heat.hair, heat.fu / 2, atol=1e-6)
    assert heat.x_cell_mm == pytest.approx(2 / 45.0)
    assert heat.y_cell_mm == pytest.approx(2 / 44.9)


@given(
    width=st.integers(64, 1500),
    height=st.integers(64, 1500),
    px_per_mm=st.floats(15, 500),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_scale_is_exact_after_rounding(width: int, height: int, px_per_mm: float, x: float, y: float) -> None:
    if width * height * (45 / px_per_mm) ** 2 > 4e6:
        return
    view = to_working_scale(np.zeros((height, width, 3), np.uint8), px_per_mm, 45.0)
    shape = view.pixels.shape
    x_mm, y_mm = x * width / px_per_mm, y * height / px_per_mm
    assert x_mm * view.x_scale == pytest.approx(x * shape[1])
    assert y_mm * view.y_scale == pytest.approx(y * shape[0])
    assert abs(view.x_scale - 45.0) * width / px_per_mm <= 1.0
    assert view.mm2_per_pixel * shape[0] * shape[1] == pytest.approx(width * height / px_per_mm**2)


@pytest.mark.parametrize("px_per_mm", [15.0, 30.5, 45.0, 90.7, 135.0, 181.4, 333.3])
def test_a_dot_stays_at_its_place_in_mm(px_per_mm: float) -> None:
    width, height = round(7 * px_per_mm), round(5 * px_per_mm)
    x_mm, y_mm = 2.345, 3.21
    y, x = (np.mgrid[:height, :width] + 0.5) / px_per_mm
    dot = np.exp(-((x - x_mm) ** 2 + (y - y_mm) ** 2) / (2 * 0.1**2))
    pixels = np.repeat((255 - 200 * dot).round().astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
    view = to_working_scale(pixels, px_per_mm, 45.0)
    dark = 255.0 - view.pixels[:, :, 0]
    rows, columns = np.mgrid[: dark.shape[0], : dark.shape[1]] + 0.5
    assert (dark * columns).sum() / dark.sum() / view.x_scale == pytest.approx(x_mm, abs=0.004)
    assert (dark * rows).sum() / dark.sum() / view.y_scale == pytest.approx(y_mm, abs=0.004)


def test_a_view_larger_than_a_scalp_is_refused() -> None:
    with pytest.raises(ImageError, match="more than a whole scalp"):
        to_working_scale(np.zeros((4200, 4200, 3), np.uint8), 15.0, 45.0)


@pytest.mark.parametrize("offset", [64, 128, 176])
def test_moving_the_tiles_leaves_counts_and_points(
    scalps: list[tuple[NDArray[np.uint8], Truth, float]], engine: Engine, model: DensityModel, offset: int
) -> None:
    there_count, moved_count, distances = np.zeros(2), np.zeros(2), []
    for pixels, _, scale in scalps:
        view = to_working_scale(pixels, scale, model.working_px_per_mm)
        there, moved = (detect(infer(view, model, engine.run, grid_offset=n), model) for n in (0, offset))
        there_count += (len(there.hairs), len(there.units))
        moved_count += (len(moved.hairs), len(moved.units))
        distances.append(cKDTree(there.hairs).query(moved.hairs)[0])
    np.testing.assert_allclose(moved_count, there_count, rtol=0.01)
    distance = np.concatenate(distances)
    assert (distance < 0.02).mean() > 0.98
