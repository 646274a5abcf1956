"""Shares of grey and short hairs, and what a measurement says of each hair."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.engine import Engine
from station.density.hairs import MIN_HAIRS, hair_features
from station.density.measure import measure
from station.values import HairRoot, Measurement
from station.world import Truth
from station.world.sensor import Sensor
from station.world.wires import SKINS, Sheet, sheet
from tests.density.pictures import standard_image

Scalp = tuple[NDArray[np.uint8], Truth, float]


def everywhere(shafts: Sheet) -> NDArray[np.bool_]:
    return np.ones(len(shafts.roots_mm), bool)


@pytest.mark.parametrize("skin", ["medium", "dark"])
def test_grey_share_on_lighter_and_darker_skin(skin: str) -> None:
    kinds = ["grey", "black", "black", "brown"] * 8
    mixed = sheet(np.linspace(50, 90, 32), kinds, Sensor(), SKINS[skin], np.random.default_rng(3))
    found = hair_features(mixed.pixels, mixed.roots_mm, everywhere(mixed), 135.0, 30.0)
    assert found.grey_share == pytest.approx(0.25, abs=0.07)


def test_short_share_counts_what_is_under_a_third_of_a_mm() -> None:
    lengths = np.tile([0.25, 0.5, 0.8], 10)
    mixed = sheet(
        np.full(30, 60.0), ["black"] * 30, Sensor(), SKINS["light"], np.random.default_rng(4), length_mm=lengths
    )
    found = hair_features(mixed.pixels, mixed.roots_mm, everywhere(mixed), 135.0, 30.0)
    assert found.short_share == pytest.approx(1 / 3, abs=0.04)
    assert found.grey_share is not None
    few = np.arange(30) < MIN_HAIRS - 1
    fewer = hair_features(mixed.pixels, mixed.roots_mm, few, 135.0, 30.0)
    assert (fewer.short_share, fewer.grey_share) == (None, None)


def test_features_go_to_the_hairs_they_belong_to() -> None:
    widths = np.linspace(40, 90, 25)
    shafts = sheet(widths, ["black"] * 25, Sensor(), SKINS["light"], np.random.default_rng(5))
    found = hair_features(shafts.pixels, shafts.roots_mm, everywhere(shafts), 135.0, 30.0)
    chosen = np.arange(25) % 3 == 0
    roots = tuple(HairRoot(float(x), float(y), 1.0, -1) for x, y in shafts.roots_mm[chosen])
    full = found.added_to(roots, chosen)
    assert [hair.x_mm for hair in full] == [root.x_mm for root in roots]
    assert [hair.diameter_um for hair in full] == pytest.approx(list(widths[chosen]), abs=6)
    assert [hair.length_mm for hair in full] == pytest.approx([0.6] * len(full), abs=0.06)


@pytest.fixture(scope="module")
def measured(scalp: Scalp, engine: Engine) -> Measurement:
    pixels, _, scale = scalp
    return measure(standard_image(pixels, scale), engine, thin_hair_um=45.0)


def test_found_roots_get_direction_and_diameter(measured: Measurement, scalp: Scalp) -> None:
    """End to end: diameters follow the truth hair by hair; a constant difference is the renderer's (accuracy.md)."""
    _, truth, _ = scalp
    found = np.array([(hair.x_mm, hair.y_mm) for hair in measured.hairs])
    distance = np.hypot(*np.moveaxis(found[:, None] - truth.roots[None], 2, 0))
    nearest, close = distance.argmin(axis=1), distance.min(axis=1) < 0.08
    pairs = [(hair, row) for hair, row, near in zip(measured.hairs, nearest, close, strict=True) if near]
    turn = np.array([h.direction_rad - truth.azimuth[row] for h, row in pairs if h.direction_rad is not None])
    assert len(turn) > 0.9 * len(pairs)
    assert np.median(np.abs(np.degrees(np.angle(np.exp(1j * turn))))) < 8
    error = np.array([h.diameter_um - truth.diameter_um[row] for h, row in pairs if h.diameter_um is not None])
    assert len(error) >= MIN_HAIRS
    assert np.percentile(np.abs(error - np.median(error)), 75) < 5
    assert measured.calibre is not None
    assert measured.calibre.threshold_um == 45.0
    assert measured.calibre.hairs == sum(hair.diameter_um is not None for hair in measured.hairs)


def test_a_scale_too_coarse_withholds_the_calibre_and_nothing_else(scalp: Scalp, engine: Engine) -> None:
    pixels, _, scale = scalp
    half = np.ascontiguousarray(pixels[::2, ::2])
    coarse = measure(standard_image(half, scale / 2), engine)
    assert coarse.calibre is not None
    assert coarse.calibre.mean_um is None
    assert "One pixel is 14.8 um" in coarse.calibre.reason
    assert coarse.fu_count > 0
