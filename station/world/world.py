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
from station.world.conditions import DEFAULT, Conditions, draw_hair, draw_light, draw_pose
from station.world.course import shedding_season
from station.world.hairs import HairTable
from station.world.looks import HairLook, LightLook, polarised, rig_light
from station.world.optics import Optics, Pose
from station.world.person import GROUND_SKIN_MM, Person, child_rng
from station.world.render import dark_frame, look_only, render
from station.world.skin import SkinTexture
from station.world.truth import Truth

DAYS_PER_MONTH = 30.4375
TEXTURE_PX_PER_MM = 45.0
TEXTURE_PIXELS = 1.5e6
"""Most pixels of a skin texture: for the reference field it is a little coarser than for smaller ones."""
MARGIN_MM = 5.0
SPLAY_DEG = 2.0
"""Between hairs, besides what combs them all."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A head as it was put down. key: what its pictures follow from; inner: hairs of the site itself."""

    site: str
    month: float
    season: float
    pose: Pose
    light: LightLook
    inner: HairTable
    comb_deg: float
    conditions: Conditions
    key: str


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
        self._ground: tuple[str, SkinTexture] | None = None
        self._placement: Placement | None = None
        self._pose = Pose()

    def place_head(self, site: str, moment: dt.datetime, placement: int = 0, conditions: Conditions = DEFAULT) -> Pose:
        """Put the head down at a site. The same person, site, date, placement and conditions give the same picture."""
        month = (moment.date() - self.start).days / DAYS_PER_MONTH
        season = shedding_season(moment.date())
        key = f"{self.person.seed}|{site}|{moment.date().isoformat()}|{placement}"
        rng, extra = child_rng(key, "pose"), child_rng(key, "conditions")
        pose = draw_pose(conditions, rng, extra)
        hairs = self.person.hairs_at(site, month, season)
        comb = float(rng.normal(0, conditions.comb_deg))
        hairs = replace(hairs, azimuth=hairs.azimuth + np.radians(comb + rng.normal(0, SPLAY_DEG, len(hairs))))
        light = draw_light(conditions, rig_light(rng), extra)
        self._placement = Placement(site, month, season, pose, light, hairs, comb, conditions, key)
        self._pose = pose
        return pose

    def expose(self) -> tuple[NDArray[np.uint8], Truth]:
        """One exposure: (H, W, 3) uint8 RGB and its truth. Without the lamp the frame is dark and nothing is seen."""
        placed = self._placed()
        rng = child_rng(placed.key, "exposure")
        if self.lamp is Lamp.OFF:
            return dark_frame(self.optics, placed.light, rng), Truth.nothing()
        hairs, look = self._hairs(placed)
        skin, light = self.person.skin, self._light(placed)
        texture = self._wide_skin(placed.site) if self._far(placed) else self._skin(placed.site)
        return render(hairs, texture, skin, look, light, self._pose, self.optics, rng)

    def truth(self) -> Truth:
        """The truth that `expose` would give with its picture, without painting one."""
        placed = self._placed()
        if self.lamp is Lamp.OFF:
            return Truth.nothing()
        hairs, look = self._hairs(placed)
        rng = child_rng(placed.key, "exposure")
        return look_only(hairs, self.person.skin, look, self._light(placed), self._pose, self.optics, rng)

    def _placed(self) -> Placement:
        if self._placement is None:
            raise UsageError("no head is in front of the camera: call place_head first")
        return self._placement

    def _light(self, placed: Placement) -> LightLook:
        return polarised(placed.light, "parallel") if self.lamp is Lamp.PARALLEL else placed.light

    def _far(self, placed: Placement) -> bool:
        """Whether the view can reach beyond the site's own ground, which holds every default placement."""
        return placed.conditions != DEFAULT or self._pose != placed.pose

    def _hairs(self, placed: Placement) -> tuple[HairTable, HairLook]:
        """Hairs that can reach the view as they stand in these conditions, and how they look."""
        hairs = placed.inner
        if self._far(placed):
            hairs = self._wide_hairs(placed)
        extra = child_rng(placed.key, "hair")
        return draw_hair(placed.conditions, hairs, self.person.hair, extra)

    def _wide_hairs(self, placed: Placement) -> HairTable:
        """The site's hairs and those of the ground around it."""
        every = self.person.hairs_at(placed.site, placed.month, placed.season, wide=True)
        splay = child_rng(placed.key, "comb").normal(0, SPLAY_DEG, len(every))
        azimuth = every.azimuth + np.radians(placed.comb_deg + splay)
        azimuth[: len(placed.inner)] = placed.inner.azimuth
        return replace(every, azimuth=azimuth)

    def _skin(self, site: str) -> SkinTexture:
        if self._texture is None or self._texture[0] != site:
            width, height = self.optics.size_mm
            size = (width + 2 * MARGIN_MM, height + 2 * MARGIN_MM)
            affordable = (TEXTURE_PIXELS / (size[0] * size[1])) ** 0.5
            scale = min(TEXTURE_PX_PER_MM, affordable, self.optics.px_per_mm)
            self._texture = (site, self.person.texture(site, size, scale))
        return self._texture[1]

    def _wide_skin(self, site: str) -> SkinTexture:
        if self._ground is None or self._ground[0] != site:
            width, height = self.optics.size_mm
            size = (width + GROUND_SKIN_MM, height + GROUND_SKIN_MM)
            self._ground = (site, self.person.ground(site, size, self._skin(site)))
        return self._ground[1]
