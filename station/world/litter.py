"""What lies on the skin beside hair: scale, dandruff, cut ends, lint, plugs of sebum."""

from __future__ import annotations

import cv2
import numpy as np

from station.world.brush import SHIFT, Bytes, Floats, fill, strip
from station.world.looks import Rng
from station.world.paths import STEPS, centre_lines, normals
from station.world.shafts import Shafts


def draw_collars(picture: Bytes, shafts: Shafts, strength: Floats, rng: Rng, *, crumbled: bool = False) -> None:
    """Whitish scale around the shaft where it leaves the skin, strength (n,) 0 to 1: broken arcs, or crumbs."""
    if crumbled:
        _crumbs(picture, shafts, strength, rng)
        return
    for i in np.flatnonzero(strength > 0.05):
        path, wide = shafts.path[i], shafts.width[i]
        radius = max(1.0, wide * rng.uniform(0.6, 1.1))
        at = path[0] + (path[1] - path[0]) * rng.uniform(0.0, 0.4)
        x, y = np.clip(at.astype(int), 0, (picture.shape[1] - 1, picture.shape[0] - 1))
        under = picture[y, x].astype(float)
        colour = under + (np.array([232.0, 230.0, 222.0]) - under) * strength[i]
        centre = tuple(int(v) for v in np.round(at * (1 << SHIFT)))
        axes = (int(radius * (1 << SHIFT)), int(radius * rng.uniform(0.4, 0.9) * (1 << SHIFT)))
        start = rng.uniform(0, 360)
        line = max(1, round(0.25 * wide))
        span = rng.uniform(60, 240)
        cv2.ellipse(picture, centre, axes, 0, start, start + span, tuple(map(float, colour)), line, cv2.LINE_AA, SHIFT)


def _crumbs(picture: Bytes, shafts: Shafts, strength: Floats, rng: Rng) -> None:
    """Scale that has broken up: a few irregular flecks around the opening and along the first of the shaft."""
    height, width = picture.shape[:2]
    for i in np.flatnonzero(strength > 0.05):
        root, wide = shafts.path[i, 0], max(2.0, shafts.width[i])
        if not (0 <= root[0] < width and 0 <= root[1] < height):
            continue
        across = shafts.normal[i, 0]
        forward = np.array([across[1], -across[0]])
        for _ in range(1 + rng.poisson(3 * strength[i])):
            at = root + across * rng.normal(0, 0.45 * wide) + forward * rng.normal(0.2 * wide, 0.6 * wide)
            angles = np.sort(rng.uniform(0, 2 * np.pi, 6))
            radii = wide * rng.uniform(0.06, 0.32) * rng.uniform(0.4, 1.0, 6)
            outline = at + np.stack([np.cos(angles), np.sin(angles) * rng.uniform(0.3, 1.0)], 1) * radii[:, None]
            x, y = np.clip(at.astype(int), 0, (width - 1, height - 1))
            under = picture[y, x].astype(float)
            colour = under + (np.array([226.0, 228.0, 226.0]) - under) * strength[i] * rng.uniform(0.3, 1.0)
            fill(picture, np.round(outline * (1 << SHIFT)).astype(np.int32), colour)


def draw_flakes(picture: Bytes, count: int, rng: Rng, px_per_mm: float) -> None:
    """Dandruff: irregular whitish scales of 0.05 to 0.4 mm."""
    height, width = picture.shape[:2]
    for _ in range(count):
        centre = rng.uniform((0, 0), (width, height))
        size = rng.lognormal(np.log(0.10), 0.5) * px_per_mm
        angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
        radii = size * rng.uniform(0.3, 1.0, 7)
        outline = centre + np.stack([np.cos(angles), np.sin(angles) * rng.uniform(0.4, 1.0)], 1) * radii[:, None]
        x, y = np.clip(centre.astype(int), 0, (width - 1, height - 1))
        under = picture[y, x].astype(float)
        colour = under + (np.array([240.0, 238.0, 230.0]) - under) * rng.uniform(0.25, 0.8)
        fill(picture, np.round(outline * (1 << SHIFT)).astype(np.int32), colour)


def draw_debris(picture: Bytes, count: int, rng: Rng, px_per_mm: float, hair_colour: Floats) -> None:
    """What lies loose and is no rooted hair: cut ends, dots, lint. Without root streak or veil."""
    height, width = picture.shape[:2]
    for _ in range(count):
        at = rng.uniform((0, 0), (width, height))[None]
        kind = rng.random()
        if kind < 0.45:  # a cut end
            length, wide, colour = rng.uniform(0.04, 0.30), rng.uniform(0.03, 0.09), hair_colour
        elif kind < 0.7:  # a dark dot
            length, wide, colour = rng.uniform(0.01, 0.05), rng.uniform(0.02, 0.06), hair_colour * 1.4 + 0.05
        else:  # lint or a shed vellus hair: long, thin, light
            length, wide, colour = rng.uniform(0.3, 2.5), rng.uniform(0.008, 0.02), np.array([0.62, 0.55, 0.47])
        one = np.ones(1)
        path = centre_lines(
            at,
            one * rng.uniform(0, 2 * np.pi),
            one * length * px_per_mm,
            one * rng.normal(0, 1.2) / px_per_mm,
            one * 0,
            one * 0,
        )[0]
        x, y = np.clip(at[0].astype(int), 0, (width - 1, height - 1))
        under = picture[y, x].astype(float) / 255
        width_px = wide * px_per_mm
        seen = under + (np.clip(colour, 0, 1) - under) * min(1.0, width_px / 1.5) * rng.uniform(0.6, 1.0)
        half = np.full(STEPS, max(width_px, 1.2) / 2)
        fill(picture, strip(path, normals(path), half, half), 255 * seen)
