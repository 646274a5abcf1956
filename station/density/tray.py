"""Shed hairs on a white tray: how many, and how many of them are 3 cm or shorter.

Hairs are followed through their crossings (`station.density.strands`). Where they lie thick some are lost at a crossing
and found as two pieces, whose ends lie on other hairs. Few true tips do, as many as the hairs cover of the tray; what
there is beyond that says how many pieces are too many. Hairs of less than 6 mm are not told from lint and not counted.

Short: 3 cm or less, as the modified wash test has it (domain reference 3.4). Every figure has its interval
(`station.density.tray_interval`); what cannot be told apart is refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.ridges import hysteresis, noise_of, ridge_strength, thinned
from station.density.strands import Strand, strands_of
from station.density.tray_area import USUAL_CM2, Tray, find_tray
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
BOTH_LOST = 1.3
"""A piece both of whose ends were lost at other hairs counts so much less than one hair: it is a part of a hair, and
it tells of more such parts that look whole. Chosen on 160 simulated trays, of which none is calibrated or tested on."""
OVER_THE_RIM_MM = 25.0
"""Pieces that leave the tray, ends nearer than this to each other, are one hair that lies over its rim."""
MOST_HAIR = 70.0
"""mm of hair per cm2, beyond which hairs cannot be told apart."""
MOST_HAIRS = 155
MOST_LOOSE, LEAST_WHOLE = 1.3, 0.55
"""Lost ends per piece beyond which, and share of hairs among the pieces below which, hairs cannot be told apart."""
MOST_NOISE = 0.012
"""Beyond it a pale hair would not stand out."""
COARSER = 4
SOFT_FAINT, SOFT_CLEAR = 0.008, 0.014
SOFT_NEAR_MM, SOFT_MM, SOFT_SHARE = 2.0, 30.0, 0.15
"""Lines seen only when looked at four times coarser are out of focus: so many mm of them, and this share of the sharp
ones, are too many. Shadows lie nearer than this to their hair."""
MUCH_HIDDEN = 0.02
LEAST_PRINTED, STRAIGHT = 4, 0.997
"""So many lines that run straight from edge to edge are printed on the ground."""
THICKEST_MM = 0.30
"""A shed hair has 0.05 to 0.09 mm; with its blur it seems up to 0.2 mm wide."""


def count_tray(image: StandardImage, intervals: TrayIntervals | None = None) -> TrayCount:
    """Count the hairs on the white tray of `image`.

    Raises UncountableError, with what to do about it, when the picture shows no white tray or another scale, when hairs
    lie too thick to be told apart, and when there are more than about 150.
    """
    stated = image.px_per_mm
    image = _at_working_scale(image)
    tray = find_tray(image)
    strength = ridge_strength(tray.share)
    noise = noise_of(strength, tray.inside)
    low, high = max(FAINT, FAINT_NOISE * noise), max(CLEAR, CLEAR_NOISE * noise)
    if noise > MOST_NOISE:
        raise UncountableError(
            "This cannot be counted: the ground is rough or the picture grainy, so that hairs do not stand out; use a "
            "smooth white tray and more light.",
            person="The picture is too grainy. Please take it again with more light.",
        )
    lines = hysteresis(strength, tray.inside, low, high, LEAST_LINE_PX)
    del strength
    area_cm2 = float(tray.inside.sum()) / (10 * image.px_per_mm) ** 2
    skeleton = thinned(lines)
    _check_thickness(float(skeleton.sum()), area_cm2, image.px_per_mm)
    _check_width(lines, skeleton, image.px_per_mm)
    _check_focus(tray, lines, float(skeleton.sum()) / image.px_per_mm, image.px_per_mm)
    found = [
        strand
        for strand in strands_of(skeleton, lines)
        if strand.length >= LEAST_HAIR_MM * image.px_per_mm and not tray.is_rim(strand.points)
    ]
    _check_printed(found, tray)
    found = _over_the_rim(found, tray, image.px_per_mm)
    counted = _counted(found, image, area_cm2, tray, intervals or load_intervals())
    return replace(counted, px_per_mm=stated)


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
    found: Sequence[Strand], image: StandardImage, area_cm2: float, tray: Tray, intervals: TrayIntervals
) -> TrayCount:
    scale = image.px_per_mm
    tally = _tally(found, scale, area_cm2)
    total_mm = float(tally.length_mm.sum())
    thickness = total_mm / area_cm2 if area_cm2 > 0 else 0.0
    loose = sum(strand.loose for strand in found)
    estimate = max(0.0, tally.short + tally.longer)
    if loose > MOST_LOOSE * max(len(found), 8) or estimate < LEAST_WHOLE * len(found):
        raise _clumped()
    if estimate > MOST_HAIRS:
        raise UncountableError(
            f"This cannot be counted: there are about {round(estimate, -1):.0f} hairs on the tray, and more than 150 "
            "are not counted surely; count in portions and add them up.",
            person="There are too many hairs on the tray. Please count them in portions.",
        )
    count, short = round(estimate), round(max(0.0, min(tally.short, estimate)))
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
        warnings=_warnings(loose, len(found), tray, scale),
    )


def _tally(found: Sequence[Strand], scale: float, area_cm2: float) -> _Tally:
    """What each piece counts for: less than one where both ends were lost, as far as that is not chance."""
    lengths = np.array([strand.length / scale for strand in found], np.float64)
    loose = np.array([strand.loose for strand in found], np.int64)
    covered = MERGED_MM * float(lengths.sum()) / (100 * area_cm2) if area_cm2 > 0 else 0.0
    by_chance = 2 * len(found) * covered / max(int(loose.sum()), 1)
    lost = 1 - min(1.0, by_chance)
    return _Tally(1 - lost * BOTH_LOST * (loose == 2), lengths)


def _over_the_rim(found: Sequence[Strand], tray: Tray, scale: float) -> list[Strand]:
    """The pieces, those put together that are one hair which leaves the tray and comes back."""
    strands = list(found)
    while True:
        ends = [(i, side) for i, strand in enumerate(strands) for side in (0, -1) if tray.leaves(strand.points[side])]
        apart = [
            (float(np.hypot(*(strands[i].points[s] - strands[j].points[t]))), i, s, j, t)
            for (i, s), (j, t) in itertools.combinations(ends, 2)
            if i != j
        ]
        if not apart or min(apart)[0] > OVER_THE_RIM_MM * scale:
            return strands
        _, i, s, j, t = min(apart)
        one, two = strands[i], strands[j]
        points = np.concatenate([one.points[:: 1 if s else -1], two.points[:: -1 if t else 1]])
        strands = [each for k, each in enumerate(strands) if k not in (i, j)]
        strands.append(Strand(points, one.joins + two.joins + 1, min(2, one.loose + two.loose)))


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


def _check_focus(tray: Tray, lines: BoolMask, sharp_mm: float, scale: float) -> None:
    """Are there lines that only a coarser look shows?"""
    size = lines.shape[1] // COARSER, lines.shape[0] // COARSER
    share = np.asarray(cv2.resize(tray.share, size, interpolation=cv2.INTER_AREA), np.float32)
    reach = 2 * round(SOFT_NEAR_MM * scale / COARSER) + 1
    known = cv2.resize(cv2.dilate(lines.astype(np.uint8), np.ones((COARSER, COARSER), np.uint8)), size)
    near = cv2.dilate(known, np.ones((reach, reach), np.uint8)).astype(bool)
    inside = cv2.resize(tray.inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    clear = cv2.erode(inside, np.ones((reach, reach), np.uint8)).astype(bool) & ~near
    strength = ridge_strength(share)
    noise = noise_of(strength, clear)
    low, high = max(SOFT_FAINT, FAINT_NOISE * noise), max(SOFT_CLEAR, CLEAR_NOISE * noise)
    soft = thinned(hysteresis(strength, clear, low, high, LEAST_LINE_PX))
    if float(soft.sum()) * COARSER / scale > SOFT_MM + SOFT_SHARE * sharp_mm:
        raise UncountableError(
            "This cannot be counted: lines on the tray are out of focus; focus on the tray and take the picture again.",
            person="The picture is not sharp. Please take it again.",
        )


def _check_printed(found: Sequence[Strand], tray: Tray) -> None:
    printed = sum(
        tray.leaves(strand.points[0])
        and tray.leaves(strand.points[-1])
        and float(np.hypot(*(strand.points[-1] - strand.points[0]))) > STRAIGHT * strand.length
        for strand in found
    )
    if printed >= LEAST_PRINTED:
        raise UncountableError(
            "This cannot be counted: straight lines run over the whole ground; lay the hairs on a tray without lines.",
            person="There are lines on the tray. Please lay the hairs on a plain white tray.",
        )


def _clumped() -> UncountableError:
    return UncountableError(
        "This cannot be counted: the hairs cross too often to be told apart; spread the hairs apart, or count them in "
        "portions, and take the picture again.",
        person="The hairs lie too close together. Please spread the hairs apart and take the picture again.",
    )


def _warnings(loose: int, pieces: int, tray: Tray, scale: float) -> tuple[str, ...]:
    found = []
    if loose > 0.5 * pieces:
        found.append("Many hairs cross: spread the hairs apart, or count in portions, for a surer count.")
    if tray.hidden_share > MUCH_HIDDEN:
        found.append(
            f"Something that is not white covers {tray.hidden_share:.0%} of the tray: hairs there are not counted."
        )
    if not USUAL_CM2[0] <= tray.area_cm2 <= USUAL_CM2[1]:
        found.append(
            f"At {scale:.4g} px/mm the white ground has {tray.area_cm2:.0f} cm2, that of the tray profile about 220: "
            "check the scale, or take the whole tray."
        )
    return tuple(found)
