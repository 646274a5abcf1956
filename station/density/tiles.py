"""Seam-free inference over a whole view: to the working scale, in tiles, back to one pair of heat maps.

Coordinates are continuous: pixel k of an image covers [k, k + 1), so a cell j of a map covers working pixels
[j * stride, (j + 1) * stride) and its centre lies at (j + 0.5) * stride. Resizing rounds the size to whole pixels,
so the exact scale is taken per axis after rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.model import DensityModel
from station.errors import ImageError

MAX_WORKING_PIXELS = 150_000_000
"""At 45 px/mm 741 cm2, more than a whole scalp: a picture beyond that has a wrong scale."""

RunTile = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class WorkingView:
    """A photograph at the working scale.

    pixels: (H, W, 3) uint8 RGB; x_scale, y_scale: working pixels per mm; both are within half a pixel over the
    whole side of the model's scale.
    """

    pixels: NDArray[np.uint8]
    x_scale: float
    y_scale: float

    @property
    def mm2_per_pixel(self) -> float:
        """Area of one working pixel in mm2."""
        return 1 / (self.x_scale * self.y_scale)


@dataclass(frozen=True, slots=True)
class HeatMaps:
    """Heat maps of a whole view.

    fu, hair: (rows, columns) float32; x_cell_mm, y_cell_mm: size of a cell, whose centre is at (j + 0.5) cells.
    """

    fu: NDArray[np.float32]
    hair: NDArray[np.float32]
    x_cell_mm: float
    y_cell_mm: float


@dataclass(frozen=True, slots=True)
class Span:
    """One tile along one axis, in working pixels: it begins at `start` and its output is kept in [low, high)."""

    start: int
    low: int
    high: int


def to_working_scale(pixels: NDArray[np.uint8], px_per_mm: float, working_px_per_mm: float) -> WorkingView:
    """The photograph resized from `px_per_mm` to about `working_px_per_mm`.

    Area averaging when it shrinks (no aliasing), cubic when it grows. Raises ImageError when the view would be
    larger than a scalp.
    """
    height, width = pixels.shape[:2]
    ratio = working_px_per_mm / px_per_mm
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    if size[0] * size[1] > MAX_WORKING_PIXELS:
        raise ImageError(
            f"At {px_per_mm:g} px/mm the picture of {width}x{height} px would show {width / px_per_mm:.0f} x "
            f"{height / px_per_mm:.0f} mm, more than a whole scalp: check the px/mm."
        )
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    return WorkingView(
        pixels=np.asarray(resized, dtype=np.uint8),
        x_scale=size[0] * px_per_mm / width,
        y_scale=size[1] * px_per_mm / height,
    )


def infer(view: WorkingView, model: DensityModel, run: RunTile, *, grid_offset: int = 0) -> HeatMaps:
    """Heat maps of `view`, put together from the interiors of tiles; beyond the edges the view is mirrored.

    run: the graph (`Engine.run`); grid_offset: moves the grid of tiles by so many working pixels, a multiple of
    the model's stride. Moved by a multiple of 16, the graph's inner stride, it changes neither counts nor points
    (tests/density/test_tiles.py): no tile is seen in them.
    """
    height, width = view.pixels.shape[:2]
    stride = model.stride
    heat = np.zeros((-(-height // stride), -(-width // stride), 2), np.float32)
    for rows in spans(height, model, grid_offset):
        y_index = mirrored(rows.start, model.tile, height)
        for columns in spans(width, model, grid_offset):
            tile = view.pixels[np.ix_(y_index, mirrored(columns.start, model.tile, width))]
            cells = run(tile)
            heat[_cells(rows.low, rows.high, stride), _cells(columns.low, columns.high, stride)] = cells[
                _cells(rows.low - rows.start, rows.high - rows.start, stride),
                _cells(columns.low - columns.start, columns.high - columns.start, stride),
            ]
    return HeatMaps(
        fu=np.ascontiguousarray(heat[:, :, 0]),
        hair=np.ascontiguousarray(heat[:, :, 1]),
        x_cell_mm=stride / view.x_scale,
        y_cell_mm=stride / view.y_scale,
    )


def spans(length: int, model: DensityModel, grid_offset: int = 0) -> list[Span]:
    """The tiles along an axis of `length` working pixels: their kept parts cover it once, without gap or overlap.

    An axis that fits in one tile is one tile, centred. Otherwise each tile keeps its interior, with at least
    `context` pixels of picture or mirrored picture around it.
    """
    stride, interior = model.stride, model.tile - 2 * model.context
    if length <= model.tile and not grid_offset:
        return [Span(start=-((model.tile - length) // 2 // stride * stride), low=0, high=length)]
    first = grid_offset % interior - interior if grid_offset % interior else 0
    return [
        Span(start=low - model.context, low=max(low, 0), high=min(low + interior, length))
        for low in range(first, length, interior)
    ]


def mirrored(start: int, count: int, length: int) -> NDArray[np.intp]:
    """Indices start, start + 1, ... into an axis of `length`, mirrored at its ends as often as it takes.

    The end pixel is not doubled (OpenCV's BORDER_REFLECT_101).
    """
    if length == 1:
        return np.zeros(count, np.intp)
    period = 2 * (length - 1)
    index = np.arange(start, start + count, dtype=np.intp) % period
    return np.minimum(index, period - index)


def _cells(low: int, high: int, stride: int) -> slice:
    return slice(low // stride, -(-high // stride))
