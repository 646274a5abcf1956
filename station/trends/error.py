"""How well the station repeats itself, and the smallest change that stands out from that.

Everything works on natural logarithms of densities, because the error of a count grows with it: a standard deviation
of logs is a coefficient of variation (CV). Sources: Bland JM, Altman DG, Statistical methods for assessing agreement,
Lancet 1986;327:307-310, and Measuring agreement in method comparison studies, Stat Methods Med Res 1999;8:135-160;
Jacobson NS, Truax P, J Consult Clin Psychol 1991;59:12-19; Shrout PE, Fleiss JL, Psychol Bull 1979;86:420-428.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.96  # as M2 and the literature print it
DEFAULT_CV = 0.07
"""CV of a visit until the station knows its own (domain reference 5.3, M2)."""

MIN_PAIRS = 10
"""Repeat pairs that are needed before the station's own CV replaces the default (M2)."""


class Repeatability(NamedTuple):
    """s_w: within-subject standard deviation, in the unit of the data; pairs: independent repeat pairs behind it
    (degrees of freedom: m repeats of one subject count as m - 1)."""

    s_w: float
    pairs: int


def within_subject(groups: Sequence[Sequence[float]]) -> Repeatability:
    """Pooled within-subject standard deviation of repeats: s_w^2 = sum over groups of squares about the group's
    mean / degrees of freedom (Bland & Altman 1999, section 3; for pairs, sum d^2 / 2k as in M1).

    groups: repeats per subject; those with fewer than two tell nothing. Raises ValueError when none has two.
    """
    usable = [group for group in groups if len(group) >= 2]
    pairs = sum(len(group) - 1 for group in usable)
    if pairs == 0:
        raise ValueError("repeatability needs at least one subject with two repeats")
    squares = math.fsum(_squares(group) for group in usable)
    return Repeatability(math.sqrt(squares / pairs), pairs)


def _squares(group: Sequence[float]) -> float:
    """Sum of squares about the mean. Without NumPy: groups are pairs and threes, and there are a thousand of them."""
    mean = sum(group) / len(group)
    return sum((value - mean) ** 2 for value in group)


@dataclass(frozen=True, slots=True)
class FrameError:
    """Repeatability of one photograph with the head put back. cv: of one photograph; pairs: behind it; measured:
    False while the default stands in."""

    cv: float
    pairs: int
    measured: bool


def frame_error(groups: Sequence[Sequence[float]]) -> FrameError:
    """Repeatability of one photograph from repeats on the same site in the same visit, as densities per cm2.

    The head is put back for every photograph, so the repeats hold the error of repositioning as well. Densities of
    0 have no logarithm: their groups are left out. Below `MIN_PAIRS` pairs the default stands in.
    """
    logs = [[math.log(value) for value in group] for group in groups if len(group) >= 2 and min(group) > 0]
    pairs = sum(len(group) - 1 for group in logs)
    if pairs < MIN_PAIRS:
        return FrameError(DEFAULT_CV, pairs, measured=False)
    found = within_subject(logs)
    return FrameError(cv_of_log_sd(found.s_w), found.pairs, measured=True)


def visit_cv(error: FrameError, weights: Sequence[float], frames: Sequence[int]) -> float:
    """CV of a visit's weighted mean over sites: sqrt(sum w_i^2 CV^2 / m_i), for sites of about the same density.

    weights: of the sites, adding up to 1; frames: photographs m_i per site. M1's CV_visit for several sites; the
    station's repeats are repositioned, so its CV_reposition is inside CV. The default is the CV of a whole visit and
    is not divided.
    """
    if not error.measured:
        return error.cv
    return error.cv * math.sqrt(sum(w * w / m for w, m in zip(weights, frames, strict=True)))


def log_sd(cv: float) -> float:
    """Standard deviation of logarithms for a coefficient of variation: sqrt(ln(1 + CV^2)) (M2)."""
    return math.sqrt(math.log1p(cv * cv))


def cv_of_log_sd(sd: float) -> float:
    """The inverse of `log_sd`."""
    return math.sqrt(math.expm1(sd * sd))


def mdc95(cv: float, before: int = 1, after: int = 1) -> float:
    """Minimal detectable change at 95 % between means of visits, as a share: 1.96 CV sqrt(1/a + 1/b) (M2)."""
    return Z95 * cv * math.sqrt(1 / before + 1 / after)


class ChangeLimits(NamedTuple):
    """The largest fall and the largest rise that error alone explains at 95 %, as shares: about -0.13 and +0.15."""

    fall: float
    rise: float


def mdc95_log(cv_before: float, cv_after: float) -> ChangeLimits:
    """Limits of change between two visits, on logs: exp(+-1.96 sqrt(s1^2 + s2^2)) - 1 (M2)."""
    reach = Z95 * math.hypot(log_sd(cv_before), log_sd(cv_after))
    return ChangeLimits(math.expm1(-reach), math.expm1(reach))


def reliable_change_index(before: float, after: float, sd: float, reliability: float) -> float:
    """RC = (x2 - x1) / (sqrt(2) SEM) with SEM = SD sqrt(1 - r) (Jacobson & Truax 1991); beyond +-1.96 it is
    unlikely to be error alone."""
    return (after - before) / (math.sqrt(2) * sd * math.sqrt(1 - reliability))


class Icc(NamedTuple):
    """Intraclass correlations of one rating (Shrout & Fleiss 1979): one-way random, two-way random, two-way mixed."""

    icc11: float
    icc21: float
    icc31: float


def intraclass_correlation(ratings: ArrayLike) -> Icc:
    """ICC(1,1), ICC(2,1) and ICC(3,1) of ratings (subjects, raters or repeats), without gaps.

    From the mean squares of the two-way analysis of variance (Shrout & Fleiss 1979, table 1 and equations). Raises
    ValueError for fewer than two subjects or raters.
    """
    x: NDArray[np.float64] = np.asarray(ratings, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError("an intraclass correlation needs at least two subjects and two repeats")
    n, k = x.shape
    total = float(((x - x.mean()) ** 2).sum())
    between = k * float(((x.mean(axis=1) - x.mean()) ** 2).sum())
    raters = n * float(((x.mean(axis=0) - x.mean()) ** 2).sum())
    bms = between / (n - 1)
    wms = (total - between) / (n * (k - 1))
    jms = raters / (k - 1)
    ems = (total - between - raters) / ((n - 1) * (k - 1))
    return Icc(
        (bms - wms) / (bms + (k - 1) * wms),
        (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n),
        (bms - ems) / (bms + (k - 1) * ems),
    )
