"""From one view's plane to another's: an affine map and, where the skin is stretched, a smooth displacement over it.

The displacement is a tensor product of cubic B-splines on a coarse grid, fitted by least squares with a penalty on
second differences (P-splines: Eilers PHC, Marx BD, Stat Sci 1996;11:89-121), so that few points bend little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

Points = NDArray[np.float64]
Floats = NDArray[np.float64]

DEGREE = 3
PITCH_MM = 4.0
"""Distance of the splines' knots: stretched skin varies over about 10 mm."""
STIFFNESS = 0.3
"""Weight of the squared second differences between knots against squared residuals: of 0.05 to 20 it follows 1 % of
stretch best, to 4.5 um on average in simulated re-captures (20: 38 um)."""
POINTS_A_KNOT = 5.0
"""With fewer the splines are stiffer, by the cube of what is missing: noise must not bend them."""
UNDO_STEPS = 6
"""Fixed-point steps of the inverse: each lessens the error by the displacement's slope, of some per cent."""


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """A smooth displacement in mm over a view of size_mm (width, height); beyond its edge it is that of the edge.

    coefficients: (rows, columns, 2) of the splines.
    """

    size_mm: tuple[float, float]
    coefficients: Floats

    def __call__(self, points: Points) -> Points:
        """Displacements (N, 2) at points (N, 2)."""
        rows, columns, _ = self.coefficients.shape
        return np.asarray(_design(points, self.size_mm, columns, rows) @ self.coefficients.reshape(-1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """Points of a view, in mm, to those of another. matrix: (2, 3) affine; bend: added to it, as a function of the
    point before the map; middle_mm: of the view that is mapped, at which shift and turn are told."""

    matrix: Floats
    middle_mm: tuple[float, float] = (0.0, 0.0)
    bend: Bend | None = None

    def apply(self, points: Points) -> Points:
        """(N, 2) to (N, 2)."""
        moved: Points = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved if self.bend is None else np.asarray(moved + self.bend(points))

    def undo(self, points: Points) -> Points:
        """The inverse of `apply`, (N, 2) to (N, 2)."""
        inverse: Floats = np.linalg.inv(self.matrix[:, :2])
        found: Points = np.asarray((points - self.matrix[:, 2]) @ inverse.T, float)
        if self.bend is not None:
            for _step in range(UNDO_STEPS):
                found = np.asarray((points - self.matrix[:, 2] - self.bend(found)) @ inverse.T, float)
        return found

    @property
    def shift_mm(self) -> tuple[float, float]:
        """How far the view's middle moves."""
        middle = np.array([self.middle_mm])
        dx, dy = (self.apply(middle) - middle)[0]
        return float(dx), float(dy)

    @property
    def rotation_deg(self) -> float:
        """Turn of the affine part: positive from x towards y, clockwise on a screen."""
        a = self.matrix
        return float(np.degrees(np.arctan2(a[1, 0] - a[0, 1], a[0, 0] + a[1, 1])))

    @property
    def scale(self) -> float:
        """Square root of the affine part's determinant."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))


def identity(size_mm: tuple[float, float]) -> Transform:
    """Leaves a view of size_mm (width, height) as it is."""
    return Transform(np.eye(2, 3), (size_mm[0] / 2, size_mm[1] / 2))


def similarity(turn_deg: float, scale: float, about: Points, to: Points) -> Floats:
    """(2, 3): turned and scaled about the point `about`, which comes to lie at `to` (both (2,))."""
    angle = np.radians(turn_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, to - turn @ about])


def fit_affine(before: Points, after: Points, near: Floats, trust_mm: float) -> Floats:
    """(2, 3) affine map of points (N, 2) onto others (N, 2), by least squares.

    near: (2, 3), what it is drawn to where the points do not say: its linear part weighs as much as points with a
    spread of trust_mm.
    """
    centre = before.mean(axis=0)
    from_centre = before - centre
    linear = near[:, :2]
    left = from_centre.T @ from_centre / len(before) + trust_mm**2 * np.eye(2)
    goal = after.mean(axis=0)
    right = (after - goal).T @ from_centre / len(before) + trust_mm**2 * linear
    found = np.linalg.solve(left.T, right.T).T
    return np.column_stack([found, goal - found @ centre])


def fit_bend(before: Points, residual: Points, size_mm: tuple[float, float]) -> Bend:
    """The smooth part of displacements `residual` (N, 2) at points (N, 2) of a view of size_mm."""
    columns, rows = (max(1, round(side / PITCH_MM)) + DEGREE for side in size_mm)
    design = _design(before, size_mm, columns, rows)
    across = np.kron(np.eye(rows), np.diff(np.eye(columns), 2, axis=0))
    down = np.kron(np.diff(np.eye(rows), 2, axis=0), np.eye(columns))
    stiffness = STIFFNESS * max(1.0, POINTS_A_KNOT * rows * columns / len(before)) ** 3
    penalty = stiffness * (across.T @ across + down.T @ down) + 1e-3 * np.eye(rows * columns)
    found = np.linalg.solve(design.T @ design + penalty, design.T @ residual)
    return Bend(size_mm, found.reshape(rows, columns, 2))


def _design(points: Points, size_mm: tuple[float, float], columns: int, rows: int) -> Floats:
    """(N, rows * columns) values of the tensor product splines."""
    across = _splines(points[:, 0] / size_mm[0], columns)
    down = _splines(points[:, 1] / size_mm[1], rows)
    return np.asarray((down[:, :, np.newaxis] * across[:, np.newaxis, :]).reshape(len(points), rows * columns))


def _splines(at: Floats, count: int) -> Floats:
    """(N, count) uniform cubic B-splines over 0 to 1."""
    spans = count - DEGREE
    knots = np.arange(-DEGREE, spans + DEGREE + 1) / spans
    inside = np.clip(at, 0, 1)
    return np.asarray(BSpline.design_matrix(inside, knots, DEGREE, extrapolate=False).toarray(), float)
