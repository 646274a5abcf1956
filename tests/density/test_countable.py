"""What is counted: sharp, lit, without glare, inside the frame; smooth bare skin of a sharp picture too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.countable import BLUR, GLARE, LEFT_OUT, NOT_LIT, countable_area
from station.density.tiles import WorkingView, to_working_scale
from station.imaging import photographs_in, read_photograph
from station.world import Truth

Scalp = tuple[NDArray[np.uint8], Truth, float]


@pytest.fixture(scope="module")
def view(scalp: Scalp) -> WorkingView:
    pixels, _, scale = scalp
    return to_working_scale(pixels, scale, 45.0)


def changed(view: WorkingView, pixels: NDArray[np.uint8]) -> WorkingView:
    return WorkingView(pixels, view.x_scale, view.y_scale)


def blurred(view: WorkingView, sigma_mm: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(view.pixels, (0, 0), sigma_mm * 45), np.uint8)


def test_a_good_photograph_counts_but_for_its_margin(view: WorkingView) -> None:
    found = countable_area(view)
    assert found.mask[9:-9, 9:-9].all()
    assert not found.mask[:9].any()
    assert not found.mask[:, -9:].any()
    assert found.area_cm2 == pytest.approx((12.0 - 0.4) * (9.0 - 0.4) / 100, rel=1e-3)
    assert found.quality.sharpness > 1.5
    assert found.quality.warnings == ()
    assert found.quality.countable_share == pytest.approx(found.mask.mean())


def test_blur_of_a_hairs_width_does_not_count(view: WorkingView) -> None:
    found = countable_area(changed(view, blurred(view, 0.12)))
    assert found.area_cm2 < 0.01
    assert found.main_loss == BLUR
    assert found.quality.sharpness < 1
    assert any("out of focus" in warning for warning in found.quality.warnings)


def test_slight_blur_counts(view: WorkingView) -> None:
    assert countable_area(changed(view, blurred(view, 0.04))).mask[9:-9, 9:-9].mean() > 0.95


def test_noise_does_not_pass_for_sharpness(view: WorkingView) -> None:
    noise = np.random.default_rng(1).normal(0, 6, view.pixels.shape)
    noisy = (blurred(view, 0.15) + noise).clip(0, 255).astype(np.uint8)
    assert countable_area(changed(view, noisy)).mask.mean() < 0.05


def test_only_the_blurred_half_is_left_out(view: WorkingView) -> None:
    middle = view.pixels.shape[1] // 2
    pixels = view.pixels.copy()
    pixels[:, middle:] = blurred(view, 0.15)[:, middle:]
    mask = countable_area(changed(view, pixels)).mask
    assert mask[9:-9, 9 : middle - 45].all()
    assert not mask[:, middle + 90 :].any()


def test_smooth_skin_of_a_sharp_picture_counts(view: WorkingView) -> None:
    pixels = view.pixels.copy()
    pixels[100:300, 150:400] = np.median(pixels.reshape(-1, 3), axis=0).astype(np.uint8)
    assert countable_area(changed(view, pixels)).mask[9:-9, 9:-9].all()


def test_a_picture_of_nothing_cannot_be_judged(view: WorkingView) -> None:
    found = countable_area(changed(view, np.full_like(view.pixels, 150)))
    assert found.area_cm2 == 0
    assert found.quality.sharpness == 0


def test_glare_of_real_size_is_left_out_and_no_more(view: WorkingView) -> None:
    pixels = view.pixels.copy()
    cv2.circle(pixels, (200, 150), 27, (255, 255, 255), -1)  # 1.2 mm across
    found = countable_area(changed(view, pixels))
    lost = ~found.mask[9:-9, 9:-9]
    assert not found.mask[150 - 27 : 150 + 28, 200].any()
    assert np.pi * 27**2 <= lost.sum() <= np.pi * 34**2
    assert found.quality.glare_share == pytest.approx(lost.sum() / found.mask.size, rel=0.01)


def test_small_glints_and_white_hairs_count(view: WorkingView) -> None:
    pixels = view.pixels.copy()
    for x in range(40, 500, 23):
        cv2.circle(pixels, (x, 60), 2, (255, 255, 255), -1)
    cv2.line(pixels, (30, 200), (480, 330), (255, 255, 255), 4)  # 0.09 mm wide
    assert countable_area(changed(view, pixels)).quality.glare_share == 0


def test_a_dark_picture_does_not_count(view: WorkingView) -> None:
    found = countable_area(changed(view, np.random.default_rng(0).integers(0, 6, view.pixels.shape, np.uint8)))
    assert found.area_cm2 == 0
    assert found.main_loss == NOT_LIT
    assert found.quality.dark_share == pytest.approx(1)


def test_black_hair_is_not_darkness(view: WorkingView) -> None:
    pixels = view.pixels.copy()
    for x in range(30, 520, 40):
        cv2.line(pixels, (x, 40), (x + 15, 360), (0, 0, 0), 5)
    assert countable_area(changed(view, pixels)).quality.dark_share == 0


def test_what_is_left_out_by_hand_does_not_count(view: WorkingView) -> None:
    allowed = np.ones(view.pixels.shape[:2], bool)
    allowed[100:200, 100:300] = False
    whole, part = countable_area(view), countable_area(view, allowed)
    assert whole.area_cm2 - part.area_cm2 == pytest.approx(100 * 200 * view.mm2_per_pixel / 100)
    assert not part.mask[100:200, 100:300].any()


def test_little_area_is_said_plainly(view: WorkingView) -> None:
    allowed = np.zeros(view.pixels.shape[:2], bool)
    allowed[50:150, 50:200] = True
    found = countable_area(view, allowed)
    assert found.main_loss == LEFT_OUT
    warnings = " ".join(found.quality.warnings)
    assert "Only 0.07 cm2 could be counted" in warnings
    assert "of the photograph could be counted" in warnings


def test_glare_everywhere_is_named(view: WorkingView) -> None:
    found = countable_area(changed(view, np.full_like(view.pixels, 255)))
    assert found.main_loss == GLARE


def test_real_frames_keep_their_area(root: Path) -> None:
    frames = root.parent / "shared" / "data" / "scalp" / "frames"
    if not frames.is_dir():
        pytest.skip("the labelled frames (shared/data/scalp) are not beside this checkout")
    kept = []
    for path in photographs_in(frames)[::17]:
        found = countable_area(to_working_scale(read_photograph(path), 181.4, 45.0))
        kept.append(found.mask[9:-9, 9:-9].mean())
    assert np.mean(kept) > 0.95
    assert min(kept) > 0.7
