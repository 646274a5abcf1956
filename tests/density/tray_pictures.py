"""Small simulated trays: 130 x 75 mm at 20 px/mm."""

from __future__ import annotations

import numpy as np

from station.calibration.standard import with_scale
from station.values import StandardImage, UInt8Image
from station.world.optics import Optics
from station.world.tray import TrayLook, TrayTruth, photograph_tray

VIEW = Optics(2600, 1500, 20.0)


def tray(
    hairs: int, *, seed: int = 1, length_mm: float = 60.0, short_share: float = 0.2
) -> tuple[UInt8Image, TrayTruth]:
    """A photograph of hairs that were laid with care, and its truth."""
    look = TrayLook(hairs=hairs, length_mm=length_mm, short_share=short_share, tries=8)
    return photograph_tray(look, VIEW, np.random.default_rng(seed))


def standard(pixels: UInt8Image, px_per_mm: float = VIEW.px_per_mm) -> StandardImage:
    return with_scale(np.ascontiguousarray(pixels), px_per_mm, 0.01, "test")
