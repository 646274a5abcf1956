"""How skin is stretched: a smooth field that moves roots and texture alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.world.looks import Rng

Floats = NDArray[np.float64]
WAVES = 48
"""Plane waves of which a field is made."""
TURNS = 6
"""Rounds of the inversion: each makes the error smaller by the strain, a tenth at most; a nanometre is left."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Displacement u(p) = sum over waves of a cos(k p + phase), in mm on the site.

    number: (w, 2), k in radians per mm; phase: (w,); amplitude: (w, 2) in mm.
    """

    number: Floats
    phase: Floats
    amplitude: Floats

    def displacement(self, points: Floats) -> Floats:
        """Displacement (n, 2) in mm of points (n, 2) of the site in mm."""
        return np.asarray(np.cos(points @ self.number.T + self.phase) @ self.amplitude)

    def apply(self, points: Floats) -> Floats:
        """Where points (n, 2) of the relaxed skin lie when it is stretched."""
        return np.asarray(points + self.displacement(points))

    def relaxed(self, points: Floats) -> Floats:
        """Inverse of `apply`, by fixed-point iteration; it converges because strains are small."""
        back = points
        for _ in range(TURNS):
            back = points - self.displacement(back)
        return np.asarray(back)


def random_stretch(rng: Rng, strain: float, correlation_mm: float) -> Stretch:
    """A random field whose strains have the given standard deviation.

    A Gaussian random field with the correlation exp(-r^2 / 2 L^2), made of random waves (Rahimi & Recht 2007, random
    Fourier features): k is normal with standard deviation 1/L, and a displacement of strain * L has slopes of
    `strain`.
    """
    number = rng.normal(0, 1 / correlation_mm, (WAVES, 2))
    amplitude = rng.normal(0, strain * correlation_mm * np.sqrt(2 / WAVES), (WAVES, 2))
    return Stretch(number, rng.uniform(0, 2 * np.pi, WAVES), amplitude)
