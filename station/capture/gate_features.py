"""What one live picture shows, in numbers: the facts that the quality gate judges.

Focus, glare and darkness are found as in a photograph (`station.density.countable`), so that what passes here is
counted there. All of it costs some 30 ms for the reference rig's preview on one core (benchmarks/preview.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.capture.gate_motion import Movement
from station.density.countable import BLUR, countable_area
from station.density.tiles import WorkingView, to_working_scale
from station.rig.preview import Preview

GATE_PX_PER_MM = 34.08
"""The reference rig's preview; finer ones are brought to it, so that the limits mean the same at every rig."""

SKIN_PERCENTILE = 95
"""Of the picture's grey levels, smoothed over 0.15 mm: skin is what is lightest, glints and light hair apart."""
SKIN_LEVEL = 0.75
"""Of that level: darker is hair. Vignette and the skin's relief stay above."""
EDGE, EDGE_OF_STRONGEST = 0.08, 0.3
"""An edge is a step of this share of the skin's level to the next pixel, and of the strongest edges."""
NEAR_EDGE_MM = 0.08
"""Skin nearer than this to an edge is not open: a shaft may lie over it."""
WIDE_MM = 0.32
"""Shafts lie side by side where hair is wider than this: four or more of them."""
SATURATED = 250
VEIL_CELL_PX, VEIL_CELLS = 8, 4.0
"""The haze of mirrored light is looked for on cells of 0.23 mm, smoothed by 0.9 mm: hair is finer."""
VEIL = 1.25
"""Of the middle level of the darkest colour: mirrored light is white, and lifts that colour most. The brightest part of
good pictures has 1.07, of real frames in uneven light 1.13, of a haze of a fifth of the light 1.30 or more."""


@dataclass(frozen=True, slots=True)
class Look:
    """taken: seconds; sharpness: the median focus ratio over its limit, above 1 is in focus; blurred, glare, dark:
    shares of the view out of focus, in glare, in the dark; skin_level: grey level of the skin, 0 to 255; saturated:
    share of the view at the sensor's limit in any colour; open_skin: share of the view that is skin away from any
    shaft; wide_hair: share of the hair that lies in strands wider than `WIDE_MM`; movement: since the picture before,
    None where it could not be followed; followed: whether there was a picture before."""

    taken: float
    sharpness: float
    blurred: float
    glare: float
    dark: float
    skin_level: float
    saturated: float
    open_skin: float
    wide_hair: float
    movement: Movement | None
    followed: bool


def look_at(preview: Preview, movement: Movement | None, *, followed: bool) -> Look:
    """The facts of a live picture. followed: there was a picture before, from which `movement` was looked for."""
    view = _at_gate_scale(preview)
    quality = countable_area(view).quality
    skin_level, open_skin, wide = _skin_and_hair(view)
    brightest = cv2.max(cv2.max(*cv2.split(view.pixels)[:2]), view.pixels[..., 2])
    return Look(
        taken=preview.taken,
        sharpness=quality.sharpness,
        blurred=dict(quality.losses).get(BLUR, 0.0),
        glare=max(quality.glare_share, _veiled(view)),
        dark=quality.dark_share,
        skin_level=skin_level,
        saturated=float(np.count_nonzero(brightest >= SATURATED)) / brightest.size,
        open_skin=open_skin,
        wide_hair=wide,
        movement=movement,
        followed=followed,
    )


def _at_gate_scale(preview: Preview) -> WorkingView:
    if preview.px_per_mm <= 1.05 * GATE_PX_PER_MM:
        return WorkingView(preview.pixels, preview.px_per_mm, preview.px_per_mm)
    return to_working_scale(preview.pixels, preview.px_per_mm, GATE_PX_PER_MM)


def _skin_and_hair(view: WorkingView) -> tuple[float, float, float]:
    """The skin's grey level, the share of open skin, and the share of hair in wide strands."""
    grey = np.asarray(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    level = float(np.percentile(cv2.medianBlur(grey, 5)[::2, ::2], SKIN_PERCENTILE))
    across, down = cv2.Sobel(grey, cv2.CV_16S, 1, 0), cv2.Sobel(grey, cv2.CV_16S, 0, 1)
    step = cv2.add(cv2.convertScaleAbs(across, alpha=0.25), cv2.convertScaleAbs(down, alpha=0.25))
    least = max(EDGE * level, EDGE_OF_STRONGEST * float(np.percentile(step[::2, ::2], 98)), 1.0)
    edges = cv2.threshold(step, least, 1, cv2.THRESH_BINARY)[1]
    near = cv2.dilate(edges, _disc(2 * NEAR_EDGE_MM * view.x_scale))
    hair = cv2.threshold(grey, SKIN_LEVEL * level, 1, cv2.THRESH_BINARY_INV)[1]
    closed = cv2.bitwise_or(near, hair)
    covered = cv2.countNonZero(hair)
    wide = cv2.countNonZero(cv2.morphologyEx(hair, cv2.MORPH_OPEN, _disc(WIDE_MM * view.x_scale)))
    return level, 1 - cv2.countNonZero(closed) / grey.size, wide / max(covered, 0.02 * grey.size)


def _veiled(view: WorkingView) -> float:
    """Share of the view that lies under a haze of mirrored light, which need not be saturated."""
    height, width = view.pixels.shape[:2]
    size = max(1, width // VEIL_CELL_PX), max(1, height // VEIL_CELL_PX)
    coarse = cv2.medianBlur(cv2.resize(view.pixels, size, interpolation=cv2.INTER_AREA), 5)
    smooth = np.asarray(cv2.GaussianBlur(coarse, (0, 0), VEIL_CELLS), np.float32).min(axis=2)
    return float((smooth > VEIL * max(1.0, float(np.median(smooth)))).mean())


def _disc(diameter_px: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round((diameter_px - 1) / 2)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
