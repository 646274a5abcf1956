"""The face in a global view is blanked before anything reaches the disk (domain reference 7.2): from a line on the
brows down to the picture's lower edge. Where the line is, a person says."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from station.capture.refusal import refuse
from station.imaging import decode_photograph
from station.values import UInt8Image

SAFE_LINE = 0.35
"""Where the line stands until somebody moves it: above the brows of a head that fills the picture, so that too much is
blanked rather than too little."""

LEAST_LINE, MOST_LINE = 0.05, 0.90
LONGEST_SIDE_PX = 2400
JPEG_QUALITY = 90
BLANK = (96, 96, 96)
"""What stands for the face: one grey, of which nothing can be brought back."""


def masked(pixels: UInt8Image, line: float | None) -> UInt8Image:
    """The picture without what lies below the line.

    pixels: (H, W, 3) uint8 RGB; line: share of the height from the top, None where no face is in the picture. Raises
    VisitError for a line that leaves nothing, or nearly everything.
    """
    if line is None:
        return pixels.copy()
    if not LEAST_LINE <= line <= MOST_LINE:
        raise refuse("mask-range", least=round(100 * LEAST_LINE), most=round(100 * MOST_LINE))
    found = pixels.copy()
    found[int(line * len(found)) :] = BLANK
    return found


def masked_jpeg(data: bytes, line: float | None) -> tuple[bytes, int, int]:
    """A file's picture, upright, masked and made smaller, as a JPEG without metadata, with its width and height.

    The line is drawn on the upright picture, as a viewer shows it. Raises ImageError for what is no picture, VisitError
    for an impossible line.
    """
    pixels = _sized(decode_photograph(data, "the picture"))
    pixels = masked(pixels, line)
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return packed.getvalue(), pixels.shape[1], pixels.shape[0]


def _sized(pixels: UInt8Image) -> UInt8Image:
    height, width = pixels.shape[:2]
    share = LONGEST_SIDE_PX / max(height, width)
    if share >= 1:
        return pixels
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
