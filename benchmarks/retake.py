"""A real frame, photographed once more in software: what the camera burned in is masked, then the view moves.

Truth is exact by construction: one homography from the first picture to the second. What lies outside the first
picture, and what was burned into it, counts in neither.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.engine import Engine
from station.density.measure import measure
from station.density.model import load_model
from station.errors import UncountableError
from station.imaging import read_photograph
from station.records.detail import pack
from station.rig.profile import load_profile
from station.values import StandardImage

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

RIG = "microscope-7mm"
SEED = 20_260_501
MAX_SHIFT = 0.30
"""Of the view's width and height, each by itself."""
MAX_ROTATION_DEG = 20.0
MAX_SCALE = 0.03
MAX_PERSPECTIVE = 0.015
"""Scale at one edge of the view against its middle: a tilt of 5 degrees seen from 20 mm."""
MAX_BLUR_MM = 0.012
NOISE_LEVELS = (1.5, 5.0)
EDGE_MM = 0.2
"""A root so near to what is left out is seen only in part; the station itself keeps as far from a photograph's edge."""
LINE_MM = 0.06
"""The red lines are two pixels wide, and colour runs beside them."""
REDDER = 60
"""Red over green and blue, in grey levels, that no skin has."""
LABEL_SIDES = ((150, 110), (280, 180))
"""Least and largest width and height in px of the text in the small box beside a measuring circle, widened by 25 px."""


@dataclass(frozen=True, slots=True)
class Frame:
    """name, split; pixels: (H, W, 3) uint8, without overlays; allowed: (H, W), False where one covered the skin."""

    name: str
    split: str
    px_per_mm: float
    pixels: Picture
    allowed: Mask


@dataclass(frozen=True, slots=True)
class Retake:
    """pixels, allowed: as in `Frame`; matrix: (3, 3), pixels of the first picture to pixels of this one."""

    pixels: Picture
    allowed: Mask
    matrix: Floats


def labels(folder: Path) -> list[dict[str, Any]]:
    """The rows of `labels.jsonl`, by name."""
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines() if line.strip()]
    return sorted(rows, key=lambda row: str(row["frame"]))


def load_frame(folder: Path, row: dict[str, Any]) -> Frame:
    """The frame of a row, with everything that was burned in filled from around it, and all but thin lines left out."""
    pixels = read_photograph(folder / row["image"])
    scale = float(row["px_per_mm"])
    covered = np.zeros(pixels.shape[:2], bool)
    for x0, y0, x1, y1 in row.get("ignore_rects", ()):
        covered[max(0, int(y0)) : max(0, int(y1)), max(0, int(x0)) : max(0, int(x1))] = True
    lines = np.zeros_like(covered)
    if row.get("measure_circle"):
        lines = grown(red_lines(pixels), LINE_MM * scale / 2)
        box = label_box(pixels)
        if box is not None:
            x0, y0, x1, y1 = box
            covered[y0:y1, x0:x1] = True
    clean = filled(pixels, covered)
    if lines.any():
        clean = np.asarray(cv2.inpaint(clean, lines.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)
    return Frame(str(row["frame"]), str(row["split"]), scale, clean, ~grown(covered, EDGE_MM * scale))


def red_lines(pixels: Picture) -> Mask:
    """(H, W) True on the measuring circle and its radius."""
    red, green, blue = (channel.astype(np.int16) for channel in cv2.split(pixels))
    return np.asarray(red - np.maximum(green, blue) > REDDER, bool)


def label_box(pixels: Picture) -> tuple[int, int, int, int] | None:
    """The box (x0, y0, x1, y1) of pure blue text beside a measuring circle; None where there is none of its size.

    Surgical ink is as blue, but no stroke of it has the box's size.
    """
    red, green, blue = cv2.split(pixels)
    text = ((blue > 120) & (red < 60) & (green < 60)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(text, np.ones((25, 25), np.uint8)))
    low, high = LABEL_SIDES
    fitting = [
        (int(area), int(x), int(y), int(w), int(h))
        for x, y, w, h, area in stats[1:]
        if low[0] <= w <= high[0] and low[1] <= h <= high[1]
    ]
    if not fitting:
        return None
    _, x, y, w, h = max(fitting)
    height, width = text.shape
    return max(0, x - 4), max(0, y - 4), min(width, x + w + 4), min(height, y + h + 4)


def grown(mask: Mask, reach_px: float) -> Mask:
    """`mask` and everything within `reach_px` of it."""
    size = 2 * max(1, round(reach_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc) > 0, bool)


def filled(pixels: Picture, covered: Mask) -> Picture:
    """`pixels` with the mean colour of what surrounds it where `covered`."""
    if not covered.any():
        return pixels
    known = (~covered).astype(np.float32)
    small = (max(1, pixels.shape[1] // 8), max(1, pixels.shape[0] // 8))
    weight = cv2.resize(known, small, interpolation=cv2.INTER_AREA)
    light = cv2.resize(pixels * known[..., None], small, interpolation=cv2.INTER_AREA)
    weight = cv2.GaussianBlur(weight, (0, 0), 8) + 1e-3 * cv2.GaussianBlur(weight, (0, 0), 60)
    light = cv2.GaussianBlur(light, (0, 0), 8) + 1e-3 * cv2.GaussianBlur(light, (0, 0), 60)
    around = cv2.resize(light / weight[..., None], pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(covered[..., None], np.clip(around, 0, 255).astype(np.uint8), pixels)


def retake(frame: Frame, rng: np.random.Generator) -> Retake:
    """Photograph the frame again: the head lies elsewhere, the light is another, the focus a little worse."""
    height, width = frame.pixels.shape[:2]
    matrix = random_view(width, height, rng)
    turned = cv2.warpPerspective(
        frame.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    edge = round(EDGE_MM * frame.px_per_mm)
    inside = np.zeros((height, width), np.uint8)
    inside[edge:-edge, edge:-edge] = frame.allowed[edge:-edge, edge:-edge]
    allowed = cv2.warpPerspective(inside, matrix, (width, height), flags=cv2.INTER_NEAREST) > 0
    return Retake(relit(np.asarray(turned, np.uint8), frame.px_per_mm, rng), np.asarray(allowed, bool), matrix)


def random_view(width: int, height: int, rng: np.random.Generator) -> Floats:
    """(3, 3) homography: shift, rotation and scale about the view's middle, and perspective."""
    angle = np.radians(rng.uniform(-MAX_ROTATION_DEG, MAX_ROTATION_DEG))
    scale = 1 + rng.uniform(-MAX_SCALE, MAX_SCALE)
    shift = rng.uniform(-MAX_SHIFT, MAX_SHIFT, 2) * (width, height)
    tilt = rng.uniform(-MAX_PERSPECTIVE, MAX_PERSPECTIVE, 2) / (width / 2, height / 2)
    middle = np.array([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1]])
    turn = np.array(
        [
            [scale * np.cos(angle), -scale * np.sin(angle), 0],
            [scale * np.sin(angle), scale * np.cos(angle), 0],
            [tilt[0], tilt[1], 1],
        ]
    )
    back = np.array([[1, 0, (width - 1) / 2 + shift[0]], [0, 1, (height - 1) / 2 + shift[1]], [0, 0, 1]])
    return np.asarray(back @ turn @ middle)


def relit(pixels: Picture, px_per_mm: float, rng: np.random.Generator) -> Picture:
    """Another level, colour and gradient of the light, blur, noise and JPEG."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = 1 + rng.uniform(0, 0.2) * (x * np.cos(angle) + y * np.sin(angle))
    gains = rng.uniform(0.85, 1.15) * rng.uniform(0.92, 1.08, 3)
    gamma = rng.uniform(0.9, 1.1)
    light = 255 * (pixels.astype(np.float32) / 255) ** gamma * slope[..., None] * gains.astype(np.float32)
    sigma = rng.uniform(0, MAX_BLUR_MM) * px_per_mm
    if sigma > 0.3:
        light = cv2.GaussianBlur(light, (0, 0), sigma)
    light += rng.uniform(*NOISE_LEVELS) * rng.standard_normal(light.shape, np.float32)
    _, packed = cv2.imencode(".jpg", np.clip(light, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def applied(matrix: Floats, points: Floats, px_per_mm: float) -> Floats:
    """Points (n, 2) in mm of the first picture, in mm of the second.

    A pixel of index k covers [k, k + 1) of the station's coordinates and lies at k for OpenCV.
    """
    if not len(points):
        return np.zeros((0, 2))
    indices = np.asarray(points, float) * px_per_mm - 0.5
    moved = np.column_stack([indices, np.ones(len(indices))]) @ matrix.T
    return np.asarray((moved[:, :2] / moved[:, 2:] + 0.5) / px_per_mm)


def measured(pixels: Picture, allowed: Mask, engine: Engine) -> bytes:
    """The stored form of what the station measures in a picture of the rig."""
    profile = load_profile(RIG)
    image = StandardImage(pixels, profile.px_per_mm, 0.01, allowed, "benchmark")
    return pack(measure(image, engine))


def fill(folder: Path, cache: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Measure each frame and its retake, and keep both in `cache`; what cannot be counted is kept as such."""
    cache.mkdir(parents=True, exist_ok=True)
    engine = Engine(load_model())
    for number, row in enumerate(rows, 1):
        path = cache / f"{row['frame']}.npz"
        if path.exists():
            continue
        frame = load_frame(folder, row)
        again = retake(frame, np.random.default_rng([SEED, zlib.crc32(frame.name.encode())]))
        blobs = []
        for pixels, allowed in ((frame.pixels, frame.allowed), (again.pixels, again.allowed)):
            try:
                blobs.append(measured(pixels, allowed, engine))
            except UncountableError as error:
                print(f"{frame.name}: {error.operator}", flush=True)
                blobs.append(b"")
        first, second = (np.frombuffer(blob, np.uint8) for blob in blobs)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, first=first, second=second, matrix=again.matrix)
        part.rename(path)
        if number % 20 == 0:
            print(f"measured {number} of {len(rows)}", flush=True)
