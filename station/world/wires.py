"""Wires and hair shafts of exactly known width on skin, in linear light and finely sampled, for `sensor`.

A wire is opaque. A shaft is a cylinder that absorbs along the chord that light takes through it (Beer-Lambert), with
scattered light in its core (a medulla, or light that went round inside) and a soft shadow on the skin beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import RGB, Rng
from station.world.sensor import Sensor, develop, focal_plane

Light = NDArray[np.float32]

OVERSAMPLING = 8
"""Samples per pixel and axis; at 135 px/mm one is 0.93 um."""
TILE_PX = 104
MARGIN_PX = 8
"""Drawn around a tile: wider than the point spread."""
REACH_PX = 14
"""Of a shaft's half width and shadow."""
SKINS: dict[str, RGB] = {"light": (0.70, 0.45, 0.33), "medium": (0.53, 0.31, 0.19), "dark": (0.10, 0.05, 0.03)}
"""Linear reflectance."""


@dataclass(frozen=True, slots=True)
class Shaft:
    """One straight wire or shaft and its place on a tile.

    diameter_um; angle: radians, the direction in which it runs from its root; root_px, length_px: where it begins
    and how long it is, in pixels of the tile; depth: optical depth (r, g, b) along the diameter, infinite for a
    wire; surface: (r, g, b) linear light that it scatters itself where it absorbs; core: the same from the middle
    third of its width, as a share of the skin's; shadow: share of the light taken from the skin close by.
    """

    diameter_um: float
    angle: float
    root_px: tuple[float, float]
    length_px: float
    depth: RGB
    surface: RGB = (0.02, 0.02, 0.02)
    core: float = 0.0
    shadow: float = 0.0


def wire(diameter_um: float, angle: float, root_px: tuple[float, float], length_px: float) -> Shaft:
    """A blackened wire."""
    return Shaft(diameter_um, angle, root_px, length_px, (np.inf, np.inf, np.inf), (0.03, 0.03, 0.03))


PIGMENT_PER_UM: dict[str, RGB] = {
    "black": (0.065, 0.085, 0.11),
    "brown": (0.022, 0.034, 0.052),
    "blond": (0.007, 0.012, 0.024),
    "grey": (0.03, 0.03, 0.03),
}
"""Optical depth per um of chord. Chosen, not measured: over 70 um on skin they give about the colours of `looks`."""


def shaft(
    diameter_um: float, angle: float, root_px: tuple[float, float], length_px: float, colour: str, rng: Rng
) -> Shaft:
    """A hair of one of the colours of `PIGMENT_PER_UM`; pigment, core and shadow vary between hairs."""
    pigment = float(np.exp(rng.normal(0, 0.2)))
    depth = tuple(pigment * per_um * diameter_um for per_um in PIGMENT_PER_UM[colour])
    base = {"black": 0.008, "brown": 0.025, "blond": 0.10, "grey": 0.35}[colour]
    surface = tuple(base * tint for tint in ((1, 1, 1) if colour in ("black", "grey") else (1.2, 0.9, 0.6)))
    return Shaft(
        diameter_um,
        angle,
        root_px,
        length_px,
        (depth[0], depth[1], depth[2]),
        (surface[0], surface[1], surface[2]),
        core=float(rng.uniform(0.0, 0.2)),
        shadow=float(rng.uniform(0.05, 0.2)),
    )


def photograph(
    shape: tuple[int, int], shafts: Sequence[Shaft], sensor: Sensor, skin: RGB, rng: Rng, *, texture: float = 0.03
) -> NDArray[np.uint8]:
    """The photograph (h, w, 3) uint8 RGB of shafts on skin; shape: (h, w), both even.

    skin: linear reflectance; texture: its relative standard deviation, with a correlation length of 40 um. Drawn in
    tiles, as a whole frame at `OVERSAMPLING` would not fit in memory. Of shafts that cross the later one is on top.
    """
    relief = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), 0.04 * sensor.px_per_mm)
    relief = 1 + texture * relief / max(float(relief.std()), 1e-6)
    ends = np.array(
        [
            [s.root_px, (s.root_px[0] + s.length_px * np.cos(s.angle), s.root_px[1] + s.length_px * np.sin(s.angle))]
            for s in shafts
        ]
    )
    light = np.empty((*shape, 3), np.float32)
    for top in range(0, shape[0], TILE_PX):
        for left in range(0, shape[1], TILE_PX):
            rows = slice(max(top - MARGIN_PX, 0), min(top + TILE_PX + MARGIN_PX, shape[0]))
            columns = slice(max(left - MARGIN_PX, 0), min(left + TILE_PX + MARGIN_PX, shape[1]))
            low = np.array([columns.start, rows.start]) - REACH_PX
            high = np.array([columns.stop, rows.stop]) + REACH_PX
            near = ((ends.min(axis=1) < high) & (ends.max(axis=1) > low)).all(axis=1) if len(shafts) else []
            here = [one for one, is_near in zip(shafts, near, strict=True) if is_near]
            tile = draw(relief[rows, columns], here, (columns.start, rows.start), sensor.px_per_mm, skin)
            seen = focal_plane(tile, sensor, OVERSAMPLING)
            keep = seen[top - rows.start :, left - columns.start :][:TILE_PX, :TILE_PX]
            light[top : top + keep.shape[0], left : left + keep.shape[1]] = keep
    return develop(light, sensor, rng)


def draw(relief: Light, shafts: Sequence[Shaft], origin_px: tuple[int, int], px_per_mm: float, skin: RGB) -> Light:
    """A tile (h * OVERSAMPLING, w * OVERSAMPLING, 3) of linear light.

    relief: (h, w) factor of the skin's light; origin_px: x, y of the tile in the photograph, whose pixel k covers
    [k, k + 1).
    """
    height, width = relief.shape
    full = (width * OVERSAMPLING, height * OVERSAMPLING)
    tile = cv2.resize(relief, full, interpolation=cv2.INTER_LINEAR)[..., None] * np.asarray(skin, np.float32)
    x = origin_px[0] + (np.arange(full[0], dtype=np.float32) + 0.5) / OVERSAMPLING
    y = origin_px[1] + (np.arange(full[1], dtype=np.float32) + 0.5) / OVERSAMPLING
    for one in shafts:
        box = tuple(
            slice(*np.searchsorted(axis, [min(a, b) - REACH_PX, max(a, b) + REACH_PX]))
            for axis, a, b in (
                (y, one.root_px[1], one.root_px[1] + one.length_px * np.sin(one.angle)),
                (x, one.root_px[0], one.root_px[0] + one.length_px * np.cos(one.angle)),
            )
        )
        part = tile[box]
        dx, dy = x[None, box[1]] - one.root_px[0], y[box[0], None] - one.root_px[1]
        along = dx * np.float32(np.cos(one.angle)) + dy * np.float32(np.sin(one.angle))
        across = dy * np.float32(np.cos(one.angle)) - dx * np.float32(np.sin(one.angle))
        radius = one.diameter_um / 2000 * px_per_mm
        here = (along >= 0) & (along <= one.length_px)
        if one.shadow:
            beyond = np.maximum(np.abs(across) - radius, 0) / (0.03 * px_per_mm)
            part *= (1 - one.shadow * np.where(here, np.exp(-beyond), 0))[..., None]
        inside = here & (np.abs(across) < radius)
        chord = np.sqrt(1 - (across[inside] / radius) ** 2)
        glow = one.core * float(np.mean(skin)) * np.exp(-0.5 * (across[inside] / (0.3 * radius)) ** 2)
        for channel, (depth, surface) in enumerate(zip(one.depth, one.surface, strict=True)):
            through = np.zeros_like(chord) if np.isinf(depth) else np.exp(-np.float32(depth) * chord)
            part[inside, channel] = part[inside, channel] * through + (surface + glow) * (1 - through)
    return np.asarray(tile, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A photograph of shafts that lie free, each at a random angle and sub-pixel offset, with their truth.

    pixels: (H, W, 3) uint8 RGB; roots_mm: (n, 2); angle: (n,) radians; diameter_um: (n,).
    """

    pixels: NDArray[np.uint8]
    roots_mm: NDArray[np.float64]
    angle: NDArray[np.float64]
    diameter_um: NDArray[np.float64]


def sheet(
    diameters_um: NDArray[np.float64],
    kinds: Sequence[str],
    sensor: Sensor,
    skin: RGB,
    rng: Rng,
    *,
    length_mm: float | NDArray[np.float64] = 0.6,
) -> Sheet:
    """Shafts of these diameters (n,).

    kinds: for each "wire" or a colour of `PIGMENT_PER_UM`; length_mm: one for all, or (n,).
    """
    n = len(diameters_um)
    lengths = np.broadcast_to(length_mm, n) * sensor.px_per_mm
    columns = int(np.ceil(np.sqrt(n)))
    pitch = 2 * round((lengths.max() + 0.12 * sensor.px_per_mm) / 2)
    shafts = []
    for i, (diameter, kind) in enumerate(zip(diameters_um, kinds, strict=True)):
        angle = float(rng.uniform(0, 2 * np.pi))
        half = float(lengths[i]) / 2
        x, y = (np.array([i % columns, i // columns]) + 0.5) * pitch + rng.uniform(-0.5, 0.5, 2)
        root = (float(x - half * np.cos(angle)), float(y - half * np.sin(angle)))
        shafts.append(
            wire(diameter, angle, root, 2 * half)
            if kind == "wire"
            else shaft(diameter, angle, root, 2 * half, kind, rng)
        )
    pixels = photograph((-(-n // columns) * pitch, columns * pitch), shafts, sensor, skin, rng)
    return Sheet(
        pixels,
        np.array([one.root_px for one in shafts]) / sensor.px_per_mm,
        np.array([one.angle for one in shafts]),
        np.asarray(diameters_um, float),
    )
