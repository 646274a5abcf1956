"""The simulated rig: camera and light look at one simulated world."""

from __future__ import annotations

import datetime as dt
import time

from station.clock import Clock
from station.errors import CameraError
from station.rig.preview import Preview, preview_px_per_mm, preview_size
from station.rig.profile import RigProfile
from station.rig.protocols import Rig
from station.values import Controls, Frame, Lamp
from station.world import World, simulated_person
from station.world.optics import Optics


class WorldLight:
    """The LED rings of the simulated world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._world.lamp = Lamp.OFF

    @property
    def lamp(self) -> Lamp:
        return self._world.lamp

    def switch(self, lamp: Lamp) -> None:
        self._world.lamp = lamp

    def close(self) -> None:
        self._world.lamp = Lamp.OFF


class WorldCamera:
    """The camera of the simulated world. The simulated sensor obeys every control at once."""

    def __init__(self, world: World, profile: RigProfile, clock: Clock) -> None:
        self._world = world
        self._profile = profile
        self._clock = clock
        self._placed = False
        self._placed_at: float | None = None

    def place(self, site: str, moment: dt.datetime, placement: int) -> None:
        """Puts the head back; where exactly follows from person, site, date and placement."""
        self._world.place_head(site=site, moment=moment, placement=placement)
        self._placed = True
        self._placed_at = None

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        if not self._placed:
            raise CameraError("Simulated camera: no head has been placed at the rig yet.")
        taken = self._clock.now()
        pixels, _truth = self._world.expose()
        return Frame(pixels, controls, controls, lamp, taken, self._profile.id)

    def preview(self) -> Preview:
        """The head as it comes to the rig and lies there, from the first look after it was placed. Before that nobody
        is there.
        """
        if self._placed_at is None:
            self._placed_at = time.monotonic()
        taken = time.monotonic()
        pixels = self._world.live(taken - self._placed_at, preview_size(self._profile))
        return Preview(pixels, preview_px_per_mm(self._profile), taken)

    @property
    def unavailable(self) -> tuple[str, ...]:
        return ()

    def describe(self) -> str:
        width, height = self._profile.size_mm
        return f"simulated camera, {width:.3g} x {height:.3g} mm"

    def close(self) -> None:
        self._placed = False


def simulated_rig(profile: RigProfile, clock: Clock, course: str, seed: int, start: dt.date) -> Rig:
    """A rig before the simulated person `seed`, whose hair follows `course` from the day `start` on."""
    optics = Optics(profile.width_px, profile.height_px, profile.px_per_mm)
    world = World(simulated_person(course, seed), optics, start)
    camera = WorldCamera(world, profile, clock)
    return Rig(profile, camera, WorldLight(world), camera.place)
