"""Movement between two live pictures: shift, turn and scale, and nothing where there is nothing to follow."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from benchmarks.gate_frames import MARGIN_PX, PX_PER_MM, pair
from station.capture.gate_motion import Movement, movement, trackable
from station.rig.preview import Preview

SEED = 2011


def seen(pixels: np.ndarray, taken: float = 0.0) -> Preview:
    return Preview(np.ascontiguousarray(pixels), PX_PER_MM, taken)


def moved(right_mm: float, down_mm: float, turn_deg: float, scale: float = 1.0) -> tuple[Preview, Preview]:
    """A picture, and how it looks after what is seen has turned about the middle and then shifted."""
    before = pair(SEED, "none").now.pixels
    height, width = before.shape[:2]
    # Clockwise on the screen is negative for OpenCV.
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -turn_deg, scale)
    matrix[:, 2] += np.array([right_mm, down_mm]) * PX_PER_MM
    after = cv2.warpAffine(before, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    return seen(before), seen(after, 0.1)


@pytest.mark.parametrize(
    ("right", "down", "turn", "scale"),
    [(0.0, 0.0, 0.0, 1.0), (1.5, 0.0, 0.0, 1.0), (-0.7, 2.0, 0.0, 1.0), (0.4, -0.4, 2.0, 1.0), (0, 0, -1.5, 1.02)],
)
def test_shift_turn_and_scale_are_found(right: float, down: float, turn: float, scale: float) -> None:
    before, after = moved(right, down, turn, scale)
    found = movement(trackable(before), trackable(after))
    assert found is not None
    assert (found.dx_mm, found.dy_mm) == (pytest.approx(right, abs=0.03), pytest.approx(down, abs=0.03))
    assert math.degrees(found.turn_rad) == pytest.approx(turn, abs=0.15)
    assert found.scale == pytest.approx(scale, abs=0.004)
    assert found.seconds == pytest.approx(0.1)


def test_the_matrix_takes_points_along() -> None:
    step = Movement(1.0, 2.0, math.pi / 2, 1.0, (10.0, 5.0), 0.1)
    # The middle is only shifted; what was to the right of it lies below it after a clockwise quarter turn.
    assert np.allclose(step.matrix() @ (10, 5, 1), (11, 7, 1))
    assert np.allclose(step.matrix() @ (13, 5, 1), (11, 10, 1))


def test_speed_counts_shift_and_turn() -> None:
    assert Movement(0.3, 0.4, 0.0, 1.0, (15, 11), 0.1).speed_mm_s == pytest.approx(5.0)
    assert Movement(0.0, 0.0, 0.01, 1.0, (30, 40), 0.1).speed_mm_s == pytest.approx(5.0)


def test_another_place_is_no_movement() -> None:
    other = pair(SEED + 1, "none").now
    assert movement(trackable(pair(SEED, "none").now), trackable(other)) is None


def test_a_picture_of_nothing_is_not_followed() -> None:
    flat = np.full((384, 512, 3), 90, np.uint8)
    assert movement(trackable(seen(flat)), trackable(seen(flat, 0.1))) is None
    assert movement(trackable(seen(flat)), trackable(pair(SEED, "none").now)) is None


def test_pictures_of_different_size_are_not_followed() -> None:
    good = pair(SEED, "none").now
    assert movement(trackable(good), trackable(seen(good.pixels[MARGIN_PX:], 0.1))) is None
