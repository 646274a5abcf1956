"""One photograph to one `Measurement`: the room's only entry for others."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station import __version__
from station.density.countable import Countable, countable_area
from station.density.detect import Detections, Points, detect
from station.density.engine import Engine
from station.density.interval import density_interval
from station.density.maps import density_map
from station.density.tiles import WorkingView, infer, to_working_scale
from station.errors import ImageError
from station.imaging import checked_px_per_mm
from station.values import BoolMask, FollicularUnit, HairRoot, Measurement, Provenance, StandardImage

MIN_COUNTED_CM2 = 0.01
"""1 mm2: on less, no density has a meaning."""


def measure(image: StandardImage, engine: Engine) -> Measurement:
    """Count the follicular units and hairs of `image`.

    A hair counts when its root lies in the countable area, a unit when its centre does. Raises ImageError when
    nothing can be counted, UsageError when `px_per_mm` is out of range.
    """
    model = engine.model
    view = to_working_scale(image.pixels, checked_px_per_mm(image.px_per_mm), model.working_px_per_mm)
    countable = countable_area(view, _at_working_scale(image.countable, view))
    if countable.area_cm2 < MIN_COUNTED_CM2:
        raise _nothing_to_count(image, countable)
    found = detect(infer(view, model, engine.run), model)
    hairs = _inside(found.hairs, view, countable.mask)
    units = _inside(found.units, view, countable.mask)
    area, rel_sd = countable.area_cm2, image.px_per_mm_rel_sd
    fu_count, hair_count = int(units.sum()), int(hairs.sum())
    return Measurement(
        hairs=_hairs(found, hairs, units),
        units=_units(found, units),
        counted_area_cm2=area,
        fu_per_cm2=fu_count / area,
        fu_interval=density_interval(fu_count, area, model.fu_interval, level=model.level, px_per_mm_rel_sd=rel_sd),
        hairs_per_cm2=hair_count / area,
        hairs_interval=density_interval(
            hair_count, area, model.hairs_interval, level=model.level, px_per_mm_rel_sd=rel_sd
        ),
        map=density_map(view, countable.mask, found.units[units], found.hairs[hairs]),
        quality=countable.quality,
        provenance=Provenance(model.label, model.sha256, engine.name, image.calibration_id, __version__),
        px_per_mm=image.px_per_mm,
    )


def _at_working_scale(countable: BoolMask, view: WorkingView) -> BoolMask | None:
    if countable.all():
        return None
    height, width = view.pixels.shape[:2]
    share = cv2.resize(countable.view(np.uint8) * np.uint8(255), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share, np.uint8) >= 128


def _inside(points: Points, view: WorkingView, mask: BoolMask) -> NDArray[np.bool_]:
    """Which of the (N, 2) points in mm lie on the mask."""
    height, width = mask.shape
    column = (points[:, 0] * view.x_scale).astype(np.intp).clip(0, width - 1)
    row = (points[:, 1] * view.y_scale).astype(np.intp).clip(0, height - 1)
    inside: NDArray[np.bool_] = mask[row, column]
    return inside


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


def _nothing_to_count(image: StandardImage, countable: Countable) -> ImageError:
    width, height = image.size_mm
    return ImageError(
        f"Nothing can be counted: of {width:.1f} x {height:.1f} mm most is {countable.main_loss}; take the picture "
        "again with the scalp sharp and lit, or check the px/mm.",
        person="The picture shows too little that can be counted. Please take it again.",
    )
