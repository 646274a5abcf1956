"""Calibre against shafts and wires of known width, seen through the reference rig's whole optical path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.calibre import MIN_HAIRS, Diameters, calibre, diameters
from station.density.centrelines import trace
from station.density.profiles import linear_green
from station.values import Calibre
from station.world.sensor import Sensor, encoded, focal_plane
from station.world.wires import SKINS, Sheet, sheet

PX_PER_MM = 135.0


def measured(shafts: Sheet) -> Diameters:
    return diameters(shafts.pixels, trace(shafts.pixels, shafts.roots_mm, PX_PER_MM), PX_PER_MM)


def of(found: Diameters, threshold_um: float, px_per_mm: float = PX_PER_MM) -> Calibre:
    return calibre(found, np.ones(len(found.diameter_um), bool), px_per_mm, threshold_um)


@pytest.fixture(scope="module")
def ladder() -> Sheet:
    """Five black and five brown shafts of each of eight diameters on medium skin."""
    widths = np.repeat([25.0, 30.0, 35.0, 40.0, 50.0, 60.0, 80.0, 100.0], 10)
    kinds = ["black", "brown"] * 40
    return sheet(widths, kinds, Sensor(), SKINS["medium"], np.random.default_rng(20))


def test_diameters_are_right_within_the_target(ladder: Sheet) -> None:
    found = measured(ladder)
    error = found.diameter_um - ladder.diameter_um
    assert np.isfinite(error).mean() > 0.95
    for width in np.unique(ladder.diameter_um):
        bound = 2.0 if width >= 40 else 5.0
        assert abs(np.nanmean(error[ladder.diameter_um == width])) <= bound, width
    # No single shaft is far off either.
    assert np.nanmax(np.abs(error)) < 8


def test_opaque_wires_are_measured_like_shafts() -> None:
    widths = np.repeat([30.0, 50.0, 80.0, 100.0], 5)
    wires = sheet(widths, ["wire"] * 20, Sensor(), SKINS["light"], np.random.default_rng(21))
    error = measured(wires).diameter_um - widths
    for width in np.unique(widths):
        assert abs(np.nanmean(error[widths == width])) <= 3, width


@pytest.fixture(scope="module")
def population() -> Sheet:
    """A frontal site of a person with thinning hair: 61 +- 20 um, a tenth of vellus (domain reference, 3.3)."""
    rng = np.random.default_rng(22)
    widths = np.clip(rng.normal(61, 20, 110), 32, 120)
    vellus = rng.random(110) < 0.1
    widths[vellus] = rng.uniform(18, 32, int(vellus.sum()))
    return sheet(widths, ["black", "brown"] * 55, Sensor(), SKINS["medium"], rng)


def test_mean_and_share_of_thin_hairs_are_right_within_the_target(population: Sheet) -> None:
    found = measured(population)
    truth = population.diameter_um
    for threshold, bound in ((30.0, 0.05), (45.0, 0.02)):
        summary = calibre(found, np.ones(len(truth), bool), PX_PER_MM, threshold)
        assert summary.reason == ""
        assert summary.mean_um == pytest.approx(truth.mean(), abs=2)
        assert summary.median_um == pytest.approx(np.median(truth), abs=2)
        assert summary.thin_share == pytest.approx((truth < threshold).mean(), abs=bound)
        assert summary.threshold_um == threshold
        assert summary.hairs > 100


def true_edge_spread_um(sensor: Sensor) -> float:
    """10-90 % width of a slanted edge in green, from the image on the sensor (ISO 12233's edge, without noise)."""
    size, over, slope = 64, 8, 0.12
    y, x = (np.mgrid[: size * over, : size * over] + 0.5) / over
    scene = np.where((x - size / 2) + slope * (y - size / 2) > 0, 0.05, 0.5)
    seen = focal_plane(np.repeat(scene[..., None], 3, axis=2).astype(np.float32), sensor, over)[..., 1]
    y, x = np.mgrid[:size, :size] + 0.5
    across = ((x - size / 2) + slope * (y - size / 2)) / np.hypot(1, slope)
    inner = (np.abs(across) < 12) & (np.abs(y - size / 2) < 20)
    order = np.argsort(across[inner])
    edge = np.convolve(seen[inner][order], np.ones(9) / 9, "valid")
    at = across[inner][order][4:-4]
    share = (edge - edge[-60:].mean()) / (edge[:60].mean() - edge[-60:].mean())
    return float(np.interp(-0.1, -share, at) - np.interp(-0.9, -share, at)) * 1000 / sensor.px_per_mm


@pytest.mark.parametrize("f_number", [4.0, 5.6, 8.0])
def test_edge_spread_is_the_optics_own(f_number: float) -> None:
    sensor = Sensor(f_number=f_number)
    widths = np.linspace(60, 100, 16)
    shafts = sheet(widths, ["wire", "black"] * 8, sensor, SKINS["medium"], np.random.default_rng(23))
    assert measured(shafts).edge_spread_um == pytest.approx(true_edge_spread_um(sensor), rel=0.1)


def test_optics_that_do_not_resolve_thin_hairs_get_a_reason() -> None:
    widths = np.linspace(50, 100, 25)
    shafts = sheet(widths, ["black"] * 25, Sensor(f_number=11), SKINS["medium"], np.random.default_rng(24))
    summary = of(measured(shafts), 30.0)
    assert (summary.mean_um, summary.median_um, summary.thin_share) == (None, None, None)
    assert summary.reason.startswith("Edges are ")
    assert summary.edge_spread_um > 30


def known(n: int, sigma_um: float = 7.0, edges: int = 50) -> Diameters:
    return Diameters(np.linspace(20, 90, n), sigma_um, edges)


def test_each_lack_has_its_own_reason() -> None:
    assert of(known(MIN_HAIRS), 30.0).reason == ""
    assert "fewer than 20" in of(known(MIN_HAIRS - 1), 30.0).reason
    assert "One pixel is 12.5 um" in of(known(50), 30.0, px_per_mm=80).reason
    assert "Only 3 dark, thick shafts" in of(known(50, float("nan"), 3), 30.0).reason
    assert "Edges are 28 um wide" in of(known(50, 9.15), 30.0).reason


def test_only_counted_hairs_are_summarised() -> None:
    found = known(60)
    counted: NDArray[np.bool_] = found.diameter_um > 40
    summary = calibre(found, counted, PX_PER_MM, 45.0)
    assert summary.hairs == int(counted.sum())
    assert summary.thin_share == pytest.approx((found.diameter_um[counted] < 45).mean())
    gaps = replace(found, diameter_um=np.where(found.diameter_um > 80, np.nan, found.diameter_um))
    assert calibre(gaps, counted, PX_PER_MM, 45.0).mean_um == pytest.approx(
        found.diameter_um[counted & (found.diameter_um <= 80)].mean()
    )


def test_linear_light_undoes_the_encoding() -> None:
    light = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    pixels = encoded(np.repeat(light[..., None], 3, axis=2))
    assert np.abs(linear_green(pixels) / 65535 - light).max() < 0.006


def test_a_photograph_without_hair_has_no_calibre() -> None:
    plain = np.full((200, 200, 3), 180, np.uint8)
    roots = np.random.default_rng(0).uniform(0.2, 1.2, (30, 2))
    found = diameters(plain, trace(plain, roots, PX_PER_MM), PX_PER_MM)
    assert np.isnan(found.diameter_um).all()
    assert of(found, 30.0).reason != ""
    nothing = diameters(plain, trace(plain, np.zeros((0, 2)), PX_PER_MM), PX_PER_MM)
    assert len(nothing.diameter_um) == 0
