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
        [0.25, 0.15, 0.60],
    ]
)
ABSENT = np.array([0.012, 0.03, 0.958])
"""Where no hair stands, a point is found by chance now and then."""
PRIOR_WEIGHT = 60.0
"""The start weighs as much as so many sights of each level."""
ABSENT_WEIGHT = 400.0
RHO_PRIOR = (0.5, 20.0)
"""Lost (or new) and kept hairs that the prior of the lost share amounts to."""
STEPS = 200
TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """kept, lost, new: (T,) probability of each track; ease: (E, 3) probabilities of the kinds of sight for each
    level; lost_share, new_share: of the hairs of the first visit."""

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
    ease, absent = START.copy(), ABSENT.copy()
    levels = len(ease)
    shares = np.array([0.85, 0.1, 0.05])
    lost = new = 0.02
    previous = -np.inf
    for _step in range(STEPS):
        seen_before, seen_after = before @ np.log(ease).T, after @ np.log(ease).T
        no_before, no_after = (before @ np.log(absent))[:, None], (after @ np.log(absent))[:, None]
        logs = np.concatenate(
            [
                seen_before + seen_after + np.log(shares * (1 - lost)),
                seen_before + no_after + np.log(shares * lost),
                no_before + seen_after + np.log(shares * new),
            ],
            axis=1,
        )
        top = logs.max(axis=1, keepdims=True)
        weight = np.exp(logs - top)
        total = weight.sum(axis=1, keepdims=True)
        post = (weight / total).reshape(len(before), 3, levels)
        likelihood = float((np.log(total) + top).sum())
        kept, gone, come = post[:, 0], post[:, 1], post[:, 2]
        here_before, here_after = kept + gone, kept + come
        shares = (here_before.sum(axis=0) + 1) / (here_before.sum() + levels)
        base = here_before.sum()
        lost = (gone.sum() + RHO_PRIOR[0]) / (base + RHO_PRIOR[1])
        new = (come.sum() + RHO_PRIOR[0]) / (base + RHO_PRIOR[1])
        tally = here_before.T @ before + here_after.T @ after + PRIOR_WEIGHT * START
        ease = tally / tally.sum(axis=1, keepdims=True)
        missing = come.sum(axis=1) @ before + gone.sum(axis=1) @ after + ABSENT_WEIGHT * ABSENT
        absent = missing / missing.sum()
        if abs(likelihood - previous) < TOLERANCE * abs(likelihood):
            break
        previous = likelihood
    return Fit(kept.sum(axis=1), gone.sum(axis=1), come.sum(axis=1), ease, shares, lost, new)
