"""Is it scalp, and at the stated scale? Refusals in place of numbers for pictures of other things.

Two facts about the network's answer carry the verdict. On scalp at its own scale nearly all of the answer is in high,
clear peaks; on other pictures it is spread over many low ones: `certainty` tells them apart. And the answer is
clearest at the scale for which the network was trained: magnified or reduced, the same photograph tells whether its
stated scale is too small or too large. Where the network finds next to nothing, only colour and evenness say that it
is skin.

The figures below were chosen on frames of the labelled train split (181.4 px/mm), three unshaved frames, simulated
photographs of all skin tones and hair colours, thinned and bald ones among them, and pictures of other things;
`benchmarks/refusals.py` measures them again and fits `TOO_SMALL` and `TOO_LARGE` anew after the model changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.cover import Ridges, ridges_near
from station.density.detect import agreed_roots, units_from_clusters
from station.density.model import DensityModel, Head
from station.density.tiles import HeatMaps, RunTile, WorkingView, infer, to_working_scale
from station.errors import UncountableError
from station.values import BoolMask, StandardImage

ZOOMS = (0.5, math.sqrt(0.5), 1.0, math.sqrt(2), 2.0)
"""Magnifications at which the middle of the photograph is looked at."""

MIN_UNITS, MIN_THERE = 6, 0.6
"""Fewer units at every zoom say nothing about the scale, nor does an answer that is not certain at the zoom of 0.5 (or
2) either, where the photograph should look right: then hair is faint, not of another scale."""
TOO_SMALL = (42.696, 5.686, -8.044, -3.796, -6.011, 6.137, -3.037, 26.286)
TOO_LARGE = (-13.594, -15.887, 13.683, 15.216, -7.897, -3.636, 0.036, -7.143)
"""Weights of `ScaleEvidence.features`, and a constant: logarithm of the odds that the stated scale is a half or less,
or twice or more, of the right one. Logistic regression with ridge penalty, `benchmarks/refusals.py --fit`."""
MAX_LOG_ODDS = 1.0

LOWEST_PEAK = 0.05
PRIOR_CERTAINTY, PRIOR_WEIGHT = 0.4, 2.0
"""Few peaks prove nothing: as if two of this height had been seen as well."""


def certainty(heat: HeatMaps, model: DensityModel) -> float:
    """Mean height of the peaks of hair roots, weighted by height; 0.4 where there are none."""
    score = _peaks(heat, model)
    return float(((score**2).sum() + PRIOR_WEIGHT * PRIOR_CERTAINTY) / (score.sum() + PRIOR_WEIGHT))


def _peaks(heat: HeatMaps, model: DensityModel) -> NDArray[np.float64]:
    return agreed_roots(heat, Head(LOWEST_PEAK, model.hair.nms_radius_mm)).score


@dataclass(frozen=True, slots=True)
class ScaleEvidence:
    """certainty: at each of `ZOOMS`; units: most follicular units at any zoom; fu_per_cm2 and shafts: at the stated
    scale."""

    certainty: tuple[float, ...]
    units: int
    fu_per_cm2: float
    shafts: Ridges

    @property
    def features(self) -> NDArray[np.float64]:
        """(7,): how much clearer the answer is at the other zooms, at the stated one, scale of ridges and density."""
        stated = self.certainty[2]
        other = [min(max(self.certainty[index] - stated, -0.3), 0.3) for index in (0, 1, 3, 4)]
        return np.array([*other, stated, math.log(self.shafts.ridge_mm + 0.02), math.log(self.fu_per_cm2 + 3)])

    @property
    def log_odds(self) -> tuple[float, float]:
        """That the stated scale is a half or less, and that it is twice or more, of the right one; -inf for none."""
        small, large = (float(self.features @ weights[:-1]) + weights[-1] for weights in (TOO_SMALL, TOO_LARGE))
        enough = self.units >= MIN_UNITS
        return (
            small if enough and self.certainty[0] >= MIN_THERE else -math.inf,
            large if enough and self.certainty[4] >= MIN_THERE else -math.inf,
        )


def scale_evidence(
    pixels: NDArray[np.uint8], px_per_mm: float, model: DensityModel, run: RunTile, centre: tuple[float, float]
) -> ScaleEvidence:
    """Look at one tile around `centre` (x, y in pixels of the photograph) at each of `ZOOMS`."""
    found, units, density, shafts = [], 0, 0.0, Ridges(dark=True, ridge_mm=0.0)
    for zoom in ZOOMS:
        side = round(model.tile / model.working_px_per_mm / zoom * px_per_mm)
        view = to_working_scale(_cut(pixels, centre, side), px_per_mm / zoom, model.working_px_per_mm)
        heat = infer(view, model, run)
        found.append(certainty(heat, model))
        seen = units_from_clusters(agreed_roots(heat, model.hair))
        units = max(units, len(seen.units))
        if zoom == 1:
            height, columns = view.pixels.shape[:2]
            density = 100 * len(seen.units) / (height * columns * view.mm2_per_pixel)
            shafts = ridges_near(view, seen.hairs)
    return ScaleEvidence(tuple(found), units, density, shafts)


def _cut(pixels: NDArray[np.uint8], centre: tuple[float, float], side: int) -> NDArray[np.uint8]:
    """A square around `centre`, moved inside the photograph, smaller where it is smaller."""
    cuts = []
    for length, middle in zip(pixels.shape[:2], (centre[1], centre[0]), strict=True):
        size = min(side, length)
        start = min(max(round(middle - size / 2), 0), length - size)
        cuts.append(slice(start, start + size))
    return np.ascontiguousarray(pixels[cuts[0], cuts[1]])


@dataclass(frozen=True, slots=True)
class Background:
    """red, green, blue: median shares of the three colours, 1 in sum; unevenness: standard deviation of the logarithm
    of brightness over blocks of about a hair unit's size, less a smooth field of light."""

    red: float
    green: float
    blue: float
    unevenness: float


BLOCK_MM = 0.36
"""Side of a block; its median leaves hairs out."""


def background(view: WorkingView) -> Background:
    """Colour and evenness of what lies under the hair."""
    scale = math.sqrt(view.x_scale * view.y_scale)
    size = 2 * round(BLOCK_MM * scale / 2 / 2) + 1
    height, width = view.pixels.shape[:2]
    half = cv2.resize(view.pixels, (max(8, width // 2), max(8, height // 2)), interpolation=cv2.INTER_AREA)
    blocks = max(4, half.shape[1] // size), max(4, half.shape[0] // size)
    median = cv2.resize(cv2.medianBlur(half, size), blocks, interpolation=cv2.INTER_AREA).astype(np.float64)
    y, x = np.mgrid[-1 : 1 : blocks[1] * 1j, -1 : 1 : blocks[0] * 1j].reshape(2, -1)
    field = np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])
    level = np.log(median.mean(axis=2) + 8).ravel()
    rest = level - field @ np.linalg.lstsq(field, level, rcond=None)[0]
    red, green, blue = np.median((median / (median.sum(axis=2, keepdims=True) + 1e-6)).reshape(-1, 3), axis=0)
    return Background(float(red), float(green), float(blue), float(rest.std()))


MIN_CERTAINTY = 0.56
"""Scalp for certain."""
FAINT_CERTAINTY, FAINT_UNEVENNESS = 0.43, 0.12
SMALL_ANSWER, SMALL_UNEVENNESS = 40.0, 0.06
"""Without that, skin by its colour is believed where the answer is this certain and the skin this even (hair of nearly
the skin's colour), or where the answer is small, in summed heights per cm2, and the skin more even (bald skin)."""
MIN_WARMTH, MAX_WARMTH, MAX_RED = 0.05, 0.26, 0.47
"""Skin sends more red than blue, by this much of all light, and no more red than that: simulated skin of all tones has
0.08 to 0.22, and 0.38 to 0.46."""


def looks_like_skin(found: Background) -> bool:
    """Colour of bare skin in well balanced light."""
    warmth = found.red - found.blue
    ordered = found.red >= found.green >= found.blue - 0.01
    return ordered and MIN_WARMTH <= warmth <= MAX_WARMTH and found.red <= MAX_RED


def check_scalp(
    image: StandardImage, view: WorkingView, mask: BoolMask, heat: HeatMaps, model: DensityModel, run: RunTile
) -> Ridges:
    """Polarity and ridge scale of the shafts in the middle of what counts.

    mask: (H, W) bool, what counts of `view`; heat: the network's answer to `view`. Raises UncountableError when the
    picture does not look like scalp, or like scalp of another scale. On skin with next to no hair a wrong scale
    cannot be seen.
    """
    rows, columns = np.nonzero(mask[::8, ::8])
    ratio = image.px_per_mm * 8
    centre = (float(columns.mean() + 0.5) * ratio / view.x_scale, float(rows.mean() + 0.5) * ratio / view.y_scale)
    evidence = scale_evidence(image.pixels, image.px_per_mm, model, run, centre)
    too_small, too_large = evidence.log_odds
    if max(too_small, too_large) > MAX_LOG_ODDS:
        raise _wrong_scale(image.px_per_mm, too_small > too_large)
    if not _is_scalp(view, heat, model):
        raise UncountableError(
            f"This cannot be counted: at {image.px_per_mm:g} px/mm it does not look like scalp; take the picture of "
            "bare or parted scalp, sharp and close, or check the px/mm.",
            person="No scalp can be recognised in the picture. Please take it again.",
        )
    return evidence.shafts


def _is_scalp(view: WorkingView, heat: HeatMaps, model: DensityModel) -> bool:
    clear = certainty(heat, model)
    if clear >= MIN_CERTAINTY:
        return True
    under = background(view)
    if not looks_like_skin(under):
        return False
    if clear >= FAINT_CERTAINTY and under.unevenness <= FAINT_UNEVENNESS:
        return True
    area_cm2 = heat.hair.size * heat.x_cell_mm * heat.y_cell_mm / 100
    answer = float(_peaks(heat, model).sum()) / area_cm2
    return answer <= SMALL_ANSWER and under.unevenness <= SMALL_UNEVENNESS


def _wrong_scale(px_per_mm: float, too_small: bool) -> UncountableError:
    hairs, relation = ("thicker and sparser", "twice") if too_small else ("finer and denser", "half")
    return UncountableError(
        f"This cannot be counted: at {px_per_mm:g} px/mm the hairs look {hairs} than hair is, as if the scale were "
        f"about {relation} that; measure the px/mm on a ruler in the picture.",
        person="The scale of the picture seems to be wrong. Please ask a member of staff.",
    )
