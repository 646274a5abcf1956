"""Centre lines of shed hairs that were laid on a tray by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from station.world.looks import Rng

Floats = NDArray[np.float64]
STEP_MM = 0.5
NEAREST_TURN_MM, FARTHEST_TURN_MM = 6.0, 32.0
"""How far before the tray's rim a hair begins to turn: who lays it keeps it on the tray."""
OVER_THE_RIM = 0.03
"""Share of hairs that are let lie over the edge of where hairs are laid."""
TIGHTEST_MM = 7.0
"""Radius of the tightest bend that a hair is pushed into."""
CELL_MM = 2.0
JITTER_MM = 8.0
"""Over this length a wave is regular."""


@dataclass(frozen=True, slots=True)
class Room:
    """The part of the tray, x0, y0, x1, y1 in mm, on which hairs are laid."""

    x0: float
    y0: float
    x1: float
    y1: float

    def outside(self, x: float, y: float) -> bool:
        return not (self.x0 < x < self.x1 and self.y0 < y < self.y1)


def laid_path(length_mm: float, room: Room, waviness: float, rng: Rng) -> Floats:
    """Centre line (m, 2) in mm of one hair, in steps of about 0.5 mm.

    Its curvature wanders (an autoregressive process around the hair's own bend, over some 15 mm); near the rim it is
    led back towards the middle, as a hand does. waviness: amplitude in mm of a wave along it, 0 for straight hair.
    """
    steps = max(4, round(length_mm / STEP_MM))
    step = length_mm / steps
    bend = rng.normal(0, 0.012 + 0.004 * rng.random())
    spread = float(np.exp(rng.normal(-4.0, 0.5)))
    keep = float(np.exp(-step / 15.0))
    kicks = rng.normal(0, spread * np.sqrt(1 - keep * keep), steps)
    x, y = rng.uniform(room.x0, room.x1), rng.uniform(room.y0, room.y1)
    heading = rng.uniform(0, 2 * np.pi)
    wander = 0.0
    points = np.empty((steps + 1, 2))
    points[0] = x, y
    middle_x, middle_y = (room.x0 + room.x1) / 2, (room.y0 + room.y1) / 2
    turning = 0.0
    look_ahead = rng.uniform(NEAREST_TURN_MM, FARTHEST_TURN_MM)
    for k in range(steps):
        wander = keep * wander + kicks[k]
        reach = 2.5 * look_ahead if turning else look_ahead  # once it turns, it turns well away from the rim
        if room.outside(x + reach * np.cos(heading), y + reach * np.sin(heading)):
            if turning == 0.0:
                side = np.sin(np.arctan2(middle_y - y, middle_x - x) - heading)
                turning = np.copysign(rng.uniform(0.4, 1.0) / TIGHTEST_MM, side if side else 1.0)
        else:
            turning = 0.0
        curvature = turning or bend + wander
        heading += curvature * step
        x, y = x + step * np.cos(heading), y + step * np.sin(heading)
        points[k + 1] = x, y
    if waviness > 0:
        points += _wave(points, step, waviness, rng)
    return points


def laid_apart(lengths_mm: Floats, room: Room, waviness: float, tries: int, rng: Rng) -> list[Floats]:
    """Paths of hairs laid one after the other; of `tries` places for each, the one that covers the fewest others."""
    taken = np.zeros((round((room.y1 - room.y0) / CELL_MM) + 1, round((room.x1 - room.x0) / CELL_MM) + 1), np.int64)
    paths = []
    for length in lengths_mm:
        best, least, cells = None, np.inf, None
        stays = rng.random() >= OVER_THE_RIM
        for _ in range(tries):
            path = laid_path(float(length), room, waviness * rng.uniform(0.4, 1.4), rng)
            over = sum(room.outside(x, y) for x, y in path[::8]) if stays else 0
            rows = np.clip(((path[:, 1] - room.y0) / CELL_MM).astype(int), 0, taken.shape[0] - 1)
            columns = np.clip(((path[:, 0] - room.x0) / CELL_MM).astype(int), 0, taken.shape[1] - 1)
            covered = float(taken[rows, columns].sum()) + 100.0 * over
            if covered < least:
                best, least, cells = path, covered, np.unique(np.stack([rows, columns], 1), axis=0)
            if least == 0:
                break
        if best is not None and cells is not None:
            paths.append(best)
            taken[cells[:, 0], cells[:, 1]] += 1
    return paths


def _wave(points: Floats, step: float, amplitude: float, rng: Rng) -> Floats:
    """Sideways offsets of wavy hair: a period of about ten amplitudes, not quite regular."""
    s = np.arange(len(points)) * step
    period = 10 * amplitude + 4
    knots = np.arange(0, s[-1] + 2 * JITTER_MM, JITTER_MM)
    jitter = CubicSpline(knots, np.cumsum(rng.normal(0, 0.35, len(knots))))(s)
    phase = 2 * np.pi * s / period + jitter + rng.uniform(0, 2 * np.pi)
    tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, :1], tangent[:, 1:]), 1e-9)
    return np.asarray(amplitude * np.sin(phase)[:, None] * np.stack([-tangent[:, 1], tangent[:, 0]], 1))
