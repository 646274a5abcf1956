"""Curl types from straight to tightly coiled, as helices seen from above.

The eight steps are ordered as Loussouarn's types I to VIII (domain reference, hair measurement, 3.6). Radius and
pitch of each step are this renderer's own choice: a helix of radius r and pitch p bends with a radius of
r (1 + (p / 2 pi r)^2), which falls here from about 60 mm (II) over 5 mm (V) to 1 mm (VIII).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.errors import UsageError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Helix:
    """radius_mm: of the helix, 0 for straight hair; pitch_mm: along its axis for one turn."""

    radius_mm: float
    pitch_mm: float

    @property
    def curve_radius_mm(self) -> float:
        """Radius of the circle that fits the bent shaft; infinite for straight hair."""
        if self.radius_mm == 0:
            return float("inf")
        return float(self.radius_mm * (1 + (self.pitch_mm / (2 * np.pi * self.radius_mm)) ** 2))

    @property
    def advance(self) -> float:
        """Way along the axis per length of shaft."""
        return float(self.pitch_mm / np.hypot(self.pitch_mm, 2 * np.pi * self.radius_mm))


CURL_TYPES: tuple[Helix, ...] = (
    Helix(0.0, 60.0),
    Helix(1.5, 60.0),
    Helix(3.0, 45.0),
    Helix(3.5, 28.0),
    Helix(3.0, 16.0),
    Helix(2.2, 9.0),
    Helix(1.5, 5.0),
    Helix(0.9, 2.5),
)
"""Types 1 to 8."""


def helix_of(curl_type: int) -> Helix:
    """The helix of a curl type. Raises UsageError for a type that is not 1 to 8."""
    if not 1 <= curl_type <= len(CURL_TYPES):
        raise UsageError(f"unknown curl type {curl_type}; choose 1 (straight) to {len(CURL_TYPES)} (tightly coiled)")
    return CURL_TYPES[curl_type - 1]


def offsets(helix: Helix, along_axis: Floats, phase: Floats, size: Floats, tilt: Floats) -> tuple[Floats, Floats]:
    """Offsets (n, m) from the axis, along it and across it, at the given ways (n, m) in mm along the axis.

    phase: (n,) radians at the root; size: (n,) factor on radius and pitch; tilt: (n,) sine of the angle between the
    axis and the plane of the view: 0 shows a wave, towards 1 loops.
    """
    angle = 2 * np.pi * along_axis / (helix.pitch_mm * size[:, None]) + phase[:, None]
    radius = helix.radius_mm * size
    across = radius[:, None] * (np.sin(angle) - np.sin(phase)[:, None])
    along = (radius * tilt)[:, None] * (np.cos(angle) - np.cos(phase)[:, None])
    return along, across
