"""What a careful reader would count in a photograph: hairs that can be seen and told apart, and their units."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.follicular import clusters
from station.world.brush import SHIFT, strip
from station.world.hairs import HairTable
from station.world.looks import LightLook, SkinLook
from station.world.optics import Optics
from station.world.shafts import Shafts

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
VISIBLE_CONTRAST = 0.055
"""Least difference of brightness between shaft and skin, weighted by the shaft's width, that a reader would see."""
LEAST_SEPARATION_MM = 0.045
"""Roots nearer than this can't be told apart by a reader: 5 % of labelled neighbours are nearer than 0.06 mm."""
SHARP_BLUR_MM = 0.010
"""Point spread up to which a reader sees every hair that the contrast lets him see."""
COVER_PX_PER_MM = 60.0
DISC_MM = 0.06
HIDDEN_SHARE = 0.5
"""A root is hidden when other shafts lie over more than this share of the disc around it."""
CROWD_MM = 0.13
CROWDED_SHARE = 0.45
"""Nor is it seen when shafts of other units fill more than this share of a wider disc."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands in the view and can be seen. Coordinates in mm from the view's top left corner.

    roots, tips: (n, 2), where a shaft leaves the skin and where it ends; azimuth: (n,) radians at the root;
    diameter_um: (n,); unit: (n,) rows of units, -1 where the unit's mean lies outside; units: (m, 2), the means of
    their roots; identity: (n,), the row of each hair in `Person.follicles(site)`, the same at every visit, pose and
    month. Only roots and units inside the view are listed; a tip may lie outside.
    """

    roots: Floats
    tips: Floats
    azimuth: Floats
    diameter_um: Floats
    unit: NDArray[np.int64]
    units: Floats
    identity: NDArray[np.int64]

    @classmethod
    def nothing(cls) -> Truth:
        """The truth of a picture in which nothing can be seen."""
        points, none, rows = np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int64)
        return cls(points, points, none, none, rows, points, rows)


def visible(hairs: HairTable, skin: SkinLook, light: LightLook | None = None) -> NDArray[np.bool_]:
    """(n,) True for hairs that a careful reader would count: thick, long and unlike the skin enough.

    A point spread beyond SHARP_BLUR_MM spreads a thin shaft's contrast over its full width at half maximum.
    """
    weights = np.array([0.30, 0.59, 0.11])
    contrast = np.abs(hairs.colour @ weights - float(np.dot(skin.tone, weights)))
    if light is not None:
        spread_um = 2350 * max(0.0, float(np.hypot(light.blur_mm, 0.3 * light.motion_mm)) - SHARP_BLUR_MM)
        contrast = contrast * hairs.diameter / np.hypot(hairs.diameter, spread_um)
    return np.asarray(
        (contrast * np.minimum(1.0, hairs.diameter / 40) >= VISIBLE_CONTRAST)
        & (hairs.length >= 0.10)
        & (hairs.diameter >= 18)
    )


def hidden(shafts: Shafts, unit: NDArray[np.int64], order: NDArray[np.int64], optics: Optics) -> NDArray[np.bool_]:
    """(n,) True for roots that can't be made out among other shafts, painted in `order`; False outside the view.

    unit: (n,). The number of the topmost shaft is painted into each pixel of a coarse picture. A root is hidden
    where other shafts lie over most of a small disc around it, or where shafts of other units, above or below, fill
    most of a wider one, so that no skin sets it off.
    """
    shrink = max(1.0, optics.px_per_mm / COVER_PX_PER_MM)
    height, width = (int(np.ceil(side / shrink)) for side in (optics.height_px, optics.width_px))
    top = np.full((height, width), -1, np.int32)
    paths = (shafts.path + 0.5) / shrink - 0.5
    limits = np.array([width, height])
    lowest, highest = paths.min(axis=1), paths.max(axis=1)
    reaching = np.all((highest > -2) & (lowest < limits + 2), axis=1)
    for i in order:
        if reaching[i]:
            half = np.full(paths.shape[1], max(shafts.width[i] / shrink, 1.0) / 2)
            outline = strip(paths[i], shafts.normal[i], half, half)
            cv2.fillPoly(top, [outline.reshape(-1, 1, 2)], (int(i),), cv2.LINE_8, SHIFT)
    own = np.arange(len(paths))
    mm = optics.px_per_mm / shrink
    over = _share_around(top, paths[:, 0], DISC_MM * mm, own)
    units = np.where(top >= 0, unit[top] if len(unit) else top, -1)
    crowd = _share_around(units, paths[:, 0], CROWD_MM * mm, unit)
    return np.asarray((over > HIDDEN_SHARE) | (crowd > CROWDED_SHARE))


def _share_around(top: NDArray[np.int32] | NDArray[np.int64], at: Floats, radius: float, own: Indices) -> Floats:
    """Share (n,) of a disc around each point (n, 2) that holds a number other than -1 and the point's own (n,)."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.stack([x, y], -1)[np.hypot(x, y) <= radius]
    where = np.rint(at).astype(int)[:, None] + disc[None]
    limits = np.array(top.shape[::-1])
    inside = np.all((where >= 0) & (where < limits), axis=2)
    column, row = np.clip(where, 0, limits - 1).transpose(2, 0, 1)
    seen = top[row, column]
    others = (seen >= 0) & (seen != own[:, None]) & inside
    return np.asarray(others.sum(axis=1) / np.maximum(inside.sum(axis=1), 1), float)


def find_truth(
    hairs: HairTable, roots: Floats, tips: Floats, azimuth: Floats, countable: NDArray[np.bool_], optics: Optics
) -> Truth:
    """The countable hairs and units inside the view.

    roots, tips: (n, 2) in mm from the view's top left corner; azimuth: (n,) radians in the view; countable: (n,).
    """
    seen, roots, tips, azimuth = hairs.take(countable), roots[countable], tips[countable], azimuth[countable]
    keep = _separate(roots, seen.diameter)
    seen, roots, tips, azimuth = seen.take(keep), roots[keep], tips[keep], azimuth[keep]
    cluster = clusters(roots)
    count = int(cluster.max()) + 1 if len(cluster) else 0
    sums = np.zeros((count, 2))
    np.add.at(sums, cluster, roots)
    units = sums / np.maximum(np.bincount(cluster, minlength=count), 1)[:, None] if count else np.zeros((0, 2))
    size = np.asarray(optics.size_mm)
    inside = np.all((roots >= 0) & (roots < size), axis=1)
    shown = np.all((units >= 0) & (units < size), axis=1)
    renumber = np.where(shown, np.cumsum(shown) - 1, -1)
    return Truth(
        roots=roots[inside],
        tips=tips[inside],
        azimuth=azimuth[inside],
        diameter_um=seen.diameter[inside],
        unit=renumber[cluster[inside]] if count else np.zeros(0, np.int64),
        units=units[shown],
        identity=seen.identity[inside],
    )


def _separate(roots: Floats, diameter: Floats) -> NDArray[np.bool_]:
    """Of roots that can't be told apart keep the thicker one."""
    keep = np.ones(len(roots), bool)
    if len(roots) > 1:
        for i, j in sorted(cKDTree(roots).query_pairs(LEAST_SEPARATION_MM)):
            if keep[i] and keep[j]:
                keep[i if diameter[i] < diameter[j] else j] = False
    return keep
