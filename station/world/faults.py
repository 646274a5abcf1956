"""What can be wrong before the camera: with the head, its hair, the light and the focus."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.world.conditions import grown, risen
from station.world.hairs import HairTable
from station.world.looks import HairLook, LightLook, Rng, SkinLook
from station.world.paths import CLUMP_MM

Bytes = NDArray[np.uint8]
UNPARTED_MM = 35.0
"""Length of hair that nobody has parted or clipped."""
WET_GLINTS = 0.55
"""What of a wet surface's shine comes through crossed polarisers: they block only what a smooth film mirrors once."""
FOCUS_MARGIN = 0.03
"""Change of scale that the depth of field covers."""
FOCUS_LOSS_MM = 0.6
"""Standard deviation of the point spread in mm for each unit of the logarithm of the scale, beyond that."""
EXPOSURE_S = 0.012
SHAKING_MM_PER_S = 10.0
"""Mean speed of a head that is shaken with an amplitude of 1 mm."""


@dataclass(frozen=True, slots=True)
class LiveFaults:
    """Faults of a live view, and of a photograph taken in spite of them. The defaults are none.

    motion_mm: amplitude of shaking (1 is plain); defocus_mm: standard deviation of the point spread (0.1 is plain);
    glare: share of the light that the window throws back, 0 to 1; exposure: factor on the light (0.3 dark, 2.5 too
    bright); distance: enlargement (1.2 too near, 0.8 too far), with the blur that follows; unparted: long hair over
    the scalp; wet: water or oil, 0 to 1; wrong_site: another site of the same head; no_head: nobody there.
    """

    motion_mm: float = 0.0
    defocus_mm: float = 0.0
    glare: float = 0.0
    exposure: float = 1.0
    distance: float = 1.0
    unparted: bool = False
    wet: float = 0.0
    wrong_site: bool = False
    no_head: bool = False


NO_FAULTS = LiveFaults()


def focus_blur(enlargement: float) -> float:
    """Standard deviation in mm of the point spread of a head that is nearer or further than the focus."""
    return FOCUS_LOSS_MM * max(0.0, abs(float(np.log(enlargement))) - FOCUS_MARGIN)


def faulty_light(faults: LiveFaults, light: LightLook, speed_mm_s: float, enlargement: float) -> LightLook:
    """The light and the camera under these faults, before a head that moves at this speed off its focus."""
    blur = float(np.hypot(faults.defocus_mm, focus_blur(enlargement)))
    motion = EXPOSURE_S * max(speed_mm_s, SHAKING_MM_PER_S * faults.motion_mm)
    if blur == 0 and motion == 0 and faults.exposure == 1 and faults.wet == 0:
        return light
    return replace(
        light,
        blur_mm=float(np.hypot(light.blur_mm, blur)),
        motion_mm=light.motion_mm + motion,
        exposure=light.exposure * faults.exposure,
        glints=max(light.glints, WET_GLINTS * faults.wet),
    )


def faulty_head(
    faults: LiveFaults, hairs: HairTable, look: HairLook, skin: SkinLook, rng: Rng
) -> tuple[HairTable, HairLook, SkinLook]:
    """Hair and skin under these faults."""
    if faults.unparted:
        hairs, look = grown(hairs, look, UNPARTED_MM)
        look = risen(look, hairs)
    if faults.wet > 0:
        skin = replace(skin, wet=max(skin.wet, faults.wet))
        look = replace(look, clumps=max(look.clumps, 0.85 * faults.wet))
        if look.emergence_deg == 0:
            hairs = _drawn_together(hairs, faults.wet, rng)
    return hairs, look, skin


def _drawn_together(hairs: HairTable, strength: float, rng: Rng) -> HairTable:
    """Short hair whose tips water has drawn to those of its neighbours: it turns, and its root stays."""
    if len(hairs) < 3:
        return hairs
    low, high = hairs.root.min(axis=0), hairs.root.max(axis=0)
    count = max(1, round(float(np.prod(high - low)) / CLUMP_MM**2))
    _, clump = cKDTree(rng.uniform(low, high, (count, 2))).query(hairs.root)
    tip = hairs.root + hairs.length[:, None] * np.stack([np.cos(hairs.azimuth), np.sin(hairs.azimuth)], 1)
    mean = np.zeros((count, 2))
    np.add.at(mean, clump, tip)
    mean /= np.maximum(np.bincount(clump, minlength=count), 1)[:, None]
    way = tip + 0.8 * strength * (mean[clump] - tip) - hairs.root
    return replace(hairs, azimuth=np.arctan2(way[:, 1], way[:, 0]))


def glare(shape: tuple[int, int], strength: float) -> Bytes:
    """Light (H, W, 3) that the window throws back at the camera: the ring of lamps, with a veil around it."""
    height, width = shape
    y, x = np.mgrid[0:1:96j, 0:1:128j].astype(np.float32)
    veil = np.exp(-(((x - 0.62) / 0.26) ** 2 + ((y - 0.40) / 0.30) ** 2))
    small = np.zeros((96, 128), np.float32)
    for k in range(16):
        angle = 2 * np.pi * k / 16
        at = (0.62 + 0.17 * np.cos(angle), 0.40 + 0.21 * np.sin(angle))
        small += 1.8 * np.exp(-(((x - at[0]) / 0.030) ** 2 + ((y - at[1]) / 0.036) ** 2))
    light = strength * (110 * veil + 300 * small)
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.merge([cv2.convertScaleAbs(np.clip(full, 0, 255) * f) for f in (1.0, 0.99, 0.95)]), np.uint8)


def empty_view(shape: tuple[int, int], lit: bool) -> Bytes:
    """What the camera sees (H, W, 3) where no head is: a room out of focus, and darkness without the lamp."""
    height, width = shape
    if not lit:
        return np.full((height, width, 3), 3, np.uint8)
    y, x = np.mgrid[0:1:24j, 0:1:32j].astype(np.float32)
    wall = 26 + 16 * (1 - y) + 7 * np.sin(5 * x + 1) * (1 - y)
    full = cv2.resize(wall, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.merge([cv2.convertScaleAbs(full * f) for f in (1.0, 0.96, 0.90)]), np.uint8)
