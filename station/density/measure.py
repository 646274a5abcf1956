"""One photograph to one `Measurement`: the room's only entry for others."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from station import __version__
from station.density.detect import Detections
from station.density.engine import Engine
from station.density.hairs import hair_features
from station.density.interval import density_interval, systematic
from station.density.maps import countable_cells, density_map
from station.density.see import Seen, see
from station.errors import UncountableError
from station.values import Evidence, FollicularUnit, HairRoot, Measurement, Provenance, StandardImage

MAX_SYSTEMATIC = math.log(2)
"""Half width in log units of the part of the interval that more area would not lessen: beyond a half to twice of itself
a density says nothing that could be compared."""
MUCH_COVERED = 0.3
"""Share of the scalp under hair from which on the hair itself is taken for what hides the roots."""
MIN_DOUBTFUL_PER_CM2 = 15.0
"""On scalp with next to no hair a few doubtful points are many in proportion, and still few."""
EVIDENCE_PITCH_MM = 0.1
"""Grid on which it is kept where a hair would have been counted: about the distance of the hairs of one unit."""


def measure(image: StandardImage, engine: Engine, *, thin_hair_um: float = 30.0) -> Measurement:
    """Count the follicular units and hairs of `image`, and say how thick, grey and short the hairs are.

    thin_hair_um: diameter below which a hair is thin. Raises UncountableError when nothing can be counted, or not
    surely enough, UsageError when `px_per_mm` is out of range.
    """
    model = engine.model
    seen = see(image, engine)
    found, countable = seen.found, seen.countable
    area, rel_sd, doubt = countable.area_cm2, image.px_per_mm_rel_sd, seen.doubt
    fu_count, hair_count = int(seen.units.sum()), int(seen.hairs.sum())
    group = model.interval_group(seen.coverage, image.px_per_mm)
    unsure = max(systematic(group.fu, doubt), systematic(group.hairs, doubt)) > MAX_SYSTEMATIC
    if unsure and doubt * hair_count / area > MIN_DOUBTFUL_PER_CM2:
        raise _too_uncertain(seen)
    features = hair_features(image.pixels, found.hairs, seen.hairs, image.px_per_mm, thin_hair_um)
    return Measurement(
        hairs=features.added_to(_hairs(found, seen.hairs, seen.units), seen.hairs),
        units=_units(found, seen.units),
        counted_area_cm2=area,
        fu_per_cm2=fu_count / area,
        fu_interval=density_interval(fu_count, area, group.fu, level=model.level, px_per_mm_rel_sd=rel_sd, doubt=doubt),
        hairs_per_cm2=hair_count / area,
        hairs_interval=density_interval(
            hair_count, area, group.hairs, level=model.level, px_per_mm_rel_sd=rel_sd, doubt=doubt
        ),
        map=density_map(seen.view, countable.mask, found.units[seen.units], found.hairs[seen.hairs]),
        quality=countable.quality,
        provenance=Provenance(model.label, model.sha256, engine.name, image.calibration_id, __version__),
        px_per_mm=image.px_per_mm,
        calibre=features.calibre,
        grey_share=features.grey_share,
        short_share=features.short_share,
        evidence=_evidence(seen, model.hair.threshold),
    )


def _hairs(found: Detections, counted: NDArray[np.bool_], counted_units: NDArray[np.bool_]) -> tuple[HairRoot, ...]:
    new_index = np.where(counted_units, np.cumsum(counted_units) - 1, -1)
    return tuple(
        HairRoot(float(x), float(y), float(score), int(new_index[unit]))
        for (x, y), score, unit in zip(
            found.hairs[counted], found.hair_score[counted], found.hair_unit[counted], strict=True
        )
    )


def _units(found: Detections, counted: NDArray[np.bool_]) -> tuple[FollicularUnit, ...]:
    return tuple(
        FollicularUnit(float(x), float(y), int(hairs), float(score))
        for (x, y), hairs, score in zip(
            found.units[counted], found.unit_hairs[counted], found.unit_score[counted], strict=True
        )
    )


def _evidence(seen: Seen, threshold: float) -> Evidence:
    weak = seen.found.weak
    inside = seen.inside(weak.xy)
    points = np.column_stack([weak.xy[inside], weak.score[inside]]).astype(np.float32)
    return Evidence(
        points, threshold, countable_cells(seen.view, seen.countable.mask, EVIDENCE_PITCH_MM), EVIDENCE_PITCH_MM
    )


def _too_uncertain(seen: Seen) -> UncountableError:
    if seen.coverage > MUCH_COVERED:
        return UncountableError(
            f"This cannot be counted: hair covers {seen.coverage:.0%} of the scalp and too many roots are uncertain; "
            "part or trim the hair and take the picture again.",
            person="The roots of the hairs cannot be told apart. Please part or trim the hair and try again.",
        )
    return UncountableError(
        "This cannot be counted: too many roots are uncertain, because the hair stands out too little from the skin or "
        "the picture is not sharp enough; take it again sharper, with more even light.",
        person="The hairs stand out too little from the skin. Please take the picture again, sharp and evenly lit.",
    )
