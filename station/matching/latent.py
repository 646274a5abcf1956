"""Kept, lost or new: a latent class model of what several photographs say about the same hairs.

Every photograph misses some hairs, some hairs are missed more often than others, and some points are no hairs at all.
A hair that was not found at a visit may therefore be there. Classes: how easily a hair is found (the same at both
visits) times whether it stands at both visits, at the first only, or at the second only. Given its class, photographs
are independent. Shares of classes and probabilities are fitted by expectation maximisation (Dempster, Laird, Rubin, J R
Stat Soc B 1977;39:1-38) with weak priors; the share that is lost is the same for easy and hard hairs. The model is a
latent class model of capture-recapture with heterogeneity (Pledger S, Biometrics 2000;56:434-442).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

KINDS = 3
"""Found, found weakly, not found."""
START = np.array(
    [
        # found, weak, not found; one row a level of ease
        [0.985, 0.007, 0.008],
        [0.75, 0.12, 0.13],
        [0.40, 0.15, 0.45],
        [0.12, 0.13, 0.75],
    ]
)
START_SHARES = np.array([0.80, 0.08, 0.06, 0.06])
MOVING = 2
"""Levels whose hairs can be told to be lost or new. What is found less often than not may be no hair at all: it counts
as kept, and says nothing of the change."""
ABSENT = np.array([0.012, 0.03, 0.958])
"""Where no hair stands, a point is found by chance now and then."""
PRIOR_WEIGHT = 60.0
"""The start weighs as much as so many sights of each level."""
ABSENT_WEIGHT = 400.0
RHO_PRIOR = (0.5, 20.0)
"""Lost (or new) and kept hairs that the prior of the lost share amounts to."""
STEPS = 400
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """kept, lost, new: (T,) probability of each track; ease: (levels, 3) probabilities of the kinds of sight; shares:
    (levels,) of the hairs; lost_share, new_share: of the first visit's hairs that can be told to be lost or new."""

    kept: Floats
    lost: Floats
    new: Floats
    ease: Floats
    shares: Floats
    lost_share: float
    new_share: float


def fit(before: Counts, after: Counts) -> Fit:
    """before, after: (T, 3) how often a track was found, found weakly and not found at each of two visits, in the
    photographs that could show it; at least one at either visit."""
    ease, absent, shares = START.copy(), ABSENT.copy(), START_SHARES.copy()
    levels = len(shares)
    moving = np.arange(levels) < MOVING
    lost = new = 0.02
    for _step in range(STEPS):
        with np.errstate(divide="ignore"):  # the logarithm of 0: a level that does not move
            classes = np.log(
                np.stack([shares * (1 - lost * moving), shares * lost * moving, shares * new * moving])
            ).reshape(-1)
        seen_before, seen_after = before @ np.log(ease).T, after @ np.log(ease).T
        no_before, no_after = (before @ np.log(absent))[:, None], (after @ np.log(absent))[:, None]
        logs = classes + np.concatenate([seen_before + seen_after, seen_before + no_after, no_before + seen_after], 1)
        weight = np.exp(logs - logs.max(axis=1, keepdims=True))
        post = (weight / weight.sum(axis=1, keepdims=True)).reshape(len(before), 3, levels)
        kept, gone, come = post[:, 0], post[:, 1], post[:, 2]
        here_before, here_after = kept + gone, kept + come
        shares = (here_before.sum(axis=0) + 1) / (here_before.sum() + levels)
        base = here_before[:, moving].sum() + RHO_PRIOR[1]
        previous = lost, new
        lost, new = ((part.sum() + RHO_PRIOR[0]) / base for part in (gone, come))
        tally = here_before.T @ before + here_after.T @ after + PRIOR_WEIGHT * START
        ease = tally / tally.sum(axis=1, keepdims=True)
        missing = come.sum(axis=1) @ before + gone.sum(axis=1) @ after + ABSENT_WEIGHT * ABSENT
        absent = missing / missing.sum()
        if abs(lost - previous[0]) + abs(new - previous[1]) < TOLERANCE:
            break
    return Fit(kept.sum(axis=1), gone.sum(axis=1), come.sum(axis=1), ease, shares, lost, new)
