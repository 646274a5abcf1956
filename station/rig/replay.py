"""The replay rig: a folder of photographs of a stated scale stands in for the camera."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from pathlib import Path

from station.clock import Clock
from station.errors import CameraStoppedError
from station.imaging import photographs_in, read_photograph
from station.names import readable
from station.rig.preview import Preview, shrunk
from station.rig.profile import RigProfile
from station.rig.protocols import Rig
from station.values import Controls, Frame, Lamp


class ReplayCamera:
    """Delivers the photographs of a folder in the order of their names.

    After the last one it begins again if `cycle`, otherwise it raises CameraStoppedError. A photograph that cannot
    be read raises ImageError and is passed over by the next call.
    """

    def __init__(self, folder: Path, profile: RigProfile, clock: Clock, *, cycle: bool = False) -> None:
        self._folder = folder
        self._photographs = photographs_in(folder)
        self._profile = profile
        self._clock = clock
        self._cycle = cycle
        self._next = 0
        self._shown: tuple[Path, Preview] | None = None

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        self._next = self._upcoming()
        path = self._photographs[self._next]
        self._next += 1
        pixels = read_photograph(path)
        # A photograph taken elsewhere obeyed no request, and its own controls are unknown.
        source = readable(path.name)
        return Frame(pixels, Controls(), Controls(), lamp, self._clock.now(), self._profile.id, source=source)

    def preview(self) -> Preview:
        """The photograph that the next exposure will deliver, small. Read once, however long it is looked at."""
        path = self._photographs[self._upcoming()]
        if self._shown is None or self._shown[0] != path:
            self._shown = path, shrunk(read_photograph(path), self._profile, 0.0)
        return dataclasses.replace(self._shown[1], taken=time.monotonic())

    def _upcoming(self) -> int:
        """Number of the next photograph. Raises CameraStoppedError after the last one."""
        if self._next < len(self._photographs):
            return self._next
        if self._cycle:
            return 0
        raise CameraStoppedError(
            f"Replay camera: all {len(self._photographs)} photographs of {self._folder} were delivered: add more, or "
            "ask for fewer."
        )

    @property
    def unavailable(self) -> tuple[str, ...]:
        return ()

    def describe(self) -> str:
        return f"folder {self._folder} with {len(self._photographs)} photographs"

    def close(self) -> None:
        self._next = 0
        self._shown = None


class NoLight:
    """The light of photographs that were taken elsewhere: there is nothing to switch."""

    @property
    def lamp(self) -> Lamp:
        return Lamp.EXTERNAL

    def switch(self, lamp: Lamp) -> None:
        """Does nothing; the photographs' light is what it was."""

    def close(self) -> None:
        """Does nothing."""


def _stay(site: str, moment: dt.datetime, placement: int) -> None:
    """Photographs of a folder show what they show."""


def replay_rig(folder: Path, profile: RigProfile, clock: Clock, *, cycle: bool = False) -> Rig:
    """A rig that replays a folder; the profile states the photographs' scale."""
    return Rig(profile, ReplayCamera(folder, profile, clock, cycle=cycle), NoLight(), _stay, Lamp.EXTERNAL)
