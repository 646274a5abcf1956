"""The live picture: small, of known scale, for looking and for guiding; never counted and never stored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from station.rig.profile import RigProfile
from station.values import UInt8Image

PREVIEW_WIDTH_PX = 1024
"""A multiple of 64, so that no camera pads the lines of such a stream; at the reference rig 34 px/mm, where a hair is
still two pixels wide."""


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """One live picture.

    pixels: (h, w, 3) uint8 RGB; px_per_mm: scale on the plane of the site; taken: seconds of the monotonic clock.
    """

    pixels: UInt8Image
    px_per_mm: float
    taken: float

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the view in mm."""
        return self.pixels.shape[1] / self.px_per_mm, self.pixels.shape[0] / self.px_per_mm


def preview_size(profile: RigProfile) -> tuple[int, int]:
    """Width and height in pixels of this rig's live picture, both even, in the aspect of its photographs."""
    width = min(PREVIEW_WIDTH_PX, profile.width_px // 2 * 2)
    return width, max(2, 2 * round(width * profile.height_px / profile.width_px / 2))


def preview_px_per_mm(profile: RigProfile) -> float:
    """The live picture's scale in px/mm."""
    return preview_size(profile)[0] / profile.size_mm[0]


def shrunk(pixels: UInt8Image, profile: RigProfile, taken: float) -> Preview:
    """A whole photograph, (H, W, 3) uint8 RGB, as a live picture.

    The photograph's own width gives the scale: one of another size than the profile's keeps the profile's px/mm.
    """
    height, width = pixels.shape[:2]
    ratio = min(1.0, preview_size(profile)[0] / width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = pixels if size == (width, height) else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return Preview(np.asarray(small, np.uint8), profile.px_per_mm * size[0] / width, taken)
