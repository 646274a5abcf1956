"""What the rest of the station may rely on of a camera and a light."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from station.rig.preview import Preview
from station.rig.profile import RigProfile
from station.values import Controls, Frame, Lamp


class Camera(Protocol):
    """One camera, held by one process, used by one thread at a time."""

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        """One new frame, whose exposure began after this call.

        controls: what to lock; those the camera does not have are left out and shown by `unavailable`. lamp: what is
        lit, noted in the frame. `Frame.confirmed` holds what the camera itself reported for this very frame.
        Returns or raises within the driver's time limit. Raises CameraMissingError, CameraBusyError,
        CameraStoppedError, ControlsNotConfirmedError or another CameraError; after an error the next call may
        succeed.
        """
        ...

    def preview(self) -> Preview:
        """The next live picture, from the same configuration as the photographs: no mode is switched.

        No photograph is used up. Returns or raises as `expose` does, within the same time limit.
        """
        ...

    @property
    def unavailable(self) -> tuple[str, ...]:
        """Names of the controls that were asked for and that this camera does not have."""
        ...

    def describe(self) -> str:
        """What is connected, in a few words. Opens the camera if need be, and raises as `expose` does."""
        ...

    def close(self) -> None:
        """Lets go of the camera. May be called twice."""
        ...


class Light(Protocol):
    """The LED rings. Both are dark when it is made and after `close`."""

    @property
    def lamp(self) -> Lamp:
        """What is lit now."""
        ...

    def switch(self, lamp: Lamp) -> None:
        """Lights this ring and no other, and returns when its output is steady. Raises CameraError."""
        ...

    def close(self) -> None:
        """Goes dark and lets go of the pins. May be called twice."""
        ...


class Placement(Protocol):
    """Tells the rig which site comes next. A real rig needs no telling: there a person moves."""

    def __call__(self, site: str, moment: dt.datetime, placement: int) -> None:
        """The head now rests with `site` under the rig; placement: how often it was put there at this visit."""
        ...


@dataclass(frozen=True, slots=True)
class Rig:
    """Camera and light that belong together, with the profile that describes them.

    place: see `Placement`. lamp: what the session lights; EXTERNAL where photographs come from elsewhere.
    """

    profile: RigProfile
    camera: Camera
    light: Light
    place: Placement
    lamp: Lamp = Lamp.CROSS

    def close(self) -> None:
        """Light first: a lamp never stays on because a camera failed to close."""
        try:
            self.light.close()
        finally:
            self.camera.close()
