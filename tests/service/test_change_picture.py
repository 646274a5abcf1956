"""The warped photograph lies where the transform says, and the map shows change where it is and nothing elsewhere."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from station.imaging import encode_jpeg
from station.matching.constellation import Constellation
from station.matching.transform import Transform, fit_bend, identity, similarity
from station.service.change_picture import LESS, MORE, change_map, change_png, warped

SIZE = (12.0, 9.0)


def spots(points: np.ndarray, width: int, height: int, px_per_mm: float) -> np.ndarray:
    """Dark Gaussian spots on light skin."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.full((height, width), 220.0)
    for px, py in points * px_per_mm - 0.5:
        picture -= 180 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 3.0**2))
    return np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("width", [960, 480])
def test_a_spot_comes_to_lie_where_the_transform_puts_it(width: int) -> None:
    later = np.array([[3.0, 3.0], [8.0, 2.5], [5.0, 6.0], [9.5, 7.0]])
    matrix = similarity(12.0, 1.02, np.array([6.0, 4.5]), np.array([6.6, 4.1]))
    rng = np.random.default_rng(1)
    many = rng.uniform((0, 0), SIZE, (200, 2))
    bend = fit_bend(many, 0.2 * np.sin(many / 4), SIZE)
    transform = Transform(matrix, (6.0, 4.5), bend)
    photograph = encode_jpeg(spots(later, 1080, 810, 90.0), 95)  # of another scale than the earlier one
    drawn = np.asarray(Image.open(io.BytesIO(warped(photograph, transform, 90.0, (960, 720), 80.0, width))))
    assert drawn.shape == (width * 3 // 4, width, 3)
    scale = 80.0 * width / 960
    dark = 220.0 - drawn[..., 0].astype(float)
    for x, y in transform.apply(later) * scale - 0.5:
        r = 12
        window = np.clip(dark[round(y) - r : round(y) + r + 1, round(x) - r : round(x) + r + 1] - 30, 0, None)
        rows, columns = np.mgrid[-r : r + 1, -r : r + 1]
        centre = (columns * window).sum() / window.sum(), (rows * window).sum() / window.sum()
        assert math.hypot(round(x) + centre[0] - x, round(y) + centre[1] - y) < 0.02 * scale, "within 20 micrometres"


def test_what_the_later_photograph_does_not_show_is_grey() -> None:
    later = encode_jpeg(np.full((720, 960, 3), 220, np.uint8), 95)
    moved = Transform(np.array([[1.0, 0, 4.0], [0, 1.0, 0]]))
    drawn = np.asarray(Image.open(io.BytesIO(warped(later, moved, 80.0, (960, 720), 80.0, 960))))
    assert np.abs(drawn[360, 100].astype(int) - 128).max() < 4
    assert np.abs(drawn[360, 500].astype(int) - 220).max() < 4


def view(countable: np.ndarray | None = None) -> Constellation:
    none = np.zeros(0)
    grid = np.ones((36, 48), np.bool_) if countable is None else countable
    return Constellation(
        np.zeros((0, 2)), none, none, none, np.zeros(0, np.intp), np.zeros((0, 2)), np.zeros(0, np.intp),
        np.zeros((0, 3)), 0.3, grid, 0.25, SIZE,
    )  # fmt: skip


def test_the_map_shows_losses_and_gains_where_they_are() -> None:
    rng = np.random.default_rng(2)
    left, right = rng.uniform((0, 0), (4, 9), (36, 2)), rng.uniform((8, 0), (12, 9), (18, 2))
    places = np.concatenate([left, right, rng.uniform((0, 0), SIZE, (100, 2))])
    adds = np.concatenate([-np.ones(36), np.ones(18), np.zeros(100)])
    frame = (view(), identity(SIZE))
    found = change_map([frame], [frame], (places, adds), (places[:36], adds[:36]))
    grid = np.array(found.hairs, float)
    assert grid.shape == (18, 24)
    assert grid[:, :6].mean() == pytest.approx(-100, rel=0.12)  # 36 hairs on 36 mm2
    assert grid[:, 18:].mean() == pytest.approx(50, rel=0.2)  # 18 hairs on as much, and none beside it
    assert np.array(found.fu, float)[:, 18:].max() == pytest.approx(0, abs=1)
    area = 0.5**2 / 100
    assert grid.sum() * area == pytest.approx(-18, abs=4)


def test_skin_that_one_visit_did_not_show_is_left_open() -> None:
    half = np.zeros((36, 48), np.bool_)
    half[:, :24] = True
    moved = Transform(np.array([[1.0, 0, 3.0], [0, 1.0, 0]]))
    nothing = (np.zeros((0, 2)), np.zeros(0))
    found = change_map([(view(half), identity(SIZE))], [(view(), moved)], nothing, nothing)
    known = np.array([[value is not None for value in row] for row in found.hairs])
    assert known[:, 6:12].all()
    assert not known[:, :6].any()
    assert not known[:, 12:].any()


def test_colours_of_the_map() -> None:
    grid = ((-40.0, 0.0), (40.0, None))
    drawn = np.asarray(Image.open(io.BytesIO(change_png(grid, 40.0, 0.5, (1.0, 1.0), 40))))
    assert tuple(drawn[2, 2, :3]) == LESS
    assert tuple(drawn[37, 2, :3]) == MORE
    assert 0 < drawn[2, 37, 3] < drawn[2, 2, 3]
    assert drawn[37, 37, 3] == 0
