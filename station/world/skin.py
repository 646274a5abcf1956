"""Skin without hair: albedo, micro-relief and where it can glint, as a texture fixed to the site.

The texture belongs to the person and site, not to the photograph: it is made once and seen through each pose, so
that freckles, lines and vessels stay where they are from visit to visit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import Rng, SkinLook
from station.world.relief import Plane, creases, grains, line_field, noise


@dataclass(frozen=True, slots=True)
class SkinTexture:
    """albedo: (H, W, 3), 0 to 1; glint: (H, W), 0 to 1, where light would be mirrored; px_per_mm: its scale.

    The texture is centred on the origin of the site.
    """

    albedo: NDArray[np.float32]
    glint: Plane
    px_per_mm: float

    def enlarged(self, px_per_mm: float) -> SkinTexture:
        """The same skin at a larger scale."""
        factor = px_per_mm / self.px_per_mm
        if factor == 1:
            return self
        height, width = (round(side * factor) for side in self.glint.shape)
        albedo, glint = (
            np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
            for plane in (self.albedo, self.glint)
        )
        return SkinTexture(np.clip(albedo, 0, 1, out=albedo), np.maximum(glint, 0, out=glint), px_per_mm)


def make_skin(rng: Rng, look: SkinLook, size_mm: tuple[float, float], px_per_mm: float) -> SkinTexture:
    """Texture of a piece of skin of the given size in mm, at px_per_mm."""
    width, height = (max(16, int(np.ceil(side * px_per_mm))) for side in size_mm)
    shape = (height, width)

    # Micro-relief: two families of furrows that cross, with a third weaker one, broken up by larger swellings.
    first = rng.uniform(0, np.pi)
    spacing = max(2.2, look.relief_scale_mm * px_per_mm)
    relief = line_field(rng, shape, spacing, first)
    relief += 0.8 * line_field(rng, shape, spacing * 1.15, first + np.radians(rng.uniform(50, 90)))
    relief *= 0.6 + 0.4 * np.clip(noise(rng, shape, 1.2 * px_per_mm) + 0.5, 0, 2)
    fine = noise(rng, shape, max(1.0, 0.03 * px_per_mm))
    relief += 0.35 * fine
    slope: Plane = np.asarray(cv2.Sobel(relief, cv2.CV_32F, 1, 1, ksize=3), np.float32)
    slope /= max(float(slope.std()), 1e-6)
    shading = 1 + look.relief * (0.022 * relief + 0.020 * slope)

    albedo = np.empty((*shape, 3), np.float32)
    albedo[:] = np.asarray(look.tone, np.float32)
    blotch = noise(rng, shape, 1.6 * px_per_mm) + 0.5 * noise(rng, shape, 0.5 * px_per_mm)
    vessel_noise = noise(rng, shape, 0.9 * px_per_mm)
    vessels = np.exp(-((vessel_noise / 0.07) ** 2)) * np.clip(noise(rng, shape, 1.5 * px_per_mm) - 0.4, 0, 1.5)
    red = look.redness * (0.05 * np.clip(blotch, -1, 3) + 0.16 * vessels)
    albedo *= 1 - red[..., None] * np.array([0.10, 1.0, 0.85], np.float32)
    brown = look.pigment * 0.06 * (noise(rng, shape, 0.45 * px_per_mm) + noise(rng, shape, 3.0 * px_per_mm))
    albedo *= 1 - brown[..., None] * np.array([0.6, 0.9, 1.1], np.float32)
    albedo *= shading[..., None]
    _freckles(rng, albedo, look, px_per_mm)
    # What default looks don't have draws from its own generator, so that those stay as they are.
    extra = rng.spawn(1)[0]
    furrows = creases(extra, shape, look, px_per_mm) if look.creases > 0 or look.grain > 0 else None
    if furrows is not None and look.creases > 0:
        albedo *= 1 - look.creases * furrows[..., None] * np.array([0.16, 0.26, 0.30], np.float32)
    if look.grain > 0:  # the cells and flakes of the horny layer
        mottle = 0.022 * noise(extra, shape, 1.5) + 0.026 * noise(extra, shape, 0.06 * px_per_mm)
        albedo *= 1 + look.grain * mottle[..., None]

    # Glints sit on the flanks of the relief that happen to face the lamp, in patches where the skin is oily.
    sparkle = np.clip(0.8 * fine + 0.7 * slope + 0.5 * relief - 1.2, 0, 3) / 2
    patch = np.clip(0.35 + noise(rng, shape, 1.1 * px_per_mm), 0, 2)
    glint = (sparkle * patch).astype(np.float32)
    if furrows is not None and look.grain > 0:
        glint *= 1 - look.grain
        glint += look.grain * grains(extra, shape, furrows, px_per_mm)
    return SkinTexture(np.clip(albedo, 0, 1, out=albedo), glint, px_per_mm)


def inlaid(inner: SkinTexture, outer: SkinTexture, seam_mm: float) -> SkinTexture:
    """The inner texture in the middle of the outer one, of the same scale; it fades over seam_mm at its own edge."""
    height, width = inner.glint.shape
    # Both have the origin in their middle: they fit pixel on pixel where their sides differ by an even number.
    rows, columns = (side - (side - own) % 2 for side, own in zip(outer.glint.shape, (height, width), strict=True))
    top, left = (rows - height) // 2, (columns - width) // 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    share = np.clip(edge / max(1.0, seam_mm * inner.px_per_mm), 0, 1)
    albedo, glint = outer.albedo[:rows, :columns].copy(), outer.glint[:rows, :columns].copy()
    place = np.s_[top : top + height, left : left + width]
    albedo[place] += share[..., None] * (inner.albedo - albedo[place])
    glint[place] += share * (inner.glint - glint[place])
    return SkinTexture(albedo, glint, inner.px_per_mm)


def _freckles(rng: Rng, albedo: NDArray[np.float32], look: SkinLook, px_per_mm: float) -> None:
    height, width = albedo.shape[:2]
    area_cm2 = height * width / (px_per_mm * 10) ** 2
    spots = np.zeros((height, width), np.float32)
    for _ in range(rng.poisson(look.freckles_per_cm2 * area_cm2)):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        wide, high = (max(1, int(rng.uniform(0.08, 0.5) * px_per_mm)) for _ in range(2))
        turn, depth = float(rng.uniform(0, 180)), float(rng.uniform(0.15, 0.5))
        cv2.ellipse(spots, centre, (wide, high), turn, 0, 360, (depth,), -1)
    if spots.any():
        spots = cv2.GaussianBlur(spots, (0, 0), max(0.6, 0.05 * px_per_mm)).astype(np.float32, copy=False)
        albedo *= 1 - spots[..., None] * np.array([0.55, 0.8, 0.95], np.float32)
