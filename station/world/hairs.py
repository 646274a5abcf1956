"""Follicular units and hairs of one site as tables: where they stand, how thick, which way, what colour.

Units stand on a disturbed triangular grid; the spacing of a triangular grid at n units per cm2 is 10.7 / sqrt(n) mm
(Jimenez & Ruifernandez). Hairs per unit follow Guo et al. for Han Chinese (28.4 % one, 52.6 % two, 17.5 % three,
1.3 % four, 0.2 % five), or the donor mix 20/45/30/5 %; diameters follow PMC2938574 (61 +- 8 um between people).
All three are cited in the domain reference, hair measurement, 3.1 and 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from station.world.looks import RGB, HairLook, Rng

Floats = NDArray[np.float64]
HAIRS_PER_UNIT_HAN = (0.284, 0.526, 0.175, 0.013, 0.002)
HAIRS_PER_UNIT_DONOR = (0.20, 0.45, 0.30, 0.05)


@dataclass(frozen=True, slots=True)
class HairTable:
    """Hairs of one site, in mm on the plane of the site; one row a hair.

    root: (n, 2); azimuth: (n,) radians, direction in which the shaft leaves; length: (n,) mm seen from above;
    diameter: (n,) um; bend: (n,) radians per mm; unit: (n,) int; colour: (n, 3); vulnerability, cycle_phase,
    cycle_months: (n,) fixed properties of the follicle that decide when it is empty (see `course`); identity: (n,)
    int, the follicle's row among all that the site has, which stays its number at every visit.
    """

    root: Floats
    azimuth: Floats
    length: Floats
    diameter: Floats
    bend: Floats
    unit: NDArray[np.int64]
    colour: Floats
    vulnerability: Floats
    cycle_phase: Floats
    cycle_months: Floats
    identity: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.root)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> HairTable:
        """The chosen rows."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def beside(self, others: HairTable) -> HairTable:
        """Both tables as one. Units and identities of the others are numbered on from those of this one."""
        columns = {f.name: np.concatenate([getattr(self, f.name), getattr(others, f.name)]) for f in fields(self)}
        for name in ("unit", "identity"):
            mine, theirs = getattr(self, name), getattr(others, name)
            columns[name] = np.concatenate([mine, theirs + int(mine.max(initial=-1)) + 1])
        return replace(self, **columns)


def unit_positions(rng: Rng, width_mm: float, height_mm: float, fu_per_cm2: float, disorder: float = 0.22) -> Floats:
    """Positions (n, 2) of follicular units over a rectangle centred on the origin.

    disorder: standard deviation of the displacement from the grid, as a share of the spacing.
    """
    spacing = 10.7 / np.sqrt(max(fu_per_cm2, 0.5))
    row_height = spacing * np.sqrt(3) / 2
    reach = np.hypot(width_mm, height_mm) / 2 + spacing
    steps = int(np.ceil(reach / row_height)) + 1
    grid = np.array(
        [
            ((i + 0.5 * (j % 2)) * spacing, j * row_height)
            for j in range(-steps, steps + 1)
            for i in range(-steps, steps + 1)
        ]
    )
    grid = grid + rng.normal(0.0, disorder * spacing, grid.shape) + rng.uniform(-spacing, spacing, 2)
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = grid @ turn.T
    inside = (np.abs(points[:, 0]) <= width_mm / 2) & (np.abs(points[:, 1]) <= height_mm / 2)
    chosen: Floats = points[inside]
    return chosen


def grow_hairs(
    rng: Rng,
    units: Floats,
    look: HairLook,
    *,
    direction: float | Floats,
    hairs_per_unit: tuple[float, ...] = HAIRS_PER_UNIT_HAN,
    diameter_um: float = 72.0,
    diameter_cv: float = 0.22,
    vellus_share: float = 0.05,
    grey_colour: RGB = (0.80, 0.79, 0.77),
) -> HairTable:
    """Hairs for the given units (n, 2).

    direction: mean azimuth of the field in radians, or that of each unit (n,). Hairs of one unit stand 0.05 to
    0.25 mm apart, mostly side by side across the direction of growth, and nearly parallel. vellus_share: share of
    hairs of 15 to 35 um.
    """
    shares = np.asarray(hairs_per_unit) / np.sum(hairs_per_unit)
    counts = rng.choice(np.arange(1, len(shares) + 1), size=len(units), p=shares)
    unit = np.repeat(np.arange(len(units)), counts)
    n = len(unit)
    rank = np.concatenate([np.arange(c) for c in counts]) if n else np.zeros(0)
    unit_azimuth = direction + np.radians(rng.normal(0, look.field_splay_deg, len(units)))
    azimuth = unit_azimuth[unit] + np.radians(rng.normal(0, look.unit_splay_deg, n))

    # Side by side: hairs of a unit share one or two ostia, a shaft's width or two apart.
    step = rng.lognormal(np.log(0.115), 0.33, n)
    if look.touching > 0:
        together = rng.random(len(units)) < look.touching
        step = np.where(together[unit], rng.uniform(0.055, 0.085, n), step)
    across = (rank - (counts[unit] - 1) / 2) * step
    along = rng.normal(0, 0.06, n)
    normal = np.stack([-np.sin(unit_azimuth), np.cos(unit_azimuth)], 1)[unit]
    forward = np.stack([np.cos(unit_azimuth), np.sin(unit_azimuth)], 1)[unit]
    root = units[unit] + across[:, None] * normal + along[:, None] * forward

    diameter = np.clip(rng.normal(diameter_um, diameter_cv * diameter_um, n), 30, 140)
    vellus = rng.random(n) < vellus_share
    diameter[vellus] = rng.uniform(15, 35, int(vellus.sum()))
    length = look.length_mm * np.clip(rng.normal(1.0, look.length_spread, n), 0.25, 2.5)
    length[vellus] *= rng.uniform(0.5, 1.0, int(vellus.sum()))

    colour = np.asarray(look.colour)[None] + rng.normal(0, look.colour_spread, (n, 1)) * np.array([1.0, 0.8, 0.6])
    grey = rng.random(n) < look.grey_share
    colour[grey] = np.asarray(grey_colour)[None] + rng.normal(0, 0.03, (int(grey.sum()), 1))
    lighter = np.clip((60 - diameter) / 120, 0, 0.35)[:, None]  # thin hairs hold less pigment
    colour = np.clip(colour + lighter * (np.array([0.75, 0.62, 0.48]) - colour), 0.02, 0.97)
    return HairTable(
        root=root,
        azimuth=azimuth,
        length=length,
        diameter=diameter,
        bend=rng.normal(0, look.bend_per_mm, n),
        unit=unit,
        colour=colour,
        vulnerability=rng.random(n),
        cycle_phase=rng.random(n),
        cycle_months=rng.uniform(30, 60, n),
        identity=np.arange(n),
    )
