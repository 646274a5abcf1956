"""Micro-relief of the skin: smooth noise, regular lines, furrows that wander, and the grains that glint on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import Rng, SkinLook

Plane = NDArray[np.float32]


def noise(rng: Rng, shape: tuple[int, int], correlation_px: float) -> Plane:
    """Smooth noise (H, W), mean 0 and standard deviation about 1, with the given correlation length in pixels."""
    height, width = shape
    step = max(1.0, correlation_px / 1.5)
    small = rng.standard_normal((int(np.ceil(height / step)) + 3, int(np.ceil(width / step)) + 3), dtype=np.float32)
    small = cv2.GaussianBlur(small, (0, 0), 0.9).astype(np.float32, copy=False)
    small /= max(float(small.std()), 1e-6)
    if step == 1.0:
        return small[:height, :width].copy()
    full = cv2.resize(small, (0, 0), fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
    return full[:height, :width].astype(np.float32, copy=False)


def line_field(rng: Rng, shape: tuple[int, int], spacing_px: float, angle: float) -> Plane:
    """Wavering parallel lines: white noise through an elongated band-pass kernel (a Gabor function)."""
    half = int(np.ceil(spacing_px * 2.2))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    across = x * np.cos(angle) + y * np.sin(angle)
    along = -x * np.sin(angle) + y * np.cos(angle)
    kernel = np.exp(-0.5 * (across / (0.42 * spacing_px)) ** 2 - 0.5 * (along / (1.1 * spacing_px)) ** 2)
    kernel *= np.cos(2 * np.pi * across / spacing_px)
    kernel -= kernel.mean()
    grain = rng.standard_normal(shape, dtype=np.float32)
    field = cv2.filter2D(grain, -1, kernel.astype(np.float32), borderType=cv2.BORDER_REFLECT)
    return (field / max(float(field.std()), 1e-6)).astype(np.float32)


def _wandering_lines(rng: Rng, shape: tuple[int, int], spacing_px: float, angle: float, stretch: float) -> Plane:
    """Lines (H, W), 0 to 1, that run roughly along an angle, wander, fork and end: the zeros of stretched noise.

    Value over slope is the distance to the zero, so that all lines are equally fine.
    """
    reach = int(np.ceil(np.hypot(*shape))) + 4
    across, along = max(1.0, spacing_px / 1.6), max(1.0, stretch * spacing_px / 1.6)
    small = rng.standard_normal((int(reach / across) + 5, int(reach / along) + 5)).astype(np.float32)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.float32)
    small /= max(float(small.std()), 1e-6)
    middle = np.array(small.shape[::-1]) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    # From pixels of the texture to those of the small noise, turned and stretched.
    turn = np.array([[cos / along, sin / along], [-sin / across, cos / across]])
    shift = middle - turn @ (np.array(shape[::-1]) / 2)
    matrix = np.hstack([turn, shift[:, None]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(small, matrix, shape[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT)
    slope = cv2.magnitude(
        cv2.Sobel(field, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(field, cv2.CV_32F, 0, 1, scale=1 / 8)
    )
    distance = np.abs(field) / np.maximum(slope, 0.35 / across)
    return np.asarray(np.exp(-((distance / max(0.9, 0.09 * spacing_px)) ** 2)), np.float32)


def creases(rng: Rng, shape: tuple[int, int], look: SkinLook, px_per_mm: float) -> Plane:
    """Depth (H, W), 0 to 1, of fine furrows: families that cross and wander a little, deep in some places only."""
    angle = rng.uniform(0, np.pi)
    spacing = max(2.5, look.relief_scale_mm * px_per_mm * rng.uniform(0.6, 1.4))
    depth = np.zeros(shape, np.float32)
    for strength, turn, stretch in ((1.0, 0.0, 9.0), (0.8, rng.uniform(0.6, 1.5), 8.0), (0.6, rng.uniform(0, 3), 5.0)):
        lines = _wandering_lines(rng, shape, spacing, angle + turn, stretch)
        where = np.clip(0.35 + 0.5 * noise(rng, shape, 0.6 * px_per_mm), 0, 1)
        np.maximum(depth, strength * lines * where, out=depth)
    return depth


def grains(rng: Rng, shape: tuple[int, int], furrows: Plane, px_per_mm: float) -> Plane:
    """Fine glints (H, W) on the ridges between the furrows, gathered in patches."""
    fine = noise(rng, shape, 1.0)
    middle = noise(rng, shape, max(1.0, 0.035 * px_per_mm))
    where = 0.4 * noise(rng, shape, 0.10 * px_per_mm) + 0.35 * noise(rng, shape, 0.35 * px_per_mm)
    where += 0.4 * noise(rng, shape, 1.6 * px_per_mm)
    # Many weak grains and few strong ones, in rows along the ridges.
    rows = _wandering_lines(rng, shape, max(2.5, 0.11 * px_per_mm), rng.uniform(0, np.pi), 6.0)
    ridge = np.clip(1 - 1.5 * furrows, 0, 1) * (0.55 + 0.6 * rows)
    sparkle = np.square(np.clip(0.75 * fine + 0.5 * middle + 0.8 * where + 0.25, 0, 3)) * ridge
    haze = np.clip(where + 0.1, 0, 2) * (0.6 + 0.25 * middle)
    return np.asarray(0.10 * sparkle + 0.08 * np.clip(haze, 0, 2), np.float32)
