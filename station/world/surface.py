"""What lies in and on the skin around hair: halos, streaks' tint, reflections, sebum, water and mixed light."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import LightLook, Rng, SkinLook
from station.world.optics import Optics, Pose
from station.world.skin import SkinTexture

Floats = NDArray[np.float64]
Plane = NDArray[np.float32]
Bytes = NDArray[np.uint8]
FIELD_STEP_MM = 0.4
"""Grid on which a stretch is inverted: far finer than its correlation length."""
SHINE_GRID = (6, 7)
WATER_GRID = (9, 9)
"""Rows and columns of the noise that divides shine and water into patches."""


def see_skin(texture: SkinTexture, pose: Pose, optics: Optics) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The skin's albedo and glint as this pose shows them, in one affine warp each; stretched skin point by point."""
    if pose.stretch is not None:
        x, y = _stretched_map(texture, pose, optics)
        seen = [cv2.remap(t, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REFLECT) for t in (texture.albedo, texture.glint)]
        return seen[0].astype(np.float32, copy=False), seen[1].astype(np.float32, copy=False)
    size = np.array(texture.glint.shape[::-1], float) / texture.px_per_mm
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    source = ((corners + size / 2) * texture.px_per_mm - 0.5).astype(np.float32)
    target = (pose.to_view(corners, optics) * optics.px_per_mm - 0.5).astype(np.float32)
    matrix = cv2.getAffineTransform(source, target)
    at = (optics.width_px, optics.height_px)
    albedo = cv2.warpAffine(texture.albedo, matrix, at, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    glint = cv2.warpAffine(texture.glint, matrix, at, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return albedo.astype(np.float32, copy=False), glint.astype(np.float32, copy=False)


def _stretched_map(texture: SkinTexture, pose: Pose, optics: Optics) -> tuple[Plane, Plane]:
    """Pixels x, y (H, W) of the texture that the pixels of the view show.

    The stretch is smooth: it is inverted on a grid of about FIELD_STEP_MM and enlarged; what is affine is exact.
    """
    wide, high = (max(4, int(np.ceil(side / FIELD_STEP_MM))) for side in optics.size_mm)
    step = np.array([optics.width_px / wide, optics.height_px / high])
    plain = replace(pose, stretch=None)
    column, row = np.meshgrid(np.arange(wide), np.arange(high))
    grid = (np.stack([column, row], -1).reshape(-1, 2) + 0.5) * step / optics.px_per_mm
    back = (pose.to_site(grid, optics) - plain.to_site(grid, optics)).reshape(high, wide, 2)
    size = np.array(texture.glint.shape[::-1]) / 2
    along_x, along_y = np.arange(optics.width_px) + 0.5, np.arange(optics.height_px) + 0.5
    origin = plain.to_site(np.zeros((1, 2)), optics)[0]
    ends = plain.to_site(np.eye(2), optics) - origin
    planes: list[Plane] = []
    for axis in (0, 1):
        field = np.ascontiguousarray(back[..., axis] * texture.px_per_mm, np.float32)
        full: Plane = np.empty((optics.height_px, optics.width_px), np.float32)
        cv2.resize(field, (optics.width_px, optics.height_px), dst=full, interpolation=cv2.INTER_CUBIC)
        ratio = texture.px_per_mm / optics.px_per_mm
        offset = origin[axis] * texture.px_per_mm + size[axis] - 0.5
        full += (ends[0, axis] * along_x * ratio + offset).astype(np.float32)[None]
        full += (ends[1, axis] * along_y * ratio).astype(np.float32)[:, None]
        planes.append(full)
    return planes[0], planes[1]


def halos(albedo: NDArray[np.float32], roots_px: Floats, halo: float, scale: float) -> None:
    if abs(halo) < 0.01:
        return
    height, width = albedo.shape[:2]
    shrink = max(1.0, scale / 20)
    spots = np.zeros((int(height / shrink) + 1, int(width / shrink) + 1), np.float32)
    for x, y in roots_px / shrink:
        cv2.circle(spots, (int(x), int(y)), max(1, int(0.16 * scale / shrink)), (1.0,), -1)
    spots = cv2.GaussianBlur(spots, (0, 0), max(0.8, 0.09 * scale / shrink)).astype(np.float32, copy=False)
    factor = 1 - halo * 0.6 * spots[..., None] * np.array([0.5, 1.0, 1.0], np.float32)
    cv2.multiply(albedo, cv2.resize(factor, (width, height), interpolation=cv2.INTER_LINEAR), dst=albedo)


def eight_bits(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return cv2.convertScaleAbs(picture, alpha=255.0).astype(np.uint8, copy=False)


def tint(picture: NDArray[np.uint8], mask: NDArray[np.uint8], colour: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Towards `colour` where the mask says so; dark skin keeps its own darkness."""
    level = float(picture[::16, ::16].mean()) / 255
    target = np.clip(np.asarray(colour) * min(1.0, level / 0.62), 0, 1) * 255
    flat = np.empty_like(picture)
    flat[:] = target.astype(np.uint8)
    weight = cv2.merge([mask, mask, mask])
    kept = cv2.multiply(picture, cv2.bitwise_not(weight), scale=1 / 255)
    return cv2.add(kept, cv2.multiply(flat, weight, scale=1 / 255)).astype(np.uint8, copy=False)


def shine(
    picture: NDArray[np.uint8], glint: NDArray[np.float32], light: LightLook, rng: Rng, scale: float
) -> NDArray[np.uint8]:
    """Add specular reflections: bluish white, in patches."""
    height, width = glint.shape
    coarse = rng.standard_normal(SHINE_GRID).astype(np.float32)
    patch = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    weight = np.clip(1 - light.glint_patchiness + light.glint_patchiness * patch, 0, 1.6) * light.glints
    strength = cv2.convertScaleAbs(glint * weight, alpha=150.0)
    veil = cv2.convertScaleAbs(np.clip(weight, 0, 1), alpha=18.0)
    light_on = cv2.add(strength, veil)
    tinted = cv2.merge([cv2.convertScaleAbs(light_on, alpha=a) for a in (0.86, 0.93, 1.0)])
    shining = cv2.add(picture, tinted).astype(np.uint8, copy=False)
    if light.cast_patches > 0:
        # What mirrors the lamp mirrors the sky as well: a blue haze lies over the shining patches.
        sky = cv2.GaussianBlur(np.clip(0.5 + patch, 0, 1.5) * (0.6 + glint), (0, 0), max(1.0, 0.05 * scale))
        haze = [cv2.convertScaleAbs(sky, alpha=a * light.cast_patches) for a in (18.0, 45.0, 160.0)]
        shining = cv2.add(shining, cv2.merge(haze)).astype(np.uint8, copy=False)
    return shining


def near_follicles(shape: tuple[int, int], roots_px: Floats, radius_mm: float, px_per_mm: float) -> Plane:
    """Soft spots (H, W), 0 to 1, around roots (n, 2) in pixels."""
    shrink = max(1.0, px_per_mm / 20)
    spots = np.zeros((int(shape[0] / shrink) + 1, int(shape[1] / shrink) + 1), np.float32)
    for x, y in roots_px / shrink:
        cv2.circle(spots, (int(x), int(y)), max(1, int(radius_mm * px_per_mm / shrink)), (1.0,), -1)
    soft = cv2.GaussianBlur(spots, (0, 0), max(0.8, 0.55 * radius_mm * px_per_mm / shrink))
    return np.asarray(cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def grease(picture: Bytes, glint: Plane, roots_px: Floats, skin: SkinLook, rng: Rng, px_per_mm: float) -> Bytes:
    """Sebum: a yellowish, slightly darker film around some follicles, with plugs; its shine goes into `glint`."""
    some, plugs = sebum_marks(roots_px, skin, rng, (picture.shape[0], picture.shape[1]), px_per_mm)
    film = near_follicles((picture.shape[0], picture.shape[1]), some, 0.28, px_per_mm) * skin.sebum
    glint += 0.5 * film * glint
    factor = 1 - film[..., None] * np.array([0.02, 0.05, 0.16], np.float32)
    greased = np.asarray(cv2.multiply(picture, factor, dtype=cv2.CV_8U), np.uint8)
    for at, size, angle in plugs:
        plug = 0.45 * greased[at[1], at[0]].astype(float) + 0.55 * np.array([222.0, 205.0, 160.0])
        cv2.ellipse(greased, at, (size, max(1, size // 2)), angle, 0, 360, tuple(plug), -1, cv2.LINE_AA)
    return greased


def sebum_marks(
    roots_px: Floats, skin: SkinLook, rng: Rng, shape: tuple[int, int], px_per_mm: float
) -> tuple[Floats, list[tuple[tuple[int, int], int, float]]]:
    """The roots (n, 2) under a film of sebum, and the plugs in a view of shape (H, W): pixel, size and angle."""
    some = roots_px[rng.random(len(roots_px)) < 0.5]
    plugs = []
    for x, y in roots_px[rng.random(len(roots_px)) < 0.12 * skin.sebum]:
        at = (round(float(x)), round(float(y)))
        size = max(1, round(rng.uniform(0.03, 0.08) * px_per_mm))
        if 0 <= at[0] < shape[1] and 0 <= at[1] < shape[0]:
            plugs.append((at, size, float(rng.uniform(0, 180))))
    return some, plugs


def mix_light(picture: Bytes, light: LightLook, rng: Rng) -> Bytes:
    """White balance that changes over the view, as skylight and lamp mix: blue against yellow in soft patches."""
    coarse = rng.standard_normal((4, 4)).astype(np.float32)
    height, width = picture.shape[:2]
    patch = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    factor = 1 + light.cast_patches * np.clip(patch, -1.3, 1.3)[..., None] * np.array([-0.35, -0.05, 0.9], np.float32)
    return np.asarray(cv2.multiply(picture, factor, dtype=cv2.CV_8U), np.uint8)


def water(picture: Bytes, glint: Plane, skin: SkinLook, rng: Rng) -> Bytes:
    """A film of water or oil: it fills the relief, so that skin is darker and mirrors in broader patches."""
    height, width = glint.shape
    coarse = rng.standard_normal(WATER_GRID).astype(np.float32)
    film = np.clip(0.6 + 0.5 * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1) * skin.wet
    broad = cv2.GaussianBlur(glint, (0, 0), max(1.0, width / 250))
    glint += film * (0.8 * broad + 0.3 * glint)
    factor = 1 - film[..., None] * np.array([0.10, 0.13, 0.15], np.float32)
    return np.asarray(cv2.multiply(picture, factor, dtype=cv2.CV_8U), np.uint8)
