"""A photograph drawn fast, for the live preview: all outlines at once, and only what is seen at its coarse scale.

Skin, streaks, shadows and shafts stand where `render` draws them; cores, frayed ends and scale at the roots are left
out, and a shaft is veiled in fewer steps.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world import optics as lens
from station.world.brush import SHIFT, Bytes, Floats
from station.world.hairs import HairTable
from station.world.litter import draw_debris, draw_flakes
from station.world.looks import HairLook, LightLook, Rng, SkinLook
from station.world.optics import Optics, Pose
from station.world.paths import normals
from station.world.render import in_view, layers
from station.world.shafts import DARK_CORE
from station.world.skin import SkinTexture
from station.world.surface import eight_bits, halos, see_skin, shine, tint, water

MOST_POINTS = 18
"""Of a path: long hair is drawn in straight pieces of a millimetre or two."""
SOFT_PX_PER_MM = 22.0
"""Scale of soft masks."""
RIM_PX = 0.42
"""By so much a polygon's softened edge reaches beyond its outline; unlike in a photograph, it counts at this scale."""
LEAST_HALF_PX = 0.35
CORE = 0.05
SHINE = 0.6
"""How much of its core's brightness a shaft has on the mean, without shine and by it."""


def sketch(
    hairs: HairTable,
    texture: SkinTexture,
    skin: SkinLook,
    hair: HairLook,
    light: LightLook,
    pose: Pose,
    optics: Optics,
    rng: Rng,
) -> Bytes:
    """The view (H, W, 3) uint8 RGB in even light, without the sensor's noise."""
    scale = optics.px_per_mm
    extra = rng.spawn(1)[0]
    albedo, glint = see_skin(texture, pose, optics)
    here, path, _, azimuth = in_view(hairs, hair, pose, optics, rng, extra)
    n, points = len(here), path.shape[1]
    chosen = np.unique(np.rint(np.linspace(0, 1, min(points, MOST_POINTS)) ** 1.3 * (points - 1)).astype(int))
    path = path[:, chosen] * scale - 0.5
    wide = here.diameter / 1000 * scale * pose.scale
    across = normals(path)
    halos(albedo, path[:, 0], skin.halo, scale)
    picture = eight_bits(albedo)
    if skin.wet > 0:
        picture = water(picture, glint, skin, extra)
    picture = tint(picture, _streaks(here, path, across, wide, hair, optics, rng), (0.40, 0.46, 0.53))
    picture = tint(picture, _shadow(path, across, wide, optics), (0.45, 0.38, 0.34))
    if light.glints > 0:
        picture = shine(picture, glint, light, rng, scale)
    area = optics.size_mm[0] * optics.size_mm[1] / 100
    draw_debris(picture, rng.poisson(skin.debris_per_cm2 * area), rng, scale, np.asarray(hair.colour))
    order = layers(path[:, 0] / scale, azimuth, extra) if hair.emergence_deg > 0 else rng.permutation(n)
    glow = CORE + SHINE * light.glints * rng.random(n)[:, None] ** 2
    _shafts(picture, path, across, wide, here.colour + glow * (DARK_CORE - here.colour), order, scale)
    draw_flakes(picture, rng.poisson(skin.flakes_per_cm2 * area), rng, scale)
    return lens.blur(picture, light, scale, rng)


def outlines(path: Floats, across: Floats, half: Floats) -> NDArray[np.int32]:
    """Outlines (n, 2m, 2) in 1/16 pixels of bands along paths (n, m, 2) whose edges lie half (n, m) to each side."""
    edge = across * half[..., None]
    both = np.concatenate([path + edge, (path - edge)[:, ::-1]], axis=1)
    return np.asarray(np.rint(both * (1 << SHIFT)), np.int32)


def _paint(picture: Bytes, outline: NDArray[np.int32], colour: Floats, order: NDArray[np.int64]) -> None:
    """Fill outlines (n, k, 2) with colours (n, channels) of 0 to 255, in this order."""
    colours = colour.tolist()
    for i in order.tolist():
        cv2.fillPoly(picture, [outline[i]], colours[i], cv2.LINE_AA, SHIFT)


def _shafts(
    picture: Bytes, path: Floats, across: Floats, wide: Floats, colour: Floats, order: NDArray[np.int64], scale: float
) -> None:
    x, y = np.clip(path[:, 0].astype(int), 0, np.array(picture.shape[1::-1]) - 1).T
    under = picture[y, x].astype(float)
    # Narrower than the anti-aliasing line can be drawn: the shaft covers that much less of its pixels.
    cover = np.minimum(1.0, wide / 1.5)[:, None]
    seen = under + (255 * colour - under) * cover
    half = np.maximum(wide / 2 - RIM_PX, LEAST_HALF_PX)[:, None] * np.ones(path.shape[1])
    half[:, 0] *= 0.75
    first = np.hypot(*(path[:, 1] - path[:, 0]).T)
    emerging = np.minimum(1.0, 0.09 * scale / np.maximum(first, 1e-6))[:, None]
    veil = np.stack([path[:, 0], path[:, 0] + (path[:, 1] - path[:, 0]) * emerging], 1)
    body, skin = outlines(path, across, half), outlines(veil, across[:, :2], half[:, :2])
    body_colours, veil_colours = seen.tolist(), (seen + (under - seen) * 0.35).tolist()
    for i in order.tolist():
        cv2.fillPoly(picture, [body[i]], body_colours[i], cv2.LINE_AA, SHIFT)
        cv2.fillPoly(picture, [skin[i]], veil_colours[i], cv2.LINE_AA, SHIFT)


def _streaks(
    here: HairTable, path: Floats, across: Floats, wide: Floats, hair: HairLook, optics: Optics, rng: Rng
) -> Bytes:
    """Mask (H, W) of the parts of the shafts under the skin, as `shafts.streak_mask` draws them, in two steps."""
    n, scale = len(here), optics.px_per_mm
    contrast = np.clip(1.2 - here.colour.mean(axis=1) * 1.3, 0.05, 1.0)
    strength = np.clip(hair.streak * contrast * rng.uniform(0.5, 1.2, n) * np.minimum(1, here.diameter / 55), 0, 1)
    reach = hair.streak_mm * scale * rng.uniform(0.5, 1.4, n)
    shrink = max(1.0, scale / SOFT_PX_PER_MM)
    mask = _small(optics, shrink)
    normal = np.repeat(across[:, :1], 2, axis=1)
    back = np.stack([-across[:, 0, 1], across[:, 0, 0]], 1)
    order = np.argsort(strength)
    for part, share in ((0.85, 0.4), (0.4, 0.85)):
        ends = np.stack([path[:, 0] + back * (reach * part)[:, None], path[:, 0] - back * 2], 1) / shrink
        half = wide[:, None] / shrink * np.array([0.45 + 0.5 * part, 0.5]) * hair.streak_width
        _paint(mask, outlines(ends, normal, half), (255 * strength * share)[:, None], order)
    return _full(mask, optics, 0.035 * hair.streak_width * scale / shrink)


def _shadow(path: Floats, across: Floats, wide: Floats, optics: Optics) -> Bytes:
    """Mask (H, W) of the light that shafts take from the skin beside them."""
    shrink = max(1.0, optics.px_per_mm / SOFT_PX_PER_MM)
    mask = _small(optics, shrink)
    outline = outlines(path / shrink, across, (0.8 * wide / shrink)[:, None] * np.ones(path.shape[1]))
    n = len(path)
    _paint(mask, outline, np.full((n, 1), 255 * 0.28), np.arange(n))
    return _full(mask, optics, 0.05 * optics.px_per_mm / shrink)


def _small(optics: Optics, shrink: float) -> Bytes:
    return np.zeros((int(np.ceil(optics.height_px / shrink)), int(np.ceil(optics.width_px / shrink))), np.uint8)


def _full(mask: Bytes, optics: Optics, sigma: float) -> Bytes:
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, sigma))
    size = (optics.width_px, optics.height_px)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), np.uint8)
