"""Batches for training: random crops of the pool's views, turned, mirrored and recoloured, with their heat maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.labelled import LabelledFrame
from models.training.labelled import crop as labelled_crop
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
    """Another camera's colours: gains, gamma, contrast, sometimes grey, blurred, noisy or coarser. Returns 0 to 1."""
    view = pixels.astype(np.float32) / 255
    if rng.random() < 0.08:
        view = _coarser(view, float(rng.uniform(1.2, 2.2)))
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


def _coarser(view: Floats, factor: float) -> Floats:
    """As from a camera of 45 / factor px/mm, whose photographs are enlarged to the working scale."""
    height, width = view.shape[:2]
    small = cv2.resize(view, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
    return np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float32)


def batches(
    pool: Pool,
    size: int,
    crop: int,
    rng: np.random.Generator,
    labelled: Sequence[LabelledFrame] = (),
    labelled_share: float = 0.5,
) -> Iterator[tuple[Floats, Floats]]:
    """Endless batches: views (size, crop, crop, 3) and maps (size, crop / 2, crop / 2, 4).

    The maps are the heat maps of units and of hair roots, that of hair tips, which only weighs errors (a cut tip looks
    much like a root), and where the truth is known, 0 or 1. labelled: frames to mix in, as a share of each batch.
    """
    cells = crop // STRIDE
    from_labelled = round(size * labelled_share) if labelled else 0
    drawn = _endless(len(pool), rng)
    while True:
        x = np.empty((size, crop, crop, 3), np.float32)
        y = np.empty((size, cells, cells, 4), np.float32)
        for k in range(size):
            if k < from_labelled:
                pixels, places, known = labelled_crop(labelled[int(rng.integers(len(labelled)))], crop, rng)
            else:
                pixels, places, known = _rendered_crop(pool, next(drawn), crop, rng)
            maps = [
                heat_map(points, cells, sigma)
                for points, sigma in zip(places, (*SIGMA_CELLS, SIGMA_TIP_CELLS), strict=True)
            ]
            maps.append(known.reshape(cells, STRIDE, cells, STRIDE).min(axis=(1, 3)))
            view, truth = recolour(pixels, rng), np.stack(maps, -1)
            turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
            view, truth = np.rot90(view, turns), np.rot90(truth, turns)
            x[k], y[k] = (view[:, ::-1], truth[:, ::-1]) if mirrored else (view, truth)
        yield x, y


def _endless(count: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(count).tolist()


def _rendered_crop(
    pool: Pool, index: int, crop: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], list[Floats], Floats]:
    left, top = rng.integers(0, pool.pixels.shape[1] - crop + 1, 2)
    origin = np.array([left, top], np.float32)
    places = [points[index] - origin for points in (pool.units, pool.hairs, pool.tips)]
    return pool.pixels[index, top : top + crop, left : left + crop], places, np.ones((crop, crop), np.float32)
