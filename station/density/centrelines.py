"""The visible shaft of each hair at the photograph's own resolution: direction, length, centre line.

From a root the shaft runs one way above the skin and, as a bluish streak that fades, the other way below it. The
streak takes much red and little blue from the skin, the shaft takes blue as well: what is traced here is the mean of
green and blue, in which the streak is faint, and a shaft has to keep its contrast from the root on.
All hairs of a photograph are worked on at once; only the steps along the shafts are a loop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.values import UInt8Image

Floats = NDArray[np.float32]

ANGLES = 64
NEAREST_MM, FARTHEST_MM, RINGS = 0.09, 0.30, 7
"""Rings on which the direction is sought: beyond a shaft's own width, within a hair that was clipped short."""
LANE_MM = 0.05
"""Half width of the lane in which a ray looks for the shaft: roots are found to about this."""
NEIGHBOURS = 10
AGREEMENT = 0.5
"""A ray along the common direction of the neighbours is raised by this share, one against it is lowered."""
STEP_MM = 0.04
GAP_STEPS = 2
"""A shaft goes on behind so many steps without it: a scale, a glint, a hair across."""
MAX_LENGTH_MM = 0.8
"""Longest length that is traced; a longer shaft has this length and no tip."""
REACH_MM = 0.09
"""Half width of the profile across the shaft in which its middle is sought."""
ACROSS = 17
MIN_CONTRAST = 8.0
"""Grey levels between shaft and skin below which nothing is traced."""
BRIGHT_PENALTY = 0.75
"""A bright shaft (grey hair on darker skin) must stand out this much more than a dark one: glints are bright too."""
KEPT_SHARE = 0.45
"""A shaft ends where its contrast falls below this share of what it was."""
HIDDEN_MM, HIDDEN_PATH_MM = 0.08, 0.05
"""A tip nearer than this to another root, or to another shaft's centre line, may be hidden by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Shafts:
    """Visible shafts of n roots.

    azimuth: (n,) radians from the root along the shaft, x right and y down, NaN where no shaft was found; length:
    (n,) mm from the root to the last point traced, NaN likewise, at most MAX_LENGTH_MM; tip_seen: (n,) bool, False
    where the frame, another hair or that limit cuts the shaft; path: (n, k, 2) mm, the centre line from the root on
    in steps of STEP_MM, repeated beyond the end; points: (n,) how many of the k are the shaft's.
    """

    azimuth: NDArray[np.float64]
    length: NDArray[np.float64]
    tip_seen: NDArray[np.bool_]
    path: Floats
    points: NDArray[np.intp]


def trace(pixels: UInt8Image, roots_mm: NDArray[np.float64], px_per_mm: float) -> Shafts:
    """Trace the shaft from each root of (n, 2) mm in a photograph (H, W, 3) uint8 RGB."""
    steps = round(MAX_LENGTH_MM / STEP_MM)
    n = len(roots_mm)
    if not n:
        none = np.zeros(0)
        return Shafts(none, none, np.zeros(0, bool), np.zeros((0, steps + 1, 2), np.float32), np.zeros(0, np.intp))
    plane = np.asarray(cv2.transform(pixels, np.array([[0, 0.5, 0.5]], np.float32)), np.uint8)
    roots = np.asarray(roots_mm, np.float32)
    angle, contrast = _directions(plane, roots, px_per_mm)
    path, points, inside = _walk(plane, roots, angle, contrast, px_per_mm, steps)
    found = points > 1
    # The direction at the root: the chord over the first part of the centre line, without the root's own error.
    last = np.minimum(np.maximum(points - 1, 0), round(0.3 / STEP_MM))
    first = np.minimum(2, np.maximum(last - 1, 0))
    rows = np.arange(n)
    chord = path[rows, last] - path[rows, first]
    azimuth = np.where(found, np.arctan2(chord[:, 1], chord[:, 0]), np.nan)
    length = np.where(found, (points - 1) * STEP_MM, np.nan)
    seen = found & inside & (points <= steps) & ~_hidden(path, points, roots)
    return Shafts(azimuth, length, seen, path, points)


def sampled(plane: NDArray[np.uint8] | NDArray[np.uint16], x_mm: Floats, y_mm: Floats, px_per_mm: float) -> Floats:
    """The plane (H, W), or image (H, W, 3), at points in mm, any shape; beyond the edge its last pixel."""
    shape = x_mm.shape
    flat = (x_mm.size // shape[-1], shape[-1])
    # The map has at most 32767 columns and rows in OpenCV.
    rows_at_once = 32_000
    x = np.ascontiguousarray((x_mm * np.float32(px_per_mm) - np.float32(0.5)).reshape(flat), np.float32)
    y = np.ascontiguousarray((y_mm * np.float32(px_per_mm) - np.float32(0.5)).reshape(flat), np.float32)
    parts = [
        cv2.remap(plane, x[i : i + rows_at_once], y[i : i + rows_at_once], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        for i in range(0, flat[0], rows_at_once)
    ]
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return joined.reshape(*shape, *plane.shape[2:]).astype(np.float32)


def _directions(plane: NDArray[np.uint8], roots: Floats, px_per_mm: float) -> tuple[Floats, Floats]:
    """Direction (n,) of the best ray from each root and its signed contrast (n,), positive for a dark shaft."""
    scores = np.maximum(_ray_scores(plane, roots, px_per_mm), 0)
    angles = np.arange(ANGLES, dtype=np.float32) * np.float32(2 * math.pi / ANGLES)
    turned = np.exp(1j * angles)
    best = scores.reshape(len(roots), -1).argmax(axis=1)
    # Hairs grow as their neighbours do: where these agree, a ray in their direction counts for more.
    k = min(NEIGHBOURS + 1, len(roots))
    near = cKDTree(roots).query(roots, k=k)[1].reshape(len(roots), k)[:, 1:]
    common = turned[best % ANGLES][near].sum(axis=1) / max(k - 1, 1)
    agreement = (turned[None] * common.conj()[:, None]).real * np.abs(common)[:, None]
    scores *= (1 + AGREEMENT * agreement)[:, None].astype(np.float32)
    rows = np.arange(len(roots))
    kind, at = np.divmod(scores.reshape(len(roots), -1).argmax(axis=1), ANGLES)
    chosen = scores[rows, kind]
    # Lanes make the maximum flat: its middle is the direction.
    flat = chosen >= 0.9 * chosen[rows, at][:, None]
    turn = np.angle((flat * turned[None] * turned[at].conj()[:, None]).sum(axis=1))
    weighted = np.where(kind == 0, 1.0, -1 / BRIGHT_PENALTY) * chosen[rows, at]
    contrast = weighted / (1 + AGREEMENT * agreement[rows, at])
    return (angles[at] + turn).astype(np.float32), contrast.astype(np.float32)


def _ray_scores(plane: NDArray[np.uint8], roots: Floats, px_per_mm: float) -> Floats:
    """Contrast (n, 2, ANGLES) that a ray keeps from the root on, for a dark shaft and, held back, for a bright one."""
    radii = np.linspace(NEAREST_MM, FARTHEST_MM, RINGS, dtype=np.float32)
    angles = np.arange(ANGLES, dtype=np.float32) * np.float32(2 * math.pi / ANGLES)
    x = roots[:, 0, None, None] + radii[:, None] * np.cos(angles)
    y = roots[:, 1, None, None] + radii[:, None] * np.sin(angles)
    rings = sampled(plane, x, y, px_per_mm)
    # Shafts fill less than half of what is around: the median is skin.
    skin = np.median(rings[:, ::2, ::3].reshape(len(roots), -1), axis=1)
    scores = np.empty((len(roots), 2, ANGLES), np.float32)
    for kind, weight in ((0, 1.0), (1, -BRIGHT_PENALTY)):
        depth = np.float32(weight) * (skin[:, None, None] - rings)
        for ring, radius in enumerate(radii):
            width = 2 * round(LANE_MM / float(radius) / (2 * math.pi) * ANGLES) + 1
            wrapped = np.concatenate([depth[:, ring, -width:], depth[:, ring], depth[:, ring, :width]], axis=1)
            depth[:, ring] = cv2.dilate(wrapped, np.ones((1, width), np.uint8))[:, width:-width]
            # A shaft is unbroken from the root: a dark patch further out counts no more than what leads to it.
            if ring:
                np.minimum(depth[:, ring], depth[:, ring - 1], out=depth[:, ring])
        score = depth.mean(axis=1)
        scores[:, kind] = (score + np.roll(score, 1, axis=1) + np.roll(score, -1, axis=1)) / 3
    return scores


def _walk(
    plane: NDArray[np.uint8], roots: Floats, angle: Floats, contrast: Floats, px_per_mm: float, steps: int
) -> tuple[Floats, NDArray[np.intp], NDArray[np.bool_]]:
    """Centre lines (n, steps + 1, 2) mm, their points (n,), and whether they stay inside the frame (n,)."""
    n = len(roots)
    size = np.array(plane.shape[::-1], np.float32) / np.float32(px_per_mm)
    path = np.repeat(roots[:, None], steps + 1, axis=1)
    points = np.ones(n, np.intp)
    inside = np.ones(n, bool)
    sign = np.sign(contrast)
    level = np.abs(contrast)
    angle = angle.copy()
    active = np.flatnonzero(level >= MIN_CONTRAST)
    offsets = np.linspace(-REACH_MM, REACH_MM, ACROSS, dtype=np.float32)
    window = np.exp(-0.5 * (offsets / np.float32(0.045)) ** 2)
    here = roots.copy()
    skin = np.full(n, -np.inf, np.float32)
    missed = np.zeros(n, np.intp)
    for step in range(1, steps + 1):
        if not len(active):
            break
        along = np.stack([np.cos(angle[active]), np.sin(angle[active])], axis=1)
        ahead = here[active] + np.float32(STEP_MM) * along
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        x = ahead[:, 0, None] + offsets * normal[:, 0, None]
        y = ahead[:, 1, None] + offsets * normal[:, 1, None]
        signed = sampled(plane, x, y, px_per_mm) * sign[active, None]
        # Skin on the lighter side (darker for a bright shaft); between parallel hairs, what it was before.
        side = np.maximum(signed[:, :4].max(axis=1), signed[:, -4:].max(axis=1))
        before = side if step == 1 else 0.8 * skin[active] + 0.2 * side
        skin[active] = np.maximum(side, before)
        below = skin[active, None] - signed
        shift = _middle(below, window, offsets)
        middle = np.abs(offsets[None] - shift[:, None]) <= 0.012
        peak = (below * middle).sum(axis=1) / np.maximum(middle.sum(axis=1), 1)
        out = (ahead < 0).any(axis=1) | (ahead >= size).any(axis=1)
        # At the root the shaft is still veiled by skin, and the root may be a little beside it.
        least = KEPT_SHARE * level[active] if step > 3 else 0.25 * level[active]
        good = (peak >= np.maximum(least, 0.6 * MIN_CONTRAST)) & ~out
        inside[active[out & (missed[active] == 0)]] = False
        missed[active] = np.where(good, 0, missed[active] + 1)
        gain = np.where(good, np.float32(1.0 if step <= 3 else 0.6), 0)
        moved = ahead + (gain * shift)[:, None] * normal
        here[active] = moved
        keep = active[good]
        turn = np.arctan2(shift[good], 4 * STEP_MM) * (0.5 if step > 2 else 0.25)
        angle[keep] += turn.astype(np.float32)
        level[keep] = 0.8 * level[keep] + 0.2 * np.minimum(peak[good], 2 * level[keep])
        # What a gap left out is filled in when the shaft goes on behind it.
        path[active, step:] = moved[:, None]
        points[keep] = step + 1
        active = active[~out & (missed[active] <= GAP_STEPS)]
    beyond = np.arange(steps + 1)[None] >= points[:, None]
    path = np.where(beyond[..., None], path[np.arange(n), points - 1][:, None], path)
    return path, points, inside


def clearance(shafts: Shafts, reach_mm: float = 0.15) -> NDArray[np.float64]:
    """(n,) mm from each shaft's centre line, its first step left out, to the nearest other one; at most reach_mm."""
    n, steps, _ = shafts.path.shape
    found = np.full(n, reach_mm)
    real = np.arange(steps)[None] < np.maximum(shafts.points, 1)[:, None]
    owner = np.repeat(np.arange(n), steps).reshape(n, steps)[real]
    if len(owner) < 2:
        return found
    asked = real.copy()
    asked[:, :2] = False
    asked[:, round(0.7 / STEP_MM) :] = False
    asked[:, 1::2] = False
    rows, columns = np.nonzero(asked)
    # Of the nearest points half may be the shaft's own.
    own = 2 * math.ceil(reach_mm / STEP_MM) + 1
    distance, near = cKDTree(shafts.path[real]).query(
        shafts.path[rows, columns], k=own + 3, distance_upper_bound=reach_mm
    )
    other = owner[np.minimum(near, len(owner) - 1)] != rows[:, None]
    nearest = np.where(other & np.isfinite(distance), distance, reach_mm).min(axis=1, initial=reach_mm)
    np.minimum.at(found, rows, nearest)
    return found


def _middle(below: Floats, window: Floats, offsets: Floats) -> Floats:
    """Offset (m,) of the shaft's middle in profiles (m, k) of darkness: the centroid of the one dark band that is
    nearest, not of its neighbours beside it."""
    likely = below * window
    peak = likely.argmax(axis=1)
    rows = np.arange(len(below))
    depth = below - 0.5 * below[rows, peak][:, None]
    columns = np.arange(below.shape[1])[None]
    broken = (depth <= 0) & (columns != peak[:, None])
    right = np.where(broken & (columns > peak[:, None]), columns, below.shape[1]).min(axis=1)
    left = np.where(broken & (columns < peak[:, None]), columns, -1).max(axis=1)
    band = (columns > left[:, None]) & (columns < right[:, None])
    weight = np.where(band, np.maximum(depth, 0), 0) * window
    middle = (weight * offsets).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-6)
    return np.asarray(middle, np.float32)


def _hidden(path: Floats, points: NDArray[np.intp], roots: Floats) -> NDArray[np.bool_]:
    """(n,) True where a shaft's end lies on another hair's root or centre line."""
    n, steps, _ = path.shape
    rows = np.arange(n)
    ends = path[rows, points - 1]
    real = np.arange(steps)[None] < points[:, None]
    owner = np.repeat(rows, steps).reshape(n, steps)[real]
    own = math.ceil(HIDDEN_PATH_MM / STEP_MM) + 1
    distance, near = cKDTree(path[real]).query(ends, k=own + 2, distance_upper_bound=HIDDEN_PATH_MM)
    other_path = np.isfinite(distance) & (owner[np.minimum(near, len(owner) - 1)] != rows[:, None])
    hidden = other_path.any(axis=1)
    distance, near = cKDTree(roots).query(ends, k=min(2, n))
    distance, near = distance.reshape(n, -1), near.reshape(n, -1)
    other = np.where(near == rows[:, None], np.inf, distance).min(axis=1)
    return np.asarray(hidden | (other < HIDDEN_MM), bool)
