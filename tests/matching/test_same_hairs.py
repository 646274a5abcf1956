"""Kept, lost and new hairs, and the change that follows from them."""

from __future__ import annotations

import numpy as np
import pytest

from station.matching.comparison import Comparison, HairState
from station.matching.latent import fit
from station.matching.same_hairs import compare
from station.records.comparison_detail import pack, unpack
from tests.matching.skies import View, photograph, site

VIEWS = (View(), View(1, -1, 4), View(-1, 0.5, -3, 1.01), View(0.5, 1, 6, 0.99), View(-0.5, -1, -5))


def visits(seed: int, change: float) -> Comparison:
    """Three photographs and later two, of which each misses 5 % of the hairs; `change` of the hairs came or went."""
    hairs = site(seed)
    chosen = np.random.default_rng(seed).random(len(hairs)) < abs(change)
    before, after = (hairs, hairs[~chosen]) if change < 0 else (hairs[~chosen], hairs)
    first = [photograph(before, view, 10 * seed + i) for i, view in enumerate(VIEWS[:3])]
    return compare(first, [photograph(after, view, 10 * seed + 5 + i) for i, view in enumerate(VIEWS[3:])])


@pytest.mark.parametrize("change", [-0.2, -0.05, 0.0, 0.05, 0.2])
def test_a_known_change_is_recovered(change: float) -> None:
    # A rise is told as a share of the hairs before.
    true = np.array([100 * change / (1 - change) if change > 0 else 100 * change] * 4)
    found = [visits(seed, change) for seed in range(4)]
    told = np.array([each.hair.percent for each in found if each.hair])
    assert len(told) == 4
    assert (
        abs(float(np.mean(told - true))) < 3.0
    )  # four sites of 450 hairs: the realised share itself varies by 1 point
    if change == 0:
        assert np.abs(told).max() < 1.0
        assert all(each.hair.interval.low < 0 < each.hair.interval.high for each in found if each.hair)


def test_lost_hairs_are_named_where_they_stood() -> None:
    found = visits(1, -0.1)
    lost = found.count(HairState.LOST)
    assert 25 < lost < 70
    assert found.count(HairState.NEW) <= 3
    assert any(unit.hairs_after < unit.hairs_before for unit in found.units)
    assert found.hair is not None
    assert found.hair.interval.high < 0


def test_another_place_says_nothing_and_why() -> None:
    elsewhere = compare([photograph(site(1), View(), 1)], [photograph(site(2), View(), 2)])
    assert not elsewhere.accepted
    assert elsewhere.reason == "compare.elsewhere"
    assert compare([], []).reason == "compare.nothing"


def test_a_comparison_is_the_same_after_storage() -> None:
    made = visits(2, -0.1)
    again = unpack(pack(made))
    assert again.hair == made.hair
    assert again.fu == made.fu
    assert again.calibre == made.calibre
    assert [hair.state for hair in again.hairs] == [hair.state for hair in made.hairs]
    points = np.array([[3.0, 4.0], [10.0, 7.0]])
    np.testing.assert_allclose(again.after[0].transform.apply(points), made.after[0].transform.apply(points))
    assert unpack(pack(compare([], []))).reason == "compare.nothing"


def test_hairs_that_are_often_missed_are_not_taken_for_lost() -> None:
    rng = np.random.default_rng(1)
    p = np.where(np.arange(2000) < 1600, 0.98, 0.5)
    counts = [(rng.random((2000, n)) < p[:, None]).sum(axis=1) for n in (3, 2)]
    before, after = (
        np.stack([found, np.zeros_like(found), n - found], axis=1) for found, n in zip(counts, (3, 2), strict=True)
    )
    seen = (before[:, 0] + after[:, 0]) > 0
    found = fit(before[seen], after[seen])
    assert abs(found.new_share - found.lost_share) < 0.005
    assert found.lost_share < 0.01
