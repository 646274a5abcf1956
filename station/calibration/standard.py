"""From a frame, as the camera gave it, to a photograph of known scale."""

from __future__ import annotations

import numpy as np

from station.calibration.profile import CalibrationProfile
from station.errors import ImageError
from station.values import Frame, StandardImage, UInt8Image


def standardise(frame: Frame, profile: CalibrationProfile) -> StandardImage:
    """The frame with its scale. Raises ImageError for wrong pixels or a frame of another rig."""
    if frame.rig_id != profile.rig_id:
        raise ImageError(f"The frame is of rig {frame.rig_id}, but the calibration profile is of rig {profile.rig_id}.")
    return with_scale(frame.pixels, profile.px_per_mm, profile.px_per_mm_rel_sd, profile.id)


def with_scale(pixels: UInt8Image, px_per_mm: float, px_per_mm_rel_sd: float, calibration_id: str) -> StandardImage:
    """A standard image of pixels (H, W, 3) uint8 RGB, for a scale that is already on record.

    Everything is countable here; what is out of focus or glares is found by the density room. Raises ImageError.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ImageError(
            f"A photograph must be (height, width, 3) of 8 bits; this is {pixels.shape} of {pixels.dtype}."
        )
    if not px_per_mm > 0:
        raise ImageError(f"A scale of {px_per_mm:g} px/mm is impossible; it must be greater than 0.")
    countable = np.ones(pixels.shape[:2], dtype=np.bool_)
    return StandardImage(pixels, px_per_mm, px_per_mm_rel_sd, countable, calibration_id)
