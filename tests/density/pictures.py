"""Heat maps and photographs whose content is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.density.tiles import HeatMaps
from station.values import StandardImage


def standard_image(pixels: NDArray[np.uint8], px_per_mm: float, rel_sd: float = 0.0) -> StandardImage:
    return StandardImage(pixels, px_per_mm, rel_sd, np.ones(pixels.shape[:2], bool), "test")


def gaussians(
    points_mm: NDArray[np.float64], shape: tuple[int, int], cell_mm: float, sigma: float
) -> NDArray[np.float32]:
    """A heat map as the graph is trained to give it: sums of Gaussians of height 1; cell j is centred at j + 0.5."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    heat = np.zeros(shape)
    for x_mm, y_mm in points_mm:
        heat += np.exp(-((x - x_mm / cell_mm) ** 2 + (y - y_mm / cell_mm) ** 2) / (2 * sigma**2))
    return heat.astype(np.float32)


def heat_maps(hair: NDArray[np.float32], fu: NDArray[np.float32], cell_mm: float) -> HeatMaps:
    return HeatMaps(fu=fu, hair=hair, x_cell_mm=cell_mm, y_cell_mm=cell_mm)
