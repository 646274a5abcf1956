"""Labelled photographs to adapt the model with: a folder with `labels.jsonl` and the pictures it names.

One JSON object a line: `image` (path below the folder), `px_per_mm`, `hairs` (each with `root` and `tip` in pixels and
`cls`; "abnormal" is a loose hair and not counted), and, if there are any, `split` (a frame of another split than
"train" is never looked at), `ignore_rects` (x0, y0, x1, y1 in pixels), `seams` ({"x", "y"}: lines at which the labels
are incomplete) and `measure_circle` (the device burned red lines into the picture).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.views import WORKING_PX_PER_MM
from station.errors import UsageError
from station.follicular import clusters
from station.imaging import read_photograph

STORED_FACTOR = 2
"""Frames are kept at twice the working scale, so that they can be turned and scaled and still be reduced afterwards."""
MARGIN_MM = 0.2
"""Along the frame's edge, where a hair is seen only in part."""
SEAM_MM = 0.3
"""To each side of a seam: hairs of 0.3 to 0.6 mm that cross it carry no label."""
OVERLAY_MM = 0.08
HOLD_OUT_EVERY = 5
"""Every fifth frame is not trained on: the threshold and the intervals come from it."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """One photograph at `STORED_FACTOR` times the working scale.

    pixels: (H, W, 3) uint8 RGB; known: (H, W) uint8, 255 where labels are complete, otherwise 0; hairs, tips, units:
    (n, 2) positions in its pixels.
    """

    name: str
    pixels: NDArray[np.uint8]
    known: NDArray[np.uint8]
    hairs: Floats
    tips: Floats
    units: Floats


def load_labelled(folder: Path) -> tuple[list[LabelledFrame], list[LabelledFrame]]:
    """The frames to train on and those held out, in the order of the labels. Raises UsageError for unusable ones."""
    path = folder / "labels.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read ({error}): name a folder with labels.jsonl and its pictures."
        ) from error
    frames = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if row.get("split", "train") == "train":
                frames.append(_frame(folder, row))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise UsageError(
                f"{path}, line {number} is not a label ({error!r}): each line needs image, px_per_mm and hairs with "
                "root, tip and cls."
            ) from error
    if len(frames) < HOLD_OUT_EVERY:
        raise UsageError(f"{path} holds {len(frames)} frames to train on: label about 20.")
    held_out = frames[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]
    return [frame for index, frame in enumerate(frames, 1) if index % HOLD_OUT_EVERY], held_out


def crop(frame: LabelledFrame, side: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], list[Floats], Floats]:
    """A piece of a frame at about the working scale, turned by any angle and scaled by up to 7 %.

    Returns pixels (side, side, 3) uint8, the positions of units, hairs and tips in it, and where labels are known
    (side, side), 0 or 1.
    """
    large = side * STORED_FACTOR
    height, width = frame.known.shape
    angle, scale = rng.uniform(0, 2 * np.pi), float(np.clip(rng.normal(1.0, 0.035), 0.9, 1.1))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # A place whose surroundings hold as much of the frame as they can.
    reach = 0.35 * large
    centre = np.array(
        [rng.uniform(min(reach, size / 2), max(size - reach, size / 2)) for size in (width, height)], np.float64
    )
    shift = np.full(2, large / 2) - turn @ centre
    matrix = np.hstack([turn, shift[:, None]])
    pixels = cv2.warpAffine(frame.pixels, matrix, (large, large), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    known = cv2.warpAffine(frame.known, matrix, (large, large), flags=cv2.INTER_NEAREST, borderValue=(0,))
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    share = cv2.resize(known, (side, side), interpolation=cv2.INTER_AREA)
    points = [
        ((places @ turn.T + shift) / STORED_FACTOR).astype(np.float32)
        for places in (frame.units, frame.hairs, frame.tips)
    ]
    return np.asarray(small, np.uint8), points, (np.asarray(share) >= 255).astype(np.float32)


def _frame(folder: Path, row: dict[str, Any]) -> LabelledFrame:
    pixels = read_photograph(folder / row["image"])
    px_per_mm = float(row["px_per_mm"])
    ratio = WORKING_PX_PER_MM * STORED_FACTOR / px_per_mm
    if not 0.05 <= ratio <= 3:
        raise ValueError(f"px_per_mm {px_per_mm:g} is out of range")
    counted = [hair for hair in row["hairs"] if hair["cls"] != "abnormal"]
    hairs = np.array([hair["root"] for hair in counted], np.float64).reshape(-1, 2)
    tips = np.array([hair["tip"] for hair in row["hairs"]], np.float64).reshape(-1, 2)
    group = clusters(hairs / px_per_mm)
    units = np.array([hairs[group == index].mean(axis=0) for index in np.unique(group)]).reshape(-1, 2)
    known = _known(pixels, row, px_per_mm)
    size = (round(pixels.shape[1] * ratio), round(pixels.shape[0] * ratio))
    how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return LabelledFrame(
        name=str(row["image"]),
        pixels=np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8),
        known=np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_NEAREST), np.uint8),
        hairs=(hairs * ratio).astype(np.float32),
        tips=(tips * ratio).astype(np.float32),
        units=(units * ratio).astype(np.float32),
    )


def _known(pixels: NDArray[np.uint8], row: dict[str, Any], px_per_mm: float) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    known = np.zeros((height, width), np.uint8)
    margin = round(MARGIN_MM * px_per_mm)
    known[margin : height - margin, margin : width - margin] = 255
    for x0, y0, x1, y1 in row.get("ignore_rects", ()):
        known[max(0, int(y0)) : max(0, int(y1)), max(0, int(x0)) : max(0, int(x1))] = 0
    seams = row.get("seams") or {}
    band = round(SEAM_MM * px_per_mm)
    if "x" in seams:
        known[:, max(0, int(seams["x"]) - band) : int(seams["x"]) + band] = 0
    if "y" in seams:
        known[max(0, int(seams["y"]) - band) : int(seams["y"]) + band] = 0
    if row.get("measure_circle"):
        # Lines that the device burned in: a red that no skin has.
        red, green, blue = (channel.astype(np.int16) for channel in cv2.split(pixels))
        drawn = ((red - np.maximum(green, blue)) > 60).astype(np.uint8)
        size = 2 * max(1, round(OVERLAY_MM * px_per_mm / 2)) + 1
        known[cv2.dilate(drawn, np.ones((size, size), np.uint8)) > 0] = 0
    return known
