"""Width of a shaft from its profile: a blurred absorbing cylinder is fitted, on a grid of widths and optical depths.

The model of the light across a shaft of width w, u = 2 x / w:

    light(x) = a + b x - s exp(-(|x| - w/2) / 30 um) - d A(x; w, m) + c core(x; w)
    A = P(sigma) * [1 - exp(-m sqrt(1 - u^2))] / [1 - exp(-m)]   for |u| < 1

a, b: the skin; s: the soft shadow beside the shaft; A: what a cylinder of optical depth m absorbs along its chords
(Beer-Lambert), blurred by the point spread P, a Gaussian of standard deviation sigma with a wider, weaker one around
it as diffraction has; core: the lighter middle that a wide shaft can have. a, b, s, d and c are linear and are solved
for every w and m of the grid (variable projection: Golub & Pereyra, SIAM J Numer Anal 1973;10:413-432); the best w is
refined by a parabola.

Where the shaft is not much wider than the point spread, w and m cannot be told apart. What the profile does tell is
how dark the middle is, 1 - exp(-m): m is drawn to that value, as a normal prior on its logarithm.

The constants of the prior, the core and the point spread were chosen on renders of `station.world.wires` with one
seed and tested with others (docs/accuracy.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from station.density.profiles import Profiles

Floats = NDArray[np.float64]

STEP = 0.06
"""Of the grid of widths, in logarithms."""
DEPTHS = (0.35, 0.7, 1.2, 2.0, 3.3, 5.5, 12.0)
"""Optical depths m along the diameter: from a light vellus hair to an opaque one."""
SHADOW_UM = 30.0
"""How far the soft shadow beside a shaft reaches (1/e)."""
CORE_FROM_UM = 65.0
"""A narrower shaft's core is too blurred to be told from its depth."""
MOST_CORE, CORE_PENALTY = 0.6, 3.0
"""Largest brightness of a core, as a share of the shaft's depth, and what a core costs in the score."""
PRIOR_SD = 0.35
"""Of the logarithm of m."""
SCATTER, DARKEST, LEAST_THROUGH = 1.6, 0.85, 0.01
"""A shaft scatters some light itself and looks less deep than it is: an opaque one takes this share of the skin's
light, and m is this much higher than the darkness says; at least this share counts as coming through."""
BRIGHT_DEPTH = 0.5
"""Optical depth that m is drawn to where the shaft is lighter than the skin: its brightness says nothing of it."""
SAMPLES_OF_THEIR_OWN = 20
"""Independent values in a profile: samples are finer than the point spread."""
WIDTH_CLASSES = ((12.0, 30.0), (30.0, 52.0), (52.0, 85.0), (85.0, 120.0), (120.0, 180.0))
"""Spans of rough widths (um) that share a window."""
PADS_UM = (60.0, 30.0)
"""Skin on each side that is fitted: the narrow one where another shaft lies further out."""
SEGMENTS = 32
"""Strips that a shaft is cut into to be blurred."""
HALO_SHARE, HALO_RATIO = 0.15, 3.0
"""Of the point spread: the share of light in its wider part, and how much wider that is."""


@dataclass(frozen=True, slots=True, eq=False)
class WidthFit:
    """(m,) each. width_um: NaN where the shaft cannot be fitted; depth: how dark its middle is, as a share of the
    skin's light, negative for a bright shaft; misfit: root mean square residual as a share of the depth; cost: the
    least of the score, less is better (log residual, prior)."""

    width_um: Floats
    depth: Floats
    misfit: Floats
    cost: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rough:
    """(m,) each. width_um: full width at half depth; depth: share of the skin's light; near_left, near_right: bool,
    another shaft lies close by on that side."""

    width_um: Floats
    depth: Floats
    near_left: NDArray[np.bool_]
    near_right: NDArray[np.bool_]


def rough_widths(profiles: Profiles) -> Rough:
    """A first look at each profile, which decides on the window of its fit."""
    x = profiles.offset_um.astype(np.float64)
    light = profiles.light.astype(np.float64)
    soft = (np.roll(light, 1, axis=1) + light + np.roll(light, -1, axis=1)) / 3
    soft[:, 0], soft[:, -1] = light[:, 0], light[:, -1]
    middle = light[:, np.abs(x) <= 5].mean(axis=1)
    skin = np.percentile(light, 80, axis=1)
    dark = skin >= middle
    soft = np.where(dark[:, None], soft, 2 * middle[:, None] - soft)
    sides, limits, near = [], [], []
    for side in (soft[:, x <= 0][:, ::-1], soft[:, x >= 0]):
        reach = np.abs(x[x >= 0])
        top = side[:, reach <= 110].max(axis=1)
        half = (middle + top) / 2
        above = side >= half[:, None]
        first = np.where(above.any(axis=1), above.argmax(axis=1), len(reach) - 1)
        sides.append(reach[first])
        limits.append(top)
        # Behind the edge the light should stay up: where it falls again by a good part, another shaft begins.
        beyond = reach[None] > sides[-1][:, None] + 8
        peak = np.maximum.accumulate(np.where(beyond, side, -np.inf), axis=1)
        window = beyond & (reach[None] <= sides[-1][:, None] + PADS_UM[0])
        near.append(((peak - side > 0.12 * (top - middle)[:, None]) & window).any(axis=1))
    level = np.maximum(np.where(dark, np.minimum(*limits), skin), 1e-4)
    depth = (np.minimum(*limits) - middle) / level
    return Rough(sides[0] + sides[1], np.where(dark, depth, -depth), near[0], near[1])


def fit_widths(
    profiles: Profiles,
    rough: Rough,
    sigma_um: float,
    *,
    classes: tuple[tuple[float, float], ...] = WIDTH_CLASSES,
    depths: tuple[float, ...] = DEPTHS,
    step: float = STEP,
) -> WidthFit:
    """Fit all profiles for a point spread of standard deviation `sigma_um`.

    classes: spans of rough widths in um that share a window, others are left out; depths, step: the grid of optical
    depths and, in logarithms, of widths.
    """
    m = len(profiles.rows)
    found = WidthFit(*(np.full(m, np.nan) for _ in range(4)))
    x = profiles.offset_um.astype(np.float64)
    for low, high in classes:
        in_class = (rough.width_um >= low) & (rough.width_um < high)
        if not in_class.any():
            continue
        widths = np.exp(np.arange(np.log(0.42 * low), np.log(1.4 * high), step))
        columns = _columns(x, widths, sigma_um, depths)
        for near in (0, 1, 2):
            both = rough.near_left & rough.near_right
            one = rough.near_left ^ rough.near_right
            rows = np.flatnonzero(in_class & (both if near == 2 else one if near == 1 else ~both & ~one))
            if not len(rows):
                continue
            light = profiles.light[rows].astype(np.float64)
            # A neighbour on the left is seen in a mirror.
            light = np.where(rough.near_left[rows, None] & (near == 1), light[:, ::-1], light)
            half = (low + high) / 4
            left, right = half + PADS_UM[near == 2], half + PADS_UM[near > 0]
            window = (x >= -left) & (x <= right)
            _fit_group(found, rows, light[:, window], columns[:, :, window], widths, rough.width_um[rows], depths)
    return found


def _columns(x: Floats, widths: Floats, sigma: float, depths: tuple[float, ...]) -> Floats:
    """The linear part of the model (len(depths), len(widths), len(x), 5)."""
    edge = np.linspace(-1, 1, SEGMENTS + 1)
    middle = (edge[1:] + edge[:-1]) / 2
    m = np.asarray(depths)[:, None]
    absorbed = (1 - np.exp(-m * np.sqrt(1 - middle**2))) / (1 - np.exp(-m))
    at = (x[None, :, None] - widths[:, None, None] / 2 * edge) / (np.sqrt(2) * sigma)
    share = ((1 - HALO_SHARE) * erf(at) + HALO_SHARE * erf(at / HALO_RATIO)) / 2
    cylinder = np.einsum("wxs,ms->mwx", share[..., :-1] - share[..., 1:], absorbed)
    flat = np.broadcast_to(np.ones_like(x), cylinder.shape)
    slope = np.broadcast_to(x / 100, cylinder.shape)
    beyond = np.maximum(np.abs(x)[None] - widths[:, None] / 2, 0)
    shadow = np.broadcast_to(np.exp(-beyond / SHADOW_UM), cylinder.shape)
    core = np.exp(-0.5 * (x[None] / np.hypot(0.16 * widths, sigma)[:, None]) ** 2)
    core = np.broadcast_to(core * (widths >= CORE_FROM_UM)[:, None], cylinder.shape)
    # The core comes last: where it is empty, the other terms do not notice.
    return np.stack([flat, slope, shadow, cylinder, core], axis=-1)


def _fit_group(
    found: WidthFit,
    rows: NDArray[np.intp],
    light: Floats,
    columns: Floats,
    widths: Floats,
    rough: Floats,
    optical_depths: tuple[float, ...],
) -> None:
    """Fit profiles (m, k) that share a window; columns: (depths, widths, k, 5)."""
    depths, count, samples, terms = columns.shape
    skin = np.percentile(light, 90, axis=1)
    centred = light - skin[:, None]
    q, r = np.linalg.qr(columns)
    part = centred @ q.transpose(2, 0, 1, 3).reshape(samples, -1)
    part = part.reshape(len(rows), depths, count, terms)
    r33, r34, r44 = r[None, ..., 3, 3], r[None, ..., 3, 4], r[None, ..., 4, 4]
    glow = part[..., 4] / np.where(widths >= CORE_FROM_UM, r44, np.inf)
    absorbed = (part[..., 3] - r34 * glow) / r33
    # A core is the opposite of the shaft, and weaker; it must earn its place.
    has_core = (glow * absorbed < 0) & (np.abs(glow) < MOST_CORE * np.abs(absorbed))
    without = np.square(centred).sum(axis=1)[:, None, None] - np.square(part[..., :4]).sum(axis=3)
    gain = np.where(has_core, np.square(part[..., 4]), 0.0)
    has_core &= (
        -SAMPLES_OF_THEIR_OWN * np.log1p(-np.minimum(gain / np.maximum(without, 1e-12), 0.999999)) > CORE_PENALTY
    )
    residual = np.maximum(without - np.where(has_core, gain, 0.0), 1e-12)
    depth = -np.where(has_core, absorbed, part[..., 3] / r33) / np.maximum(skin, 1e-4)[:, None, None]
    prior = SCATTER * -np.log(np.clip(1 - np.abs(depth) / DARKEST, LEAST_THROUGH, 0.95))
    prior = np.where(depth < 0, BRIGHT_DEPTH, prior)
    score = SAMPLES_OF_THEIR_OWN * np.log(residual / samples)
    score = score + CORE_PENALTY * has_core
    score = score + (np.log(np.asarray(optical_depths)[:, None] / prior) / PRIOR_SD) ** 2
    outside = (widths[None] < 0.4 * rough[:, None]) | (widths[None] > 1.45 * rough[:, None])
    score = np.where(outside[:, None], np.inf, score)
    best = score.reshape(len(rows), -1).argmin(axis=1)
    at_depth, at_width = np.unravel_index(best, (depths, count))
    each = np.arange(len(rows))
    here = score[each, at_depth, at_width]
    before = score[each, at_depth, np.maximum(at_width - 1, 0)]
    after = score[each, at_depth, np.minimum(at_width + 1, count - 1)]
    bend = before - 2 * here + after
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.clip(np.where(np.isfinite(bend) & (bend > 1e-9), (before - after) / (2 * bend), 0.0), -0.5, 0.5)
    at_end = ~np.isfinite(bend) | (at_width == 0) | (at_width == count - 1)
    found.width_um[rows] = np.where(at_end, np.nan, widths[at_width] * np.exp(shift * np.log(widths[1] / widths[0])))
    found.depth[rows] = depth[each, at_depth, at_width]
    rms = np.sqrt(residual[each, at_depth, at_width] / samples)
    found.misfit[rows] = rms / np.maximum(np.abs(found.depth[rows]) * skin, 1e-6)
    found.cost[rows] = here
