"""What `station measure` does not count: rectangles that the caller names, and transparent areas."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from station.errors import ImageError, UsageError
from station.values import BoolMask, StandardImage

Rectangle = tuple[float, float, float, float]


def rectangle(text: str) -> Rectangle:
    """x0,y0,x1,y1 in pixels; UsageError for anything else."""
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--ignore {text!r} is not four numbers: write x0,y0,x1,y1 in pixels, like 0,0,200,150."
        ) from error
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        raise UsageError(f"--ignore {text!r}: nan and inf are no pixels; write four ordinary numbers x0,y0,x1,y1.")
    if x0 >= x1 or y0 >= y1:
        raise UsageError(f"--ignore {text!r} is no rectangle: x0 must be less than x1, and y0 less than y1.")
    return x0, y0, x1, y1


def leave_out(image: StandardImage, shown: BoolMask | None, rectangles: tuple[Rectangle, ...], path: Path) -> None:
    """Marks in `image.countable` what is not counted.

    shown: (H, W) bool, False where the picture is transparent; those pixels take the picture's own median colour, so
    that they pass for neither glare nor darkness. Raises ImageError for a rectangle that lies outside the photograph,
    and when nothing is left that can be counted.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.density.see import MIN_COUNTED_CM2

    height, width = image.countable.shape
    if shown is not None:
        if not shown.any():
            raise ImageError(f"{path} is wholly transparent: save it without transparency.")
        image.countable[~shown] = False
        image.pixels[~shown] = np.median(image.pixels[shown], axis=0).astype(np.uint8)
    enough_before = _countable_cm2(image) >= MIN_COUNTED_CM2
    for x0, y0, x1, y1 in rectangles:
        if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
            raise ImageError(
                f"{path}: --ignore {x0:g},{y0:g},{x1:g},{y1:g} lies outside the photograph of {width} x {height} px: "
                "give pixels of the upright photograph."
            )
        image.countable[max(0, math.floor(y0)) : math.ceil(y1), max(0, math.floor(x0)) : math.ceil(x1)] = False
    if rectangles and enough_before and _countable_cm2(image) < MIN_COUNTED_CM2:
        raise ImageError(f"{path}: --ignore leaves nothing to count: give smaller rectangles.")


def _countable_cm2(image: StandardImage) -> float:
    """Area that may be counted inside the margin, along which nothing is."""
    from station.density.countable import MARGIN_MM

    margin = round(MARGIN_MM * image.px_per_mm)
    height, width = image.countable.shape
    inside = image.countable[margin : height - margin, margin : width - margin]
    return float(np.count_nonzero(inside)) / (10 * image.px_per_mm) ** 2
