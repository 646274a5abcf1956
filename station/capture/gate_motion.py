"""How the view moved from one live picture to the next: by phase correlation, refined by points that are followed.

Phase correlation (Kuglin CD, Hines DC, Proc IEEE Int Conf Cybernetics and Society 1975:163-165) finds large shifts of a
texture that looks the same everywhere; Lucas and Kanade's optical flow around that shift adds the turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.rig.preview import Preview

TRACK_WIDTH_PX = 320
"""Pictures are followed at this width: at the reference rig 0.09 mm a pixel, and shifts are found to a tenth of one."""
POINTS = 80
MIN_POINTS = 12
MIN_AGREEING = 0.5
"""Share of the points that must follow one movement; in a picture of something else none does."""
TOLERANCE_PX = 1.0
MAX_SCALE_STEP = 0.1
"""Between two pictures a head does not come a tenth nearer; such an answer is chance."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A similarity that takes the earlier picture's points to the later one's, both in mm from the top left corner.

    point -> scale * R(turn_rad) (point - middle_mm) + middle_mm + (dx_mm, dy_mm); turn_rad is clockwise on the screen.
    seconds: between the two.
    """

    dx_mm: float
    dy_mm: float
    turn_rad: float
    scale: float
    middle_mm: tuple[float, float]
    seconds: float

    @property
    def speed_mm_s(self) -> float:
        """How fast the middle of the view moves, or its edge turns, whichever is faster."""
        turned = abs(self.turn_rad) * math.hypot(*self.middle_mm)
        return max(math.hypot(self.dx_mm, self.dy_mm), turned) / max(self.seconds, 1e-3)

    def matrix(self) -> NDArray[np.float64]:
        """(3, 3), for points (x, y, 1) in mm."""
        cosine, sine = self.scale * math.cos(self.turn_rad), self.scale * math.sin(self.turn_rad)
        linear = np.array([[cosine, -sine], [sine, cosine]])
        middle = np.asarray(self.middle_mm)
        full = np.eye(3)
        full[:2, :2] = linear
        full[:2, 2] = middle + np.array([self.dx_mm, self.dy_mm]) - linear @ middle
        return full


@dataclass(frozen=True, slots=True, eq=False)
class Trackable:
    """A live picture made ready to be followed: grey and small, with the points to follow and its spectrum's window.

    grey: (h, w) uint8; px_per_mm: its scale; taken: seconds.
    """

    grey: NDArray[np.uint8]
    px_per_mm: float
    taken: float


def trackable(preview: Preview) -> Trackable:
    """The picture as `movement` takes it."""
    height, width = preview.pixels.shape[:2]
    ratio = min(1.0, TRACK_WIDTH_PX / width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = cv2.resize(preview.pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    return Trackable(grey, preview.px_per_mm * size[0] / width, preview.taken)


def movement(before: Trackable, now: Trackable) -> Movement | None:
    """How the view moved from `before` to `now`; None where the one cannot be found in the other."""
    if before.grey.shape != now.grey.shape or min(before.grey.shape) < 32:
        return None
    points = cv2.goodFeaturesToTrack(before.grey, POINTS, 0.02, 8)
    if points is None or len(points) < MIN_POINTS:
        return None
    guess = points + _shift(before.grey, now.grey).astype(np.float32)
    found, seen, _error = cv2.calcOpticalFlowPyrLK(
        before.grey, now.grey, points, guess, winSize=(21, 21), maxLevel=1, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    height, width = before.grey.shape
    inside = np.all((found > 0) & (found < (width, height)), axis=2).ravel() & (seen.ravel() == 1)
    if int(inside.sum()) < MIN_POINTS:
        return None
    middle = np.array([width / 2, height / 2])
    matrix, agreeing = cv2.estimateAffinePartial2D(
        points[inside] + 0.5 - middle,
        found[inside] + 0.5 - middle,
        method=cv2.RANSAC,
        ransacReprojThreshold=TOLERANCE_PX,
    )
    if matrix is None or int(agreeing.sum()) < max(MIN_POINTS, MIN_AGREEING * int(inside.sum())):
        return None
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    if abs(scale - 1) > MAX_SCALE_STEP:
        return None
    return Movement(
        dx_mm=float(matrix[0, 2]) / now.px_per_mm,
        dy_mm=float(matrix[1, 2]) / now.px_per_mm,
        turn_rad=math.atan2(matrix[1, 0], matrix[0, 0]),
        scale=scale,
        middle_mm=(float(middle[0]) / now.px_per_mm, float(middle[1]) / now.px_per_mm),
        seconds=now.taken - before.taken,
    )


def _shift(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Shift (x, y) in pixels of the whole picture."""
    window = cv2.createHanningWindow(before.shape[::-1], cv2.CV_32F)
    shift, _response = cv2.phaseCorrelate(before.astype(np.float32), now.astype(np.float32), window)
    return np.asarray(shift)
