"""From the end of a skeleton to the tip of its line.

Thinning eats the ends of lines, up to 50 px of those that run at 45 degrees: they are followed straight on for as long
as the line goes on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.values import BoolMask

Floats = NDArray[np.float64]

TIP_PX, TIP_REACH_PX = 30, 80
"""Length of an end from which its direction is taken, and how far its tip is looked for."""
BESIDE = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1))
"""Straight on is on the line also a pixel beside it: the direction is not known better."""
ROUND_PX = 4
"""A line is so much longer than its skeleton at each end anyway, by its own width, its blur and the pixel beside it."""


def to_the_tips(points: Floats, lines: BoolMask) -> Floats:
    """The points (m, 2) x, y in pixels with both ends followed on. lines: the pixels that they were thinned from."""
    for _end in (0, 1):
        points = _to_the_tip(points[::-1], lines)
    return points


def _to_the_tip(points: Floats, lines: BoolMask) -> Floats:
    back = points[-1] - points[max(0, len(points) - TIP_PX)]
    size = float(np.hypot(*back))
    if size == 0:
        return points
    steps = points[-1] + np.arange(1, TIP_REACH_PX)[:, None] * back / size
    on_line = np.zeros(len(steps), bool)
    for beside in BESIDE:
        columns, rows = (np.rint(steps).astype(np.int64) + beside).T
        inside = (columns >= 0) & (rows >= 0) & (columns < lines.shape[1]) & (rows < lines.shape[0])
        on_line[inside] |= lines[rows[inside], columns[inside]]
    reach = len(steps) if on_line.all() else int(on_line.argmin())
    return np.concatenate([points, steps[: reach - ROUND_PX]]) if reach > ROUND_PX else points
