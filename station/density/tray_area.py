"""The white tray in a photograph: where it is, how its light falls, and refusals where there is none."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.errors import UncountableError
from station.values import BoolMask, FloatArray, StandardImage, UInt8Image

COARSE_PX_PER_MM = 2.0
"""Scale at which the tray and its light are looked at: hairs have vanished there."""
CLOSING_MM = 3.5
"""Dark things narrower than this lie on the tray; the light is taken from beside them."""
LEAST_LIGHT, LEAST_SHARE = 135.0, 0.62
"""The tray's brightest parts have at least so many grey levels, its darkest at least this share of them."""
MOST_COLOUR = 0.17
"""Largest spread of the three colours over their mean: paper in warm lamp light is still below it, skin is not."""
RIM_MM = 2.6
"""Left out along the tray's outline: its rim shades the ground."""
SMALLEST_CM2, LARGEST_CM2 = 90.0, 330.0
"""Area of the white ground. The tray profile has 220 cm2; with a scale 1.6 times too large, or 1.25 times too small, it
would be beyond these."""
USUAL_CM2 = (160.0, 270.0)
"""Beyond it the size is mentioned."""
LARGEST_SHARE_WHITE = 0.6
"""More of the ground at 254 or 255 than this: fine and pale hairs are gone."""
RIM_REACH_MM, RIM_SPREAD_MM = 12.0, 0.22
"""A line that keeps this even a distance to the tray's outline, nearer than that, is a fold of its rim."""
LEAVING_PX = 7


@dataclass(frozen=True, slots=True)
class Tray:
    """inside: (H, W) bool, where hairs are counted; share: (H, W) float32, light over the bare tray's, about 1;
    area_cm2: of the whole white ground, rim and what was left out by hand included; to_rim_mm: (h, w) coarse, mm from
    each place to the outline of the ground; hidden_share: of the ground, under what is not white."""

    inside: BoolMask
    share: FloatArray
    area_cm2: float
    to_rim_mm: FloatArray
    hidden_share: float

    def is_rim(self, points: NDArray[np.float64]) -> bool:
        """Does a line of points (m, 2), x and y in pixels, follow the tray's outline?"""
        step = np.array(self.to_rim_mm.shape[::-1]) / np.array(self.inside.shape[::-1])
        at = (points[:: max(1, len(points) // 60)] * step).astype(int)
        x = np.clip(at[:, 0], 0, self.to_rim_mm.shape[1] - 1)
        y = np.clip(at[:, 1], 0, self.to_rim_mm.shape[0] - 1)
        distance = self.to_rim_mm[y, x]
        return bool(distance.max() < RIM_REACH_MM and distance.std() < RIM_SPREAD_MM)

    def leaves(self, point: NDArray[np.float64]) -> bool:
        """Does a line that ends at a point (x, y in pixels) end at the edge of what is looked at?"""
        x, y = round(float(point[0])), round(float(point[1]))
        height, width = self.inside.shape
        if not (LEAVING_PX <= x < width - LEAVING_PX and LEAVING_PX <= y < height - LEAVING_PX):
            return True
        near = self.inside[y - LEAVING_PX : y + LEAVING_PX + 1, x - LEAVING_PX : x + LEAVING_PX + 1]
        return not bool(near.all())


def find_tray(image: StandardImage) -> Tray:
    """The tray of a photograph. Raises UncountableError, with what to do, when it shows no white tray."""
    pixels, scale = image.pixels, image.px_per_mm
    height, width = pixels.shape[:2]
    size = max(8, round(width * COARSE_PX_PER_MM / scale)), max(8, round(height * COARSE_PX_PER_MM / scale))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    closed = _closed(small)
    ground = _ground(closed)
    outlined = _outline_area(ground)
    area_cm2 = outlined / (10 * COARSE_PX_PER_MM) ** 2
    _check_area(area_cm2, scale)
    _check_light(pixels, small, ground)
    # Where the tray reaches the edge of the picture there is no rim: the border counts as ground.
    shrunk = cv2.erode(ground.astype(np.uint8), _disc(RIM_MM), borderType=cv2.BORDER_CONSTANT, borderValue=(1.0,))
    inside = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool) & image.countable
    hidden = 1 - float(ground.sum()) / outlined
    filled = cv2.morphologyEx(np.pad(ground, 1).astype(np.uint8), cv2.MORPH_CLOSE, _disc(RIM_REACH_MM / 2))
    to_rim = cv2.distanceTransform(filled, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1] / COARSE_PX_PER_MM
    return Tray(inside, _light_share(pixels, closed, ground), area_cm2, np.asarray(to_rim, np.float32), hidden)


def _disc(radius_mm: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius_mm * COARSE_PX_PER_MM)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _closed(small: UInt8Image) -> UInt8Image:
    """Without what is dark and narrow. Around the picture lies black, so that a strip of table or rim along its border
    stays: by itself it would pass for something narrow."""
    pad = round(2 * CLOSING_MM * COARSE_PX_PER_MM)
    padded = cv2.copyMakeBorder(small, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, _disc(CLOSING_MM / 2))
    return np.ascontiguousarray(closed[pad:-pad, pad:-pad])


def _ground(closed: UInt8Image) -> BoolMask:
    """Bright and without colour, in one piece."""
    values = closed.astype(np.float32)
    light = values.mean(axis=2)
    # Relative to the light of the surroundings, so that uneven light does not cut the tray.
    level = float(np.percentile(light, 90))
    spread = (values.max(axis=2) - values.min(axis=2)) / np.maximum(light, 1)
    white = (light >= LEAST_SHARE * max(level, LEAST_LIGHT)) & (spread <= MOST_COLOUR)
    if level < LEAST_LIGHT:
        white[:] = False
    count, labels, stats, _ = cv2.connectedComponentsWithStats(white.astype(np.uint8), connectivity=4)
    if count < 2:
        return np.zeros(white.shape, bool)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), bool)


def _outline_area(ground: BoolMask) -> float:
    """Pixels within the ground's outline: a label that lies on the tray is a part of it."""
    filled = np.zeros(ground.shape, np.uint8)
    outlines, _ = cv2.findContours(ground.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, outlines, -1, (1.0,), cv2.FILLED)
    return float(filled.sum())


def _light_share(pixels: UInt8Image, closed: UInt8Image, ground: BoolMask) -> FloatArray:
    """Light (mean of green and blue, which hair takes most of) over that of the bare tray beside it."""
    weights = np.array([[0.0, 0.5, 0.5]], np.float32)
    plane = np.asarray(cv2.transform(closed, weights), np.float32)
    weight = ground.astype(np.float32)
    sigma = 2.0 * COARSE_PX_PER_MM
    smooth = cv2.GaussianBlur(plane * weight, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    smooth = np.where(smooth > 1, smooth, 255.0).astype(np.float32)
    height, width = pixels.shape[:2]
    full = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    light = cv2.transform(pixels, weights)
    return np.asarray(cv2.divide(light, full, dst=full, dtype=cv2.CV_32F), np.float32)


def _check_area(area_cm2: float, px_per_mm: float) -> None:
    if area_cm2 < 1.0:
        raise UncountableError(
            "This cannot be counted: no white tray is in the picture; lay the hairs on a white, matt tray and light it "
            "evenly.",
            person="No white tray can be seen. Please lay the hairs on the white tray and take the picture again.",
        )
    if not SMALLEST_CM2 <= area_cm2 <= LARGEST_CM2:
        raise UncountableError(
            f"This cannot be counted: at {px_per_mm:g} px/mm the white ground has {area_cm2:.0f} cm2, but the tray has "
            f"about 220 cm2 (from {SMALLEST_CM2:.0f} to {LARGEST_CM2:.0f} is accepted); take the whole tray, or "
            "measure the px/mm on a ruler in the picture.",
            person="The tray does not have its usual size in the picture. Please ask a member of staff.",
        )


def _check_light(pixels: UInt8Image, small: UInt8Image, ground: BoolMask) -> None:
    step = max(1, round(pixels.shape[1] / small.shape[1]))
    sample = pixels[::step, ::step]
    full = cv2.resize(ground.astype(np.uint8), sample.shape[1::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    white = float((sample.min(axis=2)[full] >= 254).mean()) if full.any() else 0.0
    if white > LARGEST_SHARE_WHITE:
        raise UncountableError(
            f"This cannot be counted: {white:.0%} of the tray is over-exposed and pale hairs are lost there; shorten "
            "the exposure and take the picture again.",
            person="The picture is too bright. Please take it again with less light.",
        )
