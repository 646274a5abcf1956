"""The tray with each hair in a colour, short ones marked, to see what was counted."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from station.density.drawing import FAINT, INK, MAX_SIDE_PX, MIN_WIDTH_PX, PAPER, Colour
from station.values import Interval, TrayCount, UInt8Image

SHORT_COLOUR: Colour = (200, 30, 30)
LONGER_HUES = (0.28, 0.82)
"""Green to violet: never the red of short hairs."""


def draw_tray(pixels: UInt8Image, counted: TrayCount) -> UInt8Image:
    """The counted hairs over the photograph (H, W, 3), with the counts above it: (H', W', 3) uint8 RGB.

    Longer hairs have colours from green to violet and dots at their ends, short ones are red with rings.
    """
    height, width = pixels.shape[:2]
    factor = min(max(MIN_WIDTH_PX / width, 1.0), MAX_SIDE_PX / width, MAX_SIDE_PX / height)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    photo = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) // 2 + 127, np.uint8)
    scale = counted.px_per_mm * size[0] / width
    thick = max(2, size[0] // 700)
    for index, hair in enumerate(counted.hairs):
        low, high = LONGER_HUES
        hue = low + (high - low) * ((index * 0.618) % 1)
        red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, 1.0, 0.72))
        points = np.rint(np.asarray(hair.path_mm, np.float64) * scale).astype(np.int32)
        _draw_hair(photo, points, SHORT_COLOUR if hair.short else (red, green, blue), thick, ringed=hair.short)
    font_px = max(16, round(size[0] / 60))
    head = round(3.4 * font_px)
    sheet = Image.new("RGB", (size[0], head + size[1]), PAPER)
    sheet.paste(Image.fromarray(photo), (0, head))
    _title(ImageDraw.Draw(sheet), counted, head, font_px)
    return np.array(sheet, dtype=np.uint8)


def _draw_hair(photo: UInt8Image, points: NDArray[np.int32], colour: Colour, thick: int, *, ringed: bool) -> None:
    cv2.polylines(photo, [points.reshape(-1, 1, 2)], False, colour, thick, cv2.LINE_AA)
    for end in (points[0], points[-1]):
        centre = int(end[0]), int(end[1])
        if ringed:
            cv2.circle(photo, centre, 4 * thick, PAPER, -1, cv2.LINE_AA)
            cv2.circle(photo, centre, 4 * thick, colour, thick, cv2.LINE_AA)
        else:
            cv2.circle(photo, centre, 2 * thick, colour, -1, cv2.LINE_AA)


def _title(draw: ImageDraw.ImageDraw, counted: TrayCount, head: int, font_px: int) -> None:
    hairs = "hair" if counted.count == 1 else "hairs"
    large, small = ImageFont.load_default(round(1.35 * font_px)), ImageFont.load_default(font_px)
    text = f"{counted.count} {hairs}, 90 % interval {_range(counted.count_interval)}"
    draw.text((font_px, head * 0.34), text, INK, large, anchor="lm")
    detail = (
        f"red, with rings: {counted.short} short, 3 cm or less ({_range(counted.short_interval)})  ·  green to violet: "
        f"{counted.longer} longer ({_range(counted.longer_interval)})  ·  {counted.px_per_mm:g} px/mm"
    )
    draw.text((font_px, head * 0.76), detail, FAINT, small, anchor="lm")


def _range(interval: Interval) -> str:
    return f"{interval.low:.0f} to {interval.high:.0f}"
