"""Pictures of a comparison: the later photograph warped onto the earlier one, and the map of change."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from station.imaging import encode_jpeg, encode_png
from station.matching.constellation import Constellation
from station.matching.transform import Transform
from station.service.comparison_view import ChangeMap

PITCH_MM = 0.5
SMOOTHING_MM = 1.5
LIMIT_HAIRS, LIMIT_FU = 40.0, 20.0
"""Ends of the colour scales per cm2, the same for all pairs. One hair more or less weighs 7 per cm2 in its middle."""
WARP_STEP_PX = 24
"""The transform is evaluated so often and interpolated between: over 0.3 mm it is as good as straight."""
OUTSIDE = (128, 128, 128)
JPEG_QUALITY = 88
LESS, NONE, MORE = (213, 94, 0), (244, 241, 234), (0, 114, 178)
"""Vermilion and blue, which colour-blind eyes tell apart (Okabe and Ito), on either side of a light grey."""
ALPHA_NONE, ALPHA_FULL = 0.12, 0.75

Points = NDArray[np.float64]


def warped(
    later: bytes, transform: Transform, later_px_per_mm: float, size_px: tuple[int, int], px_per_mm: float, width: int
) -> bytes:
    """The later photograph as JPEG as it lies on the earlier one; grey where it does not reach.

    later: its JPEG; transform: mm of it to mm of the earlier one; size_px, px_per_mm: of the earlier one at its full
    size; width: of the result in pixels.
    """
    width = min(width, size_px[0])
    factor = width / size_px[0]
    height = max(1, round(size_px[1] * factor))
    with Image.open(io.BytesIO(later)) as opened:
        full = opened.width
        opened.draft("RGB", (2 * width, 2 * height))  # lets the decoder scale by 2, 4 or 8, which is much faster
        pixels = np.asarray(opened.convert("RGB"))
    columns, rows = (math.ceil(side / WARP_STEP_PX) + 1 for side in (width, height))
    x, y = np.meshgrid(np.linspace(0, width, columns), np.linspace(0, height, rows))
    back = transform.undo(np.column_stack([x.ravel(), y.ravel()]) / (px_per_mm * factor))
    source = (back * later_px_per_mm * pixels.shape[1] / full).reshape(rows, columns, 2)
    maps = [_between(source[..., axis], (width, height)) - 0.5 for axis in (0, 1)]
    seen = cv2.remap(pixels, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=OUTSIDE)
    return encode_jpeg(np.asarray(seen, np.uint8), JPEG_QUALITY)


def change_map(
    before: Sequence[tuple[Constellation, Transform]],
    after: Sequence[tuple[Constellation, Transform]],
    hairs: tuple[Points, NDArray[np.float64]],
    units: tuple[Points, NDArray[np.float64]],
) -> ChangeMap:
    """Local change on the plane of the earlier visit's first photograph.

    before, after: the photographs with their transforms to that plane; hairs, units: places (N, 2) in mm and what
    each adds (N,): 1 new, -1 lost, 0 kept. A Gaussian of `SMOOTHING_MM` over the skin that both visits could count,
    with the edge correction of `station.density.maps`.
    """
    width, height = before[0][0].size_mm
    columns, rows = (math.ceil(side / PITCH_MM - 1e-9) for side in (width, height))
    y, x = np.mgrid[0:rows, 0:columns]
    centres = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * PITCH_MM
    both = (_shown(before, centres) & _shown(after, centres)).reshape(rows, columns)
    sigma = SMOOTHING_MM / PITCH_MM
    window = _smoothed(both * PITCH_MM**2, sigma)

    def local(places: Points, adds: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
        grid = np.zeros((rows, columns))
        cell = np.floor(places / PITCH_MM).astype(np.intp)
        inside = np.all((cell >= 0) & (cell < (columns, rows)), axis=1)
        np.add.at(grid, (cell[inside, 1], cell[inside, 0]), adds[inside])
        per_cm2 = 100 * _smoothed(grid, sigma) / np.maximum(window, 1e-12)
        return tuple(
            tuple(round(float(value), 2) if known else None for value, known in zip(*row, strict=True))
            for row in zip(per_cm2, both, strict=True)
        )

    return ChangeMap(PITCH_MM, SMOOTHING_MM, local(*hairs), local(*units), LIMIT_HAIRS, LIMIT_FU)


def change_png(
    grid: tuple[tuple[float | None, ...], ...], limit: float, pitch_mm: float, size_mm: tuple[float, float], width: int
) -> bytes:
    """A map of change as a transparent PNG of the photograph's aspect. limit: end of the colours at both sides of 0."""
    values = np.array([[math.nan if value is None else value for value in row] for row in grid], np.float32)
    known = np.isfinite(values)
    share = np.clip(np.where(known, values, 0) / limit, -1, 1)
    ends = np.where(share[..., None] < 0, np.array(LESS), np.array(MORE))
    strength = np.abs(share)[..., None]
    colour = np.array(NONE) * (1 - strength) + ends * strength
    alpha = known * (ALPHA_NONE + (ALPHA_FULL - ALPHA_NONE) * np.abs(share)) * 255
    rgba = np.dstack([colour, alpha]).astype(np.float32)
    height = max(1, round(width * size_mm[1] / size_mm[0]))
    x_step, y_step = size_mm[0] / width / pitch_mm, size_mm[1] / height / pitch_mm
    to_grid = np.array([[x_step, 0, x_step / 2 - 0.5], [0, y_step, y_step / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(rgba, to_grid, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return encode_png(np.asarray(np.round(drawn), np.uint8), drawn=True)


def _shown(frames: Sequence[tuple[Constellation, Transform]], centres: Points) -> NDArray[np.bool_]:
    """(N,) True where any of the photographs could have counted a hair."""
    seen = [frame.could_show(transform.undo(centres)) for frame, transform in frames]
    return np.asarray(np.any(seen, axis=0))


def _smoothed(grid: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(grid, sigma, mode="constant", truncate=5), np.float64)


def _between(values: NDArray[np.float64], size_px: tuple[int, int]) -> NDArray[np.float32]:
    """A grid whose corners are the picture's, at the centre of each of its pixels."""
    rows, columns = values.shape
    x_step, y_step = (columns - 1) / size_px[0], (rows - 1) / size_px[1]
    to_grid = np.array([[x_step, 0, x_step / 2], [0, y_step, y_step / 2]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(values.astype(np.float32), to_grid, size_px, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)
