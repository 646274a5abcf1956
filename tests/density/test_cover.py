"""How much of the skin hair covers, and what shafts look like: on skin with shafts drawn over it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.countable import NOT_SCALP, OCCLUDED, REASONS, countable_area, without_covered
from station.density.cover import hair_cover, ridges_near
from station.density.tiles import WorkingView, to_working_scale
from tests.density.test_scalp import photograph

DARK, LIGHT = (35, 30, 28), (225, 222, 215)


def with_shafts(
    tone: int, colour: tuple[int, int, int], width_px: int
) -> tuple[WorkingView, NDArray[np.float64], float]:
    """Bald scalp at 45 px/mm under shafts of 1 mm: the view, their roots (N, 2) mm, and the share they cover."""
    view = to_working_scale(photograph(40 + tone, tone=tone, loss=1.0), 135.0, 45.0)
    pixels, drawn = view.pixels.copy(), np.zeros(view.pixels.shape[:2], np.uint8)
    roots = [(x, y) for y in range(30, 380, 48) for x in range(30 + y % 3 * 7, 490, 40)]
    for x, y in roots:
        for canvas, value in ((pixels, colour), (drawn, (1,))):
            cv2.line(canvas, (x, y), (x + 40, y + 18), value, width_px)
    pixels = cv2.GaussianBlur(pixels, (0, 0), 0.6)
    return WorkingView(pixels, view.x_scale, view.y_scale), np.array(roots) / 45, float(drawn.mean())


@pytest.mark.parametrize(("tone", "colour"), [(0, DARK), (2, DARK), (3, LIGHT), (5, LIGHT)])
@pytest.mark.parametrize("width_px", [3, 5])
def test_cover_is_the_share_under_the_shafts(tone: int, colour: tuple[int, int, int], width_px: int) -> None:
    view, roots, share = with_shafts(tone, colour, width_px)
    shafts = ridges_near(view, roots)
    assert shafts.dark is (colour == DARK)
    assert hair_cover(view, roots, shafts.dark).mean() == pytest.approx(share, rel=0.25)


def test_ridges_look_coarser_where_the_stated_scale_is_too_small() -> None:
    view, roots, _ = with_shafts(1, DARK, 3)
    height, width = view.pixels.shape[:2]
    magnified = np.asarray(cv2.resize(view.pixels, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC), np.uint8)
    twice = ridges_near(WorkingView(magnified, view.x_scale, view.y_scale), 2 * roots)
    assert twice.ridge_mm > 1.2 * ridges_near(view, roots).ridge_mm


def test_where_dense_hair_hides_the_skin_nothing_is_counted() -> None:
    view, roots, _ = with_shafts(1, DARK, 3)
    rng = np.random.default_rng(2)
    pixels = view.pixels.copy()
    for _ in range(2500):
        x, y, level = int(rng.integers(270, 560)), int(rng.integers(-40, 420)), int(rng.integers(15, 60))
        cv2.line(pixels, (x, y), (x + 15, y + 60), (level, level, level), 3)
    half = WorkingView(pixels, view.x_scale, view.y_scale)
    found = without_covered(half, countable_area(half), hair_cover(half, roots[roots[:, 0] < 5], dark=True))
    assert (found.reasons[20:-20, 320:520] == REASONS.index(OCCLUDED)).mean() > 0.9
    assert found.mask[20:-20, 20:220].all()
    assert dict(found.quality.losses)[OCCLUDED] == pytest.approx(0.45, abs=0.08)
    assert any("covered by hair" in warning for warning in found.quality.warnings)


def test_what_no_skin_has_as_colour_is_not_counted() -> None:
    view, _, _ = with_shafts(2, DARK, 3)
    pixels = view.pixels.copy()
    pixels[100:250, 100:300] = (60, 150, 50)
    found = countable_area(WorkingView(pixels, view.x_scale, view.y_scale))
    assert (found.reasons[120:230, 120:280] == REASONS.index(NOT_SCALP)).all()
    assert found.mask[20:60, 20:-20].all()
    assert found.reasons.max() < len(REASONS)
