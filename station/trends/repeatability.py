"""How well a rig repeats itself: within a visit, and with the head put back.

A run is nested: at each of n repeats the head is put back, and m photographs are taken without moving. On logarithms,
so that standard deviations are coefficients of variation (CV):

    CV_within^2      from the photographs of each repeat about their mean, pooled (Bland & Altman 1999, section 3)
    CV_reposition^2  variance of the repeats' means about the site's, less CV_within^2 / m, and not below 0
    CV_visit^2       CV_reposition^2 + CV_within^2 / m: the mean of m photographs of one placement

(domain reference 5.3, M1). The least detectable change between two such means is M2's, on logs. The change that is
told by matching the same hairs has its own error: between visits made up of repeats its true value is 0, so the root
mean square of its logarithms is its standard deviation, and 1.96 times that is detectable; there is no square root of
2, as it is a difference already.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from station.trends.error import (
    MIN_PAIRS,
    Z95,
    ChangeLimits,
    cv_of_log_sd,
    intraclass_correlation,
    mdc95_log,
    within_subject,
)
from station.trends.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Repeats:
    """One site of one person in one run. hairs, fu: densities per cm2, a tuple of photographs for each repeat; matched:
    logarithms of the ratio of hairs that matching told between visits made up of repeats; refused: how many times it
    was not accepted. person: a code, empty where nobody's is on record."""

    person: str
    site: str
    hairs: tuple[tuple[float, ...], ...]
    fu: tuple[tuple[float, ...], ...]
    matched: tuple[float, ...] = ()
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the repeats say about one density. CVs as shares, None where they cannot be told; repeats: how often a head
    was put back, over all sites; pairs: degrees of freedom of the CV of repositioning; photographs: at each repeat
    (harmonic mean); mdc: between two visits of one site; icc_reason: why `icc` is None."""

    repeats: int
    pairs: int
    photographs: float
    within_cv: float | None
    reposition_cv: float | None
    visit_cv: float | None
    mdc: ChangeLimits | None
    icc: float | None
    icc_reason: Sentence | None

    @property
    def enough(self) -> bool:
        """Whether there are as many pairs as it takes to replace the default."""
        return self.pairs >= MIN_PAIRS


@dataclass(frozen=True, slots=True)
class MatchedFigures:
    """The error of the change that is told by matching. sd: of its logarithm where nothing changed, None without one;
    pairs: how many; refused: pairs that were not accepted as the same place."""

    sd: float | None
    mdc: ChangeLimits | None
    pairs: int
    refused: int


def figures(densities: Sequence[Sequence[Sequence[float]]]) -> Figures:
    """Repeatability of a density. densities: per cm2, of each subject (a site of a person) its repeats, of each repeat
    its photographs; those of 0 have no logarithm and are left out."""
    subjects = [[[math.log(value) for value in repeat if value > 0] for repeat in subject] for subject in densities]
    subjects = [[repeat for repeat in subject if repeat] for subject in subjects]
    repeats = [repeat for subject in subjects for repeat in subject]
    means = [[statistics.fmean(repeat) for repeat in subject] for subject in subjects]
    photographs = statistics.harmonic_mean([len(repeat) for repeat in repeats]) if repeats else 0.0
    icc, reason = _icc(densities)
    if not any(len(subject) >= 2 for subject in means):
        return Figures(len(repeats), 0, photographs, None, None, None, None, icc, reason)
    between = within_subject(means)
    within = within_subject(repeats).s_w if any(len(repeat) >= 2 for repeat in repeats) else None
    noise = 0.0 if within is None else within**2 / photographs
    reposition = cv_of_log_sd(math.sqrt(max(0.0, between.s_w**2 - noise)))
    within_cv = None if within is None else cv_of_log_sd(within)
    visit_cv = math.sqrt(reposition**2 + (within_cv or 0.0) ** 2 / photographs)
    mdc = mdc95_log(visit_cv, visit_cv)
    return Figures(len(repeats), between.pairs, photographs, within_cv, reposition, visit_cv, mdc, icc, reason)


def matched_figures(runs: Sequence[Repeats]) -> MatchedFigures:
    """The error of the matched change over runs."""
    logs = [log for run in runs for log in run.matched]
    refused = sum(run.refused for run in runs)
    if not logs:
        return MatchedFigures(None, None, 0, refused)
    sd = math.sqrt(statistics.fmean(log * log for log in logs))
    return MatchedFigures(sd, ChangeLimits(math.expm1(-Z95 * sd), math.expm1(Z95 * sd)), len(logs), refused)


def hairs_figures(runs: Sequence[Repeats]) -> Figures:
    """`figures` of hairs per cm2; each run of a site is a subject."""
    return figures([run.hairs for run in runs])


def fu_figures(runs: Sequence[Repeats]) -> Figures:
    """`figures` of follicular units per cm2."""
    return figures([run.fu for run in runs])


def placements(densities: Sequence[Sequence[float]]) -> list[float]:
    """One photograph of each repeat: repeats of one photograph with the head put back, as visits hold them."""
    return [repeat[0] for repeat in densities if repeat]


def _icc(densities: Sequence[Sequence[Sequence[float]]]) -> tuple[float | None, Sentence | None]:
    """ICC(2,1) of the repeats' means over as many repeats as all subjects have, or why there is none."""
    means = [[statistics.fmean(repeat) for repeat in subject if repeat] for subject in densities]
    means = [subject for subject in means if len(subject) >= 2]
    if len(means) < 2:
        return None, say("repeatability.icc-one-subject")
    common = min(len(subject) for subject in means)
    table = [subject[:common] for subject in means]
    if len({statistics.fmean(row) for row in table}) == 1:
        return None, say("repeatability.icc-no-spread")
    return intraclass_correlation(table).icc21, None
