"""The optical path: light is kept, colours come back, blur is diffraction's, noise is the sensor's."""

from __future__ import annotations

import numpy as np
import pytest

from station.world.sensor import Sensor, develop, encoded, focal_plane
from station.world.wires import SKINS, Shaft, photograph, wire


def test_scale_and_aperture_follow_from_the_profile() -> None:
    sensor = Sensor()
    assert sensor.magnification == pytest.approx(0.209, abs=0.001)
    assert sensor.working_f_number == pytest.approx(6.77, abs=0.01)


def test_blur_keeps_the_light_and_stops_down_with_the_aperture() -> None:
    point = np.zeros((256, 256, 3), np.float32)
    point[128, 128] = 64
    spreads = []
    for f_number in (4.0, 8.0):
        seen = focal_plane(point, Sensor(f_number=f_number, lens_blur_um=0.0), 8)[..., 1]
        assert seen.sum() == pytest.approx(1, abs=0.03)  # a little of the rings falls outside
        spreads.append(seen.max())
    # The area of the Airy disc goes with the square of the f-number; the pixel's own area makes it a little less.
    assert 2.2 < spreads[0] / spreads[1] < 4.0


def test_a_flat_field_comes_back_in_its_colour_with_the_sensors_noise() -> None:
    sensor = Sensor()
    flat = np.broadcast_to(np.array(SKINS["medium"], np.float32), (128, 128, 3)).copy()
    pixels = develop(flat, sensor, np.random.default_rng(0))
    inner = pixels[4:-4, 4:-4].reshape(-1, 3).astype(float)
    assert inner.mean(axis=0) == pytest.approx(encoded(np.array(SKINS["medium"], np.float32)), abs=1.5)
    assert 0.3 < inner[:, 1].std() < 3


def test_each_photosite_has_its_filter() -> None:
    """A wrong mosaic would give one colour another's place."""
    for channel in range(3):
        flat = np.full((64, 64, 3), 0.02, np.float32)
        flat[..., channel] = 0.5
        pixels = develop(flat, Sensor(), np.random.default_rng(0))
        assert pixels[8:-8, 8:-8].reshape(-1, 3).mean(axis=0).argmax() == channel


def test_a_wire_takes_its_width_of_light() -> None:
    """Equivalent width: the light that is missing, over the light per width, is the diameter."""
    sensor = Sensor()
    skin = SKINS["light"]
    for diameter in (25.0, 60.0, 100.0):
        one = wire(diameter, 0.2, (-40.0, 50.0), 400.0)
        pixels = photograph((104, 208), [one], sensor, skin, np.random.default_rng(1), texture=0.0)
        light = (np.asarray(pixels, float) / 255 + 0.055) / 1.055
        column = (light**2.4)[:, 100, 1]
        missing = (skin[1] - column).sum() / (skin[1] - 0.03)
        assert missing * np.cos(0.2) * 1000 / 135 == pytest.approx(diameter, abs=2)


def test_tiles_leave_no_seam() -> None:
    shafts: list[Shaft] = [wire(60.0, 0.0, (20.0, 104.0), 170.0)]
    pixels = photograph((208, 208), shafts, Sensor(), SKINS["light"], np.random.default_rng(2), texture=0.0)
    rows = pixels[98:110, 40:170, 1].astype(float)
    assert np.abs(rows[:, 62:66].mean(axis=1) - rows[:, 20:50].mean(axis=1)).max() < 3
