"""A picture taken again in software: what was burned in is gone, and the truth is where the picture says it is."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.retake import EDGE_MM, Frame, applied, filled, label_box, random_view, red_lines, retake

SKIN = (205, 170, 150)
SCALE = 100.0


def test_points_move_as_the_picture_does() -> None:
    pixels = np.full((512, 640, 3), SKIN, np.uint8)
    spots = np.array([[200, 150], [320, 260], [430, 330]])
    for x, y in spots:
        cv2.circle(pixels, (int(x), int(y)), 5, (0, 0, 0), -1)
    frame = Frame("drawn", "train", SCALE, pixels, np.ones(pixels.shape[:2], bool))
    rng = np.random.default_rng(5)
    for _ in range(5):
        again = retake(frame, rng)
        places = applied(again.matrix, (spots + 0.5) / SCALE, SCALE) * SCALE - 0.5
        dark = again.pixels.sum(axis=2) < 200
        for x, y in places:
            if 8 < x < 632 and 8 < y < 504:
                rows, columns = np.nonzero(dark[round(y) - 8 : round(y) + 9, round(x) - 8 : round(x) + 9])
                assert abs(columns.mean() + round(x) - 8 - x) < 0.7
                assert abs(rows.mean() + round(y) - 8 - y) < 0.7
        back = applied(np.linalg.inv(again.matrix), applied(again.matrix, spots / SCALE, SCALE), SCALE)
        assert np.allclose(back, spots / SCALE)
    assert applied(again.matrix, np.zeros((0, 2)), SCALE).shape == (0, 2)


def test_what_the_first_picture_did_not_show_does_not_count_in_the_second() -> None:
    pixels = np.full((512, 640, 3), SKIN, np.uint8)
    allowed = np.ones(pixels.shape[:2], bool)
    allowed[400:, :200] = False
    again = retake(Frame("drawn", "train", SCALE, pixels, allowed), np.random.default_rng(6))
    rows, columns = np.nonzero(again.allowed)
    there = np.column_stack([columns, rows])[::97] + 0.5
    x, y = (applied(np.linalg.inv(again.matrix), there / SCALE, SCALE) * SCALE).T
    edge = EDGE_MM * SCALE - 2
    assert ((x > edge) & (x < 640 - edge) & (y > edge) & (y < 512 - edge)).all()
    assert not ((x < 198) & (y > 402)).any()
    assert 0.2 < again.allowed.mean() < 0.95


def test_views_stay_within_what_repositioning_brings() -> None:
    rng = np.random.default_rng(7)
    middle = np.array([[6.4, 5.12]]) / 2
    for _ in range(200):
        matrix = random_view(640, 512, rng)
        shift = np.abs(applied(matrix, middle, SCALE) - middle)[0]
        assert shift[0] <= 0.3 * 6.4 + 1e-9
        assert shift[1] <= 0.3 * 5.12 + 1e-9
        step = applied(matrix, middle + np.array([[0.01, 0]]), SCALE) - applied(matrix, middle, SCALE)
        assert abs(np.degrees(np.arctan2(step[0, 1], step[0, 0]))) <= 20.2
        assert abs(np.linalg.norm(step) / 0.01 - 1) <= 0.032


def test_overlays_are_found_and_filled() -> None:
    pixels = np.full((1024, 1280, 3), SKIN, np.uint8)
    cv2.circle(pixels, (640, 512), 400, (220, 20, 20), 2)
    assert label_box(pixels) is None
    cv2.ellipse(pixels, (300, 800), (60, 14), 30, 0, 360, (30, 30, 200), -1)  # ink, not text
    assert label_box(pixels) is None
    for row, text in enumerate(("RC0", "C=15.848 mm", "A=19.988", "r=2.522 mm")):
        cv2.putText(pixels, text, (900, 300 + 30 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 210), 3)
    box = label_box(pixels)
    assert box is not None
    x0, y0, x1, y1 = box
    assert x0 < 900
    assert y0 < 275
    assert 1050 < x1 < 1200
    assert 390 < y1 < 440
    lines = red_lines(pixels)
    assert lines[512, 1040]
    assert not lines[512, 640]
    assert lines.sum() < 10_000
    covered = np.zeros(lines.shape, bool)
    covered[y0:y1, x0:x1] = True
    clean = filled(pixels, covered)
    assert np.abs(clean[covered].astype(int) - SKIN).max() <= 12
    assert np.array_equal(clean[~covered], pixels[~covered])
