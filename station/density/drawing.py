"""The density map to look at: over the photograph with its scales, or alone and transparent for the pages."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from station.values import DensityMap, FloatArray, Measurement, UInt8Image

COLOURS = cv2.COLORMAP_VIRIDIS
"""Perceptually uniform, and readable with a colour-vision deficiency."""

OPACITY = 0.5
MIN_WIDTH_PX, MAX_SIDE_PX = 900, 1800
PAPER, INK, FAINT = (255, 255, 255), (28, 32, 38), (96, 104, 114)

Colour = tuple[int, int, int]


def upper_limit(highest: float) -> float:
    """A round number at or above `highest`, at least 10, for the end of a colour scale that begins at 0."""
    power = 10.0 ** math.floor(math.log10(max(highest, 10.0)))
    return next(power * step for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power * step >= highest)


def nice_step(value: float, *, up: bool) -> float:
    """The nearest of 1, 2, 5 times a power of ten that is not below (`up`) or not above `value` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = [power * factor for factor in (1, 2, 5, 10)]
    slack = value * 1e-9
    return min(s for s in steps if s >= value - slack) if up else max(s for s in steps if s <= value + slack)


def map_rgba(
    density: FloatArray, pitch_mm: float, size_mm: tuple[float, float], *, width_px: int, high: float
) -> NDArray[np.uint8]:
    """A density map alone: (H, W, 4) uint8 RGBA of the photograph's aspect, transparent where nothing was counted.

    density: (rows, columns) per cm2 with NaN, of a `DensityMap`; size_mm: width and height of the photograph;
    high: density at the end of the colour scale, which begins at 0.
    """
    height_px = max(1, round(width_px * size_mm[1] / size_mm[0]))
    values, covered = _resampled(density, pitch_mm, size_mm, (width_px, height_px))
    rgba = np.dstack([_coloured(values, high), np.round(255 * covered).astype(np.uint8)])
    return np.ascontiguousarray(rgba)


def draw_map(pixels: UInt8Image, measurement: Measurement, *, high: float | None = None) -> UInt8Image:
    """The follicular-unit density over the photograph, with colour bar in FU/cm2 and scale bar in mm.

    pixels: (H, W, 3) uint8 RGB, the photograph that was measured; high: end of the colour scale (default: a round
    number above the map's highest). Returns (H', W', 3) uint8 RGB: the photograph, at least 900 px wide and at most
    1800 px a side, on a sheet with its legend.
    """
    density = measurement.map.fu_per_cm2
    if high is None:
        high = upper_limit(float(np.nanmax(density)))
    height, width = pixels.shape[:2]
    factor = min(max(MIN_WIDTH_PX / width, 1.0), MAX_SIDE_PX / width, MAX_SIDE_PX / height)
    photo_size = max(1, round(width * factor)), max(1, round(height * factor))
    photo = cv2.resize(pixels, photo_size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    size_mm = width / measurement.px_per_mm, height / measurement.px_per_mm
    px_per_mm = photo_size[0] / size_mm[0]
    overlaid = _overlaid(np.asarray(photo, np.uint8), measurement.map, size_mm, high)
    _mark_units(overlaid, measurement, px_per_mm)

    wide = max(photo_size[0], MIN_WIDTH_PX)
    font_px = max(16, round(wide / 52))
    pad, head, foot = font_px, round(3.6 * font_px), round(2.6 * font_px)
    bar_width, legend = round(1.4 * font_px), round(7.2 * font_px)
    tall = max(photo_size[1], 14 * font_px)
    sheet = Image.new("RGB", (wide + 2 * pad + legend, head + tall + foot), PAPER)
    sheet.paste(Image.fromarray(overlaid), (pad, head))
    draw = ImageDraw.Draw(sheet)
    _title(draw, measurement, pad, head, font_px)
    _colour_bar(sheet, draw, (wide + 2 * pad, head, bar_width, tall), high, font_px)
    _footer(draw, measurement, (pad, head + tall, wide), px_per_mm, font_px)
    return np.array(sheet, dtype=np.uint8)


def _resampled(
    density: FloatArray, pitch_mm: float, size_mm: tuple[float, float], size_px: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """The map at the centres of `size_px` (width, height) pixels, and how much each pixel is covered, 0 to 1."""
    known = np.isfinite(density)
    x_step, y_step = (mm / px / pitch_mm for mm, px in zip(size_mm, size_px, strict=True))
    to_grid = np.array([[x_step, 0, x_step / 2 - 0.5], [0, y_step, y_step / 2 - 0.5]])

    def sampled(grid: FloatArray) -> FloatArray:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(grid, to_grid, size_px, flags=flags, borderMode=cv2.BORDER_REPLICATE))

    weight = sampled(known.astype(np.float32))
    values = sampled(np.where(known, density, 0).astype(np.float32)) / np.maximum(weight, np.float32(1e-6))
    covered = np.clip((weight - 0.5) / max(x_step, 1e-6) + 0.5, 0, 1) * (weight > 0)
    return np.asarray(values, np.float32), np.asarray(covered, np.float32)


def _coloured(values: FloatArray, high: float) -> UInt8Image:
    index = np.round(255 * np.clip(values / high, 0, 1)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(index, COLOURS), cv2.COLOR_BGR2RGB), np.uint8)


def _overlaid(photo: UInt8Image, density: DensityMap, size_mm: tuple[float, float], high: float) -> UInt8Image:
    height, width = photo.shape[:2]
    values, covered = _resampled(density.fu_per_cm2, density.pitch_mm, size_mm, (width, height))
    alpha = (OPACITY * covered)[:, :, np.newaxis]
    mixed = (photo * (1 - alpha) + _coloured(values, high) * alpha).round().astype(np.uint8)
    outline, _ = cv2.findContours((covered > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(mixed, outline, -1, PAPER, max(1, width // 900), cv2.LINE_AA)
    return mixed


def _mark_units(photo: UInt8Image, measurement: Measurement, px_per_mm: float) -> None:
    """A ring around each counted unit, light on dark so that it shows on any skin."""
    radius = max(3, min(round(0.16 * px_per_mm), photo.shape[1] // 60))
    thin = max(1, photo.shape[1] // 900)
    for unit in measurement.units:
        centre = round(unit.x_mm * px_per_mm * 16), round(unit.y_mm * px_per_mm * 16)
        cv2.circle(photo, centre, radius * 16, INK, 3 * thin, cv2.LINE_AA, shift=4)
        cv2.circle(photo, centre, radius * 16, PAPER, thin, cv2.LINE_AA, shift=4)


def _write(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: Colour, size: int) -> None:
    """Text that begins at the left of `place` and is centred on its height; Pillow's font has no raised 2."""
    x, y = place
    font, raised = ImageFont.load_default(size), ImageFont.load_default(round(0.66 * size))
    for index, part in enumerate(text.split("²")):
        if index:
            draw.text((x, y - 0.3 * size), "2", colour, raised, anchor="lm")
            x += draw.textlength("2", raised)
        draw.text((x, y), part, colour, font, anchor="lm")
        x += draw.textlength(part, font)


def _title(draw: ImageDraw.ImageDraw, measurement: Measurement, left: int, height: int, font_px: int) -> None:
    interval = measurement.fu_interval
    units = "1 unit" if measurement.fu_count == 1 else f"{measurement.fu_count} units"
    headline = f"{measurement.fu_per_cm2:.0f} follicular units per cm²"
    detail = (
        f"{interval.level:.0%} interval {interval.low:.0f} to {interval.high:.0f}  ·  {units} on "
        f"{measurement.counted_area_cm2:.2f} cm²  ·  {measurement.hairs_per_cm2:.0f} hairs per cm²"
    )
    _write(draw, (left, height * 0.34), headline, INK, round(1.35 * font_px))
    _write(draw, (left, height * 0.74), detail, FAINT, font_px)


def _colour_bar(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], high: float, font_px: int
) -> None:
    left, top, width, tall = box
    top, tall = top + round(1.8 * font_px), tall - round(2.3 * font_px)
    ramp = np.linspace(high, 0, tall, dtype=np.float32)[:, np.newaxis].repeat(width, axis=1)
    sheet.paste(Image.fromarray(_coloured(ramp, high)), (left, top))
    draw.rectangle((left, top, left + width - 1, top + tall - 1), outline=FAINT)
    _write(draw, (left, top - round(1.2 * font_px)), "FU/cm²", INK, font_px)
    step = nice_step(high / 6, up=True)
    for tick in np.arange(0, high + step / 1000, step):
        y = top + (tall - 1) * (1 - float(tick) / high)
        draw.line((left + width, y, left + width + font_px // 3, y), fill=FAINT, width=max(1, font_px // 12))
        _write(draw, (left + width + round(0.6 * font_px), y), f"{tick:g}", INK, font_px)


def _footer(
    draw: ImageDraw.ImageDraw, measurement: Measurement, box: tuple[int, int, int], px_per_mm: float, font_px: int
) -> None:
    left, top, wide = box
    length_mm = nice_step(wide / px_per_mm / 4, up=False)
    length = length_mm * px_per_mm
    y, tick = top + 1.3 * font_px, 0.4 * font_px
    line = max(2, font_px // 8)
    draw.line((left, y, left + length, y), fill=INK, width=line)
    for x in (left, left + length):
        draw.line((x, y - tick, x, y + tick), fill=INK, width=line)
    _write(draw, (left + length + 0.7 * font_px, y), f"{length_mm:g} mm", INK, font_px)
    note = f"Rings: follicular units  ·  coloured: counted area  ·  smoothed over {measurement.map.smoothing_mm:g} mm"
    draw.text((left + wide, y), note, FAINT, ImageFont.load_default(font_px), anchor="rm")
