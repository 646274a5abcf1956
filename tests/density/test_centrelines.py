"""Direction and length of the visible shafts: on the simulated scalp with its streaks, and on free shafts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.centrelines import MAX_LENGTH_MM, Shafts, clearance, trace
from station.world import Truth
from station.world.sensor import Sensor
from station.world.wires import SKINS, Sheet, sheet

Scalp = tuple[NDArray[np.uint8], Truth, float]


LENGTHS_MM = (0.3, 0.5, 0.7)


def turned(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angle between two directions in degrees, 0 to 180."""
    return np.degrees(np.abs(np.angle(np.exp(1j * (a - b)))))


@pytest.fixture(scope="module")
def traced(scalps: list[Scalp]) -> list[tuple[Shafts, Truth]]:
    """From roots that are a little wrong, as found ones are."""
    rng = np.random.default_rng(0)
    return [
        (trace(pixels, truth.roots + rng.normal(0, 0.025, truth.roots.shape), scale), truth)
        for pixels, truth, scale in scalps
    ]


def test_shafts_of_the_simulated_scalp_point_the_right_way(traced: list[tuple[Shafts, Truth]]) -> None:
    """The streak under the skin lies the other way: few are taken for the shaft."""
    error = np.concatenate([turned(shafts.azimuth, truth.azimuth) for shafts, truth in traced])
    assert np.isfinite(error).mean() > 0.9
    error = error[np.isfinite(error)]
    assert np.median(error) < 6
    assert (error > 90).mean() < 0.04


def test_visible_length_of_the_simulated_scalp(traced: list[tuple[Shafts, Truth]]) -> None:
    errors = []
    for shafts, truth in traced:
        length = np.hypot(*(truth.tips - truth.roots).T)
        free = shafts.tip_seen & (truth.diameter_um > 40) & (length < MAX_LENGTH_MM)
        errors.append((shafts.length - length)[free])
    error = np.concatenate(errors)
    assert len(error) > 50
    assert abs(np.median(error)) < 0.04
    assert np.percentile(np.abs(error), 75) < 0.1


@pytest.fixture(scope="module")
def free() -> Sheet:
    lengths = np.tile(LENGTHS_MM, 8)
    return sheet(
        np.linspace(40, 100, 24), ["black"] * 24, Sensor(), SKINS["light"], np.random.default_rng(1), length_mm=lengths
    )


def test_free_shafts_are_followed_to_their_tips(free: Sheet) -> None:
    shafts = trace(free.pixels, free.roots_mm, 135.0)
    assert turned(shafts.azimuth, free.angle).max() < 3
    assert np.abs(shafts.length - np.tile(LENGTHS_MM, 8)).max() < 0.06
    assert shafts.tip_seen.all()
    ends = shafts.path[np.arange(24), shafts.points - 1]
    along = np.stack([np.cos(free.angle), np.sin(free.angle)], axis=1)
    offset = ends - free.roots_mm
    assert np.abs(offset[:, 0] * along[:, 1] - offset[:, 1] * along[:, 0]).max() < 0.02


def test_bright_shafts_on_dark_skin_are_followed_too() -> None:
    grey = sheet(np.linspace(50, 90, 9), ["grey"] * 9, Sensor(), SKINS["dark"], np.random.default_rng(2))
    shafts = trace(grey.pixels, grey.roots_mm, 135.0)
    assert turned(shafts.azimuth, grey.angle).max() < 5
    assert np.abs(shafts.length - 0.6).max() < 0.1


def test_a_shaft_that_leaves_the_frame_has_no_tip() -> None:
    pixels = np.full((200, 300, 3), 190, np.uint8)
    cv2.line(pixels, (230, 100), (299, 100), (30, 30, 30), 9)
    cv2.line(pixels, (40, 50), (110, 50), (30, 30, 30), 9)
    shafts = trace(pixels, np.array([[230.0, 100.0], [40.0, 50.0]]) / 100, 100.0)
    assert shafts.tip_seen.tolist() == [False, True]
    assert shafts.azimuth == pytest.approx([0, 0], abs=0.05)


def test_a_tip_on_another_hair_is_not_seen_and_clearance_is_told() -> None:
    pixels = np.full((300, 300, 3), 190, np.uint8)
    cv2.line(pixels, (80, 150), (140, 150), (30, 30, 30), 7)
    cv2.line(pixels, (144, 100), (144, 200), (30, 30, 30), 7)
    shafts = trace(pixels, np.array([[80.0, 150.0], [144.0, 100.0]]) / 100, 100.0)
    assert not shafts.tip_seen[0]
    pixels[:] = 190
    for y in (150, 159):
        cv2.line(pixels, (40, y), (140, y), (30, 30, 30), 3)
    shafts = trace(pixels, np.array([[40.0, 150.0], [40.0, 159.0]]) / 100, 100.0)
    assert clearance(shafts) == pytest.approx([0.09, 0.09], abs=0.015)
    alone = trace(pixels, np.array([[40.0, 150.0]]) / 100, 100.0)
    assert clearance(alone).tolist() == [0.15]


def test_no_roots_and_no_hair() -> None:
    plain = np.full((100, 100, 3), 180, np.uint8)
    assert len(trace(plain, np.zeros((0, 2)), 100.0).azimuth) == 0
    nothing = trace(plain, np.array([[0.5, 0.5]]), 100.0)
    assert np.isnan(nothing.azimuth).all()
    assert np.isnan(nothing.length).all()
    assert not nothing.tip_seen.any()
