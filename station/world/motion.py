"""How a head comes to lie before the camera: it approaches, trembles, and then is still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.world.looks import Rng
from station.world.optics import Pose

FARTHEST_MM = 15.0
MOST_TURN_DEG = 15.0
FARTHEST_SCALE = 0.85
NEAREST_SCALE = 1.15
SHAKES_HZ = (2.3, 3.1, 1.7)
"""Of a head that isn't kept still: along x, along y and in rotation."""
TREMOR_HZ = (0.4, 0.9, 9.3)
TREMOR_MM = (0.30, 0.12, 0.03)
"""Sway of a sitting person's head, and physiological tremor at 8 to 12 Hz, of which a headrest leaves little."""
GROUND_MM = 15.0
"""An approach begins no further off the site than this."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How the picture differs from that of a head at rest: arguments of `Pose.moved`."""

    dx_mm: float = 0.0
    dy_mm: float = 0.0
    turn_deg: float = 0.0
    nearer: float = 1.0

    def from_rest(self, rest: Pose) -> Pose:
        if self == AT_REST:
            return rest
        return rest.moved(self.dx_mm, self.dy_mm, self.turn_deg, self.nearer)


AT_REST = Offset()


@dataclass(frozen=True, slots=True)
class Approach:
    """start: where it begins; approach_s: until it has come near; still_s: until it is still; phase: of tremor."""

    start: Offset
    approach_s: float
    still_s: float
    phase: tuple[float, ...]

    def at(self, elapsed_s: float) -> Offset:
        """The offset after so many seconds; none at all from still_s on.

        The approach follows the smoothest curve from rest to rest (minimum jerk, Flash & Hogan 1985).
        """
        if elapsed_s >= self.still_s:
            return AT_REST
        left = 1 - _smooth(elapsed_s / self.approach_s)
        calm = 1 - _smooth((elapsed_s - self.approach_s) / (self.still_s - self.approach_s))
        sway_x, sway_y = (
            calm
            * sum(a * np.sin(2 * np.pi * f * elapsed_s + p) for a, f, p in zip(TREMOR_MM, TREMOR_HZ, ps, strict=True))
            for ps in (self.phase[:3], self.phase[3:])
        )
        return Offset(
            float(left * self.start.dx_mm + sway_x),
            float(left * self.start.dy_mm + sway_y),
            float(left * self.start.turn_deg + sway_y),
            float(1 + left * (self.start.nearer - 1)),
        )


def random_approach(rng: Rng, rest: Pose) -> Approach:
    """An approach to this pose, from up to 15 mm and 15 degrees off, too far or too near, within 4 to 7 seconds."""
    way, angle = rng.uniform(0.5, 1.0) * FARTHEST_MM, rng.uniform(0, 2 * np.pi)
    turn = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1.0) * MOST_TURN_DEG)
    nearer = float(rng.uniform(FARTHEST_SCALE, 0.95) if rng.random() < 0.5 else rng.uniform(1.05, NEAREST_SCALE))
    start = Offset(float(way * np.cos(angle)), float(way * np.sin(angle)), turn, nearer)
    for share in (1.0, 0.75, 0.5, 0.25, 0.0):
        start = Offset(share * start.dx_mm, share * start.dy_mm, start.turn_deg, start.nearer)
        pose = start.from_rest(rest)
        if np.hypot(pose.dx_mm, pose.dy_mm) <= GROUND_MM:
            break
    approach_s = float(rng.uniform(2.5, 4.0))
    phase = tuple(float(p) for p in rng.uniform(0, 2 * np.pi, 6))
    return Approach(start, approach_s, approach_s + float(rng.uniform(1.5, 3.0)), phase)


def shaking(elapsed_s: float, amplitude_mm: float) -> Offset:
    """Offset of a head that is shaken with this amplitude."""
    x, y, turn = (float(np.sin(2 * np.pi * f * elapsed_s + p)) for p, f in enumerate(SHAKES_HZ))
    return Offset(amplitude_mm * x, 0.6 * amplitude_mm * y, 0.5 * amplitude_mm * turn)


def _smooth(share: float) -> float:
    t = min(1.0, max(0.0, share))
    return t**3 * (10 - 15 * t + 6 * t * t)
