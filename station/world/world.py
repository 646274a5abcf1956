"""The world in front of the camera: one head, one rig, one lamp.

Camera and light see the same world: with the lamp off the frame is dark, and each time the head is put back it
lies a little differently.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from station.errors import UsageError
from station.values import Lamp
from station.world.course import shedding_season
from station.world.hairs import HairTable
from station.world.looks import LightLook, polarised, rig_light
from station.world.optics import Optics, Pose
from station.world.person import Person, child_rng
from station.world.render import dark_frame, expose, view
from station.world.skin import SkinTexture
from station.world.truth import Truth

DAYS_PER_MONTH = 30.4375
TEXTURE_PX_PER_MM = 45.0
TEXTURE_PIXELS = 1.5e6
"""Most pixels of a skin texture: for the reference field it is a little coarser than for smaller ones."""
SHIFT_SD_MM = 0.8
ROTATION_SD_DEG = 3.0
SCALE_SD = 0.003
COMB_SD_DEG = 6.0
MARGIN_MM = 5.0
MAX_SHIFT_MM = 3.0


@dataclass(slots=True)
class _Seen:
    """What the sensor saw last, kept for the next exposure without moving. again: exposures after the first."""

    lamp: Lamp
    pixels: NDArray[np.uint8]
    truth: Truth
    again: int = 0


class World:
    """A simulated person's head before a rig.

    optics: the rig's view; start: date of the baseline, month 0 of the person's course.
    """

    def __init__(self, person: Person, optics: Optics, start: dt.date) -> None:
        self.person = person
        self.optics = optics
        self.start = start
        self.lamp = Lamp.OFF
        self._texture: tuple[str, SkinTexture] | None = None
        self._scene: tuple[str, HairTable, Pose, LightLook, str] | None = None
        self._seen: _Seen | None = None

    def place_head(self, site: str, moment: dt.datetime, placement: int = 0) -> Pose:
        """Put the head down at a site. The same person, site, date and placement give the same picture."""
        month = (moment.date() - self.start).days / DAYS_PER_MONTH
        key = f"{self.person.seed}|{site}|{moment.date().isoformat()}|{placement}"
        rng = child_rng(key, "pose")
        dx, dy = np.clip(rng.normal(0, SHIFT_SD_MM, 2), -MAX_SHIFT_MM, MAX_SHIFT_MM)
        pose = Pose(float(dx), float(dy), float(rng.normal(0, ROTATION_SD_DEG)), float(rng.normal(1.0, SCALE_SD)))
        hairs = self.person.hairs_at(site, month, shedding_season(moment.date()))
        combed = np.radians(rng.normal(0, COMB_SD_DEG) + rng.normal(0, 2.0, len(hairs)))
        self._scene = (site, replace(hairs, azimuth=hairs.azimuth + combed), pose, rig_light(rng), key)
        self._seen = None
        return pose

    def expose(self) -> tuple[NDArray[np.uint8], Truth]:
        """One exposure: (H, W, 3) uint8 RGB and its truth. Without the lamp the frame is dark and nothing is seen.

        Exposures without moving the head in between differ by the noise of the sensor alone.
        """
        if self._scene is None:
            raise UsageError("no head is in front of the camera: call place_head first")
        site, hairs, pose, light, key = self._scene
        rng = child_rng(key, "exposure")
        if self.lamp is Lamp.OFF:
            empty = np.zeros((0, 2))
            none = np.zeros(0)
            return dark_frame(self.optics, light, rng), Truth(empty, empty, none, none, np.zeros(0, np.int64), empty)
        if self.lamp is Lamp.PARALLEL:
            light = polarised(light, "parallel")
        if self._seen is None or self._seen.lamp is not self.lamp:
            look = (self.person.skin, self.person.hair, light, pose, self.optics)
            self._seen = _Seen(self.lamp, *view(hairs, self._skin(site), *look, rng))
        else:
            self._seen.again += 1
            rng = child_rng(key, "exposure", self._seen.again)
        return expose(self._seen.pixels, light, rng), self._seen.truth

    def _skin(self, site: str) -> SkinTexture:
        if self._texture is None or self._texture[0] != site:
            width, height = self.optics.size_mm
            size = (width + 2 * MARGIN_MM, height + 2 * MARGIN_MM)
            affordable = (TEXTURE_PIXELS / (size[0] * size[1])) ** 0.5
            scale = min(TEXTURE_PX_PER_MM, affordable, self.optics.px_per_mm)
            self._texture = (site, self.person.texture(site, size, scale))
        return self._texture[1]
