"""Anti-aliased polygons on eight-bit pictures: what shafts and litter are drawn with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
SHIFT = 4
"""Binary places of a coordinate: 1/16 pixel."""


def strip(path: Floats, normal: Floats, left: Floats, right: Floats) -> NDArray[np.int32]:
    """Outline of a band along a path (m, 2): its edges lie left and right (m,) pixels beside the centre line."""
    outline = np.concatenate([path + normal * left[:, None], (path - normal * right[:, None])[::-1]])
    return np.asarray(np.rint(outline * (1 << SHIFT)), np.int32)


def fill(picture: Bytes, outline: NDArray[np.int32], colour: Floats | tuple[float, ...]) -> None:
    """Fill an outline (k, 2) in 1/16 pixels with a colour of 0 to 255."""
    cv2.fillPoly(picture, [outline.reshape(-1, 1, 2)], tuple(float(c) for c in colour), cv2.LINE_AA, SHIFT)
