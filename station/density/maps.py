"""Density over the photograph: a kernel estimate on a mm grid, corrected for edges and for what was not counted."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from station.density.detect import Points
from station.density.tiles import WorkingView
from station.values import BoolMask, DensityMap

PITCH_MM = 0.25
SMOOTHING_MM = 1.0
MIN_CELL_SHARE = 0.5
"""A cell is shown when this share of it was counted."""


def density_map(
    view: WorkingView,
    mask: BoolMask,
    units: Points,
    hairs: Points,
    *,
    pitch_mm: float = PITCH_MM,
    smoothing_mm: float = SMOOTHING_MM,
) -> DensityMap:
    """Local density of counted units and hairs, each (N, 2) mm, over the countable `mask` of `view`.

    lambda(u) = sum_i k(u - x_i) / integral over W of k(u - v) dv, with k a Gaussian of `smoothing_mm` and W the
    countable area: the uniform edge correction of Diggle PJ, A kernel method for smoothing point process data, Appl
    Stat 1985;34:138-147 (eq. 1), which is unbiased for a constant density up to the edge of W. NaN
    in cells that lie mostly outside W.
    """
    area_mm2 = _cell_sums(mask, view, pitch_mm) * view.mm2_per_pixel
    rows, columns = area_mm2.shape
    sigma = smoothing_mm / pitch_mm
    window = _smoothed(area_mm2, sigma)
    valid = area_mm2 >= MIN_CELL_SHARE * pitch_mm**2

    def density(points: Points) -> NDArray[np.float32]:
        counts = np.zeros((rows, columns))
        cell = np.floor(points / pitch_mm).astype(np.intp)
        np.add.at(counts, (cell[:, 1].clip(0, rows - 1), cell[:, 0].clip(0, columns - 1)), 1)
        per_cm2 = 100 * _smoothed(counts, sigma) / np.maximum(window, 1e-12)
        return np.where(valid, per_cm2, np.nan).astype(np.float32)

    return DensityMap(density(units), density(hairs), pitch_mm, smoothing_mm)


def countable_cells(view: WorkingView, mask: BoolMask, pitch_mm: float) -> BoolMask:
    """(rows, columns) bool: cells of which at least half lies in the countable `mask` of `view`."""
    area_mm2 = _cell_sums(mask, view, pitch_mm) * view.mm2_per_pixel
    return np.asarray(area_mm2 >= MIN_CELL_SHARE * pitch_mm**2)


def _cell_sums(mask: BoolMask, view: WorkingView, pitch_mm: float) -> NDArray[np.float64]:
    """Number of countable working pixels in each cell of the grid; a pixel belongs to the cell of its centre."""
    height, width = mask.shape
    rows = math.ceil(height / view.y_scale / pitch_mm - 1e-9)
    columns = math.ceil(width / view.x_scale / pitch_mm - 1e-9)
    row_ends = _ends(height, view.y_scale, rows, pitch_mm)
    column_ends = _ends(width, view.x_scale, columns, pitch_mm)
    total = cv2.integral(mask.view(np.uint8), sdepth=cv2.CV_32S)
    corners = total[np.ix_(row_ends, column_ends)].astype(np.float64)
    return np.diff(np.diff(corners, axis=0), axis=1)


def _ends(length: int, scale: float, cells: int, pitch_mm: float) -> NDArray[np.intp]:
    """For each border between cells, how many of `length` working pixels have their centre before it."""
    ends: NDArray[np.intp] = np.round(np.arange(cells + 1) * pitch_mm * scale).astype(np.intp).clip(0, length)
    ends[-1] = length
    return ends


def _smoothed(grid: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(grid, sigma, mode="constant", truncate=5), np.float64)
