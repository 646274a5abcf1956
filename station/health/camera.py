"""Does the camera deliver frames?"""

from __future__ import annotations

from station.clock import Clock
from station.errors import CameraBusyError
from station.health.finding import Finding, State
from station.rig.build import open_rig
from station.settings import Settings
from station.values import Lamp


def check(settings: Settings, clock: Clock) -> Finding:
    """Takes one frame in the dark with the driver of the settings, and keeps nothing of it."""
    rig = open_rig(settings, clock)
    try:
        rig.place("vertex", clock.now().utc, 0)
        frame = rig.camera.expose(rig.profile.controls, Lamp.OFF)
        height, width = frame.pixels.shape[:2]
        sentence = f"{rig.camera.describe()}: delivered a frame of {width} x {height} pixels."
        missing = rig.camera.unavailable
    except CameraBusyError as error:
        return Finding(
            "camera", State.UNKNOWN, error.operator, "If the station is running, ask its About page instead."
        )
    finally:
        rig.close()
    if missing:
        return Finding("camera", State.WARNING, f"{sentence} It has no {', '.join(missing)}: not locked.")
    return Finding("camera", State.OK, sentence)
