"""The rig that the live view shows while no visit is under way."""

from __future__ import annotations

import datetime as dt
import threading

from station.clock import Clock
from station.rig.build import open_rig, rig_profile
from station.rig.profile import load_profile
from station.rig.protocols import Rig
from station.rig.simulated import simulated_rig
from station.service.demo import RIG, DemoPlan
from station.settings import Settings

SITE = "vertex"
"""Where the simulated person is looked at; at a real rig whoever sits there decides."""


class ShownRig:
    """Opens the station's rig when it is first called, and gives it again. In a demonstration it is the
    demonstration's.

    Raises CameraError, SettingsError or ImageError; the next call tries again.
    """

    def __init__(self, settings: Settings, clock: Clock, plan: DemoPlan | None) -> None:
        self._settings, self._clock, self._plan = settings, clock, plan
        self._rig: Rig | None = None
        self._start: dt.date | None = None
        self._lock = threading.Lock()
        self.profile = load_profile(RIG) if plan is not None else rig_profile(settings)

    def __call__(self) -> Rig:
        with self._lock:
            if self._rig is None:
                self._rig = self._opened()
                self._rig.place(SITE, self._clock.now().utc, 0)
            return self._rig

    def of(self, start: dt.date | None) -> None:
        """Somebody else is looked at: of a simulated person the hair goes on from the day `start`."""
        with self._lock:
            same = start == self._start or self._settings.camera_driver != "simulated" or self._plan is not None
            self._start = start
            rig, self._rig = (self._rig, self._rig) if same else (self._rig, None)
        if rig is not None and not same:
            rig.close()

    def _opened(self) -> Rig:
        if self._plan is None:
            return open_rig(self._settings, self._clock, simulation_start=self._start)
        start = self._plan.moments()[0].date()
        return simulated_rig(self.profile, self._clock, self._plan.scenario, self._plan.seed, start)

    def close(self) -> None:
        """Lets go of the rig. May be called twice."""
        with self._lock:
            if self._rig is not None:
                self._rig.close()
            self._rig = None
