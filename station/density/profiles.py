"""Brightness across each shaft in linear light: one mean profile a hair, its middle at 0."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.centrelines import STEP_MM, Floats, Shafts, sampled
from station.values import UInt8Image

BEGIN_MM = 0.12
"""Nearer to the root the shaft is veiled by skin and may wear a collar of scale."""
TIP_MM = 0.06
"""Left out at the end: tips are skew and worn."""
END_MM = 0.70
LEAST_MM = 0.12
"""Shortest piece of a shaft that is measured."""
PLACES = 12
HALF_WIDTH_UM = 150.0
SAMPLES = 61
CENTRING_UM = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Mean profiles of m hairs.

    rows: (m,) which of the hairs; offset_um: (SAMPLES,); light: (m, SAMPLES) linear light, 0 to 1; noise: (m,)
    standard error of one sample of it, from how the places along the shaft differ.
    """

    rows: NDArray[np.intp]
    offset_um: Floats
    light: Floats
    noise: Floats


def linear_green(pixels: UInt8Image) -> NDArray[np.uint16]:
    """The green channel in linear light, 0 to 65535, from sRGB (IEC 61966-2-1).

    Green has half of the mosaic's pixels. A shaft's edge is half as bright as the skin in linear light, not in
    encoded values: fitted on those a dark shaft comes out too thin.
    """
    code = np.arange(256) / 255
    curve = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    table = np.rint(65535 * curve).astype(np.uint16)
    return np.asarray(cv2.LUT(cv2.extractChannel(pixels, 1), table), np.uint16)


def mean_profiles(plane: NDArray[np.uint16], shafts: Shafts, px_per_mm: float) -> Profiles:
    """Profiles of the shafts that are long enough and lie inside the photograph's plane (H, W) of linear light."""
    end = np.minimum(np.nan_to_num(shafts.length) - TIP_MM, END_MM)
    rows = np.flatnonzero(end - BEGIN_MM >= LEAST_MM)
    offset = np.linspace(-HALF_WIDTH_UM, HALF_WIDTH_UM, SAMPLES, dtype=np.float32)
    if not len(rows):
        return Profiles(rows, offset, np.zeros((0, SAMPLES), np.float32), np.zeros(0, np.float32))
    centre, normal = _centre_lines(shafts, rows, end[rows])
    coarse = np.linspace(-CENTRING_UM, CENTRING_UM, 23, dtype=np.float32)
    shift = _middles(_across(plane, centre, normal, coarse, px_per_mm), coarse)
    centre = centre + (_smooth(shift) / 1000)[..., None] * normal
    places = _across(plane, centre, normal, offset, px_per_mm)
    # Where another hair, a flake or a glint lies across, the profile is unlike the others and counts little.
    typical = np.median(places[:, ::2], axis=1)
    unlike = np.square(places - typical[:, None]).mean(axis=2)
    weight = 1 / (1 + unlike / np.maximum(np.median(unlike, axis=1, keepdims=True), 1e-9)) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    light = np.einsum("np,npk->nk", weight, places)
    spread = np.einsum("np,npk->nk", weight, np.square(places - light[:, None])).mean(axis=1)
    noise = np.sqrt(spread * np.square(weight).sum(axis=1))
    return Profiles(rows, offset, light.astype(np.float32), noise.astype(np.float32))


def _centre_lines(shafts: Shafts, rows: NDArray[np.intp], end: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Places (m, PLACES, 2) mm along the smoothed centre lines, and unit normals there."""
    at = (BEGIN_MM + np.linspace(0, 1, PLACES) * (end[:, None] - BEGIN_MM)) / STEP_MM
    low = np.minimum(at.astype(np.intp), shafts.path.shape[1] - 2)
    share = (at - low)[..., None].astype(np.float32)
    own = rows[:, None]
    line = shafts.path[own, low] * (1 - share) + shafts.path[own, low + 1] * share
    line = np.stack([_smooth(line[..., axis]) for axis in (0, 1)], axis=-1)
    tangent = np.gradient(line, axis=1)
    tangent /= np.maximum(np.hypot(tangent[..., :1], tangent[..., 1:]), 1e-6)
    return line, np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)


def _smooth(values: Floats) -> Floats:
    """Values (m, PLACES) along the shafts replaced by the parabola through them."""
    t = np.linspace(-1, 1, PLACES)
    basis, _ = np.linalg.qr(np.stack([np.ones(PLACES), t, t * t], axis=1))
    return np.asarray(values @ (basis @ basis.T).astype(np.float32), np.float32)


def _across(plane: NDArray[np.uint16], centre: Floats, normal: Floats, offset: Floats, px_per_mm: float) -> Floats:
    """Light (m, PLACES, k) at the offsets in um across the centre lines."""
    mm = offset / np.float32(1000)
    x = centre[..., 0, None] + mm * normal[..., 0, None]
    y = centre[..., 1, None] + mm * normal[..., 1, None]
    return sampled(plane, x, y, px_per_mm) / np.float32(65535)


def _middles(places: Floats, offset: Floats) -> Floats:
    """Middle (m, PLACES) of the shaft in um: the centroid of what it takes from (or adds to) the light."""
    centre = np.abs(offset) < 15
    skin = np.median(places, axis=2, keepdims=True)
    level = places[..., centre].mean(axis=(1, 2))[:, None, None]
    side = np.median(np.concatenate([places[..., :4], places[..., -4:]], axis=2), axis=2).mean(axis=1)[:, None, None]
    skin = np.where(np.abs(side - level) > np.abs(skin - level), side, skin)
    depth = np.clip((skin - places) / np.where(skin == level, 1e-6, skin - level) - 0.4, 0, 0.6)
    depth = depth * np.exp(-0.5 * (offset / 40) ** 2)
    return np.asarray((depth * offset).sum(axis=2) / np.maximum(depth.sum(axis=2), 1e-6), np.float32)
