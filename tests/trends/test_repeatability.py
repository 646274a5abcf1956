"""CVs within a visit and of repositioning, their sum, ICC and least detectable change, by simulation and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from station.trends.error import intraclass_correlation
from station.trends.repeatability import Repeats, figures, hairs_figures, matched_figures, placements

Densities = list[list[list[float]]]


def simulated(
    sites: int, repeats: int, photographs: int, *, reposition: float, within: float, seed: int = 1, spread: float = 0.2
) -> Densities:
    """Densities around 160 per cm2, errors on logs."""
    rng = np.random.default_rng(seed)
    site = rng.normal(0, spread, (sites, 1, 1))
    moved = rng.normal(0, reposition, (sites, repeats, 1))
    noise = rng.normal(0, within, (sites, repeats, photographs))
    found: Densities = (160 * np.exp(site + moved + noise)).tolist()
    return found


@pytest.mark.parametrize(("reposition", "within"), [(0.03, 0.01), (0.01, 0.03), (0.02, 0.0)])
def test_both_parts_of_the_error_are_found_again(reposition: float, within: float) -> None:
    found = figures(simulated(200, 10, 3, reposition=reposition, within=within))
    assert (found.repeats, found.pairs, found.photographs) == (2000, 1800, 3)
    assert found.reposition_cv == pytest.approx(reposition, rel=0.06)
    assert found.within_cv == pytest.approx(within, rel=0.05, abs=1e-9)
    assert found.visit_cv is not None
    assert found.visit_cv**2 == pytest.approx(reposition**2 + within**2 / 3, rel=0.1)
    assert found.enough


def test_by_hand() -> None:
    """Two repeats of two photographs, on logs 0, 0.02 and 0.04, 0.06: within 0.02^2 / 2, means 0.01 and 0.05."""
    logs = [[0.0, 0.02], [0.04, 0.06]]
    found = figures([[[100 * math.exp(log) for log in repeat] for repeat in logs]])
    within = math.sqrt(math.expm1(2e-4))
    reposition = math.sqrt(math.expm1(8e-4 - 1e-4))
    assert found.within_cv == pytest.approx(within)
    assert found.reposition_cv == pytest.approx(reposition)
    assert found.visit_cv == pytest.approx(math.sqrt(reposition**2 + within**2 / 2))
    assert found.mdc is not None
    s = math.sqrt(math.log1p(found.visit_cv**2))  # type: ignore[operator]
    assert found.mdc.rise == pytest.approx(math.exp(1.96 * math.sqrt(2) * s) - 1)
    assert found.mdc.fall == pytest.approx(math.exp(-1.96 * math.sqrt(2) * s) - 1)
    assert (found.pairs, found.enough) == (1, False)


def test_repositioning_is_never_less_than_nothing() -> None:
    """Means that lie nearer together than photographs' noise explains."""
    found = figures([[[100.0, 110.0], [110.0, 100.0]]])
    assert found.reposition_cv == 0
    assert found.within_cv is not None
    assert found.visit_cv == pytest.approx(found.within_cv / math.sqrt(2))


def test_one_photograph_a_repeat_leaves_the_error_whole() -> None:
    found = figures([[[100.0], [104.0], [102.0]]])
    assert found.within_cv is None
    assert found.visit_cv == found.reposition_cv
    assert found.visit_cv == pytest.approx(np.std(np.log([100, 104, 102]), ddof=1), rel=1e-3)


def test_icc_compares_sites_with_the_error_and_is_withheld_for_one() -> None:
    many = simulated(8, 10, 2, reposition=0.02, within=0.01)
    found = figures(many)
    assert found.icc == pytest.approx(intraclass_correlation(np.mean(many, axis=2)).icc21)
    assert 0.9 < found.icc < 1  # type: ignore[operator]
    assert found.icc_reason is None
    one = figures(many[:1])
    assert one.icc is None
    assert one.icc_reason is not None
    assert "needs two of them" in one.icc_reason.text()
    assert figures([[[5.0], [5.0]], [[5.0], [5.0]]]).icc_reason.key == "repeatability.icc-no-spread"  # type: ignore[union-attr]


def test_icc_takes_as_many_repeats_as_all_subjects_have() -> None:
    many = simulated(3, 6, 1, reposition=0.02, within=0.0)
    short = [many[0][:4], many[1], many[2]]
    expected = intraclass_correlation([[repeat[0] for repeat in site[:4]] for site in many]).icc21
    assert figures(short).icc == pytest.approx(expected)


def test_nothing_and_bald_sites_give_no_figure() -> None:
    for densities in ([], [[]], [[[100.0]]], [[[0.0], [0.0]]]):
        found = figures(densities)
        assert (found.visit_cv, found.mdc, found.pairs) == (None, None, 0)
    assert figures([[[0.0], [100.0], [102.0]]]).repeats == 2


def test_the_matched_changes_error_is_the_root_mean_square_of_what_should_be_nothing() -> None:
    runs = [
        Repeats("", "vertex", (), (), (0.003, -0.004), 1),
        Repeats("", "frontal", (), (), (0.005,), 0),
    ]
    found = matched_figures(runs)
    sd = math.sqrt((0.003**2 + 0.004**2 + 0.005**2) / 3)
    assert found.sd == pytest.approx(sd)
    assert found.mdc is not None
    assert found.mdc.rise == pytest.approx(math.exp(1.96 * sd) - 1)
    assert (found.pairs, found.refused) == (3, 1)
    assert matched_figures([]).mdc is None


def test_runs_pool_their_sites_about_their_own_means() -> None:
    """Two runs of a site at different densities: the difference between them is no error of repeating."""
    low, high = simulated(2, 5, 2, reposition=0.02, within=0.0, spread=1.0)
    runs = [Repeats("", "vertex", tuple(map(tuple, each)), ()) for each in (low, high)]
    cv = hairs_figures(runs).visit_cv
    assert cv is not None
    assert 0.01 < cv < 0.04
    assert placements(low) == [repeat[0] for repeat in low]
