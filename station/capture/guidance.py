"""Back to the same place: where the live view lies in the baseline's photograph, and which way to move.

A `Sighting` is the similarity that takes points of the live view to the baseline's photograph, both in mm from their
top left corners. It is measured by registration every few hundred ms (`station.capture.guidance_sight`) and carried on
in between by the movement from picture to picture (`station.capture.gate_motion`).

Directions are those of the screen: "left" asks that what is seen moves to the left of the screen. Whoever holds the
head or the camera looks at the screen from the camera's side (`Side.OPERATOR`). A person who looks at the own head as
in a mirror (`Side.PERSON`) is shown a mirrored picture, and right and left change places with it, so that "left"
still is the left of the screen, and now the person's own left as well.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.capture.gate_motion import Movement
from station.trends.sentences import Number, Sentence, say

Matrix = NDArray[np.float64]

ENOUGH, GOAL = 0.70, 0.90
"""Overlap from which a photograph is accepted, and the overlap that is aimed at."""
LEAST_MOVE_MM, LEAST_TURN_DEG = 0.5, 1.5
"""Smaller ones are not asked for: at the reference rig each costs 2 to 4 % of overlap, and nobody moves a head so
finely."""


class Side(enum.StrEnum):
    """From where the screen shows the head."""

    OPERATOR = "operator"
    PERSON = "person"


class Direction(enum.StrEnum):
    """Which way what is seen must move on the screen."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    CLOCKWISE = "clockwise"
    ANTICLOCKWISE = "anticlockwise"


_MIRRORED = {
    Direction.LEFT: Direction.RIGHT,
    Direction.RIGHT: Direction.LEFT,
    Direction.CLOCKWISE: Direction.ANTICLOCKWISE,
    Direction.ANTICLOCKWISE: Direction.CLOCKWISE,
}
_TURNS = (Direction.CLOCKWISE, Direction.ANTICLOCKWISE)


@dataclass(frozen=True, slots=True)
class Arrow:
    """One thing to do. amount: mm, or degrees for a turn."""

    direction: Direction
    amount: float

    @property
    def turns(self) -> bool:
        return self.direction in _TURNS

    @property
    def sentence(self) -> Sentence:
        """ "Move 3 mm to the left." """
        return say(f"guide.{self.direction}", amount=_amount(self.amount, turns=self.turns))


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Where the live view lies in the baseline's photograph.

    to_baseline: (3, 3) similarity, live mm to baseline mm; live_mm, baseline_mm: width and height of the two views;
    probability: that it is the same place of the same person, 0 to 1; accepted: it counts as that; seen: seconds of the
    picture that was registered.
    """

    to_baseline: Matrix
    live_mm: tuple[float, float]
    baseline_mm: tuple[float, float]
    probability: float
    accepted: bool
    seen: float

    @property
    def scale(self) -> float:
        """Size of a live mm in the baseline: below 1 the head is nearer to the camera than it was."""
        return math.hypot(self.to_baseline[0, 0], self.to_baseline[1, 0])

    @property
    def overlap(self) -> float:
        """Share of the baseline's view that the live one shows."""
        there = cv2.convexHull(_mapped(self.to_baseline, _corners(self.live_mm)).astype(np.float32))
        area, _polygon = cv2.intersectConvexConvex(there, _corners(self.baseline_mm).astype(np.float32))
        return float(min(1.0, area / (self.baseline_mm[0] * self.baseline_mm[1])))

    def outline(self) -> NDArray[np.float64]:
        """(4, 2) corners of the baseline's photograph in the live view, as shares of its width and height."""
        corners = _mapped(np.linalg.inv(self.to_baseline), _corners(self.baseline_mm))
        return np.asarray(corners / np.asarray(self.live_mm))

    def after(self, movement: Movement) -> Sighting:
        """The sighting after the view moved on."""
        return replace(self, to_baseline=self.to_baseline @ np.linalg.inv(movement.matrix()))


@dataclass(frozen=True, slots=True)
class Guidance:
    """overlap: share of the baseline's view, 0 to 1; arrows: what to do, the largest loss of overlap first; none once
    the goal is reached."""

    overlap: float
    arrows: tuple[Arrow, ...]

    @property
    def enough(self) -> bool:
        return self.overlap >= ENOUGH

    @property
    def reached(self) -> bool:
        return self.overlap >= GOAL


def guidance(sighting: Sighting, side: Side = Side.OPERATOR) -> Guidance:
    """What to do to bring the view back to where the baseline was taken."""
    overlap = sighting.overlap
    if overlap >= GOAL:
        return Guidance(overlap, ())
    middle = np.asarray(sighting.live_mm) / 2
    # Where the middle of the live view lies in the baseline, against where it should: what is seen there must move
    # by the difference, and then turn about the middle as the similarity turns.
    aim = np.asarray(sighting.baseline_mm) / 2
    there = _mapped(sighting.to_baseline, middle[None])[0]
    right, down = (float(each) for each in there - aim)
    turn = math.degrees(math.atan2(sighting.to_baseline[1, 0], sighting.to_baseline[0, 0]))
    width, height = sighting.live_mm
    wanted = [
        (abs(right) / width, LEAST_MOVE_MM, Direction.RIGHT if right > 0 else Direction.LEFT, abs(right)),
        (abs(down) / height, LEAST_MOVE_MM, Direction.DOWN if down > 0 else Direction.UP, abs(down)),
        # A turn by a small angle loses the four corners: about a quarter of the angle times the sum of the sides'
        # ratios.
        (
            abs(math.radians(turn)) / 4 * (width / height + height / width),
            LEAST_TURN_DEG,
            Direction.CLOCKWISE if turn > 0 else Direction.ANTICLOCKWISE,
            abs(turn),
        ),
    ]
    arrows = [
        Arrow(_MIRRORED.get(direction, direction) if side is Side.PERSON else direction, amount)
        for _loss, least, direction, amount in sorted(wanted, key=lambda each: -each[0])
        if amount >= least
    ]
    return Guidance(overlap, tuple(arrows))


def _amount(amount: float, *, turns: bool) -> Number:
    return Number(amount, 0) if turns else Number(amount, 0 if amount >= 2 else 1, unit="mm")


def _corners(size_mm: tuple[float, float]) -> NDArray[np.float64]:
    width, height = size_mm
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])


def _mapped(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])
