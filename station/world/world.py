"""The world in front of the camera: one head, one rig, one lamp.

Camera and light see the same world: with the lamp off the frame is dark, and each time the head is put back it
lies a little differently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from station.errors import UsageError
from station.values import Lamp
from station.world import optics as lens
from station.world.conditions import DEFAULT, Conditions
from station.world.faults import (
    EXPOSURE_S,
    NO_FAULTS,
    empty_view,
    faulty_head,
    faulty_light,
    focus_blur,
    glare,
)
from station.world.hairs import HairTable
from station.world.live import LiveView, PreviewNoise, canvas_optics, even_light
from station.world.looks import HairLook, LightLook, SkinLook, polarised, rig_light
from station.world.motion import Approach, random_approach, shaking
from station.world.optics import Optics, Pose
from station.world.person import SITE_FACTORS, Person, child_rng
from station.world.placement import DAYS_PER_MONTH, Placement, Skins, put_down
from station.world.render import dark_frame, look_only, render
from station.world.sketch import sketch
from station.world.truth import Truth

__all__ = ["DAYS_PER_MONTH", "PREVIEW_SIZE", "World"]
PREVIEW_SIZE = (1014, 760)
"""Columns and rows of the reference rig's preview: a quarter of its photographs'."""
SPEED_OVER_S = 0.01
CANVASES = 2
"""Canvases of live views that are kept, so that a fault can come and go."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a picture is made from."""

    placed: Placement
    pose: Pose
    wide: bool
    hairs: HairTable
    hair: HairLook
    skin: SkinLook
    light: LightLook


class World:
    """A simulated person's head before a rig.

    optics: the rig's view; start: date of the baseline, month 0 of the person's course; faults: what is wrong in the
    live view and in photographs, to be set at any time.
    """

    def __init__(self, person: Person, optics: Optics, start: dt.date) -> None:
        self.person = person
        self.optics = optics
        self.start = start
        self.lamp = Lamp.OFF
        self.faults = NO_FAULTS
        self._skins = Skins(person, optics)
        self._views: dict[object, LiveView] = {}
        self._noises: dict[Optics, PreviewNoise] = {}
        self._here: Placement | None = None
        self._elsewhere: Callable[[], Placement] | None = None
        self._other: Placement | None = None
        self._rest = Pose()
        self._approach: Approach | None = None
        self._elapsed: float | None = None

    def place_head(self, site: str, moment: dt.datetime, placement: int = 0, conditions: Conditions = DEFAULT) -> Pose:
        """Put the head down at a site, and return how it lies.

        The same person, site, date, placement and conditions give the same picture. In the live view the head
        approaches this pose from then on.
        """
        self._here = put_down(self.person, self.start, site, moment, placement, conditions)
        names = list(SITE_FACTORS)
        other = names[(names.index(site) + len(names) // 2) % len(names)]
        self._elsewhere = partial(put_down, self.person, self.start, other, moment, placement, conditions)
        self._other = None
        self._rest, self._elapsed = self._here.pose, None
        self._approach = random_approach(child_rng(self._here.key, "approach"), self._rest)
        return self._rest

    @property
    def pose(self) -> Pose:
        """How the head lies now: as the live view last showed it, or at rest if none was looked at."""
        return self._pose_at(self._elapsed)

    def expose(self) -> tuple[NDArray[np.uint8], Truth]:
        """One exposure: (H, W, 3) uint8 RGB and its truth. Without the lamp the frame is dark and nothing is seen.

        The head lies where the last frame of the live view showed it; where it still moves, the picture is blurred.
        """
        if self.faults.no_head:
            rng = child_rng(self.person.seed, "nobody")
            shape = (self.optics.height_px, self.optics.width_px)
            room = empty_view(shape, self.lamp is not Lamp.OFF).astype(np.float32)
            return lens.expose(room, rig_light(rng), rng), Truth.nothing()
        if self.lamp is Lamp.OFF:
            placed = self._placed()
            return dark_frame(self.optics, placed.light, child_rng(placed.key, "exposure")), Truth.nothing()
        scene = self._scene()
        texture = self._skins.of(scene.placed.site, wide=scene.wide)
        rng = child_rng(scene.placed.key, "exposure")
        pixels, truth = render(scene.hairs, texture, scene.skin, scene.hair, scene.light, scene.pose, self.optics, rng)
        if self.faults.glare > 0:
            lit = pixels.astype(np.uint16) + glare((pixels.shape[0], pixels.shape[1]), self.faults.glare)
            pixels = np.asarray(np.minimum(lit, 255), np.uint8)
        return pixels, truth

    def truth(self) -> Truth:
        """The truth that `expose` would give with its picture, without painting one."""
        if self.faults.no_head:
            return Truth.nothing()
        scene = self._scene()
        if self.lamp is Lamp.OFF:
            return Truth.nothing()
        rng = child_rng(scene.placed.key, "exposure")
        return look_only(scene.hairs, scene.skin, scene.hair, scene.light, scene.pose, self.optics, rng)

    def live(self, elapsed_s: float, size: tuple[int, int] = PREVIEW_SIZE) -> NDArray[np.uint8]:
        """The live view (h, w, 3) uint8 RGB so many seconds after the head was placed; size: its columns and rows.

        Nobody is there before the first placement. The first frame of a placement draws the ground once (some
        seconds); each one after that only moves it (milliseconds).
        """
        view = Optics(*size, size[0] / self.optics.size_mm[0])
        tick = int(1000 * elapsed_s)
        if self.faults.no_head or self._here is None or self.lamp is Lamp.OFF:
            self._elapsed = elapsed_s if self._here is not None else None
            empty = self.faults.no_head or self._here is None
            picture = empty_view(size[::-1], lit=empty and self.lamp is not Lamp.OFF)
            return self._noise(view).noisy(picture, tick)
        self._elapsed = elapsed_s
        placed, pose = self._shown()
        light = faulty_light(self.faults, self._polarised(placed), 0.0, 1.0)
        x, y = self._velocity()
        return self._live_view(placed, view).frame(
            pose,
            light,
            blur_mm=float(np.hypot(self.faults.defocus_mm, focus_blur(pose.scale / self._placed().pose.scale))),
            motion=(EXPOSURE_S * x, EXPOSURE_S * y),
            thrown_back=self.faults.glare,
            tick=tick,
        )

    def hold_still(self) -> None:
        """The head stays where the live view last showed it: no further approach, and no tremor."""
        if self._elapsed is not None:
            self._rest = self._steady_at(self._elapsed)
        self._approach = None

    def move_by(self, dx_mm: float, dy_mm: float, turn_deg: float = 0.0, nearer: float = 1.0) -> None:
        """The person moves so that the picture turns (x towards y) and grows about its middle, and then shifts.

        dx_mm, dy_mm: to the right and downwards in the view. A later view whose transform to the baseline's has
        this rotation, this scale and this shift of its middle so comes to lie on it.
        """
        self._rest = self._rest.moved(dx_mm, dy_mm, turn_deg, nearer)

    def _placed(self) -> Placement:
        if self._here is None:
            raise UsageError("no head is in front of the camera: call place_head first")
        return self._here

    def _shown(self) -> tuple[Placement, Pose]:
        """The placement that is before the camera, and the pose in which it is seen."""
        here, pose = self._placed(), self.pose
        if self.faults.wrong_site and self._elsewhere is not None:
            if self._other is None:
                self._other = self._elsewhere()
            there = self._other
            return there, replace(pose, stretch=there.pose.stretch)
        return here, pose

    def _steady_at(self, elapsed_s: float | None) -> Pose:
        """The pose of a head that nothing is wrong with."""
        if elapsed_s is None or self._approach is None:
            return self._rest
        return self._approach.at(elapsed_s).from_rest(self._rest)

    def _pose_at(self, elapsed_s: float | None) -> Pose:
        pose = self._steady_at(elapsed_s)
        if self.faults.motion_mm > 0 and elapsed_s is not None:
            pose = shaking(elapsed_s, self.faults.motion_mm).from_rest(pose)
        return pose if self.faults.distance == 1.0 else pose.moved(0.0, 0.0, 0.0, self.faults.distance)

    def _velocity(self) -> tuple[float, float]:
        """How fast (x, y) in mm/s what is seen in the middle of the view moves across it."""
        if self._elapsed is None:
            return 0.0, 0.0
        now, next_one = self._pose_at(self._elapsed), self._pose_at(self._elapsed + SPEED_OVER_S)
        if now == next_one:
            return 0.0, 0.0
        middle = np.asarray(self.optics.size_mm)[None] / 2
        site = replace(now, stretch=None).to_site(middle, self.optics)
        moved = replace(next_one, stretch=None).to_view(site, self.optics) - middle
        return float(moved[0, 0] / SPEED_OVER_S), float(moved[0, 1] / SPEED_OVER_S)

    def _polarised(self, placed: Placement) -> LightLook:
        return polarised(placed.light, "parallel") if self.lamp is Lamp.PARALLEL else placed.light

    def _scene(self) -> _Scene:
        placed, pose = self._shown()
        wide = self.faults.unparted or not placed.holds(pose)
        hairs, hair, skin = self._head(placed, wide=wide)
        speed = float(np.hypot(*self._velocity()))
        enlarged = pose.scale / self._placed().pose.scale
        light = faulty_light(self.faults, self._polarised(placed), speed, enlarged)
        return _Scene(placed, pose, wide, hairs, hair, skin, light)

    def _head(self, placed: Placement, *, wide: bool) -> tuple[HairTable, HairLook, SkinLook]:
        hairs, hair = placed.hairs(self.person, wide=wide)
        return faulty_head(self.faults, hairs, hair, self.person.skin, child_rng(placed.key, "faults"))

    def _live_view(self, placed: Placement, view: Optics) -> LiveView:
        """The site's live view, drawn anew when another head, lamp or kind of hair is before the camera."""
        key = (placed.key, placed.conditions, self.lamp, self.faults.unparted, self.faults.wet, view)
        if key not in self._views:
            while len(self._views) >= CANVASES:
                self._views.pop(next(iter(self._views)))
            ground = canvas_optics(view)
            hairs, hair, skin = self._head(placed, wide=True)
            light = even_light(self._polarised(placed), wet=self.faults.wet)
            texture = self._skins.of(placed.site, wide=True)
            pose, rng = Pose(stretch=placed.pose.stretch), child_rng(placed.key, "live")
            canvas = sketch(hairs, texture, skin, hair, light, pose, ground, rng)
            self._views[key] = LiveView(canvas, ground, view, self._noise(view))
        return self._views[key]

    def _noise(self, view: Optics) -> PreviewNoise:
        if view not in self._noises:
            self._noises = {view: PreviewNoise(view)}
        return self._noises[view]
