"""The live picture of every driver: small, of known scale, from the one configuration, and no photograph less."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from station.clock import SimulatedClock
from station.errors import CameraError, CameraStoppedError
from station.rig.build import open_rig
from station.rig.picamera2_camera import Picamera2Camera
from station.rig.preview import PREVIEW_WIDTH_PX, preview_px_per_mm, preview_size
from station.rig.profile import load_profile, parse_profile, profile_names
from station.settings import load
from station.values import Controls, Lamp
from tests.rig.test_picamera2 import BLUE, CLOCK, GREEN, RED, WANTED, Request, SensorCamera

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize("name", profile_names())
def test_the_preview_has_the_rigs_aspect_and_field(name: str) -> None:
    profile = load_profile(name)
    width, height = preview_size(profile)
    assert width <= PREVIEW_WIDTH_PX
    assert (width % 2, height % 2) == (0, 0)
    assert width / height == pytest.approx(profile.width_px / profile.height_px, rel=2e-3)
    assert width / preview_px_per_mm(profile) == pytest.approx(profile.size_mm[0])


def test_the_reference_rigs_preview_is_a_thousand_pixels_wide() -> None:
    profile = load_profile("reference")
    assert preview_size(profile) == (1024, 768)
    assert preview_px_per_mm(profile) == pytest.approx(34.08, abs=0.01)


def test_the_simulated_camera_shows_the_head_that_the_lamp_lights() -> None:
    settings = load(environment={}, camera_driver="simulated", rig_profile="demo")
    rig = open_rig(settings, SimulatedClock(MOMENT))
    rig.light.switch(Lamp.CROSS)
    nobody = rig.camera.preview()
    rig.light.switch(Lamp.OFF)
    rig.place("vertex", MOMENT, 0)
    dark = rig.camera.preview()
    rig.light.switch(Lamp.CROSS)
    lit = rig.camera.preview()
    assert lit.pixels.shape == (768, 1024, 3)
    assert lit.pixels.dtype == np.uint8
    assert lit.size_mm == pytest.approx((12.0, 9.0), rel=1e-3)
    assert dark.pixels.mean() < 20 < lit.pixels.mean()
    assert lit.pixels.std() > 2 * nobody.pixels.std()
    assert lit.taken >= dark.taken
    rig.close()


def test_replay_shows_the_next_photograph_and_keeps_it(tmp_path: Path) -> None:
    for number, name in enumerate(("a.png", "b.png")):
        Image.new("RGB", (2048, 1024), (100 + number, 0, 0)).save(tmp_path / name)
    settings = load(environment={}, camera_driver="replay", replay_folder=str(tmp_path), replay_px_per_mm=100.0)
    camera = open_rig(settings, SimulatedClock(MOMENT)).camera
    first, again = camera.preview(), camera.preview()
    assert first.pixels.shape == (512, 1024, 3)
    assert first.px_per_mm == pytest.approx(50.0)
    assert first.pixels is again.pixels
    assert int(first.pixels[0, 0, 0]) == 100
    assert camera.expose(Controls(), Lamp.EXTERNAL).source == "a.png"
    assert int(camera.preview().pixels[0, 0, 0]) == 101
    assert camera.expose(Controls(), Lamp.EXTERNAL).source == "b.png"
    with pytest.raises(CameraStoppedError, match="all 2 photographs"):
        camera.preview()


class SmallStream(SensorCamera):
    """A camera with a second stream whose lines are padded to 128 bytes."""

    def configure(self, config: dict[str, Any]) -> None:
        self.config = config
        self.log.append("configure")

    def camera_configuration(self) -> dict[str, Any]:
        found = super().camera_configuration()
        if "lores" in self.config:
            found["lores"] = self.config["lores"]
        return found

    def capture_request(self, wait: float) -> Request:
        request = super().capture_request(wait)
        plain = request.make_array

        def make_array(name: str) -> NDArray[np.uint8]:
            self.log.append(name)
            if name == "main":
                return plain(name)
            luma = np.full((64, 128), round(0.299 * RED + 0.587 * GREEN + 0.114 * BLUE), np.uint8)
            luma[:, 96:] = 0
            return np.concatenate([luma, np.full((32, 128), 128, np.uint8)])

        request.make_array = make_array  # type: ignore[method-assign]
        return request


def driver(kind: type[SensorCamera]) -> Picamera2Camera:
    kind.made = []
    text = 'id = "x"\nname = "X"\nnote = ""\n[camera]\nwidth_px = 96\nheight_px = 64\npx_per_mm = 100\n'
    return Picamera2Camera(parse_profile(text + "[controls]\nexposure_us = 8000\n", "test"), CLOCK, 2.0, kind)


def test_the_pis_small_stream_belongs_to_the_one_configuration() -> None:
    camera = driver(SmallStream)
    preview = camera.preview()
    camera.expose(WANTED, Lamp.CROSS)
    camera.preview()
    (sensor,) = SmallStream.made
    assert sensor.config["lores"] == {"format": "YUV420", "size": (96, 64)}
    assert [entry for entry in sensor.log if entry != "lores"] == ["configure", "start", "main"]
    assert sensor.log.count("lores") == 2
    assert preview.pixels.shape == (64, 96, 3)
    grey = 0.299 * RED + 0.587 * GREEN + 0.114 * BLUE
    assert np.abs(preview.pixels.astype(float) - grey).max() <= 2
    assert preview.px_per_mm == pytest.approx(100.0)
    assert all(request.released for request in sensor.requests)


def test_before_the_first_exposure_the_preview_locks_the_profiles_controls() -> None:
    camera = driver(SmallStream)
    camera.preview()
    assert SmallStream.made[0].settings == {"ExposureTime": 8000, "AeEnable": False}
    camera.expose(WANTED, Lamp.CROSS)
    camera.preview()
    assert SmallStream.made[0].settings["AnalogueGain"] == WANTED.analogue_gain


@pytest.mark.parametrize("refusal", [RuntimeError("invalid"), AttributeError("None"), IndexError("streams")])
def test_a_camera_of_one_stream_makes_the_preview_from_it(refusal: Exception) -> None:
    class OneStream(SmallStream):
        def configure(self, config: dict[str, Any]) -> None:
            if "lores" in config:
                raise refusal
            super().configure(config)

    camera = driver(OneStream)
    preview = camera.preview()
    assert OneStream.made[0].log == ["configure", "start", "main"]
    assert tuple(preview.pixels[0, 0]) == (RED, GREEN, BLUE)


def test_a_preview_that_fails_is_closed_and_can_be_tried_again() -> None:
    class Stopping(SmallStream):
        fails = [TimeoutError()]  # noqa: RUF012

        def capture_request(self, wait: float) -> Request:
            if self.fails:
                raise self.fails.pop()
            return super().capture_request(wait)

    camera = driver(Stopping)
    with pytest.raises(CameraStoppedError, match="no frame"):
        camera.preview()
    assert camera.preview().pixels.shape == (64, 96, 3)
    assert len(Stopping.made) == 2


def test_a_small_stream_of_another_size_is_not_used() -> None:
    class Adjusted(SmallStream):
        def camera_configuration(self) -> dict[str, Any]:
            return {**super().camera_configuration(), "lores": {"format": "YUV420", "size": (80, 64)}}

    camera = driver(Adjusted)
    assert tuple(camera.preview().pixels[0, 0]) == (RED, GREEN, BLUE)


def test_without_a_camera_the_preview_says_so() -> None:
    class Missing(SmallStream):
        @staticmethod
        def global_camera_info() -> list[dict[str, Any]]:
            return []

    with pytest.raises(CameraError, match="No camera"):
        driver(Missing).preview()
