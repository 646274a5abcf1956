"""Batches for training: random crops of the pool's views, turned, mirrored and recoloured, with their heat maps."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.pool import Pool

STRIDE = 2
SIGMA_CELLS = (2.2, 0.8)
"""Standard deviation of the Gaussian of a follicular unit (0.10 mm) and of a hair root (0.036 mm), in cells."""
SIGMA_TIP_CELLS = 2.0

Floats = NDArray[np.float32]


def heat_map(points_px: Floats, cells: int, sigma: float) -> Floats:
    """Sum of Gaussians of peak 1 at the points (n, 2) in pixels, on (cells, cells).

    Cell i is centred on (i + 0.5) strides.
    """
    axis = np.arange(cells, dtype=np.float32)
    at = points_px / STRIDE - 0.5
    at = at[np.all((at > -4 * sigma) & (at < cells + 4 * sigma), axis=1)]
    rows = np.exp(-((axis[None] - at[:, 1:2]) ** 2) / (2 * sigma**2))
    columns = np.exp(-((axis[None] - at[:, :1]) ** 2) / (2 * sigma**2))
    return np.asarray(rows.T @ columns, np.float32)


def recolour(pixels: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Another camera's colours: gains, gamma, contrast, sometimes grey, blurred or noisy. Returns 0 to 1."""
    view = pixels.astype(np.float32) / 255
    if rng.random() < 0.15:
        view[:] = view.mean(axis=2, keepdims=True)
    if rng.random() < 0.2:
        view = cv2.GaussianBlur(view, (0, 0), rng.uniform(0.3, 1.1))
    view = np.clip(view, 1e-4, 1) ** np.exp(rng.normal(0, 0.2))
    view *= np.exp(rng.normal(0, 0.10, 3) + rng.normal(0, 0.15)).astype(np.float32)
    view += rng.normal(0, 0.03)
    if rng.random() < 0.3:
        view += rng.normal(0, rng.uniform(0.005, 0.03), view.shape)
    return np.clip(view, 0, 1).astype(np.float32)


def batches(pool: Pool, size: int, crop: int, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    """Endless batches: views (size, crop, crop, 3) and maps (size, crop / 2, crop / 2, 3).

    The maps are the heat maps of units and of hair roots, and that of hair tips, which only weighs errors: a cut tip
    looks much like a root.
    """
    cells = crop // STRIDE
    side = pool.pixels.shape[1]
    while True:
        order = rng.permutation(len(pool))
        for start in range(0, len(order) - size + 1, size):
            x = np.empty((size, crop, crop, 3), np.float32)
            y = np.empty((size, cells, cells, 3), np.float32)
            for k, index in enumerate(order[start : start + size]):
                left, top = rng.integers(0, side - crop + 1, 2)
                view = recolour(pool.pixels[index, top : top + crop, left : left + crop], rng)
                origin = np.array([left, top], np.float32)
                maps = [
                    heat_map(points[index] - origin, cells, sigma)
                    for points, sigma in zip(
                        (pool.units, pool.hairs, pool.tips), (*SIGMA_CELLS, SIGMA_TIP_CELLS), strict=True
                    )
                ]
                both = np.stack(maps, -1)
                turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
                view, both = np.rot90(view, turns), np.rot90(both, turns)
                x[k], y[k] = (view[:, ::-1], both[:, ::-1]) if mirrored else (view, both)
            yield x, y
