"""The pictures: sizes, colours in their place, and text that fits."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.density.drawing import draw_map, map_rgba, nice_step, upper_limit
from station.values import DensityMap, FloatArray, FollicularUnit, Interval, Measurement, Provenance, Quality

VIRIDIS_LOW, VIRIDIS_HIGH = (68, 1, 84), (253, 231, 37)


def measurement(density: FloatArray, px_per_mm: float, units: tuple[FollicularUnit, ...] = ()) -> Measurement:
    return Measurement(
        hairs=(),
        units=units,
        counted_area_cm2=0.5,
        fu_per_cm2=80.0,
        fu_interval=Interval(70, 90),
        hairs_per_cm2=150.0,
        hairs_interval=Interval(130, 170),
        map=DensityMap(density, density, 0.25, 1.0),
        quality=Quality(1, 2, 0, 0),
        provenance=Provenance("m", "0", "e", "c", "s"),
        px_per_mm=px_per_mm,
    )


@given(value=st.floats(1e-3, 1e5))
def test_steps_are_one_two_or_five(value: float) -> None:
    up, down = nice_step(value, up=True), nice_step(value, up=False)
    assert down <= value * (1 + 1e-6)
    assert up >= value * (1 - 1e-6)
    assert up <= 2.5 * value * (1 + 1e-6)
    for step in (up, down):
        assert re.fullmatch(r"[125]\.0+e[+-]\d+", f"{step:.6e}")


@pytest.mark.parametrize(
    ("highest", "limit"), [(0, 10), (76, 80), (100, 100), (101, 120), (240, 250), (430, 500), (996, 1000)]
)
def test_colour_scale_ends_at_a_round_number(highest: float, limit: float) -> None:
    assert upper_limit(highest) == pytest.approx(limit)


def test_transparent_map_has_the_photographs_aspect_and_the_scales_colours() -> None:
    density = np.zeros((20, 28), np.float32)
    density[:, 14:] = 120
    density[:8] = np.nan
    rgba = map_rgba(density, 0.25, (7.0, 5.0), width_px=700, high=120)
    assert rgba.shape == (500, 700, 4)
    assert rgba.dtype == np.uint8
    assert tuple(rgba[400, 50]) == (*VIRIDIS_LOW, 255)
    assert tuple(rgba[400, 650]) == (*VIRIDIS_HIGH, 255)
    assert (rgba[:190, :, 3] == 0).all()
    assert (rgba[210:, :, 3] == 255).all()


def test_map_beyond_the_photograph_is_cut() -> None:
    """6.9 mm need 28 cells of 0.25 mm: the last one lies half outside."""
    density = np.zeros((20, 28), np.float32)
    density[:, 26:] = 100
    rgba = map_rgba(density, 0.25, (6.9, 5.0), width_px=690, high=100)
    edge = int(np.argmax(rgba[250, :, 1] > 120))
    assert edge == pytest.approx(26 * 0.25 * 100, abs=3)


def test_map_without_any_count_is_transparent() -> None:
    rgba = map_rgba(np.full((20, 28), np.nan, np.float32), 0.25, (7.0, 5.0), width_px=200, high=100)
    assert (rgba[:, :, 3] == 0).all()


def test_sheet_shows_photograph_map_and_colour_bar() -> None:
    photo = np.full((1024, 1280, 3), (200, 170, 150), np.uint8)
    density = np.full((23, 29), 90, np.float32)
    density[:, :8] = np.nan
    sheet = draw_map(photo, measurement(density, 181.4), high=100)
    assert sheet.dtype == np.uint8
    assert sheet.shape[0] > 1024
    assert sheet.shape[1] > 1280
    colours = {tuple(colour) for colour in sheet[:, -160:].reshape(-1, 3)}
    assert VIRIDIS_LOW in colours
    assert VIRIDIS_HIGH in colours
    uncovered = sheet[600, 60]
    assert tuple(uncovered) == (200, 170, 150)
    assert not np.array_equal(sheet[600, 900], uncovered)


def test_units_are_ringed_where_they_are() -> None:
    photo = np.full((1000, 1000, 3), 128, np.uint8)
    plain = measurement(np.full((40, 40), 50, np.float32), 100.0)
    ringed = measurement(np.full((40, 40), 50, np.float32), 100.0, (FollicularUnit(2.5, 7.5, 2, 0.9),))
    differs = (draw_map(photo, plain) != draw_map(photo, ringed)).any(axis=2)
    header = 150  # the line that states the number of units differs too
    rows, columns = np.nonzero(differs[header:])
    assert np.ptp(columns) == pytest.approx(2 * 16, abs=6)
    assert np.ptp(rows) == pytest.approx(2 * 16, abs=6)
    assert columns.mean() == pytest.approx(250 + 20, abs=15)
    assert 750 < rows.mean() + header < 850


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(64, 64, 60.0), (4056, 3040, 135.0), (100, 2000, 50.0), (3000, 90, 181.4)]
)
def test_sheet_for_any_shape_of_photograph(width: int, height: int, scale: float) -> None:
    photo = np.full((height, width, 3), 128, np.uint8)
    rows, columns = -(-height / scale // 0.25), -(-width / scale // 0.25)
    sheet = draw_map(photo, measurement(np.full((int(rows), int(columns)), 60, np.float32), scale))
    assert 900 <= sheet.shape[1] <= 2200
    assert 300 <= sheet.shape[0] <= 2000


def test_density_of_nothing_draws() -> None:
    sheet = draw_map(np.full((500, 500, 3), 128, np.uint8), measurement(np.zeros((20, 20), np.float32), 100.0))
    assert sheet.shape[1] > 900
