"""Depth of field: hair that has risen off the skin is out of focus, and lies over what has not."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.brush import Bytes, Floats
from station.world.looks import Rng
from station.world.shafts import Finish, Shafts, cover_mask, draw_shafts

LOW_MM = 0.7
"""Height up to which hair is as sharp as the skin."""
DEEPEST_MM = 1.5
"""Greatest height that counts: a rig's window presses hair down."""
OVERLAP = 3


def draw_in_depth(
    picture: Bytes,
    shafts: Shafts,
    rise_mm: Floats,
    order: Sequence[int] | NDArray[np.int64],
    rng: Rng,
    finish: Finish,
    px_per_mm: float,
    defocus: float,
) -> Bytes:
    """Paint shafts in two layers and return the picture: those parts above LOW_MM blurred, over the rest.

    rise_mm: (n, m), height over the skin; defocus: standard deviation of the point spread per height, in mm per mm.
    """
    last = shafts.path.shape[1] - 1
    # Heights grow along a shaft: the first point above the limit divides it.
    above = rise_mm > LOW_MM
    cut = np.where(above.any(axis=1), above.argmax(axis=1), last)
    # The sharp part reaches under the blurred one, so that no gap opens where the blur fades.
    overlap = np.minimum(cut + OVERLAP, last)
    low, high = np.stack([np.zeros_like(cut), overlap], 1), np.stack([cut, np.full_like(cut, last)], 1)
    draw_shafts(picture, shafts, order, rng, finish, px_per_mm, low)
    if not above.any():
        return picture
    upper = picture.copy()
    draw_shafts(upper, shafts, order, rng, finish, px_per_mm, high)
    sigma = defocus * min(float(np.median(rise_mm[above])), DEEPEST_MM) * px_per_mm
    weight = cover_mask((picture.shape[0], picture.shape[1]), shafts, high)
    if sigma > 0.3:
        upper = np.asarray(cv2.GaussianBlur(upper, (0, 0), sigma), np.uint8)
        weight = np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma), np.uint8)
    share = weight.astype(np.float32) / 255
    return np.asarray(cv2.blendLinear(upper, picture, share, 1 - share), np.uint8)
