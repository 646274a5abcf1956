"""Hair shafts, root streaks and what else lies on the skin, drawn into an eight-bit picture.

Drawing uses OpenCV's anti-aliased polygons with 1/16 pixel steps. Coordinates handed in are pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import Rng

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
SHIFT = 4
STEPS = 9


@dataclass(frozen=True, slots=True)
class Shafts:
    """Centre lines in pixels, root first: path (n, STEPS, 2); width (n,) px; colour (n, 3), 0 to 1.

    normal: (n, STEPS, 2), unit vectors across the path.
    """

    path: Floats
    normal: Floats
    width: Floats
    colour: Floats

    @classmethod
    def along(cls, path: Floats, width: Floats, colour: Floats) -> Shafts:
        """Shafts with the normals of their paths."""
        return cls(path, normals(path), width, colour)


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


def strip(path: Floats, normal: Floats, left: Floats, right: Floats) -> NDArray[np.int32]:
    """Outline of a band along a path (m, 2): its edges lie left and right (m,) pixels beside the centre line."""
    outline = np.concatenate([path + normal * left[:, None], (path - normal * right[:, None])[::-1]])
    return np.asarray(np.rint(outline * (1 << SHIFT)), np.int32)


def _fill(picture: Bytes, outline: NDArray[np.int32], colour: Floats | tuple[float, ...]) -> None:
    cv2.fillPoly(picture, [outline.reshape(-1, 1, 2)], tuple(float(c) for c in colour), cv2.LINE_AA, SHIFT)


def streak_mask(shape: tuple[int, int], shafts: Shafts, streak_px: Floats, strength: Floats, px_per_mm: float) -> Bytes:
    """Mask (H, W) of the parts of the shafts under the skin: a streak that runs back from the root and fades."""
    shrink = _shrink(px_per_mm)
    mask = _small(shape, shrink)
    path, wide = shafts.path[:, 0] / shrink, shafts.width / shrink
    across = np.repeat(shafts.normal[:, :1], 2, axis=1)
    backwards = np.stack([-across[:, 0, 1], across[:, 0, 0]], 1)
    for i in np.argsort(strength):
        for reach, share in ((1.0, 0.3), (0.66, 0.55), (0.33, 0.85)):
            ends = np.stack(
                [path[i] + backwards[i] * streak_px[i] * reach / shrink, path[i] - backwards[i] * 2 / shrink]
            )
            half = wide[i] * np.array([0.45 + 0.5 * reach, 0.5])
            _fill(mask, strip(ends, across[i], half, half), (255 * strength[i] * share,))
    return _softened(mask, shape, 0.035 * px_per_mm / shrink)


def contact_shadow(shape: tuple[int, int], shafts: Shafts, px_per_mm: float, strength: float) -> Bytes:
    """Mask (H, W) of the light that shafts take from the skin beside them."""
    shrink = _shrink(px_per_mm)
    mask = _small(shape, shrink)
    for i in range(len(shafts.path)):
        half = np.full(STEPS, 0.8 * shafts.width[i] / shrink)
        _fill(mask, strip(shafts.path[i] / shrink, shafts.normal[i], half, half), (255 * strength,))
    return _softened(mask, shape, 0.05 * px_per_mm / shrink)


def _shrink(px_per_mm: float) -> float:
    """Soft masks are drawn at about 45 px/mm and enlarged: nothing in them is finer."""
    return max(1.0, px_per_mm / 45)


def _small(shape: tuple[int, int], shrink: float) -> Bytes:
    return np.zeros((int(np.ceil(shape[0] / shrink)), int(np.ceil(shape[1] / shrink))), np.uint8)


def _softened(mask: Bytes, shape: tuple[int, int], sigma: float) -> Bytes:
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, sigma))
    return np.asarray(cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def draw_shafts(picture: Bytes, shafts: Shafts, rng: Rng, *, shine: float, px_per_mm: float) -> None:
    """Paint the shafts over the picture (H, W, 3), in random order as hairs lie over each other.

    The first tenth of a millimetre shines through the skin; a core of another brightness runs along the shaft
    (translucent in cross-polarised light, a reflection where shine > 0); tips are blunt and skew.
    """
    height, width = picture.shape[:2]
    for i in rng.permutation(len(shafts.path)):
        path, across, wide, colour = shafts.path[i], shafts.normal[i], shafts.width[i], shafts.colour[i]
        if (
            path[:, 0].max() < -wide
            or path[:, 1].max() < -wide
            or path[:, 0].min() > width + wide
            or path[:, 1].min() > height + wide
        ):
            continue
        x, y = np.clip(path[0].astype(int), 0, (width - 1, height - 1))
        under = picture[y, x].astype(float) / 255
        # Narrower than the anti-aliasing line can be drawn: the shaft covers that much less of its pixels.
        cover = min(1.0, wide / 1.5)
        colour = under + (colour - under) * cover
        half = np.full(STEPS, max(wide, 1.2) / 2)
        half[0] *= 0.75
        # A skew cut: the last point of one side lies further out.
        skewed = path.copy()
        skewed[-1] += rng.normal(0, 0.15 * wide, 2)
        _fill(picture, strip(skewed, across, half, half), 255 * colour)
        if wide >= 2.0:
            core = 0.05 + 0.10 * rng.random() + shine * 0.35 * rng.random() * (rng.random() < 0.5)
            offset = rng.uniform(-0.15, 0.15) * wide
            from_step = int(rng.integers(1, 4))
            for inner, glow in ((0.32 * wide, 0.4), (0.24 * wide, 0.75), (0.14 * wide, 1.0)):
                inside = colour + glow * core * (np.array([0.72, 0.62, 0.52]) - colour)
                lane = np.full(STEPS - from_step, inner)
                _fill(
                    picture, strip(skewed[from_step:], across[from_step:], lane + offset, lane - offset), 255 * inside
                )
        # Where it leaves the skin it is still veiled.
        emerging = min(1.0, 0.09 * px_per_mm / max(float(np.hypot(*(path[1] - path[0]))), 1e-6))
        veil_end = path[0] + (path[1] - path[0]) * emerging
        for share, part in ((0.10, 1.2), (0.2, 1.0), (0.32, 0.75), (0.45, 0.5), (0.6, 0.25)):
            ends = np.stack([path[0] - (veil_end - path[0]) * 0.2, path[0] + (veil_end - path[0]) * part])
            veil = np.array([half[0], half[0]])
            _fill(picture, strip(ends, across[:2], veil, veil), 255 * (colour + (under - colour) * share))


def draw_collars(picture: Bytes, shafts: Shafts, strength: Floats, rng: Rng) -> None:
    """Whitish scale around the shaft where it leaves the skin: broken arcs, strength (n,) 0 to 1."""
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
        _fill(picture, np.round(outline * (1 << SHIFT)).astype(np.int32), colour)


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
        _fill(picture, strip(path, normals(path), half, half), 255 * seen)
