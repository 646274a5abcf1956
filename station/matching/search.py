"""Where one constellation may lie on another: the few likeliest turns and shifts, by correlating rasters of units.

Both constellations are drawn as soft spots on a coarse grid, less their mean, so that the correlation is 0 on average
wherever they do not belong together. The later one is drawn at every turn and scale that repositioning can bring about;
all correlations are made at once by the fast Fourier transform.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from station.matching.constellation import Constellation
from station.matching.transform import similarity

Floats = NDArray[np.float64]
Raster = NDArray[np.float32]


class Range(NamedTuple):
    """How far a repositioned view may be turned, in degrees, and scaled."""

    turn_deg: float
    scale: float


GUIDED = Range(8.0, 0.0)
"""What is tried first, as it is quickly done: a person who was guided back to the same place."""
WIDEST = Range(24.0, 0.03)
"""Repositioning turns the head by up to 20 degrees and changes the scale by up to 3 %."""
SPOT_MM = 0.25
"""Standard deviation of a spot, and the grid's cell: a fifth of the distance between units, so that a turn between the
steps still lies on the slope of its peak."""
COARSE_TURN_MM = 0.6
"""Steps of turn and scale move the far corners of a view by at most so much."""
LEAST_OVERLAP = 0.15
"""Of the smaller view: where less than that would overlap, chance speaks as loud as a true match."""


class Guess(NamedTuple):
    """A similarity (2, 3) from the later view's mm to the baseline's, and how high its correlation stands out, in
    standard deviations of the correlation over all shifts."""

    matrix: Floats
    height: float


def guesses(later: Constellation, baseline: Constellation, within: Range = WIDEST, most: int = 4) -> list[Guess]:
    """The likeliest placements of `later` on `baseline`, the likeliest first. Empty where either has too few units."""
    if min(len(later.units), len(baseline.units)) < 3:
        return []
    reach = float(np.hypot(*later.size_mm)) / 2
    turns = _steps(within.turn_deg, np.degrees(COARSE_TURN_MM / reach))
    scales = 1 + _steps(within.scale, 2 * COARSE_TURN_MM / reach)
    target, corner = _raster(baseline.units, baseline.unit_hairs, baseline)
    middle = np.array(later.size_mm) / 2
    views, starts, poses = [], [], []
    for turn in turns:
        for scale in scales:
            matrix = similarity(turn, scale, middle, middle)
            raster, start = _raster(later.units, later.unit_hairs, later, matrix)
            views.append(raster)
            starts.append(start)
            poses.append(matrix)
    height, width = target.shape
    tall, wide = (max(view.shape[axis] for view in views) for axis in (0, 1))
    shape = (fft.next_fast_len(height + tall - 1, True), fft.next_fast_len(width + wide - 1, True))
    stack = np.zeros((len(views), *shape), np.float32)
    for slot, view in zip(stack, views, strict=True):
        slot[: view.shape[0], : view.shape[1]] = view
    spectrum = fft.rfft2(target, shape)
    heights = fft.irfft2(spectrum[None] * np.conj(fft.rfft2(stack)), shape)
    down, across = (_shifts(n) for n in shape)
    share = _overlap(target.shape, (tall, wide), down, across)
    heights = np.where(share >= LEAST_OVERLAP, heights / np.sqrt(np.maximum(share, LEAST_OVERLAP)), 0)
    heights /= max(float(heights.std()), 1e-9)
    found: list[Guess] = []
    taken: list[tuple[float, float]] = []
    flat = heights.reshape(len(views), -1)
    for view in np.argsort(-flat.max(axis=1)):
        place = int(flat[view].argmax())
        row, column = divmod(place, shape[1])
        shift = np.array([across[column], down[row]]) * SPOT_MM + corner - starts[view]
        matrix = poses[view].copy()
        matrix[:, 2] += shift
        at = tuple(matrix[:, :2] @ middle + matrix[:, 2])
        if all(np.hypot(at[0] - x, at[1] - y) > 4 * SPOT_MM for x, y in taken):
            taken.append((float(at[0]), float(at[1])))
            found.append(Guess(matrix, float(flat[view, place])))
            if len(found) == most:
                break
    return found


def _steps(reach: float, step: float) -> Floats:
    count = max(0, int(np.ceil(reach / step)))
    return np.linspace(-reach, reach, 2 * count + 1) if count else np.zeros(1)


def _shifts(count: int) -> NDArray[np.intp]:
    """Cyclic shifts, those beyond the middle as negative ones."""
    index = np.arange(count)
    return np.where(index > count // 2, index - count, index)


def _raster(
    units: Floats, weight: NDArray[np.intp], view: Constellation, matrix: Floats | None = None
) -> tuple[Raster, Floats]:
    """Soft spots on a grid of SPOT_MM less their mean, and the grid's corner in mm, for units moved by `matrix`."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]) * view.size_mm
    if matrix is not None:
        units, corners = (points @ matrix[:, :2].T + matrix[:, 2] for points in (units, corners))
    start = corners.min(axis=0)
    columns, rows = np.ceil((corners.max(axis=0) - start) / SPOT_MM).astype(int)
    cell = ((units - start) / SPOT_MM).astype(int)
    inside = np.all((cell >= 0) & (cell < (columns, rows)), axis=1)
    grid = np.zeros((rows, columns), np.float32)
    # A unit of many hairs is seldom missed; the root evens out that it weighs more than several single ones.
    np.add.at(grid, (cell[inside, 1], cell[inside, 0]), np.sqrt(weight[inside]).astype(np.float32))
    local = ndimage.gaussian_filter(grid, 1.0, mode="constant")
    around = ndimage.gaussian_filter(grid, 2.0 / SPOT_MM, mode="constant")
    return np.asarray(local - around, np.float32), start


def _overlap(
    target: tuple[int, ...], view: tuple[int, ...], down: NDArray[np.intp], across: NDArray[np.intp]
) -> NDArray[np.float32]:
    """(rows, columns) share of the smaller box that overlaps at each shift of `view` over `target`."""
    sides = []
    for size, other, shift in ((target[0], view[0], down), (target[1], view[1], across)):
        common = np.minimum(shift + other, size) - np.maximum(shift, 0)
        sides.append(np.clip(common, 0, None) / min(size, other))
    return np.asarray(np.outer(sides[0], sides[1]), np.float32)
