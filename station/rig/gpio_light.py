"""The LED rings on the Pi's pins: one enable each, to constant-current drivers.

Plain outputs, never software PWM: that would put bands into the photograph.
"""

from __future__ import annotations

import importlib
import time
import warnings
from typing import Any

from station.errors import CameraError
from station.rig.profile import LightProfile
from station.values import Lamp


class GpioLight:
    """Two enables through gpiozero, which is imported here and nowhere else. Dark when made."""

    def __init__(self, profile: LightProfile) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # gpiozero tells of every pin library that it does not find
                gpiozero: Any = importlib.import_module("gpiozero")
                self._rings = {
                    Lamp.CROSS: gpiozero.DigitalOutputDevice(profile.cross_gpio, initial_value=False),
                    Lamp.PARALLEL: gpiozero.DigitalOutputDevice(profile.parallel_gpio, initial_value=False),
                }
        except ImportError as error:  # also gpiozero's own BadPinFactory
            raise CameraError(
                "The light cannot be switched: this computer has no pins that can be used. On a Raspberry Pi install "
                "python3-gpiozero and python3-lgpio; elsewhere use the simulated or the replay camera."
            ) from error
        except Exception as error:  # gpiozero's back ends each raise errors of their own
            raise CameraError(f"The light's pins cannot be used: {error}.") from error
        self._warm_up_s = profile.warm_up_ms / 1000
        self._lamp = Lamp.OFF

    @property
    def lamp(self) -> Lamp:
        return self._lamp

    def switch(self, lamp: Lamp) -> None:
        self._darken(but=lamp)
        self._lamp = Lamp.OFF
        if lamp in self._rings:
            self._set(lamp, lit=True)
            self._lamp = lamp
            time.sleep(self._warm_up_s)

    def close(self) -> None:
        try:
            if not any(output.closed for output in self._rings.values()):
                self._darken()  # gpiozero's close leaves a pin as it is
        finally:
            for output in self._rings.values():
                output.close()
        self._lamp = Lamp.OFF

    def _darken(self, but: Lamp = Lamp.OFF) -> None:
        """Switches every other ring off, also after one that fails; then raises the last failure."""
        failure: CameraError | None = None
        for ring in self._rings:
            try:
                if ring is not but:
                    self._set(ring, lit=False)
            except CameraError as error:
                failure = error
        if failure is not None:
            raise failure

    def _set(self, ring: Lamp, *, lit: bool) -> None:
        output = self._rings[ring]
        try:
            output.value = lit
        except Exception as error:  # as above
            raise CameraError(f"The {ring} light cannot be switched {'on' if lit else 'off'}: {error}.") from error
