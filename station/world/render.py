"""One photograph of one site: skin, streaks, shafts, light, lens and sensor, with the truth of what can be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.world import optics as lens
from station.world.depth import draw_in_depth
from station.world.hairs import HairTable
from station.world.litter import draw_collars, draw_debris, draw_flakes
from station.world.looks import HairLook, LightLook, Rng, SkinLook
from station.world.optics import Optics, Pose
from station.world.paths import centre_lines, grow_paths
from station.world.shafts import Finish, Shafts, contact_shadow, draw_shafts, streak_mask
from station.world.skin import SkinTexture
from station.world.surface import (
    SHINE_GRID,
    WATER_GRID,
    eight_bits,
    grease,
    halos,
    mix_light,
    sebum_marks,
    see_skin,
    shine,
    tint,
    water,
)
from station.world.truth import Truth, find_truth, hidden, visible

Floats = NDArray[np.float64]
BLACK = np.zeros(3)
__all__ = ["Pose", "Truth", "dark_frame", "in_view", "layers", "look_only", "render"]


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
    albedo, glint = see_skin(texture, pose, optics)
    # What default looks don't have draws from its own generator, so that those stay as they are.
    extra = rng.spawn(1)[0]
    here, path, rise, azimuth = in_view(hairs, hair, pose, optics, rng, extra)
    roots, n = path[:, 0], len(here)
    shafts = Shafts.along(path * scale - 0.5, here.diameter / 1000 * scale * pose.scale, here.colour)

    halos(albedo, roots * scale, skin.halo, scale)
    contrast = np.clip(1.2 - here.colour.mean(axis=1) * 1.3, 0.05, 1.0)  # a white hair has no dark streak
    strength = np.clip(hair.streak * contrast * rng.uniform(0.5, 1.2, n) * np.minimum(1, here.diameter / 55), 0, 1)
    streak_px = hair.streak_mm * scale * rng.uniform(0.5, 1.4, n)
    streaks = streak_mask(shape, shafts, streak_px, strength, scale, hair.streak_width)
    picture = eight_bits(albedo)
    if skin.wet > 0:
        picture = water(picture, glint, skin, extra)
    if skin.sebum > 0:
        picture = grease(picture, glint, roots * scale, skin, extra, scale)
    picture = tint(picture, streaks, (0.40, 0.46, 0.53) if hair.streak_width <= 1 else (0.34, 0.44, 0.49))
    if hair.streak_width > 1:  # within a broad streak the shaft itself is seen for a little way
        deep = streak_mask(shape, shafts, 0.35 * streak_px, 0.9 * strength, scale, 0.8)
        picture = tint(picture, deep, (0.20, 0.24, 0.29))
    picture = tint(picture, contact_shadow(shape, shafts, scale, 0.28), (0.45, 0.38, 0.34))
    if light.glints > 0:
        picture = shine(picture, glint, light, rng, scale)
    area = optics.size_mm[0] * optics.size_mm[1] / 100
    draw_debris(picture, rng.poisson(skin.debris_per_cm2 * area), rng, scale, np.asarray(hair.colour))
    order = layers(roots, azimuth, extra) if hair.emergence_deg > 0 else rng.permutation(n)
    covered = hidden(shafts, here.unit, order, optics)
    finish = Finish(light.glints, hair.fray, hair.translucent)
    if rise is not None and light.defocus > 0:
        picture = draw_in_depth(picture, shafts, rise, order, rng, finish, scale, light.defocus)
    else:
        draw_shafts(picture, shafts, order, rng, finish, scale)
    collar = np.clip(hair.collar * rng.uniform(-0.5, 1.3, n), 0, 1)
    if rise is not None:
        collar[covered] = 0
    draw_collars(picture, shafts, collar, rng, crumbled=hair.fray > 0)
    draw_flakes(picture, rng.poisson(skin.flakes_per_cm2 * area), rng, scale)
    if light.cast_patches > 0:
        picture = mix_light(picture, light, extra)

    seen = lens.illuminate(lens.blur(picture, light, scale, rng), light)
    countable = visible(here, skin, light) & ~covered
    truth = find_truth(here, roots, path[:, -1], azimuth, countable, optics)
    return lens.expose(seen, light, rng), truth


def look_only(
    hairs: HairTable,
    skin: SkinLook,
    hair: HairLook,
    light: LightLook,
    pose: Pose,
    optics: Optics,
    rng: Rng,
) -> Truth:
    """The truth that `render` tells for the same arguments, without the picture.

    What is painted first decides how the generator stands when it is drawn which hair lies above which: the same
    numbers are drawn here.
    """
    scale = optics.px_per_mm
    shape = (optics.height_px, optics.width_px)
    extra = rng.spawn(1)[0]
    here, path, _, azimuth = in_view(hairs, hair, pose, optics, rng, extra)
    roots, n = path[:, 0], len(here)
    shafts = Shafts.along(path * scale - 0.5, here.diameter / 1000 * scale * pose.scale, here.colour)
    rng.random(2 * n)  # streaks
    if skin.wet > 0:
        extra.standard_normal(WATER_GRID)
    if skin.sebum > 0:
        sebum_marks(roots * scale, skin, extra, shape, scale)
    if light.glints > 0:
        rng.standard_normal(SHINE_GRID)
    area = optics.size_mm[0] * optics.size_mm[1] / 100
    # Memory that is never written isn't fetched either: of this canvas only what debris covers is.
    draw_debris(np.zeros((*shape, 3), np.uint8), rng.poisson(skin.debris_per_cm2 * area), rng, scale, BLACK)
    order = layers(roots, azimuth, extra) if hair.emergence_deg > 0 else rng.permutation(n)
    countable = visible(here, skin, light) & ~hidden(shafts, here.unit, order, optics)
    return find_truth(here, roots, path[:, -1], azimuth, countable, optics)


def dark_frame(optics: Optics, light: LightLook, rng: Rng) -> NDArray[np.uint8]:
    """What the sensor sees when the lamp is off."""
    black = np.full((optics.height_px, optics.width_px, 3), 3.0, np.float32)
    return lens.expose(black, light, rng)


def in_view(
    hairs: HairTable, look: HairLook, pose: Pose, optics: Optics, rng: Rng, extra: Rng
) -> tuple[HairTable, Floats, Floats | None, Floats]:
    """Hairs that can reach the view, paths (n, m, 2) in mm from its top left corner, heights (n, m), azimuths (n,).

    Hair that lies flat from the root on has no heights.
    """
    size = np.asarray(optics.size_mm)
    view_roots = pose.to_view(hairs.root, optics)
    reach = float(hairs.length.max(initial=0.0)) * pose.scale + 1.0
    near = np.all((view_roots > -reach) & (view_roots < size + reach), axis=1)
    here, roots = hairs.take(near), view_roots[near]
    turn = np.radians(pose.rotation_deg)
    if look.emergence_deg > 0 or look.curl_type > 1:
        grown = grow_paths(here, look, extra)
        path = pose.carry(grown.path, optics)
        margin = 0.6
        reaching = np.all((path.max(axis=1) > -margin) & (path.min(axis=1) < size + margin), axis=1)
        first = path[reaching, min(2, path.shape[1] - 1)] - path[reaching, 0]
        azimuth = np.arctan2(first[:, 1], first[:, 0])
        return here.take(reaching), path[reaching], grown.rise_mm[reaching], azimuth
    n = len(here)
    wave = np.full(n, look.curl) * rng.uniform(0.5, 1.5, n)
    azimuth = here.azimuth + turn
    phase = rng.uniform(0, 2 * np.pi, n)
    path = centre_lines(roots, azimuth, here.length * pose.scale, here.bend, wave, phase)
    if look.curl > 0:
        first = path[:, 2] - path[:, 0]
        azimuth = np.arctan2(first[:, 1], first[:, 0])
    return here, path, None, azimuth


def layers(roots: Floats, azimuth: Floats, rng: Rng) -> NDArray[np.int64]:
    """Order in which combed hair is painted: like shingles, hair that comes from further back lies above.

    Along its own direction a hair has risen over the roots that it passes; a spread of 2 mm lets neighbours cross.
    """
    if len(roots) == 0:
        return np.zeros(0, np.int64)
    ahead = np.sum((roots - roots.mean(axis=0)) * np.stack([np.cos(azimuth), np.sin(azimuth)], 1), axis=1)
    return np.asarray(np.argsort(-(ahead + rng.normal(0, 2.0, len(roots)))), np.int64)
