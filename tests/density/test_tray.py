"""Counting shed hairs on a tray: right where they are laid apart, honest or refused where they are not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from station.density.ridges import thinned
from station.density.strands import polyline_length, strands_of
from station.density.tray import count_tray
from station.density.tray_drawing import draw_tray
from station.density.tray_interval import TrayIntervals, anscombe_error, conformal_range, load_intervals
from station.errors import UncountableError
from station.values import UInt8Image
from station.world.tray import TrayTruth
from tests.density.tray_pictures import standard, tray

pytestmark = pytest.mark.req("REQ-20")


@pytest.fixture(scope="module")
def laid_apart() -> tuple[UInt8Image, TrayTruth]:
    return tray(24)


@pytest.fixture(scope="module")
def empty() -> UInt8Image:
    return tray(0)[0]


def drawn(*lines: list[tuple[float, float]], thick: int = 3) -> np.ndarray:
    """Lines through the given points on a mask of 400 x 600 px."""
    mask = np.zeros((400, 600), np.uint8)
    for line in lines:
        cv2.polylines(mask, [np.array(line, np.int32)], False, 1, thick)
    return mask.astype(bool)


def test_hairs_laid_apart_are_counted_within_one(laid_apart: tuple[UInt8Image, TrayTruth]) -> None:
    pixels, truth = laid_apart
    counted = count_tray(standard(pixels))
    assert abs(counted.count - truth.count) <= 1
    assert abs(counted.short - truth.short) <= 1
    assert counted.short + counted.longer == counted.count
    assert counted.count_interval.low <= truth.count <= counted.count_interval.high
    assert counted.total_length_mm == pytest.approx(float(truth.lengths_mm.sum()), rel=0.03)


def test_a_bare_tray_has_no_hairs_and_says_how_sure_that_is(empty: UInt8Image) -> None:
    counted = count_tray(standard(empty))
    assert (counted.count, counted.short, counted.longer, counted.hairs) == (0, 0, 0, ())
    assert counted.count_interval.low == 0
    assert counted.count_interval.high >= 1


def test_a_finer_photograph_gives_the_same_count_and_keeps_its_scale(
    laid_apart: tuple[UInt8Image, TrayTruth],
) -> None:
    pixels, truth = laid_apart
    larger = np.asarray(cv2.resize(pixels, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC), np.uint8)
    counted = count_tray(standard(larger, 32.0))
    assert abs(counted.count - truth.count) <= 1
    assert counted.px_per_mm == 32.0


def test_what_is_left_out_is_not_counted(empty: UInt8Image) -> None:
    marked = empty.copy()
    cv2.line(marked, (300, 700), (900, 760), (60, 50, 40), 2)
    cv2.line(marked, (1500, 300), (1600, 900), (60, 50, 40), 2)
    image = standard(marked)
    assert count_tray(image).count == 2
    image.countable[200:1000, 1400:1700] = False
    assert count_tray(image).count == 1


def test_something_dark_on_the_tray_is_mentioned(empty: UInt8Image) -> None:
    labelled = empty.copy()
    labelled[500:800, 1000:1800] = (30, 60, 140)
    assert any("covers" in warning for warning in count_tray(standard(labelled)).warnings)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("black", "no white tray"),
        ("grey wall", "no white tray"),
        ("skin", "no white tray"),
        ("over-exposed", "over-exposed"),
        ("blurred", "out of focus"),
        ("noise", "grainy"),
        ("squared paper", "straight lines"),
        ("clumped", "spread the hairs apart"),
        ("many", "count in portions"),
    ],
)
def test_pictures_of_other_things_are_refused_with_what_to_do(
    what: str, words: str, laid_apart: tuple[UInt8Image, TrayTruth]
) -> None:
    pixels = laid_apart[0]
    random = np.random.default_rng(3)
    match what:
        case "black":
            pixels = np.zeros_like(pixels)
        case "grey wall":
            pixels = np.full_like(pixels, 110)
        case "skin":
            pixels = np.full_like(pixels, (205, 165, 140))
        case "over-exposed":
            pixels = np.clip(pixels.astype(np.int32) * 2, 0, 255).astype(np.uint8)
        case "blurred":
            pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 5), np.uint8)
        case "noise":
            pixels = random.integers(160, 256, pixels.shape, dtype=np.uint8)
        case "squared paper":
            pixels = np.full_like(pixels, 240)
            pixels[::100], pixels[:, ::100] = 120, 120
        case "clumped":
            pixels = tray(90, length_mm=150)[0]
        case "many":
            pixels = np.full_like(pixels, 240)
            for x in range(100, 2500, 110):
                for y in range(60, 1400, 170):
                    cv2.line(pixels, (x, y), (x + 30, y + 140), (50, 40, 30), 2)
    with pytest.raises(UncountableError, match=words):
        count_tray(standard(pixels))


@pytest.mark.parametrize("factor", [0.55, 2.0])
def test_a_scale_that_does_not_fit_the_tray_is_refused(factor: float, laid_apart: tuple[UInt8Image, TrayTruth]) -> None:
    pixels = laid_apart[0]
    if factor < 1:  # a whole tray of 220 cm2, photographed at 20 px/mm, said to be of 11
        pixels = cv2.copyMakeBorder(pixels, 380, 380, 700, 700, cv2.BORDER_CONSTANT, value=(225, 225, 225))
    with pytest.raises(UncountableError, match="measure the px/mm"):
        count_tray(standard(pixels, 20.0 * factor))


def test_two_hairs_that_cross_are_two() -> None:
    lines = drawn([(50, 50), (500, 330)], [(60, 340), (520, 60)])
    found = strands_of(thinned(lines), lines)
    assert sorted(round(s.length / 20) for s in found) == pytest.approx([26, 27], abs=1)


def test_hairs_that_run_together_for_a_while_are_two() -> None:
    lines = drawn([(40, 120), (250, 198), (350, 202), (560, 280)], [(40, 280), (250, 202), (350, 198), (560, 120)])
    assert len(strands_of(thinned(lines), lines)) == 2


def test_a_hair_that_crosses_itself_is_one() -> None:
    turn = np.linspace(-math.pi, math.pi, 300)
    loop = list(zip(300 + 60 * turn - 130 * np.sin(turn), 200 + 130 * np.cos(turn), strict=True))
    lines = drawn(loop)
    found = strands_of(thinned(lines), lines)
    assert len(found) == 1
    assert found[0].length == pytest.approx(polyline_length(np.array(loop)), rel=0.05)


def test_a_tip_that_lies_on_another_hair_ends_there() -> None:
    lines = drawn([(50, 200), (550, 210)], [(300, 205), (320, 380)])
    found = strands_of(thinned(lines), lines)
    assert len(found) == 2
    assert sum(strand.loose for strand in found) == 1


def test_a_skeleton_is_thin_and_as_long_as_its_line() -> None:
    skeleton = thinned(drawn([(40, 40), (560, 300)], thick=5))
    found = strands_of(skeleton, skeleton)
    assert len(found) == 1
    assert found[0].length == pytest.approx(math.hypot(520, 260), rel=0.02)


@example(30.0, 30.0, 68.0, 77.0)
@example(150.0, 314.0, 342.0, 132.0)
@settings(deadline=None, max_examples=30)
@given(st.floats(30, 570), st.floats(30, 370), st.floats(30, 570), st.floats(30, 370))
def test_any_straight_line_is_one_strand_of_its_length(x0: float, y0: float, x1: float, y1: float) -> None:
    length = math.hypot(round(x1) - round(x0), round(y1) - round(y0))
    assume(length > 60)
    lines = drawn([(round(x0), round(y0)), (round(x1), round(y1))])
    found = strands_of(thinned(lines), lines)
    assert len(found) == 1
    assert found[0].length == pytest.approx(length, rel=0.05, abs=7)


def test_an_interval_holds_its_count_and_whole_hairs_only() -> None:
    intervals = load_intervals()
    for found in (0, 1, 7, 60, 150):
        for thickness in (0.0, 15.0, 60.0, 1000.0):
            interval = intervals.around("count", found, thickness)
            assert 0 <= interval.low <= found <= interval.high
            assert interval.low == int(interval.low)
            assert interval.level == 0.9


def test_intervals_widen_where_hairs_lie_thick() -> None:
    intervals = load_intervals()
    widths = [i.high - i.low for i in (intervals.around("count", 60, mm) for mm in (5, 60))]
    assert widths[0] < widths[1]


def test_a_conformal_range_leaves_a_twentieth_beyond_either_end() -> None:
    errors = np.arange(199) / 100
    low, high = conformal_range(errors.tolist())
    assert (errors < low).mean() <= 0.05
    assert (errors > high).mean() <= 0.05
    with pytest.raises(ValueError, match="too few"):
        conformal_range([0.0] * 10)


@given(st.integers(0, 200), st.integers(0, 200))
def test_errors_are_signed_and_zero_for_the_truth(found: int, true: int) -> None:
    error = anscombe_error(found, true)
    assert (error > 0, error < 0) == (found > true, found < true)


def test_bias_of_the_calibration_moves_the_interval() -> None:
    whats = {"count": (0.0, 0.8), "short": (0.0, 0.0), "longer": (0.0, 0.0)}
    interval = TrayIntervals((), (whats,)).around("count", 50, 10.0)
    assert interval.low < 50
    assert interval.high == 50


def test_the_calibration_names_what_made_it(root: Path) -> None:
    data = json.loads((root / "models" / "tray.json").read_text("utf-8"))
    assert data["made_by"] == "benchmarks/tray.py --calibrate"
    assert all(group["trays"] >= 30 for group in data["groups"])


def test_the_drawing_shows_each_hair_and_marks_short_ones(laid_apart: tuple[UInt8Image, TrayTruth]) -> None:
    pixels = laid_apart[0]
    counted = count_tray(standard(pixels))
    sheet = draw_tray(pixels, counted)
    assert sheet.shape[1] == 1800
    red = (sheet[..., 0] > 180) & (sheet[..., 1] < 60) & (sheet[..., 2] < 60)
    assert bool(red.any()) == any(hair.short for hair in counted.hairs)
    assert len(counted.hairs) >= counted.count
