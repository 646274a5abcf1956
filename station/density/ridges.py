"""Thin dark lines on a light ground: where they are, one pixel wide.

A line is where the picture curves strongly across and darkens: the larger eigenvalue of the Hessian at two scales
(Frangi AF et al., MICCAI 1998), kept where it is strong or hangs together with what is strong, then thinned to its
skeleton (Zhang TY, Suen CY, Commun ACM 1984;27:236-239).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.values import BoolMask, FloatArray

SCALES_PX = (1.1, 1.8)
"""Standard deviations at 20 px/mm: hairs are one to two pixels wide and blurred by about one."""
BAND = 384
"""Rows worked on at once, so that memory stays that of a few bands."""
NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def ridge_strength(share: FloatArray) -> FloatArray:
    """Strength (H, W) float32 of dark lines in `share` (H, W), light over background; 0 where there are none.

    The unit is that of `share`: a line that takes a share c of the light at the scale's own width has about c / 2.
    """
    height = share.shape[0]
    strength = np.empty(share.shape, np.float32)
    margin = round(4 * SCALES_PX[-1]) + 1
    for top in range(0, height, BAND):
        low, high = max(0, top - margin), min(height, top + BAND + margin)
        band = _band_strength(share[low:high])
        rows = min(BAND, height - top)
        strength[top : top + rows] = band[top - low : top - low + rows]
    return strength


def _band_strength(band: FloatArray) -> FloatArray:
    best = np.zeros(band.shape, np.float32)
    for sigma in SCALES_PX:
        g, g1, g2 = _kernels(sigma)
        xx = cv2.sepFilter2D(band, cv2.CV_32F, g2, g, borderType=cv2.BORDER_REPLICATE)
        yy = cv2.sepFilter2D(band, cv2.CV_32F, g, g2, borderType=cv2.BORDER_REPLICATE)
        xy = cv2.sepFilter2D(band, cv2.CV_32F, g1, g1, borderType=cv2.BORDER_REPLICATE)
        half = (xx - yy) * np.float32(0.5)
        larger = (xx + yy) * np.float32(0.5) + cv2.magnitude(half, xy)
        np.maximum(best, larger * np.float32(sigma**2), out=best)
    return best


def _kernels(sigma: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A Gaussian and its first two derivatives."""
    x = np.arange(-round(4 * sigma), round(4 * sigma) + 1, dtype=np.float64)
    g = np.exp(-0.5 * (x / sigma) ** 2)
    g /= g.sum()
    return g, -x / sigma**2 * g, (x**2 / sigma**4 - 1 / sigma**2) * g


def noise_of(strength: FloatArray, inside: BoolMask) -> float:
    """Median strength where nothing lies: what noise alone gives. Hairs cover too little to move it."""
    sample = strength[::4, ::4][inside[::4, ::4]]
    return float(np.median(sample)) if sample.size else 0.0


def hysteresis(strength: FloatArray, inside: BoolMask, low: float, high: float, least_px: int) -> BoolMask:
    """Pixels above `low` that hang together, `least_px` or more, with at least a tenth as many above `high`."""
    mask = ((strength > low) & inside).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    at = np.flatnonzero(mask)
    owner = labels.ravel()[at]
    strong = np.bincount(owner[strength.ravel()[at] > high], minlength=count)
    sizes = stats[:, cv2.CC_STAT_AREA]
    kept = (sizes >= least_px) & (strong >= np.maximum(3, 0.1 * np.minimum(sizes, 400)))
    kept[0] = False
    result = np.zeros(mask.shape, bool)
    result.ravel()[at[kept[owner]]] = True
    return result


def thinned(mask: BoolMask) -> BoolMask:
    """The skeleton of `mask`, 8-connected. Only its pixels are visited: lines fill a small part of a photograph."""
    width = mask.shape[1] + 2
    padded = np.zeros((mask.shape[0] + 2, width), np.uint8)
    padded[1:-1, 1:-1] = mask
    flat = padded.ravel()
    offsets = np.array([dy * width + dx for dy, dx in NEIGHBOURS])
    tables = _deletable()
    pixels = np.flatnonzero(flat)
    weights = 1 << np.arange(8)
    while True:
        changed = False
        for table in tables:
            code = flat[pixels[:, None] + offsets] @ weights
            gone = table[code]
            if gone.any():
                flat[pixels[gone]] = 0
                pixels = pixels[~gone]
                changed = True
        if not changed:
            break
    for table in _corners():
        code = flat[pixels[:, None] + offsets] @ weights
        gone = table[code]
        flat[pixels[gone]] = 0
        pixels = pixels[~gone]
    return np.asarray(padded[1:-1, 1:-1], bool)


def _deletable() -> tuple[BoolMask, BoolMask]:
    """For each of the 256 neighbourhoods, may the pixel go in the first and in the second half of a round."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    north, east, south, west = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    count = bits.sum(axis=1)
    rises = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1)
    both = (count >= 2) & (count <= 6) & (rises == 1)
    first = both & (north * east * south == 0) & (east * south * west == 0)
    second = both & (north * east * west == 0) & (north * south * west == 0)
    return first, second


def _corners() -> tuple[BoolMask, ...]:
    """For each of the 256 neighbourhoods, is the pixel the inner corner of a staircase: its neighbours in two
    directions touch each other without it. One table for each of the four turns, to be used one after the other."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    tables = []
    for turn in range(0, 8, 2):
        side = [bits[:, (turn + k) % 8] for k in (0, 2, 4, 5, 6)]
        tables.append((side[0] == 1) & (side[1] == 1) & (side[2] == 0) & (side[3] == 0) & (side[4] == 0))
    return tuple(tables)
