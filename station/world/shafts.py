"""Hair shafts, root streaks and what else lies on the skin, drawn into an eight-bit picture.

Drawing uses OpenCV's anti-aliased polygons with 1/16 pixel steps. Coordinates handed in are pixels of the picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.brush import SHIFT, Bytes, Floats, fill, strip
from station.world.looks import Rng
from station.world.paths import STEPS, normals

PALE_CORE = np.array([0.97, 0.96, 0.93])
DARK_CORE = np.array([0.72, 0.62, 0.52])
LANES = ((0.32, 0.4), (0.24, 0.75), (0.14, 1.0))
"""Half widths of the lanes that paint a core, in widths of the shaft, and how much of its brightness each has."""
LONG_LANES = ((0.28, 0.55), (0.15, 1.0))


@dataclass(frozen=True, slots=True)
class Shafts:
    """Centre lines in pixels, root first: path (n, m, 2); width (n,) px; colour (n, 3), 0 to 1.

    normal: (n, m, 2), unit vectors across the path.
    """

    path: Floats
    normal: Floats
    width: Floats
    colour: Floats

    @classmethod
    def along(cls, path: Floats, width: Floats, colour: Floats) -> Shafts:
        """Shafts with the normals of their paths."""
        return cls(path, normals(path), width, colour)


def streak_mask(
    shape: tuple[int, int],
    shafts: Shafts,
    streak_px: Floats,
    strength: Floats,
    px_per_mm: float,
    breadth: float = 1.0,
) -> Bytes:
    """Mask (H, W) of the parts of the shafts under the skin: a streak that runs back from the root and fades.

    streak_px, strength: (n,), its length and how dark it is, 0 to 1; breadth: its width in shafts.
    """
    shrink = _shrink(px_per_mm)
    mask = _small(shape, shrink)
    path, wide = shafts.path[:, 0] / shrink, shafts.width / shrink
    across = np.repeat(shafts.normal[:, :1], 2, axis=1)
    backwards = np.stack([-across[:, 0, 1], across[:, 0, 0]], 1)
    # A streak that lies wholly outside can't be seen: of combed hair most roots are out of the view.
    margin = (streak_px + 3 * breadth * shafts.width)[:, None] / shrink + 2
    inside = np.all((path > -margin) & (path < np.array(mask.shape[::-1]) + margin), axis=1)
    for i in [k for k in np.argsort(strength) if inside[k]]:
        for reach, share in ((1.0, 0.3), (0.66, 0.55), (0.33, 0.85)):
            ends = np.stack(
                [path[i] + backwards[i] * streak_px[i] * reach / shrink, path[i] - backwards[i] * 2 / shrink]
            )
            half = breadth * wide[i] * np.array([0.45 + 0.5 * reach, 0.5])
            fill(mask, strip(ends, across[i], half, half), (255 * strength[i] * share,))
    return _softened(mask, shape, 0.035 * breadth * px_per_mm / shrink)


def contact_shadow(shape: tuple[int, int], shafts: Shafts, px_per_mm: float, strength: float) -> Bytes:
    """Mask (H, W) of the light that shafts take from the skin beside them."""
    shrink = _shrink(px_per_mm)
    mask = _small(shape, shrink)
    for i in range(len(shafts.path)):
        window = _window(shafts.path[i], shape, shafts.width[i])
        path = shafts.path[i][window] / shrink
        half = np.full(len(path), 0.8 * shafts.width[i] / shrink)
        if len(path) > 1:
            fill(mask, strip(path, shafts.normal[i][window], half, half), (255 * strength,))
    return _softened(mask, shape, 0.05 * px_per_mm / shrink)


def cover_mask(shape: tuple[int, int], shafts: Shafts, stretches: NDArray[np.int64]) -> Bytes:
    """Mask (H, W) of what the given parts of the shafts cover. stretches: (n, 2), first and last point of each."""
    mask = np.zeros(shape, np.uint8)
    for i, (start, stop) in enumerate(stretches.tolist()):
        window = _window(shafts.path[i], shape, shafts.width[i], (start, stop))
        path = shafts.path[i][window]
        if len(path) > 1:
            half = np.full(len(path), max(shafts.width[i], 1.2) / 2)
            fill(mask, strip(path, shafts.normal[i][window], half, half), (255.0,))
    return mask


def _shrink(px_per_mm: float) -> float:
    """Soft masks are drawn at about 45 px/mm and enlarged: nothing in them is finer."""
    return max(1.0, px_per_mm / 45)


def _small(shape: tuple[int, int], shrink: float) -> Bytes:
    return np.zeros((int(np.ceil(shape[0] / shrink)), int(np.ceil(shape[1] / shrink))), np.uint8)


def _softened(mask: Bytes, shape: tuple[int, int], sigma: float) -> Bytes:
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, sigma))
    return np.asarray(cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _window(path: Floats, shape: tuple[int, int], wide: float, stretch: tuple[int, int] | None = None) -> slice:
    """The part of a path (m, 2) that can be seen in a picture of shape (H, W); short paths are left whole.

    stretch: first and last point of the part that is wanted at all.
    """
    start, stop = (0, len(path) - 1) if stretch is None else stretch
    if stretch is None and len(path) <= STEPS:
        return slice(0, len(path))
    margin = 3 * wide + float(np.hypot(*(path[-1] - path[-2]))) + 4
    inside = np.all((path > -margin) & (path < (shape[1] + margin, shape[0] + margin)), axis=1)
    seen = np.flatnonzero(inside[start : stop + 1]) + start
    if len(seen) == 0:
        return slice(0, 0)
    return slice(max(start, int(seen[0]) - 1), min(stop + 1, int(seen[-1]) + 2))


@dataclass(frozen=True, slots=True)
class Finish:
    """How shafts are painted: shine, the light they mirror; fray and translucent as in HairLook; all 0 to 1."""

    shine: float
    fray: float = 0.0
    translucent: float = 0.0


def draw_shafts(
    picture: Bytes,
    shafts: Shafts,
    order: Sequence[int] | NDArray[np.int64],
    rng: Rng,
    finish: Finish,
    px_per_mm: float,
    stretches: NDArray[np.int64] | None = None,
) -> None:
    """Paint the shafts over the picture (H, W, 3), in the given order: what comes later lies above.

    stretches: (n, 2), first and last point of the part of each shaft to paint; all of it where not given.

    The first tenth of a millimetre shines through the skin; a core of another brightness runs along the shaft
    (translucent in cross-polarised light, a reflection where it shines); tips are blunt, skew and jagged where frayed.
    """
    height, width = picture.shape[:2]
    loose = rng.spawn(1)[0]  # what default looks don't have draws from here, so that those stay as they are
    for i in order:
        stretch = None if stretches is None else (int(stretches[i, 0]), int(stretches[i, 1]))
        window = _window(shafts.path[i], (height, width), shafts.width[i], stretch)
        path, across, wide, colour = shafts.path[i][window], shafts.normal[i][window], shafts.width[i], shafts.colour[i]
        if (
            len(path) < 2
            or path[:, 0].max() < -wide
            or path[:, 1].max() < -wide
            or path[:, 0].min() > width + wide
            or path[:, 1].min() > height + wide
        ):
            continue
        rooted, tipped = window.start == 0, window.stop == len(shafts.path[i])
        x, y = np.clip(path[0].astype(int), 0, (width - 1, height - 1))
        under: Floats = picture[y, x].astype(float) / 255
        if not rooted:  # the root is out of view: what lies under the shaft is skin of the whole view
            under = np.asarray(picture[::32, ::32].reshape(-1, 3).mean(axis=0) / 255, float)
        pale = finish.translucent * float(np.clip((colour.mean() - 0.35) / 0.4, 0, 1))
        colour = colour + (under - colour) * 0.35 * pale
        # Narrower than the anti-aliasing line can be drawn: the shaft covers that much less of its pixels.
        cover = min(1.0, wide / 1.5)
        colour = under + (colour - under) * cover
        half = np.full(len(path), max(wide, 1.2) / 2)
        if rooted:
            half[0] *= 0.75
        # A skew cut: the last point of one side lies further out.
        skewed = path.copy()
        skewed[-1] += rng.normal(0, 0.15 * wide, 2)
        rim = 255 * colour * (1 - 0.15 * pale)
        if finish.fray > 0 and wide >= 2.0:
            fill(picture, _jagged(skewed, across, half, finish.fray, tipped, loose), rim)
        else:
            fill(picture, strip(skewed, across, half, half), rim)
        if wide >= 2.0:
            core = 0.05 + 0.10 * rng.random() + finish.shine * 0.35 * rng.random() * (rng.random() < 0.5)
            offset = rng.uniform(-0.15, 0.15) * wide
            first = int(rng.integers(1, 4))
            if pale > 0.3:  # without pigment a shaft is bright from the skin on
                first = 0
            bright = DARK_CORE + pale * (PALE_CORE - DARK_CORE)
            runs = _runs(first, len(path), loose)
            lights = [core] if len(runs) == 1 else [core + finish.shine * 0.7 * loose.random() ** 3 for _ in runs]
            lanes = LANES if len(runs) == 1 else LONG_LANES
            for (start, stop), light in zip(runs, lights, strict=True):
                for share, glow in lanes:
                    inside = colour + glow * max(light, 0.6 * pale) * (bright - colour)
                    lane = np.full(stop - start, share * wide)
                    outline = strip(skewed[start:stop], across[start:stop], lane + offset, lane - offset)
                    fill(picture, outline, 255 * inside)
            if finish.fray > 0 and rooted:
                _specks(picture, path, wide, finish.fray, loose)
        if rooted:
            _veil(picture, path, across, half[0], colour, under, px_per_mm)


def _veil(
    picture: Bytes, path: Floats, across: Floats, half: float, colour: Floats, under: Floats, px_per_mm: float
) -> None:
    """Where a shaft leaves the skin it is still veiled."""
    emerging = min(1.0, 0.09 * px_per_mm / max(float(np.hypot(*(path[1] - path[0]))), 1e-6))
    veil_end = path[0] + (path[1] - path[0]) * emerging
    for share, part in ((0.10, 1.2), (0.2, 1.0), (0.32, 0.75), (0.45, 0.5), (0.6, 0.25)):
        ends = np.stack([path[0] - (veil_end - path[0]) * 0.2, path[0] + (veil_end - path[0]) * part])
        veil = np.array([half, half])
        veiled = 255.0 * np.asarray(colour + (under - colour) * share, float)
        fill(picture, strip(ends, across[:2], veil, veil), veiled)


def _runs(first: int, points: int, rng: Rng) -> list[tuple[int, int]]:
    """Stretches of a path on which the light falls alike: one for a short shaft, several for a long one."""
    if points <= STEPS + 3:
        return [(first, points)] if points - first > 1 else []
    cuts = [min(first, points - 2)]
    while cuts[-1] < points - 1:
        cuts.append(min(points - 1, cuts[-1] + int(rng.integers(6, 20))))
    return [(a, b + 1) for a, b in itertools.pairwise(cuts)]


def _jagged(path: Floats, across: Floats, half: Floats, fray: float, tipped: bool, rng: Rng) -> NDArray[np.int32]:
    """Outline of a shaft with uneven edges and, where its end is seen, a jagged cut."""
    if len(path) <= STEPS + 1:  # hairs of 0.3 to 0.8 mm are seen to widen from the opening to the cut
        half = half * np.linspace(0.85, 1.06, len(path))
    left, right = (half * (1 + 0.07 * fray * rng.standard_normal(len(path))) for _ in range(2))
    edge = path + across * left[:, None]
    back = (path - across * right[:, None])[::-1]
    if not tipped:
        return np.asarray(np.rint(np.concatenate([edge, back]) * (1 << SHIFT)), np.int32)
    forward = np.array([across[-1, 1], -across[-1, 0]])
    inner = path[-1] + across[-1] * (half[-1] * np.array([0.6, 0.2, -0.2, -0.6]))[:, None]
    inner += forward * (half[-1] * fray * rng.normal(0, 0.5, 4))[:, None]
    return np.asarray(np.rint(np.concatenate([edge, inner, back]) * (1 << SHIFT)), np.int32)


def _specks(picture: Bytes, path: Floats, wide: float, fray: float, rng: Rng) -> None:
    """Scales that cling to a shaft, whitish and small."""
    for _ in range(rng.poisson(0.7 * fray)):
        k = int(rng.integers(0, min(len(path), STEPS)))
        at = path[k] + rng.normal(0, 0.3 * wide, 2)
        x, y = np.clip(at.astype(int), 0, (picture.shape[1] - 1, picture.shape[0] - 1))
        under = picture[y, x].astype(float)
        colour = under + (np.array([205.0, 208.0, 206.0]) - under) * rng.uniform(0.1, 0.6)
        axes = tuple(int(max(0.6, wide * r) * (1 << SHIFT)) for r in (rng.uniform(0.1, 0.35), rng.uniform(0.05, 0.15)))
        centre = tuple(int(v) for v in np.round(at * (1 << SHIFT)))
        angle = rng.uniform(0, 180)
        cv2.ellipse(picture, centre, axes, angle, 0, 360, tuple(map(float, colour)), -1, cv2.LINE_AA, SHIFT)
