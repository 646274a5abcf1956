"""Shed hairs on a white tray: how many, and how many of them are 3 cm or shorter.

Hairs are followed through their crossings (`station.density.strands`). Where they lie thick some are lost at a crossing
and found as two pieces, whose ends lie on other hairs. Few true tips do, as many as the hairs cover of the tray; what
there is beyond that says how many pieces are too many. Hairs of less than 6 mm are not told from lint and not counted.

Short: 3 cm or less, as the modified wash test has it (domain reference 3.4). Every figure has its interval
(`station.density.tray_interval`); what cannot be told apart is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.ridges import hysteresis, noise_of, ridge_strength, thinned
from station.density.strands import Strand, strands_of
from station.density.tray_area import RIM_MM, Tray, find_tray
from station.density.tray_interval import TrayIntervals, load_intervals
from station.errors import UncountableError
from station.values import BoolMask, StandardImage, TrayCount, TrayHair

WORKING_PX_PER_MM = 20.0
"""Photographs of more than 1.3 times this are brought to it: widths and reaches in pixels are meant for it."""
SHORT_MM = 30.0
LEAST_HAIR_MM = 6.0
FAINT, CLEAR = 0.022, 0.05
FAINT_NOISE, CLEAR_NOISE = 3.2, 5.0
"""Strength of a line's faintest and clearest parts, at least, and as multiples of what noise gives."""
LEAST_LINE_PX = 24
MERGED_MM = 0.3
"""Two hairs nearer than this are one line: a tip that lies there ends on the other."""
ONE_LOOSE, TWO_LOOSE = 0.10, 0.95
"""How much less than a hair a piece counts when one, or both, of its ends were lost at another hair."""
OVER_THE_RIM_MM = 25.0
"""Pieces that leave the tray, ends nearer than this to each other, are one hair that lies over its rim."""
MOST_HAIR = 70.0
"""mm of hair per cm2, beyond which hairs cannot be told apart."""
MOST_HAIRS = 160
MOST_LOOSE = 1.3
THICKEST_MM = 0.30
"""A shed hair has 0.05 to 0.09 mm; with its blur it seems up to 0.2 mm wide."""


def count_tray(image: StandardImage, intervals: TrayIntervals | None = None) -> TrayCount:
    """Count the hairs on the white tray of `image`.

    Raises UncountableError, with what to do about it, when the picture shows no white tray or another scale, when hairs
    lie too thick to be told apart, and when there are more than about 150.
    """
    image = _at_working_scale(image)
    tray = find_tray(image)
    strength = ridge_strength(tray.share)
    noise = noise_of(strength, tray.inside)
    low, high = max(FAINT, FAINT_NOISE * noise), max(CLEAR, CLEAR_NOISE * noise)
    lines = hysteresis(strength, tray.inside, low, high, LEAST_LINE_PX)
    del strength
    area_cm2 = float(tray.inside.sum()) / (10 * image.px_per_mm) ** 2
    skeleton = thinned(lines)
    _check_thickness(float(skeleton.sum()), area_cm2, image.px_per_mm)
    _check_width(lines, skeleton, image.px_per_mm)
    found = [
        strand
        for strand in strands_of(skeleton, lines)
        if strand.length >= LEAST_HAIR_MM * image.px_per_mm and not tray.is_rim(strand.points)
    ]
    return _counted(found, _over_the_rim(found, tray, image.px_per_mm), image, area_cm2, intervals or load_intervals())


def _at_working_scale(image: StandardImage) -> StandardImage:
    factor = WORKING_PX_PER_MM / image.px_per_mm
    if factor > 1 / 1.3:
        return image
    size = round(image.pixels.shape[1] * factor), round(image.pixels.shape[0] * factor)
    pixels = np.asarray(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    countable = cv2.resize(image.countable.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    return StandardImage(pixels, WORKING_PX_PER_MM, image.px_per_mm_rel_sd, countable, image.calibration_id)


@dataclass(frozen=True, slots=True)
class _Tally:
    """Pieces and what they count for."""

    weight: NDArray[np.float64]
    length_mm: NDArray[np.float64]

    @property
    def short(self) -> float:
        return float(self.weight[self.length_mm <= SHORT_MM].sum())

    @property
    def longer(self) -> float:
        return float(self.weight[self.length_mm > SHORT_MM].sum())


def _counted(
    found: Sequence[Strand], doubled: int, image: StandardImage, area_cm2: float, intervals: TrayIntervals
) -> TrayCount:
    scale = image.px_per_mm
    tally = _tally(found, scale, area_cm2)
    total_mm = float(tally.length_mm.sum())
    thickness = total_mm / area_cm2 if area_cm2 > 0 else 0.0
    loose = sum(strand.loose for strand in found)
    estimate = max(0.0, tally.short + tally.longer - doubled)
    if loose > MOST_LOOSE * max(len(found), 8):
        raise _clumped()
    if estimate > MOST_HAIRS:
        raise UncountableError(
            f"This cannot be counted: there are about {round(estimate, -1):.0f} hairs on the tray, and more than 150 "
            "are not counted surely; count in portions and add them up.",
            person="There are too many hairs on the tray. Please count them in portions.",
        )
    count, short = round(estimate), round(min(tally.short, estimate))
    hairs = tuple(
        TrayHair((strand.points / scale).astype(np.float32), length, length <= SHORT_MM)
        for strand, length in zip(found, tally.length_mm.tolist(), strict=True)
    )
    return TrayCount(
        hairs=hairs,
        count=count,
        count_interval=intervals.around("count", count, thickness),
        short=short,
        short_interval=intervals.around("short", short, thickness),
        longer=count - short,
        longer_interval=intervals.around("longer", count - short, thickness),
        total_length_mm=total_mm,
        hair_mm_per_cm2=thickness,
        area_cm2=area_cm2,
        px_per_mm=scale,
        calibration_id=f"{image.calibration_id} tray:{intervals.sha256[:12]}",
        warnings=_warnings(thickness, loose, len(found)),
    )


def _tally(found: Sequence[Strand], scale: float, area_cm2: float) -> _Tally:
    """What each piece counts for: less than one where its ends were lost, as far as that is not chance."""
    lengths = np.array([strand.length / scale for strand in found], np.float64)
    loose = np.array([strand.loose for strand in found], np.int64)
    covered = MERGED_MM * float(lengths.sum()) / (100 * area_cm2) if area_cm2 > 0 else 0.0
    by_chance = 2 * len(found) * covered / max(int(loose.sum()), 1)
    lost = 1 - min(1.0, by_chance)
    return _Tally(1 - lost * np.array([0.0, ONE_LOOSE, TWO_LOOSE])[loose], lengths)


def _over_the_rim(found: Sequence[Strand], tray: Tray, scale: float) -> int:
    """Hairs that leave the tray and come back, so that they were found as two pieces."""
    places, owners = [], []
    for index, strand in enumerate(found):
        for point in (strand.points[0], strand.points[-1]):
            if tray.rim_distance(point) < RIM_MM + 1.2:
                places.append(point / scale)
                owners.append(index)
    used: set[int] = set()
    pairs = 0
    apart = sorted(
        (float(np.hypot(*(places[a] - places[b]))), a, b)
        for a in range(len(places))
        for b in range(a)
        if owners[a] != owners[b]
    )
    for distance, a, b in apart:
        if distance <= OVER_THE_RIM_MM and a not in used and b not in used:
            used.update((a, b))
            pairs += 1
    return pairs


def _check_thickness(skeleton_px: float, area_cm2: float, scale: float) -> None:
    # A skeleton's steps are 1.1 px long on the average over directions.
    if area_cm2 > 0 and 1.1 * skeleton_px / scale / area_cm2 > MOST_HAIR:
        raise _clumped()


def _check_width(lines: BoolMask, skeleton: BoolMask, scale: float) -> None:
    if skeleton.sum() < 200:
        return
    distance = cv2.distanceTransform(lines.astype(np.uint8), cv2.DIST_L2, 3)
    width_mm = 2 * float(np.median(distance[skeleton])) / scale
    if width_mm > THICKEST_MM:
        raise UncountableError(
            f"This cannot be counted: at {scale:g} px/mm the lines are {width_mm:.2f} mm wide, wider than hair; focus "
            "on the tray and take the picture again, or measure the px/mm on a ruler in the picture.",
            person="The picture is not sharp, or its scale is wrong. Please take it again.",
        )


def _clumped() -> UncountableError:
    return UncountableError(
        "This cannot be counted: the hairs cross too often to be told apart; spread the hairs apart, or count them in "
        "portions, and take the picture again.",
        person="The hairs lie too close together. Please spread the hairs apart and take the picture again.",
    )


def _warnings(thickness: float, loose: int, pieces: int) -> tuple[str, ...]:
    found = []
    if pieces and loose > 0.5 * pieces and not math.isclose(thickness, 0):
        found.append("Many hairs cross: spread the hairs apart, or count in portions, for a surer count.")
    return tuple(found)
