"""Finding a live picture in the baseline's photograph: the network on the preview, and the registration of what it
sees.

At the reference rig's preview (34 px/mm) the network finds most of the hairs that it finds in the photograph, which is
more than the registration needs.
"""

from __future__ import annotations

import cv2
import numpy as np

from station.capture.guidance import Sighting
from station.density.countable import Countable, countable_area
from station.density.detect import detect
from station.density.engine import Engine
from station.density.tiles import WorkingView, infer, to_working_scale
from station.matching.constellation import Constellation
from station.matching.register import Registration, register
from station.matching.transform import Transform
from station.rig.preview import Preview
from station.values import BoolMask

PITCH_MM = 0.5
"""Cells in which the live view says where hairs would be found."""


def live_constellation(preview: Preview, engine: Engine) -> Constellation:
    """Hairs and units that the network sees in a live picture. None where nothing can be seen: an empty one."""
    model = engine.model
    view = to_working_scale(preview.pixels, preview.px_per_mm, model.working_px_per_mm)
    found = detect(infer(view, model, engine.run), model)
    countable = _cells(countable_area(view), view)
    unknown = np.full(len(found.hairs), np.nan)
    return Constellation(
        hairs=found.hairs,
        score=found.hair_score,
        direction_rad=unknown,
        diameter_um=unknown,
        hair_unit=found.hair_unit,
        units=found.units,
        unit_hairs=found.unit_hairs,
        weak=np.zeros((0, 3)),
        threshold=model.hair.threshold,
        countable=countable,
        pitch_mm=PITCH_MM,
        size_mm=preview.size_mm,
    )


def sight(preview: Preview, engine: Engine, baseline: Constellation, before: Sighting | None = None) -> Sighting:
    """Where the live picture lies in the baseline. before: about where it was found a moment ago.

    Never raises for a picture in which nothing is found: the sighting is then not accepted.
    """
    prior = None
    if before is not None and before.accepted:
        prior = Transform(before.to_baseline[:2], (preview.size_mm[0] / 2, preview.size_mm[1] / 2))
    found = register(live_constellation(preview, engine), baseline, prior=prior)
    return sighting_of(found, preview, baseline)


def sighting_of(found: Registration, preview: Preview, baseline: Constellation) -> Sighting:
    """A registration as a sighting: the similarity nearest to its transform over the live view.

    A least-squares fit to the transform of a grid of points (Umeyama S, IEEE Trans Pattern Anal Mach Intell
    1991;13:376-380, in two dimensions): a bent map extrapolates badly, and an operator cannot follow a bend.
    """
    width, height = preview.size_mm
    x, y = np.meshgrid(np.linspace(0, width, 5), np.linspace(0, height, 5))
    points = np.column_stack([x.ravel(), y.ravel()])
    there = found.transform.apply(points)
    middle, goal = points.mean(axis=0), there.mean(axis=0)
    here = (points - middle) @ (1, 1j)
    turned = np.vdot(here, (there - goal) @ (1, 1j)) / np.vdot(here, here)
    matrix = np.eye(3)
    matrix[:2, :2] = [[turned.real, -turned.imag], [turned.imag, turned.real]]
    matrix[:2, 2] = goal - matrix[:2, :2] @ middle
    return Sighting(matrix, preview.size_mm, baseline.size_mm, found.probability, found.accepted, preview.taken)


def _cells(countable: Countable, view: WorkingView) -> BoolMask:
    """(rows, columns) of cells of `PITCH_MM` that count for the most part; the last ones may reach over the edge."""
    height, width = view.pixels.shape[:2]
    columns = int(np.ceil(width / view.x_scale / PITCH_MM))
    rows = int(np.ceil(height / view.y_scale / PITCH_MM))
    padded = np.zeros((round(rows * PITCH_MM * view.y_scale), round(columns * PITCH_MM * view.x_scale)), np.float32)
    padded[:height, :width] = countable.mask[: padded.shape[0], : padded.shape[1]]
    return np.asarray(cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA) > 0.5)
