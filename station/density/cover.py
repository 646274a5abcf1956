"""What the hair shafts look like at the working scale: dark or light, how fine, and how much of the skin they cover.

This is not the calibre of a hair, which needs the photograph's own resolution: the scale of ridges serves to tell a
wrong px/mm, and the cover to tell skin from what lies over it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.detect import Points
from station.density.tiles import WorkingView
from station.values import BoolMask

NEAR_ROOT_MM = 0.4
"""A shaft is looked for within this distance of a root."""
RIDGE_SCALES_MM = tuple(0.018 * 2 ** (step / 2) for step in range(8))
"""Standard deviations at which ridges are measured: for shafts of about 30 to 400 um."""

SKIN_WINDOW_MM = 1.0
"""Skin is seen somewhere within half of this, unless hair covers it."""
COARSE = 4
"""The level of the skin is worked out on blocks of so many working pixels."""
MIN_SKIN_LEVEL = 0.7
"""Skin is nowhere darker than this part of the lightest skin in view: where it seems so, dark hair covers it."""
MIN_CONTRAST = 12.0
"""Grey levels by which a shaft differs from the skin at least; less is relief and mottling of the skin."""
MIN_SHAFTS = 3
LIGHT_HAIR = 1.5
"""Hair is light when the light differences have so many times the energy of the dark ones."""


@dataclass(frozen=True, slots=True)
class Ridges:
    """dark: darker than the skin; ridge_mm: twice the lower quartile of the scale of ridges near roots, 0 without: it
    grows with the width of shafts, about with its root, and is no calibre."""

    dark: bool
    ridge_mm: float


def ridges_near(view: WorkingView, roots: Points) -> Ridges:
    """Polarity and ridge scale of the shafts near `roots`, (N, 2) mm.

    Along the middle of a ridge of the width w a second derivative of Gaussian, normalised by sigma^1.5, answers most
    strongly near sigma = w / 2 (Lindeberg T, Edge detection and ridge detection with automatic scale selection, Int J
    Comput Vis 1998;30:117-156). The lower quartile leans to single shafts rather than to bundles.
    """
    grey = _grey(view)
    near = _near(view, roots)
    if not near.any():
        return Ridges(dark=True, ridge_mm=0.0)
    scale = math.sqrt(view.x_scale * view.y_scale)
    dark = _is_dark(grey, scale, near)
    strength = np.stack([_ridges(grey if dark else 255 - grey, sigma * scale, near) for sigma in RIDGE_SCALES_MM])
    best = strength.max(axis=0)
    strong = best >= 0.6 * np.percentile(best, 90)
    return Ridges(dark, _ridge_mm(strength[:, strong]))


def hair_cover(view: WorkingView, roots: Points, dark: bool) -> BoolMask:
    """(H, W) bool, True where hair lies over the skin.

    A pixel is hair when it differs from the lightest (or darkest) level around it by more than half of what shafts near
    `roots` do. That level lies a little beyond the skin's; the lower quartile of all differences corrects it, as long
    as hair covers less than three quarters of the view. Hair of the other polarity, white among black, is not seen.
    """
    grey = _grey(view)
    if not dark:
        grey = 255 - grey
    level = _skin_level(grey, math.sqrt(view.x_scale * view.y_scale))
    if dark:
        level = np.maximum(level, MIN_SKIN_LEVEL * np.float32(np.percentile(level, 90)))
    difference = level - grey
    skin = float(np.percentile(difference, 25))
    shaft = float(np.percentile(difference[_near(view, roots)], 90)) if len(roots) >= MIN_SHAFTS else 0.0
    return np.asarray(difference > max((skin + shaft) / 2, skin + MIN_CONTRAST), bool)


def _grey(view: WorkingView) -> NDArray[np.float32]:
    return cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _near(view: WorkingView, roots: Points) -> BoolMask:
    near = np.zeros(view.pixels.shape[:2], np.uint8)
    radius = round(NEAR_ROOT_MM * math.sqrt(view.x_scale * view.y_scale))
    for x, y in roots:
        cv2.circle(near, (int(x * view.x_scale), int(y * view.y_scale)), radius, (1,), -1)
    return near.astype(bool)


def _skin_level(grey: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """The lighter level around each pixel: a closing over `SKIN_WINDOW_MM`, smoothed."""
    height, width = grey.shape
    size = max(1, width // COARSE), max(1, height // COARSE)
    blocks = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    side = 2 * max(1, round(SKIN_WINDOW_MM * scale / COARSE / 2)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    level = cv2.morphologyEx(blocks, cv2.MORPH_CLOSE, disc, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(level, (0, 0), side / 4, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _is_dark(grey: NDArray[np.float32], scale: float, near: BoolMask) -> bool:
    """Whether what differs most from the middle level around it is darker. Glints on the skin are light, and few."""
    side = 2 * max(1, round(SKIN_WINDOW_MM * scale / 2)) + 1
    middle = cv2.medianBlur(grey.astype(np.uint8), side).astype(np.float32)
    difference = (grey - middle)[near]
    lighter, darker = (float((np.maximum(sign * difference, 0) ** 2).sum()) for sign in (1, -1))
    return darker * LIGHT_HAIR >= lighter


def _ridges(grey: NDArray[np.float32], sigma: float, where: BoolMask) -> NDArray[np.float32]:
    """Strength of dark ridges at one scale, at the pixels of `where`: curvature across less curvature along."""
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    xx, yy, xy = (
        cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3)[where] / 4  # Sobel's kernels sum to 4
        for order in ((2, 0), (0, 2), (1, 1))
    )
    mean, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    across, along = mean + spread, mean - spread
    return np.asarray(sigma**1.5 * np.maximum(across - np.abs(along), 0), np.float32)


def _ridge_mm(strength: NDArray[np.float32]) -> float:
    """Twice the lower quartile of the scale of the strongest answer, refined by a parabola; (scales, N) to mm."""
    peak = strength.argmax(axis=0)
    inner = peak.clip(1, len(RIDGE_SCALES_MM) - 2)
    each = np.arange(strength.shape[1])
    before, at, after = (np.log(strength[inner + step, each] + 1e-3) for step in (-1, 0, 1))
    bend = 2 * at - before - after
    shift = np.where(bend > 1e-6, ((after - before) / (2 * np.maximum(bend, 1e-6))).clip(-0.5, 0.5), 0)
    step = math.log(RIDGE_SCALES_MM[1] / RIDGE_SCALES_MM[0])
    return 2 * RIDGE_SCALES_MM[0] * math.exp(step * float(np.percentile(inner + shift, 25)))
