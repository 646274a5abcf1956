"""The statistics of measurement error against published answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from station.trends import error

# Bland & Altman, Lancet 1986: peak expiratory flow (l/min), two readings of 17 people with each of two meters.
WRIGHT = [
    (494, 490), (395, 397), (516, 512), (434, 401), (476, 470), (557, 611), (413, 415), (442, 431), (650, 638),
    (433, 429), (417, 420), (656, 633), (267, 275), (478, 492), (178, 165), (423, 372), (427, 421),
]  # fmt: skip
MINI = [
    (512, 525), (430, 415), (520, 508), (428, 444), (500, 500), (600, 625), (364, 460), (380, 390), (658, 642),
    (445, 432), (432, 420), (626, 605), (260, 227), (477, 467), (259, 268), (350, 370), (451, 443),
]  # fmt: skip
# Shrout & Fleiss, Psychol Bull 1979, table 2: six subjects, four judges.
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_repeatability_is_that_of_bland_and_altman_1986() -> None:
    # The paper gives the coefficients of repeatability, 2 SD of the differences: 43.2 and 56.4 l/min. The readings
    # here were transcribed; they give 43.29 and 56.32.
    wright, mini = error.within_subject(WRIGHT), error.within_subject(MINI)
    assert wright.pairs == mini.pairs == 17
    assert 2 * math.sqrt(2) * wright.s_w == pytest.approx(43.2, abs=0.15)
    assert 2 * math.sqrt(2) * mini.s_w == pytest.approx(56.4, abs=0.15)


def test_repeats_of_unequal_number_are_pooled_by_degrees_of_freedom() -> None:
    # By hand: squares 2 (of 1, 2, 3) and 0.5 (of 4, 5) over 2 + 1 degrees of freedom; one value tells nothing.
    found = error.within_subject([[1, 2, 3], [4, 5], [9]])
    assert found.pairs == 3
    assert found.s_w == pytest.approx(math.sqrt(2.5 / 3))


def test_no_repeats_say_nothing() -> None:
    with pytest.raises(ValueError, match="two repeats"):
        error.within_subject([[1.0], [2.0]])


def test_intraclass_correlations_are_those_of_shrout_and_fleiss_1979() -> None:
    # Table 4 of the paper: .17, .29, .71.
    icc = error.intraclass_correlation(RATINGS)
    assert tuple(round(value, 2) for value in icc) == (0.17, 0.29, 0.71)


def test_intraclass_correlation_needs_a_table() -> None:
    with pytest.raises(ValueError, match="two subjects"):
        error.intraclass_correlation([[1, 2, 3]])


def test_reliable_change_is_that_of_jacobson_and_truax_1991() -> None:
    # Their example: a marital satisfaction score from 32.5 to 47.5, SD 7.5, r 0.80: RC = 3.16.
    assert error.reliable_change_index(32.5, 47.5, 7.5, 0.8) == pytest.approx(3.16, abs=0.005)


def test_minimal_detectable_change_of_the_default() -> None:
    assert error.mdc95(error.DEFAULT_CV) == pytest.approx(0.194030101, abs=1e-8)
    limits = error.mdc95_log(0.07, 0.07)
    assert limits == pytest.approx((-0.176171616, 0.213845042), abs=1e-8)
    # A fall and the rise that undoes it are the same distance on logs.
    assert (1 + limits.fall) * (1 + limits.rise) == pytest.approx(1)


def test_cv_and_log_sd_are_inverse() -> None:
    for cv in (0.001, 0.07, 0.5):
        assert error.cv_of_log_sd(error.log_sd(cv)) == pytest.approx(cv, rel=1e-12)


def test_default_stands_in_until_there_are_ten_pairs() -> None:
    rng = np.random.default_rng(1)
    groups = [list(80 * np.exp(rng.normal(0, 0.03, 2))) for _ in range(9)]
    few = error.frame_error(groups)
    assert few == error.FrameError(error.DEFAULT_CV, 9, measured=False)
    assert error.visit_cv(few, [0.5, 0.5], [2, 2]) == error.DEFAULT_CV
    enough = error.frame_error([*groups, [80.0, 82.0], [0.0, 3.0]])
    assert enough.measured
    assert enough.pairs == 10


def test_simulated_repeats_give_back_their_cv() -> None:
    rng = np.random.default_rng(7)
    groups = [list(rng.uniform(60, 100) * np.exp(rng.normal(0, 0.04, 3))) for _ in range(2000)]
    assert error.frame_error(groups).cv == pytest.approx(0.04, rel=0.03)


def test_visit_error_is_that_of_simulated_visits() -> None:
    rng = np.random.default_rng(3)
    weights, frames = [0.25] * 4, [3, 3, 2, 2]
    visits = [
        sum(w * np.exp(rng.normal(0, 0.05, m)).mean() for w, m in zip(weights, frames, strict=True))
        for _ in range(20_000)
    ]
    expected = error.visit_cv(error.FrameError(0.05, 99, measured=True), weights, frames)
    assert np.std(visits) / np.mean(visits) == pytest.approx(expected, rel=0.03)
