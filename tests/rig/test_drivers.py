"""Simulated and replay rig, and the light on the pins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory
from PIL import Image

from station.clock import SimulatedClock
from station.errors import CameraError, CameraStoppedError, ImageError, SettingsError
from station.rig.build import open_rig
from station.rig.gpio_light import GpioLight
from station.rig.profile import LightProfile
from station.settings import load
from station.values import Controls, Lamp

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
SMALL = (
    'id = "small"\nname = "Small"\nnote = ""\n[camera]\nwidth_px = 320\nheight_px = 240\npx_per_mm = 60.0\n'
    "[controls]\nexposure_us = 8000\n"
)


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return str(path)


def test_simulated_camera_and_light_see_one_world(small: str) -> None:
    rig = open_rig(load(environment={}, camera_driver="simulated", rig_profile=small), SimulatedClock(MOMENT))
    assert rig.light.lamp is Lamp.OFF
    with pytest.raises(CameraError, match="no head"):
        rig.camera.expose(rig.profile.controls, Lamp.CROSS)
    rig.place("vertex", MOMENT, 0)
    dark = rig.camera.expose(rig.profile.controls, Lamp.OFF)
    rig.light.switch(Lamp.CROSS)
    lit = rig.camera.expose(rig.profile.controls, Lamp.CROSS)
    assert lit.pixels.shape == (240, 320, 3)
    assert lit.pixels.dtype == np.uint8
    assert dark.pixels.mean() < 20 < lit.pixels.mean()
    assert lit.requested == lit.confirmed == Controls(exposure_us=8000)
    assert (lit.rig_id, lit.lamp, lit.taken.utc) == ("small", Lamp.CROSS, MOMENT)
    rig.place("vertex", MOMENT, 1)
    again = rig.camera.expose(rig.profile.controls, Lamp.CROSS)
    assert not np.array_equal(lit.pixels, again.pixels)
    rig.close()
    rig.close()
    assert rig.light.lamp is Lamp.OFF


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number, name in enumerate(("b.png", "a.png", "c.png")):
        Image.new("RGB", (80, 70), (number, 0, 0)).save(folder / name)
    (folder / "notes.txt").write_text("passed over")
    (folder / "._a.png").write_bytes(b"what another system notes beside a.png")
    return folder


def test_replay_delivers_in_the_order_of_names_and_ends_with_an_error(folder: Path) -> None:
    settings = load(environment={}, camera_driver="replay", replay_folder=str(folder), replay_px_per_mm=181.4)
    rig = open_rig(settings, SimulatedClock(MOMENT))
    assert rig.profile.px_per_mm == 181.4
    frames = [rig.camera.expose(Controls(exposure_us=1), Lamp.EXTERNAL) for _ in range(3)]
    assert [frame.source for frame in frames] == ["a.png", "b.png", "c.png"]
    assert [int(frame.pixels[0, 0, 0]) for frame in frames] == [1, 0, 2]
    assert frames[0].confirmed == Controls()
    with pytest.raises(CameraStoppedError, match="all 3 photographs"):
        rig.camera.expose(Controls(), Lamp.EXTERNAL)


def test_replay_can_cycle_and_passes_over_what_it_cannot_read(folder: Path) -> None:
    (folder / "b.png").write_bytes(b"not an image")
    settings = load(environment={}, camera_driver="replay", replay_folder=str(folder), replay_cycle=True)
    rig = open_rig(settings, SimulatedClock(MOMENT))
    names = [rig.camera.expose(Controls(), Lamp.EXTERNAL).source]
    with pytest.raises(ImageError, match=r"b\.png"):
        rig.camera.expose(Controls(), Lamp.EXTERNAL)
    names += [rig.camera.expose(Controls(), Lamp.EXTERNAL).source for _ in range(2)]
    assert names == ["a.png", "c.png", "a.png"]


def test_replay_needs_a_folder_with_photographs_and_a_possible_scale(tmp_path: Path, folder: Path) -> None:
    clock = SimulatedClock(MOMENT)
    with pytest.raises(SettingsError, match=r"replay\.folder"):
        open_rig(load(environment={}, camera_driver="replay"), clock)
    with pytest.raises(ImageError, match="cannot be read"):
        open_rig(load(environment={}, camera_driver="replay", replay_folder=str(tmp_path / "none")), clock)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="holds no photographs"):
        open_rig(load(environment={}, camera_driver="replay", replay_folder=str(tmp_path / "empty")), clock)
    with pytest.raises(SettingsError, match="15 to 500"):
        open_rig(load(environment={}, camera_driver="replay", replay_folder=str(folder), replay_px_per_mm=3), clock)


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before = Device.pin_factory
    Device.pin_factory = MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


def test_one_ring_is_lit_at_a_time_and_all_are_dark_at_the_end(pins: MockFactory) -> None:
    cross, parallel = pins.pin(23), pins.pin(24)
    light = GpioLight(LightProfile(cross_gpio=23, parallel_gpio=24, warm_up_ms=0))
    assert (light.lamp, cross.state, parallel.state) == (Lamp.OFF, 0, 0)
    light.switch(Lamp.CROSS)
    assert (light.lamp, cross.state, parallel.state) == (Lamp.CROSS, 1, 0)
    light.switch(Lamp.PARALLEL)
    assert (cross.state, parallel.state) == (0, 1)
    light.switch(Lamp.OFF)
    assert (light.lamp, cross.state, parallel.state) == (Lamp.OFF, 0, 0)
    light.switch(Lamp.CROSS)
    light.close()
    light.close()
    assert (cross.state, parallel.state) == (0, 0)
    with pytest.raises(CameraError, match="cannot be switched"):
        light.switch(Lamp.CROSS)


def test_a_ring_that_fails_does_not_keep_the_other_lit(pins: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    light = GpioLight(LightProfile(cross_gpio=23, parallel_gpio=24, warm_up_ms=0))
    light.switch(Lamp.PARALLEL)

    def stuck(value: bool) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(pins.pin(23), "_set_state", stuck)
        with pytest.raises(CameraError, match="cannot be switched off"):
            light.switch(Lamp.OFF)
        assert pins.pin(24).state == 0
    light.switch(Lamp.PARALLEL)
    with monkeypatch.context() as broken:
        broken.setattr(pins.pin(23), "_set_state", stuck)
        with pytest.raises(CameraError, match="cannot be switched off"):
            light.close()
        assert pins.pin(24).state == 0
    light.close()


def test_pins_that_are_taken_are_one_sentence(pins: MockFactory) -> None:
    held = GpioLight(LightProfile(cross_gpio=23, parallel_gpio=24, warm_up_ms=0))
    with pytest.raises(CameraError, match="pins cannot be used"):
        GpioLight(LightProfile(cross_gpio=24, parallel_gpio=25, warm_up_ms=0))
    held.close()
