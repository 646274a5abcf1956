"""What the network finds in a photograph, and where it may be counted: the part of a measurement before the numbers.

Training judges a model by the same steps (`models/training/judge.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.countable import Countable, countable_area, without_covered
from station.density.cover import hair_cover
from station.density.detect import Detections, Points, detect
from station.density.engine import Engine
from station.density.scalp import check_scalp
from station.density.tiles import WorkingView, infer, to_working_scale
from station.errors import UncountableError
from station.imaging import checked_px_per_mm
from station.values import BoolMask, StandardImage

MIN_COUNTED_CM2 = 0.01
"""1 mm2: on less, no density has a meaning."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """view: the photograph at the working scale; countable: what of it counts; found: everything found; hairs: (N,) and
    units: (M,) bool, which of these lie where it counts."""

    view: WorkingView
    countable: Countable
    found: Detections
    hairs: NDArray[np.bool_]
    units: NDArray[np.bool_]

    def inside(self, points: Points) -> NDArray[np.bool_]:
        """(N,) which of the (N, 2) points in mm lie where it counts."""
        return _inside(points, self.view, self.countable.mask)

    @property
    def coverage(self) -> float:
        """Share of the counted area under hair."""
        return self.countable.quality.coverage

    @property
    def doubt(self) -> float:
        """Points near the threshold, counted or not, as a share of the hairs counted."""
        return float(self.inside(self.found.doubtful).sum()) / max(1, int(self.hairs.sum()))


def see(image: StandardImage, engine: Engine) -> Seen:
    """Find hairs and units, and what can be counted.

    A hair counts when its root lies in the countable area, a unit when its centre does. Raises UncountableError when
    nothing can be counted, the picture does not look like scalp or the scale is wrong, UsageError when `px_per_mm` is
    out of range.
    """
    model = engine.model
    view = to_working_scale(image.pixels, checked_px_per_mm(image.px_per_mm), model.working_px_per_mm)
    countable = countable_area(view, _at_working_scale(image.countable, view))
    if countable.area_cm2 < MIN_COUNTED_CM2:
        raise _nothing_to_count(image, countable)
    heat = infer(view, model, engine.run)
    shafts = check_scalp(image, view, countable.mask, heat, model, engine.run)
    found = detect(heat, model)
    countable = without_covered(view, countable, hair_cover(view, found.hairs, shafts.dark))
    if countable.area_cm2 < MIN_COUNTED_CM2:
        raise _nothing_to_count(image, countable)
    mask = countable.mask
    return Seen(view, countable, found, _inside(found.hairs, view, mask), _inside(found.units, view, mask))


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


def _nothing_to_count(image: StandardImage, countable: Countable) -> UncountableError:
    width, height = image.size_mm
    return UncountableError(
        f"Nothing can be counted: of {width:.1f} x {height:.1f} mm most is {countable.main_loss}; take the picture "
        "again with the scalp sharp and lit, or check the px/mm.",
        person="The picture shows too little that can be counted. Please take it again.",
    )
