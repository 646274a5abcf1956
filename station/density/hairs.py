"""What each counted hair shows beyond its root: direction, length, diameter; and the shares of thin, grey, short hairs.

A hair is grey when its shaft is without colour and light: saturation (highest less lowest of red, green and blue, over
the highest) of at most 0.2, and a mean of the three of at least 0.6 times the skin's, both in encoded values. The
photograph must be white-balanced. White hair on skin just as light is not seen at all, and is missing in the share.

A hair is short when less than 0.35 mm of it is seen above the skin: the growth of a day. Hairs whose tip the frame or
another hair hides before that length are left out. On scalp that was clipped a day or more ago these are hairs that do
not grow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from station.density.calibre import calibre, diameters
from station.density.centrelines import STEP_MM, Shafts, sampled, trace
from station.density.profiles import BEGIN_MM, LEAST_MM, TIP_MM
from station.values import Calibre, HairRoot, UInt8Image

Floats = NDArray[np.float64]

SHORT_MM = 0.35
"""A day's growth: 0.35 mm is the usual mean (domain reference, hair measurement, 3.4)."""
GREY_SATURATION = 0.2
GREY_LIGHTNESS = 0.6
MIN_HAIRS = 20
"""Fewest hairs that a share is given for."""
PLACES = 7


@dataclass(frozen=True, slots=True, eq=False)
class HairFeatures:
    """direction_rad, length_mm, diameter_um: (n,), NaN where not seen well enough; the rest as in `Measurement`."""

    direction_rad: Floats
    length_mm: Floats
    diameter_um: Floats
    calibre: Calibre
    grey_share: float | None
    short_share: float | None

    def added_to(self, roots: tuple[HairRoot, ...], rows: NDArray[np.bool_]) -> tuple[HairRoot, ...]:
        """The roots of these rows (n,) bool with what their shafts show."""
        shown = zip(self.direction_rad[rows], self.length_mm[rows], self.diameter_um[rows], strict=True)
        return tuple(
            replace(root, direction_rad=_known(direction), length_mm=_known(length), diameter_um=_known(diameter))
            for root, (direction, length, diameter) in zip(roots, shown, strict=True)
        )


def hair_features(
    pixels: UInt8Image, roots_mm: Floats, counted: NDArray[np.bool_], px_per_mm: float, thin_um: float
) -> HairFeatures:
    """Look at the hairs of a photograph (H, W, 3) uint8 RGB.

    roots_mm: (n, 2) all that were found; counted: (n,) bool, those that the shares and the calibre are about (the
    others are needed as neighbours); thin_um: diameter below which a hair is thin.
    """
    shafts = trace(pixels, roots_mm, px_per_mm)
    found = diameters(pixels, shafts, px_per_mm)
    return HairFeatures(
        direction_rad=shafts.azimuth,
        length_mm=shafts.length,
        diameter_um=found.diameter_um,
        calibre=calibre(found, counted, px_per_mm, thin_um),
        grey_share=_grey_share(pixels, shafts, counted, px_per_mm),
        short_share=_short_share(shafts, counted),
    )


def _short_share(shafts: Shafts, counted: NDArray[np.bool_]) -> float | None:
    length = np.nan_to_num(shafts.length)
    long = length >= SHORT_MM
    known = counted & (long | shafts.tip_seen)
    return float((~long[known]).mean()) if known.sum() >= MIN_HAIRS else None


def _grey_share(pixels: UInt8Image, shafts: Shafts, counted: NDArray[np.bool_], px_per_mm: float) -> float | None:
    end = np.nan_to_num(shafts.length) - TIP_MM
    rows = np.flatnonzero(counted & (end - BEGIN_MM >= LEAST_MM))
    if len(rows) < MIN_HAIRS:
        return None
    at = (BEGIN_MM + np.linspace(0, 1, PLACES) * (end[rows, None] - BEGIN_MM)) / STEP_MM
    line = shafts.path[rows[:, None], np.rint(at).astype(np.intp)]
    colour = np.median(sampled(pixels, line[..., 0], line[..., 1], px_per_mm), axis=1)
    skin = float(np.median(pixels[::16, ::16].reshape(-1, 3), axis=0).mean())
    highest = np.maximum(colour.max(axis=1), 1)
    saturation = (highest - colour.min(axis=1)) / highest
    grey = (saturation <= GREY_SATURATION) & (colour.mean(axis=1) >= GREY_LIGHTNESS * skin)
    return float(grey.mean())


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
