"""Centre lines of shafts: short hair that lies flat, and hair that rises from the skin, lies down, curls and clumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.world.curls import helix_of, offsets
from station.world.hairs import HairTable
from station.world.looks import Comb, HairLook, Rng

Floats = NDArray[np.float64]
STEPS = 9
"""Points of a short shaft."""
STEP_MM = 0.3
MOST_STEPS = 160
STRAY_SHARE = 0.03
"""Share of combed hairs that lie across the others."""
CLUMP_MM = 1.6
"""Distance between the middles of wet clumps."""
CLUMP_REACH_MM = 4.0
"""Length after which the hairs of a clump have come together."""


@dataclass(frozen=True, slots=True)
class Grown:
    """path: (n, m, 2), root first, in mm on the site; rise_mm: (n, m), height over the skin."""

    path: Floats
    rise_mm: Floats


def centre_lines(
    root: Floats, azimuth: Floats, length: Floats, bend: Floats, wave: Floats, wave_phase: Floats
) -> Floats:
    """Paths (n, STEPS, 2) of shafts that start at root and turn by bend (radians per unit length).

    wave: amplitude of a sideways wave of the curl, in the same unit as length; its period is eight amplitudes.
    """
    s = np.linspace(0, 1, STEPS)[None, :] * length[:, None]
    angle = azimuth[:, None] + bend[:, None] * s
    step = length[:, None] / (STEPS - 1)
    dx = np.cumsum(np.cos(angle[:, :-1]) * step, axis=1)
    dy = np.cumsum(np.sin(angle[:, :-1]) * step, axis=1)
    zero = np.zeros((len(root), 1))
    path = np.stack([np.hstack([zero, dx]), np.hstack([zero, dy])], axis=-1) + root[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        turns = np.where(wave[:, None] > 0, s / (8 * wave[:, None]), 0.0)
    sideways = wave[:, None] * (np.sin(2 * np.pi * turns + wave_phase[:, None]) - np.sin(wave_phase[:, None]))
    path[..., 0] -= np.sin(angle) * sideways
    path[..., 1] += np.cos(angle) * sideways
    return np.asarray(path)


def normals(path: Floats) -> Floats:
    """Unit vectors across paths (..., m, 2), at each of their points."""
    tangent = np.gradient(path, axis=-2) if path.shape[-2] > 2 else np.repeat(np.diff(path, axis=-2), 2, axis=-2)
    tangent /= np.maximum(np.hypot(tangent[..., :1], tangent[..., 1:]), 1e-9)
    return np.stack([-tangent[..., 1], tangent[..., 0]], -1)


def combed_direction(comb: Comb, points: Floats) -> Floats:
    """Azimuth (n,) in radians to which hair at points (n, 2) of the site is combed."""
    base = np.radians(comb.direction_deg)
    offset = points - (comb.x_mm, comb.y_mm)
    forward = offset @ np.array([np.cos(base), np.sin(base)])
    along_line = offset @ np.array([-np.sin(base), np.cos(base)])
    sweep = np.radians(comb.sweep_deg_per_mm) * along_line
    if not comb.parting:
        return np.asarray(base + sweep)
    return np.asarray(np.where(forward >= 0, base + sweep, base + np.pi - sweep))


def grow_paths(hairs: HairTable, look: HairLook, rng: Rng) -> Grown:
    """Paths of hair that rises, bends, lies down where it is combed to, curls and clumps.

    A shaft leaves the skin in the direction of its follicle at about `emergence_deg` over it, so that its first
    stretch is foreshortened from above. Its elevation falls with exp(-s / lie_mm) to a few degrees, and over the
    same length its direction turns to the combed one. Lengths are those of the shaft itself.
    """
    n = len(hairs)
    helix = helix_of(look.curl_type)
    longest = float(hairs.length.max(initial=0.1))
    finest = STEP_MM if helix.radius_mm == 0 else min(STEP_MM, 0.22 * helix.curve_radius_mm)
    m = int(np.clip(np.ceil(longest / finest), STEPS, MOST_STEPS)) + 1
    # Short steps near the root, where the shaft bends most.
    share = np.linspace(0, 1, m) ** (1.6 if m > 2 * STEPS and helix.radius_mm == 0 else 1.0)
    s = share[None] * hairs.length[:, None]
    lie = look.lie_mm * np.exp(rng.normal(0, 0.3, n))
    start = np.radians(np.clip(rng.normal(look.emergence_deg, 9.0, n), 5.0, 85.0))
    flat = np.radians(np.clip(rng.normal(4.0, 3.0, n), 0.0, 15.0))
    elevation = flat[:, None] + np.maximum(start - flat, 0)[:, None] * np.exp(-s / lie[:, None])
    turning = 1.0 / (0.9 * lie)
    stray = rng.random(n) < STRAY_SHARE
    off_course = np.where(stray, rng.normal(0, np.radians(45.0), n), 0.0)
    off_course = (
        off_course + rng.normal(0, np.radians(4.0), n) + _by_unit(rng.normal(0, np.radians(5.0), n), hairs.unit)
    )

    path, rise = np.empty((n, m, 2)), np.zeros((n, m))
    heading = np.empty((n, m))
    path[:, 0], heading[:, 0] = hairs.root, hairs.azimuth
    at, azimuth = hairs.root.copy(), hairs.azimuth.copy()
    side = combed_direction(look.comb, hairs.root) if look.comb else azimuth
    for k in range(1, m):
        ds = s[:, k] - s[:, k - 1]
        if look.comb is not None:
            # With a parting the side is the root's: hair does not turn back where it crosses the line.
            target = (side if look.comb.parting else combed_direction(look.comb, at)) + off_course
            gap = np.angle(np.exp(1j * (target - azimuth)))
            azimuth = azimuth + gap * (1 - np.exp(-ds * turning))
        azimuth = azimuth + hairs.bend * ds
        middle = (elevation[:, k] + elevation[:, k - 1]) / 2
        seen = ds * np.cos(middle) * helix.advance
        at = at + seen[:, None] * np.stack([np.cos(azimuth), np.sin(azimuth)], 1)
        path[:, k], heading[:, k] = at, azimuth
        rise[:, k] = rise[:, k - 1] + ds * np.sin(middle) * helix.advance
    if helix.radius_mm > 0:
        path += _curled(hairs, look, s, heading, rng)
    if look.clumps > 0:
        path = clumped(path, s, look.clumps, rng)
    return Grown(path, rise)


def _curled(hairs: HairTable, look: HairLook, s: Floats, heading: Floats, rng: Rng) -> Floats:
    """Offsets (n, m, 2) of the curl. Neighbours curl alike: hairs of a lock share their phase but for a little."""
    n = len(hairs)
    helix = helix_of(look.curl_type)
    waves = rng.normal(0, 1.2, 2)
    phase = rng.uniform(0, 2 * np.pi) + hairs.root @ waves
    phase = phase + _by_unit(rng.normal(0, 0.5, n), hairs.unit) + rng.normal(0, 0.25, n)
    size = np.exp(rng.normal(0, 0.15, n))
    tilt = np.clip(rng.normal(0.55, 0.2, n), 0.0, 1.0)
    along, across = offsets(helix, s * helix.advance, phase, size, tilt)
    forward = np.stack([np.cos(heading), np.sin(heading)], -1)
    sideways = np.stack([-np.sin(heading), np.cos(heading)], -1)
    return np.asarray(along[..., None] * forward + across[..., None] * sideways)


def clumped(path: Floats, s: Floats, strength: float, rng: Rng) -> Floats:
    """Paths (n, m, 2) drawn together as water or oil draws neighbours: towards the mean path of their clump.

    s: (n, m), mm along each shaft; strength: 0 to 1, how near the ends come to each other.
    """
    roots = path[:, 0]
    if len(roots) < 3:
        return path
    low, high = roots.min(axis=0), roots.max(axis=0)
    count = max(1, round(float(np.prod(high - low)) / CLUMP_MM**2))
    _, clump = cKDTree(rng.uniform(low, high, (count, 2))).query(roots)
    sizes = np.maximum(np.bincount(clump, minlength=count), 1)
    mean = np.zeros((count, *path.shape[1:]))
    np.add.at(mean, clump, path)
    mean /= sizes[:, None, None]
    t = np.clip(s / CLUMP_REACH_MM, 0, 1)
    weight = strength * (3 * t**2 - 2 * t**3)
    return np.asarray(path + weight[..., None] * (mean[clump] - path))


def _by_unit(values: Floats, unit: NDArray[np.int64]) -> Floats:
    """The first value of each unit for all its hairs: values (n,) in, (n,) out."""
    _, first, inverse = np.unique(unit, return_index=True, return_inverse=True)
    return np.asarray(values[first][inverse.reshape(-1)])
