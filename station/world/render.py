"""One photograph of one site: skin, streaks, shafts, light, lens and sensor, with the truth of what can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.follicular import clusters
from station.world import optics as lens
from station.world.hairs import HairTable
from station.world.looks import HairLook, LightLook, Rng, SkinLook
from station.world.optics import Optics
from station.world.shafts import (
    Shafts,
    centre_lines,
    contact_shadow,
    draw_collars,
    draw_debris,
    draw_flakes,
    draw_shafts,
    streak_mask,
)
from station.world.skin import SkinTexture

Floats = NDArray[np.float64]
VISIBLE_CONTRAST = 0.055
"""Least difference of brightness between shaft and skin, weighted by the shaft's width, that a reader would see."""
LEAST_SEPARATION_MM = 0.045
"""Roots nearer than this can't be told apart by a reader: 5 % of labelled neighbours are nearer than 0.06 mm."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera looks: the site's point (dx, dy) mm lies in the middle of the view, turned and scaled."""

    dx_mm: float = 0.0
    dy_mm: float = 0.0
    rotation_deg: float = 0.0
    scale: float = 1.0

    def to_view(self, points: Floats, optics: Optics) -> Floats:
        """Points (n, 2) of the site in mm to the view in mm, origin at its top left corner."""
        angle = np.radians(self.rotation_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * self.scale
        moved = (points - (self.dx_mm, self.dy_mm)) @ turn.T
        return np.asarray(moved + np.asarray(optics.size_mm) / 2)


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands in the view and can be seen. Coordinates in mm from the view's top left corner.

    roots, tips: (n, 2), where a shaft leaves the skin and where it ends; azimuth: (n,) radians at the root;
    diameter_um: (n,); unit: (n,) rows of units, -1 where the unit's mean lies outside; units: (m, 2), the means of
    their roots. Only roots and units inside the view are listed; a tip may lie outside.
    """

    roots: Floats
    tips: Floats
    azimuth: Floats
    diameter_um: Floats
    unit: NDArray[np.int64]
    units: Floats


def visible(hairs: HairTable, skin: SkinLook) -> NDArray[np.bool_]:
    """(n,) True for hairs that a careful reader would count: thick, long and unlike the skin enough."""
    weights = np.array([0.30, 0.59, 0.11])
    contrast = np.abs(hairs.colour @ weights - float(np.dot(skin.tone, weights)))
    return np.asarray(
        (contrast * np.minimum(1.0, hairs.diameter / 40) >= VISIBLE_CONTRAST)
        & (hairs.length >= 0.10)
        & (hairs.diameter >= 18)
    )


def find_truth(hairs: HairTable, skin: SkinLook, pose: Pose, optics: Optics) -> Truth:
    """The countable hairs and units inside the view."""
    seen = hairs.take(visible(hairs, skin))
    roots = pose.to_view(seen.root, optics)
    keep = _separate(roots, seen.diameter)
    roots, seen = roots[keep], seen.take(keep)
    cluster = clusters(roots)
    count = int(cluster.max()) + 1 if len(cluster) else 0
    sums = np.zeros((count, 2))
    np.add.at(sums, cluster, roots)
    units = sums / np.maximum(np.bincount(cluster, minlength=count), 1)[:, None] if count else np.zeros((0, 2))
    size = np.asarray(optics.size_mm)
    inside = np.all((roots >= 0) & (roots < size), axis=1)
    azimuth = seen.azimuth + np.radians(pose.rotation_deg)
    straight = np.zeros(len(seen))
    paths = centre_lines(roots, azimuth, seen.length * pose.scale, seen.bend, straight, straight)
    shown = np.all((units >= 0) & (units < size), axis=1)
    renumber = np.where(shown, np.cumsum(shown) - 1, -1)
    return Truth(
        roots=roots[inside],
        tips=paths[inside, -1],
        azimuth=azimuth[inside],
        diameter_um=seen.diameter[inside],
        unit=renumber[cluster[inside]] if count else np.zeros(0, np.int64),
        units=units[shown],
    )


def _separate(roots: Floats, diameter: Floats) -> NDArray[np.bool_]:
    """Of roots that can't be told apart keep the thicker one."""
    keep = np.ones(len(roots), bool)
    if len(roots) > 1:
        for i, j in sorted(cKDTree(roots).query_pairs(LEAST_SEPARATION_MM)):
            if keep[i] and keep[j]:
                keep[i if diameter[i] < diameter[j] else j] = False
    return keep


def render(
    hairs: HairTable,
    texture: SkinTexture,
    skin: SkinLook,
    hair: HairLook,
    light: LightLook,
    pose: Pose,
    optics: Optics,
    rng: Rng,
) -> tuple[NDArray[np.uint8], Truth]:
    """The photograph (H, W, 3) uint8 RGB, and its truth."""
    scale = optics.px_per_mm
    shape = (optics.height_px, optics.width_px)
    albedo, glint = _see_skin(texture, pose, optics)

    view_roots = pose.to_view(hairs.root, optics)
    reach = float(hairs.length.max(initial=0.0)) * pose.scale + 1.0
    near = np.all((view_roots > -reach) & (view_roots < np.asarray(optics.size_mm) + reach), axis=1)
    here, roots = hairs.take(near), view_roots[near]
    n = len(here)
    wave = np.full(n, hair.curl) * rng.uniform(0.5, 1.5, n)
    path = centre_lines(
        roots,
        here.azimuth + np.radians(pose.rotation_deg),
        here.length * pose.scale,
        here.bend,
        wave,
        rng.uniform(0, 2 * np.pi, n),
    )
    shafts = Shafts.along(path * scale - 0.5, here.diameter / 1000 * scale * pose.scale, here.colour)

    _halos(albedo, roots * scale, skin.halo, scale)
    contrast = np.clip(1.2 - here.colour.mean(axis=1) * 1.3, 0.05, 1.0)  # a white hair has no dark streak
    strength = np.clip(hair.streak * contrast * rng.uniform(0.5, 1.2, n) * np.minimum(1, here.diameter / 55), 0, 1)
    streaks = streak_mask(shape, shafts, hair.streak_mm * scale * rng.uniform(0.5, 1.4, n), strength, scale)
    picture = _eight_bits(albedo)
    picture = _tint(picture, streaks, (0.40, 0.46, 0.53))
    picture = _tint(picture, contact_shadow(shape, shafts, scale, 0.28), (0.45, 0.38, 0.34))
    if light.glints > 0:
        picture = _shine(picture, glint, light, rng, scale)
    area = optics.size_mm[0] * optics.size_mm[1] / 100
    draw_debris(picture, rng.poisson(skin.debris_per_cm2 * area), rng, scale, np.asarray(hair.colour))
    draw_shafts(picture, shafts, rng, shine=light.glints, px_per_mm=scale)
    draw_collars(picture, shafts, np.clip(hair.collar * rng.uniform(-0.5, 1.3, n), 0, 1), rng)
    draw_flakes(picture, rng.poisson(skin.flakes_per_cm2 * area), rng, scale)

    seen = lens.illuminate(lens.blur(picture, light, scale, rng), light)
    return lens.expose(seen, light, rng), find_truth(hairs, skin, pose, optics)


def dark_frame(optics: Optics, light: LightLook, rng: Rng) -> NDArray[np.uint8]:
    """What the sensor sees when the lamp is off."""
    black = np.full((optics.height_px, optics.width_px, 3), 3.0, np.float32)
    return lens.expose(black, light, rng)


def _see_skin(texture: SkinTexture, pose: Pose, optics: Optics) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The skin's albedo and glint as this pose shows them, in one affine warp each."""
    size = np.array(texture.glint.shape[::-1], float) / texture.px_per_mm
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    source = ((corners + size / 2) * texture.px_per_mm - 0.5).astype(np.float32)
    target = (pose.to_view(corners, optics) * optics.px_per_mm - 0.5).astype(np.float32)
    matrix = cv2.getAffineTransform(source, target)
    at = (optics.width_px, optics.height_px)
    albedo = cv2.warpAffine(texture.albedo, matrix, at, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    glint = cv2.warpAffine(texture.glint, matrix, at, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return albedo.astype(np.float32, copy=False), glint.astype(np.float32, copy=False)


def _halos(albedo: NDArray[np.float32], roots_px: Floats, halo: float, scale: float) -> None:
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


def _eight_bits(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return cv2.convertScaleAbs(picture, alpha=255.0).astype(np.uint8, copy=False)


def _tint(picture: NDArray[np.uint8], mask: NDArray[np.uint8], colour: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Towards `colour` where the mask says so; dark skin keeps its own darkness."""
    level = float(picture[::16, ::16].mean()) / 255
    target = np.clip(np.asarray(colour) * min(1.0, level / 0.62), 0, 1) * 255
    flat = np.empty_like(picture)
    flat[:] = target.astype(np.uint8)
    weight = cv2.merge([mask, mask, mask])
    kept = cv2.multiply(picture, cv2.bitwise_not(weight), scale=1 / 255)
    return cv2.add(kept, cv2.multiply(flat, weight, scale=1 / 255)).astype(np.uint8, copy=False)


def _shine(
    picture: NDArray[np.uint8], glint: NDArray[np.float32], light: LightLook, rng: Rng, scale: float
) -> NDArray[np.uint8]:
    """Add specular reflections: bluish white, in patches."""
    height, width = glint.shape
    coarse = rng.standard_normal((6, 7)).astype(np.float32)
    patch = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    weight = np.clip(1 - light.glint_patchiness + light.glint_patchiness * patch, 0, 1.6) * light.glints
    strength = cv2.convertScaleAbs(glint * weight, alpha=150.0)
    veil = cv2.convertScaleAbs(np.clip(weight, 0, 1), alpha=18.0)
    light_on = cv2.add(strength, veil)
    tinted = cv2.merge([cv2.convertScaleAbs(light_on, alpha=a) for a in (0.86, 0.93, 1.0)])
    return cv2.add(picture, tinted).astype(np.uint8, copy=False)
