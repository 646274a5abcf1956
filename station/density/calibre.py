"""Calibre: the diameters of the shafts in a photograph, where its optics resolve them, with the share of thin hairs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from station.density.centrelines import Shafts, clearance
from station.density.profiles import Profiles, linear_green, mean_profiles
from station.density.shaftfit import Rough, fit_widths, rough_widths
from station.values import Calibre, UInt8Image

Floats = NDArray[np.float64]

MAX_EDGE_UM = 25.0
"""10-90 % edge spread above which no calibre is given."""
MAX_PITCH_UM = 10.0
"""Coarsest pixel: to tell 30 from 45 um takes 10 um per pixel or less (domain reference, hair measurement, 3.3)."""
MIN_HAIRS = 20
"""Fewest measured shafts that a mean and a share are given for."""
MIN_EDGES = 12
"""Fewest strong shafts that the edge spread is measured on."""
MOST_EDGES = 100
STRONG_UM, STRONG_DEPTH = (48.0, 130.0), 0.5
"""Rough width and depth of a strong shaft: its edges are farther apart than they are wide."""
MIN_DEPTH = 0.22
"""Share of the skin's light below which a shaft is too faint to be measured."""
MAX_MISFIT = 0.08
"""Largest residual as a share of the shaft's depth: beyond it something else lies on or beside the shaft."""
WIDEST_UM = 140.0
"""What is wider is no single hair."""
NEIGHBOUR_MM = 0.15
"""How far beside a shaft another one is looked for: as far as its profile reaches."""
CLEAR_UM = 30.0
"""From a shaft's edge to the next shaft's centre line: nearer ones touch, and are measured as one."""
SIGMAS_UM = (4.0, 4.8, 5.7, 6.7, 7.8, 9.0, 10.3, 11.8, 13.5, 16.0)
"""Point spreads that are tried, and between which the best is found by a parabola in the logarithm."""
EDGE_DEPTHS, EDGE_STEP = (1.6, 2.5, 4.0, 7.0, 12.0), 0.08
"""Grid of the fit that measures the point spread: strong shafts are deep."""
EDGE_PER_SIGMA = 3.06
"""10-90 % edge spread of the point spread that `shaftfit` fits with, per um of its sigma: the solution of
0.85 Phi(x) + 0.15 Phi(x / 3) = 0.9, times two."""


@dataclass(frozen=True, slots=True, eq=False)
class Diameters:
    """diameter_um: (n,) of n hairs, NaN where a shaft could not be measured; sigma_um: standard deviation of the
    point spread on the site, as the fit sees it, NaN where it could not be measured; edges: shafts it rests on."""

    diameter_um: Floats
    sigma_um: float
    edges: int

    @property
    def edge_spread_um(self) -> float:
        """10-90 % edge spread."""
        return EDGE_PER_SIGMA * self.sigma_um


def diameters(pixels: UInt8Image, shafts: Shafts, px_per_mm: float) -> Diameters:
    """Measure every shaft that can be; whether the optics are good enough is for `calibre` to say."""
    diameter = np.full(len(shafts.length), np.nan)
    profiles = mean_profiles(linear_green(pixels), shafts, px_per_mm)
    if not len(profiles.rows):
        return Diameters(diameter, float("nan"), 0)
    rough = rough_widths(profiles)
    strong = _strong(rough)
    if len(strong) < MIN_EDGES:
        return Diameters(diameter, float("nan"), len(strong))
    sigma = _point_spread(_taken(profiles, strong), _rough_taken(rough, strong))
    fit = fit_widths(profiles, rough, sigma)
    clear = clearance(shafts, NEIGHBOUR_MM)[profiles.rows]
    good = np.isfinite(fit.width_um) & (np.abs(fit.depth) >= MIN_DEPTH) & (fit.misfit <= MAX_MISFIT)
    good &= (fit.width_um <= WIDEST_UM) & (1000 * clear >= fit.width_um / 2 + CLEAR_UM)
    # Something dark beside it that is no other hair is its own second half, behind a light core.
    good &= ~(rough.near_left | rough.near_right) | (clear < NEIGHBOUR_MM)
    diameter[profiles.rows[good]] = fit.width_um[good]
    return Diameters(diameter, sigma, len(strong))


def calibre(found: Diameters, counted: NDArray[np.bool_], px_per_mm: float, threshold_um: float) -> Calibre:
    """Mean, median and share of thin hairs over the hairs (n,) that are `counted`, or the reason why there is none."""
    measured = found.diameter_um[counted & np.isfinite(found.diameter_um)]
    edge = None if np.isnan(found.sigma_um) else found.edge_spread_um
    withheld = Calibre(None, None, None, threshold_um, len(measured), edge, "")
    pitch = 1000 / px_per_mm
    if pitch > MAX_PITCH_UM:
        reason = f"One pixel is {pitch:.1f} um of scalp, and thin hairs take {MAX_PITCH_UM:g} um or less."
    elif edge is None:
        reason = f"Only {found.edges} dark, thick shafts lie free, too few to measure how sharp the photograph is."
    elif edge > MAX_EDGE_UM:
        reason = f"Edges are {edge:.0f} um wide, and thin hairs take {MAX_EDGE_UM:g} um or less."
    elif len(measured) < MIN_HAIRS:
        reason = f"Only {len(measured)} shafts could be measured, fewer than {MIN_HAIRS}."
    else:
        return replace(
            withheld,
            mean_um=float(measured.mean()),
            median_um=float(np.median(measured)),
            thin_share=float((measured < threshold_um).mean()),
        )
    return replace(withheld, reason=reason)


def _strong(rough: Rough) -> NDArray[np.intp]:
    """Dark, wide, free shafts, evenly drawn when there are many: on these the point spread is measured."""
    low, high = STRONG_UM
    free = ~rough.near_left & ~rough.near_right
    rows = np.flatnonzero(
        free & (np.abs(rough.depth) >= STRONG_DEPTH) & (rough.width_um >= low) & (rough.width_um <= high)
    )
    return rows[:: max(1, len(rows) // MOST_EDGES)]


def _point_spread(profiles: Profiles, rough: Rough) -> float:
    """The standard deviation in um with which the strong shafts together are fitted best."""
    # Every other sample and a coarse grid are enough here.
    sparse = Profiles(profiles.rows, profiles.offset_um[::2], profiles.light[:, ::2], profiles.noise)
    costs = []
    for sigma in SIGMAS_UM:
        fit = fit_widths(sparse, rough, sigma, classes=(STRONG_UM,), depths=EDGE_DEPTHS, step=EDGE_STEP)
        fitted = fit.cost[np.isfinite(fit.width_um)]
        costs.append(float(np.median(fitted)) if len(fitted) else np.inf)
    best = int(np.argmin(costs))
    low, high = max(best - 2, 0), min(best + 3, len(SIGMAS_UM))
    x, y = np.log(SIGMAS_UM[low:high]), np.asarray(costs[low:high])
    if best in (0, len(SIGMAS_UM) - 1) or not np.isfinite(y).all():
        return SIGMAS_UM[best]
    a, b, _ = np.polyfit(x, y, 2)
    return float(np.exp(np.clip(-b / (2 * a), x[0], x[-1]))) if a > 0 else SIGMAS_UM[best]


def _taken(profiles: Profiles, rows: NDArray[np.intp]) -> Profiles:
    return Profiles(profiles.rows[rows], profiles.offset_um, profiles.light[rows], profiles.noise[rows])


def _rough_taken(rough: Rough, rows: NDArray[np.intp]) -> Rough:
    return Rough(rough.width_um[rows], rough.depth[rows], rough.near_left[rows], rough.near_right[rows])
