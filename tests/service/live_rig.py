"""A rig whose camera does what a test wants: real pictures, errors when asked for, and a light that remembers."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.gate_frames import PX_PER_MM, cached
from station.rig.preview import Preview
from station.rig.profile import load_profile
from station.rig.protocols import Rig
from station.values import Controls, Frame, Lamp

GOOD_SEED = 2021


class RecordingLight:
    """Remembers how it was switched; fails as often as `failures` says."""

    def __init__(self) -> None:
        self.lamp = Lamp.OFF
        self.log: list[Lamp] = []
        self.failures: list[Exception] = []

    def switch(self, lamp: Lamp) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if lamp is not self.lamp:
            self.log.append(lamp)
        self.lamp = lamp

    def close(self) -> None:
        self.switch(Lamp.OFF)


class PictureCamera:
    """Shows one good picture again and again, with fresh noise; raises what `failures` holds first."""

    def __init__(self, light: RecordingLight) -> None:
        self.light = light
        self.failures: list[Exception] = []
        self.shown = 0
        self.dark = 0
        self.busy = 0
        self.pixels = cached(GOOD_SEED, "none").now.pixels
        self.each: Callable[[], None] = lambda: None

    def preview(self) -> Preview:
        self.busy += 1
        try:
            if self.busy > 1:
                raise AssertionError("two threads use the camera at once")
            self.each()
            if self.failures:
                raise self.failures.pop(0)
            self.shown += 1
            self.dark += self.light.lamp is Lamp.OFF
            noise = np.random.default_rng(self.shown).integers(0, 3, self.pixels.shape, np.uint8)
            return Preview(self.pixels + np.minimum(noise, 255 - self.pixels), PX_PER_MM, time.monotonic())
        finally:
            self.busy -= 1

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        raise AssertionError("the live view took a photograph")

    @property
    def unavailable(self) -> tuple[str, ...]:
        return ()

    def describe(self) -> str:
        return "pictures of a test"

    def close(self) -> None:
        """Nothing to let go of."""


def picture_rig() -> tuple[Rig, PictureCamera, RecordingLight]:
    light = RecordingLight()
    camera = PictureCamera(light)
    return Rig(load_profile("reference"), camera, light, lambda site, moment, placement: None), camera, light


def until(condition: Callable[[], bool], limit_s: float = 10.0) -> bool:
    """Waits for a condition; False when it did not come about in time."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False
