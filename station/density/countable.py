"""What of a photograph can be counted: lit, without glare, in focus, skin, not under hair, inside the frame.

Focus is judged by the ratio of edge energy at a fine and a coarse scale, per region of about 2 mm. The ratio does not
depend on contrast or on how many hairs there are, and falls with blur: on 57 clinical frames at 45 px/mm its 1st
percentile is 3.3, and with a Gaussian blur of standard deviation 0.05, 0.08 and 0.10 mm its median falls to 2.0, 1.5
and 1.35. Smooth skin has no energy at either scale and says nothing: it takes the verdict of the nearest region that
can be judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from station.density.tiles import WorkingView
from station.values import BoolMask, Quality

MARGIN_MM = 0.2
"""Along the frame's edge: a root there is seen only in part, and its unit may reach outside."""

MIN_AREA_CM2 = 0.25
MIN_SHARE = 0.10

FINE_MM, COARSE_MM = 0.022, 0.067
"""Scales of the two edge energies: about a quarter of a hair's width, and a hair's width."""
FOCUS_RATIO = 1.6
"""Least ratio of the two energies: a blur of about 0.07 mm, where hairs of one unit run together."""
FOCUS_WINDOW_MM = 0.5
"""Standard deviation of the Gaussian window that is a region: about 2 mm wide."""
MIN_COARSE_ENERGY = 0.3
"""Mean squared gradient in (grey levels per 0.022 mm)2 below which a region has no structure to judge by; clinical
frames in focus have 2.8 at their 1st percentile."""
FAINT_COARSE_ENERGY, FAINT_FOCUS_RATIO = 0.002, 4.0
"""Where no region reaches that, as on bald skin, fainter relief is judged, and more strictly: simulated bald skin has
0.0045 to 0.11 with a ratio of 7.6 to 52, and blurred by 0.08 mm at most 3.6."""
FAINT_OVER_NOISE = 5.0
"""Faint relief must have so many times the edge energy of the noise."""
GRID_PX = 8
"""What varies over a mm is worked out on a grid this many working pixels coarse."""

GLARE_LEVEL = 245
GLARE_WIDTH_MM = 0.2
"""Narrower glints belong to the skin's relief or to a white hair, and hide nothing."""
DARK_LEVEL = 10
DARK_WINDOW_MM = 0.25

OCCLUDED_COVER = 0.85
"""Share of a region of about 2 mm under hair from which on no skin is seen between the hairs. The densest region of
clinical frames of shaved scalp has 0.63, of three of unshaved scalp 0.57."""

SKIN_SHARES = ((0.20, 0.52), (0.22, 0.40), (0.16, 0.53))
"""Shares of red, green and blue in the light from skin and hair, with room for a wrong white balance: regions of the
labelled frames (train split) have 0.24 to 0.44, 0.25 to 0.38 and 0.22 to 0.49, simulated skin 0.38 to 0.46, 0.31 to
0.33 and 0.24 to 0.30."""
FOREIGN_WINDOW_CELLS = 3.0
MIN_COLOUR_LEVEL = 30
"""Mean grey level below which noise decides the colour."""

COUNTED, NOT_LIT, GLARE, BLUR = "counted", "too dark", "glare", "out of focus"
OCCLUDED, NOT_SCALP, LEFT_OUT = "covered by hair", "not scalp", "left out"
REASONS = (COUNTED, LEFT_OUT, NOT_LIT, GLARE, BLUR, NOT_SCALP, OCCLUDED)
"""Why a pixel does not count; of several reasons the first of this order is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Countable:
    """reasons: (H, W) uint8 at the working scale, indices into `REASONS`; area_cm2: area of what counts; quality: the
    verdict; main_loss: what took most of the rest, a plain word."""

    reasons: NDArray[np.uint8]
    area_cm2: float
    quality: Quality
    main_loss: str

    @property
    def mask(self) -> BoolMask:
        """(H, W) bool, True where points count."""
        return np.asarray(self.reasons == REASONS.index(COUNTED), bool)


def countable_area(view: WorkingView, allowed: BoolMask | None = None) -> Countable:
    """Find what can be counted of `view`, hair that covers the skin apart (`without_covered`).

    allowed: (H, W) bool at the working scale, False where the caller leaves something out.
    """
    pixels = view.pixels
    scale = math.sqrt(view.x_scale * view.y_scale)
    inside = np.zeros(pixels.shape[:2], bool)
    margin_x, margin_y = round(MARGIN_MM * view.x_scale), round(MARGIN_MM * view.y_scale)
    inside[margin_y : inside.shape[0] - margin_y, margin_x : inside.shape[1] - margin_x] = True
    if allowed is not None:
        inside &= allowed
    focus = _focus_ratio(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32), scale)
    lost = {
        LEFT_OUT: ~inside,
        NOT_LIT: _dark(pixels, scale),
        GLARE: _glare(pixels, scale),
        BLUR: focus < FOCUS_RATIO,
        NOT_SCALP: _foreign(pixels),
    }
    reasons = np.zeros(pixels.shape[:2], np.uint8)
    for reason in reversed(lost):
        reasons[lost[reason]] = REASONS.index(reason)
    lit = inside & ~lost[NOT_LIT]
    return _countable(
        view,
        reasons,
        sharpness=float(np.median(focus[lit])) / FOCUS_RATIO if lit.any() else 0.0,
        glare_share=float(lost[GLARE].mean()),
        dark_share=float(lost[NOT_LIT].mean()),
    )


def without_covered(view: WorkingView, found: Countable, hair: BoolMask) -> Countable:
    """`found` without the regions where hair lies so densely that no root can be seen, and with the hair's cover.

    hair: (H, W) bool at the working scale (`station.density.cover.hair_cover`).
    """
    scale = math.sqrt(view.x_scale * view.y_scale)
    share = hair.astype(np.float32)
    local = _full_size(_blurred(_coarsened(share), FOCUS_WINDOW_MM * scale / GRID_PX), share)
    reasons = found.reasons.copy()
    reasons[(local > OCCLUDED_COVER) & found.mask] = REASONS.index(OCCLUDED)
    quality = found.quality
    counted = _countable(view, reasons, quality.sharpness, quality.glare_share, quality.dark_share)
    cover = float(hair[counted.mask].mean()) if counted.area_cm2 else float(hair.mean())
    return replace(counted, quality=replace(counted.quality, coverage=cover))


def _countable(
    view: WorkingView, reasons: NDArray[np.uint8], sharpness: float, glare_share: float, dark_share: float
) -> Countable:
    shares = np.bincount(reasons.ravel(), minlength=len(REASONS)) / reasons.size
    losses = {reason: float(share) for reason, share in zip(REASONS, shares, strict=True) if reason != COUNTED}
    counted = float(shares[REASONS.index(COUNTED)])
    area_cm2 = counted * reasons.size * view.mm2_per_pixel / 100
    quality = Quality(
        countable_share=counted,
        sharpness=sharpness,
        glare_share=glare_share,
        dark_share=dark_share,
        warnings=_warnings(area_cm2, counted, losses),
        losses=tuple((reason, share) for reason, share in losses.items() if share),
    )
    return Countable(reasons, area_cm2, quality, max(losses, key=lambda reason: losses[reason]))


def _warnings(area_cm2: float, share: float, losses: dict[str, float]) -> tuple[str, ...]:
    warnings = []
    if area_cm2 < MIN_AREA_CM2:
        warnings.append(
            f"Only {area_cm2:.2f} cm2 could be counted, less than {MIN_AREA_CM2:g} cm2: the density is uncertain."
        )
    if share < MIN_SHARE:
        warnings.append(f"Only {share:.0%} of the photograph could be counted: the density is uncertain.")
    for loss, advice in (
        (BLUR, "is out of focus: check the distance to the scalp"),
        (GLARE, "is hidden by glare: check the polariser and the light"),
        (NOT_LIT, "is too dark: check the light"),
        (NOT_SCALP, "has a colour that neither skin nor hair has: check the white balance"),
        (OCCLUDED, "is covered by hair: part or trim it"),
    ):
        if losses[loss] > MIN_SHARE:
            warnings.append(f"{losses[loss]:.0%} of the photograph {advice}.")
    return tuple(warnings)


def _glare(pixels: NDArray[np.uint8], scale: float) -> BoolMask:
    """Saturated areas that are wider than a hair everywhere, with a rim of half that width."""
    red, green, blue = cv2.split(pixels)
    saturated = (cv2.min(cv2.min(red, green), blue) >= GLARE_LEVEL).astype(np.uint8)
    if not saturated.any():
        return np.zeros(saturated.shape, bool)
    disc = _disc(GLARE_WIDTH_MM * scale)
    wide = cv2.morphologyEx(saturated, cv2.MORPH_OPEN, disc, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.dilate(wide, disc), bool)


def _disc(diameter: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(diameter / 2)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _dark(pixels: NDArray[np.uint8], scale: float) -> BoolMask:
    """Black over more than a hair's width: no light, or the edge of a tube."""
    red, green, blue = cv2.split(pixels)
    brightest = np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)
    local = _blurred(_coarsened(brightest), DARK_WINDOW_MM * scale / GRID_PX)
    return _full_size(local, brightest) < DARK_LEVEL


def _foreign(pixels: NDArray[np.uint8]) -> BoolMask:
    """Regions of a colour that neither skin nor hair has in any light."""
    coarse = cv2.resize(
        pixels,
        (max(1, pixels.shape[1] // GRID_PX), max(1, pixels.shape[0] // GRID_PX)),
        interpolation=cv2.INTER_AREA,
    ).astype(np.float32)
    smooth = cv2.GaussianBlur(coarse, (0, 0), FOREIGN_WINDOW_CELLS, borderType=cv2.BORDER_REFLECT)
    total = smooth.sum(axis=2)
    foreign = np.zeros(total.shape, bool)
    for channel, (low, high) in enumerate(SKIN_SHARES):
        share = smooth[..., channel] / np.maximum(total, 1)
        foreign |= (share < low) | (share > high)
    foreign &= total > 3 * MIN_COLOUR_LEVEL
    return _full_size(foreign.astype(np.float32), pixels[..., 0]) > 0.5


def _focus_ratio(grey: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Fine over coarse edge energy around each pixel; 0 where nothing in the whole view can be judged."""
    noise = _noise_variance(grey)
    window = FOCUS_WINDOW_MM * scale / GRID_PX
    fine, coarse = (
        _blurred(_coarsened(_edge_energy(grey, size * scale) - noise / (4 * math.pi * (size * scale) ** 4)), window)
        for size in (FINE_MM, COARSE_MM)
    )
    ratio = np.asarray(np.maximum(fine, 0) / np.maximum(coarse, 1e-6), np.float32)
    judged = coarse >= MIN_COARSE_ENERGY / (FINE_MM * scale) ** 2
    if not judged.any():
        in_noise = FAINT_OVER_NOISE * noise / (4 * math.pi * (COARSE_MM * scale) ** 4)
        judged = coarse >= max(FAINT_COARSE_ENERGY / (FINE_MM * scale) ** 2, in_noise)
        ratio *= np.float32(FOCUS_RATIO / FAINT_FOCUS_RATIO)
    if not judged.any():
        return np.zeros_like(grey)
    if not judged.all():
        nearest = ndimage.distance_transform_edt(~judged, return_distances=False, return_indices=True)
        ratio = ratio[tuple(nearest)]
    return _full_size(ratio, grey)


def _edge_energy(grey: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Squared gradient of the image smoothed by a Gaussian of `sigma` pixels.

    White noise of variance v adds v / (4 pi sigma^4) to its mean: the integral of the squared gradient of a
    two-dimensional Gaussian.
    """
    x = np.arange(-math.ceil(4 * sigma), math.ceil(4 * sigma) + 1, dtype=np.float64)
    smooth = np.exp(-0.5 * (x / sigma) ** 2)
    smooth /= smooth.sum()
    slope = x * smooth / sigma**2
    gx = cv2.sepFilter2D(grey, cv2.CV_32F, slope, smooth, borderType=cv2.BORDER_REFLECT_101)
    gy = cv2.sepFilter2D(grey, cv2.CV_32F, smooth, slope, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(gx * gx + gy * gy, np.float32)


def _noise_variance(grey: NDArray[np.float32]) -> float:
    """Variance of the noise from a second difference of second differences, blind to edges.

    Immerkaer J, Fast noise variance estimation, Comput Vis Image Underst 1996;64:300-302, with the median in place
    of the mean, so that hairs do not count as noise.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.filter2D(grey, cv2.CV_32F, kernel)[::3, ::3]
    return float((np.median(np.abs(response)) / (0.6745 * 6)) ** 2)


def _coarsened(energy: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = energy.shape
    size = max(1, width // GRID_PX), max(1, height // GRID_PX)
    return np.asarray(cv2.resize(energy, size, interpolation=cv2.INTER_AREA), np.float32)


def _full_size(coarse: NDArray[np.float32], like: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(coarse, like.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _blurred(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
